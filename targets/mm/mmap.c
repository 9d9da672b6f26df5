// SPDX-License-Identifier: GPL-2.0
/*
 * mmap.c: the VMAs of an address space: finding, making, splitting, removing.
 *
 * Models mm/mmap.c, 6.12. Spec: core.md 2.3, 6.1, 6.6.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			write to change VMAs; munmap() goes down to
 *					read once its VMAs are off the list
 *     notifier callbacks		no PTL held
 *     table->ptl
 *
 * After munmap() downgraded, faults elsewhere in the mm run beside its zap. A
 * fault in the removed range finds no VMA; a translation of it made before is
 * what the bracket and the gather are for.
 *
 * Differences:
 *  - VMAs are a sorted list and are split but never merged;
 *  - mmap() is MAP_FIXED, anonymous and private;
 *  - the page-table page is freed when the last VMA goes, not per range;
 *  - no limits, accounting, locked memory, stack growth.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

u32 vma_prot(const struct vm_area_struct *vma)
{
	if (!vma)
		return VIEW_UNMAPPED;
	if (vma->vm_flags & VM_WRITE)
		return VIEW_PROT_RW;
	return vma->vm_flags & VM_READ ? VIEW_PROT_R : VIEW_PROT_NO;
}

void vma_changed(struct mm_struct *mm, unsigned long start, unsigned long end,
		 u32 prot)
{
	view_emit(EV_vma_set, VIEW_VMA(mm->slot, prot), start, end);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = mm->mmap;

	while (vma && vma->vm_end <= addr)
		vma = vma->vm_next;
	return vma;
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

/* Program pages only, aligned, not empty. */
static bool range_valid(unsigned long start, unsigned long len)
{
	return !((start | len) & ~PAGE_MASK) && len && start >= PMD_START &&
	       start < PMD_END && len <= PMD_END - start;
}

/* Keeps [vm_start, addr); the rest becomes a VMA of its own. 0 or -ENOMEM. */
int split_vma(struct vm_area_struct *vma, unsigned long addr)
{
	struct vm_area_struct *new;

	mmap_assert_write_locked(vma->vm_mm);
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	new->vm_start = addr;
	vma->vm_end = addr;
	vma->vm_next = new;
	vma->vm_mm->map_count++;
	return 0;
}

static void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct **link = &mm->mmap;

	while (*link && (*link)->vm_start < vma->vm_start)
		link = &(*link)->vm_next;
	vma->vm_next = *link;
	*link = vma;
	mm->map_count++;
}

static void remove_vmas(struct vm_area_struct *vma)
{
	struct vm_area_struct *next;

	for (; vma; vma = next) {
		next = vma->vm_next;
		vm_area_free(vma);
	}
}

/* Take the VMAs of [start, end) off the list, as a list of their own. */
static struct vm_area_struct *detach_vmas(struct mm_struct *mm,
					  unsigned long start,
					  unsigned long end)
{
	struct vm_area_struct **link = &mm->mmap, **tail, *first;

	while (*link && (*link)->vm_start < start)
		link = &(*link)->vm_next;
	first = *link;
	for (tail = link; *tail && (*tail)->vm_start < end;
	     tail = &(*tail)->vm_next)
		mm->map_count--;
	*link = *tail;
	*tail = NULL;
	return first;
}

/* Needs mmap_lock, any mode; @vma and what follows it are off the list. */
static void unmap_region(struct mm_struct *mm, struct vm_area_struct *vma,
			 unsigned long start, unsigned long end)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, mm);
	unmap_vmas(&tlb, vma, start, end);
	if (!mm->mmap)
		free_pgtables(&tlb, mm);
	tlb_finish_mmu(&tlb);
}

/*
 * Unmap [start, end). Needs mmap_lock, write. With @unlock it is dropped on
 * the way; it stays held if an error is returned. 0 or -ENOMEM.
 */
static int do_vmi_align_munmap(struct mm_struct *mm, unsigned long start,
			       unsigned long end, bool unlock)
{
	struct vm_area_struct *vma, *detached;

	vma = find_vma_intersection(mm, start, end);
	if (!vma) {
		if (unlock)
			mmap_write_unlock(mm);
		return 0;
	}
	if (vma->vm_start < start && split_vma(vma, start))
		return -ENOMEM;
	vma = find_vma_intersection(mm, end - 1, end);
	if (vma && vma->vm_end > end && split_vma(vma, end))
		return -ENOMEM;
	detached = detach_vmas(mm, start, end);
	vma_changed(mm, start, end, VIEW_UNMAPPED);
	if (unlock)
		mmap_write_downgrade(mm);
	unmap_region(mm, detached, start, end);
	remove_vmas(detached);
	if (unlock)
		mmap_read_unlock(mm);
	return 0;
}

int vm_munmap(struct mm_struct *mm, unsigned long start, size_t len)
{
	int ret;

	if (!range_valid(start, len))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_vmi_align_munmap(mm, start, start + len, true);
	if (ret)
		mmap_write_unlock(mm);
	return ret;
}

/* Needs mmap_lock, write. What was mapped there is unmapped first. */
static int mmap_region(struct mm_struct *mm, unsigned long addr,
		       unsigned long len, vm_flags_t vm_flags)
{
	struct vm_area_struct *vma;
	int ret;

	ret = do_vmi_align_munmap(mm, addr, addr + len, false);
	if (ret)
		return ret;
	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm_flags;
	vma->vm_page_prot = vm_get_page_prot(vm_flags);
	vma_link(mm, vma);
	vma_changed(mm, addr, addr + len, vma_prot(vma));
	return 0;
}

int ksys_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long prot)
{
	int ret;

	if (!range_valid(addr, len))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = mmap_region(mm, addr, len, calc_vm_prot_bits(prot) |
			  VM_MAYREAD | VM_MAYWRITE);
	mmap_write_unlock(mm);
	return ret;
}

/*
 * The last user is gone. Secondary MMUs are told first, while everything is
 * still there; hlist notifiers hear nothing after that, interval notifiers
 * also see the UNMAP bracket. The reaper may work beside the unmap, under the
 * same lock for reading, and must be out before the tables go.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct mmu_gather tlb;

	mm_slot_state(mm->slot, VIEW_MM_EXITING);
	view_emit(EV_mm_exit, mm->slot, 0, 0);
	mmu_notifier_release(mm);

	mmap_read_lock(mm);
	vma = mm->mmap;
	if (!vma) {
		mmap_read_unlock(mm);
		mmap_write_lock(mm);
		goto destroy;
	}
	tlb_gather_mmu_fullmm(&tlb, mm);
	unmap_vmas(&tlb, vma, 0, ~0ul);
	mmap_read_unlock(mm);

	set_bit(MMF_OOM_SKIP, &mm->flags);
	mmap_write_lock(mm);
	free_pgtables(&tlb, mm);
	tlb_finish_mmu(&tlb);
	mm->mmap = NULL;
	mm->map_count = 0;
	remove_vmas(vma);
destroy:
	mmap_write_unlock(mm);

	WARN_ON(mm->rss);
	mm_slot_state(mm->slot, VIEW_MM_DEAD);
	view_emit(EV_mm_dead, mm->slot, 0, 0);
}
