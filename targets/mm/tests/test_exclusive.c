// SPDX-License-Identifier: GPL-2.0
/*
 * test_exclusive: pages lent to a device, as far as the mm alone can tell: the
 * device is whoever holds the page locked.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

static u32 kind_at(u32 slot, u32 page)
{
	return VIEW_KIND(test_entry(slot, page));
}

/* The page at @page, lent and locked; NULL if it could not be had. *@ret, if
 * asked for: what the call returned. */
static struct page *lend(struct mm_struct *mm, u32 page, int *ret)
{
	struct page *lent = NULL;
	int n;

	mmap_read_lock(mm);
	n = make_device_exclusive_range(mm, VIEW_VA(page), VIEW_VA(page + 1),
					&lent, mm);
	mmap_read_unlock(mm);
	if (ret)
		*ret = n;
	return n == 1 ? lent : NULL;
}

/* The device was programmed; from here on the page may be taken back. */
static void let_go(struct page *page)
{
	folio_unlock(page_folio(page));
	put_user_page(page);
}

/* Lent for a moment; false if it could not be had. */
static bool lend_once(struct mm_struct *mm, u32 page)
{
	struct page *lent = lend(mm, page, NULL);

	if (lent)
		let_go(lent);
	return lent;
}

void exclusive_lends_and_restores(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct view_page page;
	struct page *lent;
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 5) == 0);
	pfn = VIEW_PFN(test_entry(0, 0));
	lent = lend(mm, 0, NULL);
	CUT_CHECK(lent && page_to_pfn(lent) == pfn);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	page = view_mm.page(pfn);
	CUT_CHECK(page.locked && page.mapcount == 0 && page.refcount == 2);
	CUT_CHECK(page.exclusive && page.dirty);
	CUT_CHECK(view_mm.mm(0).rss == 1);
	let_go(lent);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(test_load(mm, 0) == 5);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(test_entry(0, 0) & VIEW_SOFT_DIRTY);
	CUT_CHECK(lend_once(mm, 0));
	CUT_CHECK(test_store(mm, 0, 6) == 0);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	page = view_mm.page(pfn);
	CUT_CHECK(page.mapcount == 1 && page.refcount == 1 && page.exclusive);
	mm_leave(mm);
}

/* What is not a private page of one's own is made one, or refused. */
void exclusive_takes_what_it_may(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct file *file = file_slot_get(0);
	u32 pfn;
	int ret;

	CUT_CHECK(!IS_ERR(file));
	/* A hole and the zero page get a page; a shared one a copy. */
	CUT_CHECK(lend_once(mm, 0));
	CUT_CHECK(test_load(mm, 1) == 0 && lend_once(mm, 1));
	CUT_CHECK(VIEW_PFN(test_entry(0, 1)) != 0);
	CUT_CHECK(test_store(mm, 2, 2) == 0);
	pfn = VIEW_PFN(test_entry(0, 2));
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(lend_once(mm, 2) && VIEW_PFN(test_entry(0, 2)) != pfn);
	CUT_CHECK(test_load(child, 2) == 2);
	mmput(child);
	/* No right to write, no VMA, a page of a file. */
	CUT_CHECK(do_mprotect(mm, VIEW_VA(3), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(!lend(mm, 3, &ret) && ret == -EFAULT);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(3), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(!lend(mm, 3, &ret) && ret == -EFAULT);
	CUT_CHECK(!lend(mm, 12, &ret) && ret == -EFAULT);
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(8), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, file, 0) == 0);
	CUT_CHECK(!lend(mm, 8, &ret) && ret == 1);
	CUT_CHECK(!view_mm.page(VIEW_PFN(test_entry(0, 8))).locked);
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE, file, 0) == 0);
	CUT_CHECK(lend_once(mm, 9) && test_load(mm, 9) == 0);
	fput(file);
	mm_leave(mm);
}

/* Rights that went while the page was lent do not come back with it. */
void exclusive_mprotect_holds(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, 5) == 0 && lend_once(mm, 0));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(test_store(mm, 0, 6) == -EFAULT);
	CUT_CHECK(test_load(mm, 0) == 5 && !(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			      PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(lend_once(mm, 0));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			      PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(test_load(mm, 0) == 5 && !(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(test_store(mm, 0, 7) == 0 && test_load(mm, 0) == 7);
	CUT_CHECK(lend_once(mm, 0));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(test_load(mm, 0) == ~0u);
	mm_leave(mm);
}

void exclusive_fork_restores(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	CUT_CHECK(test_store(mm, 0, 5) == 0 && lend_once(mm, 0));
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	CUT_CHECK(kind_at(child->slot, 0) == VIEW_PRESENT);
	CUT_CHECK(test_store(mm, 0, 6) == 0 && test_load(child, 0) == 5);
	CUT_CHECK(test_store(child, 0, 7) == 0 && test_load(mm, 0) == 6);
	CUT_CHECK(lend_once(mm, 0) && test_load(mm, 0) == 6);
	CUT_CHECK(lend_once(child, 0));
	mmput(child);
	mm_leave(mm);
}

/* Unmapped while lent: the entry's reference goes, the device's stays. */
void exclusive_zap_drops_entry(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *lent;

	CUT_CHECK(test_store(mm, 0, 5) == 0 && test_store(mm, 1, 6) == 0);
	lent = lend(mm, 0, NULL);
	CUT_CHECK(lent && lend_once(mm, 1));
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	CUT_CHECK(test_entry(0, 0) == VIEW_NONE);
	CUT_CHECK(view_mm.page(page_to_pfn(lent)).refcount == 1);
	let_go(lent);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(1), PAGE_SIZE) == 0);
	CUT_CHECK(view_mm.mm(0).rss == 0);
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages());
	/* And one that is still lent when the address space goes. */
	CUT_CHECK(test_store(mm, 2, 7) == 0 && lend_once(mm, 2));
	mm_leave(mm);
}

/* A reference to a lent page is had by taking the page back. */
void exclusive_gup_restores(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(test_store(mm, 0, 5) == 0 && lend_once(mm, 0));
	CUT_CHECK(get_user_pages_fast(VIEW_VA(0), 1, FOLL_GET, &page) == 1);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	put_user_page(page);
	CUT_CHECK(lend_once(mm, 0));
	CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &page) == 1);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	/* Pinned is no obstacle: CPU mappings are all that goes. */
	CUT_CHECK(lend_once(mm, 0));
	unpin_user_page(page);
	CUT_CHECK(test_load(mm, 0) == 5);
	mm_leave(mm);
}

/* Who moves it takes it back: it is not in the way of anything. */
void exclusive_moves_when_wanted(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 5) == 0 && lend_once(mm, 0));
	pfn = VIEW_PFN(test_entry(0, 0));
	CUT_CHECK(offline_pages(pfn) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) != pfn);
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(test_load(mm, 0) == 5);
	mm_leave(mm);
}

/*
 * The device adds 1 while it has the page locked and lent, the program by
 * accesses of its own: none of the increments is lost.
 */
#define INCREMENTS	2
static u32 device_increments __machine;

static void device_increment(struct page *page)
{
	u32 value = page_load(page) + 1;

	rt_point(RT_SITE(RT_STORE, "device_increment", NULL), page);
	page_store(page, value);
	view_emit(EV_gup_store, VIEW_CPU(0, 0), VIEW_VA(0),
		  VIEW_DATA(page_to_pfn(page), value));
	__atomic_fetch_add(&device_increments, 1, __ATOMIC_RELAXED);
}

void exclusive_counter_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *lent;
	u32 i, value;

	for (i = 0; i < INCREMENTS; i++) {
		if (index) {
			CUT_CHECK(!cpu_increment(mm, VIEW_VA(0), &value));
			continue;
		}
		lent = lend(mm, 0, NULL);
		if (!lent)
			continue;
		device_increment(lent);
		let_go(lent);
	}
	mm_leave(mm);
}

void exclusive_counter_halt(void)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == INCREMENTS + device_increments);
	mm_leave(mm);
	mm_test_halt();
}

void exclusive_lent_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 5) == 0 && lend_once(mm, 0));
	mm_leave(mm);
}

/* X2: two threads fault the same page; one takes it back. */
void exclusive_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct view_page page;

	CUT_CHECK(test_load(mm, 0) == 5);
	page = view_mm.page(VIEW_PFN(test_entry(0, 0)));
	CUT_CHECK(page.mapcount == 1);
	mm_leave(mm);
}

/* X3, X5: the entry is zapped, and its frame reused, beside a fault on it. */
void exclusive_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_store(mm, 1, 9) == 0);
		CUT_CHECK(test_load(mm, 1) == 9);
	} else {
		value = test_load(mm, 0);
		CUT_CHECK(value == 5 || value == 0);
	}
	mm_leave(mm);
}

/* X4: taken back and lent again while a fault is on its way. */
void exclusive_again_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		lend_once(mm, 0);
		lend_once(mm, 0);
	} else {
		CUT_CHECK(test_load(mm, 0) == 5);
		CUT_CHECK(test_store(mm, 0, 6) == 0);
		CUT_CHECK(test_load(mm, 0) == 6);
	}
	mm_leave(mm);
}

/*
 * X7: another page may stand at the address by the time the walk comes there.
 * What is lent was taken from that address, and from there only.
 */
void exclusive_replaced_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *lent;
	u64 word;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_store(mm, 0, 6) == 0);
		CUT_CHECK(test_load(mm, 0) == 6);
	} else {
		lent = lend(mm, 0, NULL);
		word = test_entry(0, 0);
		if (lent) {
			CUT_CHECK(VIEW_KIND(word) != VIEW_PRESENT ||
				  VIEW_PFN(word) != page_to_pfn(lent));
			let_go(lent);
		}
	}
	mm_leave(mm);
}

/* X6: fork() meets a lent page that is still locked, without mmap_lock. */
void exclusive_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *lent;

	if (index) {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		CUT_CHECK(kind_at(child->slot, 0) == VIEW_PRESENT);
		CUT_CHECK(test_load(child, 0) == 5);
		mmput(child);
	} else {
		lent = lend(mm, 0, NULL);
		if (lent)
			let_go(lent);
		CUT_CHECK(test_load(mm, 0) == 5);
	}
	mm_leave(mm);
}

/* X8: a mover has the page locked, or the lender has. */
void exclusive_move_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		lend_once(mm, 0);
		CUT_CHECK(test_load(mm, 0) == 7);
	} else {
		offline_pages(MOVABLE_PFN);
	}
	mm_leave(mm);
}
