// SPDX-License-Identifier: GPL-2.0
/*
 * test_huge_race: memory that one entry maps, and two threads at it. What each
 * may see is asserted here; that nothing is lost on the way, by the oracles.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/listener.h"
#include "targets/mm/tests/test_huge.h"

#define LEN(pages)	((pages) * PAGE_SIZE)

/* Page 5 is what the other thread's call does not concern, or not yet. */
static void store_beside(struct mm_struct *mm)
{
	CUT_CHECK(test_store(mm, 5, 1) == 0 && test_load(mm, 5) == 1);
}

void huge_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 3 + index, index + 1) == 0);
	CUT_CHECK(test_load(mm, 3 + index) == index + 1);
	CUT_CHECK(test_load(mm, 4 - index) <= 2);
	mm_leave(mm);
}

void huge_faults_halt(void)
{
	CUT_CHECK(view_mm.mm(0).rss == ROW && test_is_huge(0, 0));
	mm_test_halt();
}

static struct mm_struct *forked(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	return child;
}

void huge_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 seen;

	if (index) {
		store_beside(mm);
	} else {
		child = forked(mm);
		seen = test_load(child, 5);
		CUT_CHECK(seen == 15 || seen == 1);
		CUT_CHECK(test_store(child, 5, 9) == 0);
		CUT_CHECK(test_load(mm, 5) != 9);
		mmput(child);
	}
	mm_leave(mm);
}

/* Both write pages that are shared with a child: the entry is split once. */
void huge_copies_race(u32 index)
{
	static struct mm_struct *child __machine;
	struct mm_struct *mm = mm_enter(0);

	if (!index)
		child = forked(mm);
	CUT_CHECK(test_store(mm, 4 + index, 1) == 0);
	CUT_CHECK(test_load(mm, 4 + index) == 1);
	if (!index) {
		CUT_CHECK(test_load(child, 4) == 14);
		mmput(child);
	}
	mm_leave(mm);
}

/* A part goes: the store is to another. */
void huge_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		store_beside(mm);
	else
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), LEN(2)) == 0);
	mm_leave(mm);
}

/* All of it goes, and comes again. */
void huge_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 seen;

	if (index) {
		CUT_CHECK(test_store(mm, 5, 1) == 0);
		seen = test_load(mm, 5);
		CUT_CHECK(seen <= 1);
	} else {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), LEN(ROW)) == 0);
		CUT_CHECK(test_load(mm, 6) == 0);
	}
	mm_leave(mm);
}

void huge_munmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (index) {
		ret = test_store(mm, 1, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		store_beside(mm);
	} else {
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), LEN(3)) == 0);
		CUT_CHECK(test_store(mm, 1, 1) == -EFAULT);
		CUT_CHECK(test_load(mm, 7) == 17);
	}
	mm_leave(mm);
}

void huge_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (index) {
		ret = test_store(mm, 5, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		CUT_CHECK(test_load(mm, 5) == (ret ? 15 : 1));
	} else {
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), PROT_READ) == 0);
		CUT_CHECK(test_store(mm, 5, 2) == -EFAULT);
		/* And a part of it. */
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(2),
				      PROT_READ | PROT_WRITE) == 0);
		CUT_CHECK(test_store(mm, 1, 2) == 0);
	}
	mm_leave(mm);
}

void huge_mremap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (index) {
		ret = test_store(mm, 5, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		ret = test_store(mm, 13, 2);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
	} else {
		CUT_CHECK(do_mremap(mm, VIEW_VA(0), LEN(ROW), VIEW_VA(8)) == 0);
		CUT_CHECK(test_load(mm, 12) == 14);
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(8), LEN(ROW)) == 0);
	}
	mm_leave(mm);
}

/* One attempt; how it ends depends on who has the page at the moment. */
static void try_move(struct folio *folio)
{
	if (!folio_try_get(folio))
		return;
	if (folio_isolate_lru(folio)) {
		folio_put(folio);
		migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE);
	} else {
		folio_put(folio);
	}
}

void huge_move_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		store_beside(mm);
		CUT_CHECK(test_store(mm, 2, 1) == 0 && test_load(mm, 2) == 1);
	} else {
		try_move(test_folio(0, 2));
		try_move(test_folio(0, 5));
	}
	mm_leave(mm);
}

/* The VMA has lost its rights already and the entry not yet, or both. */
void huge_move_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_load(mm, 2) == 12);
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), PROT_NONE) ==
			  0);
		CUT_CHECK(test_load(mm, 2) == ~0u);
	} else {
		try_move(test_folio(0, 5));
	}
	mm_leave(mm);
}

/* The child's copy of the entry is split too, or was never made. */
void huge_move_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	if (index) {
		try_move(test_folio(0, 2));
	} else {
		child = forked(mm);
		CUT_CHECK(test_load(child, 2) == 12);
		CUT_CHECK(test_store(child, 2, 1) == 0);
		CUT_CHECK(test_load(mm, 2) == 12);
		mmput(child);
	}
	mm_leave(mm);
}

void huge_gup_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), LEN(ROW)) == 0);
		CUT_CHECK(test_load(mm, 5) == 0);
	} else {
		CUT_CHECK(get_user_pages_fast(VIEW_VA(5), 1, FOLL_WRITE,
					      &page) == 1);
		CUT_CHECK(page_load(page) == 15 || !page_load(page));
		put_user_page(page);
	}
	mm_leave(mm);
}

/* A pinned page is the parent's, whoever was first. */
void huge_pin_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		mmput(forked(mm));
	} else {
		CUT_CHECK(pin_user_pages_fast(VIEW_VA(5), 1, FOLL_WRITE,
					      &page) == 1);
		CUT_CHECK(test_store(mm, 5, 1) == 0);
		CUT_CHECK(page_load(page) == 1);
		unpin_user_page(page);
	}
	mm_leave(mm);
}

void huge_pin_move_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		try_move(test_folio(0, 5));
	} else {
		CUT_CHECK(pin_user_pages_fast(VIEW_VA(5), 1, FOLL_WRITE,
					      &page) == 1);
		CUT_CHECK(test_store(mm, 5, 1) == 0);
		CUT_CHECK(page_load(page) == 1);
		unpin_user_page(page);
	}
	mm_leave(mm);
}

/* A driver follows pages of the entry, while it is split under its walks. */
void huge_mirror_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	} else {
		CUT_CHECK(listener_mirror(4, 2, false) == 0);
		CUT_CHECK(listener_mirror(0, 1, true) == 0);
	}
	mm_leave(mm);
}

/* What was reaped before the fork had it is nobody's. */
void huge_reap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	if (index) {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child) || PTR_ERR(child) == -EINTR);
		if (!IS_ERR(child)) {
			CUT_CHECK(test_load(child, 5) == 15);
			mmput(child);
		}
	} else if (!oom_reap_task_mm(mm)) {
		CUT_CHECK(test_load(mm, 5) == ~0u);
	}
	mm_leave(mm);
}
