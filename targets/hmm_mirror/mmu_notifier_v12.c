// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_notifier_v12.c: the notifiers of 2016 over those of 6.12.
 *
 * Models mm/mmu_notifier.c with "mmu_notifier: keep track of active
 * invalidation ranges" (HMM v12, patch 02/29). Spec: hmm-v12.md 2.1.
 *
 * The first notifier of an mm subscribes a shim to its brackets. At the start
 * of one the shim lists the range, then calls the notifiers; at its end it
 * takes the range off the list and wakes who waits for that. The order is what
 * makes a device fault safe:
 *
 *	device fault				invalidation
 *						list the range
 *	lock; some range? give up [must]
 *						callback: lock; some fault?
 *						wait for it
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			write to register
 *     srcu				over callbacks
 *       the notifier's own locks
 *         shim->lock			the lists; a leaf
 *
 * Differences:
 *  - a bracket that may not block is refused while the mm is mirrored, by a
 *    second subscriber that has no end method, as Nouveau does. There were none
 *    in 2016: the OOM reaper left such an mm alone;
 *  - what raised an event is told by the bracket's reason; MUNLOCK, WRITE_BACK
 *    of a range and KSM do not occur;
 *  - the wait for active ranges is for one of them to end, told by a number
 *    that only grows; the patch compares the number of ranges (spec Q-B3, last
 *    sentence; mutation h12_range_count_aba);
 *  - an invalidation of a page is told to the journal as a bracket whose
 *    callbacks come after the change.
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/wait.h>

#include "targets/hmm_mirror/mmu_notifier_v12.h"
#include "targets/mutation.h"
#include "targets/view_hmm_v12.h"

#define RANGES	24	/* open at once: every task's, and those inside them */

struct mmu_range_v12 {
	struct list_head list;		/* of shim->ranges, or of unused */
	unsigned long start, end;
	u32 id;				/* of the bracket */
};

/* One per mm that ever had a notifier. */
struct mmu_shim {
	struct mmu_notifier mn;		/* starts and ends */
	struct mmu_notifier refuse;	/* says no to who may not block */
	struct mm_struct *mm;
	refcount_t refs;		/* @mn, @refuse, each notifier */
	spinlock_t lock;
	struct hlist_head list;		/* lock to change, srcu to walk */
	struct list_head ranges, unused;	/* lock */
	u32 nranges;			/* lock to change */
	u32 nended;			/* ranges that ended so far; likewise */
	wait_queue_head_t wait;		/* until that changes */
	struct mmu_range_v12 range[RANGES];
};

DEFINE_STATIC_SRCU(srcu);
static struct mmu_shim *shims[PROG_MMS] __machine;
static u32 page_ids __machine;

static struct mmu_shim *shim_of(const struct mm_struct *mm)
{
	return __atomic_load_n(&shims[mm->slot], __ATOMIC_ACQUIRE);
}

static void shim_put(struct mmu_shim *shim)
{
	if (refcount_dec_and_test(&shim->refs))
		kfree(shim);
}

const void *mmu_notifier_v12_subscriber(const struct mm_struct *mm)
{
	return &shim_of(mm)->mn;
}

static enum mmu_event mmu_event_of(enum mmu_notifier_event event)
{
	switch (event) {
	case MMU_NOTIFY_UNMAP:
		return MMU_MUNMAP;
	case MMU_NOTIFY_PROTECTION_VMA:
		return MMU_MPROT;
	case MMU_NOTIFY_PROTECTION_PAGE:
		return MMU_FORK;
	case MMU_NOTIFY_SOFT_DIRTY:
		return MMU_SOFT_DIRTY;
	default:
		return MMU_MIGRATE;
	}
}

static void range_publish(struct mmu_shim *shim,
			  const struct mmu_notifier_range *bracket)
{
	struct mmu_range_v12 *range;

	spin_lock(&shim->lock);
	BUG_ON(list_empty(&shim->unused));
	range = list_first_entry(&shim->unused, struct mmu_range_v12, list);
	range->start = bracket->start;
	range->end = bracket->end;
	range->id = bracket->id;
	list_move_tail(&range->list, &shim->ranges);
	__WRITE_ONCE(shim->nranges, shim->nranges + 1);
	view_emit(EV_v12_range_add, shim->mm->slot, range->start, range->end);
	spin_unlock(&shim->lock);
}

static void call_range_start(struct mmu_shim *shim,
			     const struct mmu_notifier_range *range)
{
	struct mmu_notifier_v12 *mn;
	int id = srcu_read_lock(&srcu);

	hlist_for_each_entry_srcu(mn, &shim->list, hlist,
				  srcu_read_lock_held(&srcu))
		mn->ops->invalidate_range_start(mn, shim->mm, range->start,
						range->end,
						mmu_event_of(range->event));
	srcu_read_unlock(&srcu, id);
}

static int shim_range_start(struct mmu_notifier *subscription,
			    const struct mmu_notifier_range *range)
{
	struct mmu_shim *shim = container_of(subscription, struct mmu_shim, mn);

	if (!mmu_notifier_range_blockable(range))
		return 0;
	if (!mutated(h12_publish_after_callbacks))
		range_publish(shim, range);
	call_range_start(shim, range);
	if (mutated(h12_publish_after_callbacks))
		range_publish(shim, range);
	return 0;
}

static void shim_range_end(struct mmu_notifier *subscription,
			   const struct mmu_notifier_range *bracket)
{
	struct mmu_shim *shim = container_of(subscription, struct mmu_shim, mn);
	struct mmu_range_v12 *range;

	if (!mmu_notifier_range_blockable(bracket))
		return;
	spin_lock(&shim->lock);
	list_for_each_entry(range, &shim->ranges, list)
		if (range->id == bracket->id)
			break;
	BUG_ON(list_entry_is_head(range, &shim->ranges, list));
	list_move(&range->list, &shim->unused);
	__WRITE_ONCE(shim->nranges, shim->nranges - 1);
	__WRITE_ONCE(shim->nended, shim->nended + 1);
	view_emit(EV_v12_range_del, shim->mm->slot, range->start, range->end);
	spin_unlock(&shim->lock);
	wake_up_all(&shim->wait);
}

static int shim_refuse(struct mmu_notifier *subscription,
		       const struct mmu_notifier_range *range)
{
	return mmu_notifier_range_blockable(range) ? 0 : -EAGAIN;
}

/* The subscriptions end with the mm; the shim stays as long as its notifiers. */
static void shim_release(struct mmu_notifier *subscription,
			 struct mm_struct *mm)
{
	struct mmu_shim *shim = container_of(subscription, struct mmu_shim, mn);
	struct mmu_notifier_v12 *mn;
	int id = srcu_read_lock(&srcu);

	hlist_for_each_entry_srcu(mn, &shim->list, hlist,
				  srcu_read_lock_held(&srcu))
		mn->ops->release(mn, mm);
	srcu_read_unlock(&srcu, id);
	mmu_notifier_put(subscription);
}

static void shim_refuse_release(struct mmu_notifier *subscription,
				struct mm_struct *mm)
{
	mmu_notifier_put(subscription);
}

static void shim_free(struct mmu_notifier *subscription)
{
	shim_put(container_of(subscription, struct mmu_shim, mn));
}

static void shim_refuse_free(struct mmu_notifier *subscription)
{
	shim_put(container_of(subscription, struct mmu_shim, refuse));
}

static const struct mmu_notifier_ops shim_ops = {
	.release = shim_release,
	.invalidate_range_start = shim_range_start,
	.invalidate_range_end = shim_range_end,
	.free_notifier = shim_free,
};

static const struct mmu_notifier_ops shim_refuse_ops = {
	.release = shim_refuse_release,
	.invalidate_range_start = shim_refuse,
	.free_notifier = shim_refuse_free,
};

static struct mmu_shim *shim_alloc(struct mm_struct *mm)
{
	struct mmu_shim *shim = kzalloc(sizeof(*shim), GFP_KERNEL);

	if (!shim)
		return NULL;
	shim->mm = mm;
	shim->mn.ops = &shim_ops;
	shim->refuse.ops = &shim_refuse_ops;
	refcount_set(&shim->refs, 2);
	spin_lock_init(&shim->lock);
	INIT_LIST_HEAD(&shim->ranges);
	INIT_LIST_HEAD(&shim->unused);
	init_waitqueue_head(&shim->wait);
	for (u32 i = 0; i < RANGES; i++)
		list_add_tail(&shim->range[i].list, &shim->unused);
	rt_name(shim, "mmu_shim", (int)mm->slot);
	return shim;
}

/*
 * mmap_lock, write. 0 or an errno. Who refuses comes first: should the other
 * fail, nobody relies on a mirror yet, and it goes again.
 */
static int shim_subscribe(struct mm_struct *mm)
{
	struct mmu_shim *shim = shim_alloc(mm);
	int ret;

	if (!shim)
		return -ENOMEM;
	ret = __mmu_notifier_register(&shim->refuse, mm);
	if (ret) {
		kfree(shim);
		return ret;
	}
	ret = __mmu_notifier_register(&shim->mn, mm);
	if (ret) {
		shim_put(shim);
		mmu_notifier_put(&shim->refuse);
		return ret;
	}
	__atomic_store_n(&shims[mm->slot], shim, __ATOMIC_RELEASE);
	return 0;
}

int mmu_notifier_v12_register(struct mmu_notifier_v12 *mn,
			      struct mm_struct *mm)
{
	struct mmu_shim *shim;
	int ret;

	mmap_assert_write_locked(mm);
	if (!shim_of(mm)) {
		ret = shim_subscribe(mm);
		if (ret)
			return ret;
	}
	shim = shim_of(mm);
	refcount_inc(&shim->refs);
	mmgrab(mm);
	spin_lock(&shim->lock);
	hlist_add_head_rcu(&mn->hlist, &shim->list);
	spin_unlock(&shim->lock);
	return 0;
}

void mmu_notifier_v12_unregister_no_release(struct mmu_notifier_v12 *mn,
					    struct mm_struct *mm)
{
	struct mmu_shim *shim = shim_of(mm);

	spin_lock(&shim->lock);
	hlist_del_init_rcu(&mn->hlist);
	spin_unlock(&shim->lock);
}

void mmu_notifier_v12_call_srcu(struct rcu_head *rcu, rcu_callback_t func)
{
	call_srcu(&srcu, rcu, func);
}

void mmu_notifier_v12_put_mm(struct mm_struct *mm)
{
	shim_put(shim_of(mm));
	mmdrop(mm);
}

void mmu_notifier_v12_synchronize(void)
{
	synchronize_srcu(&srcu);
}

/* shim->lock */
static bool range_overlaps(const struct mmu_shim *shim, unsigned long start,
			   unsigned long end)
{
	const struct mmu_range_v12 *range;

	list_for_each_entry(range, &shim->ranges, list)
		if (range->start < end && start < range->end)
			return true;
	return false;
}

bool mmu_notifier_range_inactive(struct mm_struct *mm, unsigned long start,
				 unsigned long end)
{
	struct mmu_shim *shim = shim_of(mm);
	bool inactive;

	spin_lock(&shim->lock);
	inactive = !range_overlaps(shim, start, end);
	spin_unlock(&shim->lock);
	return inactive;
}

/* What a waiter remembers: it is different when some range has ended. */
static u32 range_count(const struct mmu_shim *shim)
{
	return mutated(h12_range_count_aba) ? __READ_ONCE(shim->nranges) :
		__READ_ONCE(shim->nended);
}

static bool range_ended(struct mmu_shim *shim, unsigned long start,
			unsigned long end, u32 seen)
{
	if (range_count(shim) != seen)
		return true;
	view_emit(EV_v12_range_asleep, shim->mm->slot, start, end);
	return false;
}

void mmu_notifier_range_wait_active(struct mm_struct *mm, unsigned long start,
				    unsigned long end)
{
	struct mmu_shim *shim = shim_of(mm);
	u32 seen;

	spin_lock(&shim->lock);
	while (range_overlaps(shim, start, end)) {
		seen = range_count(shim);
		spin_unlock(&shim->lock);
		wait_event(shim->wait, range_ended(shim, start, end, seen));
		spin_lock(&shim->lock);
	}
	spin_unlock(&shim->lock);
}

/* -- one page, no range -- */

static u64 page_bracket(const struct mmu_page_v12 *page)
{
	enum mmu_notifier_event event = page->event == MMU_WRITE_BACK ?
		MMU_NOTIFY_PROTECTION_PAGE : MMU_NOTIFY_CLEAR;

	return VIEW_BRACKET(page->id, page->mm->slot, event,
			    MMU_NOTIFIER_RANGE_BLOCKABLE);
}

/*
 * For the journal alone, which tells of a bracket whose callbacks have not been
 * called yet. Under the PTL, right before the entry changes.
 */
void mmu_notifier_page_begin(struct mmu_page_v12 *page)
{
	page->id = VIEW_V12_PAGE_ID |
		__atomic_add_fetch(&page_ids, 1, __ATOMIC_RELAXED);
	view_emit(EV_inv_begin, page_bracket(page), page->address,
		  page->address + PAGE_SIZE);
}

static void call_invalidate_page(struct mmu_shim *shim,
				 const struct mmu_page_v12 *page)
{
	struct mmu_notifier_v12 *mn;
	int id = srcu_read_lock(&srcu);

	view_emit(EV_callback_begin, page_bracket(page), (u64)&shim->mn, 0);
	hlist_for_each_entry_srcu(mn, &shim->list, hlist,
				  srcu_read_lock_held(&srcu))
		mn->ops->invalidate_page(mn, page->mm, page->address,
					 page->event);
	view_emit(EV_callback_end, page_bracket(page), (u64)&shim->mn, 0);
	srcu_read_unlock(&srcu, id);
}

void mmu_notifier_invalidate_page(struct mmu_page_v12 *page)
{
	struct mmu_shim *shim = shim_of(page->mm);
	unsigned long end = page->address + PAGE_SIZE;

	rt_point(RT_SITE(RT_NOTE, "mmu_notifier_invalidate_page", NULL),
		 page->mm);
	if (shim)
		call_invalidate_page(shim, page);
	view_emit(EV_inv_open, page_bracket(page), page->address, end);
	view_emit(EV_inv_end, page_bracket(page), page->address, end);
	view_emit(EV_inv_closed, page_bracket(page), page->address, end);
}
