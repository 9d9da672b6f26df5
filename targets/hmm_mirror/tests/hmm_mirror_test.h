/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hmm_mirror_test.h: what the unit tests of the mirrors share. The machine is
 * that of target hmm-v12: mm 0 with pages 0..7 mapped, and slot 0 a mirror of
 * it on device 0. All oracles of the target listen.
 */
#ifndef TARGETS_HMM_MIRROR_TESTS_HMM_MIRROR_TEST_H
#define TARGETS_HMM_MIRROR_TESTS_HMM_MIRROR_TEST_H

#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "targets/cut_test.h"
#include "targets/hmm_mirror/hmm_device.h"
#include "targets/mm/mm.h"

void hmm_test_boot(void);
void hmm_test_halt(void);

/* A program of mm 0. */
void test_store(u32 page, u32 value);
u32 test_load(u32 page);
void test_dontneed(u32 page, u32 count);
void test_protect(u32 page, u32 count, unsigned long prot);
/* A file's page 0 on, shared, at @page. */
void test_map_file(u32 page, u32 count);
void test_hugepage(u32 page, u32 count);

/* What device accesses may come to while somebody takes pages away. */
void test_device_write(u32 slot, u32 page);

/* test_contract.c */
void contract_access(u32 index);
void contract_fault(u32 index);
void contract_rights(u32 index);
void contract_slots(u32 index);
void contract_failure(u32 index);
void contract_huge(u32 index);
void contract_fork(u32 index);
void contract_exit(u32 index);
void contract_dirty(u32 index);

/* test_race.c: the boots and the bodies of tasks that meet */
void race_two_boot(void);
void race_file_boot(void);
void race_huge_boot(void);
void race_dontneed(u32 index);
void race_elsewhere(u32 index);
void race_ranges(u32 index);
void race_two_mirrors(u32 index);
void race_unregister(u32 index);
void race_kill(u32 index);
void race_exit(u32 index);
void race_reclaim(u32 index);
void race_reread(u32 index);
void race_writeback(u32 index);
void race_populate(u32 index);
void race_huge(u32 index);
void race_fork(u32 index);
void race_fail(u32 index);

#endif /* TARGETS_HMM_MIRROR_TESTS_HMM_MIRROR_TEST_H */
