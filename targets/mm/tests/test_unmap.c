// SPDX-License-Identifier: GPL-2.0
/*
 * test_unmap: taking translations away: munmap, MADV_DONTNEED, mprotect, exit,
 * the reaper, and the order of clear, flush and free.
 */
#include <linux/string.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

/* More pages than a gather holds, so that it is flushed on the way. */
void unmap_frees_everything(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 page;

	_Static_assert(8 > MMU_GATHER_BUNDLE, "a batch fills");
	for (page = 0; page < 8; page++)
		CUT_CHECK(test_store(mm, page, page) == 0);
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages() - 8);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE) == 0);
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages());
	CUT_CHECK(view_mm.mm(0).rss == 0);
	CUT_CHECK(view_mm.vma_prot(0, VIEW_VA(0)) == VIEW_UNMAPPED);
	CUT_CHECK(test_load(mm, 0) == ~0u);
	mm_leave(mm);
}

void unmap_splits(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 1, 1) == 0);
	CUT_CHECK(test_store(mm, 4, 4) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(2), 2 * PAGE_SIZE) == 0);
	CUT_CHECK(mm->map_count == 2);
	CUT_CHECK(test_load(mm, 1) == 1 && test_load(mm, 4) == 4);
	CUT_CHECK(test_load(mm, 2) == ~0u);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(9), PAGE_SIZE) == 0);
	CUT_CHECK(mm->map_count == 2);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(0), 4 * PAGE_SIZE,
			    PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(test_load(mm, 1) == 0 && test_load(mm, 4) == 4);
	mm_leave(mm);
}

void unmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (index) {
		ret = test_store(mm, 0, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		ret = test_store(mm, 0, 2);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
	} else {
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_store(mm, 0, 3) == -EFAULT);
	}
	mm_leave(mm);
}

/* As above with nothing to free: the zero page. */
void unmap_zero_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		test_load(mm, 0);
		test_load(mm, 0);
	} else {
		CUT_CHECK(vm_munmap(mm, VIEW_VA(0), PAGE_SIZE) == 0);
		CUT_CHECK(test_load(mm, 0) == ~0u);
	}
	mm_leave(mm);
}

void unmap_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	if (index)
		CUT_CHECK(test_store(mm, 0, 2) == 0);
	else
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	CUT_CHECK(test_load(mm, 0) <= 2);
	mm_leave(mm);
}

void unmap_mprotect_works(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	pfn = VIEW_PFN(test_entry(0, 0));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(test_store(mm, 0, 2) == -EFAULT);
	CUT_CHECK(test_load(mm, 0) == 1);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(test_entry(0, 0) & VIEW_PROT_NONE);
	CUT_CHECK(test_load(mm, 0) == ~0u);
	/* Ours alone: writable again without a fault, the same page. */
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			      PROT_READ | PROT_WRITE) == 0);
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	CUT_CHECK(test_load(mm, 0) == 1);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(7), 2 * PAGE_SIZE, PROT_READ) ==
		  -ENOMEM);
	CUT_CHECK(view_mm.vma_prot(0, VIEW_VA(7)) == VIEW_PROT_R);
	mm_leave(mm);
}

/* A word without access can still hold the write right it has no use for. */
void unmap_prot_none_is_spelled(u32 index)
{
	const u64 none = VIEW_WORD(VIEW_PRESENT, VIEW_PROT_NONE, 7);
	char buf[32];

	view_format('p', none, buf, sizeof(buf));
	CUT_CHECK(!strcmp(buf, "page#7 r prot_none"));
	view_format('p', none | VIEW_W, buf, sizeof(buf));
	CUT_CHECK(!strcmp(buf, "page#7 rw prot_none"));
	view_format('p', VIEW_WORD(VIEW_PRESENT, VIEW_W, 7), buf, sizeof(buf));
	CUT_CHECK(!strcmp(buf, "page#7 rw"));
	view_format('p', VIEW_WORD(VIEW_PRESENT, VIEW_ZERO, 0), buf,
		    sizeof(buf));
	CUT_CHECK(!strcmp(buf, "zero page r"));
}

void unmap_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		test_store(mm, 0, 1);
		test_store(mm, 0, 2);
	} else {
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
				      PROT_READ) == 0);
		CUT_CHECK(test_store(mm, 0, 3) == -EFAULT);
	}
	mm_leave(mm);
}

/* The reaper has no user of the mm: it may meet exit_mmap(). */
void unmap_exit_race(u32 index)
{
	struct mm_struct *mm;
	int ret;

	if (index) {
		mm = mm_pin(0);
		if (!mm)
			return;
		ret = oom_reap_task_mm(mm);
		CUT_CHECK(ret == 0 || ret == -EAGAIN);
		mmdrop(mm);
	} else {
		mm = mm_enter(0);
		ret = test_store(mm, 0, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		mm_leave(mm);
		mm_halt();
	}
}

/* Slot 0's own user and the task's are gone: the third keeps the pages. */
void unmap_waits_for_users(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	mmget(mm);
	mm_leave(mm);
	mm_halt();
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages() - 1);
	CUT_CHECK(view_mm.mm(0).rss == 1);
	mmput(mm);
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages());
}

void unmap_reaped_faults_fail(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(oom_reap_task_mm(mm) == 0);
	CUT_CHECK(view_mm.nr_free() == view_mm.nr_pages());
	CUT_CHECK(test_load(mm, 0) == ~0u);
	CUT_CHECK(dup_mm(mm) == ERR_PTR(-EINTR));
	mm_leave(mm);
}
