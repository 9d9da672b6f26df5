// SPDX-License-Identifier: GPL-2.0
/*
 * Races of device faults with everything that takes pages away, and of the
 * directories of a mirror's table. Task 0 is the device; what must hold is what
 * the oracles say, and what is asserted of the outcome.
 */
#include "targets/hmm_mirror/tests/hmm_mirror_test.h"

/* Slot 1 mirrors mm 0 on device 1. */
void race_two_boot(void)
{
	hmm_test_boot();
	CUT_CHECK(!hmm_slot_register(1, 1, 0));
}

/* Pages 8 and 9 of mm 0 are of a file, and mapped. */
void race_file_boot(void)
{
	hmm_test_boot();
	test_map_file(8, 2);
	test_store(8, 10);
	test_store(9, 11);
}

/* Pages 0 to 7 of mm 0 are one huge page. */
void race_huge_boot(void)
{
	hmm_test_boot();
	test_hugepage(0, 8);
	test_store(0, 10);
}

void race_dontneed(u32 index)
{
	for (u32 i = 0; i < 3; i++) {
		if (index)
			test_dontneed(0, 2);
		else
			test_device_write(0, i & 1);
	}
}

/* Two devices fault in two places, and one of them is taken away. */
void race_elsewhere(u32 index)
{
	for (u32 i = 0; i < 4; i++) {
		if (index == 2)
			test_dontneed(0, 1);
		else
			hmm_slot_fault(0, VIEW_VA(index * 4), 1, true);
	}
}

/* Two tasks take away in two places what one device faults in one of them. */
void race_ranges(u32 index)
{
	for (u32 i = 0; i < 4; i++) {
		if (index)
			test_dontneed((index - 1) * 4, 1);
		else
			hmm_slot_fault(0, VIEW_VA(0), 1, true);
	}
}

void race_two_mirrors(u32 index)
{
	for (u32 i = 0; i < 2; i++) {
		if (index == 2)
			test_dontneed(0, 1);
		else
			test_device_write(index, 0);
	}
}

void race_unregister(u32 index)
{
	if (!index) {
		for (u32 i = 0; i < 3; i++)
			test_device_write(0, i);
	} else if (index == 1) {
		CUT_CHECK(!hmm_slot_unregister(0));
		CUT_CHECK(!hmm_slot_register(0, 0, 0));
	} else {
		test_dontneed(0, 3);
	}
}

/* The mirror is killed while a long fault fills it. */
void race_kill(u32 index)
{
	if (index)
		CUT_CHECK(!hmm_slot_unregister(0));
	else
		for (u32 i = 0; i < 3; i++)
			hmm_slot_fault(0, VIEW_VA(0), 8, true);
}

void race_exit(u32 index)
{
	if (index)
		mm_halt();
	else
		for (u32 i = 0; i < 3; i++)
			test_device_write(0, i);
}

/* The page stays in the cache: what was written is there. */
void race_reclaim(u32 index)
{
	u32 value;

	for (u32 i = 0; i < 3; i++) {
		long ret;

		if (index) {
			ret = reclaim_page(0, VIEW_VA(8));
			CUT_CHECK(!ret || ret == -ENOENT);
			continue;
		}
		CUT_CHECK(!hmm_slot_write(0, VIEW_VA(8), 20 + i));
		CUT_CHECK(!hmm_slot_read(0, VIEW_VA(8), &value));
		CUT_CHECK(value == 20 + i);
	}
}

/* The CPU's entry goes while a fault looks at it. */
void race_reread(u32 index)
{
	for (u32 i = 0; i < 6; i++) {
		if (!index) {
			hmm_slot_fault(0, VIEW_VA(8), 2, false);
			continue;
		}
		test_load(8 + (i & 1));
		reclaim_page(0, VIEW_VA(8 + (i & 1)));
	}
}

void race_writeback(u32 index)
{
	for (u32 i = 0; i < 3; i++) {
		if (index)
			writeback_page(0, VIEW_VA(8));
		else
			CUT_CHECK(!hmm_slot_write(0, VIEW_VA(8), 20 + i));
	}
}

/* Directories are made and taken out by two faults and an invalidation. */
void race_populate(u32 index)
{
	for (u32 i = 0; i < 3; i++) {
		if (index == 2)
			test_dontneed(0, 8);
		else
			hmm_slot_fault(0, VIEW_VA(index * 2), 2, true);
	}
}

void race_huge(u32 index)
{
	if (index)
		for (u32 page = 5; page < 8; page++)
			test_dontneed(page, 1);
	else
		for (u32 page = 0; page < 4; page++)
			hmm_slot_fault(0, VIEW_VA(page), 2, true);
}

void race_fork(u32 index)
{
	if (index) {
		struct mm_struct *mm = mm_enter(0), *child = dup_mm(mm);

		mm_leave(mm);
		mmput(child);
		return;
	}
	for (u32 i = 0; i < 3; i++)
		test_device_write(0, 0);
}

/* An invalidation whose device fails, beside a device fault. */
void race_fail(u32 index)
{
	if (index) {
		CUT_CHECK(!hmm_slot_fail(0, -EIO));
		test_dontneed(0, 2);
		return;
	}
	for (u32 i = 0; i < 3; i++) {
		u32 value = 50 + i;
		long ret = hmm_slot_write(0, VIEW_VA(i & 1), value);

		CUT_CHECK(!ret || ret == -EIO || ret == -ENODEV);
	}
}
