// SPDX-License-Identifier: GPL-2.0
/*
 * mprotect.c: changing the rights of a range.
 *
 * Models mm/mprotect.c, 6.12. Spec: core.md 6.3. Holds mmap_lock for writing;
 * under it the PTL of one table at a time, never across a callback.
 *
 * The VMA changes first and its entries after that, inside a bracket, so that
 * no fault can give back what is being taken. Entries lose write even where
 * the VMA allows it, and get it back only if the page is this mm's alone. The
 * flush is owed until tlb_finish_mmu(), after the bracket is closed.
 *
 * Difference: anonymous private mappings only; no keys, no soft-dirty or
 * userfaultfd modes.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

static bool can_change_pte_writable(struct vm_area_struct *vma, pte_t pte)
{
	if (!(vma->vm_flags & VM_WRITE) || pte_protnone(pte) ||
	    pte_special(pte))
		return false;
	return PageAnonExclusive(pfn_to_page(pte_pfn(pte))) ||
	       mutated(mm_mprotect_regains_shared);
}

/* Rights of @newpte that @oldpte had not are of no interest to a TLB. */
static bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	return (oldpte.pte & ~newpte.pte) & (_PAGE_PRESENT | _PAGE_RW);
}

static void change_pte_range(struct mmu_gather *tlb,
			     struct vm_area_struct *vma, unsigned long addr,
			     unsigned long end)
{
	struct page_table *table = pmd_pgtable(&vma->vm_mm->pmd);
	pte_t *pte, oldpte, ptent;

	pte = pte_offset_map_lock(table, addr);
	for (; addr < end; addr += PAGE_SIZE, pte++) {
		oldpte = ptep_get(pte);
		if (pte_none(oldpte))
			continue;
		rt_point(RT_SITE(RT_NOTE, "change_pte", NULL), pte);
		ptent = pte_modify(oldpte, vma->vm_page_prot);
		if (can_change_pte_writable(vma, ptent) ||
		    (pte_write(oldpte) && mutated(mm_mprotect_keeps_write)))
			ptent = pte_mkwrite_novma(ptent);
		set_pte_at(vma->vm_mm, addr, pte, ptent);
		if (pte_needs_flush(oldpte, ptent) &&
		    !mutated(mm_mprotect_skip_flush))
			tlb_flush_pte_range(tlb, addr);
	}
	spin_unlock(&table->ptl);
}

static void change_protection(struct mmu_gather *tlb,
			      struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
	bool bracket = !mutated(mm_mprotect_skip_bracket);
	struct mmu_notifier_range range;

	if (pmd_none(&vma->vm_mm->pmd))
		return;
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				start, end);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	change_pte_range(tlb, vma, start, end);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
}

/* [start, end) lies in @vma, which it is cut down to. 0 or -ENOMEM. */
static int mprotect_fixup(struct mmu_gather *tlb, struct vm_area_struct *vma,
			  unsigned long start, unsigned long end,
			  vm_flags_t newflags)
{
	if (newflags == vma->vm_flags)
		return 0;
	if (start > vma->vm_start) {
		if (split_vma(vma, start))
			return -ENOMEM;
		vma = vma->vm_next;
	}
	if (end < vma->vm_end && split_vma(vma, end))
		return -ENOMEM;
	vma->vm_flags = newflags;
	vma->vm_page_prot = vm_get_page_prot(newflags);
	vma_changed(vma->vm_mm, start, end, vma_prot(vma));
	change_protection(tlb, vma, start, end);
	return 0;
}

int do_mprotect(struct mm_struct *mm, unsigned long start, size_t len,
		unsigned long prot)
{
	unsigned long end = start + len, tmp;
	struct vm_area_struct *vma;
	struct mmu_gather tlb;
	vm_flags_t newflags;
	int ret = 0;

	if (((start | len) & ~PAGE_MASK) || end < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	tlb_gather_mmu(&tlb, mm);
	while (start < end && !ret) {
		vma = vma_lookup(mm, start);
		if (!vma) {
			ret = -ENOMEM;
			break;
		}
		tmp = min(vma->vm_end, end);
		newflags = calc_vm_prot_bits(prot) |
			   (vma->vm_flags & ~VM_ACCESS_FLAGS);
		ret = mprotect_fixup(&tlb, vma, start, tmp, newflags);
		start = tmp;
	}
	tlb_finish_mmu(&tlb);
	mmap_write_unlock(mm);
	return ret;
}
