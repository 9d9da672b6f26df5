// SPDX-License-Identifier: GPL-2.0
/*
 * test_device_node: registers of a device, mapped: whoever maps them has the
 * same, and nobody takes them for pages. What a device's walk and GUP say of
 * them is in test_hmm_entries.c and test_gup.c.
 */
#include <linux/err.h>
#include <linux/migrate.h>
#include <linux/rmap.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

#define RW	(PROT_READ | PROT_WRITE)

int test_map_registers(struct mm_struct *mm, u32 page, u32 count,
		       unsigned long prot)
{
	return ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE, prot, MAP_SHARED,
			 registers_file(), 0);
}

static u32 increment(struct mm_struct *mm, u32 page)
{
	u32 was;

	CUT_CHECK(!cpu_increment(mm, VIEW_VA(page), &was));
	return was;
}

/* A child has them, and nothing is counted. */
void node_registers_are_shared(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	s32 rss;

	CUT_CHECK(ksys_mmap(mm, VIEW_VA(8), PAGE_SIZE, RW, MAP_PRIVATE,
			    registers_file(), 0) == -EINVAL);
	CUT_CHECK(!vma_lookup(mm, VIEW_VA(8)));
	CUT_CHECK(!test_map_registers(mm, 6, 4, RW));
	rss = view_mm.mm(0).rss;
	CUT_CHECK(!test_store(mm, 7, 5));
	CUT_CHECK(!test_load(mm, 6) && test_load(mm, 7) == 5);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	mm_leave(mm);
	current->mm = child;
	CUT_CHECK(increment(child, 7) == 5);
	current->mm = NULL;
	mmput(child);
	mm = mm_enter(0);
	CUT_CHECK(test_load(mm, 7) == 6);
	CUT_CHECK(view_mm.mm(0).rss == rss);
	/* Moved, they are what they were. */
	CUT_CHECK(!do_mremap(mm, VIEW_VA(6), 4 * PAGE_SIZE, VIEW_VA(10)));
	CUT_CHECK(test_load(mm, 11) == 6 && test_load(mm, 7) == ~0u);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(10), 4 * PAGE_SIZE));
	CUT_CHECK(!test_map_registers(mm, 0, 2, RW));
	CUT_CHECK(test_load(mm, 1) == 6);
	mm_leave(mm);
}

void node_rights_are_kept(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!test_map_registers(mm, 8, 2, PROT_READ));
	CUT_CHECK(test_store(mm, 8, 1) == -EFAULT);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(8), PAGE_SIZE, RW));
	CUT_CHECK(!test_store(mm, 8, 1));
	CUT_CHECK(test_store(mm, 9, 1) == -EFAULT);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(8), PAGE_SIZE, PROT_NONE));
	CUT_CHECK(test_load(mm, 8) == ~0u);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(8), PAGE_SIZE, PROT_READ));
	CUT_CHECK(test_load(mm, 8) == 1 && test_store(mm, 8, 2) == -EFAULT);
	mm_leave(mm);
}

static int lend(struct mm_struct *mm)
{
	struct page *page = NULL;
	int ret = make_device_exclusive_range(mm, VIEW_VA(8), VIEW_VA(9), &page,
					      mm);

	CUT_CHECK(!page);
	return ret;
}

static int collect(struct mm_struct *mm)
{
	unsigned long src, dst;
	struct migrate_vma args = {
		.vma = vma_lookup(mm, VIEW_VA(8)),
		.start = VIEW_VA(8),
		.end = VIEW_VA(9),
		.src = &src,
		.dst = &dst,
		.pgmap_owner = mm,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};

	return migrate_vma_setup(&args);
}

/* Each flag says so by itself. */
void node_registers_stay(u32 index)
{
	static const vm_flags_t flags[] = {
		VM_IO | VM_PFNMAP | VM_DONTEXPAND, VM_IO, VM_PFNMAP,
	};
	struct mm_struct *mm = mm_enter(0);
	u64 entry;

	CUT_CHECK(!test_map_registers(mm, 8, 1, RW));
	CUT_CHECK(!test_store(mm, 8, 3));
	entry = test_entry(0, 8);
	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		struct vm_area_struct *vma;

		mmap_write_lock(mm);
		vma = vma_lookup(mm, VIEW_VA(8));
		vma->vm_flags &= ~VM_SPECIAL;
		vma->vm_flags |= flags[i];
		CUT_CHECK(lend(mm) == -EFAULT);
		CUT_CHECK(collect(mm) == -EINVAL);
		mmap_write_unlock(mm);
		CUT_CHECK(test_entry(0, 8) == entry);
	}
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(7), 3 * PAGE_SIZE) ==
		  -EINVAL);
	CUT_CHECK(test_load(mm, 8) == 3);
	mm_leave(mm);
}

/* A register is used while its mapping goes. */
void node_unmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 was;

	if (index) {
		CUT_CHECK(!test_map_registers(mm, 8, 2, RW));
		CUT_CHECK(!vm_munmap(mm, VIEW_VA(8), 2 * PAGE_SIZE));
	} else {
		for (u32 i = 0; i < 4; i++) {
			(void)cpu_increment(mm, VIEW_VA(9), &was);
			(void)test_store(mm, 8, i);
		}
	}
	mm_leave(mm);
}
