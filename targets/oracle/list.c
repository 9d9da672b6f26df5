// SPDX-License-Identifier: GPL-2.0
/*
 * list.c: which properties each family of targets is held to. The ledger is
 * first because the others judge by it; where two could see the same wrong
 * step, the one that says more about the cause stands earlier.
 */
#include "targets/oracle/svm_oracles.h"

#define ORACLES_MM			\
	&oracle_ledger,			\
	&oracle_expectation,		\
	&oracle_mm_lifetime,		\
	&oracle_migration_entry,	\
	&oracle_refcount,		\
	&oracle_freed_page,		\
	&oracle_exclusive_entry,	\
	&oracle_exclusive_window,	\
	&oracle_pte_permission,		\
	&oracle_anon_exclusive,		\
	&oracle_migrate_contract,	\
	&oracle_page_cache,		\
	&oracle_unbracketed,		\
	&oracle_huge_entry,		\
	&oracle_notifier_seq,		\
	&oracle_notifier_lifetime,	\
	&oracle_nonblock,		\
	&oracle_stale_tlb

const struct oracle *const svm_oracles_mm[] = {
	ORACLES_MM,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_data,
	&oracle_end_state,
	NULL,
};

const struct oracle *const svm_oracles_dmirror[] = {
	ORACLES_MM,
	&oracle_device_page,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_mirror,
	&oracle_ioctl_effects,
	&oracle_data,
	&oracle_read_value,
	&oracle_false_cancel,
	&oracle_end_state,
	NULL,
};

const struct oracle *const svm_oracles_nouveau[] = {
	ORACLES_MM,
	&oracle_svmm_lifetime,
	&oracle_unmanaged,
	&oracle_unchecked_map,
	&oracle_stale_pte,
	&oracle_stale_gpu_tlb,
	&oracle_data,
	&oracle_ring,
	&oracle_interval_leak,
	&oracle_mm_ref,
	&oracle_false_cancel,
	&oracle_fault_ledger,
	&oracle_bounded_replay,
	&oracle_end_state,
	NULL,
};
