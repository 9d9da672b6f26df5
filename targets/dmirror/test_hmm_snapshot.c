// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_snapshot: what the CPU maps, without asking for anything.
 *
 * Models the SNAPSHOT part of lib/test_hmm.c, 6.12; spec
 * dmirror-and-hmm-tests.md 3.1.
 *
 * A snapshot goes into no table, so it has an interval notifier of its own,
 * over just its range, which has nothing to clear: it comes and goes beside
 * invalidations and beside the notifier of the mirror.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched/mm.h>

#include "targets/dmirror/test_hmm.h"

struct dmirror_interval {
	struct mmu_interval_notifier notifier;
	struct dmirror *dmirror;
};

static void dmirror_mkentry(struct dmirror *dmirror, u8 *perm,
			    unsigned long entry)
{
	struct page *page;

	if (entry & HMM_PFN_ERROR) {
		*perm = HMM_DMIRROR_PROT_ERROR;
		return;
	}
	if (!(entry & HMM_PFN_VALID)) {
		*perm = HMM_DMIRROR_PROT_NONE;
		return;
	}

	page = hmm_pfn_to_page(entry);
	if (is_device_private_page(page)) {
		if (dmirror->mdevice == dmirror_page_to_device(page))
			*perm = HMM_DMIRROR_PROT_DEV_PRIVATE_LOCAL;
		else
			*perm = HMM_DMIRROR_PROT_DEV_PRIVATE_REMOTE;
	} else if (is_zero_pfn(page_to_pfn(page))) {
		*perm = HMM_DMIRROR_PROT_ZERO;
	} else {
		*perm = HMM_DMIRROR_PROT_NONE;
	}
	if (entry & HMM_PFN_WRITE)
		*perm |= HMM_DMIRROR_PROT_WRITE;
	else
		*perm |= HMM_DMIRROR_PROT_READ;
	if (hmm_pfn_to_map_order(entry) + PAGE_SHIFT == PMD_SHIFT)
		*perm |= HMM_DMIRROR_PROT_PMD;
}

static bool dmirror_snapshot_invalidate(struct mmu_interval_notifier *mni,
				const struct mmu_notifier_range *range,
				unsigned long cur_seq)
{
	struct dmirror_interval *dmi =
		container_of(mni, struct dmirror_interval, notifier);
	struct dmirror *dmirror = dmi->dmirror;

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&dmirror->mutex);
	else if (!mutex_trylock(&dmirror->mutex))
		return false;
	mmu_interval_set_seq(mni, cur_seq);
	mutex_unlock(&dmirror->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops dmirror_mrn_ops = {
	.invalidate = dmirror_snapshot_invalidate,
};

/* On 0 the mutex is held: what range->hmm_pfns says is true meanwhile. */
static int dmirror_range_walk(struct dmirror *dmirror, struct hmm_range *range)
{
	struct mm_struct *mm = dmirror->notifier.mm;
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
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

		mutex_lock(&dmirror->mutex);
		if (!mmu_interval_read_retry(range->notifier,
					     range->notifier_seq))
			return 0;
		mutex_unlock(&dmirror->mutex);
	}
}

static int dmirror_range_snapshot(struct dmirror *dmirror,
				  struct hmm_range *range, u8 *perm)
{
	struct dmirror_interval notifier = { .dmirror = dmirror };
	unsigned long i, n = (range->end - range->start) >> PAGE_SHIFT;
	int ret;

	range->notifier = &notifier.notifier;
	rt_name(range->notifier, "snapshot", -1);
	ret = mmu_interval_notifier_insert(range->notifier,
					   dmirror->notifier.mm, range->start,
					   range->end - range->start,
					   &dmirror_mrn_ops);
	if (ret)
		return ret;

	ret = dmirror_range_walk(dmirror, range);
	if (!ret) {
		for (i = 0; i < n; i++)
			dmirror_mkentry(dmirror, perm + i, range->hmm_pfns[i]);
		mutex_unlock(&dmirror->mutex);
	}
	mmu_interval_notifier_remove(range->notifier);
	return ret;
}

/* To the program's memory; -EFAULT: not accessible. */
static int dmirror_perm_out(const u8 *perm, unsigned long n,
			    struct dmirror_buffer *to)
{
	if (to->fault)
		return -EFAULT;
	for (unsigned long i = 0; i < n; i++)
		to->byte[to->nr++] = perm[i];
	return 0;
}

int dmirror_snapshot(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	unsigned long start = cmd->addr;
	unsigned long end = start + (cmd->npages << PAGE_SHIFT);
	struct mm_struct *mm = dmirror->notifier.mm;
	unsigned long pfns[DMIRROR_BATCH];
	u8 perm[DMIRROR_BATCH];
	struct hmm_range range = {
		.hmm_pfns = pfns,
		.dev_private_owner = dmirror->mdevice,
	};
	unsigned long addr, next;
	int ret = 0;

	/* It is another process' mm, and may be gone. */
	if (!mmget_not_zero(mm))
		return -EINVAL;

	for (addr = start; addr < end; addr = next) {
		unsigned long n;

		next = min(addr + (DMIRROR_BATCH << PAGE_SHIFT), end);
		range.start = addr;
		range.end = next;

		ret = dmirror_range_snapshot(dmirror, &range, perm);
		if (ret)
			break;

		n = (range.end - range.start) >> PAGE_SHIFT;
		ret = dmirror_perm_out(perm, n, cmd->ptr);
		if (ret)
			break;
		cmd->cpages += n;
	}
	mmput(mm);
	return ret;
}
