// SPDX-License-Identifier: GPL-2.0
/*
 * test_memory_device: faults, mprotect, fork and zap where the entry names a
 * device's page, or one that is lent to a device.
 */
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/test_device.h"

#define RW	(PROT_READ | PROT_WRITE)

static u32 kind_at(u32 slot, u32 page)
{
	return VIEW_KIND(test_entry(slot, page));
}

/* Page 0 is the device's, page 1 is in memory. */
void memdev_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	device_boot(0);
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 5) == 0 && test_store(mm, 1, 6) == 0);
	CUT_CHECK(device_to(0, mm, 0, 1) == 1);
	mm_leave(mm);
}

void memdev_halt(void)
{
	mm_test_halt();
	device_gone(0);
}

/* Rights that went while the page was away do not come back with it. */
void memdev_mprotect(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(kind_at(0, 0) == VIEW_DEVICE_WRITE);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_DEVICE_READ);
	CUT_CHECK(test_store(mm, 0, 7) == -EFAULT);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, RW) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_DEVICE_READ);
	CUT_CHECK(test_load(mm, 0) == 5 && !(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(test_store(mm, 0, 7) == 0 && test_load(mm, 0) == 7);
	mm_leave(mm);
}

/* Parent and child share a device's page as they would any other. */
void memdev_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(kind_at(0, 0) == VIEW_DEVICE_READ);
	CUT_CHECK(test_entry(0, 0) == test_entry(child->slot, 0));
	CUT_CHECK(view_mm.page(VIEW_PFN(test_entry(0, 0))).refcount == 2);
	CUT_CHECK(view_mm.mm(child->slot).rss == 2);
	CUT_CHECK(test_store(child, 0, 7) == 0 && test_load(mm, 0) == 5);
	CUT_CHECK(test_store(mm, 0, 8) == 0 && test_load(child, 0) == 7);
	mmput(child);
	mm_leave(mm);
}

/* As above, said by what they read alone. */
void memdev_fork_reads(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	test_load(mm, 0);
	test_store(mm, 0, 7);
	test_load(child, 0);
	mmput(child);
	mm_leave(mm);
}

/* W-MIG7: each fault comes to an end, and the page comes home once. */
void memdev_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == 5);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	mm_leave(mm);
}

/* The page is zapped, or goes home and out again, beside a fault of it. */
void memdev_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(device_to(0, mm, 1, 1) <= 1);
		CUT_CHECK(test_load(mm, 1) == 6);
	} else {
		value = test_load(mm, 0);
		CUT_CHECK(value == 5 || value == 0);
	}
	mm_leave(mm);
}

/* The page at @page is lent, and not locked any more. */
static void lend(struct mm_struct *mm, u32 page)
{
	struct page *lent = NULL;

	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(page),
					      VIEW_VA(page + 1), &lent,
					      mm) == 1);
	mmap_read_unlock(mm);
	if (!lent)
		return;
	folio_unlock(page_folio(lent));
	put_user_page(lent);
}

void memexcl_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 5) == 0);
	lend(mm, 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_WRITE);
	mm_leave(mm);
}

/* What a READ entry comes back as: without the right to write. */
void memexcl_mprotect(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, RW) == 0);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(test_load(mm, 0) == 5);
	CUT_CHECK(test_store(mm, 0, 6) == 0 && test_load(mm, 0) == 6);
	mm_leave(mm);
}

/* Two CPUs want it back; or one, and another lends it again. */
void memexcl_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == 5);
	mm_leave(mm);
}

void memexcl_lend_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		lend(mm, 0);
	CUT_CHECK(test_load(mm, 0) == 5);
	mm_leave(mm);
}

void memexcl_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	} else {
		value = test_load(mm, 0);
		CUT_CHECK(value == 5 || value == 0);
	}
	mm_leave(mm);
}

/* W-D7: somebody has the lent page locked, without mmap_lock. */
void memexcl_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct folio *folio =
		page_folio(pfn_to_page(VIEW_PFN(test_entry(0, 0))));
	u32 i;

	if (index) {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
		CUT_CHECK(test_load(child, 0) == 5);
		mmput(child);
	} else if (folio_try_get(folio)) {
		folio_lock(folio);
		for (i = 0; i < 20; i++)
			cond_resched();
		folio_unlock(folio);
		folio_put(folio);
	}
	mm_leave(mm);
}
