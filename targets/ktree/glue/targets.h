/* SPDX-License-Identifier: GPL-2.0 */
/*
 * targets.h: what the targets of this ground have in common.
 */
#ifndef TARGETS_KTREE_GLUE_TARGETS_H
#define TARGETS_KTREE_GLUE_TARGETS_H

#include "targets/ktree/host.h"
#include "targets/oracle/svm_oracles.h"

/*
 * What every target of this ground is held to, first in its list. See
 * oracles.c for the properties that are left out, and why.
 */
#define KTREE_ORACLES_MM		\
	&oracle_trap,			\
	&oracle_ledger,			\
	&oracle_expectation,		\
	&oracle_migration_entry,	\
	&oracle_refcount,		\
	&oracle_freed_page,		\
	&oracle_exclusive_entry,	\
	&oracle_exclusive_window,	\
	&oracle_pte_permission,		\
	&oracle_anon_exclusive,		\
	&oracle_migrate_contract,	\
	&oracle_unbracketed,		\
	&oracle_notifier_seq,		\
	&oracle_notifier_lifetime,	\
	&oracle_nonblock,		\
	&oracle_stale_tlb,		\
	&oracle_page_cache

/* Every marked access and lock of the tree is a step: one hmm_migrate_multiple
 * is more than the engine's default. As many as an execution may have. */
#define KTREE_STEPS	65536

/*
 * In M0: the kernel, booted when it is the process's first execution and as it
 * was then in all others; slot 0.
 */
void ktree_target_boot(void);
void ktree_target_task_begin(u32 index);
void ktree_target_task_end(u32 index);

/* What else there is to load before the image is sealed. Weak. */
void ktree_load_more(void) __attribute__((weak));

/* oracles.c; NULL-terminated. */
extern const struct oracle *const ktree_oracles_mm[];
extern const struct oracle *const ktree_oracles_dmirror[];
extern const struct oracle *const ktree_oracles_nouveau[];
extern const struct oracle *const ktree_oracles_gpuvm[];

#endif /* TARGETS_KTREE_GLUE_TARGETS_H */
