// SPDX-License-Identifier: GPL-2.0
/*
 * memory_wp.c: a write to a page that is mapped read-only.
 *
 * Models do_wp_page() and what it calls, mm/memory.c, 6.12. Spec: core.md 5.1,
 * 6.9.1 a (UNSHARE).
 *
 * Lock order: as memory.c. do_wp_page() comes with the PTL, and drops it before
 * anything that sleeps: a copy, a bracket, ->page_mkwrite(). What it compared
 * under the PTL it compares again when it comes back:
 *
 *	P0 write fault				P1
 *	pte_same(), drop the PTL
 *	copy the page
 *						munmap, MADV_DONTNEED, or a
 *						copy of its own
 *	range_start()
 *	PTL, pte_same()? [must say no]
 *
 * UNSHARE asks for the same, less the right to write: a page that a pin can
 * rely on, since no later fault of this mm will replace it.
 *
 * Differences: no swap cache, KSM; nobody is told of a write to a page that
 * userfaultfd.c protects, or held up by it; a page that is taken as ours
 * stays with the anon_vma it was made for (rmap.c); nothing is written back.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

vm_fault_t do_page_mkwrite(struct vm_fault *vmf, struct folio *folio)
{
	vmf->page = folio_page(folio, 0);
	return filemap_page_mkwrite(vmf);
}

void fault_dirty_shared_page(struct folio *folio)
{
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

/* The page may be written where it is. PTL held; drops it. */
static void wp_page_reuse(struct vm_fault *vmf)
{
	pte_t entry = pte_mkyoung(vmf->orig_pte);

	entry = maybe_mkwrite(pte_mkdirty(entry), vmf->vma);
	ptep_set_access_flags(vmf->vma, vmf->address, vmf->pte, entry, true);
	spin_unlock(vmf->ptl);
}

/* The entry of a copy: for writing, or, unshared, as the old one was. */
static pte_t wp_copy_entry(struct vm_fault *vmf, struct page *page)
{
	pte_t entry = pte_mkyoung(mk_pte(page, vmf->vma->vm_page_prot));

	if (!(vmf->flags & FAULT_FLAG_UNSHARE))
		return maybe_mkwrite(pte_mkdirty(entry), vmf->vma);
	if (pte_soft_dirty(vmf->orig_pte))
		entry = pte_mksoft_dirty(entry);
	if (pte_uffd_wp(vmf->orig_pte))
		entry = pte_mkuffd_wp(entry);
	return entry;
}

/*
 * Put the copy in place of the old page, under the PTL. The TLB flush comes
 * before the new entry: no CPU may still write the old page when another
 * already reads the new one. False: somebody else was faster.
 */
static bool wp_page_replace(struct vm_fault *vmf, struct folio *new_folio)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	struct page *page = &new_folio->page;
	bool same;
	pte_t entry;

	vmf->pte = pte_offset_map_lock(mm, vmf->pmd, vmf->address, &vmf->ptl);
	if (!vmf->pte)
		return false;
	same = pte_same(ptep_get(vmf->pte), vmf->orig_pte);
	if (same || mutated(mm_wp_skip_pte_same)) {
		if (!vmf->page)
			add_mm_counter(mm, 1);
		entry = wp_copy_entry(vmf, page);
		if (mutated(mm_wp_skip_flush))
			ptep_get_and_clear(mm, vmf->address, vmf->pte);
		else
			ptep_clear_flush(vma, vmf->address, vmf->pte);
		folio_add_new_anon_rmap(new_folio, vma, vmf->address,
					RMAP_EXCLUSIVE);
		folio_add_lru(new_folio);
		page_ref_move(page, VIEW_REF_TMP, VIEW_REF_PTE);
		set_pte_at(mm, vmf->address, vmf->pte, entry);
		if (vmf->page) {
			folio_remove_rmap_pte(page_folio(vmf->page), vmf->page,
					      vma);
			page_ref_move(vmf->page, VIEW_REF_PTE, VIEW_REF_TMP);
		}
		same = true;
	}
	spin_unlock(vmf->ptl);
	return same;
}

/* No lock but mmap_lock held; the old page, if any, has our reference. */
static vm_fault_t wp_page_copy(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mmu_notifier_range range;
	struct folio *new_folio;
	bool bracket, copied;

	if (anon_vma_prepare(vma))
		goto oom;
	new_folio = vma_alloc_zeroed_movable_folio(vma, vmf->address);
	if (!new_folio)
		goto oom;
	if (vmf->page && !mutated(mm_wp_skip_copy))
		copy_user_highpage(&new_folio->page, vmf->page, vmf->address,
				   vma);
	bracket = !mutated(mm_wp_skip_bracket);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				vmf->address, vmf->address + PAGE_SIZE);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	copied = wp_page_replace(vmf, new_folio);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	if (!copied)
		folio_put(new_folio);
	else if (vmf->page)
		put_page(vmf->page);	/* what the old entry held */
	if (vmf->page)
		put_page(vmf->page);
	return 0;
oom:
	if (vmf->page)
		put_page(vmf->page);
	return VM_FAULT_OOM;
}

/*
 * ->page_mkwrite() allowed it, with no PTL held: is it still the same entry?
 * NOPAGE: no; the folio stays locked. 0: writable now.
 */
static vm_fault_t finish_mkwrite_fault(struct vm_fault *vmf)
{
	vmf->pte = pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return VM_FAULT_NOPAGE;
	if (!pte_same(ptep_get(vmf->pte), vmf->orig_pte) &&
	    !mutated(mm_mkwrite_skip_pte_same)) {
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		return VM_FAULT_NOPAGE;
	}
	wp_page_reuse(vmf);
	return 0;
}

/* A shared mapping: every process sees the store. PTL held; drops it. */
static vm_fault_t wp_page_shared(struct vm_fault *vmf, struct folio *folio)
{
	vm_fault_t ret;

	folio_get(folio);
	if (!vma_has_page_mkwrite(vmf->vma)) {
		wp_page_reuse(vmf);
		folio_lock(folio);
	} else {
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		ret = do_page_mkwrite(vmf, folio);
		if (!ret || ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)) {
			folio_put(folio);
			return ret;
		}
		ret = finish_mkwrite_fault(vmf);
		if (ret) {
			folio_unlock(folio);
			folio_put(folio);
			return ret;
		}
	}
	fault_dirty_shared_page(folio);
	folio_put(folio);
	return 0;
}

/*
 * May a page that was shared be taken as ours again? Only if nobody else has
 * a reference; the lock keeps a second taker of such a reference out.
 */
bool wp_can_reuse_anon_folio(struct folio *folio)
{
	bool reuse;

	if (folio_ref_count(folio) > 3)
		return false;
	if (folio_ref_count(folio) > 1)
		return false;
	if (!folio_trylock(folio))
		return false;
	reuse = folio_ref_count(folio) == 1;
	folio_unlock(folio);
	return reuse;
}

/* The page is written, so it is protected no longer; the store is. PTL held. */
static void wp_page_unprotect(struct vm_fault *vmf)
{
	vmf->orig_pte = pte_clear_uffd_wp(ptep_get(vmf->pte));
	set_pte_at(vmf->vma->vm_mm, vmf->address, vmf->pte, vmf->orig_pte);
}

/* A write to, or an UNSHARE of, a present, read-only entry. */
vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	struct page *page;

	if (!(vmf->flags & FAULT_FLAG_UNSHARE) && pte_uffd_wp(vmf->orig_pte))
		wp_page_unprotect(vmf);
	page = vm_normal_page(vmf->vma, vmf->address, vmf->orig_pte);
	vmf->page = page;
	if (vmf->vma->vm_flags & VM_SHARED) {
		if (page)
			return wp_page_shared(vmf, page_folio(page));
		/* A register: there is no file to tell. */
		wp_page_reuse(vmf);
		return 0;
	}
	if (page && folio_test_anon(page_folio(page)) &&
	    (PageAnonExclusive(page) ||
	     wp_can_reuse_anon_folio(page_folio(page)) ||
	     mutated(mm_reuse_ignores_refs))) {
		if (!PageAnonExclusive(page))
			SetPageAnonExclusive(page);
		if (vmf->flags & FAULT_FLAG_UNSHARE) {
			pte_unmap_unlock(vmf->pte, vmf->ptl);
			return 0;
		}
		wp_page_reuse(vmf);
		return 0;
	}
	if (page)
		get_page(page);
	spin_unlock(vmf->ptl);
	return wp_page_copy(vmf);
}
