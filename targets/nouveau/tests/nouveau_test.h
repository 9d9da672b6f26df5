/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau_test.h: what the unit tests of Nouveau share. The machine is that of
 * target nouveau-onepage: mm 0 with pages 0..7 mapped, mirrored by svmm 0, and
 * channel instances 0 and 1 joined to it. All oracles of the target listen.
 */
#ifndef TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H
#define TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H

#include "targets/cut_test.h"
#include "targets/nouveau/nouveau.h"

/* targets/oracle */
extern const struct oracle *const svm_oracles_nouveau[],
	*const svm_oracles_nouveau_exclusive[];
extern const struct oracle oracle_ledger, oracle_unchecked_map,
	oracle_stale_pte, oracle_stale_gpu_tlb, oracle_fault_ledger,
	oracle_false_cancel, oracle_bounded_replay, oracle_ring,
	oracle_interval_leak, oracle_mm_ref, oracle_svmm_lifetime,
	oracle_unmanaged, oracle_window_bounds,
	oracle_revoked_atomic;

void nouveau_test_boot(void);
void nouveau_test_halt(void);
/* The same machine with another form of the handler. */
void nouveau_test_window_boot(void);
void nouveau_test_exclusive_boot(void);

/* test_onepage.c */
void onepage_table_body(u32 index);
void onepage_duplicates_body(u32 index);
void onepage_duplicates_halt(void);
void onepage_weaker_boot(void);
void onepage_weaker_body(u32 index);
void onepage_lower_body(u32 index);
void onepage_stronger_body(u32 index);

/* test_outcome.c; raise_fault: an entry of instance 0 nobody stalls for */
void raise_fault(u64 va, u32 access);
void outcome_body(u32 index);
void outcome_window_boot(void);
void outcome_onepage_boot(void);
void outcome_exclusive_boot(void);
void outcome_window_original_boot(void);
void outcome_onepage_original_boot(void);
void outcome_exclusive_original_boot(void);
void outcome_exclusive_original_2_boot(void);
void outcome_exclusive_original_3_boot(void);

/* test_forms.c */
void window_gaps_body(u32 index);
void window_edges_boot(void);
void window_edges_body(u32 index);
void window_readonly_boot(void);
void window_readonly_body(u32 index);
void window_request_boot(void);
void window_request_body(u32 index);
void window_lower_body(u32 index);
void window_prefetch_body(u32 index);
void forms_stronger_body(u32 index);
void form_x_counter_body(u32 index);
void form_x_counter_halt(void);
void form_x_mix_body(u32 index);
void form_x_zap_body(u32 index);
void form_x_dontneed_body(u32 index);
void form_x_shared_body(u32 index);
void form_x_readonly_boot(void);
void form_x_readonly_body(u32 index);
void form_x_locked_body(u32 index);
void form_x_fini_body(u32 index);
void form_x_prefetch_body(u32 index);
void form_x_large_boot(void);
void form_x_large_body(u32 index);
void form_x_large_cut_body(u32 index);

/* test_ring.c */
void ring_wraps_body(u32 index);
void ring_overflows_body(u32 index);
void ring_glitch_body(u32 index);
void ring_part_body(u32 index);
void ring_unbound_body(u32 index);
void ring_clients_body(u32 index);

/* test_race.c */
void race_dontneed_body(u32 index);
void race_munmap_body(u32 index);
void race_mprotect_body(u32 index);
void race_tlb_body(u32 index);
void race_fini_body(u32 index);
void race_fini_dontneed_body(u32 index);
void race_exit_body(u32 index);
void race_unmanaged_body(u32 index);
void race_close_first_halt(void);
void race_mapped_body(u32 index);

#endif /* TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H */
