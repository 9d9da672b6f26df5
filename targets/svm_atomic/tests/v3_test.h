/* SPDX-License-Identifier: GPL-2.0 */
/*
 * v3_test.h: the cases of the form that was first posted, test_v3.c and
 * test_v3_race.c. The machine is that of target exclusive-v3: mm 0 with pages
 * 0..7 mapped, mirrored by svmm 0, and channel instances 0 and 1 joined to it.
 */
#ifndef TARGETS_SVM_ATOMIC_TESTS_V3_TEST_H
#define TARGETS_SVM_ATOMIC_TESTS_V3_TEST_H

#include "targets/cut_test.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau.h"
#include "targets/view.h"

void v3_boot(void);
void v3_halt(void);

/* An atomic of a client of instance 0: what was there before, or -errno. */
long v3_atomic(u32 client, u32 page);
u32 v3_kind(u32 slot, u32 page);	/* enum view_kind of the CPU's entry */
/* What a program reads there; ~0 if it cannot. */
u32 v3_load(struct mm_struct *mm, u32 page);
/* The same as a thread of @slot for a moment; no thread of any mm before. */
u32 v3_load_as(u32 slot, u32 page);

/* test_v3.c */
void v3_lends_and_restores(u32 index);
void v3_takes_what_it_may(u32 index);
void v3_fork_copies_for_reading(u32 index);
void v3_fork_copies_pinned(u32 index);
void v3_protection_holds(u32 index);
void v3_goes_with_its_mapping(u32 index);
void v3_moves_when_wanted(u32 index);

/* test_v3_race.c */
void v3_counter_boot(void);
void v3_counter_race(u32 index);
void v3_counter_halt(void);
void v3_dontneed_race(u32 index);
void v3_lent_boot(void);
void v3_faults_race(u32 index);
void v3_zap_race(u32 index);
void v3_replaced_race(u32 index);
void v3_locked_race(u32 index);
void v3_fork_race(u32 index);
void v3_file_boot(void);
void v3_file_race(u32 index);
void v3_copied_boot(void);
void v3_move_race(u32 index);

#endif /* TARGETS_SVM_ATOMIC_TESTS_V3_TEST_H */
