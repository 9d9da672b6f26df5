// SPDX-License-Identifier: GPL-2.0
/*
 * test_pin: pages that the device works on in place (MIGRATE_PIN), and a VMA of
 * registers, which no command of the driver has anything to do with.
 */
#include "targets/dmirror/tests/dmirror_test.h"
#include "targets/mm/internal.h"
#include "targets/mm/ops.h"

#define READ		HMM_DMIRROR_READ
#define EXCLUSIVE	HMM_DMIRROR_EXCLUSIVE
#define CHECK		HMM_DMIRROR_CHECK_EXCLUSIVE
#define MIGRATE		HMM_DMIRROR_MIGRATE_TO_DEV
#define MIGRATE_SYS	HMM_DMIRROR_MIGRATE_TO_SYS
#define PIN		HMM_DMIRROR_MIGRATE_PIN

static u32 pfn_at(u32 page)
{
	return VIEW_PFN(view_dmirror.cpu_entry(0, VIEW_VA(page)));
}

static u32 backing_at(u32 page)
{
	return view_dmirror.page(pfn_at(page)).backing;
}

static bool pinned(u32 pfn)
{
	struct view_page p = view_dmirror.page(pfn);

	return p.refcount == 1 + GUP_PIN_COUNTING_BIAS && !p.mapcount &&
	       !p.lru && p.revocable;
}

/* migrate_fault_pin of the posted series: all of it is pinned, and then faults
 * back, as it was and where it was. */
void pin_faults_back(u32 index)
{
	struct test_io io = { 0 };
	u32 pfn[8];

	test_cpu_fill(0, 0, 8, 20);
	for (u32 i = 0; i < 8; i++)
		pfn[i] = pfn_at(i);
	test_ioctl_ok(0, PIN, 0, 8, 8, 0, NULL);
	for (u32 i = 0; i < 8; i++)
		CUT_CHECK(backing_at(i) == pfn[i] && pinned(pfn[i]));
	test_ioctl_ok(0, READ, 0, 8, 8, 0, &io);
	for (u32 i = 0; i < 8; i++)
		CUT_CHECK(io.value[i] == 20 + i);
	CUT_CHECK(test_ioctl(0, CHECK, 0, 8, NULL) == -EPERM);
	for (u32 i = 0; i < 8; i++) {
		struct view_page p;

		CUT_CHECK(test_cpu_load(0, i) == 20 + i);
		p = view_dmirror.page(pfn[i]);
		CUT_CHECK(pfn_at(i) == pfn[i] && p.refcount == 1 && p.lru);
	}
	CUT_CHECK(!test_ioctl(0, CHECK, 0, 8, NULL));
}

/* What the device stores there is what the CPU finds. */
void pin_is_written_in_place(u32 index)
{
	u32 pfn;

	test_cpu_fill(0, 0, 2, 20);
	pfn = pfn_at(1);
	test_ioctl_ok(0, PIN, 0, 2, 2, 0, NULL);
	CUT_CHECK(!test_write(0, 1, 1, 50, NULL));
	CUT_CHECK(backing_at(1) == pfn);
	CUT_CHECK(test_cpu_load(0, 1) == 50 && pfn_at(1) == pfn);
	CUT_CHECK(test_cpu_load(0, 0) == 20);
	/* Nothing there, the zero page, and what is the device's already. */
	CUT_CHECK(!test_cpu_load(0, 4));
	test_ioctl_ok(0, MIGRATE, 0, 1, 1, 0, NULL);
	test_ioctl_ok(0, PIN, 0, 5, 1, 0, NULL);
	test_ioctl_ok(0, MIGRATE_SYS, 0, 2, 2, 0, NULL);
	CUT_CHECK(pfn_at(1) == pfn);
	CUT_CHECK(test_ioctl(0, PIN, 8, 1, NULL) == -EINVAL);
	/* Of a file, and of nobody who could fault it back. */
	CUT_CHECK(!test_cpu_mmap_file(0, 8, 1));
	CUT_CHECK(!test_cpu_load(0, 8));
	test_ioctl_ok(0, PIN, 8, 1, 0, 0, NULL);
}

/* The pin ends with the mapping, the file, or the child that had it last. */
void pin_goes_with_who_has_it(u32 index)
{
	u32 pfn[3], child;

	test_cpu_fill(0, 0, 3, 20);
	for (u32 i = 0; i < 3; i++)
		pfn[i] = pfn_at(i);
	test_ioctl_ok(0, PIN, 0, 3, 3, 0, NULL);
	CUT_CHECK(!test_cpu_dontneed(0, 0, 1));
	CUT_CHECK(!view_dmirror.page(pfn[0]).refcount);
	child = test_fork();
	CUT_CHECK(pinned(pfn[1]));
	CUT_CHECK(!test_cpu_munmap(0, 1, 1));
	CUT_CHECK(pinned(pfn[1]));
	test_exit(child);
	CUT_CHECK(!view_dmirror.page(pfn[1]).refcount);
	CUT_CHECK(!dmirror_close(0));
	CUT_CHECK(pfn_at(2) == pfn[2] && test_cpu_load(0, 2) == 22);
}

/* Its block is taken offline: the device is asked, and no CPU has to fault. */
void pin_moves_when_asked(u32 index)
{
	const u32 arg[] = { 1, 0 };
	u32 pfn;

	test_cpu_fill(0, 0, 2, 20);
	pfn = pfn_at(0);
	test_ioctl_ok(0, PIN, 0, 1, 1, 0, NULL);
	CUT_CHECK(op_offline(arg) == 0);
	CUT_CHECK(pfn_at(0) != pfn && pfn_at(0) < VIEW_DEVICE_PFN);
	CUT_CHECK(test_cpu_load(0, 0) == 20);
}

void pin_meets_dontneed(u32 index)
{
	if (index) {
		CUT_CHECK(!test_cpu_dontneed(0, 0, 2));
		return;
	}
	CUT_CHECK(!test_ioctl(0, PIN, 0, 4, NULL));
	CUT_CHECK(test_cpu_load(0, 3) == 13);
	CUT_CHECK(test_cpu_load(0, 0) != 11);
}

void pin_meets_offline(u32 index)
{
	const u32 arg[] = { 3, 0 };

	if (index) {
		op_offline(arg);
		return;
	}
	CUT_CHECK(!test_ioctl(0, PIN, 0, 2, NULL));
	CUT_CHECK(test_cpu_load(0, 1) == 11);
	CUT_CHECK(!test_ioctl(0, PIN, 1, 1, NULL));
}

void contract_registers(u32 index)
{
	CUT_CHECK(!test_cpu_map_registers(0, 8, 2));
	CUT_CHECK(test_ioctl(0, READ, 8, 1, NULL) == -EFAULT);
	CUT_CHECK(test_ioctl(0, READ, 6, 4, NULL) == -EFAULT);
	CUT_CHECK(test_write(0, 8, 1, 5, NULL) == -EFAULT);
	CUT_CHECK(test_ioctl(0, MIGRATE, 8, 1, NULL) == -EINVAL);
	CUT_CHECK(test_ioctl(0, MIGRATE_SYS, 8, 1, NULL) == -EINVAL);
	CUT_CHECK(test_ioctl(0, PIN, 8, 1, NULL) == -EINVAL);
	CUT_CHECK(test_ioctl(0, EXCLUSIVE, 8, 1, NULL) == -EBUSY);
	CUT_CHECK(test_snapshot(0, 8) == HMM_DMIRROR_PROT_ERROR);
}
