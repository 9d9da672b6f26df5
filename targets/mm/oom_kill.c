// SPDX-License-Identifier: GPL-2.0
/*
 * oom_kill.c: the reaper, which may not wait.
 *
 * Models the reaping half of mm/oom_kill.c, 6.12. Spec: core.md 6.7. It holds
 * a count of the mm, not a user, so it may meet exit_mmap(): both unmap under
 * mmap_lock for reading, and MMF_OOM_SKIP, set before the tables go, tells it
 * to keep out. Its brackets are not blockable: a notifier may refuse, and then
 * that VMA keeps its pages.
 *
 * Differences: one pass a call, where upstream tries ten times; the victim is
 * not killed, but its anonymous faults fail and its forks are refused.
 */
#include <linux/bitops.h>
#include <linux/errno.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

static int __oom_reap_task_mm(struct mm_struct *mm)
{
	struct mmu_notifier_range range;
	struct vm_area_struct *vma;
	struct mmu_gather tlb;
	int ret = 0;

	set_bit(MMF_UNSTABLE, &mm->flags);
	view_emit(EV_mm_unstable, mm->slot, 0, 0);
	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		/* Shared memory is not lost with one process. */
		if (vma->vm_flags & (VM_SHARED | VM_HUGETLB | VM_PFNMAP))
			continue;
		mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, 0, mm,
					vma->vm_start, vma->vm_end);
		tlb_gather_mmu(&tlb, mm);
		if (mmu_notifier_invalidate_range_start_nonblock(&range)) {
			if (mutated(mm_reap_ignores_refusal))
				unmap_page_range(&tlb, vma, range.start,
						 range.end, NULL);
			tlb_finish_mmu(&tlb);
			ret = -EAGAIN;
			continue;
		}
		unmap_page_range(&tlb, vma, range.start, range.end,
				 NULL);
		mmu_notifier_invalidate_range_end(&range);
		tlb_finish_mmu(&tlb);
	}
	return ret;
}

int oom_reap_task_mm(struct mm_struct *mm)
{
	int ret = 0;

	if (!mmap_read_trylock(mm))
		return -EAGAIN;
	if (!test_bit(MMF_OOM_SKIP, &mm->flags))
		ret = __oom_reap_task_mm(mm);
	mmap_read_unlock(mm);
	return ret;
}
