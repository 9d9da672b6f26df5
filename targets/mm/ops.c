// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c: the calls every target with an mm has. Here are those on ranges of
 * pages; the others are in slots.c, page_ops.c, file_ops.c, taken_ops.c and
 * story_ops.c, and the table of all of them is ops.def.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "harness/prog/op.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mm/ops.h"
#include "targets/target.h"

#define BOOT_PAGES	8	/* mapped in slot 0 at boot; the rest is free */

void mm_boot(void)
{
	u32 slot;
	struct mm_struct *mm;

	page_alloc_boot();
	tlb_boot();
	anon_vma_boot();
	memremap_boot();
	file_boot();
	slot = mm_slot_take();
	mm = mm_alloc(slot, ~0u);
	mm_slot_set(slot, mm);
	mm_slot_start(slot, mm);
	mmap_anon(mm, VIEW_VA(0), BOOT_PAGES * PAGE_SIZE,
		  PROT_READ | PROT_WRITE);
}

void mm_halt(void)
{
	mm_slots_exit();
	taken_halt();
	file_halt();
}

/* -- see ground.h -- */

void mm_use(struct mm_struct *mm)
{
	current->mm = mm;
}

u32 mm_slot_of(const struct mm_struct *mm)
{
	return mm->slot;
}

long mm_fork(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);
	u32 slot;

	if (IS_ERR(child))
		return PTR_ERR(child);
	/* Once it has started, anybody may end it. */
	slot = child->slot;
	mm_slot_start(slot, child);
	return slot;
}

bool story_unjudged(void)
{
	return kernel_alloc_failed();
}

/* -- calls -- */

static unsigned long prot_bits(u32 prot)
{
	if (prot == PROG_PROT_RW)
		return PROT_READ | PROT_WRITE;
	return prot == PROG_PROT_R ? PROT_READ : PROT_NONE;
}

/* page, count, prot, mm, kind, file, offset */
static long op_mmap(const u32 *arg)
{
	static const unsigned long flags[] = {
		[PROG_MAP_ANON] = MAP_PRIVATE | MAP_ANONYMOUS,
		[PROG_MAP_SHARED] = MAP_SHARED | MAP_ANONYMOUS,
		[PROG_MAP_FILE] = MAP_SHARED,
		[PROG_MAP_PRIVATE] = MAP_PRIVATE,
	};
	struct mm_struct *mm = mm_enter(arg[3]);
	struct file *file = NULL;
	long ret;

	if (!mm)
		return -ESRCH;
	if (!(flags[arg[4]] & MAP_ANONYMOUS))
		file = op_file(arg[5]);
	if (IS_ERR(file))
		return op_leave(mm, PTR_ERR(file));
	ret = ksys_mmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			prot_bits(arg[2]), flags[arg[4]], file,
			file ? arg[6] : 0);
	if (file)
		fput(file);
	return op_leave(mm, ret);
}

/* page, count, prot, mm */
static long op_mmap_io(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, ksys_mmap(mm, VIEW_VA(arg[0]),
				      range_len(arg[0], arg[1]),
				      prot_bits(arg[2]), MAP_SHARED,
				      registers_file(), 0));
}

/* page, count, on, mm */
static long op_wrprotect(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, mwriteprotect_range(mm, VIEW_VA(arg[0]),
						range_len(arg[0], arg[1]),
						arg[2]));
}

/* page, count, to, mm */
static long op_mremap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_mremap(mm, VIEW_VA(arg[0]),
			min(range_len(arg[0], arg[1]),
			    range_len(arg[2], arg[1])), VIEW_VA(arg[2]));
	return op_leave(mm, ret);
}

static long op_munmap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = vm_munmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]));
	return op_leave(mm, ret);
}

static long op_dontneed(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_madvise_dontneed(mm, VIEW_VA(arg[0]),
				  range_len(arg[0], arg[1]));
	return op_leave(mm, ret);
}

static long op_mprotect(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_mprotect(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			  prot_bits(arg[2]));
	return op_leave(mm, ret);
}

/*
 * page, count, mm. Only whole, aligned ranges can be huge, so the advice is
 * about all of each that the pages lie in.
 */
static long op_hugepage(const u32 *arg)
{
	unsigned long start = VIEW_VA(arg[0]) & PMD_MASK;
	unsigned long end = VIEW_VA(arg[0]) + range_len(arg[0], arg[1]);
	struct mm_struct *mm = mm_enter(arg[2]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, do_madvise_hugepage(mm, start,
						ALIGN(end, PMD_SIZE) - start));
}

static long op_oom_reap(const u32 *arg)
{
	struct mm_struct *mm = mm_pin(arg[0]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = oom_reap_task_mm(mm);
	mmdrop(mm);
	kernel_task_idle_check();
	return ret;
}

#define OP(weight, name, help, ...) \
	{ #name, { __VA_ARGS__ }, weight, op_##name, help },
const struct op mm_ops[] = {
#include "targets/mm/ops.def"
};
#undef OP
const u32 nr_mm_ops = ARRAY_SIZE(mm_ops);
