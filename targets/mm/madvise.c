// SPDX-License-Identifier: GPL-2.0
/*
 * madvise.c: MADV_DONTNEED.
 *
 * Models mm/madvise.c, 6.12. Spec: core.md 6.2. It takes mmap_lock for reading
 * only, so it runs beside faults, a device's walk of the tables, and itself:
 * the bracket and the PTL are all that orders them (window W-DN).
 *
 * Difference: no other advice.
 */
#include <linux/errno.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

/* -ENOMEM for a hole, after what is mapped around it was done. */
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
		start = max(start, vma->vm_start);
		tmp = min(vma->vm_end, end);
		zap_page_range_single(vma, start, tmp - start, NULL);
		start = tmp;
	}
	mmap_read_unlock(mm);
	return ret;
}
