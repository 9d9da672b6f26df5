// SPDX-License-Identifier: GPL-2.0
/*
 * target: the target that is the whole of the test_hmm driver; its calls are in
 * ops.c.
 *
 * Halt follows a dying process: exit_mm() comes before exit_files(), so the
 * mms go first and the files of the devices after them.
 */
#include <linux/kernel.h>

#include "targets/dmirror/dmirror.h"
#include "targets/dmirror/ops.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/mm.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/target.h"

static void dmirror_target_boot(void)
{
	kernel_boot(0);
	mm_boot();
	dmirror_boot();
}

static void dmirror_task_begin(u32 index)
{
	kernel_task_begin("program");
}

static void dmirror_task_end(u32 index)
{
	kernel_task_end();
}

static void dmirror_target_halt(void)
{
	mm_halt();
	dmirror_halt();
	kernel_halt();
}

const struct target target_dmirror = {
	.name	= "dmirror",
	.help	= "the kernel's test_hmm driver: a mirror, device memory and exclusive access, against the mm",
	.mm_ops	= true,
	.ops	= dmirror_ops,
	.nr_ops	= NR_DMIRROR_OPS,
	.themes	= dmirror_themes,
	.oracles = svm_oracles_dmirror,
	.view	= &view_dmirror,
	.format	= view_format,
	.must_see = dmirror_must_see,
	.counters = dmirror_counters,
	.boot	= dmirror_target_boot,
	.task_begin = dmirror_task_begin,
	.task_end = dmirror_task_end,
	.quiesce = kernel_quiesce,
	.halt	= dmirror_target_halt,
};
