// SPDX-License-Identifier: GPL-2.0
/*
 * test_ring: the fault buffer, and the clients whose faults are in it.
 */
#include <linux/errno.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/nouveau_test.h"

/* More faults, one after the other, than the ring has slots. */
void ring_wraps_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < 2 * GPU_ENTRIES + 1; i++) {
		u32 value = mm_next_value();
		u64 va = VIEW_VA(i % 2);

		CUT_CHECK(gpu_access(0, i % GPU_CLIENTS, va, GPU_WRITE,
				     value) == 0);
		CUT_CHECK(gpu_access(0, 0, va, GPU_READ, 0) == value);
		CUT_CHECK(!do_madvise_dontneed(mm, va, PAGE_SIZE));
		CUT_CHECK(gpu_entry(0, va) == VIEW_NONE);
	}
	CUT_CHECK(gpu_reg(GPU_FAULT_PUT) < GPU_ENTRIES);
	mm_leave(mm);
}

/*
 * P0 fills the ring with entries of no channel while P1's access faults: it
 * stalls without an entry, gets one when GET moves on, and is served.
 */
void ring_overflows_body(u32 index)
{
	static const u32 nobody[GPU_ENTRY_SIZE / 4] = {
		[GPU_ENTRY_INFO / 4] = GPU_INFO_VALID,
	};
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) >= 0);
	} else {
		for (u32 i = 0; i < 2 * GPU_ENTRIES; i++) {
			long ret = gpu_raise(nobody);

			CUT_CHECK(ret == 0 || ret == -ENOSPC);
		}
	}
	mm_leave(mm);
}

/* The entry cannot be read; only a replay can tell. */
void ring_glitch_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	gpu_glitch(0, index);
	CUT_CHECK(gpu_access(0, index, VIEW_VA(0), GPU_WRITE, 1) == 0);
	mm_leave(mm);
}

/* The channel parted: its faults are nobody's. */
void ring_part_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(nouveau_part(0) == 0);
	CUT_CHECK(nouveau_part(0) == -ENOENT);
	CUT_CHECK(gpu_access(0, 3, VIEW_VA(0), GPU_READ, 0) == -EFAULT);
	CUT_CHECK(nouveau_join(0, 0) == 0);
	CUT_CHECK(nouveau_join(0, 0) == -EBUSY);
	CUT_CHECK(gpu_access(0, 3, VIEW_VA(0), GPU_READ, 0) == 0);
	mm_leave(mm);
}

/* Files and instances in the order a program may not expect. */
void ring_unbound_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(2, 0, VIEW_VA(0), GPU_READ, 0) == -ENODEV);
	CUT_CHECK(nouveau_join(2, 1) == -ENOENT);
	CUT_CHECK(nouveau_close_svmm(1) == -ENOENT);
	CUT_CHECK(nouveau_open_svmm(0, 0, 14, 2) == -EBUSY);
	CUT_CHECK(nouveau_open_svmm(1, 3, 14, 2) == -ESRCH);
	/* nouveau_open_svmm() becomes a thread of the mm it is told. */
	mm_leave(mm);
	CUT_CHECK(nouveau_open_svmm(1, 0, 0, 1) == 0);
	mm = mm_enter(0);
	CUT_CHECK(nouveau_join(2, 1) == 0);
	CUT_CHECK(gpu_access(2, 7, VIEW_VA(1), GPU_WRITE, 5) == 0);
	CUT_CHECK(gpu_access(0, 7, VIEW_VA(1), GPU_READ, 0) == 5);
	CUT_CHECK(gpu_access(2, 7, VIEW_VA(0), GPU_READ, 0) == -EFAULT);
	CUT_CHECK(nouveau_close_svmm(1) == 0);
	CUT_CHECK(gpu_access(2, 7, VIEW_VA(1), GPU_READ, 0) == -ENODEV);
	mm_leave(mm);
}

/* Two clients side by side, of which one must die and one must not. */
void ring_clients_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(0, index, VIEW_VA(index ? 8 : 0), GPU_READ, 0);

	if (!mutation_on[M_nv_cancel_wrong_client])
		CUT_CHECK(ret == (index ? -EFAULT : 0));
	mm_leave(mm);
}
