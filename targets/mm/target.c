// SPDX-License-Identifier: GPL-2.0
/*
 * target: the mm alone, with a listener to the boot mm in place of a driver.
 */
#include "targets/kernel/kernel.h"
#include "targets/mm/listener.h"
#include "targets/mm/mm.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/target.h"

/* page, count, access */
static long op_listen(const u32 *arg)
{
	long ret = listener_mirror(arg[0], arg[1], arg[2] == 1);

	kernel_task_idle_check();
	return ret;
}

/* page, count */
static long op_snapshot(const u32 *arg)
{
	long ret = listener_snapshot(arg[0], arg[1]);

	kernel_task_idle_check();
	return ret;
}

/* Append, never reorder: an opcode is an index. */
static const struct op listener_ops[] = {
	{ "listen",
	  { { "page", ARG_PAGE, 0 }, { "count", ARG_COUNT, 1 },
	    { "access", ARG_ACCESS, 0 } },
	  16, op_listen,
	  "mirror a range of mm 0 as a driver does, or ask to write it" },
	{ "snapshot", { { "page", ARG_PAGE, 0 }, { "count", ARG_COUNT, 1 } },
	  8, op_snapshot,
	  "look at a range of mm 0 as a driver does, and keep nothing" },
};

static const char *const themes[] = {
	"mmap load store truncate",
	"mmap store truncate",
	"file_write file_read truncate truncate",
	"store gup fork",
	"store gup gup fork",
	"store gup munmap",
	"store move gup munmap",
	"store move fork load",
	"hugepage store mprotect move",
	"hugepage store mremap load",
	"hugepage store gup dontneed",
	NULL
};

/* The mm's answers, and the mirror as the entries of GPU space 0. */
static struct view view_target __machine;

static struct view_svmm target_view_svmm(u32 space)
{
	return (struct view_svmm){ .live = !space && listener_mirroring() };
}

static u64 target_view_entry(u32 space, u64 va)
{
	return space ? (u64)VIEW_NONE : listener_entry(va);
}

static u64 target_view_tlb(u32 space, u64 va)
{
	return VIEW_NONE;
}

static void mm_target_boot(void)
{
	kernel_boot(0);
	mm_boot();
	listener_boot();
	view_target = view_mm;
	view_target.svmm = target_view_svmm;
	view_target.gpu_entry = target_view_entry;
	view_target.gpu_tlb = target_view_tlb;
}

static void mm_target_task_begin(u32 index)
{
	kernel_task_begin("program");
}

static void mm_target_task_end(u32 index)
{
	kernel_task_end();
}

static void mm_target_halt(void)
{
	mm_halt();
	listener_halt();
	kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_pte_set, EV_tlb_flush,
	EV_cpu_load, EV_cpu_store, EV_fork_begin, EV_page_copy, EV_mm_exit,
	EV_retry, EV_inv_refused, EV_deferred, EV_gpu_map, EV_gpu_unmap,
	EV_cache_add, EV_file_size, EV_gup, EV_move_begin, EV_none,
};

static const u16 counters[] = {
	EV_inv_begin, EV_callback_begin, EV_tlb_flush, EV_page_copy,
	EV_cache_add, EV_gup, EV_move_begin, EV_none,
};

const struct target target_mm = {
	.name	= "mm",
	.help	= "the mm alone: faults, fork, mprotect, files, pages that are taken or moved, and who listens to it",
	.mm_ops	= true,
	.ops	= listener_ops,
	.nr_ops	= ARRAY_SIZE(listener_ops),
	.themes	= themes,
	.oracles = svm_oracles_mm,
	.view	= &view_target,
	.format	= view_format,
	.must_see = must_see,
	.counters = counters,
	.boot	= mm_target_boot,
	.task_begin = mm_target_task_begin,
	.task_end = mm_target_task_end,
	.quiesce = kernel_quiesce,
	.halt	= mm_target_halt,
};
