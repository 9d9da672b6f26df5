// SPDX-License-Identifier: GPL-2.0
/*
 * svm_atomic_tests: the list of the unit tests of the atomics.
 */
#include "targets/cut_test.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/svm_atomic/tests/pin_test.h"
#include "targets/svm_atomic/tests/v3_test.h"

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define V3_HOLDS(name_, nr, body_, boot_, halt_, seen_) {		\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = svm_oracles_exclusive_v3, .view = &view_nouveau,	\
}

/* A known bug that some schedule shows. Who else may see it does not listen. */
#define V3_ONLY(oracle_name)						\
	static const struct oracle *const v3_##oracle_name##_only[] = {	\
		&oracle_ledger, &oracle_##oracle_name, NULL,		\
	}
V3_ONLY(unchecked_map);
V3_ONLY(freed_page);
V3_ONLY(atomic_exclusive);
V3_ONLY(anon_exclusive);
V3_ONLY(false_cancel);
/* Of this one refcount is the eyes. */
static const struct oracle *const v3_exclusive_entry_v3_only[] = {
	&oracle_ledger, &oracle_refcount, &oracle_exclusive_entry_v3, NULL,
};
#define V3_CAUGHT(mutation_, oracle_name, nr, body_, boot_) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = v3_halt,					\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = v3_##oracle_name##_only, .view = &view_nouveau,	\
}

#define PIN_HOLDS(name_, nr, body_, boot_, halt_, seen_) {		\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = svm_oracles_unmap_pin, .view = &view_pin,		\
}
#define PIN_ONLY(oracle_name)						\
	static const struct oracle *const pin_##oracle_name##_only[] = {	\
		&oracle_ledger, &oracle_refcount,			\
		&oracle_##oracle_name, NULL,				\
	}
PIN_ONLY(pin_exclusive);
PIN_ONLY(pin_balance);
/* Here the counts are wrong too, on some schedules before. */
static const struct oracle *const pin_freed_page_only[] = {
	&oracle_ledger, &oracle_freed_page, NULL,
};
PIN_ONLY(finite_time);
#define PIN_CAUGHT(mutation_, oracle_name, nr, body_, boot_) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = pin_halt,				\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = pin_##oracle_name##_only, .view = &view_pin,		\
}

const struct cut_test svm_atomic_tests[] = {
	V3_HOLDS("v3.lends_and_restores", 1, v3_lends_and_restores, v3_boot,
		 v3_halt, exclusive_restore),
	V3_HOLDS("v3.takes_what_it_may", 1, v3_takes_what_it_may, v3_boot,
		 v3_halt, fault_cancel),
	V3_HOLDS("v3.fork_copies_for_reading", 1, v3_fork_copies_for_reading,
		 v3_boot, v3_halt, exclusive_restore),
	V3_HOLDS("v3.fork_copies_pinned", 1, v3_fork_copies_pinned, v3_boot,
		 v3_halt, page_copy),
	V3_HOLDS("v3.protection_holds", 1, v3_protection_holds, v3_boot,
		 v3_halt, exclusive_restore),
	V3_HOLDS("v3.goes_with_its_mapping", 1, v3_goes_with_its_mapping,
		 v3_boot, v3_halt, gpu_unmap),
	V3_HOLDS("v3.moves_when_wanted", 1, v3_moves_when_wanted, v3_boot,
		 v3_halt, exclusive_restore),
	V3_HOLDS("v3.no_increment_is_lost", 2, v3_counter_race,
		 v3_counter_boot, v3_counter_halt, exclusive_restore),
	V3_HOLDS("v3.dontneed_against_atomic", 2, v3_dontneed_race, v3_boot,
		 v3_halt, retry),
	V3_HOLDS("v3.faults_meet", 2, v3_faults_race, v3_lent_boot, v3_halt,
		 exclusive_restore),
	V3_HOLDS("v3.zap_against_fault", 2, v3_zap_race, v3_lent_boot, v3_halt,
		 page_free),
	V3_HOLDS("v3.replaced_under_making", 2, v3_replaced_race,
		 v3_counter_boot, v3_halt, exclusive_failed),
	V3_HOLDS("v3.locked_under_making", 2, v3_locked_race, v3_counter_boot,
		 v3_halt, exclusive_failed),
	V3_HOLDS("v3.fork_against_atomic", 2, v3_fork_race, v3_counter_boot,
		 v3_halt, exclusive_made),
	V3_HOLDS("v3.file_has_other_mappings", 2, v3_file_race, v3_file_boot,
		 v3_halt, fault_cancel),
	V3_HOLDS("v3.move_against_atomic", 2, v3_move_race, v3_copied_boot,
		 v3_halt, move_begin),

	V3_CAUGHT(v3_d1_map_without_seq, unchecked_map, 2, v3_dontneed_race,
		  v3_boot),
	V3_CAUGHT(v3_ignores_others_too, unchecked_map, 2, v3_dontneed_race,
		  v3_boot),
	V3_CAUGHT(v3_d3_locks_unreferenced_page, freed_page, 2, v3_zap_race,
		  v3_lent_boot),
	V3_CAUGHT(v3_d4_mapped_nowhere_will_do, exclusive_entry_v3, 2,
		  v3_replaced_race, v3_counter_boot),
	V3_CAUGHT(v3_d5_lends_file_pages, atomic_exclusive, 2, v3_file_race,
		  v3_file_boot),
	V3_CAUGHT(v3_q_d2_trylock_kills, false_cancel, 2, v3_locked_race,
		  v3_counter_boot),
	V3_CAUGHT(v3_fork_copies_write, exclusive_entry_v3, 1,
		  v3_fork_copies_for_reading, v3_boot),
	V3_CAUGHT(v3_fork_keeps_exclusive, anon_exclusive, 1,
		  v3_fork_copies_for_reading, v3_boot),

	PIN_HOLDS("pin.cpu_gets_it_back", 1, pin_cpu_gets_it_back, pin_boot,
		  pin_halt, migrate_to_ram),
	PIN_HOLDS("pin.goes_with_its_mapping", 1, pin_goes_with_its_mapping,
		  pin_boot, pin_halt, page_backing),
	PIN_HOLDS("pin.file_page_is_refused", 1, pin_file_page_is_refused,
		  pin_boot, pin_halt, fault_cancel),
	PIN_HOLDS("pin.long_pin_refuses", 1, pin_long_pin_refuses, pin_boot,
		  pin_halt, fault_cancel),
	PIN_HOLDS("pin.reference_is_tolerated", 1, pin_reference_is_tolerated,
		  pin_callback_boot, pin_halt, gup),
	PIN_HOLDS("pin.leaves_movable", 1, pin_leaves_movable, pin_boot,
		  pin_halt, offline_end),
	PIN_HOLDS("pin.offline_asks", 1, pin_offline_asks,
		  pin_callback_boot, pin_halt, page_revoke),
	PIN_HOLDS("pin.stays_where_it_is", 1, pin_stays_where_it_is,
		  pin_boot, pin_halt, migrate_to_ram),
	PIN_HOLDS("pin.exit_while_pinned", 2, pin_and_leave, pin_boot, pin_halt,
		  page_backing),
	PIN_HOLDS("pin.close_while_pinned", 1, pin_and_leave, pin_boot,
		  pin_close_first_halt, page_backing),
	PIN_HOLDS("pin.no_increment_is_lost", 3, pin_counter_race, pin_boot,
		  pin_counter_halt, migrate_to_ram),
	PIN_HOLDS("pin.no_increment_is_lost_callback", 3, pin_counter_race,
		  pin_callback_boot, pin_counter_halt, migrate_to_ram),
	PIN_HOLDS("pin.dontneed_against_atomic", 2, pin_dontneed_race,
		  pin_callback_boot, pin_halt, retry),
	PIN_HOLDS("pin.munmap_against_atomic", 2, pin_munmap_race, pin_boot,
		  pin_halt, fault_cancel),
	PIN_HOLDS("pin.faults_meet", 3, pin_faults_race, pin_boot,
		  pin_halt, migrate_to_ram),
	PIN_HOLDS("pin.gup_against_atomic", 2, pin_gup_race, pin_gup_boot, pin_halt,
		  gup),
	PIN_HOLDS("pin.offline_against_atomic", 2, pin_offline_race,
		  pin_callback_boot, pin_halt, page_revoke),
	PIN_HOLDS("pin.close_against_fault", 2, pin_close_race, pin_boot,
		  pin_halt, migrate_to_ram),
	PIN_HOLDS("pin.another_mapping", 2, pin_remap_race, pin_callback_boot,
		  pin_halt, fault_cancel),

	PIN_CAUGHT(pin_q_c1_free_keeps_isolation, pin_balance, 1,
		   pin_and_leave, pin_boot),
	PIN_CAUGHT(pin_q_c3_failed_pin_stays, pin_balance, 1,
		   pin_file_page_is_refused, pin_callback_boot),
	PIN_CAUGHT(pin_q_c7_pins_movable, finite_time, 1, pin_and_leave,
		   pin_boot),
	PIN_CAUGHT(pin_w_c2_maps_without_seq, pin_exclusive, 2,
		   pin_dontneed_race, pin_callback_boot),
	PIN_CAUGHT(pin_fault_keeps_gpu_mapping, pin_exclusive, 1,
		   pin_cpu_gets_it_back, pin_boot),
	PIN_CAUGHT(unpinned_page_freed_under_gpu, freed_page, 1, pin_and_leave,
		   pin_boot),
	PIN_CAUGHT(pin_blocks_movable_zone, finite_time, 2, pin_offline_race,
		   pin_callback_boot),
	{ .name = NULL },
};
