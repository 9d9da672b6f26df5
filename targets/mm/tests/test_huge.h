/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_huge.h: the cases of huge entries, by file, and what both files start
 * from; what is expected of each is in huge_tests.c.
 */
#ifndef TARGETS_MM_TESTS_TEST_HUGE_H
#define TARGETS_MM_TESTS_TEST_HUGE_H

#include <linux/huge_mm.h>

#include "targets/mm/tests/mm_test.h"

#define ROW	HPAGE_PMD_NR

/* Is (slot, page) part of a huge entry? */
static inline bool test_is_huge(u32 slot, u32 page)
{
	return test_entry(slot, page) & VIEW_HUGE;
}

static inline u32 test_pfn(u32 slot, u32 page)
{
	return VIEW_PFN(test_entry(slot, page));
}

/* Slot 0, where pages 0..7 are advised. written: and hold 10 to 17. */
void huge_boot(void);
void huge_written_boot(void);
void huge_mirror_boot(void);	/* besides, with a mirror of pages 0 and 5 */
void huge_device_boot(void);	/* as written, and there is a device */
void huge_device_halt(void);

/* test_huge.c */
void huge_fault_maps_a_row(u32 index);
void huge_read_gets_pages(u32 index);
void huge_falls_back(u32 index);
void huge_rows_run_out(u32 index);
void huge_fork_shares_whole(u32 index);
void huge_last_owner_reuses(u32 index);
void huge_fork_splits_pinned(u32 index);
void huge_parts_split(u32 index);
void huge_split_keeps_words(u32 index);
void huge_mprotect_keeps_whole(u32 index);
void huge_mremap_moves_whole(u32 index);
void huge_dontneed_frees_row(u32 index);
void huge_move_splits(u32 index);
void huge_offline_splits(u32 index);
void huge_gup_follows(u32 index);
void huge_lending_splits(u32 index);
void huge_device_splits(u32 index);
void huge_hmm_tells_order(u32 index);

/* test_huge_race.c */
void huge_faults_race(u32 index);
void huge_faults_halt(void);
void huge_fork_race(u32 index);
void huge_copies_race(u32 index);
void huge_dontneed_race(u32 index);
void huge_zap_race(u32 index);
void huge_munmap_race(u32 index);
void huge_mprotect_race(u32 index);
void huge_mremap_race(u32 index);
void huge_move_race(u32 index);
void huge_move_mprotect_race(u32 index);
void huge_move_fork_race(u32 index);
void huge_gup_zap_race(u32 index);
void huge_pin_fork_race(u32 index);
void huge_pin_move_race(u32 index);
void huge_mirror_race(u32 index);
void huge_reap_race(u32 index);

#endif /* TARGETS_MM_TESTS_TEST_HUGE_H */
