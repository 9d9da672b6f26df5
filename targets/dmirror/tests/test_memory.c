// SPDX-License-Identifier: GPL-2.0
/*
 * The contract of the test_hmm driver (spec dmirror-contract.md), the part that
 * is about the device's memory: what migrates, what stays, and what is left
 * when the device gives it up.
 */
#include "targets/dmirror/tests/dmirror_test.h"

#define READ		HMM_DMIRROR_READ
#define EXCLUSIVE	HMM_DMIRROR_EXCLUSIVE
#define MIGRATE		HMM_DMIRROR_MIGRATE_TO_DEV
#define TO_SYS		HMM_DMIRROR_MIGRATE_TO_SYS
#define SNAPSHOT	HMM_DMIRROR_SNAPSHOT
#define RELEASE		HMM_DMIRROR_RELEASE

/* Twelve pages: three batches, two chunks. Half of them go home and back. */
void memory_migrate(u32 index)
{
	struct test_io io = { 0 };

	CUT_CHECK(!test_cpu_mmap(0, 8, 4, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS));
	test_cpu_fill(0, 0, 12, 200);
	for (u32 round = 0; round < 2; round++) {
		test_ioctl_ok(0, MIGRATE, 0, 12, 12, 0, &io);
		for (u32 i = 0; i < 12; i++)
			CUT_CHECK(io.value[i] == 200 + i);
		CUT_CHECK(test_snapshot(0, 11) == 0x22);
		for (u32 i = 0; i < 6; i++)
			CUT_CHECK(test_cpu_load(0, i) == 200 + i);
		CUT_CHECK(test_snapshot(0, 0) == 0x02);
	}
}

void memory_migrate_fails(u32 index)
{
	test_cpu_fill(0, 0, 8, 200);
	CUT_CHECK(!test_cpu_mprotect(0, 0, 1, PROT_NONE));
	CUT_CHECK(test_ioctl(0, MIGRATE, 0, 2, NULL) == -EINVAL);
	CUT_CHECK(!test_cpu_munmap(0, 3, 1));
	/* What came before the hole has moved. */
	CUT_CHECK(test_ioctl(0, MIGRATE, 1, 3, NULL) == -EINVAL);
	CUT_CHECK(test_snapshot(0, 1) == 0x22 && test_snapshot(0, 2) == 0x22);
	/* Nothing of shared memory moves, and nobody had read it before. */
	CUT_CHECK(!test_cpu_mmap(0, 8, 2, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS));
	CUT_CHECK(test_ioctl(0, MIGRATE, 8, 2, NULL) == -ENOENT);
	test_ioctl_ok(0, READ, 8, 2, 2, 1, NULL);
	test_ioctl_ok(0, MIGRATE, 8, 2, 2, 0, NULL);
	CUT_CHECK(test_snapshot(0, 8) == 0x02);
}

/* What is the device's already stays in the table, as does what cannot move. */
void memory_stays(u32 index)
{
	struct test_io io = { 0 };

	test_cpu_fill(0, 0, 4, 210);
	test_ioctl_ok(0, MIGRATE, 1, 2, 2, 0, &io);
	test_ioctl_ok(0, MIGRATE, 0, 4, 4, 0, &io);
	test_ioctl_ok(0, MIGRATE, 0, 4, 4, 0, &io);
	CUT_CHECK(!test_write(0, 0, 4, 220, &io) && !io.faults);
	test_ioctl_ok(0, READ, 0, 4, 4, 0, &io);
	CUT_CHECK(io.value[1] == 221);
	/* Holes and the zero page become pages of the device. */
	CUT_CHECK(!test_cpu_load(0, 4));
	test_ioctl_ok(0, MIGRATE, 4, 3, 3, 0, &io);
	CUT_CHECK(!io.value[0] && !io.value[2]);
	CUT_CHECK(test_snapshot(0, 4) == 0x22 && test_snapshot(0, 6) == 0x22);
	for (u32 i = 0; i < 4; i++)
		CUT_CHECK(test_cpu_load(0, i) == 220 + i);
}

/* Clean pages of a file are collected, and stay after all; copies move. */
void memory_private_file(u32 index)
{
	CUT_CHECK(!test_cpu_mmap_file(0, 8, 3));
	CUT_CHECK(!test_cpu_load(0, 8));
	CUT_CHECK(test_ioctl(0, MIGRATE, 8, 1, NULL) == -ENOENT);
	CUT_CHECK(test_snapshot(0, 8) == 0x01);
	test_ioctl_ok(0, READ, 8, 1, 1, 1, NULL);
	test_ioctl_ok(0, MIGRATE, 8, 1, 1, 0, NULL);
	CUT_CHECK(test_snapshot(0, 8) == 0x01);
	test_cpu_fill(0, 9, 2, 240);
	test_ioctl_ok(0, MIGRATE, 8, 3, 3, 0, NULL);
	CUT_CHECK(test_snapshot(0, 9) == 0x22);
	CUT_CHECK(test_cpu_load(0, 10) == 241);
}

void memory_to_system(u32 index)
{
	struct test_io io = { 0 };

	test_cpu_fill(0, 0, 6, 230);
	test_ioctl_ok(0, TO_SYS, 0, 8, 0, 0, NULL);
	test_ioctl_ok(0, MIGRATE, 0, 5, 5, 0, NULL);
	test_ioctl_ok(0, TO_SYS, 1, 7, 4, 0, &io);
	CUT_CHECK(!io.nr);
	CUT_CHECK(test_snapshot(0, 0) == 0x22 && test_snapshot(0, 1) == 0x02);
	test_ioctl_ok(0, READ, 0, 1, 1, 0, NULL);
	test_ioctl_ok(0, READ, 1, 4, 4, 1, &io);
	CUT_CHECK(io.value[0] == 231);
	CUT_CHECK(test_ioctl(0, TO_SYS, 6, 4, NULL) == -EINVAL);
}

/* A read brings the other device's page home; a migration leaves it. */
void memory_two_devices(u32 index)
{
	struct test_io io = { 0 };

	CUT_CHECK(!dmirror_open(1, 1, 0));
	test_cpu_fill(0, 0, 4, 240);
	test_ioctl_ok(1, MIGRATE, 0, 4, 4, 0, NULL);
	CUT_CHECK(test_ioctl(0, MIGRATE, 0, 1, NULL) == -ENOENT);
	test_ioctl_ok(0, READ, 0, 4, 4, 1, &io);
	CUT_CHECK(io.value[3] == 243 && test_snapshot(1, 3) == 0x02);
	/* Exclusive access is handed over likewise. */
	test_ioctl_ok(1, EXCLUSIVE, 0, 2, 2, 0, NULL);
	CUT_CHECK(test_ioctl(0, MIGRATE, 0, 2, NULL) == -ENOENT);
	test_ioctl_ok(0, EXCLUSIVE, 0, 2, 2, 0, &io);
	CUT_CHECK(io.value[1] == 241);
	CUT_CHECK(!test_ioctl(1, HMM_DMIRROR_CHECK_EXCLUSIVE, 0, 2, NULL));
}

/* fork takes the right to write; a write is refused though the VMA has it. */
void memory_shared_with_child(u32 index)
{
	u32 child;

	test_cpu_fill(0, 0, 2, 250);
	test_ioctl_ok(0, MIGRATE, 0, 2, 2, 0, NULL);
	child = test_fork();
	CUT_CHECK(test_snapshot(0, 0) == 0x21);
	CUT_CHECK(test_write(0, 0, 1, 7, NULL) == -EFAULT);
	test_ioctl_ok(0, READ, 0, 2, 2, 1, NULL);
	/* The child brings it home for both. */
	CUT_CHECK(test_cpu_load(child, 0) == 250);
	CUT_CHECK(test_snapshot(0, 0) == 0x01);
	CUT_CHECK(!test_write(0, 0, 2, 7, NULL) || test_snapshot(0, 1) == 0x21);
	CUT_CHECK(test_cpu_load(child, 0) == 250);
	CUT_CHECK(!test_cpu_fill(0, 0, 2, 1));
	CUT_CHECK(test_snapshot(0, 1) == 0x02);
	CUT_CHECK(test_cpu_load(child, 1) == 251);
	test_exit(child);
}

void memory_release(u32 index)
{
	test_cpu_fill(0, 0, 8, 260);
	test_ioctl_ok(0, MIGRATE, 0, 8, 8, 0, NULL);
	CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
	CUT_CHECK(test_snapshot(0, 0) == 0x02);
	for (u32 i = 0; i < 4; i++)
		CUT_CHECK(test_cpu_load(0, i) == 260 + i);
	/* There is a new chunk when it is wanted. */
	test_ioctl_ok(0, MIGRATE, 0, 8, 8, 0, NULL);
	CUT_CHECK(test_snapshot(0, 7) == 0x22);
	CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
	CUT_CHECK(!test_ioctl(0, RELEASE, 0, 1, NULL));
}

/* Closing one file brings home what another has on that device. */
void memory_close(u32 index)
{
	CUT_CHECK(!dmirror_open(1, 0, 0));
	CUT_CHECK(!dmirror_open(2, 1, 0));
	test_cpu_fill(0, 0, 4, 270);
	test_ioctl_ok(0, MIGRATE, 0, 2, 2, 0, NULL);
	test_ioctl_ok(2, MIGRATE, 2, 2, 2, 0, NULL);
	CUT_CHECK(!dmirror_close(1));
	CUT_CHECK(dmirror_close(1) == -EBADF);
	CUT_CHECK(test_snapshot(0, 0) == 0x02 && test_snapshot(2, 2) == 0x22);
	for (u32 i = 0; i < 4; i++)
		CUT_CHECK(test_cpu_load(0, i) == 270 + i);
}

/* No memory left on the device: that page stays, and is missed. */
void memory_full(u32 index)
{
	u32 child;

	CUT_CHECK(!test_cpu_mmap(0, 8, 8, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS));
	test_cpu_fill(0, 0, 16, 280);
	test_ioctl_ok(0, MIGRATE, 0, 16, 16, 0, NULL);
	child = test_fork();
	CUT_CHECK(!dmirror_open(1, 0, child));
	CUT_CHECK(!test_cpu_fill(child, 3, 1, 1));
	/* The parent's page is a page of the system now, and the frame free. */
	CUT_CHECK(test_cpu_load(0, 3) == 283);
	test_ioctl_ok(1, MIGRATE, 3, 1, 1, 0, NULL);
	CUT_CHECK(test_ioctl(0, MIGRATE, 3, 1, NULL) == -ENOENT);
	CUT_CHECK(test_cpu_load(0, 3) == 283);
	test_exit(child);
}
