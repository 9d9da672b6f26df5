/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_notifier_v12.h: how a secondary MMU followed an mm in 2016.
 *
 * MODEL of <linux/mmu_notifier.h> as HMM v12 found it and patched it: ranges
 * that are being invalidated are on a list of their mm, and one page may be
 * invalidated without such a range. Spec: hmm-v12.md 2.1. Implementation:
 * mmu_notifier_v12.c, over the notifiers of 6.12.
 */
#ifndef TARGETS_HMM_MIRROR_MMU_NOTIFIER_V12_H
#define TARGETS_HMM_MIRROR_MMU_NOTIFIER_V12_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>

/* Why entries change; those that something here raises. */
enum mmu_event {
	MMU_MIGRATE,		/* and whatever takes a page away */
	MMU_MPROT,
	MMU_MUNMAP,
	MMU_FORK,
	MMU_SOFT_DIRTY,
	MMU_WRITE_BACK,
};

struct mmu_notifier_v12;

/*
 * All run inside an SRCU read section. release: the mm is going. The others
 * return when the device no longer relies on what changes: for a range before
 * the change, for a page after it.
 */
struct mmu_notifier_v12_ops {
	void (*release)(struct mmu_notifier_v12 *mn, struct mm_struct *mm);
	void (*invalidate_page)(struct mmu_notifier_v12 *mn,
				struct mm_struct *mm, unsigned long address,
				enum mmu_event event);
	void (*invalidate_range_start)(struct mmu_notifier_v12 *mn,
				       struct mm_struct *mm,
				       unsigned long start, unsigned long end,
				       enum mmu_event event);
};

struct mmu_notifier_v12 {
	struct hlist_node hlist;
	const struct mmu_notifier_v12_ops *ops;
};

/*
 * Needs mmap_lock for writing. 0, -ENOMEM or -EINTR. Until put_mm() the
 * structure of @mm stays.
 */
int mmu_notifier_v12_register(struct mmu_notifier_v12 *mn,
			      struct mm_struct *mm);
/* Off the list; callbacks may still run until a grace period is over. */
void mmu_notifier_v12_unregister_no_release(struct mmu_notifier_v12 *mn,
					    struct mm_struct *mm);
/* After it: @func runs when no callback can, and ends with put_mm(). */
void mmu_notifier_v12_call_srcu(struct rcu_head *rcu, rcu_callback_t func);
void mmu_notifier_v12_put_mm(struct mm_struct *mm);
/* No callback that began before this call still runs. May sleep. */
void mmu_notifier_v12_synchronize(void);

/* Of an mm with a registered notifier; ends are exclusive. */
bool mmu_notifier_range_inactive(struct mm_struct *mm, unsigned long start,
				 unsigned long end);
/* Sleeps until no listed range overlaps; another may by the time it returns. */
void mmu_notifier_range_wait_active(struct mm_struct *mm, unsigned long start,
				    unsigned long end);

/*
 * One entry loses something outside every bracket: see rmap_v12.c. begin comes
 * right before the change, under the PTL; invalidate_page after it and after
 * the PTL, and may sleep.
 */
struct mmu_page_v12 {
	struct mm_struct *mm;
	unsigned long address;
	enum mmu_event event;
	u32 id;
};
void mmu_notifier_page_begin(struct mmu_page_v12 *page);
void mmu_notifier_invalidate_page(struct mmu_page_v12 *page);

/* What gpu_space events name: who is called for the mirrors of an mm. */
const void *mmu_notifier_v12_subscriber(const struct mm_struct *mm);

#endif /* TARGETS_HMM_MIRROR_MMU_NOTIFIER_V12_H */
