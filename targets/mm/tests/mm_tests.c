// SPDX-License-Identifier: GPL-2.0
/*
 * mm_tests.c: the list of the mm's unit tests, and the machine they run on.
 */
#include "targets/mm/tests/mm_test.h"
#include "targets/oracle/svm_oracles.h"

void mm_test_boot(void)
{
	mm_boot();
}

void mm_test_halt(void)
{
	mm_halt();
}

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define HOLDS(name_, nr, body_, boot_, halt_, seen_) {			\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

/* A known bug that some schedule shows, as one class and no other. */
#define CAUGHT(mutation_, oracle_name, nr, body_, boot_, halt_) {	\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = halt_,					\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

#define BOOT	mm_test_boot
#define HALT	mm_test_halt
#define N_BOOT	notifier_boot
#define N_HALT	notifier_halt
#define L_BOOT	listener_test_boot
#define L_RACE	listener_race_boot
#define L_HALT	listener_test_halt

const struct cut_test mm_tests[] = {
	HOLDS("fault.read_maps_zero_page", 1, fault_read_maps_zero_page, BOOT,
	      HALT, cpu_load),
	HOLDS("fault.write_makes_own_page", 1, fault_write_makes_own_page, BOOT,
	      HALT, cpu_store),
	HOLDS("fault.first_faults_race", 2, fault_first_faults_race, BOOT,
	      fault_first_faults_halt, page_free),
	HOLDS("fault.zero_page_copies_race", 2, fault_zero_copies_race, BOOT,
	      HALT, page_free),
	HOLDS("fault.bad_access_fails", 1, fault_bad_access_fails, BOOT, HALT,
	      cpu_segv),
	HOLDS("fault.child_has_its_own", 1, fault_child_has_its_own, BOOT, HALT,
	      page_copy),
	HOLDS("fault.last_owner_reuses", 1, fault_last_owner_reuses, BOOT, HALT,
	      page_exclusive),
	HOLDS("fault.child_keeps_what_it_sees", 2, fault_fork_race, BOOT, HALT,
	      page_copy),
	HOLDS("fault.copies_race", 2, fault_copy_race, BOOT, HALT, page_copy),
	HOLDS("munmap.frees_everything", 1, unmap_frees_everything, BOOT, HALT,
	      page_free),
	HOLDS("munmap.splits", 1, unmap_splits, BOOT, HALT, page_free),
	HOLDS("munmap.store_beside_it_is_safe", 2, unmap_race, BOOT, HALT,
	      cpu_segv),
	HOLDS("munmap.load_beside_it_is_safe", 2, unmap_zero_race, BOOT, HALT,
	      cpu_segv),
	HOLDS("madvise.store_beside_it_is_safe", 2, unmap_dontneed_race, BOOT,
	      HALT, page_free),
	HOLDS("mprotect.takes_and_gives_back", 1, unmap_mprotect_works, BOOT,
	      HALT, cpu_segv),
	HOLDS("mprotect.none_is_spelled", 1, unmap_prot_none_is_spelled, BOOT,
	      HALT, none),
	HOLDS("mprotect.store_beside_it_is_safe", 2, unmap_mprotect_race, BOOT,
	      HALT, cpu_segv),
	HOLDS("oom.reaper_meets_exit", 2, unmap_exit_race, BOOT, HALT,
	      mm_unstable),
	HOLDS("exit.waits_for_users", 1, unmap_waits_for_users, BOOT, HALT,
	      mm_users),
	HOLDS("oom.reaped_faults_fail", 1, unmap_reaped_faults_fail, BOOT, HALT,
	      mm_unstable),
	HOLDS("notifier.seq_moves_with_overlap", 1, notifier_seq_moves, N_BOOT,
	      N_HALT, read_retry),
	HOLDS("notifier.collision_waits", 2, notifier_collision_waits, N_BOOT,
	      N_HALT, read_retry),
	HOLDS("notifier.deferred_is_done", 3, notifier_deferred_race, N_BOOT,
	      N_HALT, deferred),
	HOLDS("notifier.deferred_is_taken_back", 2, notifier_taken_back,
	      notifier_frozen_boot, notifier_frozen_halt, deferred),
	HOLDS("notifier.nonblock_is_refused", 1, notifier_nonblock_is_refused,
	      N_BOOT, N_HALT, inv_refused),
	HOLDS("notifier.interval_comes_first", 1, notifier_order_holds, N_BOOT,
	      N_HALT, callback_begin),
	HOLDS("notifier.put_waits_for_walks", 2, notifier_put_race, N_BOOT,
	      N_HALT, mn_dead),
	HOLDS("notifier.unregister_meets_exit", 2, notifier_unregister_race,
	      notifier_unregister_boot, N_HALT, mn_dead),
	HOLDS("hmm.rows_hold", 1, hmm_rows_hold, BOOT, HALT, hmm_range_fault),
	HOLDS("hmm.fault_takes_the_rest", 1, hmm_fault_takes_the_rest, BOOT,
	      HALT, hmm_range_fault),
	HOLDS("hmm.cow_retries_once", 1, hmm_cow_retries_once, BOOT, HALT,
	      hmm_range_fault),
	HOLDS("hmm.stale_seq_is_busy", 1, hmm_stale_seq_is_busy, BOOT, HALT,
	      hmm_range_fault),
	HOLDS("listener.mirrors", 1, listener_mirrors, L_BOOT, L_HALT,
	      inv_refused),
	HOLDS("listener.follows", 2, listener_race, L_RACE, L_HALT, retry),
	HOLDS("listener.opens_once", 3, listener_open_race, L_BOOT, L_HALT,
	      deferred),

	CAUGHT(mm_skip_tlb_flush, stale_tlb, 2, unmap_zero_race, BOOT, HALT),
	CAUGHT(mm_free_before_flush, freed_page, 2, unmap_race, BOOT, HALT),
	CAUGHT(mm_zap_skip_bracket, unbracketed, 2, unmap_dontneed_race, BOOT,
	       HALT),
	CAUGHT(mm_mprotect_skip_flush, stale_tlb, 2, unmap_mprotect_race, BOOT,
	       HALT),
	CAUGHT(mm_mprotect_skip_bracket, unbracketed, 2, unmap_mprotect_race,
	       BOOT, HALT),
	CAUGHT(mm_mprotect_keeps_write, pte_permission, 2, unmap_mprotect_race,
	       BOOT, HALT),
	CAUGHT(mm_reap_ignores_refusal, unbracketed, 1,
	       notifier_nonblock_is_refused, N_BOOT, N_HALT),
	CAUGHT(mm_fork_keeps_write, anon_exclusive, 2, fault_fork_race, BOOT,
	       HALT),
	CAUGHT(mm_fork_keeps_exclusive, anon_exclusive, 2, fault_fork_race,
	       BOOT, HALT),
	CAUGHT(mm_fork_skip_flush, stale_tlb, 2, fault_fork_race, BOOT, HALT),
	CAUGHT(mm_fork_skip_bracket, unbracketed, 2, fault_fork_race, BOOT,
	       HALT),
	CAUGHT(mm_wp_skip_pte_same, refcount, 2, fault_zero_copies_race, BOOT,
	       HALT),
	CAUGHT(mm_wp_skip_bracket, unbracketed, 2, fault_copy_race, BOOT, HALT),
	CAUGHT(mm_reuse_ignores_refs, anon_exclusive, 2, fault_copy_race, BOOT,
	       HALT),
	CAUGHT(mm_anon_skip_none_check, unbracketed, 2, fault_first_faults_race,
	       BOOT, HALT),
	CAUGHT(mirror_skip_retry, unchecked_map, 2, listener_race, L_RACE,
	       L_HALT),
	CAUGHT(mirror_seq_without_lock, unchecked_map, 2, listener_race, L_RACE,
	       L_HALT),
	CAUGHT(mirror_skip_set_seq, unchecked_map, 2, listener_race, L_RACE,
	       L_HALT),
	CAUGHT(mirror_skip_clear, stale_pte, 2, listener_race, L_RACE, L_HALT),
	CAUGHT(mn_end_keeps_odd, notifier_seq, 3, notifier_deferred_race,
	       N_BOOT, N_HALT),
	CAUGHT(mn_drop_deferred, notifier_seq, 3, notifier_deferred_race,
	       N_BOOT, N_HALT),
	CAUGHT(mn_insert_while_odd, notifier_seq, 3, notifier_deferred_race,
	       N_BOOT, N_HALT),
	{ .name = NULL },
};
