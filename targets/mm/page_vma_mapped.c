// SPDX-License-Identifier: GPL-2.0
/*
 * page_vma_mapped.c: the entry of a page at the one address a VMA has for it.
 *
 * Models mm/page_vma_mapped.c, 6.12. Spec: core.md 2.5, device-exclusive.md 6.
 * Lock order: the rmap lock that keeps the VMA, then the PTL.
 *
 * Without PVMW_SYNC the entry is looked at first without the PTL: whoever has
 * cleared it but not yet counted it off is then not waited for.
 *
 * Differences: a folio is one page, so there is at most one entry in a VMA; a
 * huge entry is not found: who wants its page has split it; and an exclusive
 * entry is not one of migration, as 6.12 has it: walks that put a page back
 * must not take away what a device was lent.
 */
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"

static bool not_found(struct page_vma_mapped_walk *pvmw)
{
	page_vma_mapped_walk_done(pvmw);
	return false;
}

/* Could @pte be what the walk looks for, whatever page it names? */
static bool check_kind(const struct page_vma_mapped_walk *pvmw, pte_t pte)
{
	swp_entry_t entry = pte_to_swp_entry(pte);

	if (pvmw->flags & PVMW_MIGRATION)
		return is_swap_pte(pte) && is_migration_entry(entry);
	if (is_swap_pte(pte))
		return is_device_private_entry(entry) ||
		       is_device_exclusive_entry(entry);
	return pte_present(pte);
}

static bool check_pte(const struct page_vma_mapped_walk *pvmw)
{
	pte_t pte = ptep_get(pvmw->pte);

	return check_kind(pvmw, pte) && pte_pfn(pte) == pvmw->pfn;
}

bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw)
{
	struct mm_struct *mm = pvmw->vma->vm_mm;
	struct page_table *table;
	pte_t *pte;

	if (pvmw->pte)
		return not_found(pvmw);
	pvmw->pmd = pmd_offset(mm, pvmw->address);
	table = pmd_pgtable(pvmw->pmd);
	if (!table)
		return false;
	if (!(pvmw->flags & PVMW_SYNC)) {
		pte = pte_offset(table, pvmw->address);
		if (!check_kind(pvmw, ptep_get_lockless(pte)))
			return false;
	}
	pvmw->pte = pte_offset_map_lock(mm, pvmw->pmd, pvmw->address,
					&pvmw->ptl);
	if (!pvmw->pte)
		return false;
	return check_pte(pvmw) || not_found(pvmw);
}
