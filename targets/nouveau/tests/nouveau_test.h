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
extern const struct oracle *const svm_oracles_nouveau[];
extern const struct oracle oracle_ledger, oracle_unchecked_map,
	oracle_stale_pte, oracle_stale_gpu_tlb, oracle_fault_ledger,
	oracle_false_cancel, oracle_bounded_replay, oracle_ring,
	oracle_interval_leak, oracle_mm_ref, oracle_svmm_lifetime,
	oracle_unmanaged;

void nouveau_test_boot(void);
void nouveau_test_halt(void);

/* test_onepage.c */
void onepage_table_body(u32 index);
void onepage_duplicates_body(u32 index);
void onepage_duplicates_halt(void);
void onepage_weaker_boot(void);
void onepage_weaker_body(u32 index);
void onepage_lower_body(u32 index);
void onepage_stronger_body(u32 index);

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
