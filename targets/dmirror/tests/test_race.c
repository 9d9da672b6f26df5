// SPDX-License-Identifier: GPL-2.0
/*
 * Races of the test_hmm driver: each body is run by two tasks, on a machine
 * that its boot has prepared. What must hold is what the oracles say, and what
 * is asserted here of the outcome.
 */
#include "targets/dmirror/tests/dmirror_test.h"

#define READ		HMM_DMIRROR_READ
#define EXCLUSIVE	HMM_DMIRROR_EXCLUSIVE
#define MIGRATE		HMM_DMIRROR_MIGRATE_TO_DEV
#define RELEASE		HMM_DMIRROR_RELEASE

/* Pages 0 to 3 hold 10 to 13; file 1 mirrors mm 0 on device 0 too. */
void race_boot(void)
{
	dmirror_test_boot();
	test_cpu_fill(0, 0, 4, 10);
}

/* And pages 0 and 1 are the device's, brought by file 0. */
void race_migrated_boot(void)
{
	race_boot();
	test_ioctl_ok(0, MIGRATE, 0, 2, 2, 0, NULL);
}

/* And file 1 of the same mm and device has them in its table too. */
void race_openers_boot(void)
{
	race_migrated_boot();
	CUT_CHECK(!dmirror_open(1, 0, 0));
	test_ioctl_ok(1, READ, 0, 2, 2, 1, NULL);
}

/* And pages 0 to 3 are the device's, and mm 1, a child, has them too. */
void race_child_boot(void)
{
	race_boot();
	test_ioctl_ok(0, MIGRATE, 0, 4, 4, 0, NULL);
	CUT_CHECK(test_fork() == 1);
}

void race_dontneed_read(u32 index)
{
	struct test_io io = { 0 };

	for (u32 page = 0; page < 4; page++) {
		if (index) {
			CUT_CHECK(!test_cpu_dontneed(0, page, 1));
			continue;
		}
		CUT_CHECK(!test_ioctl(0, READ, page, 1, &io));
		CUT_CHECK(io.value[0] == 10 + page || !io.value[0]);
		CUT_CHECK(!test_ioctl(0, READ, page, 2, &io));
	}
}

void race_mprotect_write(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!test_cpu_mprotect(0, 0, 1, PROT_READ));
		return;
	}
	ret = test_write(0, 0, 1, 20, NULL);
	CUT_CHECK(!ret || ret == -EPERM);
	ret = test_write(0, 0, 1, 30, NULL);
	CUT_CHECK(!ret || ret == -EPERM);
}

/* W-T1; pages 4 to 7 are holes, which a migration fills. */
void race_dontneed_migrate(u32 index)
{
	for (u32 page = 2; page < 8; page++) {
		long ret;

		if (index) {
			CUT_CHECK(!test_cpu_dontneed(0, page, 1));
			continue;
		}
		ret = test_ioctl(0, MIGRATE, page, 1, NULL);
		CUT_CHECK(!ret || ret == -ENOENT);
		CUT_CHECK(!test_ioctl(0, READ, page, 1, NULL));
	}
}

/* The same of one hole, and no more. */
void race_dontneed_hole(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!test_cpu_dontneed(0, 4, 1));
		return;
	}
	ret = test_ioctl(0, MIGRATE, 4, 1, NULL);
	CUT_CHECK(!ret || ret == -ENOENT);
}

/* W-T2 */
void race_dontneed_exclusive(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!test_cpu_dontneed(0, 0, 1));
		return;
	}
	ret = test_ioctl(0, EXCLUSIVE, 0, 1, NULL);
	CUT_CHECK(!ret || ret == -EBUSY || ret == -ENOENT);
	CUT_CHECK(!test_ioctl(0, READ, 0, 1, NULL));
}

void race_store_exclusive(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!test_cpu_fill(0, 0, 2, 40));
		return;
	}
	ret = test_ioctl(0, EXCLUSIVE, 0, 3, NULL);
	CUT_CHECK(!ret || ret == -EBUSY || ret == -ENOENT);
	CUT_CHECK(!test_ioctl(0, READ, 0, 2, NULL));
}

/* W-T3: what the device wrote is there, whoever moves the page meanwhile. */
void race_load_write(u32 index)
{
	for (u32 value = 50; value < 55; value++) {
		long ret;

		if (index) {
			u32 seen = test_cpu_load(0, 0);

			CUT_CHECK(seen == 10 || (seen >= 50 && seen < 55));
			continue;
		}
		CUT_CHECK(!test_write(0, 0, 1, value, NULL));
		CUT_CHECK(test_cpu_load(0, 0) == value);
		ret = test_ioctl(0, MIGRATE, 0, 1, NULL);
		CUT_CHECK(!ret || ret == -ENOENT);
	}
}

void race_load_two_openers(u32 index)
{
	if (index)
		CUT_CHECK(test_cpu_load(0, 0) == 10);
	else
		CUT_CHECK(!test_write(1, 0, 1, 10, NULL));
}

/* The device writes while its own page of the system is copied. */
void race_write_migrate(u32 index)
{
	for (u32 page = 0; page < 4; page++) {
		long ret;

		if (index) {
			CUT_CHECK(!test_write(0, page, 1, 60, NULL));
			CUT_CHECK(!test_write(0, page, 1, 70, NULL));
			continue;
		}
		ret = test_ioctl(0, MIGRATE, page, 1, NULL);
		CUT_CHECK(!ret || ret == -ENOENT);
	}
}

void race_read_migrate(u32 index)
{
	struct test_io io = { 0 };
	long ret;

	if (index) {
		CUT_CHECK(!test_ioctl(0, READ, 0, 1, &io));
		CUT_CHECK(io.value[0] == 10);
		return;
	}
	ret = test_ioctl(0, MIGRATE, 0, 1, NULL);
	CUT_CHECK(!ret || ret == -ENOENT);
}

/* W-T4 */
void race_close_migrate(u32 index)
{
	for (u32 round = 0; round < 3; round++) {
		long ret;

		if (index) {
			CUT_CHECK(!dmirror_close(1));
			CUT_CHECK(!dmirror_open(1, 0, 0));
			continue;
		}
		ret = test_ioctl(0, MIGRATE, 0, 6, NULL);
		CUT_CHECK(!ret || ret == -ENOENT);
		CUT_CHECK(test_cpu_load(0, 0) == 10);
		CUT_CHECK(test_cpu_load(0, 2) == 12);
	}
}

void race_close_release(u32 index)
{
	for (u32 round = 0; round < 3; round++) {
		if (!index) {
			CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
			test_ioctl(0, MIGRATE, 0, 1, NULL);
			continue;
		}
		CUT_CHECK(!dmirror_close(1));
		CUT_CHECK(!dmirror_open(1, 0, 0));
	}
}

/* W-T6 */
void race_close_load(u32 index)
{
	if (index) {
		CUT_CHECK(!dmirror_close(0));
		return;
	}
	for (u32 page = 0; page < 4; page++)
		CUT_CHECK(test_cpu_load(1, page) == 10 + page);
}

/* W-T5 */
void race_release_migrate(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
		return;
	}
	ret = test_ioctl(0, MIGRATE, 0, 3, NULL);
	CUT_CHECK(!ret || ret == -ENOENT);
	ret = test_ioctl(0, MIGRATE, 3, 1, NULL);
	CUT_CHECK(!ret || ret == -ENOENT);
}

void race_store_release(u32 index)
{
	if (index)
		CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
	else
		CUT_CHECK(!test_cpu_fill(0, 0, 2, 80));
}

/* Two CPUs fault on one page. */
void race_load_load(u32 index)
{
	CUT_CHECK(test_cpu_load(0, 0) == 10);
	CUT_CHECK(test_cpu_load(0, 1) == 11);
}
