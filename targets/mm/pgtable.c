// SPDX-License-Identifier: GPL-2.0
/*
 * pgtable.c: every store to a page table.
 *
 * Models mm/pgtable-generic.c and arch/x86/mm/pgtable.c, 6.12. Spec: core.md
 * 2.2. A word is stored whole, and told to the journal before the PTL can be
 * dropped.
 *
 * Differences: ptep_set_access_flags() flushes nothing, since it only adds
 * rights; a CPU with an older entry walks again. A huge entry is told page by
 * page, since that is how everything else about pages is told.
 */
#include <linux/bug.h>
#include <linux/huge_mm.h>
#include <linux/lockdep.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

pte_t ptep_get_lockless(const pte_t *ptep)
{
	rt_point(RT_SITE(RT_LOAD, "ptep_get", NULL), ptep);
	/* What it leads to is ordered by the address: C has no word for that
	 * but acquire. */
	return (pte_t){ __atomic_load_n(&ptep->pte, __ATOMIC_ACQUIRE) };
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

/* -- huge entries -- */

pte_t pmdp_get_lockless(const pmd_t *pmdp)
{
	rt_point(RT_SITE(RT_LOAD, "pmdp_get", NULL), pmdp);
	return pmdp_get(pmdp);
}

static void pmd_store(pmd_t *pmdp, pte_t pmd)
{
	__atomic_store_n(&pmdp->huge, pmd.pte, __ATOMIC_RELEASE);
}

void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp,
		pte_t pmd)
{
	unsigned long end = addr + HPAGE_PMD_SIZE;

	pmd_store(pmdp, pmd);
	for (; addr < end; addr += PAGE_SIZE)
		view_emit(EV_pte_set, mm->slot, addr, pmd_view(pmd, addr));
}

pte_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr,
			      pmd_t *pmdp)
{
	pte_t pmd = pmdp_get(pmdp);

	set_pmd_at(mm, addr, pmdp, (pte_t){ 0 });
	return pmd;
}

void pmdp_set_wrprotect(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	set_pmd_at(mm, addr, pmdp, pte_wrprotect(pmdp_get(pmdp)));
}

bool pmdp_set_access_flags(struct mm_struct *mm, unsigned long addr,
			   pmd_t *pmdp, pte_t entry)
{
	if (pte_same(pmdp_get(pmdp), entry))
		return false;
	set_pmd_at(mm, addr, pmdp, entry);
	return true;
}

/* Each page's going is told right before its coming, as if it moved alone. */
void pmdp_huge_move(struct mm_struct *mm, unsigned long old_addr,
		    unsigned long new_addr, pte_t pmd)
{
	unsigned long i;

	pmd_store(pmd_offset(mm, old_addr), (pte_t){ 0 });
	pmd_store(pmd_offset(mm, new_addr), pmd);
	for (i = 0; i < HPAGE_PMD_SIZE; i += PAGE_SIZE) {
		view_emit(EV_pte_set, mm->slot, old_addr + i, VIEW_NONE);
		view_emit(EV_pte_set, mm->slot, new_addr + i,
			  pmd_view(pmd, new_addr + i));
	}
}
