// SPDX-License-Identifier: GPL-2.0
/*
 * target: the tree's lib/test_hmm.c against the tree's mm.
 *
 * Halt follows a dying process: exit_mm() comes before exit_files(), so the
 * mms go first and the files of the devices after them.
 */
#include "targets/dmirror/dmirror.h"
#include "targets/dmirror/ops.h"
#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/targets.h"
#include "targets/target.h"

static const char *const themes[] = {
	"store dev_migrate gup",
	"store dev_migrate fork load dontneed",
	"dev_migrate load munmap exit dev_release dev_close",
	"dev_open dev_migrate dev_migrate dev_read dev_write load",
	"dev_open dev_migrate dev_release dev_close",
	NULL
};

static void dmirror_target_boot(void)
{
	ktree_target_boot();
	dmirror_boot();
}

static void dmirror_target_halt(void)
{
	ktree_mm_halt();
	dmirror_halt();
	ktree_kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_retry, EV_gpu_map, EV_gpu_unmap,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_dmirror_open,
	EV_dmirror_close, EV_dmirror_read, EV_none,
};

static const u16 counters[] = {
	EV_inv_begin, EV_retry, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_none,
};

const struct target target_ktree_dmirror = {
	.name	= "dmirror",
	.help	= "the tree's test_hmm driver: a mirror, device memory and exclusive access, against the tree's mm",
	.mm_ops	= true,
	.ops	= dmirror_ops,
	.nr_ops	= NR_DMIRROR_OPS,
	.themes	= themes,
	.oracles = ktree_oracles_dmirror,
	.view	= &ktree_view_dmirror,
	.format	= view_format,
	.must_see = must_see,
	.counters = counters,
	.steps_max = KTREE_STEPS,
	.boot	= dmirror_target_boot,
	.task_begin = ktree_target_task_begin,
	.task_end = ktree_target_task_end,
	.quiesce = ktree_kernel_quiesce,
	.halt	= dmirror_target_halt,
};
