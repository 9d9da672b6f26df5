/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm_test.h: the cases of the mm's tests, by file; what is expected of each
 * is in mm_tests.c. A body is run by every task of its case.
 */
#ifndef TARGETS_MM_TESTS_MM_TEST_H
#define TARGETS_MM_TESTS_MM_TEST_H

#include <linux/err.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>

#include "targets/cut_test.h"
#include "targets/mm/mm.h"
#include "targets/view.h"

/* mm_tests.c: slot 0 as a target boots it; all slots exited. */
void mm_test_boot(void);
void mm_test_halt(void);

/* Shorthand of the bodies: one call of a program on slot 0's pages. */
static inline int test_store(struct mm_struct *mm, u32 page, u32 value)
{
	return cpu_store(mm, VIEW_VA(page), value);
}

/* What a program reads there; ~0 if it cannot. */
static inline u32 test_load(struct mm_struct *mm, u32 page)
{
	u32 value;

	return cpu_load(mm, VIEW_VA(page), &value) ? ~0u : value;
}

static inline u64 test_entry(u32 slot, u32 page)
{
	return view_mm.cpu_entry(slot, VIEW_VA(page));
}

/* test_fault.c */
void fault_read_maps_zero_page(u32 index);
void fault_write_makes_own_page(u32 index);
void fault_first_faults_race(u32 index);
void fault_first_faults_halt(void);
void fault_zero_copies_race(u32 index);
void fault_bad_access_fails(u32 index);
void fault_child_has_its_own(u32 index);
void fault_last_owner_reuses(u32 index);
void fault_fork_race(u32 index);
void fault_copy_race(u32 index);

/* test_unmap.c */
void unmap_frees_everything(u32 index);
void unmap_splits(u32 index);
void unmap_race(u32 index);
void unmap_zero_race(u32 index);
void unmap_dontneed_race(u32 index);
void unmap_mprotect_works(u32 index);
void unmap_prot_none_is_spelled(u32 index);
void unmap_mprotect_race(u32 index);
void unmap_exit_race(u32 index);
void unmap_waits_for_users(u32 index);
void unmap_reaped_faults_fail(u32 index);

/* test_notifier.c */
void notifier_boot(void);
void notifier_halt(void);
void notifier_seq_moves(u32 index);
void notifier_collision_waits(u32 index);
void notifier_deferred_race(u32 index);
void notifier_frozen_boot(void);
void notifier_frozen_halt(void);
void notifier_taken_back(u32 index);
void notifier_nonblock_is_refused(u32 index);
void notifier_order_holds(u32 index);
void notifier_put_race(u32 index);
void notifier_unregister_boot(void);
void notifier_unregister_race(u32 index);

/* test_hmm.c */
void hmm_rows_hold(u32 index);
void hmm_fault_takes_the_rest(u32 index);
void hmm_cow_retries_once(u32 index);
void hmm_stale_seq_is_busy(u32 index);

/* test_listener.c */
void listener_test_boot(void);
void listener_race_boot(void);
void listener_test_halt(void);
void listener_mirrors(u32 index);
void listener_race(u32 index);
void listener_open_race(u32 index);

#endif /* TARGETS_MM_TESTS_MM_TEST_H */
