// SPDX-License-Identifier: GPL-2.0
/*
 * notifier_events: brackets, callbacks and interval notifiers, for the journal.
 *
 * mm/mmu_notifier.c calls out for its locks, its interval tree and its
 * subscribers, and is called by everybody else: at all these edges stands a
 * wrapper. What it counts under subscriptions->lock is told when that lock is
 * let go, so with the lock still held and nothing in between.
 *
 * A callback is seen because the notifier is inserted with operations of ours,
 * which call its own. That holds for interval notifiers; a notifier of the mm's
 * list is its driver's to tell of.
 */
#include <linux/interval_tree.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>

#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/trees.h"

#define SUBS_MAX	32

/* What a task is in the middle of. */
static struct bracket_state {
	u64 bracket;		/* as events name it; 0: none */
	bool counting;		/* its part with the lock is not told yet */
	bool release;		/* it ends where it is not counted any more */
	unsigned long start, end;
} state[RT_TASKS_MAX];

/* Who was inserted with which operations. */
static struct sub {
	struct mmu_interval_notifier *notifier;
	const struct mmu_interval_notifier_ops *ops;
} subs[SUBS_MAX];

/* What was told last, by slot. */
static struct {
	unsigned long seq, active;
	u32 deferred;
} told[PROG_MMS];

static u32 brackets;

static struct bracket_state *mine(void)
{
	return &state[rt_self()];
}

/* -- callbacks -- */

static struct sub *sub_of(const struct mmu_interval_notifier *notifier)
{
	u32 i;

	for (i = 0; i < SUBS_MAX; i++)
		if (subs[i].notifier == notifier)
			return &subs[i];
	return NULL;
}

static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range,
		       unsigned long cur_seq)
{
	const struct sub *s = sub_of(notifier);
	u64 bracket = mine()->bracket;
	unsigned long seq = notifier->invalidate_seq;
	bool ret;

	view_emit(EV_callback_begin, bracket, (u64)(size_t)notifier, 1);
	ret = s->ops->invalidate(notifier, range, cur_seq);
	if (notifier->invalidate_seq != seq)
		view_emit(EV_mni_seq, mm_slot_of(notifier->mm),
			  (u64)(size_t)notifier, notifier->invalidate_seq);
	view_emit(EV_callback_end, bracket, (u64)(size_t)notifier,
		  ret ? 1 : 3);
	return ret;
}

static const struct mmu_interval_notifier_ops seen_ops = {
	.invalidate = invalidate,
};

static const struct mmu_interval_notifier_ops *
see(struct mmu_interval_notifier *notifier,
    const struct mmu_interval_notifier_ops *ops)
{
	struct sub *s = sub_of(notifier);

	if (!s)
		s = sub_of(NULL);
	if (!s)
		return ops;
	*s = (struct sub){ notifier, ops };
	return &seen_ops;
}

static void inserted(struct mmu_interval_notifier *notifier, int ret)
{
	struct sub *s = sub_of(notifier);
	u32 slot = mm_slot_of(notifier->mm);

	if (ret) {
		if (s)
			s->notifier = NULL;
	} else if (slot < PROG_MMS) {
		view_emit(EV_mni_insert, slot, (u64)(size_t)notifier,
			  notifier->invalidate_seq);
	}
}

int __real_mmu_interval_notifier_insert(struct mmu_interval_notifier *notifier,
		struct mm_struct *mm, unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops);
int __wrap_mmu_interval_notifier_insert(struct mmu_interval_notifier *notifier,
		struct mm_struct *mm, unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops);
int __wrap_mmu_interval_notifier_insert(struct mmu_interval_notifier *notifier,
		struct mm_struct *mm, unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops)
{
	int ret;

	ops = see(notifier, ops);
	ret = __real_mmu_interval_notifier_insert(notifier, mm, start, length,
						  ops);
	inserted(notifier, ret);
	return ret;
}

int __real_mmu_interval_notifier_insert_locked(
		struct mmu_interval_notifier *notifier, struct mm_struct *mm,
		unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops);
int __wrap_mmu_interval_notifier_insert_locked(
		struct mmu_interval_notifier *notifier, struct mm_struct *mm,
		unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops);
int __wrap_mmu_interval_notifier_insert_locked(
		struct mmu_interval_notifier *notifier, struct mm_struct *mm,
		unsigned long start, unsigned long length,
		const struct mmu_interval_notifier_ops *ops)
{
	int ret;

	ops = see(notifier, ops);
	ret = __real_mmu_interval_notifier_insert_locked(notifier, mm, start,
							 length, ops);
	inserted(notifier, ret);
	return ret;
}

void __real_mmu_interval_notifier_remove(struct mmu_interval_notifier *notifier);
void __wrap_mmu_interval_notifier_remove(struct mmu_interval_notifier *notifier);
void __wrap_mmu_interval_notifier_remove(struct mmu_interval_notifier *notifier)
{
	u32 slot = mm_slot_of(notifier->mm);
	struct sub *s;

	__real_mmu_interval_notifier_remove(notifier);
	s = sub_of(notifier);
	if (s)
		s->notifier = NULL;
	/* The mm may be gone since, and its number with it. */
	if (slot < PROG_MMS)
		view_emit(EV_mni_removed, slot, (u64)(size_t)notifier, 0);
}

/* -- readers -- */

unsigned long __real_mmu_interval_read_begin(struct mmu_interval_notifier *n);
unsigned long __wrap_mmu_interval_read_begin(struct mmu_interval_notifier *n);
unsigned long __wrap_mmu_interval_read_begin(struct mmu_interval_notifier *n)
{
	u32 slot = mm_slot_of(n->mm);
	unsigned long seq;

	ktree_read_begins(n);
#ifdef KTREE_ASAN
	/* Nobody sees jiffies being read: whoever tries again until some time
	 * is over begins here. */
	ktree_jiffies_read();
#endif
	seq = __real_mmu_interval_read_begin(n);
	if (slot < PROG_MMS)
		view_emit(EV_read_begin, slot, (u64)(size_t)n, seq);
	return seq;
}

/* -- under subscriptions->lock -- */

/* What changed of the counts since they were told last. */
static void tell_counts(u32 slot, const struct tree_subscriptions *s)
{
	u32 deferred = ktree_deferred(s);

	if (s->invalidate_seq != told[slot].seq ||
	    s->active_invalidate_ranges != told[slot].active)
		view_emit(EV_subs_seq, slot, s->invalidate_seq,
			  s->active_invalidate_ranges);
	if (deferred != told[slot].deferred)
		view_emit(EV_deferred, slot, 0, deferred);
	told[slot].seq = s->invalidate_seq;
	told[slot].active = s->active_invalidate_ranges;
	told[slot].deferred = deferred;
}

/* The task of @b is about to let the lock go, or to change the tree. */
static void counted(struct bracket_state *b, u32 slot,
		    const struct tree_subscriptions *s)
{
	bool mine = b->bracket && VIEW_BRACKET_MM(b->bracket) == slot;
	bool more = s->active_invalidate_ranges > told[slot].active;

	if (mine && b->release && s->active_invalidate_ranges < told[slot].active) {
		view_emit(EV_inv_open, b->bracket, b->start, b->end);
		view_emit(EV_inv_end, b->bracket, b->start, b->end);
		b->release = false;
	}
	tell_counts(slot, s);
	if (mine && b->counting && more) {
		b->counting = false;
		view_emit(EV_inv_interval, b->bracket, b->start, b->end);
	}
}

/* Of the program's, with what is counted told; PROG_MMS: none of them. */
static u32 slot_of_tree(const struct rb_root_cached *root)
{
	const struct tree_subscriptions *s;
	struct mm_struct *mm;
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++) {
		mm = mm_slot_get(slot);
		s = mm ? (const void *)mm->notifier_subscriptions : NULL;
		if (s && &s->itree == root) {
			/* Where it is made odd, the tree changes first. */
			if (!(s->invalidate_seq & 1))
				counted(mine(), slot, s);
			break;
		}
	}
	return slot;
}

static u64 pages_of(const struct interval_tree_node *node)
{
	u64 start = max_t(u64, node->start, VIEW_BASE);
	u64 last = min_t(u64, node->last, VIEW_VA(PROG_PAGES) - 1);

	if (start > last)
		return VIEW_ITREE(0, 0);
	return VIEW_ITREE(VIEW_PAGE(start), VIEW_PAGE(last) + 1);
}

static u64 notifier_of(const struct interval_tree_node *node)
{
	return (u64)(size_t)container_of(node, struct mmu_interval_notifier,
					 interval_tree);
}

void __real_interval_tree_insert(struct interval_tree_node *node,
				 struct rb_root_cached *root);
void __wrap_interval_tree_insert(struct interval_tree_node *node,
				 struct rb_root_cached *root);
void __wrap_interval_tree_insert(struct interval_tree_node *node,
				 struct rb_root_cached *root)
{
	u32 slot = slot_of_tree(root);

	__real_interval_tree_insert(node, root);
	if (slot < PROG_MMS)
		view_emit(EV_itree_change, slot, notifier_of(node),
			  pages_of(node));
}

void __real_interval_tree_remove(struct interval_tree_node *node,
				 struct rb_root_cached *root);
void __wrap_interval_tree_remove(struct interval_tree_node *node,
				 struct rb_root_cached *root);
void __wrap_interval_tree_remove(struct interval_tree_node *node,
				 struct rb_root_cached *root)
{
	u32 slot = slot_of_tree(root);

	__real_interval_tree_remove(node, root);
	if (slot < PROG_MMS)
		view_emit(EV_itree_change, slot, notifier_of(node), 0);
}

void __real__raw_spin_unlock(raw_spinlock_t *lock);
void __wrap__raw_spin_unlock(raw_spinlock_t *lock);
void __wrap__raw_spin_unlock(raw_spinlock_t *lock)
{
	struct bracket_state *b = mine();
	const struct tree_subscriptions *s;
	struct mm_struct *mm;
	u32 slot;

	ktree_settle();
	ktree_entries_settle(lock);
	ktree_pages_settle(lock);
	ktree_cache_settle(lock);
	for (slot = 0; slot < PROG_MMS; slot++) {
		mm = mm_slot_get(slot);
		s = mm ? (const void *)mm->notifier_subscriptions : NULL;
		if (!s || (const void *)&s->lock.rlock != lock)
			continue;
		counted(b, slot, s);
		break;
	}
	__real__raw_spin_unlock(lock);
}

/* -- brackets -- */

static void enter(struct bracket_state *b, u32 slot, u32 event, u32 flags,
		  unsigned long start, unsigned long end)
{
	u32 id = __atomic_add_fetch(&brackets, 1, __ATOMIC_RELAXED);

	*b = (struct bracket_state){
		.bracket = VIEW_BRACKET(id, slot, event, flags),
		.counting = true,
		.start = start,
		.end = end,
	};
	view_emit(EV_inv_begin, b->bracket, start, end);
}

/* Nested brackets, of one task: the inner one is over first. */
#define DEPTH_MAX	8
static struct open_bracket {
	const struct mmu_notifier_range *range;
	u64 bracket;
} open[RT_TASKS_MAX][DEPTH_MAX];

static void opened(const struct mmu_notifier_range *range, u64 bracket)
{
	struct open_bracket *o = open[rt_self()];
	u32 i;

	for (i = 0; i < DEPTH_MAX; i++) {
		if (o[i].range)
			continue;
		o[i] = (struct open_bracket){ range, bracket };
		return;
	}
	ktree_trap("more brackets open at once than the view follows");
}

/* 0: it was not seen to begin. */
static u64 closed(const struct mmu_notifier_range *range)
{
	struct open_bracket *o = open[rt_self()];
	u32 i;

	for (i = 0; i < DEPTH_MAX; i++) {
		if (o[i].range != range)
			continue;
		o[i].range = NULL;
		return o[i].bracket;
	}
	return 0;
}

int __real___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
int __wrap___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
int __wrap___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	u32 slot = mm_slot_of(range->mm);
	struct bracket_state *b = mine();
	u64 bracket;
	int ret;

	if (slot == PROG_MMS)
		return __real___mmu_notifier_invalidate_range_start(range);
	rt_point(RT_SITE(RT_NOTE, "mmu_notifier_invalidate_range_start", NULL),
		 range->mm);
	if (ktree_writes(range->mm))
		ktree_vmas_changed(range->mm);
	enter(b, slot, range->event, range->flags, range->start, range->end);
	bracket = b->bracket;
	ret = __real___mmu_notifier_invalidate_range_start(range);
	b->bracket = 0;
	view_emit(ret ? EV_inv_refused : EV_inv_open, bracket, range->start,
		  range->end);
	if (!ret)
		opened(range, bracket);
	return ret;
}

/* The words of the end differ by what the secondary TLBs had of their own. */
#if KT_SINCE(6, 6)
#define END_ARGS	struct mmu_notifier_range *range
#define END_PASS	range
#else
#define END_ARGS	struct mmu_notifier_range *range, bool only_end
#define END_PASS	range, only_end
#endif

void __real___mmu_notifier_invalidate_range_end(END_ARGS);
void __wrap___mmu_notifier_invalidate_range_end(END_ARGS);
void __wrap___mmu_notifier_invalidate_range_end(END_ARGS)
{
	u64 bracket = closed(range);

	if (bracket) {
		rt_point(RT_SITE(RT_NOTE, "mmu_notifier_invalidate_range_end",
				 NULL), range->mm);
		view_emit(EV_inv_end, bracket, range->start, range->end);
	}
	__real___mmu_notifier_invalidate_range_end(END_PASS);
	if (bracket)
		view_emit(EV_inv_closed, bracket, range->start, range->end);
}

/* The last bracket of an mm: of all of it, and never open for changes. */
void __real___mmu_notifier_release(struct mm_struct *mm);
void __wrap___mmu_notifier_release(struct mm_struct *mm);
void __wrap___mmu_notifier_release(struct mm_struct *mm)
{
	const struct tree_subscriptions *s = (const void *)mm->notifier_subscriptions;
	u32 slot = mm_slot_of(mm);
	struct bracket_state *b = mine();

	if (slot == PROG_MMS || !s || !s->has_itree) {
		__real___mmu_notifier_release(mm);
		return;
	}
	enter(b, slot, MMU_NOTIFY_RELEASE, MMU_NOTIFIER_RANGE_BLOCKABLE, 0,
	      ULONG_MAX);
	b->release = true;
	__real___mmu_notifier_release(mm);
	view_emit(EV_inv_closed, b->bracket, 0, ULONG_MAX);
	b->bracket = 0;
}
