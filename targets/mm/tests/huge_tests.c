// SPDX-License-Identifier: GPL-2.0
/*
 * huge_tests.c: the list of the unit tests of huge entries.
 */
#include "targets/mm/listener.h"
#include "targets/mm/tests/mm_cases.h"
#include "targets/mm/tests/test_huge.h"

static void mirror_halt(void)
{
	mm_test_halt();
	listener_halt();
}

#define H_BOOT	huge_boot
#define W_BOOT	huge_written_boot
#define L_BOOT	huge_mirror_boot
#define L_HALT	mirror_halt
#define D_BOOT	huge_device_boot
#define D_HALT	huge_device_halt

const struct cut_test mm_huge_tests[] = {
	HOLDS("huge.fault_maps_a_row", 1, huge_fault_maps_a_row, H_BOOT, HALT,
	      cpu_store),
	HOLDS("huge.read_gets_pages", 1, huge_read_gets_pages, H_BOOT, HALT,
	      cpu_load),
	HOLDS("huge.falls_back", 1, huge_falls_back, H_BOOT, HALT, cpu_store),
	HOLDS("huge.rows_run_out", 1, huge_rows_run_out, H_BOOT, HALT,
	      page_alloc),
	HOLDS("huge.fork_shares_whole", 1, huge_fork_shares_whole, W_BOOT, HALT,
	      page_copy),
	HOLDS("huge.last_owner_reuses", 1, huge_last_owner_reuses, W_BOOT, HALT,
	      mm_dead),
	HOLDS("huge.fork_splits_pinned", 1, huge_fork_splits_pinned, W_BOOT,
	      HALT, page_copy),
	HOLDS("huge.parts_split", 1, huge_parts_split, W_BOOT, HALT, page_free),
	HOLDS("huge.split_keeps_words", 1, huge_split_keeps_words, W_BOOT, HALT,
	      vma_set),
	HOLDS("huge.mprotect_keeps_whole", 1, huge_mprotect_keeps_whole, W_BOOT,
	      HALT, cpu_segv),
	HOLDS("huge.mremap_moves_whole", 1, huge_mremap_moves_whole, W_BOOT,
	      HALT, mremap),
	HOLDS("huge.dontneed_frees_row", 1, huge_dontneed_frees_row, W_BOOT,
	      HALT, page_free),
	HOLDS("huge.move_splits", 1, huge_move_splits, W_BOOT, HALT, move_end),
	HOLDS("huge.offline_splits", 1, huge_offline_splits, W_BOOT, HALT,
	      offline_end),
	HOLDS("huge.gup_follows", 1, huge_gup_follows, W_BOOT, HALT, gup),
	HOLDS("huge.lending_splits", 1, huge_lending_splits, W_BOOT, HALT,
	      exclusive_made),
	HOLDS("huge.device_splits", 1, huge_device_splits, D_BOOT, D_HALT,
	      migrate_moved),
	HOLDS("huge.hmm_tells_order", 1, huge_hmm_tells_order, H_BOOT, HALT,
	      hmm_range_fault),

	HOLDS("huge.first_faults_race", 2, huge_faults_race, H_BOOT,
	      huge_faults_halt, page_free),
	HOLDS("huge.fork_beside_stores", 2, huge_fork_race, W_BOOT, HALT,
	      page_copy),
	HOLDS("huge.copies_race", 2, huge_copies_race, W_BOOT, HALT, page_copy),
	HOLDS("huge.part_goes_beside_stores", 2, huge_dontneed_race, W_BOOT,
	      HALT, page_free),
	HOLDS("huge.row_goes_beside_stores", 2, huge_zap_race, W_BOOT, HALT,
	      page_free),
	HOLDS("huge.munmap_beside_stores", 2, huge_munmap_race, W_BOOT, HALT,
	      cpu_segv),
	HOLDS("huge.mprotect_beside_stores", 2, huge_mprotect_race, W_BOOT,
	      HALT, cpu_segv),
	HOLDS("huge.mremap_beside_stores", 2, huge_mremap_race, W_BOOT, HALT,
	      mremap),
	HOLDS("huge.move_beside_stores", 2, huge_move_race, W_BOOT, HALT,
	      move_end),
	HOLDS("huge.move_beside_mprotect", 2, huge_move_mprotect_race, W_BOOT,
	      HALT, move_end),
	HOLDS("huge.move_beside_fork", 2, huge_move_fork_race, W_BOOT, HALT,
	      move_end),
	HOLDS("huge.gup_beside_zap", 2, huge_gup_zap_race, W_BOOT, HALT, gup),
	HOLDS("huge.pin_beside_fork", 2, huge_pin_fork_race, W_BOOT, HALT,
	      page_copy),
	HOLDS("huge.pin_beside_move", 2, huge_pin_move_race, W_BOOT, HALT,
	      move_end),
	HOLDS("huge.mirror_follows_split", 2, huge_mirror_race, L_BOOT, L_HALT,
	      retry),
	HOLDS("huge.reaper_beside_fork", 2, huge_reap_race, W_BOOT, HALT,
	      mm_unstable),

	CAUGHT(huge_split_skip_bracket, unbracketed, 2, huge_dontneed_race,
	       W_BOOT, HALT),
	CAUGHT(huge_split_drops_dirty, huge_entry, 2, huge_dontneed_race,
	       W_BOOT, HALT),
	CAUGHT(huge_split_skip_flush, stale_tlb, 2, huge_move_mprotect_race,
	       W_BOOT, HALT),
	CAUGHT(huge_cut_skip_split, unbracketed, 1, huge_split_keeps_words,
	       W_BOOT, HALT),
	CAUGHT(huge_zap_takes_all, unbracketed, 2, huge_dontneed_race, W_BOOT,
	       HALT),
	CAUGHT(huge_zap_skip_flush, freed_page, 2, huge_zap_race, W_BOOT, HALT),
	CAUGHT(huge_fork_keeps_write, anon_exclusive, 2, huge_fork_race, W_BOOT,
	       HALT),
	CAUGHT(huge_fork_shares_pinned, bug, 1, huge_fork_splits_pinned, W_BOOT,
	       HALT),
	CAUGHT(huge_reuse_ignores_refs, anon_exclusive, 2, huge_copies_race,
	       W_BOOT, HALT),
	CAUGHT(huge_anon_skip_none_check, unbracketed, 2, huge_faults_race,
	       H_BOOT, huge_faults_halt),
	CAUGHT(huge_mprotect_keeps_write, pte_permission, 2, huge_mprotect_race,
	       W_BOOT, HALT),
	CAUGHT(huge_move_skip_flush, stale_tlb, 2, huge_mremap_race, W_BOOT,
	       HALT),
	CAUGHT(huge_collect_skip_split, bug, 1, huge_device_splits, D_BOOT,
	       D_HALT),
	CAUGHT(huge_rmap_skip_split, bug, 1, huge_move_splits, W_BOOT, HALT),
	CAUGHT(huge_gup_fast_keeps_changed, end_state, 2, huge_gup_zap_race,
	       W_BOOT, HALT),
	CAUGHT(hmm_huge_skip_offset, unchecked_map, 1, huge_mirror_race, L_BOOT,
	       L_HALT),
	{ .name = NULL },
};
