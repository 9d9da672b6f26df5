// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_gather.c: pages whose entries are gone, until no CPU can reach them.
 *
 * Models mm/mmu_gather.c, 6.12. Spec: core.md 2.6. The order that holds:
 *
 *	clear the PTE  ->  flush the TLBs  ->  drop the page
 *
 * A gather that runs beside another of the same mm may have found an entry
 * already cleared by it, and would return to its caller while a TLB still
 * holds the translation. tlb_flush_pending counts gathers, and one that is
 * not alone at its end flushes everything.
 *
 * A page of a file that was written through an entry is uncounted (rmap) only
 * after the flush: who sees it unmapped may take it as not written any more.
 *
 * Difference: a batch is MMU_GATHER_BUNDLE pages and there is only one, so it
 * is flushed when full.
 */
#include <linux/atomic.h>
#include <linux/huge_mm.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

static void __tlb_reset_range(struct mmu_gather *tlb)
{
	tlb->start = ~0ul;
	tlb->end = 0;
	tlb->freed_tables = false;
}

static void __tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm,
			     bool fullmm)
{
	tlb->mm = mm;
	tlb->fullmm = fullmm;
	tlb->nr = 0;
	tlb->delay_rmap = 0;
	tlb->huge = 0;
	tlb->nr_tables = 0;
	__tlb_reset_range(tlb);
	atomic_inc(&mm->tlb_flush_pending);
	__atomic_fetch_add(&mm->gathers, 1, __ATOMIC_RELAXED);
	view_emit(EV_gather_begin, mm->slot, 0, 0);
}

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, false);
}

void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, true);
}

void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long addr)
{
	tlb->start = min(tlb->start, addr);
	tlb->end = max(tlb->end, addr + PAGE_SIZE);
}

void tlb_flush_pmd_range(struct mmu_gather *tlb, unsigned long addr)
{
	tlb->start = min(tlb->start, addr);
	tlb->end = max(tlb->end, addr + HPAGE_PMD_SIZE);
}

bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page,
		       bool delay_rmap)
{
	if (delay_rmap)
		tlb->delay_rmap |= 1u << tlb->nr;
	tlb->pages[tlb->nr++] = page;
	return tlb->nr == MMU_GATHER_BUNDLE;
}

bool tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	return __tlb_remove_page(tlb, page, false);
}

bool tlb_remove_huge_page(struct mmu_gather *tlb, struct page *page)
{
	tlb->huge |= 1u << tlb->nr;
	return __tlb_remove_page(tlb, page, false);
}

void tlb_flush_rmaps(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	u32 i;

	for (; tlb->delay_rmap; tlb->delay_rmap &= tlb->delay_rmap - 1) {
		i = (u32)__builtin_ctz(tlb->delay_rmap);
		folio_remove_rmap_pte(page_folio(tlb->pages[i]), tlb->pages[i],
				      vma);
	}
}

void tlb_remove_table(struct mmu_gather *tlb, struct page_table *table)
{
	tlb->tables[tlb->nr_tables++] = table;
	tlb->freed_tables = true;
}

void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	if (tlb->fullmm || tlb->freed_tables)
		flush_tlb_mm(tlb->mm);
	else if (tlb->start < tlb->end &&
		 (tlb->nr || !mutated(mm_skip_tlb_flush)))
		flush_tlb_range(tlb->mm, tlb->start, tlb->end);
	__tlb_reset_range(tlb);
}

/* All but the first page of each: that one is freed as any other. */
static void free_huge_pages(struct mmu_gather *tlb)
{
	struct page *page;
	u32 i;

	for (; tlb->huge; tlb->huge &= tlb->huge - 1) {
		page = tlb->pages[__builtin_ctz(tlb->huge)];
		for (i = 1; i < HPAGE_PMD_NR; i++)
			page_ref_put(page + i, VIEW_REF_GATHER);
	}
}

static void tlb_flush_mmu_free(struct mmu_gather *tlb)
{
	u32 i;

	if (unlikely(tlb->huge))
		free_huge_pages(tlb);
	for (i = 0; i < tlb->nr; i++)
		page_ref_put(tlb->pages[i], VIEW_REF_GATHER);
	tlb->nr = 0;
	for (i = 0; i < tlb->nr_tables; i++)
		pte_free(tlb->tables[i]);
	tlb->nr_tables = 0;
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
	if (mutated(mm_free_before_flush))
		tlb_flush_mmu_free(tlb);
	tlb_flush_mmu_tlbonly(tlb);
	if (!mutated(mm_free_before_flush))
		tlb_flush_mmu_free(tlb);
}

void tlb_finish_mmu(struct mmu_gather *tlb)
{
	struct mm_struct *mm = tlb->mm;

	if (atomic_read(&mm->tlb_flush_pending) > 1)
		tlb->fullmm = true;
	tlb_flush_mmu(tlb);
	__atomic_fetch_sub(&mm->gathers, 1, __ATOMIC_RELAXED);
	view_emit(EV_gather_end, mm->slot, 0, 0);
	atomic_dec(&mm->tlb_flush_pending);
}
