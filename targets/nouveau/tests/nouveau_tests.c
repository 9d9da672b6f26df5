// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_tests: the list of the unit tests of Nouveau, and the machine they
 * run on.
 */
#include "targets/mm/mm.h"
#include "targets/nouveau/tests/nouveau_test.h"

void nouveau_test_boot(void)
{
	mm_boot();
	nouveau_boot(&nouveau_svm_onepage);
}

void nouveau_test_halt(void)
{
	mm_halt();
	nouveau_halt();
}

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define HOLDS(name_, nr, body_, boot_, halt_, seen_, ...) {		\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = svm_oracles_nouveau, .view = &view_nouveau,		\
	__VA_ARGS__							\
}

/* A known bug that some schedule shows, as one class and no other. */
#define CAUGHT(mutation_, oracle_name, nr, body_, boot_, ...) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = nouveau_test_halt,			\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_nouveau, .view = &view_nouveau,		\
	__VA_ARGS__							\
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
#define CAUGHT_MAP(mutation_) {						\
	.name = "caught." #mutation_, .nr_tasks = 2,			\
	.boot = nouveau_test_boot, .body = race_dontneed_body,		\
	.halt = nouveau_test_halt,					\
	.expect = &oracle_unchecked_map, .mutation = M_##mutation_,	\
	.oracles = unchecked_map_only, .view = &view_nouveau,		\
}

#define BOOT nouveau_test_boot
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

	CAUGHT_MAP(nv_skip_retry),
	CAUGHT_MAP(nv_retry_before_lock),
	CAUGHT_MAP(nv_skip_set_seq),
	CAUGHT_MAP(nv_seq_after_walk),
	CAUGHT_MAP(nv_remove_before_map),
	CAUGHT_MAP(nv_unlock_before_map),
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
	{ .name = NULL },
};
