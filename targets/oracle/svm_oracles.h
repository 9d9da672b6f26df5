/* SPDX-License-Identifier: GPL-2.0 */
/*
 * svm_oracles.h: the properties of shared virtual memory, one file each, and
 * the lists of them. README.md maps classes to the spec's rows.
 */
#ifndef TARGETS_ORACLE_SVM_ORACLES_H
#define TARGETS_ORACLE_SVM_ORACLES_H

#include "harness/oracle/oracle.h"

/* NULL-terminated; the ledger comes first in each. */
extern const struct oracle *const svm_oracles_mm[];
extern const struct oracle *const svm_oracles_dmirror[];
extern const struct oracle *const svm_oracles_nouveau[];

/* Any mm. */
extern const struct oracle oracle_ledger, oracle_refcount, oracle_freed_page,
	oracle_anon_exclusive, oracle_pte_permission, oracle_unbracketed,
	oracle_notifier_seq, oracle_notifier_lifetime, oracle_nonblock,
	oracle_mm_lifetime, oracle_stale_tlb, oracle_data, oracle_end_state,
	oracle_migration_entry, oracle_migrate_contract, oracle_page_cache,
	oracle_exclusive_entry, oracle_exclusive_window, oracle_expectation,
	oracle_huge_entry;

/* A device with pages of its own, and mirrors of address spaces. */
extern const struct oracle oracle_device_page, oracle_mirror,
	oracle_ioctl_effects, oracle_read_value;

/* A GPU with a replayable fault buffer. */
extern const struct oracle oracle_unchecked_map, oracle_stale_pte,
	oracle_stale_gpu_tlb, oracle_fault_ledger, oracle_false_cancel,
	oracle_bounded_replay, oracle_ring, oracle_interval_leak,
	oracle_mm_ref, oracle_svmm_lifetime, oracle_unmanaged;

#endif /* TARGETS_ORACLE_SVM_ORACLES_H */
