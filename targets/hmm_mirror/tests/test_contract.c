// SPDX-License-Identifier: GPL-2.0
/*
 * One task: what a device may expect of a mirror.
 */
#include "targets/hmm_mirror/tests/hmm_mirror_test.h"

void contract_access(u32 index)
{
	u32 value = 0;

	test_store(0, 10);
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(0), &value) && value == 10);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(0), 20));
	CUT_CHECK(test_load(0) == 20);
	/* Nobody has touched it: the fault makes the page. */
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(5), 30));
	CUT_CHECK(test_load(5) == 30);
	test_dontneed(0, 8);
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(5), &value) && !value);
}

/* A range ends where the VMA does; one that begins in a hole is refused. */
void contract_fault(u32 index)
{
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(2), 4, false) == 4);
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(6), 4, true) == 2);
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(8), 1, false) == -EFAULT);
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(PROG_PAGES), 1, false) == -EINVAL);
}

void contract_rights(u32 index)
{
	u32 value;

	test_store(1, 10);
	test_protect(1, 1, PROT_READ);
	CUT_CHECK(hmm_slot_write(0, VIEW_VA(1), 20) == -EFAULT);
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(1), &value) && value == 10);
	test_protect(1, 1, PROT_NONE);
	CUT_CHECK(hmm_slot_read(0, VIEW_VA(1), &value) == -EFAULT);
	test_protect(1, 1, PROT_READ | PROT_WRITE);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(1), 20));
	CUT_CHECK(test_load(1) == 20);
}

void contract_slots(u32 index)
{
	CUT_CHECK(hmm_slot_fault(1, VIEW_VA(0), 1, false) == -EBADF);
	CUT_CHECK(hmm_slot_unregister(1) == -EBADF);
	CUT_CHECK(hmm_slot_register(0, 0, 0) == -EBUSY);
	CUT_CHECK(hmm_slot_register(1, 0, 0) == -EINVAL);
	CUT_CHECK(hmm_slot_register(1, 1, 3) == -ESRCH);
	CUT_CHECK(!hmm_slot_register(1, 1, 0));
	CUT_CHECK(hmm_slot_fault(1, VIEW_VA(0), 8, true) == 8);
	CUT_CHECK(!hmm_slot_unregister(0));
	CUT_CHECK(!hmm_slot_register(0, 0, 0));
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(0), 8, false) == 8);
}

/* A device fault returns the error; an invalidation kills the mirror. */
void contract_failure(u32 index)
{
	u32 value;

	test_store(0, 5);
	CUT_CHECK(!hmm_slot_fail(0, -ENOMEM));
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(0), 1, false) == -ENOMEM);
	CUT_CHECK(!hmm_slot_fail(0, -EBUSY));
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(0), 1, true) == 1);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(0), 10));
	CUT_CHECK(!hmm_slot_fail(0, -EIO));
	test_dontneed(0, 1);
	CUT_CHECK(hmm_slot_read(0, VIEW_VA(0), &value) == -ENODEV);
	CUT_CHECK(!hmm_slot_unregister(0));
	CUT_CHECK(!hmm_slot_register(0, 0, 0));
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(0), &value) && !value);
}

/* From the third page of a huge one on, and what was not asked for. */
void contract_huge(u32 index)
{
	u32 value;

	test_hugepage(0, 8);
	for (u32 page = 0; page < 8; page++)
		test_store(page, 10 + page);
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(2), 4, true) == 4);
	for (u32 page = 0; page < 8; page++)
		CUT_CHECK(!hmm_slot_read(0, VIEW_VA(page), &value) &&
			  value == 10 + page);
	test_dontneed(5, 1);
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(5), &value) && !value);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(3), 40));
	CUT_CHECK(test_load(3) == 40);
}

/* What the device writes after a fork is the parent's alone. */
void contract_fork(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 value;

	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(0), 10));
	child = dup_mm(mm);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(0), 20));
	mm_leave(mm);
	CUT_CHECK(test_load(0) == 20);
	mmput(child);
	CUT_CHECK(!hmm_slot_read(0, VIEW_VA(0), &value) && value == 20);
}

/* The mirror of an mm that is gone. */
void contract_exit(u32 index)
{
	u32 value;

	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(0), 10));
	mm_halt();
	CUT_CHECK(hmm_slot_read(0, VIEW_VA(0), &value) == -ENODEV);
	CUT_CHECK(hmm_slot_fault(0, VIEW_VA(0), 1, false) == -ENODEV);
	CUT_CHECK(hmm_slot_register(1, 1, 0) == -ESRCH);
}

/* What the device wrote is known of the file's page when it is cleaned. */
void contract_dirty(u32 index)
{
	test_map_file(8, 2);
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(8), 10));
	CUT_CHECK(!writeback_page(0, VIEW_VA(8)));
	CUT_CHECK(!hmm_slot_write(0, VIEW_VA(8), 20));
	CUT_CHECK(!reclaim_page(0, VIEW_VA(8)));
	CUT_CHECK(reclaim_page(0, VIEW_VA(8)) == -ENOENT);
	CUT_CHECK(test_load(8) == 20);
}
