// SPDX-License-Identifier: GPL-2.0
/*
 * memory_zap.c: taking entries out of page tables, and the tables away.
 *
 * Models the zapping part of mm/memory.c, 6.12. Spec: core.md 6.1 step 4, 6.2,
 * 6.5, 6.6, 6.7. Who zaps holds mmap_lock in any mode, or, to truncate a file,
 * none: then i_mmap_rwsem keeps the VMAs and with them the tables.
 *
 *	truncate, no mmap_lock			munmap, mmap_lock
 *	i_mmap_lock_read()
 *						clear entries
 *	find the VMA, zap			unlink_file_vma(): waits
 *	i_mmap_unlock_read()
 *						free the tables	[must be later]
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock
 *     mapping->i_mmap_rwsem		read in unmap_mapping_pages()
 *       anon_vma->rwsem		write in free_pgtables(), not nested
 *         notifier callbacks
 *         table->ptl
 *
 * A page that a shared mapping made dirty stays counted as mapped until no TLB
 * can write it any more: clear, flush, uncount, all under one hold of the PTL.
 *
 * Differences:
 *  - two levels of tables;
 *  - a device entry is cleared before its reference is dropped, not after:
 *    oracles look at a page the moment it is freed;
 *  - no swap, userfaultfd markers.
 */
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/*
 * Unlink the tables of [addr, end). One reaches beyond that: it goes if no VMA
 * is left in all of its span, that is, if it lies in [floor, ceiling).
 */
static void free_pgd_range(struct mmu_gather *tlb, unsigned long addr,
			   unsigned long end, unsigned long floor,
			   unsigned long ceiling)
{
	struct page_table *table;
	pmd_t *pmd;

	for (addr &= PMD_MASK; addr < end; addr += PMD_SIZE) {
		if (addr < floor || addr + PMD_SIZE > ceiling)
			continue;
		pmd = pmd_offset(tlb->mm, addr);
		table = pmd_pgtable(pmd);
		if (!table)
			continue;
		rt_point(RT_SITE(RT_STORE, "pmd_clear", NULL), pmd);
		__atomic_store_n(&pmd->table, NULL, __ATOMIC_SEQ_CST);
		tlb_remove_table(tlb, table);
	}
}

/*
 * @vma and what follows it are off the mm's list and zapped; nothing else is
 * mapped in [floor, ceiling). Hides them from walks of the rmap, one after the
 * other, and then unlinks their tables, which are freed after the flush.
 */
void free_pgtables(struct mmu_gather *tlb, struct vm_area_struct *vma,
		   unsigned long floor, unsigned long ceiling)
{
	unsigned long next;

	for (; vma; vma = vma->vm_next) {
		next = vma->vm_next ? vma->vm_next->vm_start : ceiling;
		if (mutated(mm_unlink_after_pgtables)) {
			free_pgd_range(tlb, vma->vm_start, vma->vm_end, floor,
				       next);
			tlb_flush_mmu(tlb);
		}
		unlink_anon_vmas(vma);
		unlink_file_vma(vma);
		if (!mutated(mm_unlink_after_pgtables))
			free_pgd_range(tlb, vma->vm_start, vma->vm_end, floor,
				       next);
	}
}

/* Does the operation want this entry gone? NULL: the zero page. */
static bool should_zap_folio(const struct zap_details *details,
			     const struct folio *folio)
{
	if (!details || details->even_cows || !folio)
		return true;
	return !folio_test_anon(folio);
}

/* True: flush before the PTL is dropped. */
static bool zap_present_pte(struct mmu_gather *tlb, struct vm_area_struct *vma,
			    pte_t *pte, pte_t ptent, unsigned long addr,
			    const struct zap_details *details)
{
	struct page *page = vm_normal_page(vma, addr, ptent);
	struct mm_struct *mm = tlb->mm;
	bool delay_rmap = false;

	if (!should_zap_folio(details, page ? page_folio(page) : NULL))
		return false;
	ptent = ptep_get_and_clear(mm, addr, pte);
	tlb_flush_pte_range(tlb, addr);
	if (!page)
		return false;
	if (!folio_test_anon(page_folio(page)) && pte_dirty(ptent)) {
		folio_mark_dirty(page_folio(page));
		delay_rmap = true;
	}
	if (!delay_rmap)
		folio_remove_rmap_pte(page_folio(page), page, vma);
	add_mm_counter(mm, -1);
	page_ref_move(page, VIEW_REF_PTE, VIEW_REF_GATHER);
	return __tlb_remove_page(tlb, page, delay_rmap) || delay_rmap;
}

/* An entry of the page itself, or of one that is being moved. */
static void zap_nonpresent_pte(struct mmu_gather *tlb,
			       struct vm_area_struct *vma, pte_t *pte,
			       pte_t ptent, unsigned long addr,
			       const struct zap_details *details)
{
	swp_entry_t entry = pte_to_swp_entry(ptent);
	struct page *page = pfn_swap_entry_to_page(entry);

	if (!should_zap_folio(details, page_folio(page)))
		return;
	ptep_get_and_clear(tlb->mm, addr, pte);
	add_mm_counter(tlb->mm, -1);
	if (is_device_private_entry(entry)) {
		folio_remove_rmap_pte(page_folio(page), page, vma);
		page_ref_put(page, VIEW_REF_DPRIV);
	} else if (is_device_exclusive_entry(entry)) {
		folio_lent_dec(page_folio(page));
		if (mutated(excl_zap_puts_twice))
			page_ref_put(page, VIEW_REF_DEXCL);
		page_ref_put(page, VIEW_REF_DEXCL);
	}
}

/* Returns the address reached: below @end if the batch filled. */
static unsigned long zap_pte_range(struct mmu_gather *tlb,
				   struct vm_area_struct *vma,
				   unsigned long addr, unsigned long end,
				   const struct zap_details *details)
{
	struct mm_struct *mm = tlb->mm;
	bool force_flush = false;
	pte_t *pte, ptent;
	spinlock_t *ptl;

	pte = pte_offset_map_lock(mm, pmd_offset(mm, addr), addr, &ptl);
	if (!pte)
		return end;
	for (; addr < end && tlb->nr < MMU_GATHER_BUNDLE;
	     addr += PAGE_SIZE, pte++) {
		ptent = ptep_get(pte);
		if (pte_none(ptent))
			continue;
		rt_point(RT_SITE(RT_NOTE, "zap_pte", NULL), pte);
		if (pte_present(ptent))
			force_flush |= zap_present_pte(tlb, vma, pte, ptent,
						       addr, details);
		else
			zap_nonpresent_pte(tlb, vma, pte, ptent, addr,
					   details);
	}
	/* A full batch is flushed before the PTL is dropped, as upstream does. */
	if (force_flush) {
		tlb_flush_mmu_tlbonly(tlb);
		tlb_flush_rmaps(tlb, vma);
	}
	spin_unlock(ptl);
	if (force_flush)
		tlb_flush_mmu(tlb);
	return addr;
}

/* A huge entry, all of which or part of which is in [addr, end). True: it is
 * gone. False: it was split, here or by somebody else. */
static bool zap_huge_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
			   pmd_t *pmd, unsigned long addr, unsigned long end)
{
	if (end - addr == HPAGE_PMD_SIZE || mutated(huge_zap_takes_all))
		return zap_huge_pmd(tlb, vma, pmd, addr & HPAGE_PMD_MASK);
	__split_huge_pmd(vma, pmd, addr, NULL);
	return false;
}

/* Needs an open bracket over [addr, end), and the VMA to stay. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end,
		      const struct zap_details *details)
{
	unsigned long next;
	pmd_t *pmd;

	while (addr < end) {
		next = pmd_addr_end(addr, end);
		pmd = pmd_offset(tlb->mm, addr);
		if (unlikely(pmd_trans_huge(pmd)) &&
		    zap_huge_range(tlb, vma, pmd, addr, next))
			addr = next;
		else
			addr = zap_pte_range(tlb, vma, addr, next, details);
	}
}

/* One bracket for all of @vma and what follows it, within [start, end). */
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma,
		unsigned long start, unsigned long end)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP,
				MMU_NOTIFIER_RANGE_BLOCKABLE, tlb->mm, start,
				end);
	mmu_notifier_invalidate_range_start(&range);
	for (; vma; vma = vma->vm_next)
		unmap_page_range(tlb, vma, max(vma->vm_start, start),
				 min(vma->vm_end, end), NULL);
	mmu_notifier_invalidate_range_end(&range);
}

/* Part of one VMA: MADV_DONTNEED, and truncate for each mapping. */
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size,
			   const struct zap_details *details)
{
	bool bracket = !mutated(mm_zap_skip_bracket);
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				address, address + size);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	unmap_page_range(&tlb, vma, address, address + size, details);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	tlb_finish_mmu(&tlb);
}

/* The part of @vma that maps pages [first, last] of its file. */
static void unmap_mapping_range_vma(struct vm_area_struct *vma,
				    unsigned long first, unsigned long last,
				    const struct zap_details *details)
{
	unsigned long vba = vma->vm_pgoff;
	unsigned long vea = vba + (vma->vm_end - vma->vm_start) / PAGE_SIZE - 1;

	first = max(first, vba);
	last = min(last, vea);
	if (first > last)
		return;
	zap_page_range_single(vma,
			      vma->vm_start + ((first - vba) << PAGE_SHIFT),
			      (last - first + 1) << PAGE_SHIFT, details);
}

void unmap_mapping_pages(struct address_space *mapping, unsigned long start,
			 unsigned long nr, bool even_cows)
{
	struct zap_details details = { .even_cows = even_cows };
	unsigned long last = start + nr - 1;
	struct vm_area_struct *vma;

	if (last < start)
		last = ~0ul;
	i_mmap_lock_read(mapping);
	list_for_each_entry(vma, &mapping->i_mmap, shared)
		unmap_mapping_range_vma(vma, start, last, &details);
	i_mmap_unlock_read(mapping);
}

void unmap_mapping_folio(struct folio *folio)
{
	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	unmap_mapping_pages(folio_mapping(folio), folio->page.index, 1, false);
}
