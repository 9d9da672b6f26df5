// SPDX-License-Identifier: GPL-2.0
/*
 * test_pin_race: a page that is unmapped and pinned, against everything that wants
 * it meanwhile; spec atomics-v1-pin.md 12. The bodies are fixed and the schedules
 * are many; each runs correct and must pass, and with a known bug and must be
 * caught.
 */
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "targets/nouveau/gpu.h"
#include "targets/svm_atomic/tests/pin_test.h"

#define ROUNDS	4

/* C6: a CPU and two clients of the GPU count in one word. */
void pin_counter_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	for (u32 i = 0; i < ROUNDS; i++) {
		if (!index)
			CUT_CHECK(!cpu_increment(mm, VIEW_VA(0), &value));
		else
			CUT_CHECK(gpu_access(0, index, VIEW_VA(0), GPU_ATOMIC,
					     0) >= 0);
	}
	mm_leave(mm);
}

void pin_counter_halt(void)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	CUT_CHECK(!cpu_load(mm, VIEW_VA(0), &value));
	CUT_CHECK(value == 3 * ROUNDS);
	mm_leave(mm);
	pin_halt();
}

/* C-N3, C-N4. P0: atomics on a page that comes and goes; P1 makes it. */
void pin_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++) {
		if (index) {
			CUT_CHECK(!cpu_store(mm, VIEW_VA(0), i));
			CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0),
						       PAGE_SIZE));
		} else {
			CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) >=
				  0);
		}
	}
	mm_leave(mm);
}

/* P1 takes the mapping away for good. */
void pin_munmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret;

	if (index) {
		CUT_CHECK(!vm_munmap(mm, VIEW_VA(0), PAGE_SIZE));
	} else {
		ret = gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0);
		CUT_CHECK(ret >= 0 || ret == -EFAULT);
	}
	mm_leave(mm);
}

/* C-N6: page 0 is pinned, and two CPUs want it. P2 lends it again. */
void pin_faults_race(u32 index)
{
	struct mm_struct *mm;
	u32 value;

	pin_page_0_first(index);
	mm = mm_enter(0);
	if (index == 2)
		CUT_CHECK(gpu_access(0, 1, VIEW_VA(0), GPU_ATOMIC, 0) == 6);
	else
		CUT_CHECK(!cpu_load(mm, VIEW_VA(0), &value) &&
			  (value == 6 || value == 7));
	mm_leave(mm);
}

static struct completion let_go __machine;

void pin_gup_boot(void)
{
	pin_callback_boot();
	init_completion(&let_go);
}

/*
 * C-N7: P1 takes the page without a lock while it is being unmapped. The device
 * looks a few times whether it can be had and is then refused, rightly: nobody
 * says how long P1 holds it. Once it is let go, nothing stands against it.
 */
void pin_gup_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;
	long ret;

	if (index) {
		CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE,
					      &page) == 1);
		unpin_user_page(page);
		complete(&let_go);
	} else {
		ret = gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0);
		if (ret == -EFAULT) {
			wait_for_completion(&let_go);
			ret = gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0);
		}
		CUT_CHECK(ret == 0);
	}
	mm_leave(mm);
}

/* C-N5: page 0 is pinned in a block that P1 wants to empty; P0 uses it. */
void pin_offline_race(u32 index)
{
	struct mm_struct *mm;
	u32 pfn = MOVABLE_PFN, value;

	pin_page_0_first(index);
	mm = mm_enter(0);
	if (index) {
		if (!offline_pages(pfn))
			online_pages(pfn);
	} else {
		CUT_CHECK(gpu_access(0, 1, VIEW_VA(0), GPU_ATOMIC, 0) == 6);
		CUT_CHECK(!cpu_increment(mm, VIEW_VA(0), &value));
		CUT_CHECK(value == 7);
	}
	mm_leave(mm);
}

/* P0 closes the file that the page was pinned through; P1 wants the page. */
void pin_close_race(u32 index)
{
	struct mm_struct *mm;
	u32 value;

	pin_page_0_first(index);
	mm = mm_enter(0);
	if (index)
		CUT_CHECK(!cpu_load(mm, VIEW_VA(0), &value) && value == 6);
	else
		CUT_CHECK(nouveau_close_svmm(0) == 0);
	mm_leave(mm);
}

/* C-N2: another mapping of the same address, before the page is unmapped. */
void pin_remap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret;

	if (index) {
		CUT_CHECK(!vm_munmap(mm, VIEW_VA(0), PAGE_SIZE));
		CUT_CHECK(!mmap_anon(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ));
	} else {
		ret = gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0);
		CUT_CHECK(ret >= 0 || ret == -EFAULT);
	}
	mm_leave(mm);
}
