// SPDX-License-Identifier: GPL-2.0
/*
 * mremap.c: moving mappings to other addresses.
 *
 * Models mm/mremap.c and copy_vma() of mm/vma.c, 6.12. Spec: core.md 3.2.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			write
 *     notifier callbacks		of the old range
 *     mapping->i_mmap_rwsem		write
 *       anon_vma->rwsem		write
 *         table->ptl			of the old table, then of the new
 *
 * An entry is where a walk of the rmap looks for it, at the old place or at the
 * new: with the rmap locks held no walk is between the two. The old range is
 * flushed before its PTL is dropped, because from there on the page may be
 * taken from the new place, by who knows only of that:
 *
 *	mremap					another CPU
 *	move the entry
 *	flush the old address
 *	drop both PTLs
 *						MADV_DONTNEED of the new address
 *						frees the page; a store to the
 *						old one faults	[must]
 *
 * Entries move as they are, of pages on the move and at a device too. An
 * anonymous VMA keeps its vm_pgoff, by which its pages are found, unless it
 * never had a page.
 *
 * Differences:
 *  - MREMAP_FIXED to a range where nothing is mapped, of the same length; what
 *    sticks out of [addr, addr + len) is cut off first; several VMAs move one
 *    after the other;
 *  - the rmap locks are always taken;
 *  - no moving of whole tables, no MREMAP_DONTUNMAP.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

static void take_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		i_mmap_lock_write(vma->vm_file->f_mapping);
	if (vma->anon_vma)
		anon_vma_lock_write(vma->anon_vma);
}

static void drop_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		anon_vma_unlock_write(vma->anon_vma);
	if (vma->vm_file)
		i_mmap_unlock_write(vma->vm_file->f_mapping);
}

/* It was moved: who tracks changes by address must look at it. */
static pte_t move_soft_dirty_pte(pte_t pte)
{
	return pte_present(pte) ? pte_mksoft_dirty(pte) :
				  pte_swp_mksoft_dirty(pte);
}

/* One table's worth of each; the tables are there. */
static void move_ptes(struct vm_area_struct *vma, unsigned long old_addr,
		      unsigned long old_end, unsigned long new_addr)
{
	unsigned long start = old_addr;
	struct mm_struct *mm = vma->vm_mm;
	pte_t *old_pte, *new_pte, pte;
	spinlock_t *old_ptl, *new_ptl;
	bool force_flush = false;

	take_rmap_locks(vma);
	old_pte = pte_offset_map_lock(mm, pmd_offset(mm, old_addr), old_addr,
				      &old_ptl);
	if (!old_pte)
		goto unlock;
	new_pte = pte_offset(pmd_pgtable(pmd_offset(mm, new_addr)), new_addr);
	new_ptl = &pmd_pgtable(pmd_offset(mm, new_addr))->ptl;
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	for (; old_addr < old_end; old_addr += PAGE_SIZE,
	     new_addr += PAGE_SIZE, old_pte++, new_pte++) {
		if (pte_none(ptep_get(old_pte)))
			continue;
		rt_point(RT_SITE(RT_NOTE, "move_pte", NULL), old_pte);
		pte = ptep_get_and_clear(mm, old_addr, old_pte);
		force_flush |= pte_present(pte);
		set_pte_at(mm, new_addr, new_pte, move_soft_dirty_pte(pte));
	}
	if (force_flush && !mutated(mm_mremap_skip_flush))
		flush_tlb_range(mm, start, old_end);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	pte_unmap_unlock(old_pte - 1, old_ptl);
unlock:
	drop_rmap_locks(vma);
}

/* A huge entry moves whole, if [old_addr, old_end) and its new place are, and
 * nothing is there; true then. Else it is split. */
static bool move_huge(struct vm_area_struct *vma, unsigned long old_addr,
		      unsigned long old_end, unsigned long new_addr)
{
	bool moved = false;

	if (old_end - old_addr == HPAGE_PMD_SIZE) {
		take_rmap_locks(vma);
		moved = move_huge_pmd(vma, old_addr, new_addr);
		drop_rmap_locks(vma);
	}
	if (!moved)
		split_huge_pmd_address(vma, old_addr, NULL);
	return moved;
}

/* How much of @len was moved: less if a table could not be had. */
static unsigned long move_page_tables(struct vm_area_struct *vma,
				      unsigned long old_addr,
				      unsigned long new_addr,
				      unsigned long len)
{
	unsigned long start = old_addr, end = old_addr + len, next;
	bool bracket = !mutated(mm_mremap_skip_bracket);
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP,
				MMU_NOTIFIER_RANGE_BLOCKABLE, mm, start, end);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	for (; old_addr < end; new_addr += next - old_addr, old_addr = next) {
		next = pmd_addr_end(old_addr, end);
		next = min(next, old_addr + (pmd_addr_end(new_addr, ~0ul) -
					     new_addr));
		if (pmd_none(pmd_offset(mm, old_addr)))
			continue;
		if (unlikely(pmd_trans_huge(pmd_offset(mm, old_addr))) &&
		    move_huge(vma, old_addr, next, new_addr))
			continue;
		if (pte_alloc(mm, pmd_offset(mm, new_addr)))
			break;
		move_ptes(vma, old_addr, next, new_addr);
	}
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	return old_addr - start;
}

/* A VMA at @addr for the pages of @vma. NULL: no memory. */
static struct vm_area_struct *copy_vma(struct vm_area_struct *vma,
				       unsigned long addr)
{
	struct vm_area_struct *new_vma = vm_area_dup(vma);

	if (!new_vma)
		return NULL;
	new_vma->vm_start = addr;
	new_vma->vm_end = addr + (vma->vm_end - vma->vm_start);
	if (vma_is_anonymous(vma) && !vma->anon_vma)
		new_vma->vm_pgoff = addr >> PAGE_SHIFT;
	if (anon_vma_clone(new_vma, vma)) {
		vm_area_free(new_vma);
		return NULL;
	}
	if (new_vma->vm_file)
		get_file(new_vma->vm_file);
	vma_link(vma->vm_mm, new_vma);
	vma_mapped(new_vma);
	return new_vma;
}

/*
 * All of @vma. What could not be moved, for want of a table, takes what could
 * back: its tables are still there. 0 or -ENOMEM.
 */
static int move_vma(struct vm_area_struct *vma, unsigned long new_addr)
{
	unsigned long old_addr = vma->vm_start, len = vma->vm_end - old_addr;
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *new_vma = copy_vma(vma, new_addr);
	unsigned long moved_len;
	int ret = 0;

	if (!new_vma)
		return -ENOMEM;
	view_emit(EV_mremap, VIEW_MREMAP(mm->slot, len / PAGE_SIZE), old_addr,
		  new_addr);
	moved_len = move_page_tables(vma, old_addr, new_addr, len);
	if (moved_len < len) {
		move_page_tables(new_vma, new_addr, old_addr, moved_len);
		old_addr = new_addr;
		ret = -ENOMEM;
	}
	/* Nothing has to be cut for this, and so nothing can fail. */
	do_vmi_align_munmap(mm, old_addr, old_addr + len, false);
	return ret;
}

/* What [addr, end) maps is whole VMAs, without a hole. 0, -EFAULT, -ENOMEM. */
static int mremap_prepare(struct mm_struct *mm, unsigned long addr,
			  unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	if (!vma)
		return -EFAULT;
	if (vma->vm_start < addr) {
		if (split_vma(vma, addr))
			return -ENOMEM;
		vma = vma->vm_next;
	}
	while (vma->vm_end < end) {
		if (!vma->vm_next || vma->vm_next->vm_start != vma->vm_end)
			return -EFAULT;
		vma = vma->vm_next;
	}
	return vma->vm_end > end ? split_vma(vma, end) : 0;
}

int do_mremap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long new_addr)
{
	unsigned long end = addr + len, next;
	struct vm_area_struct *vma;
	int ret;

	if (!range_valid(addr, len) || !range_valid(new_addr, len) ||
	    (new_addr < end && addr < new_addr + len))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = find_vma_intersection(mm, new_addr, new_addr + len) ?
	      -EEXIST : mremap_prepare(mm, addr, end);
	for (; !ret && addr < end; new_addr += next - addr, addr = next) {
		vma = vma_lookup(mm, addr);
		next = vma->vm_end;
		ret = move_vma(vma, new_addr);
	}
	mmap_write_unlock(mm);
	return ret;
}
