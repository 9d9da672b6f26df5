// SPDX-License-Identifier: GPL-2.0
/*
 * rmap_migrate.c: every entry of a page becomes a migration entry.
 *
 * Models try_to_migrate() of mm/rmap.c, 6.12. Spec: core.md 6.10. Lock order:
 * rmap.c. Undone by remove_migration_ptes(), in migrate.c.
 *
 * A VMA is visited because it might map the page; the bracket is opened before
 * its entry is looked for, since callbacks sleep and the PTL must not be held
 * over them. An anonymous page that may be pinned stays where it is: the
 * entry is taken away first, so that no pin can begin, and put back if one is
 * found. The walk ends there, and entries replaced on the way stay replaced.
 *
 * Differences: no batched flush, no poisoned pages; a huge entry of the page is
 * split, there being no huge migration entries.
 */
#include <linux/huge_mm.h>
#include <linux/memremap.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/* What stands for @pteval, an entry of @folio, while the page moves. */
static pte_t migration_pte(struct folio *folio, pte_t pteval,
			   bool anon_exclusive)
{
	bool device = folio_is_device_private(folio);
	unsigned long pfn = folio_pfn(folio);
	bool writable = pte_write(pteval);
	swp_entry_t entry;
	pte_t swp_pte;

	if (device) {
		entry = pte_to_swp_entry(pteval);
		writable = is_writable_device_private_entry(entry);
	}
	if (writable)
		entry = make_writable_migration_entry(pfn);
	else if (anon_exclusive)
		entry = make_readable_exclusive_migration_entry(pfn);
	else
		entry = make_readable_migration_entry(pfn);
	if (!device && pte_young(pteval))
		entry = make_migration_entry_young(entry);
	if (!device && pte_dirty(pteval))
		entry = make_migration_entry_dirty(entry);
	swp_pte = swp_entry_to_pte(entry);
	if (pte_swp_soft_dirty(pteval))
		swp_pte = pte_swp_mksoft_dirty(swp_pte);
	if (pte_swp_uffd_wp(pteval))
		swp_pte = pte_swp_mkuffd_wp(swp_pte);
	return swp_pte;
}

/* Under the PTL of @pvmw's entry. False: the page may be pinned; it is as it
 * was. */
static bool set_migration_entry(struct page_vma_mapped_walk *pvmw,
				struct folio *folio)
{
	bool anon_exclusive = folio_test_anon(folio) &&
			      PageAnonExclusive(&folio->page);
	bool device = folio_is_device_private(folio);
	struct vm_area_struct *vma = pvmw->vma;
	struct mm_struct *mm = vma->vm_mm;
	pte_t pteval;

	if (anon_exclusive && mutated(rmap_pin_test_before_clear) &&
	    folio_maybe_dma_pinned(folio))
		return false;
	rt_point(RT_SITE(RT_NOTE, "try_to_migrate_one", NULL), pvmw->pte);
	if (mutated(rmap_migrate_skip_flush))
		pteval = ptep_get_and_clear(mm, pvmw->address, pvmw->pte);
	else
		pteval = ptep_clear_flush(vma, pvmw->address, pvmw->pte);
	if (!device && pte_dirty(pteval) && !mutated(rmap_migrate_drops_dirty))
		folio_mark_dirty(folio);
	if (anon_exclusive && mutated(rmap_pin_test_before_clear)) {
		ClearPageAnonExclusive(&folio->page);
	} else if (anon_exclusive &&
		   folio_try_share_anon_rmap_pte(folio, &folio->page)) {
		set_pte_at(mm, pvmw->address, pvmw->pte, pteval);
		return false;
	}
	set_pte_at(mm, pvmw->address, pvmw->pte,
		   migration_pte(folio, pteval, anon_exclusive));
	folio_remove_rmap_pte(folio, &folio->page, vma);
	page_ref_put(&folio->page, device ? VIEW_REF_DPRIV : VIEW_REF_PTE);
	return true;
}

static bool is_lent(pte_t pte)
{
	return is_swap_pte(pte) &&
	       is_device_exclusive_entry(pte_to_swp_entry(pte));
}

static bool try_to_migrate_one(struct folio *folio, struct vm_area_struct *vma,
			       unsigned long address, void *arg)
{
	const enum ttu_flags *flags = arg;
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address,
			      *flags & TTU_SYNC ? PVMW_SYNC : 0);
	bool bracket = !mutated(rmap_migrate_skip_bracket);
	struct mmu_notifier_range range;
	bool ret = true;

	if (!mutated(huge_rmap_skip_split))
		split_huge_pmd_address(vma, address, folio);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				address, address + PAGE_SIZE);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	while (ret && page_vma_mapped_walk(&pvmw)) {
		/* Lent here, mapped elsewhere: its reference keeps the page
		 * where it is. */
		if (is_lent(ptep_get(pvmw.pte)))
			continue;
		ret = set_migration_entry(&pvmw, folio);
	}
	page_vma_mapped_walk_done(&pvmw);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	return ret;
}

/*
 * Needs the folio lock and a reference. On return folio_mapped() tells whether
 * all entries went; either way remove_migration_ptes() must follow.
 */
void try_to_migrate(struct folio *folio, enum ttu_flags flags)
{
	struct rmap_walk_control rwc = {
		.rmap_one = try_to_migrate_one,
		.arg = &flags,
		.done = folio_not_mapped,
		.anon_lock = folio_lock_anon_vma_read,
	};

	rmap_walk(folio, &rwc);
}
