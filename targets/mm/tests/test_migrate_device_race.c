// SPDX-License-Identifier: GPL-2.0
/*
 * test_migrate_device_race: a migration and what runs beside it: W-MIG1 to
 * W-MIG7 of core.md 7.6, and a device that goes while its pages are in use.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/test_device.h"

#define SYSTEM	MIGRATE_VMA_SELECT_SYSTEM

/* Page 0 of slot 0 holds 1, and is on device 0. */
void device_page_boot(void)
{
	struct mm_struct *mm;

	device_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(device_to(0, mm, 0, 1) == 1);
	mm_leave(mm);
}

/* Page 0 of slot 0 holds 1, in RAM; with a child in slot 1 or without. */
void device_ram_boot(void)
{
	struct mm_struct *mm;

	device_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	mm_leave(mm);
}

static struct mm_struct *child __machine;

void device_shared_boot(void)
{
	struct mm_struct *mm;

	device_ram_boot();
	mm = mm_enter(0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	mm_leave(mm);
}

void device_shared_halt(void)
{
	mmput(child);
	device_test_halt();
}

/* No race: what most mutations of the way there and back need. */
void mdev_round_trip(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	device_to(0, mm, 0, 1);
	test_load(mm, 0);
	mm_leave(mm);
}

/* W-MIG1: a fault fills the hole first, or finds the device's page. */
void mdev_hole_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_store(mm, 0, 5) == 0);
		CUT_CHECK(test_load(mm, 0) == 5);
	} else {
		device_to(0, mm, 0, 1);
	}
	mm_leave(mm);
}

void mdev_hole_halt(void)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == 5);
	mm_leave(mm);
	device_test_halt();
}

/* W-MIG2: what is zapped on the way is gone, and so is where it went. */
void mdev_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_load(mm, 0) == 0);
	} else {
		device_to(0, mm, 0, 1);
		CUT_CHECK(test_load(mm, 0) <= 1);
	}
	mm_leave(mm);
}

/* W-MIG3: a pin without the PTL keeps the page, or comes too late. */
void mdev_pin_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (index) {
		if (pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &page) > 0) {
			CUT_CHECK(!is_zone_device_page(page));
			CUT_CHECK(PageAnonExclusive(page));
			CUT_CHECK(test_store(mm, 0, 6) == 0);
			CUT_CHECK(page_load(page) == 6);
			unpin_user_page(page);
		}
	} else {
		device_to(0, mm, 0, 1);
	}
	mm_leave(mm);
}

/* W-MIG4: one of two movers gets a page, and both finish. */
void mdev_movers_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int moved = device_to(index, mm, 0, 2);

	CUT_CHECK(moved >= 0 && moved <= 2);
	CUT_CHECK(test_load(mm, 0) == 1 && test_load(mm, 1) == 0);
	mm_leave(mm);
}

/* W-MIG5: eviction holds no mmap_lock, so fork may copy what it left. */
void mdev_evict_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *new;

	if (index) {
		new = dup_mm(mm);
		CUT_CHECK(!IS_ERR(new));
		CUT_CHECK(test_store(new, 0, 2) == 0);
		CUT_CHECK(test_load(mm, 0) == 1);
		mmput(new);
	} else {
		device_evict(0, NULL);
	}
	mm_leave(mm);
}

void mdev_evict_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
				      PROT_READ) == 0);
		CUT_CHECK(test_store(mm, 0, 2) == -EFAULT);
		CUT_CHECK(test_load(mm, 0) == 1);
	} else {
		device_evict(0, NULL);
	}
	mm_leave(mm);
}

/* W-MIG6: who waits for a page that moves sleeps on one that is freed. */
void mdev_waiter_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_store(mm, 0, 2) == 0);
		CUT_CHECK(test_load(mm, 0) == 2);
	} else {
		CUT_CHECK(device_to(0, mm, 0, 1) <= 1);
	}
	mm_leave(mm);
}

/* W-MIG7: two faults of one device page. Both finish, one by waiting. */
void mdev_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == 1);
	mm_leave(mm);
}

/* Eviction meets the way back, and another eviction. */
void mdev_evict_fault_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index == 1) {
		CUT_CHECK(test_store(mm, 0, 2) == 0);
		CUT_CHECK(test_load(mm, 0) == 2);
	} else {
		device_evict(0, NULL);
	}
	mm_leave(mm);
}

/* Nobody holds mmap_lock: all who map the page exit while it moves. */
void mdev_evict_exit_race(u32 index)
{
	if (index)
		mm_halt();
	else
		device_evict(0, NULL);
}

/* As above without luck: they are gone before the page is put back. */
void mdev_evict_outlives_mm(u32 index)
{
	CUT_CHECK(device_evict(0, mm_halt) == 1);
	CUT_CHECK(test_device(0)->nr_free == DEVICE_PAGES);
}

/*
 * The device goes while its page is mapped: it brings home what it can, and
 * sleeps for the rest. A load that is on its way is what ends that sleep.
 */
void memremap_gone_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_load(mm, 0) == 1);
	} else {
		device_evict(0, NULL);
		device_gone(0);
		device_boot(0);
	}
	mm_leave(mm);
}

/* Without eviction only those who free the page wake who waits for it. */
void memremap_waits_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	else
		device_gone(0);
	mm_leave(mm);
	if (!index)
		device_boot(0);
}

/*
 * A load beside a migration of a page that is not exclusive, so that collect
 * owes one flush for all: what it must not read is the page MADV_DONTNEED took.
 */
void mdev_stale_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_load(mm, 0) == 1);
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_load(mm, 0) == 0);
	} else {
		device_to(0, mm, 0, 1);
	}
	mm_leave(mm);
}

/* Shared with a child: whatever moves, each keeps what is its own. */
void mdev_shared_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(test_store(mm, 0, 2) == 0);
		CUT_CHECK(test_load(child, 0) == 1);
		CUT_CHECK(test_load(mm, 0) == 2);
	} else {
		device_to(0, mm, 0, 1);
		CUT_CHECK(test_load(child, 0) == 1);
	}
	mm_leave(mm);
}
