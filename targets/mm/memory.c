// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c: resolving faults.
 *
 * Models mm/memory.c, 6.12, as three more files do: memory_copy.c (fork),
 * memory_zap.c, memory_wp.c (do_wp_page()). Huge entries: huge_memory.c. Spec:
 * core.md 5, 5.2, 5.3, device-exclusive.md 5.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			read in a fault
 *     mapping->invalidate_lock		read, in ->fault()
 *       folio lock
 *         anon_vma->rwsem		when a VMA gets its first page
 *         notifier callbacks
 *         table->ptl
 *         mm->page_table_lock		while a table is linked in; and of huge
 *					entries
 *
 * A fault reads its PTE without the PTL, decides, and compares the whole word
 * again under the PTL before it changes anything: between the two another
 * thread may have resolved the same fault, zapped the page or write-protected
 * it. Notifier callbacks sleep, so brackets are opened outside the PTL. A
 * swap-type entry names a page without keeping it for whoever only read it:
 *
 *	P0 fault				P1
 *	read the entry of page A
 *						bring A back, or zap it:
 *						A is freed
 *	device-private: PTL, pte_same()?	[must say no]
 *	exclusive: folio_try_get()?		[no, or A is another's: then
 *						 pte_same() must say no]
 *
 * Differences:
 *  - two levels of tables, of PTRS_PER_PTE entries (pgtable_types.h);
 *  - no fault-around, swap, NUMA hints; of userfaultfd the bit that protects;
 *  - young and dirty are set by faults, not by hardware (pgtable.h);
 *  - the fault of a device-private page locks it before ->migrate_to_ram(), and
 *    waits if somebody else has, as later kernels do: two CPUs that each hold
 *    a reference would keep each other from moving it for ever (W-MIG7). The
 *    6.12 form is devpriv_cpu_fault_livelock;
 *  - a private file fault looks for MMF_UNSTABLE under the PTL, as an anonymous
 *    one does; upstream's is earlier, and a page that was written and reaped
 *    between the two would read as the file's.
 */
#include <linux/bitops.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/kernel.h>
#include <linux/memremap.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

void pte_free(struct page_table *table)
{
	kfree(table);
}

struct page_table *pte_alloc_one(void)
{
	struct page_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	spinlock_t *ptl;
	u32 i;

	if (!table)
		return NULL;
	ptl = &table->ptl;
	spin_lock_init(ptl);
	if (unlikely(rt_detail)) {
		for (i = 0; i < PTRS_PER_PTE; i++)
			rt_name(&table->pte[i], "pte", (int)i);
	}
	return table;
}

/* The table at @pmd, made if there is nothing. -ENOMEM. May sleep. */
int pte_alloc(struct mm_struct *mm, pmd_t *pmd)
{
	struct page_table *table;

	if (likely(!pmd_none(pmd)))
		return 0;
	table = pte_alloc_one();
	if (!table)
		return -ENOMEM;
	spin_lock(&mm->page_table_lock);
	if (pmd_none(pmd)) {
		__atomic_store_n(&pmd->table, table, __ATOMIC_SEQ_CST);
		table = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (table)
		pte_free(table);
	return 0;
}

/* NULL for the zero page, which is mapped without being counted, and for what
 * is no page but a device's register. */
struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr,
			    pte_t pte)
{
	return pte_special(pte) ? NULL : pfn_to_page(pte_pfn(pte));
}

/*
 * The entry's reference becomes that of the mapping. Whoever lent the page to
 * a device was told, and took its rights away, when the bracket was opened;
 * the page's lock keeps it from being lent again meanwhile.
 */
void restore_exclusive_pte(struct vm_area_struct *vma, struct page *page,
			   unsigned long address, pte_t *ptep)
{
	pte_t orig_pte = ptep_get(ptep);
	swp_entry_t entry = pte_to_swp_entry(orig_pte);
	pte_t pte = pte_mkold(mk_pte(page, vma->vm_page_prot));

	if (pte_swp_soft_dirty(orig_pte))
		pte = pte_mksoft_dirty(pte);
	if (pte_swp_uffd_wp(orig_pte) && !mutated(excl_restore_loses_uffd_wp))
		pte = pte_mkuffd_wp(pte);
	else if (is_writable_device_exclusive_entry(entry) ||
		 mutated(excl_restore_ignores_read))
		pte = maybe_mkwrite(pte_mkdirty(pte), vma);

	page_ref_move(page, VIEW_REF_DEXCL, VIEW_REF_PTE);
	if (likely(folio_test_anon(page_folio(page))))
		folio_add_anon_rmap_pte(page_folio(page), page, vma, address,
					RMAP_NONE);
	else
		folio_add_file_rmap_pte(page_folio(page), page, vma);
	folio_lent_dec(page_folio(page));
	set_pte_at(vma->vm_mm, address, ptep, pte);
	view_emit(EV_exclusive_restore, vma->vm_mm->slot, address,
		  page_to_pfn(page));
}

int try_restore_exclusive_pte(pte_t *src_pte, struct vm_area_struct *vma,
			      unsigned long addr)
{
	swp_entry_t entry = pte_to_swp_entry(ptep_get(src_pte));
	struct page *page = pfn_swap_entry_to_page(entry);

	if (!folio_trylock(page_folio(page)))
		return -EBUSY;
	restore_exclusive_pte(vma, page, addr, src_pte);
	folio_unlock(page_folio(page));
	return 0;
}

/* PTL. Restore, if nobody was faster. */
static void restore_if_same(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;

	vmf->pte = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return;
	if (pte_same(ptep_get(vmf->pte), vmf->orig_pte) ||
	    mutated(excl_restore_skip_pte_same))
		restore_exclusive_pte(vma, vmf->page, vmf->address, vmf->pte);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
}

/*
 * The page is lent to a device, and a CPU wants it. In this order: lock the
 * page, tell the device, look at the entry again.
 */
static vm_fault_t remove_device_exclusive_entry(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);
	bool ref = !mutated(excl_restore_locks_unreferenced_page) &&
		   !mutated(v3_d3_locks_unreferenced_page);
	bool lock = !mutated(excl_restore_skip_lock);
	struct mmu_notifier_range range;
	vm_fault_t ret;

	view_emit(EV_exclusive_fault, vmf->vma->vm_mm->slot, vmf->address,
		  page_to_pfn(vmf->page));
	/* No reference left: the entry is gone already. */
	if (ref && !folio_try_get(folio))
		return 0;
	ret = lock ? folio_lock_or_retry(folio, vmf) : 0;
	if (ret) {
		if (ref)
			folio_put(folio);
		return ret;
	}
	mmu_notifier_range_init_owner(&range, exclusive_form->event,
				      MMU_NOTIFIER_RANGE_BLOCKABLE,
				      vmf->vma->vm_mm, vmf->address,
				      vmf->address + PAGE_SIZE, NULL);
	if (mutated(excl_restore_before_notifier))
		restore_if_same(vmf);
	mmu_notifier_invalidate_range_start(&range);
	if (!mutated(excl_restore_before_notifier))
		restore_if_same(vmf);
	if (lock)
		folio_unlock(folio);
	if (ref)
		folio_put(folio);
	mmu_notifier_invalidate_range_end(&range);
	return 0;
}

/*
 * The driver could not move the page: somebody has a reference for a moment.
 * The fault comes again, and lets him run first.
 */
static void device_private_retry(struct vm_fault *vmf)
{
	struct page_table *table = pmd_pgtable(vmf->pmd);

	if (table && is_swap_pte(ptep_get(pte_offset(table, vmf->address))))
		cpu_relax();
}

/*
 * The page is a device's own. It comes to ->migrate_to_ram() referenced and
 * locked, so that one CPU moves it and the others wait: the driver names it as
 * migrate_vma.fault_page, whose lock and reference the migration then knows of
 * and leaves alone. In the form devpriv_cpu_fault_livelock it is referenced and
 * not locked.
 */
static vm_fault_t do_device_private_page(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);
	bool lock = !mutated(devpriv_cpu_fault_livelock);
	bool ref = !mutated(dmem_fault_skip_ref);
	vm_fault_t ret;

	vmf->pte = pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return 0;
	if (!pte_same(ptep_get(vmf->pte), vmf->orig_pte) &&
	    !mutated(dmem_fault_skip_pte_same)) {
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		return 0;
	}
	if (lock && !folio_trylock(folio)) {
		if (mutated(hmm_fault_spins_on_locked_private_page))
			pte_unmap_unlock(vmf->pte, vmf->ptl);
		else
			migration_entry_wait_on_locked(folio, vmf->ptl);
		return 0;
	}
	if (ref)
		folio_get(folio);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	view_emit(EV_migrate_to_ram, page_to_pfn(vmf->page),
		  vmf->vma->vm_mm->slot, vmf->address);
	ret = vmf->page->pgmap->ops->migrate_to_ram(vmf);
	if (lock)
		folio_unlock(folio);
	if (ref)
		folio_put(folio);
	if (lock)
		device_private_retry(vmf);
	return ret;
}

/* Nothing is present: the page is on the move, lent, or a device's. */
static vm_fault_t do_swap_page(struct vm_fault *vmf)
{
	swp_entry_t entry = pte_to_swp_entry(vmf->orig_pte);

	if (is_migration_entry(entry)) {
		migration_entry_wait(vmf->vma->vm_mm, vmf->pmd, vmf->address);
		return 0;
	}
	vmf->page = pfn_swap_entry_to_page(entry);
	if (is_device_exclusive_entry(entry))
		return remove_device_exclusive_entry(vmf);
	return do_device_private_page(vmf);
}

/* Contents of a reaped mm may be gone: what is there now would be a lie. */
vm_fault_t check_stable_address_space(struct mm_struct *mm)
{
	return test_bit(MMF_UNSTABLE, &mm->flags) ? VM_FAULT_SIGBUS : 0;
}

/* Nothing is there yet: a read gets the zero page, a write a page of its own. */
static vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	struct folio *folio = NULL;
	vm_fault_t ret = 0;
	pte_t entry;

	if (vmf->flags & FAULT_FLAG_WRITE) {
		if (anon_vma_prepare(vma))
			return VM_FAULT_OOM;
		folio = vma_alloc_zeroed_movable_folio(vma, vmf->address);
		if (!folio)
			return VM_FAULT_OOM;
		entry = mk_pte(&folio->page, vma->vm_page_prot);
		if (vma->vm_flags & VM_WRITE)
			entry = pte_mkwrite_novma(pte_mkdirty(entry));
	} else {
		entry = pfn_pte(ZERO_PFN, vma->vm_page_prot);
		entry = pte_mkspecial(entry);
	}
	entry = pte_mkyoung(entry);

	vmf->pte = pte_offset_map_lock(mm, vmf->pmd, vmf->address, &vmf->ptl);
	if (!vmf->pte)
		goto release;
	if (!pte_none(ptep_get(vmf->pte)) && !mutated(mm_anon_skip_none_check))
		goto unlock;
	ret = check_stable_address_space(mm);
	if (ret)
		goto unlock;
	if (folio) {
		add_mm_counter(mm, 1);
		folio_add_new_anon_rmap(folio, vma, vmf->address,
					RMAP_EXCLUSIVE);
		folio_add_lru(folio);
		page_ref_move(&folio->page, VIEW_REF_TMP, VIEW_REF_PTE);
		folio = NULL;
	}
	set_pte_at(mm, vmf->address, vmf->pte, entry);
unlock:
	spin_unlock(vmf->ptl);
release:
	if (folio)
		folio_put(folio);
	return ret;
}

/* Ask the file: vmf->page comes back referenced and locked, or an error. */
static vm_fault_t __do_fault(struct vm_fault *vmf)
{
	return filemap_fault(vmf);
}

/* PTL held. The reference of @page becomes that of its entry. */
static void set_pte_range(struct vm_fault *vmf, struct page *page)
{
	struct vm_area_struct *vma = vmf->vma;
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	pte_t entry = pte_mkyoung(mk_pte(page, vma->vm_page_prot));

	if (write)
		entry = maybe_mkwrite(pte_mkdirty(entry), vma);
	if (write && !(vma->vm_flags & VM_SHARED)) {
		folio_add_new_anon_rmap(page_folio(page), vma, vmf->address,
					RMAP_EXCLUSIVE);
		folio_add_lru(page_folio(page));
	} else {
		folio_add_file_rmap_pte(page_folio(page), page, vma);
	}
	page_ref_move(page, VIEW_REF_TMP, VIEW_REF_PTE);
	add_mm_counter(vma->vm_mm, 1);
	set_pte_at(vma->vm_mm, vmf->address, vmf->pte, entry);
}

/*
 * Map what the file gave, or the copy of it; the file's page is locked, so it
 * is still the file's. NOPAGE: somebody else was faster. Keeps the lock, and
 * the reference unless the result is 0.
 */
static vm_fault_t finish_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	bool shared = vma->vm_flags & VM_SHARED;
	bool is_cow = vmf->flags & FAULT_FLAG_WRITE && !shared;
	vm_fault_t ret = VM_FAULT_NOPAGE;

	vmf->pte = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return ret;
	if (pte_none(ptep_get(vmf->pte)) || mutated(mm_file_skip_none_check)) {
		ret = shared ? 0 : check_stable_address_space(vma->vm_mm);
		if (!ret)
			set_pte_range(vmf, is_cow ? vmf->cow_page : vmf->page);
	}
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return ret;
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = __do_fault(vmf);

	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		return ret;
	ret = finish_fault(vmf);
	folio_unlock(page_folio(vmf->page));
	if (ret)
		put_page(vmf->page);
	return ret;
}

static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;
	vm_fault_t ret;

	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	folio = vma_alloc_zeroed_movable_folio(vma, vmf->address);
	if (!folio)
		return VM_FAULT_OOM;
	vmf->cow_page = &folio->page;
	ret = __do_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		goto put_copy;
	copy_user_highpage(vmf->cow_page, vmf->page, vmf->address, vma);
	ret = finish_fault(vmf);
	folio_unlock(page_folio(vmf->page));
	put_page(vmf->page);
	if (!ret)
		return 0;
put_copy:
	folio_put(folio);
	return ret;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = __do_fault(vmf);
	struct folio *folio;

	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		return ret;
	folio = page_folio(vmf->page);
	if (vma_has_page_mkwrite(vmf->vma)) {
		folio_unlock(folio);
		ret = do_page_mkwrite(vmf, folio);
		if (!ret || ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)) {
			folio_put(folio);
			return ret;
		}
	}
	ret = finish_fault(vmf);
	if (ret) {
		folio_unlock(folio);
		folio_put(folio);
		return ret;
	}
	fault_dirty_shared_page(folio);
	return 0;
}

static vm_fault_t do_fault(struct vm_fault *vmf)
{
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_read_fault(vmf);
	if (!(vmf->vma->vm_flags & VM_SHARED))
		return do_cow_fault(vmf);
	return do_shared_fault(vmf);
}

static vm_fault_t handle_pte_fault(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;
	struct page_table *table;
	pte_t entry;

	if (pte_alloc(mm, vmf->pmd))
		return VM_FAULT_OOM;
	table = pmd_pgtable(vmf->pmd);
	/* Somebody was faster, with a huge entry: come back to it. */
	if (unlikely(!table))
		return 0;
	vmf->ptl = &table->ptl;
	vmf->pte = pte_offset(table, vmf->address);
	vmf->orig_pte = ptep_get_lockless(vmf->pte);
	if (pte_none(vmf->orig_pte))
		return vma_is_anonymous(vmf->vma) ? do_anonymous_page(vmf) :
						    do_fault(vmf);
	if (!pte_present(vmf->orig_pte))
		return do_swap_page(vmf);

	spin_lock(vmf->ptl);
	entry = vmf->orig_pte;
	if (!pte_same(ptep_get(vmf->pte), entry))
		goto unlock;
	if (vmf->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE)) {
		if (!pte_write(entry))
			return do_wp_page(vmf);
		if (vmf->flags & FAULT_FLAG_WRITE)
			entry = pte_mkdirty(entry);
	}
	ptep_set_access_flags(vmf->vma, vmf->address, vmf->pte,
			      pte_mkyoung(entry),
			      vmf->flags & FAULT_FLAG_WRITE);
unlock:
	spin_unlock(vmf->ptl);
	return 0;
}

/* Of a VMA that wants huge entries. VM_FAULT_FALLBACK: not this way. */
static vm_fault_t handle_huge_fault(struct vm_fault *vmf)
{
	unsigned int write = FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE;

	if (pmd_none(vmf->pmd))
		return do_huge_pmd_anonymous_page(vmf);
	if (!pmd_trans_huge(vmf->pmd))
		return VM_FAULT_FALLBACK;
	vmf->orig_pmd = pmdp_get_lockless(vmf->pmd);
	if (pte_none(vmf->orig_pmd))
		return VM_FAULT_FALLBACK;
	if (vmf->flags & write && !pte_write(vmf->orig_pmd))
		return do_huge_pmd_wp_page(vmf);
	huge_pmd_set_accessed(vmf);
	return 0;
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma,
		.address = address & PAGE_MASK,
		.flags = flags,
		.pmd = pmd_offset(vma->vm_mm, address),
	};

	mmap_assert_locked(vma->vm_mm);
	if (unlikely(vma->vm_flags & VM_HUGEPAGE)) {
		vm_fault_t ret = handle_huge_fault(&vmf);

		if (!(ret & VM_FAULT_FALLBACK))
			return ret;
	}
	return handle_pte_fault(&vmf);
}
