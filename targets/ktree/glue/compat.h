/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h: where the trees differ, and nowhere else if it can be helped.
 *
 * A name here says what the glue means; the version says what it is called.
 */
#ifndef TARGETS_KTREE_GLUE_COMPAT_H
#define TARGETS_KTREE_GLUE_COMPAT_H

#include <linux/kconfig.h>
#include <linux/version.h>

#define KT_SINCE(major, minor)	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

#if !defined(CONFIG_DEBUG_LOCK_ALLOC) || !defined(CONFIG_PREEMPT_RCU) || \
    !defined(CONFIG_SMP) || !defined(CONFIG_SPARSEMEM_EXTREME)
#error "the configuration is not that of the manifest"
#endif

/* The words of the CPU: one struct since 6.2. */
#if KT_SINCE(6, 2)
#define KT_CURRENT	pcpu_hot.current_task
#define KT_PREEMPT	pcpu_hot.preempt_count
#else
#define KT_CURRENT	current_task
#define KT_PREEMPT	__preempt_count
#endif

/* Allocation functions were given tags, and with them a suffix, in 6.10. */
#if KT_SINCE(6, 10)
#define KT_NOPROF(name)	name##_noprof
#else
#define KT_NOPROF(name)	name
#endif

/* Nouveau's notifiers became events in 6.2. */
#define KT_NVIF_EVENT	KT_SINCE(6, 2)

/* A channel has its push buffer inside, and a fence is the first argument. What
 * is between 6.1 and 6.12 was not tried. */
#define KT_NOUVEAU_PUSH_INSIDE	KT_SINCE(6, 12)

#endif /* TARGETS_KTREE_GLUE_COMPAT_H */
