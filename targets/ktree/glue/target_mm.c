// SPDX-License-Identifier: GPL-2.0
/*
 * target: the tree's mm alone.
 */
#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/targets.h"
#include "targets/target.h"

static const char *const themes[] = {
	"mmap load store truncate",
	"mmap store truncate",
	"file_write file_read truncate truncate",
	"store gup fork",
	"store gup gup fork",
	"store gup munmap",
	"store move gup munmap",
	"store move fork load",
	NULL
};

static void mm_target_boot(void)
{
	ktree_target_boot();
}

void ktree_target_boot(void)
{
	if (!ktree_image_sealed()) {
		ktree_kernel_boot();
		if (target_find("dmirror"))
			ktree_dmirror_load();
		if (ktree_load_more)
			ktree_load_more();
		ktree_image_seal();
	}
	ktree_image_reset();
	ktree_kernel_start();
	ktree_mm_boot();
}

void ktree_target_task_begin(u32 index)
{
	ktree_task_begin("program");
}

void ktree_target_task_end(u32 index)
{
	ktree_task_end();
}

static void mm_target_halt(void)
{
	ktree_mm_halt();
	ktree_kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_tlb_flush, EV_cpu_load, EV_cpu_store,
	EV_fork_begin, EV_page_copy, EV_mm_exit, EV_gup, EV_move_begin, EV_none,
};

static const u16 counters[] = {
	EV_inv_begin, EV_tlb_flush, EV_page_copy, EV_gup, EV_move_begin,
	EV_none,
};

const struct target target_ktree_mm = {
	.name	= "mm",
	.help	= "the tree's mm alone: faults, fork, mprotect, pages that are taken or moved",
	.mm_ops	= true,
	.themes	= themes,
	.oracles = ktree_oracles_mm,
	.view	= &view_mm,
	.format	= view_format,
	.must_see = must_see,
	.counters = counters,
	.steps_max = KTREE_STEPS,
	.boot	= mm_target_boot,
	.task_begin = ktree_target_task_begin,
	.task_end = ktree_target_task_end,
	.quiesce = ktree_kernel_quiesce,
	.halt	= mm_target_halt,
};
