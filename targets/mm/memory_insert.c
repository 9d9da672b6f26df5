// SPDX-License-Identifier: GPL-2.0
/*
 * memory_insert.c: pages that a driver puts into a mapping of its device.
 *
 * Models vm_insert_page() and remap_pfn_range() of mm/memory.c, 6.12. The page
 * of the first is counted and referenced as any other, so it goes with its last
 * mapping; it is in no page cache and has no anon_vma, so nobody finds its
 * mappings from it. The frames of the second are no pages at all, and nothing is
 * counted.
 *
 * Difference: VM_MIXEDMAP and VM_PFNMAP are set by mmap(), before anybody can
 * see the VMA.
 */
#include <linux/bug.h>
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

/* The part of [addr, end) that one table covers. */
static int remap_pte_range(struct mm_struct *mm, unsigned long addr,
			   unsigned long end, unsigned long pfn, pgprot_t prot)
{
	pmd_t *pmd = pmd_offset(mm, addr);
	spinlock_t *ptl;
	pte_t *pte;

	if (pte_alloc(mm, pmd))
		return -ENOMEM;
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!pte)
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, pte++, pfn++) {
		BUG_ON(!pte_none(ptep_get(pte)));
		set_pte_at(mm, addr, pte, pte_mkspecial(pfn_pte(pfn, prot)));
	}
	pte_unmap_unlock(pte - 1, ptl);
	return 0;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		    unsigned long pfn, unsigned long size, pgprot_t prot)
{
	unsigned long end = addr + size, next;
	int ret = 0;

	/* A copy of one could not be told from it. */
	if (is_cow_mapping(vma->vm_flags) &&
	    (addr != vma->vm_start || end != vma->vm_end))
		return -EINVAL;
	for (; addr < end && !ret; pfn += (next - addr) >> PAGE_SHIFT,
	     addr = next) {
		next = pmd_addr_end(addr, end);
		ret = remap_pte_range(vma->vm_mm, addr, next, pfn, prot);
	}
	return ret;
}
