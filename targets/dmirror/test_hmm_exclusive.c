// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_exclusive: pages the CPU lends to the device for its atomics.
 *
 * Models the EXCLUSIVE and CHECK_EXCLUSIVE parts of lib/test_hmm.c, 6.12; spec
 * device-exclusive.md 4, dmirror-and-hmm-tests.md 3.
 *
 * The pages come back locked, and a CPU that wants one back waits for that
 * lock; so nobody restores an entry before it is in our table, and the callback
 * of the restore takes it out again. MADV_DONTNEED, the OOM reaper and
 * truncation wait for no page lock: what they zapped is not to be stored, which
 * is what the window is for (test_hmm.c).
 *
 * Differences: the window; without it upstream keeps an entry of a page that
 * was zapped between make_device_exclusive_range() and the mutex (W-T2). And
 * CHECK_EXCLUSIVE takes the mutex, where an xarray can be read without.
 */
#include <linux/errno.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

int dmirror_check_atomic(struct dmirror *dmirror, unsigned long start,
			 unsigned long end)
{
	unsigned long pfn;
	int ret = 0;

	mutex_lock(&dmirror->mutex);
	for (pfn = start >> PAGE_SHIFT; pfn < end >> PAGE_SHIFT; pfn++) {
		void *entry = dmirror_pt_load(dmirror, pfn);

		if (xa_pointer_tag(entry) == DPT_XA_TAG_ATOMIC) {
			ret = -EPERM;
			break;
		}
	}
	mutex_unlock(&dmirror->mutex);
	return ret;
}

/* How many of @pages, which are locked, are in the table now. */
static unsigned long dmirror_atomic_map(unsigned long start, unsigned long end,
					struct page **pages,
					struct dmirror *dmirror,
					const struct dmirror_window *window)
{
	unsigned long addr, mapped = 0;

	mutex_lock(&dmirror->mutex);
	for (addr = start; addr < end; addr += PAGE_SIZE, pages++) {
		if (!*pages)
			continue;
		if (dmirror_window_stale(window, addr) &&
		    !mutated(dm_t2_exclusive_without_seq))
			continue;
		dmirror_pt_store(dmirror, addr >> PAGE_SHIFT,
				 xa_tag_pointer(*pages, DPT_XA_TAG_ATOMIC));
		mapped++;
	}
	mutex_unlock(&dmirror->mutex);
	return mapped;
}

static void dmirror_exclusive_put(struct page **pages, int nr, bool failed)
{
	for (int i = 0; i < nr; i++) {
		if (!pages[i])
			continue;
		if (!(failed && mutated(dm_exclusive_keeps_lock)))
			folio_unlock(page_folio(pages[i]));
		put_user_page(pages[i]);
	}
}

/* 0: all of [addr, next) is exclusive and in the table; -EBUSY: some is not.
 * What became exclusive stays so. Needs mmap_lock. */
static int dmirror_exclusive_batch(struct dmirror *dmirror, unsigned long addr,
				   unsigned long next,
				   const struct dmirror_window *window)
{
	struct mm_struct *mm = dmirror->notifier.mm;
	unsigned long npages = (next - addr) >> PAGE_SHIFT, mapped = 0;
	struct page *pages[DMIRROR_BATCH];
	int ret;

	ret = make_device_exclusive_range(mm, addr, next, pages, NULL);
	/* Of fewer than all, pages[] says nothing about the rest. */
	if (ret == (int)npages)
		mapped = dmirror_atomic_map(addr, next, pages, dmirror, window);
	dmirror_exclusive_put(pages, ret, mapped < npages);
	return mapped < npages ? -EBUSY : 0;
}

int dmirror_exclusive(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	unsigned long start = cmd->addr;
	unsigned long end = start + (cmd->npages << PAGE_SHIFT);
	struct mm_struct *mm = dmirror->notifier.mm;
	struct dmirror_window window;
	unsigned long addr, next;
	int ret = 0;

	/* It is another process' mm, and may be gone. */
	if (!mmget_not_zero(mm))
		return -EINVAL;

	dmirror_window_begin(dmirror, &window, start, end, false);
	mmap_read_lock(mm);
	for (addr = start; addr < end && !ret; addr = next) {
		next = min(end, addr + (DMIRROR_BATCH << PAGE_SHIFT));
		ret = dmirror_exclusive_batch(dmirror, addr, next, &window);
	}
	mmap_read_unlock(mm);
	dmirror_window_end(dmirror, &window);
	if (!(ret && mutated(dm_exclusive_keeps_mm)))
		mmput(mm);
	if (ret)
		return ret;

	return dmirror_read_back(dmirror, cmd);
}
