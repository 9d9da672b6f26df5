// SPDX-License-Identifier: GPL-2.0
/*
 * target: Nouveau with atomics as they were first posted, by pages that are
 * taken from the CPU while the device has them. What a program can do is in
 * nouveau/ops.c. The targets that pin pages are in target_pin.c.
 */
#include "targets/nouveau/nouveau.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/svm_atomic/exclusive_v3.h"

static void exclusive_v3_boot(void)
{
	exclusive_form = &exclusive_v3;
	nouveau_target_boot(&nouveau_svm_v3);
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_gpu_atomic_end, EV_none,
};

static const char *const themes[] = {
	"store gpu_atomic load dontneed",
	"gpu_atomic increment gpu_write fork mprotect",
	"gpu_atomic gpu_atomic fork move load",
	"gpu_atomic load load munmap mmap store",
	"mmap gpu_atomic load store fork truncate",
	"gpu_atomic gpu_atomic oom_reap",
	NULL
};

const struct target target_exclusive_v3 = NOUVEAU_TARGET("exclusive-v3",
	"Nouveau with device-exclusive access as first posted, against the mm",
	exclusive_v3_boot, must_see, svm_oracles_exclusive_v3,
	.family = "nouveau/v3", .themes = themes);
