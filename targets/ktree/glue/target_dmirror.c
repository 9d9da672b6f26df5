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

const struct target target_ktree_dmirror = {
	.name	= "dmirror",
	.help	= "the tree's test_hmm driver: a mirror, device memory and exclusive access, against the tree's mm",
	.mm_ops	= true,
	.ops	= dmirror_ops,
	.nr_ops	= NR_DMIRROR_OPS,
	.themes	= dmirror_themes,
	.oracles = ktree_oracles_dmirror,
	.view	= &ktree_view_dmirror,
	.format	= view_format,
	.must_see = dmirror_must_see,
	.counters = dmirror_counters,
	.steps_max = KTREE_STEPS,
	.boot	= dmirror_target_boot,
	.task_begin = ktree_target_task_begin,
	.task_end = ktree_target_task_end,
	.quiesce = ktree_kernel_quiesce,
	.halt	= dmirror_target_halt,
};
