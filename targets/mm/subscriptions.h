/* SPDX-License-Identifier: GPL-2.0 */
/*
 * subscriptions.h: what mmu_notifier.c keeps for an mm, and the steps that
 * change it, each told to the journal where it is made.
 *
 * In a file of its own so that mmu_notifier.c reads like upstream's.
 */
#ifndef TARGETS_MM_SUBSCRIPTIONS_H
#define TARGETS_MM_SUBSCRIPTIONS_H

#include <linux/interval_tree.h>
#include <linux/lockdep.h>
#include <linux/mmu_notifier.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait.h>

/* One per mm that ever had a notifier; freed with the mm. */
struct mmu_notifier_subscriptions {
	struct hlist_head list;		/* @lock to change, srcu to walk */
	bool has_itree;			/* never falls back; mmap_lock, write */
	spinlock_t lock;		/* all below but wq */
	unsigned long invalidate_seq;
	unsigned long active_invalidate_ranges;
	struct interval_tree_root itree;	/* stable while seq is odd */
	wait_queue_head_t wq;		/* until seq changes */
	struct hlist_head deferred_list;
	u32 nr_deferred;
};

/* NULL: no memory. */
static inline struct mmu_notifier_subscriptions *subscriptions_alloc(void)
{
	struct mmu_notifier_subscriptions *subscriptions;

	subscriptions = kzalloc(sizeof(*subscriptions), GFP_KERNEL);
	if (!subscriptions)
		return NULL;
	spin_lock_init(&subscriptions->lock);
	subscriptions->invalidate_seq = 2;
	init_waitqueue_head(&subscriptions->wq);
	return subscriptions;
}

/* Without the lock: is there a hlist notifier to call? */
static inline bool has_hlist(const struct mmu_notifier_subscriptions *subscriptions)
{
	return __READ_ONCE(subscriptions->list.first);
}

static inline u64 bracket(const struct mmu_notifier_range *range)
{
	return VIEW_BRACKET(range->id, range->mm->slot, range->event,
			    range->flags);
}

/* Under the lock; read_begin() waits for it without. */
static inline void
set_invalidate_seq(struct mmu_notifier_subscriptions *subscriptions,
		   unsigned long seq)
{
	__WRITE_ONCE(subscriptions->invalidate_seq, seq);
}

static inline void seq_changed(struct mmu_notifier_subscriptions *subscriptions,
			struct mm_struct *mm)
{
	view_emit(EV_subs_seq, mm->slot, subscriptions->invalidate_seq,
		  subscriptions->active_invalidate_ranges);
}

/* Program pages of an interval, for the journal. */
static inline u64 itree_pages(const struct interval_tree_node *node)
{
	const unsigned long start = max(node->start, (unsigned long)USER_START);
	const unsigned long last = min(node->last, (unsigned long)USER_END - 1);

	if (start > last)
		return VIEW_ITREE(0, 0);
	return VIEW_ITREE(VIEW_PAGE(start), VIEW_PAGE(last) + 1);
}

static inline void itree_insert(struct mmu_notifier_subscriptions *subscriptions,
			 struct mmu_interval_notifier *interval_sub)
{
	interval_tree_insert(&interval_sub->interval_tree,
			     &subscriptions->itree);
	view_emit(EV_itree_change, interval_sub->mm->slot, (u64)interval_sub,
		  itree_pages(&interval_sub->interval_tree));
}

static inline void itree_remove(struct mmu_notifier_subscriptions *subscriptions,
			 struct mmu_interval_notifier *interval_sub)
{
	interval_tree_remove(&interval_sub->interval_tree,
			     &subscriptions->itree);
	view_emit(EV_itree_change, interval_sub->mm->slot, (u64)interval_sub, 0);
}

/* Off the hlist, if nobody was faster; lock held. Walkers may still be on it. */
static inline void hlist_unhash(struct mmu_notifier *subscription)
{
	if (hlist_unhashed(&subscription->hlist))
		return;
	hlist_del_init_rcu(&subscription->hlist);
	view_emit(EV_mn_unhashed, subscription->mm->slot, (u64)subscription, 0);
}

static inline void deferred_add(struct mmu_notifier_subscriptions *subscriptions,
			 struct mmu_interval_notifier *interval_sub)
{
	hlist_add_head(&interval_sub->deferred_item,
		       &subscriptions->deferred_list);
	subscriptions->nr_deferred++;
	view_emit(EV_deferred, interval_sub->mm->slot, (u64)interval_sub,
		  subscriptions->nr_deferred);
}

static inline void deferred_del(struct mmu_notifier_subscriptions *subscriptions,
			 struct mmu_interval_notifier *interval_sub)
{
	hlist_del_init(&interval_sub->deferred_item);
	subscriptions->nr_deferred--;
	view_emit(EV_deferred, interval_sub->mm->slot, (u64)interval_sub,
		  subscriptions->nr_deferred);
}

static inline bool
mn_itree_is_invalidating(struct mmu_notifier_subscriptions *subscriptions)
{
	lockdep_assert_held(&subscriptions->lock);
	return subscriptions->invalidate_seq & 1;
}

static inline struct mmu_interval_notifier *
mn_itree_entry(struct interval_tree_node *node)
{
	return node ? container_of(node, struct mmu_interval_notifier,
				   interval_tree) : NULL;
}

/*
 * One call of a notifier; the walk that found it keeps it there. A range that
 * may not block makes the call atomic.
 */
static inline bool call_interval(struct mmu_interval_notifier *interval_sub,
			  const struct mmu_notifier_range *range,
			  unsigned long cur_seq)
{
	bool blockable = mmu_notifier_range_blockable(range);
	bool ret;

	view_emit(EV_callback_begin, bracket(range), (u64)interval_sub, 1);
	if (!blockable)
		preempt_disable();
	ret = interval_sub->ops->invalidate(interval_sub, range, cur_seq);
	if (!blockable)
		preempt_enable();
	view_emit(EV_callback_end, bracket(range), (u64)interval_sub,
		  ret ? 1 : 3);
	return ret;
}

/* 0 or -EAGAIN. Likewise. */
static inline int call_hlist(struct mmu_notifier *subscription,
		      const struct mmu_notifier_range *range)
{
	bool blockable = mmu_notifier_range_blockable(range);
	int ret;

	if (!subscription->ops->invalidate_range_start)
		return 0;
	view_emit(EV_callback_begin, bracket(range), (u64)subscription, 0);
	if (!blockable)
		preempt_disable();
	ret = subscription->ops->invalidate_range_start(subscription, range);
	if (!blockable)
		preempt_enable();
	view_emit(EV_callback_end, bracket(range), (u64)subscription,
		  ret ? 2 : 0);
	if (ret) {
		WARN_ON(blockable || ret != -EAGAIN);
		/* It would be told of the end of what it refused. */
		WARN_ON(subscription->ops->invalidate_range_end);
	}
	return ret;
}

/* Likewise. It has an end method. */
static inline void call_hlist_end(struct mmu_notifier *subscription,
				  const struct mmu_notifier_range *range)
{
	bool blockable = mmu_notifier_range_blockable(range);

	if (!blockable)
		preempt_disable();
	subscription->ops->invalidate_range_end(subscription, range);
	if (!blockable)
		preempt_enable();
}

#endif /* TARGETS_MM_SUBSCRIPTIONS_H */
