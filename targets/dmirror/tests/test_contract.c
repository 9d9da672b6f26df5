// SPDX-License-Identifier: GPL-2.0
/*
 * The contract of the test_hmm driver (spec dmirror-contract.md): what a real
 * kernel answered to these sequences, asked of the port. Reading, writing,
 * looking and exclusive access; memory of the device is in test_memory.c.
 */
#include "targets/dmirror/tests/dmirror_test.h"

#define READ		HMM_DMIRROR_READ
#define EXCLUSIVE	HMM_DMIRROR_EXCLUSIVE
#define CHECK		HMM_DMIRROR_CHECK_EXCLUSIVE
#define MIGRATE		HMM_DMIRROR_MIGRATE_TO_DEV
#define SNAPSHOT	HMM_DMIRROR_SNAPSHOT

/* In the order they are made: the structure, the address, the length. */
void contract_common_checks(u32 index)
{
	struct test_io io = { 0 };
	struct dmirror_buffer buffer = { .value = io.value, .byte = io.byte };
	struct hmm_dmirror_cmd cmd = {
		.addr = VIEW_VA(0) + 8, .npages = 0, .ptr = &buffer,
	};

	CUT_CHECK(dmirror_ioctl(0, 99, NULL) == -EFAULT);
	CUT_CHECK(dmirror_ioctl(0, READ, &cmd) == -EINVAL);
	cmd.addr = VIEW_VA(0);
	CUT_CHECK(dmirror_ioctl(0, READ, &cmd) == -EINVAL);
	cmd.npages = ~0ull >> 12;
	CUT_CHECK(dmirror_ioctl(0, READ, &cmd) == -EINVAL);
	cmd.npages = 1;
	CUT_CHECK(dmirror_ioctl(0, 99, &cmd) == -EINVAL);
	CUT_CHECK(dmirror_ioctl(0, CHECK, &cmd) == 0);
	CUT_CHECK(dmirror_ioctl(3, CHECK, &cmd) == -EBADF);
}

/* One round of faults serves the whole range, over all batches. */
void contract_read(u32 index)
{
	struct test_io io = { 0 };

	test_cpu_fill(0, 2, 6, 20);
	CUT_CHECK(!test_cpu_mprotect(0, 0, 8, PROT_READ));
	CUT_CHECK(!test_cpu_load(0, 1));
	test_ioctl_ok(0, READ, 0, 8, 8, 1, &io);
	CUT_CHECK(io.nr == 8 && !io.value[0] && !io.value[1]);
	for (u32 i = 2; i < 8; i++)
		CUT_CHECK(io.value[i] == 18 + i);
	test_ioctl_ok(0, READ, 0, 8, 8, 0, &io);
}

void contract_read_fails(u32 index)
{
	struct test_io io = { 0 };

	test_cpu_fill(0, 0, 8, 5);
	CUT_CHECK(!test_cpu_mprotect(0, 0, 8, PROT_NONE));
	CUT_CHECK(test_ioctl(0, READ, 0, 8, &io) == -EFAULT);
	CUT_CHECK(!io.nr && io.value[0] == 0xeeeeeeee);
	CUT_CHECK(!test_cpu_mprotect(0, 0, 8, PROT_READ));
	CUT_CHECK(test_cpu_load(0, 7) == 12);
	CUT_CHECK(test_ioctl(0, READ, 6, 4, &io) == -EFAULT);
}

void contract_write(u32 index)
{
	struct test_io io = { 0 };

	CUT_CHECK(!test_write(0, 0, 8, 30, &io));
	CUT_CHECK(io.cpages == 8 && io.faults == 1);
	for (u32 i = 0; i < 8; i++)
		CUT_CHECK(test_cpu_load(0, i) == 30 + i);
	CUT_CHECK(!test_write(0, 0, 8, 50, &io) && !io.faults);
	CUT_CHECK(test_cpu_load(0, 3) == 53);
}

void contract_write_fails(u32 index)
{
	struct test_io io = { 0 };

	CUT_CHECK(!test_cpu_mprotect(0, 0, 8, PROT_READ));
	test_ioctl_ok(0, READ, 0, 1, 1, 1, &io);
	CUT_CHECK(test_write(0, 0, 8, 30, &io) == -EPERM);
	CUT_CHECK(!test_cpu_load(0, 0));
	CUT_CHECK(!test_cpu_mprotect(0, 0, 8, PROT_READ | PROT_WRITE));
	CUT_CHECK(!test_write(0, 0, 8, 30, &io) && io.faults == 1);
	CUT_CHECK(test_cpu_load(0, 7) == 37);
	CUT_CHECK(!test_cpu_mprotect(0, 4, 4, PROT_NONE));
	CUT_CHECK(test_write(0, 0, 8, 40, &io) == -EFAULT);
	CUT_CHECK(test_write(0, 8, 1, 40, &io) == -EFAULT);
}

/* The program is gone and its file is open still. */
void contract_dead_mm(u32 index)
{
	u32 child = test_fork();

	CUT_CHECK(!dmirror_open(1, 0, child));
	test_exit(child);
	CUT_CHECK(test_ioctl(1, READ, 0, 1, NULL) == -EFAULT);
	CUT_CHECK(test_write(1, 0, 1, 1, NULL) == -EFAULT);
	CUT_CHECK(test_ioctl(1, MIGRATE, 0, 1, NULL) == -EINVAL);
	CUT_CHECK(test_ioctl(1, HMM_DMIRROR_MIGRATE_TO_SYS, 0, 1, NULL) ==
		  -EINVAL);
	CUT_CHECK(test_ioctl(1, SNAPSHOT, 0, 1, NULL) == -EINVAL);
	CUT_CHECK(test_ioctl(1, EXCLUSIVE, 0, 1, NULL) == -EINVAL);
	CUT_CHECK(!test_ioctl(1, CHECK, 0, 1, NULL));
	CUT_CHECK(!test_ioctl(1, HMM_DMIRROR_RELEASE, 0, 1, NULL));
}

/* What was done stays done; only the copy to the program fails. */
void contract_bad_memory(u32 index)
{
	struct test_io io = { .fault = true };

	test_cpu_fill(0, 0, 4, 60);
	CUT_CHECK(test_ioctl(0, READ, 0, 4, &io) == -EFAULT && !io.nr);
	CUT_CHECK(test_write(0, 0, 4, 1, &io) == -EFAULT);
	CUT_CHECK(test_cpu_load(0, 0) == 60);
	CUT_CHECK(test_ioctl(0, SNAPSHOT, 0, 4, &io) == -EFAULT);
	CUT_CHECK(test_ioctl(0, MIGRATE, 0, 2, &io) == -EFAULT);
	CUT_CHECK(test_snapshot(0, 0) == 0x22);
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 2, 2, &io) == -EFAULT);
	CUT_CHECK(test_ioctl(0, CHECK, 2, 2, NULL) == -EPERM);
}

/* An invalidation of one page takes the entry of the next one too. */
void contract_one_too_many(u32 index)
{
	test_cpu_fill(0, 0, 4, 70);
	test_ioctl_ok(0, READ, 0, 4, 4, 1, NULL);
	CUT_CHECK(!test_cpu_dontneed(0, 1, 1));
	test_ioctl_ok(0, READ, 0, 1, 1, 0, NULL);
	test_ioctl_ok(0, READ, 3, 1, 1, 0, NULL);
	test_ioctl_ok(0, READ, 2, 1, 1, 1, NULL);
}

void contract_snapshot(u32 index)
{
	struct test_io io = { 0 };

	CUT_CHECK(!dmirror_open(1, 1, 0));
	test_cpu_fill(0, 3, 2, 80);
	CUT_CHECK(!test_cpu_load(0, 2));
	CUT_CHECK(!test_cpu_mprotect(0, 0, 1, PROT_NONE));
	CUT_CHECK(!test_cpu_mprotect(0, 2, 2, PROT_READ));
	CUT_CHECK(!test_cpu_munmap(0, 1, 1));
	test_ioctl_ok(0, MIGRATE, 5, 1, 1, 0, NULL);
	test_ioctl_ok(1, MIGRATE, 6, 1, 1, 0, NULL);
	test_ioctl_ok(0, SNAPSHOT, 0, 8, 8, 0, &io);
	CUT_CHECK(io.nr == 8);
	CUT_CHECK(io.byte[0] == 0xff && io.byte[1] == 0xff);
	CUT_CHECK(io.byte[2] == 0x11 && io.byte[3] == 0x01);
	CUT_CHECK(io.byte[4] == 0x02 && io.byte[5] == 0x22);
	CUT_CHECK(io.byte[6] == 0x00 && io.byte[7] == 0x00);
	CUT_CHECK(test_snapshot(1, 6) == 0x22 && test_snapshot(1, 5) == 0x00);
}

/* Pages of the node: to be read, neither written nor moved. */
void contract_mmap(u32 index)
{
	CUT_CHECK(!dmirror_mmap(0, VIEW_VA(8), 2 * PAGE_SIZE,
				PROT_READ | PROT_WRITE, 0));
	CUT_CHECK(test_snapshot(0, 8) == 0x01 && test_snapshot(0, 9) == 0x01);
	CUT_CHECK(!test_cpu_load(0, 8));
	CUT_CHECK(test_ioctl(0, MIGRATE, 8, 2, NULL) == -EINVAL);
	test_ioctl_ok(0, READ, 8, 2, 2, 1, NULL);
	test_cpu_fill(0, 8, 1, 90);
	CUT_CHECK(test_cpu_load(0, 8) == 90 && !test_cpu_load(0, 9));
}

void contract_exclusive(u32 index)
{
	struct test_io io = { 0 };

	test_cpu_fill(0, 0, 6, 100);
	test_ioctl_ok(0, EXCLUSIVE, 0, 6, 6, 0, &io);
	for (u32 i = 0; i < 6; i++)
		CUT_CHECK(io.value[i] == 100 + i);
	CUT_CHECK(test_ioctl(0, CHECK, 0, 6, NULL) == -EPERM);
	CUT_CHECK(test_snapshot(0, 0) == 0x00);
	/* Reading takes nothing back; nor does a migration, which moves nothing
	 * and finds the data in the table all the same. */
	test_ioctl_ok(0, READ, 0, 6, 6, 0, &io);
	test_ioctl_ok(0, MIGRATE, 0, 6, 6, 0, &io);
	CUT_CHECK(io.value[5] == 105 && test_snapshot(0, 5) == 0x00);
	CUT_CHECK(test_ioctl(0, CHECK, 0, 6, NULL) == -EPERM);
	/* Writing does. */
	CUT_CHECK(!test_write(0, 0, 1, 7, &io) && io.faults == 1);
	CUT_CHECK(!test_ioctl(0, CHECK, 0, 1, NULL));
	for (u32 i = 1; i < 6; i++)
		CUT_CHECK(test_cpu_load(0, i) == 100 + i);
	CUT_CHECK(!test_ioctl(0, CHECK, 0, 6, NULL));
	/* One that was never touched is zero, and the device's at once. */
	test_ioctl_ok(0, EXCLUSIVE, 7, 1, 1, 0, &io);
	CUT_CHECK(!io.value[0] && test_snapshot(0, 7) == 0x00);
}

/* Whatever is wrong, it is -EBUSY, and what was lent stays lent. */
void contract_exclusive_fails(u32 index)
{
	test_cpu_fill(0, 0, 8, 100);
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 4, 5, NULL) == -EBUSY);
	CUT_CHECK(test_ioctl(0, CHECK, 4, 4, NULL) == -EPERM);
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 6, 3, NULL) == -EBUSY);
	CUT_CHECK(test_snapshot(0, 7) == 0x00);
	CUT_CHECK(!test_cpu_mprotect(0, 4, 4, PROT_READ));
	CUT_CHECK(!test_ioctl(0, CHECK, 4, 4, NULL));
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 4, 1, NULL) == -EBUSY);
	CUT_CHECK(test_write(0, 4, 1, 1, NULL) == -EPERM);
	CUT_CHECK(test_cpu_load(0, 4) == 104);
	CUT_CHECK(!test_cpu_mmap(0, 8, 1, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS));
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 8, 1, NULL) == -EBUSY);
	CUT_CHECK(!test_cpu_mprotect(0, 0, 1, PROT_NONE));
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 0, 1, NULL) == -EBUSY);
}
