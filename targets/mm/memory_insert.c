// SPDX-License-Identifier: GPL-2.0
/*
 * memory_insert.c: pages that a driver puts into a mapping of its device.
 *
 * Models vm_insert_page() of mm/memory.c, 6.12. The page is counted and
 * referenced as any other, so it goes with its last mapping; it is in no page
 * cache and has no anon_vma, so nobody finds its mappings from it.
 *
 * Difference: VM_MIXEDMAP is set by mmap(), before anybody can see the VMA.
 */
#include <linux/errno.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"

static int insert_page(struct vm_area_struct *vma, unsigned long addr,
		       struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = pmd_offset(mm, addr);
	spinlock_t *ptl;
	int ret = -EBUSY;
	pte_t *pte;

	if (pte_alloc(mm, pmd))
		return -ENOMEM;
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!pte)
		return -ENOMEM;
	if (pte_none(ptep_get(pte))) {
		page_ref_inc(page, VIEW_REF_PTE);
		add_mm_counter(mm, 1);
		folio_add_file_rmap_pte(page_folio(page), page, vma);
		set_pte_at(mm, addr, pte, mk_pte(page, vma->vm_page_prot));
		ret = 0;
	}
	pte_unmap_unlock(pte, ptl);
	return ret;
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page)
{
	if (addr < vma->vm_start || addr >= vma->vm_end)
		return -EFAULT;
	if (!(vma->vm_flags & VM_MIXEDMAP) || page_mapping_word(page) ||
	    is_zone_device_page(page))
		return -EINVAL;
	return insert_page(vma, addr, page);
}
