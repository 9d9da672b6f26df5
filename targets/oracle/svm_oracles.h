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
extern const struct oracle *const svm_oracles_hmm_v12[];
extern const struct oracle *const svm_oracles_nouveau_exclusive[];
extern const struct oracle *const svm_oracles_exclusive_v3[];
extern const struct oracle *const svm_oracles_unmap_pin[];

/* Any mm. */
extern const struct oracle oracle_ledger, oracle_refcount, oracle_freed_page,
	oracle_anon_exclusive, oracle_pte_permission, oracle_unbracketed,
	oracle_notifier_seq, oracle_notifier_lifetime, oracle_nonblock,
	oracle_mm_lifetime, oracle_stale_tlb, oracle_data, oracle_end_state,
	oracle_migration_entry, oracle_migrate_contract, oracle_page_cache,
	oracle_exclusive_entry, oracle_exclusive_entry_v3,
	oracle_exclusive_move,
	oracle_exclusive_window, oracle_expectation,
	oracle_huge_entry, oracle_fork_result;

/* A device with pages of its own, and mirrors of address spaces. */
extern const struct oracle oracle_device_page, oracle_mirror,
	oracle_ioctl_effects, oracle_read_value;

/* A GPU with a replayable fault buffer. */
extern const struct oracle oracle_unchecked_map, oracle_stale_pte,
	oracle_stale_gpu_tlb, oracle_fault_ledger, oracle_false_cancel,
	oracle_bounded_replay, oracle_ring, oracle_interval_leak,
	oracle_mm_ref, oracle_svmm_lifetime, oracle_unmanaged,
	oracle_range_timeout, oracle_window_bounds;

/* And with entries that allow atomics. */
extern const struct oracle oracle_atomic_exclusive, oracle_torn_atomic,
	oracle_revoked_atomic;

/* And with pages that are unmapped and pinned for them. */
extern const struct oracle oracle_pin_exclusive, oracle_pin_pairing,
	oracle_pin_balance, oracle_pin_data, oracle_finite_time;

/* Mali: address spaces, and who has them. */
extern const struct oracle oracle_panthor_slots, oracle_panthor_lru,
	oracle_panthor_table, oracle_panthor_faulty, oracle_panthor_irq_mask,
	oracle_panthor_registers, oracle_panthor_users, oracle_panthor_fence,
	oracle_panthor_isolation, oracle_panthor_false_fault,
	oracle_panthor_stall, oracle_panthor_context;
extern const struct oracle *const svm_oracles_panthor[];
extern const struct oracle oracle_panthor_region;
extern const struct oracle *const svm_oracles_panthor_region[];

/* Panthor's VM_BIND. */
extern const struct oracle oracle_vm_tree, oracle_vm_stale_tlb,
	oracle_op_reserve, oracle_signalling, oracle_vm_op_ctx,
	oracle_vm_unusable, oracle_vm_lifetime, oracle_vm_refs,
	oracle_pt_balance, oracle_pt_reuse, oracle_bo_unpinned;

/* HMM v12: mirrors of 2016. */
extern const struct oracle oracle_v12_fault_list, oracle_v12_wait,
	oracle_v12_update_order, oracle_v12_entry, oracle_v12_invalidate,
	oracle_v12_directory, oracle_v12_dirty;

#endif /* TARGETS_ORACLE_SVM_ORACLES_H */
