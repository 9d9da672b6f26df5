// SPDX-License-Identifier: GPL-2.0
/*
 * listener.c: a driver with everything left out but its notifiers.
 *
 * The mm target has no device, so without this nobody would hear a bracket and
 * mmu_notifier.c would run empty. The listener has a notifier on the list of
 * the boot mm that, like Nouveau's, refuses what may not block, and reads
 * ranges with a temporary interval by the protocol of core.md 4. It maps
 * nothing: oracles watch the notifiers, not it.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock
 *     listener->mutex		the driver's lock of the protocol
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/mm/listener.h"
#include "targets/mm/mm.h"

struct listener {
	struct mmu_notifier notifier;
	struct mutex mutex;
	u32 invalidations;		/* mutex */
};

static struct listener *listener __machine;

static int listener_start(struct mmu_notifier *subscription,
			  const struct mmu_notifier_range *range)
{
	struct listener *l = container_of(subscription, struct listener,
					  notifier);

	if (!mmu_notifier_range_blockable(range))
		return -EAGAIN;
	mutex_lock(&l->mutex);
	l->invalidations++;
	mutex_unlock(&l->mutex);
	return 0;
}

static void listener_free(struct mmu_notifier *subscription)
{
	kfree(container_of(subscription, struct listener, notifier));
}

static const struct mmu_notifier_ops listener_ops = {
	.invalidate_range_start = listener_start,
	.free_notifier = listener_free,
};

static bool listener_invalidate(struct mmu_interval_notifier *interval_sub,
				const struct mmu_notifier_range *range,
				unsigned long cur_seq)
{
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&listener->mutex);
	else if (!mutex_trylock(&listener->mutex))
		return false;
	mmu_interval_set_seq(interval_sub, cur_seq);
	mutex_unlock(&listener->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops listener_interval_ops = {
	.invalidate = listener_invalidate,
};

void listener_boot(void)
{
	struct mm_struct *mm = mm_enter(0);

	listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	mutex_init(&listener->mutex);
	rt_name(&listener->notifier, "listener", -1);
	listener->notifier.ops = &listener_ops;
	mmu_notifier_register(&listener->notifier, mm);
	mm_leave(mm);
}

void listener_halt(void)
{
	mmu_notifier_put(&listener->notifier);
}

/* One round of the protocol; -EBUSY: again. */
static int read_once(struct hmm_range *range, struct mm_struct *mm)
{
	int ret;

	range->notifier_seq = mmu_interval_read_begin(range->notifier);
	mmap_read_lock(mm);
	ret = hmm_range_fault(range);
	mmap_read_unlock(mm);
	if (ret)
		return ret;
	mutex_lock(&listener->mutex);
	if (mmu_interval_read_retry(range->notifier, range->notifier_seq))
		ret = -EBUSY;
	mutex_unlock(&listener->mutex);
	return ret;
}

static int read_range(struct mm_struct *mm, unsigned long start,
		      unsigned long len, bool write)
{
	unsigned long timeout = jiffies +
				msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	struct mmu_interval_notifier notifier;
	unsigned long pfns[PROG_PAGES] = { 0 };
	struct hmm_range range = {
		.notifier = &notifier,
		.start = start,
		.end = start + len,
		.hmm_pfns = pfns,
		.default_flags = HMM_PFN_REQ_FAULT |
				 (write ? HMM_PFN_REQ_WRITE : 0),
	};
	int ret;

	ret = mmu_interval_notifier_insert(&notifier, mm, start, len,
					   &listener_interval_ops);
	if (ret)
		return ret;
	rt_name(&notifier, "listener interval", -1);
	do {
		ret = read_once(&range, mm);
	} while (ret == -EBUSY && !time_after(jiffies, timeout));
	mmu_interval_notifier_remove(&notifier);
	return ret;
}

int listener_read(u32 page, u32 count, bool write)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (!mm)
		return -ESRCH;
	ret = read_range(mm, VIEW_VA(page),
			 min(count, PROG_PAGES - page) * PAGE_SIZE, write);
	mm_leave(mm);
	return ret;
}
