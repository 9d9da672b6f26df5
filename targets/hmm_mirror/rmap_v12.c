// SPDX-License-Identifier: GPL-2.0
/*
 * rmap_v12.c: a page loses its entries, or the right to write through them,
 * and only then is told.
 *
 * Models try_to_unmap_one() and page_mkclean_one() of mm/rmap.c, Linux 4.5, as
 * reclaim and write-back call them. Spec: hmm-v12.md 2.2, Q-B4, W-B6. No range
 * is listed: the entry changes under the PTL, and after it the notifiers hear
 * of the one page. The page itself stays meanwhile, by the caller's reference.
 *
 *	reclaim					device fault
 *	the entry is cleared
 *						nothing there: the CPU faults
 *						another page is mapped
 *						the mirror still names the old
 *						one [must not be taken for it]
 *	invalidate_page
 *
 * Lock order: mm/rmap.c; callbacks run inside the folio lock and i_mmap_rwsem.
 *
 * Differences: pages of files only, since there is no swap to put others in;
 * they stay in the page cache.
 */
#include <linux/errno.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "targets/hmm_mirror/hmm_device.h"
#include "targets/hmm_mirror/mmu_notifier_v12.h"
#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

/* The entry is gone; so is what it was counted for. */
static void unmap_entry(struct folio *folio, struct vm_area_struct *vma,
			struct page_vma_mapped_walk *pvmw)
{
	pte_t pteval = ptep_clear_flush(vma, pvmw->address, pvmw->pte);

	if (pte_dirty(pteval))
		folio_mark_dirty(folio);
	folio_remove_rmap_pte(folio, &folio->page, vma);
	add_mm_counter(vma->vm_mm, -1);
	page_ref_put(&folio->page, VIEW_REF_PTE);
}

static bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, 0);
	struct mmu_page_v12 page = {
		.mm = vma->vm_mm, .address = address, .event = MMU_MIGRATE,
	};

	if (!page_vma_mapped_walk(&pvmw))
		return true;
	rt_point(RT_SITE(RT_NOTE, "try_to_unmap_one", NULL), pvmw.pte);
	mmu_notifier_page_begin(&page);
	unmap_entry(folio, vma, &pvmw);
	page_vma_mapped_walk_done(&pvmw);
	mmu_notifier_invalidate_page(&page);
	return true;
}

static bool page_mkclean_one(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, PVMW_SYNC);
	struct mmu_page_v12 page = {
		.mm = vma->vm_mm, .address = address, .event = MMU_WRITE_BACK,
	};
	vm_flags_t vm_flags;
	pte_t pte;

	/* mprotect() may change it meanwhile; not this bit. */
	vm_flags = __atomic_load_n(&vma->vm_flags, __ATOMIC_RELAXED);
	if (!(vm_flags & VM_SHARED) || !page_vma_mapped_walk(&pvmw))
		return true;
	if (!pte_write(ptep_get(pvmw.pte)) && !pte_dirty(ptep_get(pvmw.pte))) {
		page_vma_mapped_walk_done(&pvmw);
		return true;
	}
	rt_point(RT_SITE(RT_NOTE, "page_mkclean_one", NULL), pvmw.pte);
	mmu_notifier_page_begin(&page);
	pte = ptep_clear_flush(vma, address, pvmw.pte);
	if (pte_dirty(pte))
		folio_mark_dirty(folio);
	set_pte_at(vma->vm_mm, address, pvmw.pte,
		   pte_mkclean(pte_wrprotect(pte)));
	page_vma_mapped_walk_done(&pvmw);
	mmu_notifier_invalidate_page(&page);
	return true;
}

/* The page of a file that is mapped at @addr, referenced; or NULL. */
static struct folio *file_folio_get(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct page *page = NULL;
	spinlock_t *ptl;
	pte_t *pte;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	pte = vma ? pte_offset_map_lock(mm, pmd_offset(mm, addr), addr, &ptl) :
		NULL;
	if (pte) {
		if (pte_present(ptep_get(pte)))
			page = vm_normal_page(vma, addr, ptep_get(pte));
		if (page && (PageAnon(page) || is_zone_device_page(page) ||
			     !page_ref_try_add(page, VIEW_REF_TMP)))
			page = NULL;
		pte_unmap_unlock(pte, ptl);
	}
	mmap_read_unlock(mm);
	return page ? page_folio(page) : NULL;
}

static long walk_page(u32 slot, unsigned long addr,
		      bool (*one)(struct folio *folio,
				  struct vm_area_struct *vma,
				  unsigned long addr, void *arg))
{
	struct rmap_walk_control rwc = { .rmap_one = one };
	struct mm_struct *mm = mm_enter(slot);
	struct folio *folio;

	if (!mm)
		return -ESRCH;
	folio = file_folio_get(mm, addr);
	if (folio) {
		folio_lock(folio);
		rmap_walk(folio, &rwc);
		folio_unlock(folio);
		folio_put(folio);
	}
	mm_leave(mm);
	return folio ? 0 : -ENOENT;
}

long reclaim_page(u32 slot, unsigned long addr)
{
	return walk_page(slot, addr, try_to_unmap_one);
}

long writeback_page(u32 slot, unsigned long addr)
{
	return walk_page(slot, addr, page_mkclean_one);
}
