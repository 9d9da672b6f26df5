/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm_test.h: the cases of the mm's tests, by file; what is expected of each
 * is in the lists, *_tests.c. A body is run by every task of its case.
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

/* The page that an entry names, whatever the entry's kind. */
static inline struct folio *test_folio(u32 slot, u32 page)
{
	return page_folio(pfn_to_page(VIEW_PFN(test_entry(slot, page))));
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

/* test_device_node.c; map_registers: in slot @mm, 0 or an error */
int test_map_registers(struct mm_struct *mm, u32 page, u32 count,
		       unsigned long prot);
void node_registers_are_shared(u32 index);
void node_rights_are_kept(u32 index);
void node_registers_stay(u32 index);
void node_unmap_race(u32 index);

/* test_userfaultfd.c */
void uffd_boot(void);
void uffd_halt(void);
void uffd_store_ends_it(u32 index);
void uffd_lent_page_keeps_it(u32 index);
void uffd_moves_with_the_page(u32 index);
void uffd_child_has_none(u32 index);
void uffd_store_beside_it(u32 index);

/* test_memory.c */
void memory_shared_boot(void);
void memory_private_boot(void);
void memory_written_boot(void);
void memory_increments_halt(void);
void memory_write_notify(u32 index);
void memory_private_copies(u32 index);
void memory_child_shares(u32 index);
void memory_split_keeps_pages(u32 index);
void memory_tables_go_by_range(u32 index);
void memory_reap_spares_shared(u32 index);
void memory_file_faults_race(u32 index);
void memory_mkwrite_race(u32 index);
void memory_truncate_munmap_race(u32 index);
void memory_mremap_moves(u32 index);
void memory_mremap_race(u32 index);
void memory_increments_race(u32 index);
void memory_move_mprotect_race(u32 index);
void memory_move_fork_race(u32 index);
void memory_move_mremap_race(u32 index);
void memory_fork_copies_pinned(u32 index);
void memory_register_race(u32 index);

/* test_memory_device.c */
void memdev_boot(void);
void memdev_halt(void);
void memexcl_boot(void);
void memdev_mprotect(u32 index);
void memdev_fork(u32 index);
void memdev_fork_reads(u32 index);
void memdev_faults_race(u32 index);
void memdev_zap_race(u32 index);
void memexcl_mprotect(u32 index);
void memexcl_faults_race(u32 index);
void memexcl_lend_race(u32 index);
void memexcl_zap_race(u32 index);
void memexcl_fork_race(u32 index);

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

/* test_folio.c */
void folio_boot(void);
void folio_halt(void);
void folio_own_boot(void);
void folio_references_have_weight(u32 index);
void folio_try_get_race(u32 index);
void folio_zones_run_out(u32 index);
void folio_isolated_block_rests(u32 index);
void folio_isolates_once(u32 index);
void folio_isolates_once_halt(void);
void folio_free_leaves_lru(u32 index);
void folio_lock_excludes(u32 index);
void folio_waits_for_one_unlock(u32 index);
void folio_migration_waits(u32 index);
void folio_retry_nowait(u32 index);
void folio_retry_race(u32 index);
void folio_two_locks(u32 index);
void folio_two_trylocks(u32 index);
void folio_outside_mmap_lock(u32 index);
void folio_unlocked_twice(u32 index);

/* test_file.c */
void file_test_boot(void);
void file_test_halt(void);
void file_names_are_files(u32 index);
void file_reads_what_it_wrote(u32 index);
void file_shmem_goes_with_its_file(u32 index);
void file_page_is_replaced(u32 index);
void file_creates_once(u32 index);
void file_creates_once_halt(void);
void file_is_made_once(u32 index);
void file_write_meets_truncate(u32 index);
void file_write_meets_truncate_halt(void);
void file_written_boot(void);
void file_read_meets_regrowth(u32 index);
void file_shared_boot(void);
void file_cached_boot(void);
void file_private_boot(void);
void file_store_meets_truncate(u32 index);
void file_mkwrite_meets_truncate(u32 index);
void file_load_meets_truncate(u32 index);
void file_load_meets_rewrite(u32 index);
void file_rewrite_halt(void);
void file_cut_halt(void);
void file_goes_with_its_mapping(u32 index);
void file_survives_failures(u32 index);
void file_failures_boot(void);
void file_failures_halt(void);

/* test_gup.c */
void gup_errors_hold(u32 index);
void gup_force_writes_private(u32 index);
void gup_zero_page_is_special(u32 index);
void gup_pin_unshares(u32 index);
void gup_pin_survives_fork(u32 index);
void gup_get_is_left_by_cow(u32 index);
void gup_longterm_moves(u32 index);
void gup_file_pages(u32 index);
void gup_nowait_does_not_wait(u32 index);
void gup_race_boot(void);
void gup_fast_meets_fork(u32 index);
void gup_fast_unshare_meets_fork(u32 index);
void gup_slow_meets_fork(u32 index);
void gup_fast_meets_move(u32 index);
void gup_slow_meets_move(u32 index);
void gup_longterm_meets_move(u32 index);
void gup_drops_mmap_lock(u32 index);
void gup_fast_meets_dontneed(u32 index);
void gup_fast_meets_munmap(u32 index);

/* test_hmm.c */
void hmm_rows_hold(u32 index);
void hmm_fault_takes_the_rest(u32 index);
void hmm_cow_retries_once(u32 index);
void hmm_stale_seq_is_busy(u32 index);

/* test_hmm_entries.c */
void hmm_entries_boot(void);
void hmm_entries_halt(void);
void hmm_own_device_page(u32 index);
void hmm_foreign_device_page(u32 index);
void hmm_exclusive_entry(u32 index);
void hmm_migration_entry(u32 index);
void hmm_special_vmas(u32 index);
void hmm_busy_is_bounded(u32 index);
void hmm_meets_move(u32 index);
void hmm_device_page_boot(void);
void hmm_device_page_race(u32 index);

/* test_listener.c */
void listener_test_boot(void);
void listener_race_boot(void);
void listener_test_halt(void);
void listener_mirrors(u32 index);
void listener_race(u32 index);
void listener_open_race(u32 index);

/* test_ops.c */
void ops_map_kinds(u32 index);
void ops_mremap_moves(u32 index);
void ops_posts_order(u32 index);
void ops_posts_count(u32 index);
void ops_last_call_is_judged(u32 index);
void ops_false_ret(u32 index);
void ops_false_value(u32 index);
void ops_false_bytes(u32 index);
void ops_failure_boot(void);
void ops_failure_excuses(u32 index);
void ops_failure_halt(void);
void ops_gup_kinds(u32 index);
void ops_pins_are_kept(u32 index);
void ops_pins_race(u32 index);
void ops_moves(u32 index);
void ops_move_race(u32 index);
void ops_words_are_spelled(u32 index);

/* test_rmap.c */
void rmap_fork_finds_both(u32 index);
void rmap_child_outlives_parent(u32 index);
void rmap_split_finds_both(u32 index);
void rmap_remap_finds_it(u32 index);
void rmap_prepare_race(u32 index);

/* test_migrate.c */
void migrate_moves_anonymous(u32 index);
void migrate_moves_shared(u32 index);
void migrate_taken_page_stays(u32 index);
void migrate_store_race(u32 index);
void migrate_busy_boot(void);
void migrate_reference_race(u32 index);
void migrate_pin_race(u32 index);
void migrate_pin_fork_race(u32 index);
void migrate_munmap_race(u32 index);
void migrate_dontneed_race(u32 index);
void migrate_fork_race(u32 index);
void migrate_mprotect_race(u32 index);
void migrate_movers_race(u32 index);
void migrate_moves_cached(u32 index);
void migrate_cached_race(u32 index);
void migrate_file_boot(void);
void migrate_truncate_race(u32 index);
void offline_empties_block(u32 index);
void offline_pinned_blocks(u32 index);
void offline_reference_delays(u32 index);
void offline_load_race(u32 index);

/* test_exclusive.c */
void exclusive_lends_and_restores(u32 index);
void exclusive_takes_what_it_may(u32 index);
void exclusive_mprotect_holds(u32 index);
void exclusive_fork_restores(u32 index);
void exclusive_zap_drops_entry(u32 index);
void exclusive_gup_restores(u32 index);
void exclusive_moves_when_wanted(u32 index);
void exclusive_counter_race(u32 index);
void exclusive_counter_halt(void);
void exclusive_lent_boot(void);
void exclusive_faults_race(u32 index);
void exclusive_zap_race(u32 index);
void exclusive_again_race(u32 index);
void exclusive_replaced_race(u32 index);
void exclusive_fork_race(u32 index);
void exclusive_move_race(u32 index);

/* test_migrate_device.c */
void device_test_boot(void);
void device_test_halt(void);
void mdev_selects(u32 index);
void mdev_skips_entries(u32 index);
void mdev_files(u32 index);
void mdev_errors_hold(u32 index);
void mdev_goes_and_comes(u32 index);
void mdev_fills_holes(u32 index);
void mdev_reaped_gets_nothing(u32 index);
void mdev_restores(u32 index);
void mdev_moves_shared(u32 index);
void mdev_keeps_dirty(u32 index);
void mdev_range_evicts(u32 index);
void mdev_back_fails(u32 index);
void device_fault_boot(void);
void mdev_allocations_fail(u32 index);
void memremap_takes_and_gives(u32 index);

/* test_migrate_device_race.c */
void device_page_boot(void);
void device_ram_boot(void);
void device_shared_boot(void);
void device_shared_halt(void);
void mdev_round_trip(u32 index);
void mdev_hole_race(u32 index);
void mdev_hole_halt(void);
void mdev_dontneed_race(u32 index);
void mdev_pin_race(u32 index);
void mdev_movers_race(u32 index);
void mdev_evict_fork_race(u32 index);
void mdev_evict_mprotect_race(u32 index);
void mdev_waiter_race(u32 index);
void mdev_faults_race(u32 index);
void mdev_evict_fault_race(u32 index);
void mdev_evict_exit_race(u32 index);
void mdev_evict_outlives_mm(u32 index);
void memremap_gone_race(u32 index);
void memremap_waits_race(u32 index);
void mdev_stale_race(u32 index);
void mdev_shared_race(u32 index);

#endif /* TARGETS_MM_TESTS_MM_TEST_H */
