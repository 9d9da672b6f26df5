// SPDX-License-Identifier: GPL-2.0
/*
 * test_gpu: the model by itself: atomics on the bus, what an entry has to say
 * for one, and the copy engine.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/dmem_test.h"
#include "targets/nouveau/tests/nouveau_test.h"

#define ROUNDS	3

/* Two clients, of two channels, add to one page: none is lost. */
void gpu_atomics_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++)
		CUT_CHECK(gpu_access(index, 0, VIEW_VA(0), GPU_ATOMIC, 0) >= 0);
	mm_leave(mm);
}

void gpu_atomics_halt(void)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	CUT_CHECK(!cpu_load(mm, VIEW_VA(0), &value));
	CUT_CHECK(value == 2 * ROUNDS);
	mm_leave(mm);
	nouveau_test_halt();
}

/* P0: atomics on a page that P1 takes away: PFNCLR waits for what is on the
 * bus, or the second half of an atomic reaches a freed page. */
void gpu_flush_waits_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++) {
		if (index)
			CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0),
						       PAGE_SIZE));
		else
			CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC,
					     0) >= 0);
	}
	mm_leave(mm);
}

/* What a WRITE has mapped is not enough for an ATOMIC. */
void gpu_needs_a_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!gpu_access(0, 0, VIEW_VA(0), GPU_WRITE, 7));
	CUT_CHECK(!(gpu_entry(0, VIEW_VA(0)) & VIEW_A));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 7);
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) & VIEW_A);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) == 8);
	mm_leave(mm);
}

static u64 vram(u32 n)
{
	return (u64)(VIEW_DEVICE_PFN + n) << 12 | GPU_PHYS_VRAM;
}

/* A chain of copies ends with what it began with; a refused one is none. */
void gpu_copies_in_order_body(u32 index)
{
	CUT_CHECK(!gpu_copy_open());
	CUT_CHECK(!gpu_copy(vram(0), GPU_COPY_ZERO));
	gpu_fence_wait(gpu_fence());
	gpu_lock();
	gpu_vram_store(VIEW_DEVICE_PFN, 5);
	gpu_unlock();
	for (u32 i = 1; i < 4; i++)
		CUT_CHECK(!gpu_copy(vram(i), vram(i - 1)));
	CUT_CHECK(!gpu_copy(vram(0), GPU_COPY_ZERO));
	gpu_copy_glitch();
	CUT_CHECK(gpu_copy(vram(3), GPU_COPY_ZERO) == -EIO);
	gpu_fence_wait(gpu_fence());
	CUT_CHECK(gpu_vram_value(VIEW_DEVICE_PFN) == 0);
	CUT_CHECK(gpu_vram_value(VIEW_DEVICE_PFN + 3) == 5);
}

/* More than the channel holds: who queues waits, and nothing is dropped. */
void gpu_channel_full_body(u32 index)
{
	u32 frame = index * 8;

	CUT_CHECK(!gpu_copy_open());
	for (u32 i = 0; i < 40; i++)
		CUT_CHECK(!gpu_copy(vram(frame + i % 8), GPU_COPY_ZERO));
	gpu_fence_wait(gpu_fence());
	CUT_CHECK(gpu_vram_value(VIEW_DEVICE_PFN + frame) == 0);
}
