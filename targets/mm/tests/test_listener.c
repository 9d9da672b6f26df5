// SPDX-License-Identifier: GPL-2.0
/*
 * test_listener: the mirror of target mm follows its mm, whatever is done to
 * the pages beside it; snapshots and refusals leave it as it should be.
 */
#include "targets/mm/listener.h"
#include "targets/mm/tests/mm_test.h"

void listener_test_boot(void)
{
	mm_boot();
	listener_boot();
}

/* Besides, with page 0 written and mirrored, so that less is to be done. */
void listener_race_boot(void)
{
	struct mm_struct *mm;

	listener_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	mm_leave(mm);
	CUT_CHECK(listener_mirror(0, 1, true) == 0);
}

void listener_test_halt(void)
{
	mm_halt();
	CUT_CHECK(!listener_mirroring() || !listener_entry(VIEW_VA(0)));
	listener_halt();
}

static bool mirrors(u32 page, bool write)
{
	u64 cpu = test_entry(0, page), word = listener_entry(VIEW_VA(page));

	return VIEW_KIND(word) == VIEW_PRESENT &&
	       VIEW_PFN(word) == VIEW_PFN(cpu) && !!(word & VIEW_W) == write;
}

void listener_mirrors(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_store(mm, 1, 1) == 0);
	CUT_CHECK(listener_mirror(0, 2, false) == 0);
	CUT_CHECK(mirrors(0, false) && mirrors(1, true));
	CUT_CHECK(listener_mirror(0, 1, true) == 0 && mirrors(0, true));
	/* Asks for nothing, keeps nothing. */
	CUT_CHECK(listener_snapshot(0, 4) == 0);
	CUT_CHECK(VIEW_KIND(test_entry(0, 2)) == VIEW_NONE);
	CUT_CHECK(!listener_entry(VIEW_VA(2)));
	/* All that a range had goes, not its first page alone. */
	CUT_CHECK(listener_mirror(2, 2, true) == 0 && mirrors(3, true));
	CUT_CHECK(vm_munmap(mm, VIEW_VA(2), 2 * PAGE_SIZE) == 0);
	CUT_CHECK(!listener_entry(VIEW_VA(2)) && !listener_entry(VIEW_VA(3)));
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(!listener_entry(VIEW_VA(0)) && mirrors(1, true));
	CUT_CHECK(listener_mirror(0, 1, true) == -EPERM);
	/* Refused by the notifier on the list, after the mirror had heard. */
	CUT_CHECK(oom_reap_task_mm(mm) == -EAGAIN);
	CUT_CHECK(!listener_entry(VIEW_VA(1)));
	CUT_CHECK(listener_mirror(1, 1, true) == 0 && mirrors(1, true));
	CUT_CHECK(vm_munmap(mm, VIEW_VA(1), PAGE_SIZE) == 0);
	CUT_CHECK(!listener_entry(VIEW_VA(1)));
	CUT_CHECK(listener_mirror(1, 1, false) == -EFAULT);
	mm_leave(mm);
}

void listener_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	else
		CUT_CHECK(listener_mirror(0, 1, false) == 0);
	mm_leave(mm);
}

/* Who opens the mirror second finds it open; snapshots come and go beside. */
void listener_open_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index == 2)
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
				      PROT_READ) == 0);
	else if (index)
		CUT_CHECK(listener_mirror(0, 1, false) == 0);
	else
		CUT_CHECK(listener_mirror(0, 2, false) == 0 &&
			  listener_snapshot(0, 1) == 0);
	mm_leave(mm);
}
