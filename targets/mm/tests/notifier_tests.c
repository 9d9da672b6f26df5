// SPDX-License-Identifier: GPL-2.0
/*
 * notifier_tests.c: the list of the unit tests of notifiers, hmm_range_fault()
 * and the mirror of target mm.
 */
#include "targets/mm/tests/mm_cases.h"

#define E_BOOT	hmm_entries_boot
#define E_HALT	hmm_entries_halt
#define N_BOOT	notifier_boot
#define N_HALT	notifier_halt
#define L_BOOT	listener_test_boot
#define L_RACE	listener_race_boot
#define L_HALT	listener_test_halt

const struct cut_test mm_notifier_tests[] = {
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
	HOLDS("hmm.own_device_page", 1, hmm_own_device_page, E_BOOT, E_HALT,
	      migrate_moved),
	HOLDS("hmm.foreign_device_page", 1, hmm_foreign_device_page, E_BOOT,
	      E_HALT, migrate_moved),
	HOLDS("hmm.exclusive_entry", 1, hmm_exclusive_entry, E_BOOT, E_HALT,
	      exclusive_restore),
	HOLDS("hmm.migration_entry", 1, hmm_migration_entry, E_BOOT, E_HALT,
	      migrate_ready),
	HOLDS("hmm.special_vmas", 1, hmm_special_vmas, BOOT, HALT,
	      hmm_range_fault),
	HOLDS("hmm.busy_is_bounded", 2, hmm_busy_is_bounded, BOOT, HALT,
	      mni_seq),
	HOLDS("hmm.meets_move", 2, hmm_meets_move, L_RACE, L_HALT, retry),
	HOLDS("hmm.device_page_race", 2, hmm_device_page_race,
	      hmm_device_page_boot, E_HALT, migrate_moved),
	HOLDS("listener.mirrors", 1, listener_mirrors, L_BOOT, L_HALT,
	      inv_refused),
	HOLDS("listener.follows", 2, listener_race, L_RACE, L_HALT, retry),
	HOLDS("listener.opens_once", 3, listener_open_race, L_BOOT, L_HALT,
	      deferred),

	CAUGHT(mm_reap_ignores_refusal, unbracketed, 1,
	       notifier_nonblock_is_refused, N_BOOT, N_HALT),
	CAUGHT(hmm_spins_on_migration, progress, 2, hmm_meets_move, L_RACE,
	       L_HALT),
	CAUGHT(hmm_reports_moving, unchecked_map, 2, hmm_meets_move, L_RACE,
	       L_HALT),
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
