/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trees.h: structures that a file of the tree keeps to itself, said again so
 * that the view can look into them. They are only read, and they are the same
 * in 6.1 and 6.12; ktree_trees_check() compares what can be compared.
 */
#ifndef TARGETS_KTREE_GLUE_TREES_H
#define TARGETS_KTREE_GLUE_TREES_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/memremap.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "targets/ktree/glue/compat.h"

/* mm/mmu_notifier.c: struct mmu_notifier_subscriptions. */
struct tree_subscriptions {
	struct hlist_head list;
	bool has_itree;
	spinlock_t lock;
	unsigned long invalidate_seq;
	unsigned long active_invalidate_ranges;
	struct rb_root_cached itree;
	wait_queue_head_t wq;
	struct hlist_head deferred_list;
};

/* lib/test_hmm.c */
struct tree_dmirror_device;

struct tree_dmirror {			/* an open file */
	struct tree_dmirror_device *mdevice;
	struct xarray pt;
	struct mmu_interval_notifier notifier;
	struct mutex mutex;
};

struct tree_dmirror_chunk {
	struct dev_pagemap pagemap;
	struct tree_dmirror_device *mdevice;
	bool remove;
};

struct tree_dmirror_device {
	struct cdev cdevice;
	unsigned int zone_device_type;
	struct device device;
	unsigned int devmem_capacity;
	unsigned int devmem_count;
	struct tree_dmirror_chunk **devmem_chunks;
	struct mutex devmem_lock;
	unsigned long calloc;
	unsigned long cfree;
	struct page *free_pages;
	spinlock_t lock;
};

/* MM_FILEPAGES, MM_ANONPAGES and MM_SHMEMPAGES together. */
static inline long ktree_rss(struct mm_struct *mm)
{
	return (long)(get_mm_counter(mm, MM_FILEPAGES) +
		      get_mm_counter(mm, MM_ANONPAGES) +
		      get_mm_counter(mm, MM_SHMEMPAGES));
}

static inline u32 ktree_intervals(const struct tree_subscriptions *subs)
{
	const struct rb_node *n = rb_first(&subs->itree.rb_root);
	u32 nr = 0;

	for (; n; n = rb_next(n))
		nr++;
	return nr;
}

static inline u32 ktree_deferred(const struct tree_subscriptions *subs)
{
	const struct hlist_node *n = subs->deferred_list.first;
	u32 nr = 0;

	for (; n; n = n->next)
		nr++;
	return nr;
}

#endif /* TARGETS_KTREE_GLUE_TREES_H */
