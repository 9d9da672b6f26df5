// SPDX-License-Identifier: GPL-2.0
/*
 * mprotect.c: changing the rights of a range.
 *
 * Models mm/mprotect.c, 6.12. Spec: core.md 6.3. Holds mmap_lock for writing;
 * under it the PTL of one table at a time, never across a callback.
 *
 * The VMA changes first and its entries after that, inside a bracket, so that
 * no fault can give back what is being taken. Entries lose write even where
 * the VMA allows it, and get it back only if the page is this mm's alone, or of
 * a shared mapping and known to have been written. Entries of pages on the move
 * or at a device lose it too, and only a fault gives it back: it would be what
 * the page is mapped with when it returns. The flush is owed until
 * tlb_finish_mmu(), after the bracket is closed.
 *
 * userfaultfd.c changes entries the same way, where no VMA changes and mmap_lock
 * is held for reading.
 *
 * Difference: no keys, no soft-dirty mode, no security hooks.
 */
#include <linux/errno.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

/* Writable without the fault that a store would take to find out? */
static bool can_change_pte_writable(struct vm_area_struct *vma,
				    unsigned long addr, pte_t pte)
{
	struct page *page;

	if (!(vma->vm_flags & VM_WRITE) || pte_protnone(pte) ||
	    pte_uffd_wp(pte))
		return false;
	/* A clean entry: the file may still want to hear of the first store. */
	if (vma->vm_flags & VM_SHARED)
		return pte_dirty(pte);
	page = vm_normal_page(vma, addr, pte);
	if (!page || !PageAnon(page))
		return false;
	return PageAnonExclusive(page) || mutated(mm_mprotect_regains_shared);
}

/* Rights of @newpte that @oldpte had not are of no interest to a TLB. */
static bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	return (oldpte.pte & ~newpte.pte) & (_PAGE_PRESENT | _PAGE_RW);
}

static pte_t change_present_pte(struct mmu_gather *tlb,
				struct vm_area_struct *vma, unsigned long addr,
				pte_t oldpte, unsigned long cp_flags)
{
	pte_t ptent = pte_modify(oldpte, vma->vm_page_prot);

	if (cp_flags & MM_CP_UFFD_WP)
		ptent = pte_mkuffd_wp(ptent);
	else if (cp_flags & MM_CP_UFFD_WP_RESOLVE)
		ptent = pte_clear_uffd_wp(ptent);
	if (can_change_pte_writable(vma, addr, ptent) ||
	    (pte_write(oldpte) && mutated(mm_mprotect_keeps_write)))
		ptent = pte_mkwrite_novma(ptent);
	if (pte_needs_flush(oldpte, ptent) && !mutated(mm_mprotect_skip_flush))
		tlb_flush_pte_range(tlb, addr);
	return ptent;
}

/* A test of the page's rights is difficult here: write goes in any case. */
static swp_entry_t change_migration_entry(swp_entry_t old)
{
	unsigned long offset = swp_offset_pfn(old);
	swp_entry_t entry;

	if (folio_test_anon(pfn_swap_entry_folio(old)))
		entry = make_readable_exclusive_migration_entry(offset);
	else
		entry = make_readable_migration_entry(offset);
	if (is_migration_entry_young(old))
		entry = make_migration_entry_young(entry);
	if (is_migration_entry_dirty(old))
		entry = make_migration_entry_dirty(entry);
	return entry;
}

/* Write goes, if nothing else. */
static pte_t change_swap_entry(pte_t oldpte)
{
	swp_entry_t entry = pte_to_swp_entry(oldpte);
	bool soft_dirty = pte_swp_soft_dirty(oldpte);
	pte_t newpte;

	if (is_writable_migration_entry(entry) &&
	    !mutated(mm_mprotect_keeps_migration_write)) {
		entry = change_migration_entry(entry);
	} else if (is_writable_device_private_entry(entry) &&
		   !mutated(mm_mprotect_keeps_device_write)) {
		entry = make_readable_device_private_entry(
				swp_offset_pfn(entry));
		soft_dirty = false;	/* lost, as upstream */
	} else if (is_writable_device_exclusive_entry(entry) &&
		   !mutated(excl_mprotect_keeps_write)) {
		entry = make_readable_device_exclusive_entry(
				swp_offset_pfn(entry));
	} else {
		return oldpte;
	}
	newpte = swp_entry_to_pte(entry);
	if (soft_dirty)
		newpte = pte_swp_mksoft_dirty(newpte);
	if (pte_swp_uffd_wp(oldpte))
		newpte = pte_swp_mkuffd_wp(newpte);
	return newpte;
}

static pte_t change_nonpresent_pte(pte_t oldpte, unsigned long cp_flags)
{
	pte_t newpte = change_swap_entry(oldpte);

	if (cp_flags & MM_CP_UFFD_WP)
		newpte = pte_swp_mkuffd_wp(newpte);
	else if (cp_flags & MM_CP_UFFD_WP_RESOLVE)
		newpte = pte_swp_clear_uffd_wp(newpte);
	return newpte;
}

static void change_pte_range(struct mmu_gather *tlb,
			     struct vm_area_struct *vma, unsigned long addr,
			     unsigned long end, unsigned long cp_flags)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *pte, oldpte, newpte;
	spinlock_t *ptl;

	pte = pte_offset_map_lock(mm, pmd_offset(mm, addr), addr, &ptl);
	if (!pte)
		return;
	for (; addr < end; addr += PAGE_SIZE, pte++) {
		oldpte = ptep_get(pte);
		if (pte_none(oldpte))
			continue;
		rt_point(RT_SITE(RT_NOTE, "change_pte", NULL), pte);
		if (pte_present(oldpte))
			newpte = change_present_pte(tlb, vma, addr, oldpte,
						    cp_flags);
		else
			newpte = change_nonpresent_pte(oldpte, cp_flags);
		if (pte_present(oldpte) || !pte_same(oldpte, newpte))
			set_pte_at(mm, addr, pte, newpte);
	}
	pte_unmap_unlock(pte - 1, ptl);
}

/* A huge entry; true: all of it is changed. Else there is a table. */
static bool change_huge_range(struct mmu_gather *tlb,
			      struct vm_area_struct *vma, pmd_t *pmd,
			      unsigned long addr, unsigned long cp_flags)
{
	/* One is never of two VMAs: whoever cut them split it. */
	if (!cp_flags)
		return change_huge_pmd(tlb, vma, pmd, addr & HPAGE_PMD_MASK);
	__split_huge_pmd(vma, pmd, addr, NULL);
	return false;
}

void change_protection(struct mmu_gather *tlb, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end,
		       unsigned long cp_flags)
{
	bool bracket = !mutated(mm_mprotect_skip_bracket);
	struct mmu_notifier_range range;
	unsigned long addr, next;

	/* The bracket begins at the first table there is. */
	while (start < end && pmd_none(pmd_offset(vma->vm_mm, start)))
		start = pmd_addr_end(start, end);
	if (start == end)
		return;
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				start, end);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	for (addr = start; addr < end; addr = next) {
		pmd_t *pmd = pmd_offset(vma->vm_mm, addr);

		next = pmd_addr_end(addr, end);
		if (unlikely(pmd_trans_huge(pmd)) &&
		    change_huge_range(tlb, vma, pmd, addr, cp_flags))
			continue;
		change_pte_range(tlb, vma, addr, next, cp_flags);
	}
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
	/* Walks of the rmap look on. */
	__atomic_store_n(&vma->vm_flags, newflags, __ATOMIC_RELAXED);
	vma_set_page_prot(vma);
	vma_changed(vma->vm_mm, start, end, vma_prot(vma));
	change_protection(tlb, vma, start, end, 0);
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

	if ((start | len) & ~PAGE_MASK)
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
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
