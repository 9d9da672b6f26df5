// SPDX-License-Identifier: GPL-2.0
/*
 * pgtable.c: every store to a page table, and the counts that go with one.
 *
 * Models mm/pgtable-generic.c, arch/x86/mm/pgtable.c and the counting half of
 * mm/rmap.c, 6.12. Spec: core.md 2.1, 2.2. A word is stored whole, and told
 * to the journal before the PTL can be dropped.
 *
 * Difference: ptep_set_access_flags() flushes nothing, since it only adds
 * rights; a CPU with an older entry walks again.
 */
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

pte_t ptep_get_lockless(const pte_t *ptep)
{
	rt_point(RT_SITE(RT_LOAD, "ptep_get", NULL), ptep);
	return ptep_get(ptep);
}

void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
		pte_t pte)
{
	__atomic_store_n(&ptep->pte, pte.pte, __ATOMIC_RELEASE);
	view_emit(EV_pte_set, mm->slot, addr, pte_view(pte));
}

pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t pte = ptep_get(ptep);

	set_pte_at(mm, addr, ptep, (pte_t){ 0 });
	return pte;
}

void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	set_pte_at(mm, addr, ptep, pte_wrprotect(ptep_get(ptep)));
}

pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr,
		       pte_t *ptep)
{
	pte_t pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);

	flush_tlb_range(vma->vm_mm, addr, addr + PAGE_SIZE);
	return pte;
}

bool ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr,
			   pte_t *ptep, pte_t entry, bool dirty)
{
	if (pte_same(ptep_get(ptep), entry))
		return false;
	set_pte_at(vma->vm_mm, addr, ptep, entry);
	return true;
}

static void mapcount_add(struct page *page, s32 n)
{
	s32 count = __atomic_add_fetch(&page->_mapcount, n, __ATOMIC_RELAXED);

	view_emit(EV_page_mapcount, page_to_pfn(page), (u64)count, 0);
}

int anon_vma_prepare(struct vm_area_struct *vma)
{
	__atomic_store_n(&vma->anon_vma, 1, __ATOMIC_RELAXED);
	return 0;
}

void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address)
{
	struct page *page = &folio->page;

	page->flags |= 1u << PG_uptodate | 1u << PG_anon | 1u << PG_lru;
	SetPageAnonExclusive(page);
	mapcount_add(page, 1);
}

int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page)
{
	if (PageAnonExclusive(page) && !mutated(mm_fork_keeps_exclusive))
		ClearPageAnonExclusive(page);
	mapcount_add(page, 1);
	return 0;
}

void folio_remove_rmap_pte(struct folio *folio, struct page *page)
{
	mapcount_add(page, -1);
}
