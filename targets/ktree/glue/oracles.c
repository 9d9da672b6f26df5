// SPDX-License-Identifier: GPL-2.0
/*
 * oracles: which properties this ground can be held to.
 *
 * Not covered, because this ground cannot feed them honestly:
 *
 *	page-cache	there are no files
 *	huge-entry	there are no huge pages
 *	mm-lifetime	users and counts of an mm change inline, and no struct
 *			mm_struct is watched; what is used after it was freed is
 *			the arena's to find
 *	ioctl-effects	asks for what reason a call kept a reference
 *	fork-result	a fork that fails tells no error from within
 *
 * refcount is judged by the sum of references: at rest against entries, pins
 * and devices, and in between only that no free page gets one; the tree changes
 * counts and entries in either order under the page table lock. anon-exclusive
 * and migrate-contract do without the rules that ask for a reason.
 */
#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/targets.h"

#ifdef KTREE_ASAN
/*
 * Objects compiled for AddressSanitizer do not announce their accesses: what is
 * written to entries and struct pages is seen late, and what is judged by its
 * moment cannot be. What programs are told and what is left can.
 */
#define ASAN_ORACLES &oracle_trap, &oracle_expectation, NULL

const struct oracle *const ktree_oracles_mm[] = { ASAN_ORACLES };
const struct oracle *const ktree_oracles_dmirror[] = { ASAN_ORACLES };
const struct oracle *const ktree_oracles_nouveau[] = { ASAN_ORACLES };
#else

const struct oracle *const ktree_oracles_mm[] = {
	KTREE_ORACLES_MM,
	&oracle_data,
	&oracle_end_state,
	NULL,
};

const struct oracle *const ktree_oracles_dmirror[] = {
	KTREE_ORACLES_MM,
	&oracle_device_page,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_mirror,
	&oracle_atomic_exclusive,
	&oracle_exclusive_move,
	&oracle_data,
	&oracle_read_value,
	&oracle_false_cancel,
	&oracle_end_state,
	NULL,
};

/*
 * Besides the mm's. Not among them, for what they need is not to be seen from
 * outside the driver: svmm-lifetime (where an svmm is followed; its use after it
 * was freed is the arena's to find), mm-ref (references the handler takes) and
 * device-page (the driver's own lists of its pages); and window-bounds, which is
 * of form W.
 */
const struct oracle *const ktree_oracles_nouveau[] = {
	KTREE_ORACLES_MM,
	&oracle_unmanaged,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_stale_gpu_tlb,
	&oracle_atomic_exclusive,
	&oracle_torn_atomic,
	&oracle_revoked_atomic,
	&oracle_exclusive_move,
	&oracle_data,
	&oracle_ring,
	&oracle_interval_leak,
	&oracle_range_timeout,
	&oracle_false_cancel,
	&oracle_fault_ledger,
	&oracle_bounded_replay,
	&oracle_end_state,
	NULL,
};

#endif
