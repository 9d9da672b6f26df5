// SPDX-License-Identifier: GPL-2.0
/*
 * test_userfaultfd: pages that are protected from writes: the bit goes wherever
 * the page does, and with the first store.
 */
#include <linux/err.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"
#include "targets/mm/tests/test_device.h"

static int protect(struct mm_struct *mm, u32 page, u32 count, bool on)
{
	return mwriteprotect_range(mm, VIEW_VA(page), count * PAGE_SIZE, on);
}

/* The entry is of that kind, and protected; the page is the mm's to write. */
static bool protected(u32 page, u32 kind)
{
	u64 entry = test_entry(0, page);

	return VIEW_KIND(entry) == kind && entry & VIEW_UFFD_WP &&
	       !(entry & VIEW_W);
}

static bool writable(u32 page)
{
	return (test_entry(0, page) & (VIEW_W | VIEW_UFFD_WP)) == VIEW_W;
}

static void lend(struct mm_struct *mm, u32 page)
{
	struct page *lent = NULL;

	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(page),
					      VIEW_VA(page + 1), &lent, mm) ==
		  1 && lent);
	mmap_read_unlock(mm);
	folio_unlock(page_folio(lent));
	put_user_page(lent);
}

static void move(u32 page)
{
	struct folio *folio = test_folio(0, page);

	CUT_CHECK(folio_isolate_lru(folio));
	CUT_CHECK(!migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE));
}

void uffd_boot(void)
{
	mm_test_boot();
	device_boot(0);
}

void uffd_halt(void)
{
	mm_test_halt();
	device_gone(0);
}

/* By a store, by who protected it, and with the page; not by a load. */
void uffd_store_ends_it(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	for (u32 page = 0; page < 3; page++)
		CUT_CHECK(!test_store(mm, page, 5));
	pfn = VIEW_PFN(test_entry(0, 0));
	CUT_CHECK(!protect(mm, 0, 8, true));
	for (u32 page = 0; page < 3; page++)
		CUT_CHECK(test_load(mm, page) == 5 &&
			  protected(page, VIEW_PRESENT));
	/* Nothing is there to be protected. */
	CUT_CHECK(test_entry(0, 3) == VIEW_NONE);
	CUT_CHECK(!test_store(mm, 0, 6) && writable(0));
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	CUT_CHECK(!protect(mm, 1, 1, false) && writable(1));
	CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(2), PAGE_SIZE));
	CUT_CHECK(!test_store(mm, 2, 7) && writable(2));
	/* mprotect() gives back no more than there was. */
	CUT_CHECK(!protect(mm, 0, 1, true));
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ));
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			       PROT_READ | PROT_WRITE));
	CUT_CHECK(protected(0, VIEW_PRESENT));
	CUT_CHECK(protect(mm, 12, 1, true) == -ENOENT);
	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(12), PAGE_SIZE, PROT_READ,
			     MAP_SHARED | MAP_ANONYMOUS, NULL, 0));
	CUT_CHECK(protect(mm, 12, 1, true) == -ENOENT);
	mm_leave(mm);
}

/* Protected while it is lent, or before, and back; and a device asks again. */
void uffd_lent_page_keeps_it(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!test_store(mm, 0, 5));
	lend(mm, 0);
	CUT_CHECK(VIEW_KIND(test_entry(0, 0)) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(!protect(mm, 0, 1, true));
	CUT_CHECK(protected(0, VIEW_EXCLUSIVE_READ));
	CUT_CHECK(test_load(mm, 0) == 5 && protected(0, VIEW_PRESENT));
	/* To lend it for writing is a write. */
	lend(mm, 0);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_UFFD_WP));
	CUT_CHECK(!protect(mm, 0, 1, true) && !protect(mm, 0, 1, false));
	CUT_CHECK(VIEW_KIND(test_entry(0, 0)) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_UFFD_WP));
	CUT_CHECK(!test_store(mm, 0, 6) && writable(0));
	mm_leave(mm);
}

/* To another frame, to a device, and home. */
void uffd_moves_with_the_page(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!test_store(mm, 0, 5) && !protect(mm, 0, 1, true));
	move(0);
	CUT_CHECK(protected(0, VIEW_PRESENT));
	CUT_CHECK(device_to(0, mm, 0, 1) == 1);
	CUT_CHECK(protected(0, VIEW_DEVICE_READ));
	CUT_CHECK(test_load(mm, 0) == 5 && protected(0, VIEW_PRESENT));
	CUT_CHECK(!test_store(mm, 0, 6) && writable(0));
	/* At the device. */
	CUT_CHECK(device_to(0, mm, 0, 1) == 1 && !protect(mm, 0, 1, true));
	CUT_CHECK(protected(0, VIEW_DEVICE_READ));
	CUT_CHECK(!test_store(mm, 0, 7) && test_load(mm, 0) == 7);
	CUT_CHECK(writable(0));
	mm_leave(mm);
}

/* A child has none of it, and the parent all. */
void uffd_child_has_none(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	for (u32 page = 0; page < 3; page++)
		CUT_CHECK(!test_store(mm, page, 5));
	lend(mm, 1);
	CUT_CHECK(device_to(0, mm, 2, 1) == 1);
	CUT_CHECK(!protect(mm, 0, 3, true));
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	for (u32 page = 0; page < 3; page++) {
		CUT_CHECK(test_entry(0, page) & VIEW_UFFD_WP);
		CUT_CHECK(VIEW_KIND(test_entry(1, page)) != VIEW_NONE);
		CUT_CHECK(!(test_entry(1, page) & VIEW_UFFD_WP));
	}
	for (u32 page = 0; page < 3; page++)
		CUT_CHECK(!test_store(mm, page, 6) && writable(page));
	mm_leave(mm);
	current->mm = child;
	for (u32 page = 0; page < 3; page++)
		CUT_CHECK(test_load(child, page) == 5);
	current->mm = NULL;
	mmput(child);
}

/* It needs no more of mmap_lock than the store does. */
void uffd_store_beside_it(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(!protect(mm, 0, 2, true));
		CUT_CHECK(!protect(mm, 0, 1, false));
	} else {
		for (u32 i = 1; i < 4; i++) {
			CUT_CHECK(!test_store(mm, 0, i) && !test_store(mm, 1, i));
			CUT_CHECK(test_load(mm, 1) == i);
		}
	}
	mm_leave(mm);
}
