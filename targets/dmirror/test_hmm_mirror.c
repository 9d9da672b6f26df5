// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_mirror: the table of an open file, and how it follows the mm.
 *
 * Models the xarray and the interval notifier of lib/test_hmm.c, 6.12; spec
 * dmirror-and-hmm-tests.md 1 and 2.
 *
 * Who changes the CPU's entries itself (a migration, exclusive access) moves
 * the sequence by doing so, and cannot ask it whether others did as well:
 *
 *	MIGRATE_TO_DEV				MADV_DONTNEED
 *	migrate_vma_setup()
 *						callback: clears the table
 *						zaps the migration entry
 *	migrate_vma_pages()
 *	lock, store the device's page
 *	   [must see that it was invalidated]
 *	migrate_vma_finalize(): nobody maps it, it is freed
 *
 * For that there are windows: while one is open, the callback notes in it what
 * tasks other than its own invalidate. And it keeps there what the migration's
 * own bracket takes out of the table, as long as nobody knows which of those
 * pages will move:
 *
 *	MIGRATE_TO_DEV				WRITE
 *	migrate_vma_setup(): no CPU maps S
 *	copy S to D
 *						lock, table: S, store, unlock
 *	lock, table: D, unlock			[must not find S any more]
 *
 * Lock order: see test_hmm.c. Everything here needs dmirror->mutex.
 *
 * Differences from upstream:
 *  - the windows; upstream stores without looking (W-T1, W-T2);
 *  - a MIGRATE bracket with our device as the owner moves the sequence too, and
 *    clears its pages; who migrates puts back those that stay. Upstream ignores
 *    it: the device may go on writing to a page of the system while it is copied;
 *    and when a CPU faults, upstream clears one table, behind the back of whoever
 *    holds the mutex (W-T3), and in no other file that mirrors the same mm.
 */
#include <linux/sched.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

#define FIRST_PFN	(USER_START >> PAGE_SHIFT)

static u32 nr_spaces __machine;
static struct dmirror *spaces[VIEW_SPACES] __machine;	/* that are open */

void *dmirror_pt_load(const struct dmirror *dmirror, unsigned long pfn)
{
	unsigned long i = pfn - FIRST_PFN;

	return i < PROG_PAGES ? __atomic_load_n(&dmirror->pt[i],
						__ATOMIC_RELAXED) : NULL;
}

static u64 pt_view(void *entry)
{
	unsigned long tag = xa_pointer_tag(entry);

	return VIEW_WORD(VIEW_PRESENT,
			 (tag == DPT_XA_TAG_WRITE ? VIEW_W : 0) |
			 (tag == DPT_XA_TAG_ATOMIC ? VIEW_A : 0),
			 page_to_pfn(xa_untag_pointer(entry)));
}

void dmirror_pt_store(struct dmirror *dmirror, unsigned long pfn, void *entry)
{
	void **slot = &dmirror->pt[pfn - FIRST_PFN];

	rt_point(RT_SITE(RT_STORE, "xa_store", NULL), slot);
	__atomic_store_n(slot, entry, __ATOMIC_RELAXED);
	view_emit(EV_gpu_map, dmirror->space, pfn << PAGE_SHIFT,
		  pt_view(entry));
}

void dmirror_pt_erase(struct dmirror *dmirror, unsigned long pfn)
{
	void **slot, *old = dmirror_pt_load(dmirror, pfn);

	if (!old)
		return;
	slot = &dmirror->pt[pfn - FIRST_PFN];
	rt_point(RT_SITE(RT_STORE, "xa_erase", NULL), slot);
	__atomic_store_n(slot, NULL, __ATOMIC_RELAXED);
	view_emit(EV_gpu_unmap, dmirror->space, pfn << PAGE_SHIFT,
		  pt_view(old));
}

bool dmirror_space_new(struct dmirror *dmirror)
{
	dmirror->space = __atomic_fetch_add(&nr_spaces, 1, __ATOMIC_RELAXED);
	return dmirror->space < VIEW_SPACES;
}

void dmirror_space_open(struct dmirror *dmirror)
{
	u32 slot = dmirror->notifier.mm->slot;

	__atomic_store_n(&spaces[dmirror->space], dmirror, __ATOMIC_RELEASE);
	view_emit(EV_gpu_space, dmirror->space, slot,
		  (u64)(size_t)&dmirror->notifier);
	view_emit(EV_dmirror_open, dmirror->space, dmirror->mdevice->id, slot);
}

void dmirror_space_gone(struct dmirror *dmirror)
{
	__atomic_store_n(&spaces[dmirror->space], NULL, __ATOMIC_RELEASE);
	view_emit(EV_gpu_space_gone, dmirror->space, 0, 0);
}

const struct dmirror *dmirror_of_space(u32 space)
{
	if (space >= VIEW_SPACES)
		return NULL;
	return __atomic_load_n(&spaces[space], __ATOMIC_ACQUIRE);
}

u64 dmirror_entry(u32 space, u64 va)
{
	const struct dmirror *dmirror = dmirror_of_space(space);
	void *entry = NULL;

	if (dmirror)
		entry = dmirror_pt_load(dmirror, va >> PAGE_SHIFT);
	return entry ? pt_view(entry) : (u64)VIEW_NONE;
}

/* -- windows -- */

void dmirror_window_begin(struct dmirror *dmirror,
			  struct dmirror_window *window, unsigned long start,
			  unsigned long end, bool migrates)
{
	unsigned long seq;

	*window = (struct dmirror_window){
		.task = current,
		.start = start,
		.end = end,
		.migrates = migrates,
	};
	/* A bracket whose callback came before the window is seen by nobody,
	 * unless it is over. */
	for (;;) {
		seq = mmu_interval_read_begin(&dmirror->notifier);
		mutex_lock(&dmirror->mutex);
		if (!mmu_interval_read_retry(&dmirror->notifier, seq))
			break;
		mutex_unlock(&dmirror->mutex);
	}
	list_add(&window->list, &dmirror->windows);
	mutex_unlock(&dmirror->mutex);
}

void dmirror_window_end(struct dmirror *dmirror, struct dmirror_window *window)
{
	mutex_lock(&dmirror->mutex);
	list_del(&window->list);
	mutex_unlock(&dmirror->mutex);
}

bool dmirror_window_stale(const struct dmirror_window *window,
			  unsigned long addr)
{
	return window->stale >> VIEW_PAGE(addr) & 1;
}

void dmirror_window_put_back(struct dmirror *dmirror,
			     struct dmirror_window *window, unsigned long addr)
{
	u32 page = VIEW_PAGE(addr);

	mutex_lock(&dmirror->mutex);
	/* Who faulted it in meanwhile found the same page. */
	if (window->entry[page] && !dmirror->pt[page] &&
	    !dmirror_window_stale(window, addr))
		dmirror_pt_store(dmirror, addr >> PAGE_SHIFT,
				 window->entry[page]);
	window->entry[page] = NULL;
	mutex_unlock(&dmirror->mutex);
}

/* Program pages that [start, end) touches. */
static u32 page_mask(unsigned long start, unsigned long end)
{
	start = max(start, (unsigned long)USER_START);
	end = min(end, (unsigned long)USER_END);
	if (start >= end)
		return 0;
	return (2u << VIEW_PAGE(end - 1)) - (1u << VIEW_PAGE(start));
}

/* Needs the mutex. The window in which current migrates, or NULL. */
static struct dmirror_window *
dmirror_windows_invalidate(struct dmirror *dmirror,
			   const struct mmu_notifier_range *range)
{
	struct dmirror_window *window, *own = NULL;

	list_for_each_entry(window, &dmirror->windows, list) {
		if (window->task != current)
			window->stale |= page_mask(max(range->start,
						       window->start),
						   min(range->end,
						       window->end));
		else if (window->migrates)
			own = window;
	}
	return own;
}

/* Pages @start to @end >> PAGE_SHIFT, both inclusive: one more than the range
 * has. What is not in the table is faulted in again, so too much is no harm. */
static void dmirror_do_update(struct dmirror *dmirror, unsigned long start,
			      unsigned long end)
{
	u32 mask = page_mask(start, min(end, (unsigned long)USER_END) + 1);

	for (; mask; mask &= mask - 1) {
		u32 page = (u32)__builtin_ctz(mask);
		void *entry = dmirror->pt[page];

		dmirror_pt_erase(dmirror, FIRST_PFN + page);
		dmirror_pin_invalidated(entry);
	}
}

/*
 * A migration with our device on one side. By the task of @window: what is in
 * the table is kept in the window, for the pages that stay; which ones move is
 * not known yet. By another, a CPU's fault for one: what is there moves.
 */
static void dmirror_own_update(struct dmirror *dmirror,
			       const struct mmu_notifier_range *range,
			       struct dmirror_window *window)
{
	u32 mask = page_mask(range->start, range->end);

	if (window ? mutated(dm_copy_keeps_entry) :
		     mutated(dm_erases_without_mutex) ||
		     mutated(dm_erases_opener_only))
		return;
	for (; mask; mask &= mask - 1) {
		u32 page = (u32)__builtin_ctz(mask);

		if (window && dmirror->pt[page])
			window->entry[page] = dmirror->pt[page];
		dmirror_pt_erase(dmirror, FIRST_PFN + page);
	}
}

static bool dmirror_interval_invalidate(struct mmu_interval_notifier *mni,
				const struct mmu_notifier_range *range,
				unsigned long cur_seq)
{
	struct dmirror *dmirror = container_of(mni, struct dmirror, notifier);
	bool own = range->event == MMU_NOTIFY_MIGRATE &&
		   range->owner == dmirror->mdevice;
	struct dmirror_window *window;

	if (range->event == MMU_NOTIFY_PROTECTION_VMA &&
	    mutated(dm_ignores_mprotect))
		return true;
	if (range->event == MMU_NOTIFY_EXCLUSIVE &&
	    mutated(dm_ignores_exclusive))
		return true;

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&dmirror->mutex);
	else if (!mutex_trylock(&dmirror->mutex))
		return false;

	if (!mutated(dm_skip_set_seq) &&
	    !(own && mutated(dm_own_migrate_keeps_seq)))
		mmu_interval_set_seq(mni, cur_seq);
	window = dmirror_windows_invalidate(dmirror, range);
	if (own)
		dmirror_own_update(dmirror, range, window);
	else if (!mutated(dm_skip_erase))
		dmirror_do_update(dmirror, range->start, range->end);

	mutex_unlock(&dmirror->mutex);
	return true;
}

const struct mmu_interval_notifier_ops dmirror_min_ops = {
	.invalidate = dmirror_interval_invalidate,
};
