// SPDX-License-Identifier: GPL-2.0
/*
 * target: the targets that are Nouveau's, one for each form of its fault
 * handler; their calls are in ops.c.
 *
 * Halt follows a dying process: exit_mm() comes before exit_files(), so the
 * mms go first and the files of the device after them.
 */
#include "targets/kernel/kernel.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/target.h"

#define OP(weight, name, help, ...) \
	{ #name, { __VA_ARGS__ }, weight, op_##name, help },
const struct op nouveau_ops[NOUVEAU_NR_OPS] = {
#include "targets/nouveau/ops.def"
};
#undef OP

void nouveau_target_boot(const struct nouveau_svm_form *form)
{
	kernel_boot(0);
	mm_boot();
	nouveau_boot(form);
}

void nouveau_target_task_begin(u32 index)
{
	kernel_task_begin("program");
}

void nouveau_target_task_end(u32 index)
{
	kernel_task_end();
}

void nouveau_target_quiesce(void)
{
	nouveau_quiesce();
	kernel_quiesce();
}

void nouveau_target_halt(void)
{
	mm_halt();
	nouveau_halt();
	kernel_halt();
}

const u16 nouveau_must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_none,
};

const u16 nouveau_counters[] = {
	EV_inv_begin, EV_retry, EV_gpu_replay, EV_fault_cancel, EV_none,
};

static const char *const onepage_themes[] = {
	"gpu_read gpu_prefetch munmap",
	"store gpu_read gpu_write fork mprotect dontneed",
	"gpu_write gpu_read munmap mmap load store",
	"store svm_bind gpu_write load copy_glitch",
	NULL
};

static void nouveau_onepage_boot(void)
{
	nouveau_target_boot(&nouveau_svm_onepage);
}

const struct target target_nouveau_onepage = NOUVEAU_TARGET("nouveau-onepage",
	"Nouveau's SVM fault handler, one page at a time, against the mm",
	nouveau_onepage_boot, nouveau_must_see, svm_oracles_nouveau,
	.family = "nouveau", .themes = onepage_themes);

static const u16 window_must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_svm_window, EV_none,
};

static const char *const window_themes[] = {
	"gpu_read gpu_prefetch gpu_write munmap mprotect store",
	"store gpu_read gpu_write fork mprotect dontneed",
	"ring gpu_read munmap mmap",
	"svm_join gpu_read gpu_write gpu_prefetch",
	NULL
};

static void nouveau_window_boot(void)
{
	nouveau_target_boot(&nouveau_svm_window);
}

const struct target target_nouveau_window = NOUVEAU_TARGET("nouveau-window",
	"Nouveau's SVM fault handler as it was, a window of pages at a time",
	nouveau_window_boot, window_must_see, svm_oracles_nouveau,
	.family = "nouveau", .themes = window_themes);

static const u16 exclusive_must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_gpu_atomic_end, EV_none,
};

static const char *const exclusive_themes[] = {
	"gpu_atomic gpu_read gpu_write load store",
	"gpu_atomic store fork mprotect dontneed",
	"store fork gpu_atomic gpu_prefetch",
	"gpu_atomic gpu_write gpu_read munmap mmap load store",
	"mprotect gpu_atomic gpu_read gpu_write",
	"hugepage store gpu_write gpu_read dontneed munmap mprotect",
	"svm_bind gpu_write gpu_read load store dontneed",
	"svm_init svm_join svm_bind gpu_read load",
	NULL
};

static void nouveau_exclusive_boot(void)
{
	nouveau_target_boot(&nouveau_svm_exclusive);
}

const struct target target_nouveau_exclusive = NOUVEAU_TARGET(
	"nouveau-exclusive",
	"Nouveau's SVM fault handler with atomics on pages no CPU maps",
	nouveau_exclusive_boot, exclusive_must_see,
	svm_oracles_nouveau_exclusive,
	.family = "nouveau", .themes = exclusive_themes);
