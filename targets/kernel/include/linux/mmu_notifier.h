/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_notifier.h: how a secondary MMU follows an address space.
 *
 * MODEL of <linux/mmu_notifier.h>, 6.12: same contract. Left out, because no
 * port uses them: alloc_notifier/mmu_notifier_get, the test-young family,
 * arch_invalidate_secondary_tlbs, insert_locked. Not in upstream's range: id,
 * the bracket's number in events. Implementation: targets/mm/mmu_notifier.c.
 */
#ifndef _LINUX_MMU_NOTIFIER_H
#define _LINUX_MMU_NOTIFIER_H

#include <linux/types.h>
#include <linux/interval_tree.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmap_lock.h>
#include <linux/srcu.h>

struct mmu_notifier;
struct mmu_notifier_range;
struct mmu_interval_notifier;

/* Core 3.2 says which operation raises which. */
enum mmu_notifier_event {
	MMU_NOTIFY_UNMAP = 0,
	MMU_NOTIFY_CLEAR,
	MMU_NOTIFY_PROTECTION_VMA,
	MMU_NOTIFY_PROTECTION_PAGE,
	MMU_NOTIFY_SOFT_DIRTY,
	MMU_NOTIFY_RELEASE,
	MMU_NOTIFY_MIGRATE,
	MMU_NOTIFY_EXCLUSIVE,
};

#define MMU_NOTIFIER_RANGE_BLOCKABLE (1 << 0)

/*
 * All run on the invalidating task, inside an SRCU read section.
 * release: the mm is going; called once, before the pages are unmapped.
 * invalidate_range_start: may return -EAGAIN only if the range is not
 * blockable, and then only by a notifier without an end method.
 * free_notifier: after mmu_notifier_put() and a grace period.
 */
struct mmu_notifier_ops {
	void (*release)(struct mmu_notifier *subscription,
			struct mm_struct *mm);
	int (*invalidate_range_start)(struct mmu_notifier *subscription,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *subscription,
				     const struct mmu_notifier_range *range);
	void (*free_notifier)(struct mmu_notifier *subscription);
};

struct mmu_notifier {
	struct hlist_node hlist;
	const struct mmu_notifier_ops *ops;
	struct mm_struct *mm;
	struct rcu_head rcu;
	unsigned int users;
};

/*
 * invalidate: must call mmu_interval_set_seq() under the driver's lock and
 * return true; false, only if the range is not blockable, means "not now".
 */
struct mmu_interval_notifier_ops {
	bool (*invalidate)(struct mmu_interval_notifier *interval_sub,
			   const struct mmu_notifier_range *range,
			   unsigned long cur_seq);
};

struct mmu_interval_notifier {
	struct interval_tree_node interval_tree;
	const struct mmu_interval_notifier_ops *ops;
	struct mm_struct *mm;
	struct hlist_node deferred_item;
	unsigned long invalidate_seq;
};

struct mmu_notifier_range {
	struct mm_struct *mm;
	unsigned long start, end;	/* bytes; end is exclusive */
	unsigned int flags;
	enum mmu_notifier_event event;
	void *owner;
	u32 id;
};

static inline bool mm_has_notifiers(struct mm_struct *mm)
{
	return unlikely(__atomic_load_n(&mm->notifier_subscriptions,
					__ATOMIC_ACQUIRE));
}

/* Needs mmap_lock held for writing; the plain form takes it. 0, -ENOMEM. */
int __mmu_notifier_register(struct mmu_notifier *subscription,
			    struct mm_struct *mm);
int mmu_notifier_register(struct mmu_notifier *subscription,
			  struct mm_struct *mm);
/* Returns after the last callback; nothing of @subscription is used then. */
void mmu_notifier_unregister(struct mmu_notifier *subscription,
			     struct mm_struct *mm);
/* Drops a use; the last one frees through free_notifier, asynchronously. */
void mmu_notifier_put(struct mmu_notifier *subscription);
/* Waits until every free_notifier() due has run. */
void mmu_notifier_synchronize(void);

/* Must not be called with mmap_lock held, nor from a callback. */
int mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub,
				 struct mm_struct *mm, unsigned long start,
				 unsigned long length,
				 const struct mmu_interval_notifier_ops *ops);
void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub);
unsigned long
mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub);

/* In a callback only, under the driver's lock: @cur_seq as passed to it. */
static inline void
mmu_interval_set_seq(struct mmu_interval_notifier *interval_sub,
		     unsigned long cur_seq)
{
	WRITE_ONCE(interval_sub->invalidate_seq, cur_seq);
	view_emit(EV_mni_seq, interval_sub->mm->slot, (u64)interval_sub,
		  cur_seq);
}

/* Under the driver's lock. True: what was read since @seq may be wrong. */
static inline bool
mmu_interval_read_retry(struct mmu_interval_notifier *interval_sub,
			unsigned long seq)
{
	bool retry;

	rt_point(RT_SITE(RT_LOAD, "mmu_interval_read_retry", NULL),
		 interval_sub);
	retry = __READ_ONCE(interval_sub->invalidate_seq) != seq;
	view_emit(EV_read_retry, interval_sub->mm->slot, (u64)interval_sub,
		  retry);
	if (retry)
		view_emit(EV_retry, interval_sub->mm->slot, (u64)interval_sub,
			  0);
	return retry;
}

/* Without the lock: true is final, false only a hint. */
static inline bool
mmu_interval_check_retry(struct mmu_interval_notifier *interval_sub,
			 unsigned long seq)
{
	return READ_ONCE(interval_sub->invalidate_seq) != seq;
}

void __mmu_notifier_release(struct mm_struct *mm);
void __mmu_notifier_subscriptions_destroy(struct mm_struct *mm);

static inline bool
mmu_notifier_range_blockable(const struct mmu_notifier_range *range)
{
	return range->flags & MMU_NOTIFIER_RANGE_BLOCKABLE;
}

static inline void
mmu_notifier_range_init_owner(struct mmu_notifier_range *range,
			      enum mmu_notifier_event event,
			      unsigned int flags, struct mm_struct *mm,
			      unsigned long start, unsigned long end,
			      void *owner)
{
	range->event = event;
	range->mm = mm;
	range->start = start;
	range->end = end;
	range->flags = flags;
	range->owner = owner;
	range->id = 0;
}

static inline void
mmu_notifier_range_init(struct mmu_notifier_range *range,
			enum mmu_notifier_event event, unsigned int flags,
			struct mm_struct *mm, unsigned long start,
			unsigned long end)
{
	mmu_notifier_range_init_owner(range, event, flags, mm, start, end, NULL);
}

/*
 * The bracket around every change that lowers what a secondary MMU may rely
 * on. start: callbacks have run when it returns; may sleep. nonblock: never
 * sleeps; on -EAGAIN touch no PTE and do not call end.
 */
void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
int mmu_notifier_invalidate_range_start_nonblock(struct mmu_notifier_range *range);
void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range);

static inline void mmu_notifier_release(struct mm_struct *mm)
{
	if (mm_has_notifiers(mm))
		__mmu_notifier_release(mm);
}

static inline void mmu_notifier_subscriptions_init(struct mm_struct *mm)
{
	mm->notifier_subscriptions = NULL;
}

static inline void mmu_notifier_subscriptions_destroy(struct mm_struct *mm)
{
	if (mm_has_notifiers(mm))
		__mmu_notifier_subscriptions_destroy(mm);
}

#endif /* _LINUX_MMU_NOTIFIER_H */
