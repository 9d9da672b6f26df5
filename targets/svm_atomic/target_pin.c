// SPDX-License-Identifier: GPL-2.0
/*
 * target: Nouveau with atomics on pages that are unmapped and pinned, as first
 * posted; and the same with a callback for who wants to move such a page.
 */
#include "targets/kernel/kernel.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/svm_atomic/nouveau_pin.h"

struct view view_pin __machine;

static struct view_page pin_view_page(u32 pfn)
{
	return nouveau_pin_view_page(view_nouveau.page(pfn), pfn);
}

static struct view_svmm pin_view_svmm(u32 space)
{
	struct view_svmm s = view_nouveau.svmm(space);

	s.unmaps = true;
	return s;
}

static struct view_device pin_view_device(u32 dev)
{
	if (dev == NOUVEAU_ATOMIC_DEVICE)
		return nouveau_pin_view_device();
	if (view_nouveau.device)
		return view_nouveau.device(dev);
	return (struct view_device){ .live = false };
}

void nouveau_pin_boot(bool revoke)
{
	nouveau_dmem_atomic_init(revoke);
	view_pin = view_nouveau;
	view_pin.page = pin_view_page;
	view_pin.svmm = pin_view_svmm;
	view_pin.device = pin_view_device;
}

static void unmap_pin_boot(void)
{
	nouveau_target_boot(&nouveau_svm_pin);
	nouveau_pin_boot(false);
}

static void unmap_pin_callback_boot(void)
{
	nouveau_target_boot(&nouveau_svm_pin_callback);
	nouveau_pin_boot(true);
}

static void unmap_pin_halt(void)
{
	mm_halt();
	nouveau_halt();
	nouveau_dmem_atomic_fini();
	kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_page_backing, EV_gpu_atomic_end, EV_none,
};

static const u16 must_see_callback[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_page_backing, EV_page_revoke, EV_gpu_atomic_end, EV_none,
};

static const char *const themes[] = {
	"store gpu_atomic load dontneed",
	"gpu_atomic increment gpu_read fork munmap",
	"store gpu_atomic offline move load",
	"gpu_atomic gup fork svm_fini load",
	NULL
};

/* As NOUVEAU_TARGET(), with a view and a halt of its own. */
#define PIN_TARGET(name_, help_, boot_, must_see_) {			\
	.name	= name_,						\
	.help	= help_,						\
	.family	= "nouveau/pin",					\
	.mm_ops	= true,							\
	.ops	= nouveau_ops,						\
	.nr_ops	= NOUVEAU_NR_OPS,					\
	.themes	= themes,						\
	.oracles = svm_oracles_unmap_pin,				\
	.view	= &view_pin,						\
	.format	= view_format,						\
	.must_see = must_see_,						\
	.counters = nouveau_counters,					\
	.boot	= boot_,						\
	.task_begin = nouveau_target_task_begin,			\
	.task_end = nouveau_target_task_end,				\
	.quiesce = nouveau_target_quiesce,				\
	.halt	= unmap_pin_halt,					\
}

const struct target target_unmap_pin = PIN_TARGET("unmap-pin",
	"Nouveau with atomics on pages that are unmapped and pinned, against the mm",
	unmap_pin_boot, must_see);

const struct target target_unmap_pin_callback = PIN_TARGET("unmap-pin-callback",
	"the same, and who wants to move a pinned page can ask for it",
	unmap_pin_callback_boot, must_see_callback);
