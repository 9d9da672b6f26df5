// SPDX-License-Identifier: GPL-2.0
/*
 * userfaultfd.c: write protection of pages, whatever their VMA allows.
 *
 * Models mwriteprotect_range() of mm/userfaultfd.c, 6.12, for memory that is
 * registered with UFFD_FEATURE_WP_ASYNC. Spec: core.md 2.2, device-exclusive.md 3,
 * 5, 6 and 14.
 *
 * An entry that is protected has a bit of its own, and is not writable. The bit
 * goes with the page: to the entry of a page on the move, at a device or lent to
 * one, and back. The first store takes it away (do_wp_page()), and that is how
 * somebody learns that the page was written.
 *
 *	write-protect				a device
 *						lend the page: exclusive, writable
 *	bracket: the device loses it
 *	exclusive, for reading, with the bit
 *						[nobody may write it, until a
 *						 fault has taken the bit]
 *
 * It takes mmap_lock for reading only, unlike mprotect(), so faults, walks of a
 * device and MADV_DONTNEED are beside it; the bracket and the PTL order them.
 *
 * Differences:
 *  - no registration: all private anonymous memory of a program is registered,
 *    and of a child is again, without what was protected, which fork() forgets;
 *  - no monitor that is told of a fault, and holds up who took it;
 *  - no markers where nothing is mapped;
 *  - a huge entry is split, upstream only for a part of it;
 *  - a fault does not flush what a protection under way still owes before it
 *    copies: what it copies was shared before, and no TLB can write it.
 */
#include <linux/errno.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

bool userfaultfd_absent __machine;

static void uffd_wp_range(struct vm_area_struct *vma, unsigned long start,
			  unsigned long end, bool enable_wp)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	change_protection(&tlb, vma, start, end, enable_wp ?
			  MM_CP_UFFD_WP : MM_CP_UFFD_WP_RESOLVE);
	tlb_finish_mmu(&tlb);
}

int mwriteprotect_range(struct mm_struct *mm, unsigned long start, size_t len,
			bool enable_wp)
{
	unsigned long end = start + len;
	struct vm_area_struct *vma;
	int ret = -ENOENT;

	if (userfaultfd_absent)
		return -ENOSYS;
	if (!range_valid(start, len))
		return -EINVAL;
	mmap_read_lock(mm);
	for (vma = find_vma_intersection(mm, start, end);
	     vma && vma->vm_start < end; vma = vma->vm_next) {
		if (!vma_is_anonymous(vma)) {
			ret = -ENOENT;
			break;
		}
		uffd_wp_range(vma, max(vma->vm_start, start),
			      min(vma->vm_end, end), enable_wp);
		ret = 0;
	}
	mmap_read_unlock(mm);
	return ret;
}
