// SPDX-License-Identifier: GPL-2.0
/*
 * test_migrate_device: migrate_vma_*() and migrate_device_*() one rule at a
 * time [core 7]: who is a candidate, what setup, pages and finalize leave, and
 * every way back. Its races are in test_migrate_device_race.c.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/tests/test_device.h"

#define SYSTEM	MIGRATE_VMA_SELECT_SYSTEM
#define PRIVATE	MIGRATE_VMA_SELECT_DEVICE_PRIVATE
#define HOLE	MIGRATE_PFN_MIGRATE

void device_test_boot(void)
{
	mm_test_boot();
	device_boot(0);
	device_boot(1);
}

void device_test_halt(void)
{
	mm_test_halt();
	device_gone(0);
	device_gone(1);
}

static u32 pfn_at(u32 slot, u32 page)
{
	return VIEW_PFN(test_entry(slot, page));
}

static u32 kind_at(u32 slot, u32 page)
{
	return VIEW_KIND(test_entry(slot, page));
}

/* A source of this frame, with the right to write or without. */
static unsigned long source(u32 pfn, bool write)
{
	return migrate_pfn(pfn) | MIGRATE_PFN_MIGRATE |
	       (write ? MIGRATE_PFN_WRITE : 0);
}

/* The page is where and as it was before a migration looked at it. */
static void check_untouched(u32 page, u64 word)
{
	struct view_page v = view_mm.page(VIEW_PFN(word));

	CUT_CHECK(test_entry(0, page) == word);
	CUT_CHECK(!v.locked && v.refcount == 1 && v.mapcount == 1);
	CUT_CHECK(v.lru == (v.zone != ZONE_DEVICE));
	CUT_CHECK(v.exclusive);
}

/* Setup alone, with every page left where it is. */
static void check_sources(struct mm_struct *mm, u32 page, u32 count,
			  unsigned long flags, const unsigned long *want)
{
	struct device_move move;
	u32 i;

	CUT_CHECK(device_setup(&move, 0, mm, page, count, flags) == 0);
	CUT_CHECK(move.args.npages == count);
	for (i = 0; i < count; i++)
		CUT_CHECK(move.src[i] == want[i]);
	/* Nothing was collected, nothing is to be let go. */
	if (!move.args.cpages)
		return;
	move.skip = ~0u;
	device_copy(&move, test_device(0));
	CUT_CHECK(device_commit(&move) == 0);
}

/*
 * One page of each kind there is in an anonymous VMA: 0 nothing, 1 the zero
 * page, 2 and 6 ours, 3 shared with a child, 4 of this device, 5 of the other,
 * 7 pinned.
 */
void mdev_selects(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *pinned;
	u32 pfn[8], i;

	CUT_CHECK(test_store(mm, 3, 3) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(test_load(mm, 1) == 0);
	for (i = 2; i < 8; i++)
		CUT_CHECK(i == 3 || test_store(mm, i, i) == 0);
	CUT_CHECK(device_to(0, mm, 4, 1) == 1);
	CUT_CHECK(device_to(1, mm, 5, 1) == 1);
	CUT_CHECK(kind_at(0, 4) == VIEW_DEVICE_WRITE);
	for (i = 0; i < 8; i++)
		pfn[i] = pfn_at(0, i);

	mmap_read_lock(mm);
	CUT_CHECK(pin_user_pages_remote(mm, VIEW_VA(7), 1, FOLL_WRITE, &pinned,
					NULL) == 1);
	check_sources(mm, 0, 8, SYSTEM, (const unsigned long[]){
		HOLE, HOLE, source(pfn[2], true), source(pfn[3], false), 0, 0,
		source(pfn[6], true), 0 });
	/* A hole is one whoever asks; a zero page is of the system. */
	check_sources(mm, 0, 8, PRIVATE, (const unsigned long[]){
		HOLE, 0, 0, 0, source(pfn[4], true), 0, 0, 0 });
	unpin_user_page(pinned);
	mmap_read_unlock(mm);

	for (i = 2; i < 8; i++)
		CUT_CHECK(pfn_at(0, i) == pfn[i] && test_load(mm, i) == i);
	mmput(child);
	mm_leave(mm);
}

/* Entries that stand for somebody else's work are passed over: 0 is lent to a
 * device's atomics, 1 on its way already, 2 locked by somebody. */
void mdev_skips_entries(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct folio *moving, *locked;
	struct page *page;
	u32 i;

	for (i = 0; i < 3; i++)
		CUT_CHECK(test_store(mm, i, i + 1) == 0);
	moving = page_folio(pfn_to_page(pfn_at(0, 1)));
	locked = page_folio(pfn_to_page(pfn_at(0, 2)));
	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(0), VIEW_VA(1), &page,
					      NULL) == 1);
	folio_unlock(page_folio(page));
	put_user_page(page);
	CUT_CHECK(kind_at(0, 0) == VIEW_EXCLUSIVE_WRITE);
	folio_get(moving);
	CUT_CHECK(folio_trylock(moving) && folio_trylock(locked));
	try_to_migrate(moving, TTU_NONE);
	CUT_CHECK(kind_at(0, 1) == VIEW_MIGRATION_WRITE);
	check_sources(mm, 0, 3, SYSTEM, (const unsigned long[]){ 0, 0, 0 });
	CUT_CHECK(kind_at(0, 1) == VIEW_MIGRATION_WRITE);
	remove_migration_ptes(moving, moving, false);
	folio_unlock(locked);
	folio_unlock(moving);
	folio_put(moving);
	mmap_read_unlock(mm);
	for (i = 0; i < 3; i++)
		CUT_CHECK(test_load(mm, i) == i + 1);
	mm_leave(mm);
}

/* A file: what is cached is collected and stays; private copies move. */
void mdev_files(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = file_slot_get(0);
	u32 cached, own;

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(8), 4 * PAGE_SIZE,
			    PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0) == 0);
	fput(file);
	CUT_CHECK(test_load(mm, 8) == 0 && test_store(mm, 9, 9) == 0);
	cached = pfn_at(0, 8);
	own = pfn_at(0, 9);
	mmap_read_lock(mm);
	check_sources(mm, 8, 4, SYSTEM, (const unsigned long[]){
		source(cached, false), source(own, true), 0, 0 });
	mmap_read_unlock(mm);
	CUT_CHECK(device_to(0, mm, 8, 4) == 1);
	CUT_CHECK(pfn_at(0, 8) == cached);
	CUT_CHECK(view_mm.page(cached).lru && !view_mm.page(cached).locked);
	CUT_CHECK(kind_at(0, 9) == VIEW_DEVICE_WRITE);
	CUT_CHECK(test_load(mm, 9) == 9 && test_load(mm, 8) == 0);
	mm_leave(mm);
}

void mdev_errors_hold(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct device_move move;
	struct migrate_vma good, bad;
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = vma_lookup(mm, VIEW_VA(0));
	CUT_CHECK(device_setup(&move, 0, mm, 2, 2, PRIVATE) == 0);
	CUT_CHECK(move.args.cpages == 2 && move.src[0] == HOLE);
	good = move.args;
#define BAD(change) do {						\
	bad = good;							\
	change;								\
	CUT_CHECK(migrate_vma_setup(&bad) == -EINVAL);			\
	CUT_CHECK(!bad.cpages);						\
} while (0)
	BAD(bad.vma = NULL);
	BAD(bad.end = bad.start);
	BAD(bad.end = bad.start + PAGE_SIZE - 1);
	BAD(bad.end = bad.start - PAGE_SIZE);
	BAD(bad.start = vma->vm_start - PAGE_SIZE);
	BAD((bad.start = vma->vm_end, bad.end = vma->vm_end + PAGE_SIZE));
	BAD(bad.end = vma->vm_end + PAGE_SIZE);
	BAD(bad.src = NULL);
	BAD(bad.dst = NULL);
	BAD(bad.fault_page = pfn_to_page(NORMAL_PFN));
	vma->vm_flags |= VM_PFNMAP;
	BAD((void)0);
	vma->vm_flags &= ~VM_PFNMAP;
	vma->vm_flags |= VM_HUGETLB;
	BAD((void)0);
	vma->vm_flags &= ~VM_HUGETLB;
#undef BAD
	/* A part of a page is the whole of it. */
	good.start += 1;
	CUT_CHECK(migrate_vma_setup(&good) == 0 && good.npages == 2);
	mmap_write_unlock(mm);
	mm_leave(mm);
}

/* There, where the CPU finds nothing, and back by a fault. */
void mdev_goes_and_comes(u32 index)
{
	struct test_device *dev = test_device(0);
	struct mm_struct *mm = mm_enter(0);
	u32 page, dpfn, free = view_mm.nr_free();

	for (page = 0; page < 3; page++)
		CUT_CHECK(test_store(mm, page, page + 1) == 0);
	CUT_CHECK(device_to(0, mm, 0, 3) == 3);
	CUT_CHECK(view_mm.nr_free() == free && dev->nr_free == 5);
	CUT_CHECK(dev->pgmap.ref == 4 && view_mm.mm(0).rss == 3);
	dpfn = pfn_at(0, 0);
	check_untouched(0, VIEW_WORD(VIEW_DEVICE_WRITE,
				     test_entry(0, 0) & VIEW_SOFT_DIRTY, dpfn));
	CUT_CHECK(page_load(pfn_to_page(dpfn)) == 1);
	for (page = 0; page < 3; page++)
		CUT_CHECK(test_load(mm, page) == page + 1);
	CUT_CHECK(dev->faults == 3 && dev->nr_free == DEVICE_PAGES);
	CUT_CHECK(view_mm.nr_free() == free - 3);
	CUT_CHECK(dev->pgmap.ref == 1 && view_mm.mm(0).rss == 3);
	CUT_CHECK(view_mm.page(dpfn).mapping == VIEW_MAPPING_NONE);
	CUT_CHECK(!view_mm.page(dpfn).exclusive);
	/* What came back is this mm's alone, and on the LRU. */
	check_untouched(1, test_entry(0, 1));
	CUT_CHECK(test_store(mm, 0, 7) == 0 && test_load(mm, 0) == 7);
	mm_leave(mm);
}

/* Nothing there yet: rights are the VMA's, content is zeroes. */
void mdev_fills_holes(u32 index)
{
	struct test_device *dev = test_device(0);
	struct mm_struct *mm = mm_enter(0);
	u32 page;

	CUT_CHECK(mmap_anon(mm, VIEW_VA(9), PAGE_SIZE, PROT_READ) == 0);
	/* No table at all, then a table and the zero page beside a hole. */
	CUT_CHECK(device_to(0, mm, 0, 2) == 2);
	CUT_CHECK(test_load(mm, 3) == 0);
	CUT_CHECK(device_to(0, mm, 2, 2) == 2);
	for (page = 0; page < 4; page++)
		check_untouched(page, VIEW_WORD(VIEW_DEVICE_WRITE, 0,
						pfn_at(0, page)));
	CUT_CHECK(device_to(0, mm, 9, 1) == 1);
	CUT_CHECK(kind_at(0, 9) == VIEW_DEVICE_READ);
	CUT_CHECK(view_mm.mm(0).rss == 5 && dev->nr_free == 3);
	CUT_CHECK(test_load(mm, 9) == 0 && test_store(mm, 9, 1) == -EFAULT);
	CUT_CHECK(test_load(mm, 0) == 0 && test_store(mm, 0, 1) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE) == 0);
	CUT_CHECK(dev->nr_free == DEVICE_PAGES && view_mm.mm(0).rss == 1);
	mm_leave(mm);
}

/* A reaped mm has lost what was there; nothing may come in its place. */
void mdev_reaped_gets_nothing(u32 index)
{
	struct test_device *dev = test_device(0);
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(oom_reap_task_mm(mm) == 0);
	CUT_CHECK(device_to(0, mm, 0, 2) == 0);
	CUT_CHECK(dev->nr_free == DEVICE_PAGES);
	CUT_CHECK(kind_at(0, 0) == VIEW_NONE && view_mm.mm(0).rss == 0);
	mm_leave(mm);
}

/*
 * The ways back: 0 pinned, seen by collect; 1 referenced, seen by check_page;
 * 2 off the LRU; 3 no destination; 4 a reference that comes after setup.
 */
void mdev_restores(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct folio *isolated, *late;
	struct page *pinned, *got;
	struct device_move move;
	u64 word[5];
	u32 i;

	for (i = 0; i < 5; i++)
		CUT_CHECK(test_store(mm, i, i + 1) == 0);
	for (i = 0; i < 5; i++)
		word[i] = test_entry(0, i);
	isolated = page_folio(pfn_to_page(VIEW_PFN(word[2])));
	late = page_folio(pfn_to_page(VIEW_PFN(word[4])));
	mmap_read_lock(mm);
	CUT_CHECK(pin_user_pages_remote(mm, VIEW_VA(0), 1, FOLL_WRITE, &pinned,
					NULL) == 1);
	CUT_CHECK(get_user_pages_remote(mm, VIEW_VA(1), 1, FOLL_WRITE, &got,
					NULL) == 1);
	CUT_CHECK(folio_isolate_lru(isolated));
	CUT_CHECK(device_setup(&move, 0, mm, 0, 5, SYSTEM) == 0);
	CUT_CHECK(move.args.cpages == 2);
	for (i = 0; i < 3; i++)
		CUT_CHECK(!move.src[i] && test_entry(0, i) == word[i]);
	CUT_CHECK(kind_at(0, 4) == VIEW_MIGRATION_WRITE);
	move.skip = 1 << 3;
	device_copy(&move, test_device(0));
	CUT_CHECK(folio_try_get(late));
	CUT_CHECK(device_commit(&move) == 0);
	folio_put(late);
	folio_putback_lru(isolated);
	put_user_page(got);
	unpin_user_page(pinned);
	mmap_read_unlock(mm);
	for (i = 0; i < 5; i++)
		check_untouched(i, word[i]);
	CUT_CHECK(test_device(0)->nr_free == DEVICE_PAGES);
	mm_leave(mm);
}

/* Of a page shared with a child every entry moves, and none may write. */
void mdev_moves_shared(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(device_to(0, mm, 0, 1) == 1);
	CUT_CHECK(kind_at(0, 0) == VIEW_DEVICE_READ);
	CUT_CHECK(test_entry(1, 0) == test_entry(0, 0));
	pfn = pfn_at(0, 0);
	CUT_CHECK(view_mm.page(pfn).mapcount == 2);
	CUT_CHECK(view_mm.page(pfn).refcount == 2);
	CUT_CHECK(!view_mm.page(pfn).exclusive);
	CUT_CHECK(test_store(child, 0, 2) == 0);
	CUT_CHECK(test_load(mm, 0) == 1 && test_load(child, 0) == 2);
	mmput(child);
	mm_leave(mm);
}

/* What the entry knew of stores, the page knows afterwards. */
void mdev_keeps_dirty(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct device_move move;
	u64 word;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	word = test_entry(0, 0);
	CUT_CHECK((word & VIEW_DIRTY) && (word & VIEW_SOFT_DIRTY));
	CUT_CHECK(!view_mm.page(VIEW_PFN(word)).dirty);
	mmap_read_lock(mm);
	CUT_CHECK(device_setup(&move, 0, mm, 0, 1, SYSTEM) == 0);
	CUT_CHECK(view_mm.page(VIEW_PFN(word)).dirty);
	device_copy(&move, test_device(0));
	CUT_CHECK(device_commit(&move) == 1);
	mmap_read_unlock(mm);
	CUT_CHECK(view_mm.page(pfn_at(0, 0)).dirty);
	CUT_CHECK(test_entry(0, 0) & VIEW_SOFT_DIRTY);
	CUT_CHECK(test_load(mm, 0) == 1);
	CUT_CHECK(view_mm.page(pfn_at(0, 0)).dirty);
	mm_leave(mm);
}

/* Frames, whoever maps them. One that somebody refers to comes back as it was,
 * free ones are passed over. */
void mdev_range_evicts(u32 index)
{
	struct test_device *dev = test_device(0);
	struct mm_struct *mm = mm_enter(0), *child;
	struct folio *busy;

	CUT_CHECK(test_store(mm, 0, 1) == 0 && test_store(mm, 1, 2) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(test_store(mm, 1, 3) == 0);
	CUT_CHECK(device_to(0, mm, 0, 3) == 3);
	busy = page_folio(pfn_to_page(pfn_at(0, 1)));
	CUT_CHECK(folio_try_get(busy));
	CUT_CHECK(device_evict(0, NULL) == 2);
	CUT_CHECK(kind_at(0, 0) == VIEW_PRESENT);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_W));
	CUT_CHECK(pfn_at(1, 0) == pfn_at(0, 0));
	CUT_CHECK(kind_at(0, 1) == VIEW_DEVICE_WRITE);
	CUT_CHECK(kind_at(0, 2) == VIEW_PRESENT);
	folio_put(busy);
	CUT_CHECK(device_evict(0, NULL) == 1 && device_evict(0, NULL) == 0);
	CUT_CHECK(dev->faults == 0 && dev->nr_free == DEVICE_PAGES);
	CUT_CHECK(test_load(mm, 0) == 1 && test_load(mm, 1) == 3);
	CUT_CHECK(test_load(mm, 2) == 0 && test_load(child, 1) == 2);
	mmput(child);
	mm_leave(mm);
}

/* No page to come back to is fatal to the access, and to it alone. */
void mdev_back_fails(u32 index)
{
	struct test_device *dev = test_device(0);
	struct mm_struct *mm = mm_enter(0);
	u64 word;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(device_to(0, mm, 0, 1) == 1);
	word = test_entry(0, 0);
	dev->no_memory = true;
	CUT_CHECK(test_load(mm, 0) == ~0u);
	check_untouched(0, word);
	dev->no_memory = false;
	CUT_CHECK(test_load(mm, 0) == 1);
	mm_leave(mm);
}

/* Pages and memory may run out at every place where they are asked for. */
void device_fault_boot(void)
{
	device_test_boot();
	kernel_boot(KERNEL_FAULT_ALLOC);
}

/*
 * A hole without a table, in a VMA without an anon_vma, is where most is asked
 * for. What does not move stays, and what cannot come back is lost to the
 * access, not to the mm.
 */
void mdev_allocations_fail(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 page, value, stored = 0;

	for (page = 6; page < 8; page++)
		if (!test_store(mm, page, page))
			stored |= 1 << page;
	if (mmap_anon(mm, VIEW_VA(8), 2 * PAGE_SIZE, PROT_READ | PROT_WRITE))
		goto leave;
	CUT_CHECK(device_to(0, mm, 6, 2) >= 0 && device_to(0, mm, 8, 2) >= 0);
	for (page = 6; page < 10; page++) {
		value = test_load(mm, page);
		CUT_CHECK(value == ~0u ||
			  value == (stored >> page & 1 ? page : 0));
	}
leave:
	mm_leave(mm);
}

/* Frames are taken lowest first, and again when their device is gone. */
void memremap_takes_and_gives(u32 index)
{
	struct test_device *one = test_device(1);
	struct dev_pagemap big = test_device(0)->pgmap;
	u32 start = one->pgmap.start;

	CUT_CHECK(test_device(0)->pgmap.start == DEVICE_PFN);
	CUT_CHECK(start == DEVICE_PFN + DEVICE_PAGES);
	device_gone(1);
	big.nr = END_PFN - DEVICE_PFN;
	CUT_CHECK(memremap_pages(&big) == -ENOMEM);
	big.nr++;
	CUT_CHECK(memremap_pages(&big) == -EINVAL);
	big.nr = 0;
	CUT_CHECK(memremap_pages(&big) == -EINVAL);
	big.nr = END_PFN - start;
	CUT_CHECK(memremap_pages(&big) == 0 && big.start == start);
	memunmap_pages(&big);
	device_boot(1);
	CUT_CHECK(test_device(1)->pgmap.start == start);
}
