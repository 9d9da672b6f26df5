// SPDX-License-Identifier: GPL-2.0
/*
 * oracles: which properties this ground can be held to.
 *
 * Not covered, because this ground cannot feed them honestly:
 *
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
 * and migrate-contract do without the rules that ask for a reason. page-cache lets
 * a page lie behind a file's end: a fault that lost its race with a truncate leaves
 * one there (filemap_fault() asks the size before it makes a page and again when
 * it has it locked, and does not take it out), and nobody maps it.
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
 * of form W. Nor those that judge the device, which is our model on every ground
 * and proved on the port's: no driver can make it map what is unmanaged, forget
 * a flush (stale-gpu-tlb) or let anybody into the middle of an atomic
 * (torn-atomic; who lets a CPU in before is atomic-exclusive's).
 */
const struct oracle *const ktree_oracles_nouveau[] = {
	KTREE_ORACLES_MM,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_atomic_exclusive,
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
