/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmirror_test.h: what the unit tests of the test_hmm driver share. The machine
 * is that of target dmirror: mm 0 with pages 0..7 mapped, two devices, and file
 * 0 open on device 0. All oracles of the target listen.
 */
#ifndef TARGETS_DMIRROR_TESTS_DMIRROR_TEST_H
#define TARGETS_DMIRROR_TESTS_DMIRROR_TEST_H

#include <linux/err.h>
#include <linux/mman.h>

#include "targets/cut_test.h"
#include "targets/dmirror/dmirror.h"
#include "targets/mm/mm.h"

void dmirror_test_boot(void);
void dmirror_test_halt(void);

/* What an ioctl was given and gave back; filled with 0xee before. */
struct test_io {
	u32 value[PROG_PAGES];
	u8 byte[PROG_PAGES];
	u64 cpages, faults;
	u32 nr;
	bool fault;		/* in: the memory cannot be accessed */
};

/* One ioctl of @file on [page, page + count); @io may be NULL. */
long test_ioctl(u32 file, u32 command, u32 page, u32 count, struct test_io *io);
/* WRITE of value, value + 1 ... */
long test_write(u32 file, u32 page, u32 count, u32 value, struct test_io *io);
/* As test_ioctl(), and it has to succeed with these outputs. */
void test_ioctl_ok(u32 file, u32 command, u32 page, u32 count, u64 cpages,
		   u64 faults, struct test_io *io);
/* The byte of a snapshot of one page. */
u8 test_snapshot(u32 file, u32 page);

/* A program of mm @slot: 0 or minus an errno; ~0: it cannot read there. */
int test_cpu_fill(u32 slot, u32 page, u32 count, u32 value);
u32 test_cpu_load(u32 slot, u32 page);
int test_cpu_mmap(u32 slot, u32 page, u32 count, unsigned long prot,
		  unsigned long flags);
/* Private, of the named file 0. */
int test_cpu_mmap_file(u32 slot, u32 page, u32 count);
/* Shared, of a device that has nothing but registers. */
int test_cpu_map_registers(u32 slot, u32 page, u32 count);
int test_cpu_munmap(u32 slot, u32 page, u32 count);
int test_cpu_mprotect(u32 slot, u32 page, u32 count, unsigned long prot);
int test_cpu_dontneed(u32 slot, u32 page, u32 count);

/* A child of mm 0: its slot; and the end of one. */
u32 test_fork(void);
void test_exit(u32 slot);

/* test_contract.c */
void contract_common_checks(u32 index);
void contract_read(u32 index);
void contract_read_fails(u32 index);
void contract_write(u32 index);
void contract_write_fails(u32 index);
void contract_dead_mm(u32 index);
void contract_bad_memory(u32 index);
void contract_one_too_many(u32 index);
void contract_snapshot(u32 index);
void contract_mmap(u32 index);
void contract_exclusive(u32 index);
void contract_exclusive_fails(u32 index);

/* test_pin.c */
void pin_faults_back(u32 index);
void pin_is_written_in_place(u32 index);
void pin_goes_with_who_has_it(u32 index);
void pin_moves_when_asked(u32 index);
void pin_meets_dontneed(u32 index);
void pin_meets_offline(u32 index);
void contract_registers(u32 index);

/* test_memory.c */
void memory_migrate(u32 index);
void memory_migrate_fails(u32 index);
void memory_stays(u32 index);
void memory_private_file(u32 index);
void memory_to_system(u32 index);
void memory_two_devices(u32 index);
void memory_shared_with_child(u32 index);
void memory_release(u32 index);
void memory_close(u32 index);
void memory_full(u32 index);

/* test_race.c; the files that several tasks use */
void race_boot(void);
void race_migrated_boot(void);
void race_openers_boot(void);
void race_child_boot(void);
void race_dontneed_read(u32 index);
void race_mprotect_write(u32 index);
void race_dontneed_migrate(u32 index);
void race_dontneed_hole(u32 index);
void race_dontneed_exclusive(u32 index);
void race_store_exclusive(u32 index);
void race_load_write(u32 index);
void race_load_two_openers(u32 index);
void race_write_migrate(u32 index);
void race_read_migrate(u32 index);
void race_close_migrate(u32 index);
void race_close_release(u32 index);
void race_close_load(u32 index);
void race_release_migrate(u32 index);
void race_store_release(u32 index);
void race_load_load(u32 index);

#endif /* TARGETS_DMIRROR_TESTS_DMIRROR_TEST_H */
