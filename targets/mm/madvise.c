// SPDX-License-Identifier: GPL-2.0
/*
 * madvise.c: MADV_DONTNEED and MADV_HUGEPAGE.
 *
 * Models mm/madvise.c, 6.12. Spec: core.md 6.2. MADV_DONTNEED takes mmap_lock
 * for reading only, so it runs beside faults, a device's walk of the tables,
 * and itself: the bracket and the PTL are all that orders them (window W-DN).
 * MADV_HUGEPAGE changes VMAs and takes it for writing; no entry changes.
 *
 * Difference: no other advice.
 */
#include <linux/errno.h>
#include <linux/huge_mm.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

/* -ENOMEM for a hole, after what is mapped around it was done; -EINVAL for a
 * device's registers, after what is mapped before them was. */
int do_madvise_dontneed(struct mm_struct *mm, unsigned long start, size_t len)
{
	unsigned long end = start + len, tmp;
	struct vm_area_struct *vma;
	int ret = 0;

	if (((start | len) & ~PAGE_MASK) || end < start)
		return -EINVAL;
	mmap_read_lock(mm);
	while (start < end) {
		vma = find_vma_intersection(mm, start, end);
		if (!vma || vma->vm_start > start)
			ret = -ENOMEM;
		if (!vma)
			break;
		/* Nobody would bring back what is not a page. */
		if (vma->vm_flags & VM_PFNMAP) {
			ret = -EINVAL;
			break;
		}
		start = max(start, vma->vm_start);
		tmp = min(vma->vm_end, end);
		zap_page_range_single(vma, start, tmp - start, NULL);
		start = tmp;
	}
	mmap_read_unlock(mm);
	return ret;
}

/* [start, end) lies in @vma, which it is cut down to. 0, -EINVAL, -ENOMEM. */
static int madvise_hugepage_vma(struct vm_area_struct *vma, unsigned long start,
				unsigned long end)
{
	vm_flags_t new_flags = vma->vm_flags;
	int ret = hugepage_madvise(vma, &new_flags);

	if (ret || new_flags == vma->vm_flags)
		return ret;
	if (start > vma->vm_start) {
		if (split_vma(vma, start))
			return -ENOMEM;
		vma = vma->vm_next;
	}
	if (end < vma->vm_end && split_vma(vma, end))
		return -ENOMEM;
	/* Walks of the rmap look on. */
	__atomic_store_n(&vma->vm_flags, new_flags, __ATOMIC_RELAXED);
	return 0;
}

int do_madvise_hugepage(struct mm_struct *mm, unsigned long start, size_t len)
{
	unsigned long end = start + len, tmp;
	struct vm_area_struct *vma;
	int ret = 0, err = 0;

	if (((start | len) & ~PAGE_MASK) || end < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	while (start < end && !err) {
		vma = find_vma_intersection(mm, start, end);
		if (!vma || vma->vm_start > start)
			ret = -ENOMEM;
		if (!vma)
			break;
		start = max(start, vma->vm_start);
		tmp = min(vma->vm_end, end);
		err = madvise_hugepage_vma(vma, start, tmp);
		start = tmp;
	}
	mmap_write_unlock(mm);
	return err ? err : ret;
}
