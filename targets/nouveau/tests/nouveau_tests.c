// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_tests: the list of the unit tests of Nouveau, and the machine they
 * run on.
 */
#include "targets/mm/mm.h"
#include "targets/nouveau/tests/dmem_test.h"
#include "targets/nouveau/tests/nouveau_test.h"
#include "targets/oracle/svm_oracles.h"

void nouveau_test_boot(void)
{
	mm_boot();
	nouveau_boot(&nouveau_svm_onepage);
}

void nouveau_test_window_boot(void)
{
	mm_boot();
	nouveau_boot(&nouveau_svm_window);
}

void nouveau_test_exclusive_boot(void)
{
	mm_boot();
	nouveau_boot(&nouveau_svm_exclusive);
}

void nouveau_test_halt(void)
{
	mm_halt();
	nouveau_halt();
}

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define HOLDS(name_, nr, body_, boot_, halt_, seen_, ...)		\
	HOLDS_BY(svm_oracles_nouveau, name_, nr, body_, boot_, halt_, seen_,	\
		 ##__VA_ARGS__)
#define HOLDS_BY(oracles_, name_, nr, body_, boot_, halt_, seen_, ...) {	\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = oracles_, .view = &view_nouveau,			\
	__VA_ARGS__							\
}

/* The same under the oracles of the form that knows atomics. */
#define HOLDS_X(...) HOLDS_BY(svm_oracles_nouveau_exclusive, __VA_ARGS__)

/* A known bug that some schedule shows, as one class and no other. */
#define CAUGHT(mutation_, oracle_name, nr, body_, boot_, ...) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = nouveau_test_halt,			\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_nouveau, .view = &view_nouveau,		\
	__VA_ARGS__							\
}

#define CAUGHT_X(mutation_, oracle_name, nr, body_)			\
	CAUGHT_X_AT(mutation_, oracle_name, nr, body_,			\
		    nouveau_test_exclusive_boot)
#define CAUGHT_X_AT(mutation_, oracle_name, nr, body_, boot_) {		\
	.name = "caught." #mutation_, .nr_tasks = nr,			\
	.boot = boot_, .body = body_,					\
	.halt = nouveau_test_halt,					\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_nouveau_exclusive, .view = &view_nouveau,	\
}

/*
 * The same for what breaks the protocol of core.md 4: a mapping that is wrong
 * when it is made (unchecked-map) and one that becomes wrong (stale-pte) are
 * two ends of one bug, and the schedule decides which is met first. Here only
 * the first one listens.
 */
static const struct oracle *const unchecked_map_only[] = {
	&oracle_ledger, &oracle_unchecked_map, NULL,
};
#define CAUGHT_MAP(mutation_, body_, boot_) {				\
	.name = "caught." #mutation_, .nr_tasks = 2,			\
	.boot = boot_, .body = body_,					\
	.halt = nouveau_test_halt,					\
	.expect = &oracle_unchecked_map, .mutation = M_##mutation_,	\
	.oracles = unchecked_map_only, .view = &view_nouveau,		\
}

/* What the handler did is what is judged, right or wrong: no oracle listens. */
#define OUTCOME(name_, boot_, seen_) {					\
	.name = "outcome." name_, .nr_tasks = 2, .boot = boot_,		\
	.body = outcome_body, .halt = nouveau_test_halt,		\
	.seen = EV_##seen_, .view = &view_nouveau,			\
	.sim_only = "reads the journal's counts on the way",		\
}

/* Likewise where what outlives its page is met as a freed one, too. */
static const struct oracle *const stale_pte_only[] = {
	&oracle_ledger, &oracle_stale_pte, NULL,
};
#define CAUGHT_BY(oracles_, mutation_, oracle_name, nr, body_, boot_) {	\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = nouveau_test_halt,			\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = oracles_, .view = &view_nouveau,			\
}

#define BOOT nouveau_test_boot
#define WINDOW nouveau_test_window_boot
#define EXCLUSIVE nouveau_test_exclusive_boot
#define HALT nouveau_test_halt

const struct cut_test nouveau_tests[] = {
	HOLDS("onepage.outcome_table_holds", 1, onepage_table_body, BOOT, HALT,
	      fault_served,
	      .sim_only = "reads the journal's counts on the way"),
	HOLDS("onepage.duplicates_are_served", 4, onepage_duplicates_body, BOOT,
	      onepage_duplicates_halt, fault_served),
	HOLDS("onepage.weaker_fault_survives", 2, onepage_weaker_body,
	      onepage_weaker_boot, HALT, fault_cancel),
	HOLDS("onepage.channels_are_apart", 2, onepage_lower_body, BOOT, HALT,
	      fault_cancel),
	HOLDS("onepage.stronger_fault_is_its_own", 2, onepage_stronger_body, BOOT,
	      HALT, fault_served),

	OUTCOME("window", outcome_window_boot, fault_served),
	OUTCOME("onepage", outcome_onepage_boot, fault_served),
	OUTCOME("exclusive", outcome_exclusive_boot, exclusive_made),
	OUTCOME("window_as_it_was", outcome_window_original_boot,
		fault_cancel),
	OUTCOME("onepage_as_it_was", outcome_onepage_original_boot,
		fault_cancel),
	OUTCOME("exclusive_as_it_was", outcome_exclusive_original_boot,
		fault_cancel),
	OUTCOME("exclusive_as_it_was.2", outcome_exclusive_original_2_boot,
		fault_cancel),
	OUTCOME("exclusive_as_it_was.3", outcome_exclusive_original_3_boot,
		fault_cancel),

	HOLDS("window.gaps_are_not_asked_for", 3, window_gaps_body, WINDOW,
	      HALT, fault_served),
	HOLDS("window.ends_at_an_edge", 4, window_edges_body,
	      window_edges_boot, HALT, fault_cancel),
	HOLDS("window.one_refused_fault_is_alone", 2, window_readonly_body,
	      window_readonly_boot, HALT, fault_cancel),
	HOLDS("window.each_round_asks_anew", 2, window_request_body,
	      window_request_boot, HALT, retry),
	HOLDS("window.stronger_fault_is_served", 2, forms_stronger_body, WINDOW,
	      HALT, fault_served),
	HOLDS("window.channels_are_apart", 2, window_lower_body, WINDOW, HALT,
	      fault_served),
	HOLDS("window.prefetch_kills_nobody", 1, window_prefetch_body, WINDOW,
	      HALT, fault_served),
	HOLDS("window.dontneed_against_fault", 2, race_dontneed_body, WINDOW,
	      HALT, retry),
	HOLDS("window.munmap_against_fault", 2, race_munmap_body, WINDOW, HALT,
	      gpu_map),
	HOLDS("window.fini_against_fault", 2, race_fini_body, WINDOW, HALT,
	      svmm_free),
	HOLDS("window.ring_wraps", 1, ring_wraps_body, WINDOW, HALT,
	      fault_served),
	HOLDS("window.clients_are_apart", 2, ring_clients_body, WINDOW, HALT,
	      gpu_cancel),

	HOLDS_X("exclusive.no_increment_is_lost", 2, form_x_counter_body,
	      EXCLUSIVE, form_x_counter_halt, exclusive_restore),
	HOLDS_X("exclusive.clients_share_a_page", 3, form_x_mix_body, EXCLUSIVE,
	      HALT, exclusive_made),
	HOLDS_X("exclusive.zap_against_atomic", 2, form_x_zap_body, EXCLUSIVE,
	      HALT, retry),
	HOLDS_X("exclusive.shared_page_is_copied_once", 1, form_x_shared_body,
	      EXCLUSIVE, HALT, exclusive_made),
	HOLDS_X("exclusive.read_beside_an_atomic", 2, form_x_readonly_body,
	      form_x_readonly_boot, HALT, exclusive_made),
	HOLDS_X("exclusive.locked_page_is_waited_for", 2, form_x_locked_body,
	      EXCLUSIVE, HALT, exclusive_failed),
	HOLDS_X("exclusive.fini_against_atomic", 2, form_x_fini_body, EXCLUSIVE,
	      HALT, svmm_free),
	HOLDS_X("exclusive.large_page_is_one", 1, form_x_large_body,
		form_x_large_boot, HALT, exclusive_made),
	HOLDS_X("exclusive.large_page_is_cut", 2, form_x_large_cut_body,
		form_x_large_boot, HALT, gpu_unmap),
	HOLDS_X("exclusive.prefetch_takes_nothing", 1, form_x_prefetch_body,
	      EXCLUSIVE, HALT, exclusive_made),
	HOLDS_X("exclusive.stronger_fault_is_served", 2, forms_stronger_body,
	      EXCLUSIVE, HALT, fault_served),
	HOLDS_X("exclusive.dontneed_against_fault", 2, race_dontneed_body,
	      EXCLUSIVE, HALT, retry),
	HOLDS_X("exclusive.munmap_against_fault", 2, race_munmap_body, EXCLUSIVE,
	      HALT, gpu_map),
	HOLDS_X("exclusive.refused_page_is_cancelled", 1, race_unmanaged_body,
	      EXCLUSIVE, HALT, fault_cancel),
	HOLDS_X("exclusive.clients_are_apart", 2, ring_clients_body, EXCLUSIVE,
	      HALT, gpu_cancel),

	HOLDS("ring.wraps", 1, ring_wraps_body, BOOT, HALT, fault_served),
	HOLDS("ring.overflow_is_raised_later", 2, ring_overflows_body, BOOT,
	      HALT, fault_cancel),
	HOLDS("ring.invalid_entry_is_replayed", 2, ring_glitch_body, BOOT, HALT,
	      fault_dropped),
	HOLDS("ring.parted_instance_is_cancelled", 1, ring_part_body, BOOT,
	      HALT, fault_cancel),
	HOLDS("ring.unbound_instance_runs_nowhere", 1, ring_unbound_body, BOOT,
	      HALT, gpu_space_gone),
	HOLDS("ring.cancel_hits_one_client", 2, ring_clients_body, BOOT, HALT,
	      gpu_cancel),

	HOLDS("race.dontneed_against_fault", 2, race_dontneed_body, BOOT, HALT,
	      read_retry),
	HOLDS("race.munmap_against_fault", 2, race_munmap_body, BOOT, HALT,
	      gpu_map),
	HOLDS("race.mprotect_against_fault", 2, race_mprotect_body, BOOT, HALT,
	      gpu_map),
	HOLDS("race.tlb_follows_table", 1, race_tlb_body, BOOT, HALT, gpu_flush),
	HOLDS("race.fini_against_fault", 2, race_fini_body, BOOT, HALT,
	      svmm_free),
	HOLDS("race.fini_against_dontneed", 2, race_fini_dontneed_body, BOOT,
	      HALT, svmm_free),
	HOLDS("race.exit_clears_the_gpu", 1, race_exit_body, BOOT, HALT,
	      gpu_unmap),
	HOLDS("race.refused_page_is_cancelled", 1, race_unmanaged_body, BOOT,
	      HALT, fault_cancel),
	HOLDS("race.mms_exit_first", 2, race_mapped_body, BOOT, HALT, gpu_unmap),
	HOLDS("race.files_close_first", 2, race_mapped_body, BOOT,
	      race_close_first_halt, gpu_unmap),

	HOLDS("dmem.round_trip", 1, dmem_round_trip_body, dmem_boot, HALT,
	      migrate_to_ram),
	HOLDS_X("dmem.stays_in_vram", 1, dmem_stays_in_vram_body,
		dmem_vram_x_boot, HALT, migrate_to_ram),
	HOLDS("dmem.hole", 1, dmem_hole_body, dmem_boot, HALT, migrate_moved),
	HOLDS("dmem.refuses", 1, dmem_refuses_body, dmem_boot, HALT, svm_bind),
	HOLDS("dmem.copy_error", 1, dmem_copy_error_body, dmem_vram_boot, HALT,
	      migrate_to_ram),
	HOLDS("dmem.bind_error", 1, dmem_bind_error_body, dmem_boot, HALT,
	      migrate_to_ram),
	HOLDS("dmem.peer", 1, dmem_peer_body, dmem_boot, HALT, migrate_to_ram),
	HOLDS("dmem.evict", 1, dmem_evict_body, dmem_child_boot, HALT,
	      pgmap_gone),
	HOLDS("dmem.full", 1, dmem_full_body, dmem_boot, HALT, migrate_to_ram),
	HOLDS("dmem.no_memory", 1, dmem_no_memory_body, dmem_vram_boot, HALT,
	      migrate_to_ram),
	HOLDS("dmem.other_mm", 1, dmem_other_mm_body, dmem_child_boot, HALT,
	      gpu_load),
	HOLDS("dmem.bind_against_write", 2, dmem_bind_write_body, dmem_boot,
	      HALT, migrate_to_ram),
	HOLDS_X("dmem.bind_against_write_x", 2, dmem_bind_write_body,
		dmem_x_boot, HALT, migrate_to_ram),
	HOLDS("dmem.bind_against_dontneed", 2, dmem_bind_dontneed_body,
	      dmem_boot, HALT, migrate_moved),
	HOLDS_X("dmem.bind_hole", 3, dmem_bind_hole_body, dmem_x_boot, HALT,
		migrate_moved),
	HOLDS_X("dmem.late_clear", 2, dmem_late_clear_body, dmem_x_boot, HALT,
		migrate_moved),
	HOLDS_X("dmem.late_copy", 1, dmem_late_copy_body, dmem_x_boot, HALT,
		migrate_moved),
	HOLDS("dmem.bind_against_fork", 3, dmem_bind_fork_body, dmem_boot, HALT,
	      migrate_moved),
	HOLDS("dmem.bind_against_bind", 2, dmem_bind_bind_body, dmem_boot, HALT,
	      migrate_to_ram),
	HOLDS("dmem.bind_against_close", 2, dmem_bind_close_body, dmem_boot,
	      HALT, svmm_free),
	HOLDS("dmem.load_against_load", 2, dmem_load_load_body, dmem_vram_boot,
	      HALT, migrate_to_ram),
	HOLDS_X("dmem.load_against_write", 2, dmem_load_write_body,
		dmem_vram_x_boot, HALT, migrate_to_ram),
	HOLDS("dmem.close_against_load", 3, dmem_close_load_body,
	      dmem_child_boot, HALT, migrate_to_ram),
	HOLDS_X("dmem.two_svmms", 2, dmem_two_svmms_body,
		dmem_two_svmms_x_boot, HALT, migrate_to_ram),
	HOLDS("dmem.evict_against_bind", 2, dmem_evict_bind_body,
	      dmem_vram_boot, HALT, pgmap_gone),
	HOLDS("dmem.evict_against_load", 3, dmem_evict_load_body,
	      dmem_child_boot, HALT, pgmap_gone),
	HOLDS_X("gpu.atomics_of_two_clients", 2, gpu_atomics_body, EXCLUSIVE,
		gpu_atomics_halt, gpu_atomic_end),
	HOLDS_X("gpu.flush_waits_for_an_atomic", 2, gpu_flush_waits_body,
		EXCLUSIVE, HALT, gpu_atomic_end),
	HOLDS_X("gpu.atomic_needs_its_bit", 1, gpu_needs_a_body, EXCLUSIVE,
		HALT, gpu_atomic_end),
	HOLDS("gpu.copies_in_order", 1, gpu_copies_in_order_body, BOOT, HALT,
	      page_copy),
	HOLDS("gpu.channel_is_full", 2, gpu_channel_full_body, BOOT, HALT,
	      page_copy),

	CAUGHT_MAP(nv_skip_retry, race_dontneed_body, BOOT),
	CAUGHT_MAP(nv_retry_before_lock, race_dontneed_body, BOOT),
	CAUGHT_MAP(nv_skip_set_seq, race_dontneed_body, BOOT),
	CAUGHT_MAP(nv_seq_after_walk, race_dontneed_body, BOOT),
	CAUGHT_MAP(nv_remove_before_map, race_dontneed_body, BOOT),
	CAUGHT_MAP(nv_unlock_before_map, race_dontneed_body, BOOT),
	CAUGHT(nv_skip_gpu_clear, stale_pte, 2, race_munmap_body, BOOT),
	CAUGHT(nv_skip_gpu_flush, stale_gpu_tlb, 1, race_tlb_body, BOOT),
	CAUGHT(nv_lock_order, lock_order, 2, race_munmap_body, BOOT),
	CAUGHT(nv_mmap_lock_left_held, lock_leak, 2, ring_clients_body, BOOT),
	CAUGHT(nv_skip_mmput, mm_ref, 2, race_mapped_body, BOOT),
	CAUGHT(nv_interval_left, interval_leak, 2, ring_clients_body, BOOT),
	CAUGHT(nv_get_before_parse, ring, 2, race_mapped_body, BOOT),
	CAUGHT(nv_cancel_wrong_client, fault_ledger, 2, ring_clients_body, BOOT),
	CAUGHT(nv_skip_replay, fault_ledger, 2, race_mapped_body, BOOT),
	CAUGHT(nv_fini_skip_flush, use_after_free, 2, race_fini_body, BOOT,
	       .asan_first = true),
	CAUGHT(nv_fini_keeps_mappings, stale_pte, 2, race_fini_dontneed_body,
	       BOOT),
	CAUGHT(nv_a8_skip_vmm_test, svmm_lifetime, 2, race_fini_body, BOOT),
	CAUGHT(nv_a13_skip_release, stale_pte, 1, race_exit_body, BOOT),
	CAUGHT(nv_map_unmanaged, unmanaged, 1, race_unmanaged_body, BOOT),
	CAUGHT(nv_q_a7_replay_refused, fault_ledger, 1, race_unmanaged_body,
	       BOOT),
	CAUGHT(nv_q_a9_forget_invalid_entry, fault_ledger, 1, ring_glitch_body,
	       BOOT),
	CAUGHT(nv_cancel_weaker_faults, false_cancel, 2, onepage_weaker_body,
	       onepage_weaker_boot),
	CAUGHT(nv_group_takes_lower_address, false_cancel, 2, onepage_lower_body,
	       BOOT),
	CAUGHT(nv_group_absorbs_stronger, fault_ledger, 2, onepage_stronger_body,
	       BOOT),
	CAUGHT(nv_window_keeps_request, false_cancel, 2, window_request_body,
	       window_request_boot),
	CAUGHT(nv_window_cancels_all, false_cancel, 2, window_readonly_body,
	       window_readonly_boot),
	CAUGHT(nv_window_skips_stronger, false_cancel, 2, forms_stronger_body,
	       WINDOW),
	CAUGHT(nv_window_takes_lower_address, window_bounds, 2,
	       window_lower_body, WINDOW),
	CAUGHT(nv_q_a5_cancels_prefetch, false_cancel, 1, window_prefetch_body,
	       WINDOW),
	CAUGHT(nv_q_a2_sticky_atomic, false_cancel, 2, form_x_readonly_body,
	       form_x_readonly_boot),
	CAUGHT(nv_q_a3_meets_own_entry, false_cancel, 1, form_x_shared_body,
	       EXCLUSIVE),
	CAUGHT(nv_q_a4_trylock_kills, false_cancel, 2, form_x_locked_body,
	       EXCLUSIVE),
	CAUGHT_X(nv_q_a12_prefetch_unmaps, revoked_atomic, 1,
		 form_x_prefetch_body),
	CAUGHT_MAP(nv_x_skip_retry, form_x_dontneed_body, EXCLUSIVE),
	CAUGHT_MAP(nv_x_seq_after_make, form_x_dontneed_body, EXCLUSIVE),
	CAUGHT(nv_a17_filter_follows_vmm, svmm_lifetime, 2, form_x_fini_body,
	       EXCLUSIVE),
	CAUGHT(nv_a8_ram_skip_vmm_test, svmm_lifetime, 2, dmem_close_load_body,
	       dmem_vram_boot),
	CAUGHT(nv_a9_ignores_own_migrate, data, 2, dmem_bind_write_body,
	       dmem_boot),
	CAUGHT_X_AT(nv_a16_binds_as_device, stale_pte, 2, dmem_two_svmms_body,
		    dmem_two_svmms_x_boot),
	CAUGHT_BY(stale_pte_only, nv_a16_clears_one_svmm, stale_pte, 2,
		  dmem_two_svmms_body, dmem_two_svmms_x_boot),
	CAUGHT_X_AT(nv_fence_after_pages, data, 2, dmem_late_clear_body,
		    dmem_x_boot),
	CAUGHT(nv_a10_map_unmigrated, stale_pte, 2, dmem_bind_hole_body,
	       dmem_boot),
	CAUGHT_BY(stale_pte_only, nv_a11_map_without_seq, stale_pte, 2,
		  dmem_bind_dontneed_body, dmem_boot),
	CAUGHT(nv_a12_follows_svmm_of_page, use_after_free, 3,
	       dmem_close_load_body, dmem_child_boot, .asan_first = true),
	CAUGHT(nv_a19_binds_other_mm, stale_pte, 1, dmem_bind_of_child_body,
	       dmem_child_boot),
	CAUGHT(nv_q_a10_retry_without_memory, progress, 1, dmem_no_memory_body,
	       dmem_vram_boot),
	CAUGHT(nv_q_a13_dst_before_copy, migration_entry, 1,
	       dmem_copy_error_body, dmem_vram_boot),
	CAUGHT(nv_ram_skip_clear, stale_pte, 1, dmem_round_trip_body, dmem_boot),
	CAUGHT_X_AT(nv_skip_fence, data, 1, dmem_late_copy_body, dmem_x_boot),
	CAUGHT(nv_ram_skip_fence, data, 2, dmem_bind_bind_body, dmem_boot),
	CAUGHT(nv_ignores_every_migrate, stale_pte, 1, dmem_peer_body,
	       dmem_boot),
	CAUGHT(nv_dmem_fini_skip_evict, deadlock, 1, dmem_evict_body,
	       dmem_child_boot),
	{ .name = NULL },
};
