// SPDX-License-Identifier: GPL-2.0
/*
 * migrate_device_collect.c: the first step of a driver's migration: which
 * pages of a range are candidates, and their entries out of the way.
 *
 * Models the first half of mm/migrate_device.c, 6.12. Spec: core.md 7.1 step 2,
 * 6.9.1 c. The whole of it, lock order included, is told in migrate_device.c.
 *
 * Runs in one bracket of the whole range, under the PTL of one table at a time:
 * what it clears was shown to every notifier before.
 */
#include <linux/huge_mm.h>
#include <linux/memremap.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mm/migrate_device.h"
#include "targets/mutation.h"

static void migrate_vma_collect_one(struct migrate_vma *migrate,
				    unsigned long mpfn)
{
	if (mpfn)
		migrate->cpages++;
	if (unlikely(migrate->flags & MIGRATE_VMA_KEEP_ARRAYS)) {
		migrate->src[migrate->npages++] |= mpfn;
		return;
	}
	migrate->dst[migrate->npages] = 0;
	migrate->src[migrate->npages++] = mpfn;
}

static void migrate_vma_collect_all(struct migrate_vma *migrate,
				    unsigned long addr, unsigned long end,
				    unsigned long mpfn)
{
	for (; addr < end; addr += PAGE_SIZE)
		migrate_vma_collect_one(migrate, mpfn);
}

/* What the caller has put into src[] for the page that is next. */
static bool to_be_pinned(const struct migrate_vma *migrate)
{
	return migrate->flags & MIGRATE_VMA_KEEP_ARRAYS &&
	       migrate->src[migrate->npages] & MIGRATE_PFN_PIN;
}

/* Only anonymous memory is populated, and only what is there is pinned. */
static unsigned long hole_mpfn(const struct migrate_vma *migrate)
{
	if (unlikely(to_be_pinned(migrate)))
		return 0;
	return vma_is_anonymous(migrate->vma) ? MIGRATE_PFN_MIGRATE : 0;
}

/* What an entry asks for: a page, a hole (MIGRATE without VALID), or 0. */
static unsigned long migrate_vma_select(const struct migrate_vma *migrate,
					unsigned long addr, pte_t pte)
{
	struct page *page;
	swp_entry_t entry;
	bool write;

	if (pte_none(pte))
		return hole_mpfn(migrate);
	if (!pte_present(pte)) {
		entry = pte_to_swp_entry(pte);
		if (!is_device_private_entry(entry))
			return 0;
		page = pfn_swap_entry_to_page(entry);
		if (!(migrate->flags & MIGRATE_VMA_SELECT_DEVICE_PRIVATE) ||
		    page->pgmap->owner != migrate->pgmap_owner)
			return 0;
		write = is_writable_device_private_entry(entry);
	} else {
		if (!(migrate->flags & MIGRATE_VMA_SELECT_SYSTEM))
			return 0;
		if (is_zero_pfn(pte_pfn(pte)))
			return MIGRATE_PFN_MIGRATE;
		page = vm_normal_page(migrate->vma, addr, pte);
		write = pte_write(pte);
	}
	if (!page || !page_mapping_word(page))
		return 0;
	return migrate_pfn(page_to_pfn(page)) | MIGRATE_PFN_MIGRATE |
	       (write ? MIGRATE_PFN_WRITE : 0);
}

/* The migration entry that stands for @pte from here on. */
static pte_t migration_pte(struct page *page, pte_t pte, bool write,
			   bool anon_exclusive)
{
	unsigned long pfn = page_to_pfn(page);
	swp_entry_t entry;
	pte_t swp_pte;

	if (write)
		entry = make_writable_migration_entry(pfn);
	else if (anon_exclusive)
		entry = make_readable_exclusive_migration_entry(pfn);
	else
		entry = make_readable_migration_entry(pfn);
	if (pte_present(pte)) {
		if (pte_young(pte))
			entry = make_migration_entry_young(entry);
		if (pte_dirty(pte))
			entry = make_migration_entry_dirty(entry);
	}
	swp_pte = swp_entry_to_pte(entry);
	if (pte_present(pte) ? pte_soft_dirty(pte) : pte_swp_soft_dirty(pte))
		swp_pte = pte_swp_mksoft_dirty(swp_pte);
	if (pte_present(pte) ? pte_uffd_wp(pte) : pte_swp_uffd_wp(pte))
		swp_pte = pte_swp_mkuffd_wp(swp_pte);
	return swp_pte;
}

/*
 * Take the entry away from under an exclusive page: cleared and flushed first,
 * so that whoever pins without the PTL either was seen by the test here, or
 * sees that the entry changed (core 6.9.1 c). False: pinned, and put back.
 */
static bool clear_exclusive(struct vm_area_struct *vma, unsigned long addr,
			    pte_t *ptep, struct page *page, pte_t *pte)
{
	struct folio *folio = page_folio(page);
	int busy = 0;

	if (mutated(migrate_pin_test_before_clear))
		busy = folio_try_share_anon_rmap_pte(folio, page);
	rt_point(RT_SITE(RT_STORE, "ptep_clear_flush", NULL), ptep);
	*pte = ptep_clear_flush(vma, addr, ptep);
	if (!mutated(migrate_pin_test_before_clear))
		busy = folio_try_share_anon_rmap_pte(folio, page);
	if (busy)
		set_pte_at(vma->vm_mm, addr, ptep, *pte);
	return !busy;
}

/*
 * Lock a page and put a migration entry in place of its entry @pte; PTL held.
 * True: one reference and the lock of the page are this migration's.
 */
static bool migrate_vma_collect_page(struct migrate_vma *migrate,
				     unsigned long addr, pte_t *ptep, pte_t pte,
				     unsigned long mpfn)
{
	struct page *page = migrate_pfn_to_page(mpfn);
	struct vm_area_struct *vma = migrate->vma;
	bool present = pte_present(pte), write = mpfn & MIGRATE_PFN_WRITE;
	struct folio *folio = page_folio(page);
	bool anon_exclusive;

	folio_get(folio);
	if (!source_trylock(folio, migrate->fault_page))
		goto put;
	anon_exclusive = folio_test_anon(folio) && PageAnonExclusive(page);
	if (!anon_exclusive)
		pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);
	else if (!clear_exclusive(vma, addr, ptep, page, &pte))
		goto unlock;
	/* The entry is gone, and with it the only word that knew. */
	if (present && pte_dirty(pte) && !mutated(migrate_drops_dirty))
		folio_mark_dirty(folio);
	if (mutated(migrate_write_from_vma))
		write = vma->vm_flags & VM_WRITE;
	set_pte_at(vma->vm_mm, addr, ptep,
		   migration_pte(page, pte, write, anon_exclusive));
	folio_remove_rmap_pte(folio, page, vma);
	page_ref_put(page, present ? VIEW_REF_PTE : VIEW_REF_DPRIV);
	return true;
unlock:
	source_unlock(folio, migrate->fault_page);
put:
	folio_put(folio);
	return false;
}

/*
 * The part that one table covers. The flush comes before the PTL is dropped:
 *
 *	migrate_vma_collect_pmd()		MADV_DONTNEED, then a load
 *	clear PTE, set migration entry
 *						zap: the entry is not present,
 *						so nothing is to be flushed
 *	flush_tlb_range()
 *						load: must fault	[must]
 */
static void migrate_vma_collect_pmd(struct migrate_vma *migrate, pmd_t *pmdp,
				    unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = migrate->vma->vm_mm;
	unsigned long start = addr, unmapped = 0, mpfn;
	pte_t *ptep, pte;
	spinlock_t *ptl;

	/* Pages go one by one; the driver does not know this bracket as its own. */
	if (unlikely(pmd_trans_huge(pmdp)) && !mutated(huge_collect_skip_split))
		__split_huge_pmd(migrate->vma, pmdp, addr, NULL);
	ptep = pte_offset_map_lock(mm, pmdp, addr, &ptl);
	if (!ptep) {
		migrate_vma_collect_all(migrate, addr, end, hole_mpfn(migrate));
		return;
	}
	if (mutated(migrate_flush_before_clear))
		flush_tlb_range(mm, start, end);
	for (; addr < end; addr += PAGE_SIZE, ptep++) {
		rt_point(RT_SITE(RT_NOTE, "migrate_vma_collect_pte", NULL),
			 ptep);
		pte = ptep_get(ptep);
		mpfn = migrate_vma_select(migrate, addr, pte);
		if (mpfn & MIGRATE_PFN_VALID) {
			if (!migrate_vma_collect_page(migrate, addr, ptep, pte,
						      mpfn))
				mpfn = 0;
			else if (pte_present(pte))
				unmapped++;
		}
		migrate_vma_collect_one(migrate, mpfn);
	}
	if (unmapped && !mutated(migrate_flush_after_ptl) &&
	    !mutated(migrate_flush_before_clear))
		flush_tlb_range(mm, start, end);
	pte_unmap_unlock(ptep - 1, ptl);
	if (mutated(migrate_flush_after_ptl))
		flush_tlb_range(mm, start, end);
}

/*
 * The driver knows its own brackets by their owner, and may keep what it has
 * of pages that do not move.
 */
void migrate_vma_collect(struct migrate_vma *migrate)
{
	bool bracket = !mutated(migrate_skip_bracket);
	struct mm_struct *mm = migrate->vma->vm_mm;
	unsigned long addr = migrate->start, next;
	struct mmu_notifier_range range;

	mmu_notifier_range_init_owner(&range, MMU_NOTIFY_MIGRATE,
				      MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				      migrate->start, migrate->end,
				      migrate->pgmap_owner);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	for (; addr < migrate->end; addr = next) {
		next = pmd_addr_end(addr, migrate->end);
		migrate_vma_collect_pmd(migrate, pmd_offset(mm, addr), addr,
					next);
	}
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
}
