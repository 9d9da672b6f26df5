// SPDX-License-Identifier: GPL-2.0
/*
 * test_fault: the CPU fault path and copy on write.
 */
#include "targets/mm/tests/mm_test.h"

void fault_read_maps_zero_page(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 word;

	CUT_CHECK(test_load(mm, 0) == 0);
	word = test_entry(0, 0);
	CUT_CHECK(word & VIEW_ZERO);
	CUT_CHECK(!(word & VIEW_W));
	CUT_CHECK(VIEW_PFN(word) == 0);
	CUT_CHECK(test_store(mm, 0, 5) == 0);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) != 0);
	CUT_CHECK(test_load(mm, 0) == 5);
	CUT_CHECK(test_load(mm, 1) == 0);
	mm_leave(mm);
}

void fault_write_makes_own_page(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct view_page page;
	u64 word;

	CUT_CHECK(test_store(mm, 3, 7) == 0);
	word = test_entry(0, 3);
	CUT_CHECK(word & VIEW_W && word & VIEW_DIRTY && word & VIEW_YOUNG);
	page = view_mm.page(VIEW_PFN(word));
	CUT_CHECK(page.refcount == 1 && page.mapcount == 1);
	CUT_CHECK(page.exclusive && page.anon && page.lru && !page.locked);
	CUT_CHECK(page.value == 7);
	CUT_CHECK(view_mm.mm(0).rss == 1);
	mm_leave(mm);
}

/* Two threads write a page nobody has: one of the two pages is used. */
void fault_first_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, index + 1) == 0);
	CUT_CHECK(test_load(mm, 0) - 1 < 2);
	mm_leave(mm);
}

void fault_first_faults_halt(void)
{
	CUT_CHECK(view_mm.mm(0).rss == 1);
	mm_test_halt();
}

/* As above where both have read it before: the zero page is replaced once. */
void fault_zero_copies_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) <= 2);
	CUT_CHECK(test_store(mm, 0, index + 1) == 0);
	mm_leave(mm);
}

void fault_bad_access_fails(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	CUT_CHECK(cpu_load(mm, VIEW_VA(9), &value) == -EFAULT);
	CUT_CHECK(test_store(mm, 9, 1) == -EFAULT);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(test_load(mm, 9) == 0);
	CUT_CHECK(test_store(mm, 9, 1) == -EFAULT);
	mm_leave(mm);
}

static struct mm_struct *test_fork(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	return child;
}

void fault_child_has_its_own(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u64 word;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	child = test_fork(mm);
	CUT_CHECK(child->slot == 1);
	/* One VMA was copied: the parent's count was odd once. */
	CUT_CHECK(mm->write_protect_seq.sequence == 2);
	word = test_entry(0, 0);
	CUT_CHECK(!(word & VIEW_W) && !(test_entry(1, 0) & VIEW_W));
	CUT_CHECK(!(test_entry(1, 0) & VIEW_YOUNG));
	CUT_CHECK(VIEW_PFN(word) == VIEW_PFN(test_entry(1, 0)));
	CUT_CHECK(view_mm.page(VIEW_PFN(word)).mapcount == 2);
	CUT_CHECK(!view_mm.page(VIEW_PFN(word)).exclusive);

	CUT_CHECK(test_store(mm, 0, 2) == 0);
	CUT_CHECK(test_load(child, 0) == 1);
	CUT_CHECK(test_load(mm, 0) == 2);
	mmput(child);
	mm_leave(mm);
}

void fault_last_owner_reuses(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	pfn = VIEW_PFN(test_entry(0, 0));
	mmput(test_fork(mm));
	CUT_CHECK(!view_mm.page(pfn).exclusive);
	CUT_CHECK(test_store(mm, 0, 2) == 0);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	CUT_CHECK(view_mm.page(pfn).exclusive);
	mm_leave(mm);
}

/* A thread writes while another forks: what the child sees it keeps. */
void fault_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 seen;

	if (index) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		CUT_CHECK(test_store(mm, 0, 2) == 0);
		CUT_CHECK(test_load(mm, 0) == 2);
	} else {
		child = test_fork(mm);
		seen = test_load(child, 0);
		CUT_CHECK(seen <= 2);
		CUT_CHECK(test_load(child, 0) == seen);
		CUT_CHECK(test_store(child, 0, 9) == 0);
		CUT_CHECK(test_load(mm, 0) != 9);
		mmput(child);
	}
	mm_leave(mm);
}

/* Both threads write a page shared with a child that is still there. */
void fault_copy_race(u32 index)
{
	static struct mm_struct *child __machine;
	struct mm_struct *mm = mm_enter(0);

	if (!index) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		child = test_fork(mm);
	}
	CUT_CHECK(test_store(mm, 0, index + 2) == 0);
	CUT_CHECK(test_load(mm, 0) >= 1);
	if (!index) {
		CUT_CHECK(test_load(child, 0) <= 3);
		mmput(child);
	}
	mm_leave(mm);
}
