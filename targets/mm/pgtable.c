// SPDX-License-Identifier: GPL-2.0
/*
 * pgtable.c: every store to a page table.
 *
 * Models mm/pgtable-generic.c and arch/x86/mm/pgtable.c, 6.12. Spec: core.md
 * 2.2. A word is stored whole, and told to the journal before the PTL can be
 * dropped.
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
