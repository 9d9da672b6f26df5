// SPDX-License-Identifier: GPL-2.0
/*
 * test_huge: memory that one entry maps, step by step: what makes such an entry,
 * what keeps it whole, and what splits it. Its races: test_huge_race.c.
 */
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/listener.h"
#include "targets/mm/tests/test_device.h"
#include "targets/mm/tests/test_huge.h"

#define RW_		(PROT_READ | PROT_WRITE)
#define LEN(pages)	((pages) * PAGE_SIZE)

void huge_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(0), LEN(ROW)) == 0);
	mm_leave(mm);
}

static void write_row(struct mm_struct *mm)
{
	u32 page;

	for (page = 0; page < ROW; page++)
		CUT_CHECK(test_store(mm, page, 10 + page) == 0);
}

void huge_written_boot(void)
{
	struct mm_struct *mm;

	huge_boot();
	mm = mm_enter(0);
	write_row(mm);
	mm_leave(mm);
}

void huge_mirror_boot(void)
{
	huge_written_boot();
	listener_boot();
	CUT_CHECK(listener_mirror(0, 1, true) == 0);
	CUT_CHECK(listener_mirror(5, 1, true) == 0);
}

void huge_device_boot(void)
{
	huge_written_boot();
	device_boot(0);
}

void huge_device_halt(void)
{
	mm_test_halt();
	device_gone(0);
}

/* All of the row that begins at @first is one entry, or none of it. */
static bool is_whole(u32 slot, u32 first)
{
	u32 pfn = test_pfn(slot, first), i, nr = 0;

	for (i = 0; i < ROW; i++)
		nr += test_is_huge(slot, first + i) &&
		      test_pfn(slot, first + i) == pfn + i;
	CUT_CHECK(nr == ROW || !test_is_huge(slot, first));
	return nr == ROW;
}

static bool is_split(u32 slot, u32 first)
{
	u32 i;

	for (i = 0; i < ROW; i++)
		if (test_is_huge(slot, first + i))
			return false;
	return true;
}

/* Pages [from, to) hold what the boot wrote. */
static void check_values(struct mm_struct *mm, u32 from, u32 to)
{
	for (; from < to; from++)
		CUT_CHECK(test_load(mm, from) == 10 + from);
}

static void check_pages(u32 slot, s32 users, bool exclusive)
{
	struct view_page page;
	u32 i;

	for (i = 0; i < ROW; i++) {
		page = view_mm.page(test_pfn(slot, i));
		CUT_CHECK(page.refcount == users && page.mapcount == users);
		CUT_CHECK(page.exclusive == exclusive && page.anon && page.lru);
	}
}

void huge_fault_maps_a_row(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 word;

	CUT_CHECK(test_store(mm, 3, 7) == 0);
	word = test_entry(0, 0);
	CUT_CHECK(is_whole(0, 0) && VIEW_PFN(word) % ROW == 0);
	CUT_CHECK(word & VIEW_W && word & VIEW_DIRTY && word & VIEW_YOUNG);
	check_pages(0, 1, true);
	CUT_CHECK(view_mm.mm(0).rss == ROW);
	CUT_CHECK(test_load(mm, 3) == 7 && test_load(mm, 4) == 0);
	mm_leave(mm);
}

void huge_read_gets_pages(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(test_load(mm, 6) == 0 && is_whole(0, 0));
	pfn = test_pfn(0, 6);
	CUT_CHECK(pfn && test_store(mm, 6, 1) == 0 && test_pfn(0, 6) == pfn);
	mm_leave(mm);
}

/* Not advised, not whole, not empty, or no memory in a row: pages one by one. */
void huge_falls_back(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(mmap_anon(mm, VIEW_VA(8), LEN(ROW), RW_) == 0);
	CUT_CHECK(test_store(mm, 8, 1) == 0 && is_split(0, 8));
	/* There is a table by now. */
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(8), LEN(ROW)) == 0);
	CUT_CHECK(test_store(mm, 9, 1) == 0 && is_split(0, 8));
	CUT_CHECK(mmap_anon(mm, VIEW_VA(8), LEN(7), RW_) == 0);
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(8), LEN(ROW)) == 0);
	CUT_CHECK(mm->map_count == 3);
	CUT_CHECK(test_store(mm, 8, 1) == 0 && is_split(0, 8));
	/* A hole does not keep the rest from being advised. */
	CUT_CHECK(vm_munmap(mm, VIEW_VA(2), PAGE_SIZE) == 0);
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(0), LEN(ROW)) == -ENOMEM);
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(0) + 1, 1) == -EINVAL);
	mm_leave(mm);
}

/* Fourteen frames are the zero page's row, or a zone's ragged ends. */
void huge_rows_run_out(u32 index)
{
	struct page *row[VIEW_PFNS / ROW], *single[ROW];
	u32 nr_free = view_mm.nr_free(), nr, i;

	for (i = 0; i < 3; i++)
		single[i] = alloc_page(GFP_HIGHUSER_MOVABLE);
	for (nr = 0; (row[nr] = alloc_huge_pages(GFP_HIGHUSER_MOVABLE)); nr++)
		CUT_CHECK(page_to_pfn(row[nr]) % ROW == 0);
	CUT_CHECK(nr == 14 && view_mm.nr_free() == nr_free - 14 * ROW - 3);
	/* Freed one by one, in a row again, and found again. */
	for (i = 0; i < ROW; i++)
		put_page(row[5] + (i * 3) % ROW);
	CUT_CHECK(alloc_huge_pages(GFP_HIGHUSER_MOVABLE) == row[5]);
	for (i = 0; i < 3; i++)
		put_page(single[i]);
	for (nr = 0; nr < 14; nr++)
		for (i = 0; i < ROW; i++)
			put_page(row[nr] + i);
	CUT_CHECK(view_mm.nr_free() == nr_free);
}

static struct mm_struct *forked(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	return child;
}

void huge_fork_shares_whole(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child = forked(mm);

	CUT_CHECK(is_whole(0, 0) && is_whole(1, 0));
	CUT_CHECK(!(test_entry(0, 4) & VIEW_W) && !(test_entry(1, 4) & VIEW_W));
	check_pages(0, 2, false);
	CUT_CHECK(view_mm.mm(1).rss == ROW);
	check_values(child, 0, ROW);
	/* One page is copied: the others are still shared. */
	CUT_CHECK(test_store(mm, 4, 1) == 0);
	CUT_CHECK(is_split(0, 0) && is_whole(1, 0));
	CUT_CHECK(test_pfn(0, 4) != test_pfn(1, 4));
	CUT_CHECK(test_pfn(0, 5) == test_pfn(1, 5));
	CUT_CHECK(test_load(child, 4) == 14 && test_load(mm, 4) == 1);
	mmput(child);
	mm_leave(mm);
}

void huge_last_owner_reuses(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn = test_pfn(0, 0);

	mmput(forked(mm));
	check_pages(0, 1, false);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(is_whole(0, 0) && test_pfn(0, 0) == pfn);
	check_pages(0, 1, true);
	mm_leave(mm);
}

/* What is pinned stays the parent's; the child has the rest of the pages. */
void huge_fork_splits_pinned(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;

	CUT_CHECK(pin_user_pages_fast(VIEW_VA(2), 1, FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == test_pfn(0, 2) && is_whole(0, 0));
	child = forked(mm);
	CUT_CHECK(is_split(0, 0) && is_split(1, 0));
	CUT_CHECK(test_pfn(0, 2) == page_to_pfn(page));
	CUT_CHECK(test_pfn(1, 2) != page_to_pfn(page));
	CUT_CHECK(test_pfn(1, 3) == test_pfn(0, 3));
	CUT_CHECK(test_store(mm, 2, 5) == 0);
	CUT_CHECK(test_pfn(0, 2) == page_to_pfn(page));
	check_values(child, 0, ROW);
	unpin_user_page(page);
	mmput(child);
	mm_leave(mm);
}

void huge_parts_split(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(1), LEN(1)) == 0);
	CUT_CHECK(is_split(0, 0) && test_load(mm, 1) == 0);
	check_values(mm, 2, ROW);
	CUT_CHECK(test_load(mm, 0) == 10);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), LEN(ROW)) == 0);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(0), LEN(ROW), RW_) == 0);
	CUT_CHECK(do_madvise_hugepage(mm, VIEW_VA(0), LEN(ROW)) == 0);
	write_row(mm);
	CUT_CHECK(is_whole(0, 0));
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), LEN(3)) == 0);
	CUT_CHECK(is_split(0, 0) && view_mm.mm(0).rss == ROW - 3);
	check_values(mm, 3, ROW);
	mm_leave(mm);
}

/* A split is no access: each page has exactly what the whole entry had. */
void huge_split_keeps_words(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 word[ROW];
	u32 i;

	for (i = 0; i < ROW; i++)
		word[i] = test_entry(0, i);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(6), LEN(2), PROT_READ) == 0);
	for (i = 0; i < 6; i++)
		CUT_CHECK(test_entry(0, i) == (word[i] & ~(u64)VIEW_HUGE));
	CUT_CHECK(!(test_entry(0, 6) & VIEW_W));
	check_pages(0, 1, true);
	CUT_CHECK(view_mm.page(test_pfn(0, 0)).dirty);
	check_values(mm, 0, ROW);
	mm_leave(mm);
}

void huge_mprotect_keeps_whole(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), PROT_READ) == 0);
	CUT_CHECK(is_whole(0, 0) && !(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(test_store(mm, 5, 1) == -EFAULT);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), PROT_NONE) == 0);
	CUT_CHECK(is_whole(0, 0) && test_load(mm, 5) == ~0u);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), RW_) == 0);
	/* All its own: no fault is needed to find that out. */
	CUT_CHECK(is_whole(0, 0) && test_entry(0, 5) & VIEW_W);
	check_values(mm, 0, ROW);
	mm_leave(mm);
}

void huge_mremap_moves_whole(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn = test_pfn(0, 0), i;

	CUT_CHECK(do_mremap(mm, VIEW_VA(0), LEN(ROW), VIEW_VA(8)) == 0);
	CUT_CHECK(is_whole(0, 8) && test_pfn(0, 8) == pfn);
	CUT_CHECK(VIEW_KIND(test_entry(0, 0)) == VIEW_NONE);
	for (i = 0; i < ROW; i++)
		CUT_CHECK(test_load(mm, 8 + i) == 10 + i);
	/* Half of it; and to where its pages are not in a row of entries. */
	CUT_CHECK(do_mremap(mm, VIEW_VA(8), LEN(4), VIEW_VA(1)) == 0);
	CUT_CHECK(is_split(0, 0) && is_split(0, 8) && test_pfn(0, 1) == pfn);
	for (i = 0; i < ROW; i++)
		CUT_CHECK(test_load(mm, i < 4 ? 1 + i : 8 + i) == 10 + i);
	mm_leave(mm);
}

void huge_dontneed_frees_row(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 nr_free = view_mm.nr_free();

	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), LEN(ROW)) == 0);
	CUT_CHECK(view_mm.nr_free() == nr_free + ROW);
	CUT_CHECK(view_mm.mm(0).rss == 0 && pmd_none(mm->pmd));
	/* And it may be huge again. */
	CUT_CHECK(test_load(mm, 0) == 0 && is_whole(0, 0));
	mm_leave(mm);
}

static int move_page(u32 slot, u32 page)
{
	struct folio *folio = test_folio(slot, page);

	return folio_isolate_lru(folio) ?
	       migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE) :
	       -EBUSY;
}

void huge_move_splits(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child = forked(mm);
	u32 pfn = test_pfn(0, 2);

	CUT_CHECK(move_page(0, 2) == 0);
	CUT_CHECK(is_split(0, 0) && is_split(1, 0));
	CUT_CHECK(test_pfn(0, 2) != pfn && test_pfn(1, 2) == test_pfn(0, 2));
	CUT_CHECK(test_pfn(0, 3) == pfn + 1);
	check_values(mm, 0, ROW);
	check_values(child, 0, ROW);
	mmput(child);
	mm_leave(mm);
}

void huge_offline_splits(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn = test_pfn(0, 2);

	CUT_CHECK(offline_pages(pfn) == 0);
	online_pages(pfn);
	CUT_CHECK(is_split(0, 0) && test_pfn(0, 2) != pfn);
	check_values(mm, 0, ROW);
	mm_leave(mm);
}

/* References do not split, but for who asks for it. */
void huge_gup_follows(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page[ROW];
	u32 i;

	CUT_CHECK(get_user_pages_fast(VIEW_VA(0), ROW, FOLL_WRITE, page) == ROW);
	for (i = 0; i < ROW; i++) {
		CUT_CHECK(page_to_pfn(page[i]) == test_pfn(0, i));
		put_user_page(page[i]);
	}
	mmap_read_lock(mm);
	CUT_CHECK(pin_user_pages_remote(mm, VIEW_VA(5), 2, FOLL_WRITE, page,
					NULL) == 2);
	CUT_CHECK(page_to_pfn(page[1]) == test_pfn(0, 6) && is_whole(0, 0));
	CUT_CHECK(view_mm.page(test_pfn(0, 6)).refcount == 1 +
		  GUP_PIN_COUNTING_BIAS);
	unpin_user_page(page[0]);
	unpin_user_page(page[1]);
	CUT_CHECK(get_user_pages_remote(mm, VIEW_VA(5), 1, FOLL_SPLIT_PMD, page,
					NULL) == 1);
	mmap_read_unlock(mm);
	CUT_CHECK(is_split(0, 0) && page_to_pfn(page[0]) == test_pfn(0, 5));
	put_user_page(page[0]);
	mm_leave(mm);
}

void huge_lending_splits(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *lent = NULL;

	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(3), VIEW_VA(4), &lent,
					      mm) == 1);
	mmap_read_unlock(mm);
	CUT_CHECK(lent && is_split(0, 0));
	CUT_CHECK(VIEW_KIND(test_entry(0, 3)) == VIEW_EXCLUSIVE_WRITE);
	folio_unlock(page_folio(lent));
	put_user_page(lent);
	check_values(mm, 0, ROW);
	mm_leave(mm);
}

void huge_device_splits(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(device_to(0, mm, 1, 4) == 4);
	CUT_CHECK(is_split(0, 0));
	CUT_CHECK(VIEW_KIND(test_entry(0, 1)) == VIEW_DEVICE_WRITE);
	CUT_CHECK(VIEW_KIND(test_entry(0, 5)) == VIEW_PRESENT);
	check_values(mm, 0, ROW);
	mm_leave(mm);
}

static bool invalidate(struct mmu_interval_notifier *sub,
		       const struct mmu_notifier_range *range,
		       unsigned long cur_seq)
{
	mmu_interval_set_seq(sub, cur_seq);
	return true;
}

static const struct mmu_interval_notifier_ops interval_ops = {
	.invalidate = invalidate,
};

static struct mmu_interval_notifier interval __machine;

/* What a walk of pages [first, first + nr) found is theirs. Their order. */
static u32 walked_order(struct mm_struct *mm, u32 first, u32 nr,
			unsigned long req)
{
	unsigned long pfns[PROG_PAGES] = { 0 };
	struct hmm_range range = {
		.notifier = &interval,
		.start = VIEW_VA(first),
		.end = VIEW_VA(first + nr),
		.hmm_pfns = pfns,
		.default_flags = req,
	};
	u32 i;

	range.notifier_seq = mmu_interval_read_begin(&interval);
	mmap_read_lock(mm);
	CUT_CHECK(hmm_range_fault(&range) == 0);
	mmap_read_unlock(mm);
	for (i = 0; i < nr; i++) {
		u64 word = test_entry(0, first + i);

		CUT_CHECK(pfns[i] & HMM_PFN_VALID);
		CUT_CHECK(!(pfns[i] & HMM_PFN_WRITE) == !(word & VIEW_W));
		CUT_CHECK(page_to_pfn(hmm_pfn_to_page(pfns[i])) ==
			  VIEW_PFN(word));
		CUT_CHECK(hmm_pfn_to_map_order(pfns[i]) ==
			  hmm_pfn_to_map_order(pfns[0]));
	}
	return hmm_pfn_to_map_order(pfns[0]);
}

void huge_hmm_tells_order(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(mmu_interval_notifier_insert(&interval, mm, VIEW_VA(0),
					       PROG_PAGES * PAGE_SIZE,
					       &interval_ops) == 0);
	/* From nothing, in the middle. */
	CUT_CHECK(walked_order(mm, 3, 2, HMM_PFN_REQ_FAULT) == HPAGE_PMD_ORDER);
	CUT_CHECK(walked_order(mm, 0, ROW, 0) == HPAGE_PMD_ORDER);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), LEN(ROW), PROT_READ) == 0);
	CUT_CHECK(walked_order(mm, 5, 3, HMM_PFN_REQ_FAULT) == HPAGE_PMD_ORDER);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, RW_) == 0);
	CUT_CHECK(walked_order(mm, 1, 7, HMM_PFN_REQ_FAULT) == 0);
	mmu_interval_notifier_remove(&interval);
	mm_leave(mm);
}
