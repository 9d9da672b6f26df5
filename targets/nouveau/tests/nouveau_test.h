/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau_test.h: what the unit tests of Nouveau share. The machine is that of
 * target nouveau-onepage: mm 0 with pages 0..7 mapped, mirrored by svmm 0, and
 * channel instance 0 joined to it. All oracles of the target listen.
 */
#ifndef TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H
#define TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H

#include <linux/mm_types.h>

#include "targets/cut_test.h"
#include "targets/nouveau/nouveau.h"
#include "targets/oracle/svm_oracles.h"

void nouveau_test_boot(void);
void nouveau_test_halt(void);
/* A task of the test becomes a thread of mm 0, and stops being one. */
struct mm_struct *nouveau_test_begin(void);
void nouveau_test_end(struct mm_struct *mm);

/* test_onepage.c */
void onepage_table_body(u32 index);
void onepage_duplicates_body(u32 index);
void onepage_duplicates_halt(void);
void onepage_weaker_boot(void);
void onepage_weaker_body(u32 index);

/* test_ring.c */
void ring_wraps_body(u32 index);
void ring_overflows_body(u32 index);
void ring_glitch_body(u32 index);
void ring_part_body(u32 index);
void ring_unbound_body(u32 index);
void ring_clients_body(u32 index);

/* test_race.c */
void race_munmap_body(u32 index);
void race_mprotect_body(u32 index);
void race_tlb_body(u32 index);
void race_fini_body(u32 index);
void race_exit_body(u32 index);
void race_unmanaged_body(u32 index);
void race_close_first_halt(void);
void race_mapped_body(u32 index);

#endif /* TARGETS_NOUVEAU_TESTS_NOUVEAU_TEST_H */
