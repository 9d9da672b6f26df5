// SPDX-License-Identifier: GPL-2.0
/*
 * list.c: which properties each family of targets is held to. The ledger is
 * first because the others judge by it; where two could see the same wrong
 * step, the one that says more about the cause stands earlier.
 */
#include "targets/oracle/svm_oracles.h"

/* @entry: by which rules pages are lent to a device. */
#define ORACLES_MM_WITH(entry)		\
	&oracle_ledger,			\
	&oracle_expectation,		\
	&oracle_mm_lifetime,		\
	&oracle_migration_entry,	\
	&oracle_refcount,		\
	&oracle_freed_page,		\
	&entry,				\
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
	&oracle_stale_tlb,		\
	&oracle_fork_result
#define ORACLES_MM ORACLES_MM_WITH(oracle_exclusive_entry)

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
	&oracle_atomic_exclusive,
	&oracle_pin_pairing,
	&oracle_pin_balance,
	&oracle_pin_data,
	&oracle_finite_time,
	&oracle_ioctl_effects,
	&oracle_exclusive_move,
	&oracle_data,
	&oracle_read_value,
	&oracle_false_cancel,
	&oracle_end_state,
	NULL,
};

/* A GPU with a replayable fault buffer. */
#define ORACLES_GPU			\
	&oracle_svmm_lifetime,		\
	&oracle_unmanaged,		\
	&oracle_window_bounds,		\
	&oracle_unchecked_map,		\
	&oracle_stale_pte,		\
	&oracle_stale_gpu_tlb,		\
	&oracle_device_page

/* And what it did to data and to faults; the last of a list. */
#define ORACLES_GPU_EFFECTS		\
	&oracle_data,			\
	&oracle_ring,			\
	&oracle_interval_leak,		\
	&oracle_mm_ref,			\
	&oracle_range_timeout,		\
	&oracle_false_cancel,		\
	&oracle_fault_ledger,		\
	&oracle_bounded_replay,		\
	&oracle_end_state

/* Forms W and P: an atomic is checked as a write, and no more promised. */
const struct oracle *const svm_oracles_nouveau[] = {
	ORACLES_MM,
	ORACLES_GPU,
	ORACLES_GPU_EFFECTS,
	NULL,
};

/* Form X: a page is lent to the GPU for its atomics. */
const struct oracle *const svm_oracles_nouveau_exclusive[] = {
	ORACLES_MM,
	ORACLES_GPU,
	&oracle_atomic_exclusive,
	&oracle_torn_atomic,
	&oracle_revoked_atomic,
	&oracle_exclusive_move,
	ORACLES_GPU_EFFECTS,
	NULL,
};

/* As first posted: a child gets exclusive entries too, brackets are nobody's. */
const struct oracle *const svm_oracles_exclusive_v3[] = {
	ORACLES_MM_WITH(oracle_exclusive_entry_v3),
	ORACLES_GPU,
	&oracle_atomic_exclusive,
	&oracle_torn_atomic,
	&oracle_revoked_atomic,
	&oracle_exclusive_move,
	ORACLES_GPU_EFFECTS,
	NULL,
};

/* As first posted: for atomics a page is unmapped and pinned. */
const struct oracle *const svm_oracles_unmap_pin[] = {
	ORACLES_MM,
	&oracle_pin_exclusive,
	&oracle_pin_pairing,
	&oracle_pin_balance,
	&oracle_pin_data,
	&oracle_finite_time,
	ORACLES_GPU,
	&oracle_torn_atomic,
	&oracle_revoked_atomic,
	ORACLES_GPU_EFFECTS,
	NULL,
};

/* Mali has no mm: the address spaces, then what VM_BIND makes of them. */
#define ORACLES_PANTHOR_AS						\
	&oracle_panthor_registers,					\
	&oracle_panthor_isolation,					\
	&oracle_panthor_users,						\
	&oracle_panthor_false_fault,					\
	&oracle_panthor_slots,						\
	&oracle_panthor_lru,						\
	&oracle_panthor_table,						\
	&oracle_panthor_faulty,						\
	&oracle_panthor_stall,						\
	&oracle_panthor_context,					\
	&oracle_panthor_irq_mask

#define ORACLES_PANTHOR_BIND						\
	&oracle_panthor_fence,						\
	&oracle_vm_op_ctx,						\
	&oracle_signalling,						\
	&oracle_op_reserve,						\
	&oracle_vm_lifetime,						\
	&oracle_vm_tree,						\
	&oracle_vm_unusable,						\
	&oracle_vm_stale_tlb,						\
	&oracle_pt_reuse,						\
	&oracle_bo_unpinned,						\
	&oracle_vm_refs,						\
	&oracle_pt_balance

const struct oracle *const svm_oracles_panthor[] = {
	ORACLES_PANTHOR_AS,
	ORACLES_PANTHOR_BIND,
	NULL,
};

/* Where a lock lasts from one command to another. */
const struct oracle *const svm_oracles_panthor_region[] = {
	ORACLES_PANTHOR_AS,
	&oracle_panthor_region,
	ORACLES_PANTHOR_BIND,
	NULL,
};

/*
 * In 2016 an entry might be invalidated after it had changed, so unbracketed is
 * not asked for.
 */
const struct oracle *const svm_oracles_hmm_v12[] = {
	&oracle_ledger,
	&oracle_expectation,
	&oracle_v12_fault_list,
	&oracle_v12_wait,
	&oracle_v12_update_order,
	&oracle_v12_invalidate,
	&oracle_v12_entry,
	&oracle_v12_directory,
	&oracle_v12_dirty,
	&oracle_mm_lifetime,
	&oracle_migration_entry,
	&oracle_refcount,
	&oracle_freed_page,
	&oracle_exclusive_entry,
	&oracle_exclusive_window,
	&oracle_pte_permission,
	&oracle_anon_exclusive,
	&oracle_migrate_contract,
	&oracle_page_cache,
	&oracle_huge_entry,
	&oracle_notifier_seq,
	&oracle_notifier_lifetime,
	&oracle_nonblock,
	&oracle_stale_tlb,
	&oracle_stale_pte,
	&oracle_stale_gpu_tlb,
	&oracle_data,
	&oracle_end_state,
	NULL,
};
