// SPDX-License-Identifier: GPL-2.0
/*
 * test_race: a fault against everything that takes its page, its address space
 * or its file away. The bodies are fixed and the schedules are many; each runs
 * correct and must pass, and with a known bug and must be caught.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/nouveau_test.h"

#define ROUNDS	4

/* P0: the GPU writes a page that comes and goes; P1 makes it come and go. */
void race_dontneed_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 va = VIEW_VA(0);

	for (u32 i = 0; i < ROUNDS; i++) {
		if (index) {
			CUT_CHECK(!cpu_store(mm, va, mm_next_value()));
			CUT_CHECK(!do_madvise_dontneed(mm, va, PAGE_SIZE));
		} else {
			CUT_CHECK(!gpu_access(0, 0, va, GPU_WRITE,
					      mm_next_value()));
		}
	}
	mm_leave(mm);
}

/* P0: the GPU writes a page that has been there; P1 takes it away. */
void race_munmap_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 va = VIEW_VA(0);

	if (index) {
		CUT_CHECK(!cpu_store(mm, va, mm_next_value()));
		CUT_CHECK(!vm_munmap(mm, va, PAGE_SIZE));
	} else {
		long ret = gpu_access(0, 0, va, GPU_WRITE, mm_next_value());

		CUT_CHECK(ret == 0 || ret == -EFAULT);
	}
	mm_leave(mm);
}

/* As above; P1 takes the right to write away, and gives it back. */
void race_mprotect_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 va = VIEW_VA(0);

	if (index) {
		CUT_CHECK(!cpu_store(mm, va, mm_next_value()));
		CUT_CHECK(!do_mprotect(mm, va, PAGE_SIZE, PROT_READ));
		CUT_CHECK(!do_mprotect(mm, va, PAGE_SIZE,
				       PROT_READ | PROT_WRITE));
	} else {
		long ret = gpu_access(0, 0, va, GPU_WRITE, mm_next_value());

		CUT_CHECK(ret == 0 || ret == -EFAULT);
	}
	mm_leave(mm);
}

/* The TLB holds what the table no longer does. */
void race_tlb_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_WRITE, 7) == 0);
	CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) == 0);
	mm_leave(mm);
}

/* P0 faults; P1 closes the file under it. */
void race_fini_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(nouveau_close_svmm(0) == 0);
	} else {
		long ret = gpu_access(0, 0, VIEW_VA(0), GPU_WRITE, 1);

		CUT_CHECK(ret == 0 || ret == -EFAULT || ret == -ENODEV);
	}
	mm_leave(mm);
}

/* P0 closes a file with a page mapped; P1 takes the page away, time and again. */
void race_fini_dontneed_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret;

	if (index) {
		for (u32 i = 0; i < 4; i++)
			CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0),
						       PAGE_SIZE));
	} else {
		ret = gpu_access(0, 0, VIEW_VA(0), GPU_WRITE, 1);
		CUT_CHECK(ret == 0);
		CUT_CHECK(nouveau_close_svmm(0) == 0);
	}
	mm_leave(mm);
}

/* The GPU still has a page when the process is gone. */
void race_exit_body(u32 index)
{
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_WRITE, 1) == 0);
	mm_halt();
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) == -EFAULT);
}

/* A page that PFNMAP refuses. */
void race_unmanaged_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 va = VIEW_VA(NOUVEAU_UNMANAGED_PAGE);

	CUT_CHECK(!mmap_anon(mm, va, PAGE_SIZE, PROT_READ | PROT_WRITE));
	/* Faults are counted within a call of a program. */
	view_emit(EV_call_begin, (u64)(size_t)"gpu_read", (u64)(size_t)"", 0);
	CUT_CHECK(gpu_access(0, 0, va, GPU_READ, 0) == -EFAULT);
	view_emit(EV_call_end, (u64)(size_t)"gpu_read", (u64)-EFAULT, 0);
	mm_leave(mm);
}

/* Pages mapped at halt, so that both orders of halt have something to do. */
void race_mapped_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, index, VIEW_VA(index), GPU_WRITE, 1) == 0);
	mm_leave(mm);
}

void race_close_first_halt(void)
{
	nouveau_halt();
	mm_halt();
}
