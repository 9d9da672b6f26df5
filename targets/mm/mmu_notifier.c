// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_notifier.c: telling secondary MMUs that translations are about to go.
 *
 * Models mm/mmu_notifier.c, 6.12. Spec: core.md 3.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			held by most who open a bracket
 *     mm_take_all_locks()		in registration, against walks of the rmap
 *     srcu				over the walk of the hlist
 *       the driver's lock		taken by callbacks
 *         subscriptions->lock		a leaf
 *
 * Interval notifiers are told by a sequence count instead of a lock. While a
 * bracket overlaps an interval, invalidate_seq is odd and the tree does not
 * change; insertions and removals wait on deferred_list until the last bracket
 * closes. An interval whose own number is the odd one is being invalidated:
 *
 *	mmu_interval_read_begin()		invalidate_range_start()
 *						seq |= 1; callback: sub seq = seq
 *	sub seq == seq: collides, wait
 *						invalidate_range_end()
 *						seq++, wake
 *	go on with the old number; the caller's
 *	retry test compares it under its lock	[must]
 *
 * active_invalidate_ranges counts open brackets, overlapping or not: an
 * interval inserted while it is raised starts out colliding, since a bracket
 * that did not know it may be about to clear what it covers.
 *
 * Differences:
 *  - a non-blocking bracket that a hlist notifier refuses also takes back what
 *    its interval half had counted; upstream leaves active_invalidate_ranges
 *    raised for ever (core 3.3 QUIRK, mutation mn_eagain_keeps_active);
 *  - mmu_notifier_synchronize() waits for the callbacks themselves; upstream
 *    waits for a grace period and relies on their order;
 *  - a callback that may not block runs as if atomic; upstream: hlist only.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mm/subscriptions.h"
#include "targets/mutation.h"

DEFINE_STATIC_SRCU(srcu);

/* Whoever waits for brackets must hold nothing that a callback takes. */
static struct lockdep_map invalidate_range_start_map __machine =
	STATIC_LOCKDEP_MAP_INIT("mmu_notifier_invalidate_range_start", NULL);

/* Brackets opened so far; each is told apart by its number. */
static u32 brackets __machine;

/* Counts the bracket; the first interval it overlaps, or NULL. */
static struct mmu_interval_notifier *
mn_itree_inv_start_range(struct mmu_notifier_subscriptions *subscriptions,
			 const struct mmu_notifier_range *range,
			 unsigned long *seq)
{
	struct interval_tree_node *node;

	spin_lock(&subscriptions->lock);
	subscriptions->active_invalidate_ranges++;
	node = interval_tree_iter_first(&subscriptions->itree, range->start,
					range->end - 1);
	if (node)
		set_invalidate_seq(subscriptions,
				   subscriptions->invalidate_seq | 1);
	*seq = subscriptions->invalidate_seq;
	seq_changed(subscriptions, range->mm);
	spin_unlock(&subscriptions->lock);
	view_emit(EV_inv_interval, bracket(range), range->start, range->end);
	return mn_itree_entry(node);
}

/* Without the lock: the tree stays as it is while the sequence is odd. */
static struct mmu_interval_notifier *
mn_itree_inv_next(struct mmu_interval_notifier *interval_sub,
		  const struct mmu_notifier_range *range)
{
	return mn_itree_entry(interval_tree_iter_next(
			&interval_sub->interval_tree, range->start,
			range->end - 1));
}

/* What was put off while the tree was frozen. Lock held, sequence even. */
static void mn_itree_process_deferred(
	struct mmu_notifier_subscriptions *subscriptions)
{
	struct mmu_interval_notifier *interval_sub;
	struct hlist_node *next;

	hlist_for_each_entry_safe(interval_sub, next,
				  &subscriptions->deferred_list,
				  deferred_item) {
		if (interval_tree_linked(&interval_sub->interval_tree))
			itree_remove(subscriptions, interval_sub);
		else
			itree_insert(subscriptions, interval_sub);
		deferred_del(subscriptions, interval_sub);
	}
}

static void mn_itree_inv_end(struct mmu_notifier_subscriptions *subscriptions,
			     struct mm_struct *mm)
{
	spin_lock(&subscriptions->lock);
	if (--subscriptions->active_invalidate_ranges ||
	    !mn_itree_is_invalidating(subscriptions)) {
		seq_changed(subscriptions, mm);
		spin_unlock(&subscriptions->lock);
		return;
	}
	if (!mutated(mn_end_keeps_odd))
		set_invalidate_seq(subscriptions,
				   subscriptions->invalidate_seq + 1);
	seq_changed(subscriptions, mm);
	if (!mutated(mn_drop_deferred))
		mn_itree_process_deferred(subscriptions);
	spin_unlock(&subscriptions->lock);
	wake_up_all(&subscriptions->wq);
}

unsigned long
mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub)
{
	struct mmu_notifier_subscriptions *subscriptions =
		interval_sub->mm->notifier_subscriptions;
	bool is_invalidating;
	unsigned long seq;

	spin_lock(&subscriptions->lock);
	/* Written by the callback, so with the driver's lock, not this one. */
	seq = READ_ONCE(interval_sub->invalidate_seq);
	is_invalidating = seq == subscriptions->invalidate_seq;
	spin_unlock(&subscriptions->lock);

	lock_map_acquire(&invalidate_range_start_map);
	lock_map_release(&invalidate_range_start_map);
	if (is_invalidating && !mutated(mn_read_begin_skips_wait))
		wait_event(subscriptions->wq,
			   READ_ONCE(subscriptions->invalidate_seq) != seq);
	view_emit(EV_read_begin, interval_sub->mm->slot, (u64)interval_sub,
		  seq);
	return seq;
}

static void mn_itree_release(struct mmu_notifier_subscriptions *subscriptions,
			     struct mm_struct *mm)
{
	struct mmu_interval_notifier *interval_sub;
	struct mmu_notifier_range range;
	unsigned long cur_seq;
	bool ret;

	mmu_notifier_range_init(&range, MMU_NOTIFY_RELEASE,
				MMU_NOTIFIER_RANGE_BLOCKABLE, mm, 0, ~0ul);
	range.id = __atomic_add_fetch(&brackets, 1, __ATOMIC_RELAXED);
	view_emit(EV_inv_begin, bracket(&range), range.start, range.end);
	for (interval_sub = mn_itree_inv_start_range(subscriptions, &range,
						     &cur_seq);
	     interval_sub;
	     interval_sub = mn_itree_inv_next(interval_sub, &range)) {
		ret = call_interval(interval_sub, &range, cur_seq);
		WARN_ON(!ret);
	}
	view_emit(EV_inv_open, bracket(&range), range.start, range.end);
	view_emit(EV_inv_end, bracket(&range), range.start, range.end);
	mn_itree_inv_end(subscriptions, mm);
	view_emit(EV_inv_closed, bracket(&range), range.start, range.end);
}

/*
 * Every hlist notifier hears release once, and nothing after it. Unhashing
 * comes after the calls, so that a concurrent unregister either makes its own
 * call or waits, in its grace period, for ours.
 */
static void mn_hlist_release(struct mmu_notifier_subscriptions *subscriptions,
			     struct mm_struct *mm)
{
	struct mmu_notifier *subscription;
	int id;

	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->release)
			subscription->ops->release(subscription, mm);

	spin_lock(&subscriptions->lock);
	while (!hlist_empty(&subscriptions->list)) {
		subscription = hlist_entry(subscriptions->list.first,
					   struct mmu_notifier, hlist);
		hlist_unhash(subscription);
	}
	spin_unlock(&subscriptions->lock);
	srcu_read_unlock(&srcu, id);

	/* A callback that began before must not run on when pages are freed. */
	synchronize_srcu(&srcu);
}

void __mmu_notifier_release(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions =
		mm->notifier_subscriptions;

	if (subscriptions->has_itree)
		mn_itree_release(subscriptions, mm);
	if (has_hlist(subscriptions))
		mn_hlist_release(subscriptions, mm);
}

static int mn_itree_invalidate(struct mmu_notifier_subscriptions *subscriptions,
			       const struct mmu_notifier_range *range)
{
	struct mmu_interval_notifier *interval_sub;
	unsigned long cur_seq;

	for (interval_sub = mn_itree_inv_start_range(subscriptions, range,
						     &cur_seq);
	     interval_sub;
	     interval_sub = mn_itree_inv_next(interval_sub, range)) {
		if (call_interval(interval_sub, range, cur_seq))
			continue;
		if (WARN_ON(mmu_notifier_range_blockable(range)))
			continue;
		mn_itree_inv_end(subscriptions, range->mm);
		return -EAGAIN;
	}
	return 0;
}

static void call_hlist_ends(struct mmu_notifier_subscriptions *subscriptions,
			    struct mmu_notifier_range *range)
{
	struct mmu_notifier *subscription;

	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->invalidate_range_end)
			call_hlist_end(subscription, range);
}

static void
mn_hlist_invalidate_end(struct mmu_notifier_subscriptions *subscriptions,
			struct mmu_notifier_range *range)
{
	int id;

	id = srcu_read_lock(&srcu);
	call_hlist_ends(subscriptions, range);
	srcu_read_unlock(&srcu, id);
}

static int mn_hlist_invalidate_range_start(
	struct mmu_notifier_subscriptions *subscriptions,
	struct mmu_notifier_range *range)
{
	struct mmu_notifier *subscription;
	int ret = 0;
	int id;

	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (call_hlist(subscription, range))
			ret = -EAGAIN;
	if (ret)
		call_hlist_ends(subscriptions, range);
	srcu_read_unlock(&srcu, id);
	return ret;
}

/*
 * Interval notifiers strictly before hlist ones: a driver relies on having
 * been made to retry before what it mapped is torn down.
 */
static int
__mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions =
		range->mm->notifier_subscriptions;
	int ret = 0;

	if (mutated(mn_swap_callbacks))
		ret = mn_hlist_invalidate_range_start(subscriptions, range);
	if (ret)
		return ret;
	if (subscriptions->has_itree) {
		ret = mn_itree_invalidate(subscriptions, range);
		if (ret)
			return ret;
	}
	if (has_hlist(subscriptions) && !mutated(mn_swap_callbacks))
		ret = mn_hlist_invalidate_range_start(subscriptions, range);
	if (ret && subscriptions->has_itree && !mutated(mn_eagain_keeps_active))
		mn_itree_inv_end(subscriptions, range->mm);
	return ret;
}

static void
__mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions =
		range->mm->notifier_subscriptions;

	lock_map_acquire(&invalidate_range_start_map);
	if (subscriptions->has_itree)
		mn_itree_inv_end(subscriptions, range->mm);
	if (has_hlist(subscriptions))
		mn_hlist_invalidate_end(subscriptions, range);
	lock_map_release(&invalidate_range_start_map);
}

static int range_start(struct mmu_notifier_range *range)
{
	int ret = 0;

	range->id = __atomic_add_fetch(&brackets, 1, __ATOMIC_RELAXED);
	rt_point(RT_SITE(RT_NOTE, "mmu_notifier_invalidate_range_start", NULL),
		 range->mm);
	view_emit(EV_inv_begin, bracket(range), range->start, range->end);
	lock_map_acquire(&invalidate_range_start_map);
	if (mm_has_notifiers(range->mm))
		ret = __mmu_notifier_invalidate_range_start(range);
	lock_map_release(&invalidate_range_start_map);
	view_emit(ret ? EV_inv_refused : EV_inv_open, bracket(range),
		  range->start, range->end);
	return ret;
}

int mmu_notifier_invalidate_range_start_nonblock(struct mmu_notifier_range *range)
{
	range->flags &= ~MMU_NOTIFIER_RANGE_BLOCKABLE;
	return range_start(range);
}

void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	might_sleep();
	range->flags |= MMU_NOTIFIER_RANGE_BLOCKABLE;
	range_start(range);
}

void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	if (mmu_notifier_range_blockable(range))
		might_sleep();
	rt_point(RT_SITE(RT_NOTE, "mmu_notifier_invalidate_range_end", NULL),
		 range->mm);
	view_emit(EV_inv_end, bracket(range), range->start, range->end);
	if (mm_has_notifiers(range->mm))
		__mmu_notifier_invalidate_range_end(range);
	view_emit(EV_inv_closed, bracket(range), range->start, range->end);
}

/*
 * With @subscription NULL, the first interval notifier of @mm. mmap_lock for
 * writing keeps brackets out: most are opened under it, so none is open that
 * would end without having started.
 */
int __mmu_notifier_register(struct mmu_notifier *subscription,
			    struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = NULL;
	bool lock = !mutated(mn_register_skip_locks);
	int ret;

	mmap_assert_write_locked(mm);
	BUG_ON(atomic_read(&mm->mm_users) <= 0);
	if (!mm->notifier_subscriptions) {
		subscriptions = subscriptions_alloc();
		if (!subscriptions)
			return -ENOMEM;
	}
	/* A bracket that began without us must not end with us. */
	ret = lock ? mm_take_all_locks(mm) : 0;
	if (ret) {
		kfree(subscriptions);
		return ret;
	}
	if (subscriptions)
		smp_store_release(&mm->notifier_subscriptions, subscriptions);
	subscriptions = mm->notifier_subscriptions;
	if (subscription) {
		mmgrab(mm);
		subscription->mm = mm;
		subscription->users = 1;
		spin_lock(&subscriptions->lock);
		hlist_add_head_rcu(&subscription->hlist, &subscriptions->list);
		view_emit(EV_mn_register, mm->slot, (u64)subscription, 0);
		spin_unlock(&subscriptions->lock);
	} else {
		__WRITE_ONCE(subscriptions->has_itree, true);
	}
	if (lock)
		mm_drop_all_locks(mm);
	return 0;
}

int mmu_notifier_register(struct mmu_notifier *subscription,
			  struct mm_struct *mm)
{
	int ret;

	mmap_write_lock(mm);
	ret = __mmu_notifier_register(subscription, mm);
	mmap_write_unlock(mm);
	return ret;
}

/* The mm has no user left, nor a notifier. */
void __mmu_notifier_subscriptions_destroy(struct mm_struct *mm)
{
	BUG_ON(!hlist_empty(&mm->notifier_subscriptions->list));
	kfree(mm->notifier_subscriptions);
	mm->notifier_subscriptions = NULL;
}

void mmu_notifier_unregister(struct mmu_notifier *subscription,
			     struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions =
		mm->notifier_subscriptions;
	int id;

	if (!hlist_unhashed_lockless(&subscription->hlist)) {
		id = srcu_read_lock(&srcu);
		if (subscription->ops->release)
			subscription->ops->release(subscription, mm);
		srcu_read_unlock(&srcu, id);

		spin_lock(&subscriptions->lock);
		hlist_unhash(subscription);
		spin_unlock(&subscriptions->lock);
	}
	/* Also for who found it unhashed: exit may still be in our release. */
	synchronize_srcu(&srcu);
	view_emit(EV_mn_dead, mm->slot, (u64)subscription, 0);
	mmdrop(mm);
}

static void mmu_notifier_free_rcu(struct rcu_head *rcu)
{
	struct mmu_notifier *subscription =
		container_of(rcu, struct mmu_notifier, rcu);
	struct mm_struct *mm = subscription->mm;

	view_emit(EV_mn_dead, mm->slot, (u64)subscription, 0);
	subscription->ops->free_notifier(subscription);
	mmdrop(mm);
}

void mmu_notifier_put(struct mmu_notifier *subscription)
{
	struct mm_struct *mm = subscription->mm;
	struct mmu_notifier_subscriptions *subscriptions =
		mm->notifier_subscriptions;

	spin_lock(&subscriptions->lock);
	if (WARN_ON(!subscription->users) || --subscription->users) {
		spin_unlock(&subscriptions->lock);
		return;
	}
	hlist_unhash(subscription);
	spin_unlock(&subscriptions->lock);
	if (mutated(mn_put_skips_grace))
		mmu_notifier_free_rcu(&subscription->rcu);
	else
		call_srcu(&srcu, &subscription->rcu, mmu_notifier_free_rcu);
}

/*
 * Into the tree, or onto the deferred list if the tree is frozen. The number
 * is odd and, unless some bracket is open, not the current one.
 */
static void itree_add(struct mmu_notifier_subscriptions *subscriptions,
		      struct mmu_interval_notifier *interval_sub,
		      struct mm_struct *mm)
{
	unsigned long seq = subscriptions->invalidate_seq;
	bool frozen = mn_itree_is_invalidating(subscriptions);

	if (frozen && !mutated(mn_insert_while_odd)) {
		deferred_add(subscriptions, interval_sub);
		interval_sub->invalidate_seq = seq;
	} else if (subscriptions->active_invalidate_ranges &&
		   !mutated(mn_insert_not_colliding)) {
		itree_insert(subscriptions, interval_sub);
		set_invalidate_seq(subscriptions, seq | 1);
		seq_changed(subscriptions, mm);
		interval_sub->invalidate_seq = subscriptions->invalidate_seq;
	} else {
		WARN_ON(mn_itree_is_invalidating(subscriptions));
		itree_insert(subscriptions, interval_sub);
		interval_sub->invalidate_seq = seq - 1;
	}
}

static int __mmu_interval_notifier_insert(
	struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
	struct mmu_notifier_subscriptions *subscriptions, unsigned long start,
	unsigned long length, const struct mmu_interval_notifier_ops *ops)
{
	interval_sub->mm = mm;
	interval_sub->ops = ops;
	interval_tree_init_node(&interval_sub->interval_tree);
	INIT_HLIST_NODE(&interval_sub->deferred_item);
	interval_sub->interval_tree.start = start;
	if (!length || start + length - 1 < start)
		return -EOVERFLOW;
	interval_sub->interval_tree.last = start + length - 1;
	if (WARN_ON(atomic_read(&mm->mm_users) <= 0))
		return -EINVAL;

	mmgrab(mm);
	spin_lock(&subscriptions->lock);
	itree_add(subscriptions, interval_sub, mm);
	view_emit(EV_mni_insert, mm->slot, (u64)interval_sub,
		  interval_sub->invalidate_seq);
	spin_unlock(&subscriptions->lock);
	return 0;
}

int mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub,
				 struct mm_struct *mm, unsigned long start,
				 unsigned long length,
				 const struct mmu_interval_notifier_ops *ops)
{
	struct mmu_notifier_subscriptions *subscriptions;
	int ret;

	might_lock(&mm->mmap_lock);
	subscriptions = smp_load_acquire(&mm->notifier_subscriptions);
	if (!subscriptions || !__READ_ONCE(subscriptions->has_itree)) {
		ret = mmu_notifier_register(NULL, mm);
		if (ret)
			return ret;
		subscriptions = mm->notifier_subscriptions;
	}
	return __mmu_interval_notifier_insert(interval_sub, mm, subscriptions,
					      start, length, ops);
}

static bool
mmu_interval_seq_released(struct mmu_notifier_subscriptions *subscriptions,
			  unsigned long seq)
{
	bool ret;

	spin_lock(&subscriptions->lock);
	ret = subscriptions->invalidate_seq != seq;
	spin_unlock(&subscriptions->lock);
	return ret;
}

void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub)
{
	struct mm_struct *mm = interval_sub->mm;
	struct mmu_notifier_subscriptions *subscriptions =
		mm->notifier_subscriptions;
	unsigned long seq = 0;

	might_sleep();
	spin_lock(&subscriptions->lock);
	if (mn_itree_is_invalidating(subscriptions)) {
		if (!interval_tree_linked(&interval_sub->interval_tree)) {
			/* Its insertion is still deferred: nobody saw it. */
			deferred_del(subscriptions, interval_sub);
		} else {
			deferred_add(subscriptions, interval_sub);
			seq = subscriptions->invalidate_seq;
		}
	} else if (!WARN_ON(!interval_tree_linked(
				&interval_sub->interval_tree))) {
		itree_remove(subscriptions, interval_sub);
	}
	spin_unlock(&subscriptions->lock);

	lock_map_acquire(&invalidate_range_start_map);
	lock_map_release(&invalidate_range_start_map);
	if (seq)
		wait_event(subscriptions->wq,
			   mmu_interval_seq_released(subscriptions, seq));
	view_emit(EV_mni_removed, mm->slot, (u64)interval_sub, 0);
	mmdrop(mm);
}

void mmu_notifier_synchronize(void)
{
	srcu_barrier(&srcu);
}
