// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_entries: hmm_range_fault() and entries that are neither empty nor
 * present, row by row of core.md 4.1 d and e; and that it ends.
 *
 * There are two devices, which is two owners, with pages of their own and
 * nothing else to them: a page of one is data in a frame the CPU cannot map.
 */
#include <linux/highmem.h>
#include <linux/hmm.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mm/listener.h"
#include "targets/mm/tests/mm_test.h"

#define FAULT	HMM_PFN_REQ_FAULT
#define WRITE	(HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE)

#define DEVICE_PAGES	4u

/* A device hands out its pages in order, and none twice. */
static struct device {
	struct dev_pagemap pgmap;
	u32 next;
} devices[2] __machine;

static struct mmu_interval_notifier interval __machine;
static unsigned long pfns[PROG_PAGES] __machine;

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

static void page_free(struct page *page)
{
}

/* Home, to a fresh page; or not, and the access is tried again. */
static vm_fault_t migrate_to_ram(struct vm_fault *vmf)
{
	unsigned long src = 0, dst = 0;
	struct migrate_vma args = {
		.vma = vmf->vma,
		.src = &src,
		.dst = &dst,
		.start = vmf->address,
		.end = vmf->address + PAGE_SIZE,
		.pgmap_owner = vmf->page->pgmap->owner,
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
		.fault_page = vmf->page,
	};
	struct page *page;

	if (migrate_vma_setup(&args))
		return VM_FAULT_SIGBUS;
	if (src & MIGRATE_PFN_MIGRATE) {
		page = alloc_page(GFP_HIGHUSER_MOVABLE);
		CUT_CHECK(page && folio_trylock(page_folio(page)));
		copy_user_highpage(page, migrate_pfn_to_page(src),
				   vmf->address, vmf->vma);
		dst = migrate_pfn(page_to_pfn(page));
	}
	migrate_vma_pages(&args);
	migrate_vma_finalize(&args);
	return 0;
}

static const struct dev_pagemap_ops pgmap_ops = {
	.page_free = page_free,
	.migrate_to_ram = migrate_to_ram,
};

void hmm_entries_boot(void)
{
	u32 i;

	mm_test_boot();
	for (i = 0; i < 2; i++) {
		devices[i].pgmap.type = MEMORY_DEVICE_PRIVATE;
		devices[i].pgmap.ops = &pgmap_ops;
		devices[i].pgmap.owner = &devices[i];
		devices[i].pgmap.nr = DEVICE_PAGES;
		CUT_CHECK(memremap_pages(&devices[i].pgmap) == 0);
	}
}

void hmm_entries_halt(void)
{
	mm_test_halt();
	memunmap_pages(&devices[0].pgmap);
	memunmap_pages(&devices[1].pgmap);
}

/* Page @page of @mm, which must be in memory, to a page of @device. */
static void to_device(struct mm_struct *mm, u32 page, struct device *device)
{
	unsigned long src = 0, dst = 0;
	struct migrate_vma args = {
		.src = &src,
		.dst = &dst,
		.start = VIEW_VA(page),
		.end = VIEW_VA(page + 1),
		.pgmap_owner = device,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};
	struct page *dpage;

	mmap_read_lock(mm);
	args.vma = vma_lookup(mm, VIEW_VA(page));
	CUT_CHECK(migrate_vma_setup(&args) == 0 && args.cpages == 1);
	CUT_CHECK(device->next < DEVICE_PAGES);
	dpage = pfn_to_page(device->pgmap.start + device->next++);
	zone_device_page_init(dpage);
	copy_user_highpage(dpage, migrate_pfn_to_page(src), VIEW_VA(page),
			   args.vma);
	dst = migrate_pfn(page_to_pfn(dpage));
	migrate_vma_pages(&args);
	CUT_CHECK(src & MIGRATE_PFN_MIGRATE);
	migrate_vma_finalize(&args);
	mmap_read_unlock(mm);
}

/* Lent to @owner's atomics. */
static void lend(struct mm_struct *mm, u32 page, void *owner)
{
	struct page *got = NULL;

	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range(mm, VIEW_VA(page),
					      VIEW_VA(page + 1), &got,
					      owner) == 1);
	mmap_read_unlock(mm);
	CUT_CHECK(got);
	folio_unlock(page_folio(got));
	put_user_page(got);
}

/* From a fresh sequence, with mmap_lock held. */
static int walk_locked(u32 first, u32 nr, unsigned long req, void *owner)
{
	struct hmm_range range = {
		.notifier = &interval,
		.notifier_seq = mmu_interval_read_begin(&interval),
		.start = VIEW_VA(first),
		.end = VIEW_VA(first + nr),
		.hmm_pfns = pfns,
		.default_flags = req,
		.dev_private_owner = owner,
	};

	return hmm_range_fault(&range);
}

static int walk(struct mm_struct *mm, u32 first, u32 nr, unsigned long req,
		void *owner)
{
	int ret;

	mmap_read_lock(mm);
	ret = walk_locked(first, nr, req, owner);
	mmap_read_unlock(mm);
	return ret;
}

/* Until it is not interrupted; how often it was is counted in *@busy. */
static int walk_until_done(struct mm_struct *mm, u32 first, u32 nr,
			   unsigned long req, void *owner, u32 *busy)
{
	int ret;

	for (*busy = 0; (ret = walk(mm, first, nr, req, owner)) == -EBUSY;)
		++*busy;
	return ret;
}

static void begin(struct mm_struct *mm)
{
	CUT_CHECK(mmu_interval_notifier_insert(&interval, mm, VIEW_VA(0),
					       PROG_PAGES * PAGE_SIZE,
					       &interval_ops) == 0);
}

static void end(struct mm_struct *mm)
{
	mmu_interval_notifier_remove(&interval);
	mm_leave(mm);
}

static u32 kind_at(u32 page)
{
	return VIEW_KIND(test_entry(0, page));
}

static bool reported(u32 i, u32 page, unsigned long flags)
{
	return pfns[i] == (VIEW_PFN(test_entry(0, page)) | flags);
}

/* d: a page of the device that asks is reported, whatever it asked for. */
void hmm_own_device_page(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	void *owner = &devices[0];

	begin(mm);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	to_device(mm, 0, &devices[0]);
	CUT_CHECK(kind_at(0) == VIEW_DEVICE_WRITE);
	CUT_CHECK(walk(mm, 0, 1, 0, owner) == 0 && reported(0, 0, WRITE));
	CUT_CHECK(walk(mm, 0, 1, FAULT, owner) == 0 && reported(0, 0, WRITE));
	CUT_CHECK(walk(mm, 0, 1, WRITE, owner) == 0 && reported(0, 0, WRITE));
	/* Read-only since mprotect: asking for more gets what there is. */
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			      PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(kind_at(0) == VIEW_DEVICE_READ);
	CUT_CHECK(walk(mm, 0, 1, FAULT, owner) == 0 && reported(0, 0, FAULT));
	CUT_CHECK(walk(mm, 0, 1, WRITE, owner) == 0 && reported(0, 0, FAULT));
	CUT_CHECK(kind_at(0) == VIEW_DEVICE_READ);
	CUT_CHECK(test_load(mm, 0) == 1 && kind_at(0) == VIEW_PRESENT);
	end(mm);
}

/* e: a page of another device, or of one while nobody is named, comes home. */
void hmm_foreign_device_page(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 busy;

	begin(mm);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(test_store(mm, 7, 2) == 0);
	to_device(mm, 0, &devices[0]);
	to_device(mm, 7, &devices[1]);
	CUT_CHECK(walk(mm, 0, 1, 0, &devices[1]) == 0 && !pfns[0]);
	CUT_CHECK(walk(mm, 0, 8, 0, NULL) == 0 && !pfns[0] && !pfns[7]);
	CUT_CHECK(kind_at(0) == VIEW_DEVICE_WRITE);
	/* Its migration invalidates what the walk stands on: once. */
	CUT_CHECK(walk_until_done(mm, 7, 1, WRITE, &devices[0], &busy) == 0);
	CUT_CHECK(busy == 1);
	CUT_CHECK(kind_at(7) == VIEW_PRESENT && reported(0, 7, WRITE));
	/* Its own it leaves alone. */
	CUT_CHECK(kind_at(0) == VIEW_DEVICE_WRITE);
	CUT_CHECK(walk_until_done(mm, 0, 1, FAULT, NULL, &busy) == 0);
	CUT_CHECK(busy == 1 && kind_at(0) == VIEW_PRESENT);
	CUT_CHECK(test_load(mm, 0) == 1 && test_load(mm, 7) == 2);
	end(mm);
}

/* e: a page lent to a device is given back to who asks, its owner too. */
void hmm_exclusive_entry(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	void *owner = &devices[0];
	u32 busy;

	begin(mm);
	CUT_CHECK(test_store(mm, 7, 1) == 0);
	lend(mm, 7, owner);
	CUT_CHECK(kind_at(7) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(walk(mm, 7, 1, 0, owner) == 0 && !pfns[0]);
	CUT_CHECK(kind_at(7) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(walk_until_done(mm, 7, 1, WRITE, owner, &busy) == 0);
	CUT_CHECK(busy == 1);
	CUT_CHECK(kind_at(7) == VIEW_PRESENT && reported(0, 7, WRITE));
	CUT_CHECK(test_load(mm, 7) == 1);
	end(mm);
}

/* e: a page on the move is not there for who asks for nothing. */
void hmm_migration_entry(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	unsigned long src = 0, dst = 0;
	struct migrate_vma args = {
		.src = &src,
		.dst = &dst,
		.start = VIEW_VA(7),
		.end = VIEW_VA(8),
		.pgmap_owner = &devices[0],
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};

	begin(mm);
	CUT_CHECK(test_store(mm, 7, 1) == 0);
	mmap_read_lock(mm);
	args.vma = vma_lookup(mm, VIEW_VA(7));
	CUT_CHECK(migrate_vma_setup(&args) == 0 && args.cpages == 1);
	CUT_CHECK(kind_at(7) == VIEW_MIGRATION_WRITE);
	CUT_CHECK(walk_locked(7, 1, 0, &devices[0]) == 0 && !pfns[0]);
	/* No page to go to: it is put back. */
	migrate_vma_pages(&args);
	migrate_vma_finalize(&args);
	mmap_read_unlock(mm);
	CUT_CHECK(kind_at(7) == VIEW_PRESENT);
	CUT_CHECK(walk(mm, 7, 1, WRITE, &devices[0]) == 0);
	CUT_CHECK(reported(0, 7, WRITE));
	end(mm);
}

/* a, f: registers are errors, by each flag of their VMA or by their entries, and
 * end at their end. */
void hmm_special_vmas(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	vm_flags_t special[] = { VM_IO, VM_PFNMAP, VM_IO | VM_PFNMAP, 0 };
	struct vm_area_struct *vma;
	u32 i;

	begin(mm);
	for (i = 0; i < ARRAY_SIZE(special); i++) {
		/* The first two are pages, for all that their entries say. */
		CUT_CHECK((i < 2 ? mmap_anon(mm, VIEW_VA(8 + i), PAGE_SIZE,
					     PROT_READ | PROT_WRITE) :
				   test_map_registers(mm, 8 + i, 1, PROT_READ |
						      PROT_WRITE)) == 0);
		CUT_CHECK(test_store(mm, 8 + i, 1) == 0);
		mmap_write_lock(mm);
		vma = vma_lookup(mm, VIEW_VA(8 + i));
		vma->vm_flags &= ~(VM_IO | VM_PFNMAP);
		vma->vm_flags |= special[i];
		mmap_write_unlock(mm);
		CUT_CHECK(walk(mm, 8 + i, 1, 0, NULL) == 0);
		CUT_CHECK(pfns[0] == HMM_PFN_ERROR);
		CUT_CHECK(walk(mm, 8 + i, 1, FAULT, NULL) == -EFAULT);
		CUT_CHECK(walk(mm, 8 + i, 1, WRITE, NULL) == -EFAULT);
	}
	CUT_CHECK(walk(mm, 7, 5, 0, NULL) == 0);
	CUT_CHECK(!pfns[0] && pfns[1] == HMM_PFN_ERROR &&
		  pfns[2] == HMM_PFN_ERROR && pfns[3] == HMM_PFN_ERROR &&
		  pfns[4] == HMM_PFN_ERROR);
	end(mm);
}

/* Each invalidation interrupts at most one walk, and then it is done. */
void hmm_busy_is_bounded(u32 index)
{
	struct mm_struct *mm;
	u32 i, busy;

	if (index) {
		mm = mm_enter(0);
		for (i = 0; i < 2; i++)
			CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(7),
						      PAGE_SIZE) == 0);
		mm_leave(mm);
		return;
	}
	mm = mm_enter(0);
	begin(mm);
	CUT_CHECK(walk_until_done(mm, 6, 2, FAULT, NULL, &busy) == 0);
	CUT_CHECK(busy <= 2);
	CUT_CHECK(pfns[0] & HMM_PFN_VALID && pfns[1] & HMM_PFN_VALID);
	end(mm);
}

/* A page moves while a device asks for it: it is waited for, or asked again. */
void hmm_meets_move(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	bool isolated;

	if (index) {
		mmap_read_lock(mm);
		CUT_CHECK(get_user_pages_remote(mm, VIEW_VA(0), 1, 0, &page,
						NULL) == 1);
		mmap_read_unlock(mm);
		isolated = folio_isolate_lru(page_folio(page));
		put_user_page(page);
		if (isolated)
			migrate_folio_unmap_and_move(page_folio(page),
						     GFP_HIGHUSER_MOVABLE);
	} else {
		CUT_CHECK(listener_mirror(0, 1, true) == 0);
	}
	mm_leave(mm);
}

/* The device that has a page loses it to a CPU while another asks for it. */
void hmm_device_page_boot(void)
{
	struct mm_struct *mm;

	hmm_entries_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 7, 1) == 0);
	to_device(mm, 7, &devices[0]);
	mm_leave(mm);
}

void hmm_device_page_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 busy;

	if (index) {
		CUT_CHECK(test_load(mm, 7) == 1);
	} else {
		begin(mm);
		CUT_CHECK(walk_until_done(mm, 7, 1, WRITE, &devices[1],
					  &busy) == 0);
		CUT_CHECK(reported(0, 7, WRITE));
		mmu_interval_notifier_remove(&interval);
	}
	mm_leave(mm);
}
