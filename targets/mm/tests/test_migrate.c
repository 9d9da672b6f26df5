// SPDX-License-Identifier: GPL-2.0
/*
 * test_migrate: pages that the kernel moves for itself, blocks that are taken
 * out of use, and who must not notice.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

/* One attempt to move the frame @pfn. -EBUSY: it could not be isolated. */
static int move_pfn(u32 pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	bool isolated;

	if (!folio_try_get(folio))
		return -EBUSY;
	isolated = folio_isolate_lru(folio);
	folio_put(folio);
	if (!isolated)
		return -EBUSY;
	return migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE);
}

/* The frame an entry names, whatever its kind; the zero page if it has none. */
static u32 pfn_at(u32 slot, u32 page)
{
	return VIEW_PFN(test_entry(slot, page));
}

void migrate_moves_anonymous(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn, nr_free;
	u64 word;

	CUT_CHECK(test_store(mm, 0, 5) == 0);
	word = test_entry(0, 0);
	pfn = VIEW_PFN(word);
	nr_free = view_mm.nr_free();
	CUT_CHECK(move_pfn(pfn) == 0);
	CUT_CHECK(view_mm.nr_free() == nr_free);
	CUT_CHECK(view_mm.page(pfn).refcount == 0);
	CUT_CHECK(pfn_at(0, 0) != pfn);
	CUT_CHECK((test_entry(0, 0) ^ word) >> 16 == (pfn ^ pfn_at(0, 0)));
	CUT_CHECK((u16)test_entry(0, 0) == (u16)word);
	pfn = pfn_at(0, 0);
	CUT_CHECK(view_mm.page(pfn).exclusive && view_mm.page(pfn).anon);
	CUT_CHECK(view_mm.page(pfn).lru && view_mm.page(pfn).dirty);
	CUT_CHECK(view_mm.page(pfn).refcount == 1);
	CUT_CHECK(test_load(mm, 0) == 5);
	CUT_CHECK(test_store(mm, 0, 6) == 0 && pfn_at(0, 0) == pfn);
	CUT_CHECK(move_pfn(pfn) == 0 && test_load(mm, 0) == 6);
	mm_leave(mm);
}

/* Read-only entries of several address spaces come back read-only. */
void migrate_moves_shared(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 5) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(move_pfn(pfn_at(0, 0)) == 0);
	pfn = pfn_at(0, 0);
	CUT_CHECK(pfn_at(child->slot, 0) == pfn);
	CUT_CHECK(view_mm.page(pfn).mapcount == 2);
	CUT_CHECK(view_mm.page(pfn).refcount == 2);
	CUT_CHECK(!view_mm.page(pfn).exclusive);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(test_store(child, 0, 6) == 0);
	CUT_CHECK(test_load(mm, 0) == 5 && test_load(child, 0) == 6);
	mmput(child);
	mm_leave(mm);
}

static struct page *take(struct mm_struct *mm, u32 page, bool pin)
{
	struct page *taken = NULL;
	long ret;

	mmap_read_lock(mm);
	if (pin)
		ret = pin_user_pages_remote(mm, VIEW_VA(page), 1, FOLL_WRITE,
					    &taken, NULL);
	else
		ret = get_user_pages_remote(mm, VIEW_VA(page), 1,
					    FOLL_GET | FOLL_WRITE, &taken,
					    NULL);
	mmap_read_unlock(mm);
	return ret == 1 ? taken : NULL;
}

static void give_back(struct page *page, bool pin)
{
	if (pin)
		unpin_user_page(page);
	else
		put_user_page(page);
}

/* A page somebody else has stays where it is, as it was. */
void migrate_taken_page_stays(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	u64 word;
	u32 pin;

	for (pin = 0; pin < 2; pin++) {
		page = take(mm, 0, pin);
		CUT_CHECK(page);
		CUT_CHECK(test_store(mm, 0, 5) == 0);
		word = test_entry(0, 0);
		CUT_CHECK(move_pfn(page_to_pfn(page)) == -EAGAIN);
		CUT_CHECK(test_entry(0, 0) == word);
		CUT_CHECK(view_mm.page(VIEW_PFN(word)).exclusive);
		CUT_CHECK(view_mm.page(VIEW_PFN(word)).lru);
		CUT_CHECK(!view_mm.page(VIEW_PFN(word)).locked);
		give_back(page, pin);
		CUT_CHECK(move_pfn(page_to_pfn(page)) == 0);
		CUT_CHECK(test_load(mm, 0) == 5);
	}
	mm_leave(mm);
}

/* What a program stored is there, wherever the page went meanwhile. */
void migrate_store_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		CUT_CHECK(test_store(mm, 0, 2) == 0);
		CUT_CHECK(test_load(mm, 0) == 2);
	} else if (pfn_at(0, 0)) {
		move_pfn(pfn_at(0, 0));
		move_pfn(pfn_at(0, 0));
	}
	mm_leave(mm);
}

static u32 busy_pfn __machine;

void migrate_busy_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 7) == 0);
	busy_pfn = pfn_at(0, 0);
	mm_leave(mm);
}

/* What is written through a reference reaches the page of the address, as the
 * page does not move before the reference is dropped. */
void migrate_reference_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		page = take(mm, 0, false);
		CUT_CHECK(page);
		rt_point(RT_SITE(RT_STORE, "page_store", NULL), page);
		page_store(page, 9);
		view_emit(EV_gup_store, VIEW_CPU(0, 0), VIEW_VA(0),
			  VIEW_DATA(page_to_pfn(page), 9));
		put_user_page(page);
		CUT_CHECK(test_load(mm, 0) == 9);
	} else {
		move_pfn(pfn_at(0, 0));
	}
	mm_leave(mm);
}

/*
 * Of a pin and a move one sees the other: the pinned page stays the page of
 * its address, so that what the program stores there is in it.
 */
void migrate_pin_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE,
					      &page) == 1);
		CUT_CHECK(test_store(mm, 0, 9) == 0);
		CUT_CHECK(page_load(page) == 9);
		CUT_CHECK(test_load(mm, 0) == 9);
		unpin_user_page(page);
	} else {
		move_pfn(pfn_at(0, 0));
	}
	mm_leave(mm);
}

/* And a fork beside the two gives the child a copy, not the pinned page. */
void migrate_pin_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;

	if (!index) {
		move_pfn(pfn_at(0, 0));
	} else if (index == 1) {
		CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE,
					      &page) == 1);
		CUT_CHECK(test_store(mm, 0, 9) == 0);
		rt_point(RT_SITE(RT_STORE, "page_store", NULL), page);
		page_store(page, 10);
		view_emit(EV_gup_store, VIEW_CPU(0, 1), VIEW_VA(0),
			  VIEW_DATA(page_to_pfn(page), 10));
		CUT_CHECK(test_load(mm, 0) == 10);
		unpin_user_page(page);
	} else {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		mmput(child);
	}
	mm_leave(mm);
}

/* The VMA, and with it what the mover walks, goes while its page moves. */
void migrate_munmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE) == 0);
	else
		move_pfn(busy_pfn);
	mm_leave(mm);
}

void migrate_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_load(mm, 0) == 0);
	} else {
		move_pfn(pfn_at(0, 0));
	}
	mm_leave(mm);
}

/* A child made while a page moves has the page, not its migration entry. */
void migrate_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	if (index) {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		CUT_CHECK(test_load(child, 0) == 7);
		CUT_CHECK(test_store(child, 0, 8) == 0);
		mmput(child);
	} else {
		move_pfn(pfn_at(0, 0));
	}
	CUT_CHECK(test_load(mm, 0) == 7);
	mm_leave(mm);
}

void migrate_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
				      PROT_READ) == 0);
		CUT_CHECK(test_store(mm, 0, 9) == -EFAULT);
		CUT_CHECK(test_load(mm, 0) == 7);
	} else {
		move_pfn(pfn_at(0, 0));
	}
	mm_leave(mm);
}

/* Two movers of one page: isolation lets one of them have it. */
void migrate_movers_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret = move_pfn(pfn_at(0, 0));

	CUT_CHECK(ret == 0 || ret == -EBUSY || ret == -EAGAIN);
	CUT_CHECK(test_load(mm, 0) == 7);
	mm_leave(mm);
}

static u32 cached_pfn(struct file *file, u32 index)
{
	return view_mm.cached(file_inode(file)->i_ino, index);
}

/* A page of the cache: not mapped, then mapped read-only, then written. */
void migrate_moves_cached(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = file_slot_get(0);
	u32 value, step, pfn;

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(vfs_write_page(file, 1, 4) == 1);
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(8), 4 * PAGE_SIZE,
			    PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == 0);
	for (step = 0; step < 3; step++) {
		pfn = cached_pfn(file, 1);
		if (step == 1)
			CUT_CHECK(test_load(mm, 9) == 4);
		if (step == 2)
			CUT_CHECK(test_store(mm, 9, 5) == 0);
		CUT_CHECK(move_pfn(pfn) == 0);
		CUT_CHECK(cached_pfn(file, 1) && cached_pfn(file, 1) != pfn);
		CUT_CHECK(vfs_read_page(file, 1, &value) == 1);
		CUT_CHECK(value == (step == 2 ? 5 : 4));
		CUT_CHECK(view_mm.page(pfn).refcount == 0);
	}
	CUT_CHECK(pfn_at(0, 9) == cached_pfn(file, 1));
	CUT_CHECK(view_mm.page(pfn_at(0, 9)).dirty);
	CUT_CHECK(test_load(mm, 9) == 5);
	fput(file);
	mm_leave(mm);
}

/* read() and write() beside a move: what was written is read. */
void migrate_cached_race(u32 index)
{
	struct file *file = file_slot_get(0);
	u32 value;

	CUT_CHECK(!IS_ERR(file));
	if (index) {
		CUT_CHECK(vfs_write_page(file, 0, 1) == 1);
		CUT_CHECK(vfs_write_page(file, 0, 2) == 1);
		CUT_CHECK(vfs_read_page(file, 0, &value) == 1 && value == 2);
	} else if (cached_pfn(file, 0)) {
		move_pfn(cached_pfn(file, 0));
	}
	fput(file);
}

void migrate_file_boot(void)
{
	struct file *file;

	mm_test_boot();
	file = file_slot_get(0);
	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(vfs_write_page(file, 0, 1) == 1);
	fput(file);
}

/* The page is gone from the file, whether it has moved before or not. */
void migrate_truncate_race(u32 index)
{
	struct file *file = file_slot_get(0);

	CUT_CHECK(!IS_ERR(file));
	if (index) {
		truncate_setsize(file_inode(file), 0);
		CUT_CHECK(!cached_pfn(file, 0));
	} else if (cached_pfn(file, 0)) {
		move_pfn(cached_pfn(file, 0));
	}
	fput(file);
}

/* An anonymous page, one of a file and free ones: the block is emptied. */
void offline_empties_block(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = file_slot_get(0);
	u32 pfn, i;

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(test_store(mm, 0, 3) == 0);
	CUT_CHECK(vfs_write_page(file, 0, 4) == 1);
	pfn = pfn_at(0, 0);
	CUT_CHECK(cached_pfn(file, 0) / PAGEBLOCK_PAGES ==
		  pfn / PAGEBLOCK_PAGES);
	CUT_CHECK(offline_pages(pfn) == 0);
	CUT_CHECK(offline_pages(pfn) == -EBUSY);
	for (i = 0; i < PAGEBLOCK_PAGES; i++)
		CUT_CHECK(test_store(mm, i, 10 + i) == 0);
	for (i = MOVABLE_PFN; i < MOVABLE_PFN + PAGEBLOCK_PAGES; i++)
		CUT_CHECK(view_mm.page(i).refcount == 0);
	online_pages(pfn);
	CUT_CHECK(offline_pages(pfn) == 0);
	online_pages(pfn);
	CUT_CHECK(offline_pages(NORMAL_PFN) == -EINVAL);
	CUT_CHECK(offline_pages(ZERO_PFN) == -EINVAL);
	fput(file);
	mm_leave(mm);
}

/* A pinned page blocks the request, which gives the block back. */
void offline_pinned_blocks(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page = take(mm, 0, true);
	u32 pfn;

	CUT_CHECK(page);
	pfn = page_to_pfn(page);
	CUT_CHECK(offline_pages(pfn) == -EBUSY);
	CUT_CHECK(pfn_at(0, 0) == pfn);
	unpin_user_page(page);
	CUT_CHECK(offline_pages(pfn) == 0);
	CUT_CHECK(pfn_at(0, 0) != pfn);
	mm_leave(mm);
}

/* A reference that somebody soon drops only delays it. */
void offline_reference_delays(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		page = take(mm, 0, false);
		CUT_CHECK(page);
		put_user_page(page);
	} else {
		CUT_CHECK(offline_pages(MOVABLE_PFN) == 0);
	}
	mm_leave(mm);
}

/* Two threads store while the block goes from under them. */
void offline_load_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index < 2) {
		CUT_CHECK(test_store(mm, index, 1) == 0);
		CUT_CHECK(test_store(mm, index, 2) == 0);
		CUT_CHECK(test_load(mm, index) == 2);
	} else {
		CUT_CHECK(offline_pages(MOVABLE_PFN) == 0);
	}
	mm_leave(mm);
}
