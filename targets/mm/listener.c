// SPDX-License-Identifier: GPL-2.0
/*
 * listener.c: a driver with everything left out but its notifiers.
 *
 * The mm target has no device, so without this nobody would hear a bracket and
 * mmu_notifier.c would run empty. The listener follows the boot mm in the three
 * ways there are:
 *
 *  - a notifier on the mm's list that, like Nouveau's, refuses what may not
 *    block;
 *  - a mirror: a table of what a device may reach, filled by the protocol of
 *    core.md 4 and cleared by the callback of an interval over all of the mm,
 *    as the kernel's test_hmm driver does it. It opens at the first listen and
 *    stays. Nouveau clears in its list notifier, after the interval's callback:
 *    here the interval's callback is alone, and must clear and record the
 *    sequence in one hold of the mutex:
 *
 *	listen				invalidation
 *					mutex_lock()
 *					clear the table
 *					mutex_unlock()
 *	mutex_lock()
 *	retry? [must say yes]
 *	fill the table
 *	mutex_unlock()
 *
 *  - a snapshot: a look at a range through an interval of its own, which so
 *    comes and goes beside invalidations. It keeps nothing.
 *
 * To oracles the mirror is the entries of GPU space 0 (targets/view.h).
 *
 * Lock order, outermost first:
 *
 *   listener->open		whether the mirror is there
 *     mm->mmap_lock
 *       listener->mutex	the driver's lock of the protocol
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/mm/listener.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

#define MIRROR_SPACE	0

struct listener {
	struct mmu_notifier notifier;
	struct mmu_interval_notifier mirror;
	struct mutex open;
	struct mutex mutex;
	bool mirroring;			/* open */
	u32 invalidations;		/* mutex */
	u64 table[PROG_PAGES];		/* mutex; words of view.h */
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

/* The device's page table is written, one word; VIEW_NONE: cleared. */
static void mirror_set(struct listener *l, unsigned long addr, u64 word)
{
	u64 *entry = &l->table[VIEW_PAGE(addr)], old = *entry;

	rt_point(RT_SITE(RT_STORE, "mirror_set", NULL), entry);
	*entry = word;
	if (word != VIEW_NONE)
		view_emit(EV_gpu_map, MIRROR_SPACE, addr, word);
	else
		view_emit(EV_gpu_unmap, MIRROR_SPACE, addr, old);
}

/* Needs the mutex. */
static void mirror_clear(struct listener *l, unsigned long start,
			 unsigned long end)
{
	unsigned long addr = max(start, (unsigned long)USER_START);

	for (end = min(end, (unsigned long)USER_END); addr < end;
	     addr += PAGE_SIZE)
		if (l->table[VIEW_PAGE(addr)] != VIEW_NONE)
			mirror_set(l, addr, VIEW_NONE);
}

static bool mirror_invalidate(struct mmu_interval_notifier *interval_sub,
			      const struct mmu_notifier_range *range,
			      unsigned long cur_seq)
{
	struct listener *l = container_of(interval_sub, struct listener,
					  mirror);

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&l->mutex);
	else if (!mutex_trylock(&l->mutex))
		return false;
	if (!mutated(mirror_skip_set_seq) && !mutated(mirror_seq_without_lock))
		mmu_interval_set_seq(interval_sub, cur_seq);
	if (!mutated(mirror_skip_clear))
		mirror_clear(l, range->start, range->end);
	mutex_unlock(&l->mutex);
	if (mutated(mirror_seq_without_lock))
		mmu_interval_set_seq(interval_sub, cur_seq);
	return true;
}

static const struct mmu_interval_notifier_ops mirror_ops = {
	.invalidate = mirror_invalidate,
};

static bool snapshot_invalidate(struct mmu_interval_notifier *interval_sub,
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

static const struct mmu_interval_notifier_ops snapshot_ops = {
	.invalidate = snapshot_invalidate,
};

/* 0, or -ENOMEM. Not with mmap_lock held. */
static int mirror_open(struct listener *l, struct mm_struct *mm)
{
	int ret = 0;

	mutex_lock(&l->open);
	if (!l->mirroring)
		ret = mmu_interval_notifier_insert(&l->mirror, mm, 0,
						   ULONG_MAX & PAGE_MASK,
						   &mirror_ops);
	if (!l->mirroring && !ret) {
		l->mirroring = true;
		view_emit(EV_gpu_space, MIRROR_SPACE, mm->slot,
			  (u64)(size_t)&l->mirror);
	}
	mutex_unlock(&l->open);
	return ret;
}

void listener_boot(void)
{
	struct mm_struct *mm = mm_enter(0);

	listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	mutex_init(&listener->open);
	mutex_init(&listener->mutex);
	rt_name(&listener->notifier, "listener", -1);
	rt_name(&listener->mirror, "listener->mirror", -1);
	listener->notifier.ops = &listener_ops;
	mmu_notifier_register(&listener->notifier, mm);
	mm_leave(mm);
}

void listener_halt(void)
{
	if (listener->mirroring) {
		mmu_interval_notifier_remove(&listener->mirror);
		view_emit(EV_gpu_space_gone, MIRROR_SPACE, 0, 0);
	}
	mmu_notifier_put(&listener->notifier);
}

/*
 * Walk the page tables until the result is known to be true: on 0, the mutex
 * is held, and as long as it is, an invalidation of the range waits for us.
 */
static int listener_walk(struct listener *l, struct mm_struct *mm,
			 struct hmm_range *range)
{
	unsigned long timeout = jiffies +
				msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	int ret;

	for (;;) {
		if (time_after(jiffies, timeout))
			return -EBUSY;
		range->notifier_seq = mmu_interval_read_begin(range->notifier);
		mmap_read_lock(mm);
		ret = hmm_range_fault(range);
		mmap_read_unlock(mm);
		if (ret == -EBUSY)
			continue;
		if (ret)
			return ret;
		mutex_lock(&l->mutex);
		if (!mmu_interval_read_retry(range->notifier,
					     range->notifier_seq) ||
		    mutated(mirror_skip_retry))
			return 0;
		mutex_unlock(&l->mutex);
	}
}

/* What the walk found becomes the device's. Needs the mutex since then. */
static void mirror_fill(struct listener *l, const struct hmm_range *range)
{
	const unsigned long *pfn = range->hmm_pfns;
	unsigned long addr;

	for (addr = range->start; addr < range->end; addr += PAGE_SIZE, pfn++) {
		if (!(*pfn & HMM_PFN_VALID))
			continue;
		view_emit(EV_driver_map, MIRROR_SPACE, addr,
			  (u64)(size_t)range->notifier);
		mirror_set(l, addr,
			   VIEW_WORD(VIEW_PRESENT,
				     *pfn & HMM_PFN_WRITE ? VIEW_W : 0,
				     page_to_pfn(hmm_pfn_to_page(*pfn))));
	}
}

int listener_mirror(u32 page, u32 count, bool write)
{
	unsigned long pfns[PROG_PAGES] = { 0 };
	struct listener *l = listener;
	struct hmm_range range = {
		.notifier = &l->mirror,
		.start = VIEW_VA(page),
		.end = VIEW_VA(min(page + count, (u32)PROG_PAGES)),
		.hmm_pfns = pfns,
		.default_flags = HMM_PFN_REQ_FAULT |
				 (write ? HMM_PFN_REQ_WRITE : 0),
	};
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (!mm)
		return -ESRCH;
	ret = mirror_open(l, mm);
	if (!ret)
		ret = listener_walk(l, mm, &range);
	if (!ret) {
		mirror_fill(l, &range);
		mutex_unlock(&l->mutex);
	}
	mm_leave(mm);
	return ret;
}

int listener_snapshot(u32 page, u32 count)
{
	unsigned long pfns[PROG_PAGES] = { 0 };
	struct mmu_interval_notifier notifier;
	struct hmm_range range = {
		.notifier = &notifier,
		.start = VIEW_VA(page),
		.end = VIEW_VA(min(page + count, (u32)PROG_PAGES)),
		.hmm_pfns = pfns,
	};
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (!mm)
		return -ESRCH;
	rt_name(&notifier, "snapshot", -1);
	ret = mmu_interval_notifier_insert(&notifier, mm, range.start,
					   range.end - range.start,
					   &snapshot_ops);
	if (!ret) {
		ret = listener_walk(listener, mm, &range);
		if (!ret)
			mutex_unlock(&listener->mutex);
		mmu_interval_notifier_remove(&notifier);
	}
	mm_leave(mm);
	return ret;
}

/* For the view. */
bool listener_mirroring(void)
{
	return listener->mirroring;
}

u64 listener_entry(u64 addr)
{
	if (addr < USER_START || addr >= USER_END)
		return VIEW_NONE;
	return listener->table[VIEW_PAGE(addr)];
}
