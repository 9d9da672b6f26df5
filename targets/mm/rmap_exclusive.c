// SPDX-License-Identifier: GPL-2.0
/*
 * rmap_exclusive.c: a page is lent to a device's atomics.
 *
 * Models make_device_exclusive_range() of mm/rmap.c, 6.12. Spec:
 * device-exclusive.md 3, form T. Lock order: rmap.c; mmap_lock is held too,
 * in any mode. Given back by a fault, in memory.c.
 *
 *	driver					another CPU
 *	get the page, lock it
 *	bracket, take its entries away
 *						access: fault, wants the lock
 *	program the device
 *	unlock the page
 *						bracket: device loses it
 *						entry restored, access
 *
 * A failure leaves what was replaced so far: each such entry is a mapping that
 * the next access restores. MADV_DONTNEED, the reaper and truncate may take an
 * entry away even while the lock is held; the driver must look again under its
 * own lock before it programs the device (window W-D2).
 *
 * What an older form of all this did otherwise is asked of exclusive_form.
 *
 * Lent pages are not counted as mapped. Who moves pages does not find them in
 * use then, only referenced, for as long as no CPU wants them back: they would
 * be as good as pinned (Q-D3), so folio_take_back() gives them back first.
 *
 * Differences:
 *  - a folio is one page, so there are no tails to refuse;
 *  - folio_take_back(); later kernels count lent pages as mapped, to the same
 *    end. The 6.12 form is excl_q_d3_blocks_migration.
 */
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

static bool merged_may_lend(const struct folio *folio)
{
	return folio_test_anon(folio);
}

static bool merged_made(const struct folio *folio, bool valid)
{
	return valid && !folio_mapped(folio);
}

const struct exclusive_form exclusive_merged = {
	.name	= "merged",
	.event	= MMU_NOTIFY_EXCLUSIVE,
	.may_lend = merged_may_lend,
	.made	= merged_made,
};
const struct exclusive_form *exclusive_form __machine = &exclusive_merged;

/* @valid: the walk met @address of @mm, mapped writable. */
struct make_exclusive_args {
	struct mm_struct *mm;
	unsigned long address;
	void *owner;
	bool valid;
};

static pte_t exclusive_pte(struct folio *folio, pte_t pteval)
{
	unsigned long pfn = folio_pfn(folio);
	pte_t swp_pte;

	swp_pte = swp_entry_to_pte(pte_write(pteval) ?
				   make_writable_device_exclusive_entry(pfn) :
				   make_readable_device_exclusive_entry(pfn));
	if (pte_soft_dirty(pteval) && !mutated(excl_forgets_soft_dirty))
		swp_pte = pte_swp_mksoft_dirty(swp_pte);
	if (pte_uffd_wp(pteval))
		swp_pte = pte_swp_mkuffd_wp(swp_pte);
	return swp_pte;
}

/* Under the PTL. The entry's reference stays, for another reason. */
static void set_exclusive_entry(struct page_vma_mapped_walk *pvmw,
				struct folio *folio,
				struct make_exclusive_args *args)
{
	struct vm_area_struct *vma = pvmw->vma;
	struct mm_struct *mm = vma->vm_mm;
	pte_t pteval;

	rt_point(RT_SITE(RT_NOTE, "page_make_device_exclusive_one", NULL),
		 pvmw->pte);
	if (mutated(excl_make_skip_flush))
		pteval = ptep_get_and_clear(mm, pvmw->address, pvmw->pte);
	else
		pteval = ptep_clear_flush(vma, pvmw->address, pvmw->pte);
	if (pte_dirty(pteval) && !mutated(excl_drops_dirty))
		folio_mark_dirty(folio);
	if (args->mm == mm && args->address == pvmw->address &&
	    pte_write(pteval))
		args->valid = true;
	set_pte_at(mm, pvmw->address, pvmw->pte, exclusive_pte(folio, pteval));
	folio_lent_inc(folio);
	if (!mutated(excl_make_keeps_rmap))
		folio_remove_rmap_pte(folio, &folio->page, vma);
	page_ref_move(&folio->page, VIEW_REF_PTE, VIEW_REF_DEXCL);
}

static bool page_make_device_exclusive_one(struct folio *folio,
					   struct vm_area_struct *vma,
					   unsigned long address, void *priv)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, 0);
	struct make_exclusive_args *args = priv;
	bool bracket = !mutated(excl_make_skip_bracket);
	struct mmu_notifier_range range;
	bool ret = true;

	mmu_notifier_range_init_owner(&range, exclusive_form->event,
				      MMU_NOTIFIER_RANGE_BLOCKABLE,
				      vma->vm_mm, address, address + PAGE_SIZE,
				      args->owner);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	while (ret && page_vma_mapped_walk(&pvmw)) {
		/* Somebody's already: its word is not one of a mapping. */
		if (!pte_present(ptep_get(pvmw.pte)))
			ret = false;
		else
			set_exclusive_entry(&pvmw, folio, args);
	}
	page_vma_mapped_walk_done(&pvmw);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	return ret;
}

/*
 * Needs the folio lock. The page was found at @address a while ago: by now it
 * may be mapped nowhere, and another page there. Only what the walk itself met
 * at @address counts.
 */
static bool folio_make_device_exclusive(struct folio *folio,
					struct mm_struct *mm,
					unsigned long address, void *owner)
{
	struct make_exclusive_args args = {
		.mm = mm,
		.address = address,
		.owner = owner,
	};
	struct rmap_walk_control rwc = {
		.rmap_one = page_make_device_exclusive_one,
		.done = folio_not_mapped,
		.anon_lock = folio_lock_anon_vma_read,
		.arg = &args,
	};

	if (!exclusive_form->may_lend(folio))
		return false;
	rmap_walk(folio, &rwc);
	return exclusive_form->made(folio, args.valid ||
					   mutated(excl_skip_valid));
}


/* One page, with its reference of reason GUP. NULL: it failed, and both the
 * lock and the reference are gone. */
static struct page *make_page_exclusive(struct mm_struct *mm,
					unsigned long address,
					struct page *page, void *owner)
{
	struct folio *folio = page_folio(page);

	if (folio_trylock(folio)) {
		if (folio_make_device_exclusive(folio, mm, address, owner)) {
			view_emit(EV_exclusive_made, mm->slot, address,
				  folio_pfn(folio));
			return page;
		}
		folio_unlock(folio);
	}
	view_emit(EV_exclusive_failed, mm->slot, address, folio_pfn(folio));
	put_user_page(page);
	return NULL;
}

/*
 * The number of pages GUP found, or its error. pages[i] is locked and has a
 * reference of reason GUP, or is NULL: not made. The owner's callbacks may
 * ignore EXCLUSIVE brackets of @owner, and nothing else.
 */
int make_device_exclusive_range(struct mm_struct *mm, unsigned long start,
				unsigned long end, struct page **pages,
				void *owner)
{
	long npages = (end - start) >> PAGE_SHIFT, i;

	mmap_assert_locked(mm);
	view_emit(EV_exclusive_begin, mm->slot, start, (u64)(size_t)owner);
	npages = get_user_pages_remote(mm, start, npages,
				       FOLL_GET | FOLL_WRITE | FOLL_SPLIT_PMD,
				       pages, NULL);
	if (npages < 0) {
		view_emit(EV_exclusive_failed, mm->slot, start, 0);
		return npages;
	}
	for (i = 0; i < npages; i++, start += PAGE_SIZE)
		pages[i] = make_page_exclusive(mm, start, pages[i], owner);
	return npages;
}

static bool folio_take_back_one(struct folio *folio, struct vm_area_struct *vma,
				unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, PVMW_SYNC);
	bool bracket = !mutated(excl_taken_back_untold);
	struct mmu_notifier_range range;

	mmu_notifier_range_init_owner(&range, exclusive_form->event,
				      MMU_NOTIFIER_RANGE_BLOCKABLE,
				      vma->vm_mm, address, address + PAGE_SIZE,
				      NULL);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	while (page_vma_mapped_walk(&pvmw)) {
		pte_t pte = ptep_get(pvmw.pte);

		if (is_swap_pte(pte) &&
		    is_device_exclusive_entry(pte_to_swp_entry(pte)))
			restore_exclusive_pte(vma, &folio->page, address,
					      pvmw.pte);
	}
	page_vma_mapped_walk_done(&pvmw);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	return true;
}

static int folio_not_lent(struct folio *folio)
{
	return !folio_lent(folio);
}

/*
 * Every entry that lends @folio maps it again, and every device that had it was
 * told before. Needs the folio lock, so none gets it meanwhile; may sleep.
 */
void folio_take_back(struct folio *folio)
{
	struct rmap_walk_control rwc = {
		.rmap_one = folio_take_back_one,
		.done = folio_not_lent,
		.anon_lock = folio_lock_anon_vma_read,
	};

	rmap_walk(folio, &rwc);
}
