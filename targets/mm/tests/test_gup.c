// SPDX-License-Identifier: GPL-2.0
/*
 * test_gup: get_user_pages(), row by row of core.md 6.9 and 6.9.1.
 *
 * What a pin is for is told by one claim: as long as it is held, the page that
 * was pinned is the page of its address, so that what a CPU stores there is
 * found in it. Every race below ends in asking that.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

static u32 pfn_at(u32 slot, u32 page)
{
	return VIEW_PFN(test_entry(slot, page));
}

/* One page by each of the ways there are; or minus an errno. */
static long get_remote(struct mm_struct *mm, u32 page, unsigned int flags,
		       struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, VIEW_VA(page), 1, flags, pages, NULL);
	mmap_read_unlock(mm);
	return ret;
}

static long pin_remote(struct mm_struct *mm, u32 page, unsigned int flags,
		       struct page **pages)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, VIEW_VA(page), 1, flags, pages,
				    &locked);
	if (locked)
		mmap_read_unlock(mm);
	return ret;
}

static long pin_fast(struct mm_struct *mm, u32 page, unsigned int flags,
		     struct page **pages)
{
	return pin_user_pages_fast(VIEW_VA(page), 1, flags, pages);
}

static struct mm_struct *test_fork(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	return child;
}

/* The page is pinned and is still that of its address. */
static void check_coherent(struct mm_struct *mm, u32 page,
			   struct page *pinned, u32 value)
{
	CUT_CHECK(test_store(mm, page, value) == 0);
	CUT_CHECK(page_load(pinned) == value);
	CUT_CHECK(test_load(mm, page) == value);
}

static void vm_flags_mod(struct mm_struct *mm, u32 page, vm_flags_t set,
			 vm_flags_t clear)
{
	mmap_write_lock(mm);
	vma_lookup(mm, VIEW_VA(page))->vm_flags |= set;
	vma_lookup(mm, VIEW_VA(page))->vm_flags &= ~clear;
	mmap_write_unlock(mm);
}

/* Pages 0..7 rw, 8 nothing, 9 r, 10 none, 11 registers; 12 as if no flag said
 * that these are. */
void gup_errors_hold(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *pages[4];

	CUT_CHECK(mmap_anon(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(10), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(test_map_registers(mm, 11, 2, PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(12), PAGE_SIZE, PROT_READ) == 0);
	vm_flags_mod(mm, 12, 0, VM_IO | VM_PFNMAP);
	CUT_CHECK(get_remote(mm, 8, 0, pages) == -EFAULT);
	CUT_CHECK(get_remote(mm, 9, FOLL_WRITE, pages) == -EFAULT);
	CUT_CHECK(get_remote(mm, 10, 0, pages) == -EFAULT);
	CUT_CHECK(get_remote(mm, 11, 0, pages) == -EFAULT);
	CUT_CHECK(get_remote(mm, 11, FOLL_WRITE, pages) == -EFAULT);
	CUT_CHECK(get_remote(mm, 12, 0, pages) == -EEXIST);
	CUT_CHECK(pin_fast(mm, 11, FOLL_WRITE, pages) == -EFAULT);
	CUT_CHECK(pin_fast(mm, 8, 0, pages) == -EFAULT);
	CUT_CHECK(pin_fast(mm, 9, FOLL_WRITE, pages) == -EFAULT);
	CUT_CHECK(get_user_pages_fast(VIEW_VA(PROG_PAGES), 1, 0, pages) ==
		  -EFAULT);
	CUT_CHECK(get_user_pages_fast(VIEW_VA(0), 0, 0, pages) == 0);
	/* as far as it goes */
	CUT_CHECK(get_user_pages_fast(VIEW_VA(6), 3, FOLL_WRITE, pages) == 2);
	CUT_CHECK(page_to_pfn(pages[0]) == pfn_at(0, 6));
	CUT_CHECK(page_to_pfn(pages[1]) == pfn_at(0, 7));
	put_user_page(pages[0]);
	put_user_page(pages[1]);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(7), PAGE_SIZE, PROT_READ) == 0);
	vm_flags_mod(mm, 7, VM_IO, 0);
	CUT_CHECK(get_remote(mm, 7, 0, pages) == -EFAULT);
	vm_flags_mod(mm, 7, VM_PFNMAP, VM_IO);
	CUT_CHECK(get_remote(mm, 7, 0, pages) == -EFAULT);
	mm_leave(mm);
}

/* FOLL_FORCE: what a debugger may, and no more rights for the mm itself. */
void gup_force_writes_private(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(mmap_anon(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(10), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(test_load(mm, 9) == 0);
	CUT_CHECK(get_remote(mm, 9, FOLL_FORCE | FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn_at(0, 9) && page_to_pfn(page));
	CUT_CHECK(!(test_entry(0, 9) & VIEW_W));
	put_user_page(page);
	CUT_CHECK(get_remote(mm, 10, FOLL_FORCE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == ZERO_PFN);
	CUT_CHECK(test_entry(0, 10) & VIEW_PROT_NONE);
	put_user_page(page);
	mm_leave(mm);
}

void gup_zero_page_is_special(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	s32 refs = view_mm.page(ZERO_PFN).refcount;

	CUT_CHECK(get_remote(mm, 0, 0, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == ZERO_PFN);
	CUT_CHECK(view_mm.page(ZERO_PFN).refcount == refs + 1);
	put_user_page(page);
	/* A pin of it needs none; the fast path leaves it to the slow one. */
	CUT_CHECK(pin_fast(mm, 0, 0, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == ZERO_PFN);
	CUT_CHECK(view_mm.page(ZERO_PFN).refcount == refs);
	unpin_user_page(page);
	CUT_CHECK(view_mm.page(ZERO_PFN).refcount == refs);
	/* For long it would go astray at the next write: a page of our own. */
	CUT_CHECK(pin_fast(mm, 0, FOLL_LONGTERM, &page) == 1);
	CUT_CHECK(page_to_pfn(page) != ZERO_PFN);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_W));
	check_coherent(mm, 0, page, 5);
	unpin_user_page(page);
	mm_leave(mm);
}

/* A page shared with a child is no page to pin. */
void gup_pin_unshares(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(test_store(mm, 1, 2) == 0);
	pfn = pfn_at(0, 0);
	child = test_fork(mm);
	/* a look at it may be shared */
	CUT_CHECK(get_remote(mm, 0, 0, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn);
	put_user_page(page);
	CUT_CHECK(pin_remote(mm, 0, 0, &page) == 1);
	CUT_CHECK(page_to_pfn(page) != pfn && pfn_at(1, 0) == pfn);
	CUT_CHECK(page_to_pfn(page) == pfn_at(0, 0));
	CUT_CHECK(!(test_entry(0, 0) & VIEW_W) && page_load(page) == 1);
	check_coherent(mm, 0, page, 3);
	CUT_CHECK(test_load(child, 0) == 1);
	unpin_user_page(page);
	mmput(child);
	/* Nobody else has it any more: it is ours where it is, read-only. */
	pfn = pfn_at(0, 1);
	CUT_CHECK(pin_fast(mm, 1, 0, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn && !(test_entry(0, 1) & VIEW_W));
	check_coherent(mm, 1, page, 4);
	unpin_user_page(page);
	mm_leave(mm);
}

/* fork leaves a pinned page to the parent and gives the child a copy. */
void gup_pin_survives_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(pin_fast(mm, 0, FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn_at(0, 0));
	CUT_CHECK(folio_maybe_dma_pinned(page_folio(page)));
	child = test_fork(mm);
	CUT_CHECK(pfn_at(0, 0) == page_to_pfn(page));
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(pfn_at(1, 0) != page_to_pfn(page));
	check_coherent(mm, 0, page, 2);
	CUT_CHECK(test_load(child, 0) == 1);
	unpin_user_page(page);
	CUT_CHECK(!folio_maybe_dma_pinned(page_folio(page)));
	mmput(child);
	mm_leave(mm);
}

/* A plain reference only keeps the page: the mm's own next write leaves it. */
void gup_get_is_left_by_cow(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(get_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &page) == 1);
	child = test_fork(mm);
	CUT_CHECK(test_store(mm, 0, 2) == 0);
	CUT_CHECK(pfn_at(0, 0) != page_to_pfn(page) && page_load(page) == 1);
	mmput(child);
	CUT_CHECK(page_load(page) == 1);
	put_user_page(page);
	CUT_CHECK(test_load(mm, 0) == 2);
	mm_leave(mm);
}

/* For long: out of what may be taken offline, and with what was in it. */
void gup_longterm_moves(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page, *other;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(test_store(mm, 1, 2) == 0);
	CUT_CHECK(pfn_at(0, 0) < NORMAL_PFN && pfn_at(0, 1) < NORMAL_PFN);
	CUT_CHECK(pin_fast(mm, 0, FOLL_LONGTERM | FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) >= NORMAL_PFN && page_load(page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn_at(0, 0));
	check_coherent(mm, 0, page, 3);
	/* It is where it may stay: a second one takes it as it is. */
	CUT_CHECK(pin_fast(mm, 0, FOLL_LONGTERM, &other) == 1);
	CUT_CHECK(other == page);
	unpin_user_page(other);
	unpin_user_page(page);
	/* What somebody else has pinned does not move. */
	CUT_CHECK(pin_fast(mm, 1, 0, &other) == 1);
	CUT_CHECK(pin_fast(mm, 1, FOLL_LONGTERM, &page) == -ENOMEM);
	check_coherent(mm, 1, other, 4);
	unpin_user_page(other);
	CUT_CHECK(pin_remote(mm, 1, FOLL_LONGTERM, &page) == 1);
	CUT_CHECK(page_to_pfn(page) >= NORMAL_PFN && page_load(page) == 4);
	unpin_user_page(page);
	mm_leave(mm);
}

/* Shared memory, a real file shared and private. */
void gup_file_pages(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = file_slot_get(0);
	struct page *page;

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(8), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, NULL, 0) == 0);
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, file, 0) == 0);
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(10), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE, file, 1) == 0);
	fput(file);
	/* shmem: for long and for writing; moved in the cache it stays in */
	CUT_CHECK(test_store(mm, 8, 1) == 0);
	CUT_CHECK(pin_fast(mm, 8, FOLL_LONGTERM | FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) >= NORMAL_PFN && page_load(page) == 1);
	check_coherent(mm, 8, page, 2);
	unpin_user_page(page);
	/* A real file wants to hear of each first write. */
	CUT_CHECK(pin_fast(mm, 9, FOLL_WRITE, &page) == 1);
	CUT_CHECK(page_to_pfn(page) == pfn_at(0, 9));
	check_coherent(mm, 9, page, 3);
	unpin_user_page(page);
	CUT_CHECK(pin_fast(mm, 9, FOLL_LONGTERM | FOLL_WRITE, &page) ==
		  -EFAULT);
	CUT_CHECK(pin_fast(mm, 9, FOLL_LONGTERM, &page) == 1);
	check_coherent(mm, 9, page, 4);
	unpin_user_page(page);
	/* Private: the file's page for a moment, one of its own for long. */
	CUT_CHECK(pin_fast(mm, 10, 0, &page) == 1);
	CUT_CHECK(!PageAnon(page));
	unpin_user_page(page);
	CUT_CHECK(pin_fast(mm, 10, FOLL_LONGTERM, &page) == 1);
	CUT_CHECK(PageAnon(page) && !(test_entry(0, 10) & VIEW_W));
	check_coherent(mm, 10, page, 5);
	unpin_user_page(page);
	mm_leave(mm);
}

/* Page 0 of @mm is lent to nobody in particular; locked, with a reference. */
static struct page *lend(struct mm_struct *mm)
{
	struct page *page = NULL;

	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(0), VIEW_VA(1), &page,
					      NULL) == 1);
	mmap_read_unlock(mm);
	CUT_CHECK(page);
	return page;
}

static void give_back(struct page *page)
{
	folio_unlock(page_folio(page));
	put_user_page(page);
}

/* Neither for the lock of a page nor without mmap_lock. */
void gup_nowait_does_not_wait(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page, *lent;
	int locked = 1;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	lent = lend(mm);
	mmap_read_lock(mm);
	CUT_CHECK(get_user_pages_remote(mm, VIEW_VA(0), 1, FOLL_NOWAIT, &page,
					&locked) == 0);
	CUT_CHECK(locked == 1);
	mmap_read_unlock(mm);
	give_back(lent);
	CUT_CHECK(get_remote(mm, 0, FOLL_WRITE, &page) == 1 && page == lent);
	put_user_page(page);
	mm_leave(mm);
}

/* -- races: task 0 pins and asks, the others do what would end it -- */

/* Pinned @times, for writing every other time; what is stored is found. */
static void pin_and_check(struct mm_struct *mm, u32 times, unsigned int flags,
			  bool fast)
{
	struct page *page;
	u32 i;

	for (i = 0; i < times; i++) {
		CUT_CHECK((fast ? pin_fast : pin_remote)(mm, 0, flags, &page) ==
			  1);
		check_coherent(mm, 0, page, 10 + i);
		unpin_user_page(page);
	}
}

static void fork_and_look(struct mm_struct *mm)
{
	struct mm_struct *child = test_fork(mm);
	u32 seen = test_load(child, 0);

	CUT_CHECK(test_load(child, 0) == seen);
	mmput(child);
}

void gup_race_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	mm_leave(mm);
}

void gup_fast_meets_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		fork_and_look(mm);
	else
		pin_and_check(mm, 1, FOLL_WRITE, true);
	mm_leave(mm);
}

/* Read-only pins, of a page that is shared with a child by now, or not yet. */
void gup_fast_unshare_meets_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		fork_and_look(mm);
	else
		pin_and_check(mm, 2, 0, true);
	mm_leave(mm);
}

void gup_slow_meets_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		fork_and_look(mm);
	else
		pin_and_check(mm, 2, 0, false);
	mm_leave(mm);
}

/* One attempt to move page 0 of @mm, as compaction makes it. */
static void move_page(struct mm_struct *mm)
{
	struct page *page;

	if (get_remote(mm, 0, 0, &page) != 1)
		return;
	if (folio_isolate_lru(page_folio(page))) {
		put_user_page(page);
		migrate_folio_unmap_and_move(page_folio(page),
					     GFP_HIGHUSER_MOVABLE);
	} else {
		put_user_page(page);
	}
}

void gup_fast_meets_move(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		move_page(mm);
	else
		pin_and_check(mm, 1, FOLL_WRITE, true);
	mm_leave(mm);
}

void gup_slow_meets_move(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		move_page(mm);
	else
		pin_and_check(mm, 1, 0, false);
	mm_leave(mm);
}

/* Two movers: the long-term pin is one of them. */
void gup_longterm_meets_move(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		move_page(mm);
	else
		pin_and_check(mm, 1, FOLL_LONGTERM | FOLL_WRITE, true);
	mm_leave(mm);
}

/* The page's lock is waited for without mmap_lock, and then all is seen anew. */
void gup_drops_mmap_lock(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *pages[2];
	int locked = 1;

	if (index) {
		give_back(lend(mm));
	} else {
		mmap_read_lock(mm);
		CUT_CHECK(pin_user_pages_remote(mm, VIEW_VA(0), 2, FOLL_WRITE,
						pages, &locked) == 2);
		if (locked)
			mmap_read_unlock(mm);
		check_coherent(mm, 1, pages[1], 8);
		unpin_user_page(pages[0]);
		unpin_user_page(pages[1]);
	}
	mm_leave(mm);
}

/* What is unmapped meanwhile stays as it was, for who has it. */
void gup_fast_meets_dontneed(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	u32 value;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_store(mm, 0, 2) == 0);
	} else {
		CUT_CHECK(get_user_pages_fast(VIEW_VA(0), 1, 0, &page) == 1);
		value = page_load(page);
		CUT_CHECK(value <= 2);
		put_user_page(page);
		CUT_CHECK(pin_fast(mm, 0, FOLL_WRITE, &page) == 1);
		CUT_CHECK(page_load(page) <= 2);
		unpin_user_page(page);
	}
	mm_leave(mm);
}

/* The tables go with the last VMA they were for. */
void gup_fast_meets_munmap(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	long ret;

	if (index) {
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE) == 0);
	} else {
		ret = get_user_pages_fast(VIEW_VA(0), 1, 0, &page);
		CUT_CHECK(ret == 1 || ret == -EFAULT);
		if (ret == 1) {
			CUT_CHECK(page_load(page) == 1);
			put_user_page(page);
		}
	}
	mm_leave(mm);
}
