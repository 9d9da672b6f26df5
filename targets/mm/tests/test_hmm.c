// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm: hmm_range_fault(), row by row of core.md 4.1.
 */
#include <linux/hmm.h>
#include <linux/slab.h>

#include "targets/mm/tests/mm_test.h"

#define FAULT	HMM_PFN_REQ_FAULT
#define WRITE	(HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE)

static bool invalidate(struct mmu_interval_notifier *sub,
		       const struct mmu_notifier_range *range,
		       unsigned long cur_seq)
{
	mmu_interval_set_seq(sub, cur_seq);
	return true;
}

static const struct mmu_interval_notifier_ops interval_ops = {
	.invalidate = invalidate,
};

static struct mmu_interval_notifier interval __machine;
static unsigned long pfns[PROG_PAGES] __machine;

/* Pages [first, first + nr), each asked for @req, or with @mask what its own
 * entry says; from a fresh sequence. */
static int walk_masked(struct mm_struct *mm, u32 first, u32 nr,
		       unsigned long req, unsigned long mask)
{
	struct hmm_range range = {
		.notifier = &interval,
		.start = VIEW_VA(first),
		.end = VIEW_VA(first + nr),
		.hmm_pfns = pfns,
		.default_flags = req,
		.pfn_flags_mask = mask,
	};
	int ret;

	range.notifier_seq = mmu_interval_read_begin(&interval);
	mmap_read_lock(mm);
	ret = hmm_range_fault(&range);
	mmap_read_unlock(mm);
	return ret;
}

static int walk(struct mm_struct *mm, u32 first, u32 nr, unsigned long req)
{
	return walk_masked(mm, first, nr, req, 0);
}

static void begin(struct mm_struct *mm)
{
	CUT_CHECK(mmu_interval_notifier_insert(&interval, mm, VIEW_VA(0),
					       PROG_PAGES * PAGE_SIZE,
					       &interval_ops) == 0);
}

static void end(struct mm_struct *mm)
{
	mmu_interval_notifier_remove(&interval);
	mm_leave(mm);
}

static bool points_at(u32 i, u32 page)
{
	return page_to_pfn(hmm_pfn_to_page(pfns[i])) ==
	       VIEW_PFN(test_entry(0, page));
}

/* Pages 0..7 rw, 8 r, 9 none, 10 and up nothing. */
void hmm_rows_hold(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	begin(mm);
	CUT_CHECK(walk(mm, 0, 0, 0) == -EINVAL);
	/* b: a hole inside the VMA, no table yet: nothing asked, nothing done */
	CUT_CHECK(walk(mm, 0, 1, 0) == 0 && !pfns[0]);
	CUT_CHECK(VIEW_KIND(test_entry(0, 0)) == VIEW_NONE);
	/* b: one asked page of a missing table faults the whole hole */
	CUT_CHECK(walk(mm, 0, 2, FAULT) == 0);
	CUT_CHECK(pfns[0] == (HMM_PFN_VALID | ZERO_PFN));
	CUT_CHECK(pfns[1] == (HMM_PFN_VALID | ZERO_PFN));
	/* c: none in a table */
	CUT_CHECK(walk(mm, 2, 1, 0) == 0 && !pfns[0]);
	CUT_CHECK(walk(mm, 2, 1, WRITE) == 0);
	CUT_CHECK((pfns[0] & WRITE) == WRITE && points_at(0, 2));
	/* f: what is there is reported as it is, asked or not */
	CUT_CHECK(walk(mm, 1, 2, 0) == 0);
	CUT_CHECK(pfns[0] == (HMM_PFN_VALID | ZERO_PFN));
	CUT_CHECK((pfns[1] & WRITE) == WRITE);
	/* f: read-only entry, writable VMA: a write fault */
	CUT_CHECK(walk(mm, 0, 1, WRITE) == -EBUSY);
	CUT_CHECK(walk(mm, 0, 1, WRITE) == 0);
	CUT_CHECK((pfns[0] & WRITE) == WRITE && points_at(0, 0));

	CUT_CHECK(mmap_anon(mm, VIEW_VA(8), PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(9), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(walk(mm, 8, 1, FAULT) == 0 && pfns[0] & HMM_PFN_VALID);
	CUT_CHECK(walk(mm, 8, 1, WRITE) == -EPERM);
	/* a: a VMA that cannot be read */
	CUT_CHECK(walk(mm, 9, 1, 0) == 0 && pfns[0] == HMM_PFN_ERROR);
	CUT_CHECK(walk(mm, 9, 1, FAULT) == -EFAULT);
	/* b: no VMA */
	CUT_CHECK(walk(mm, 10, 1, 0) == 0 && pfns[0] == HMM_PFN_ERROR);
	CUT_CHECK(walk(mm, 10, 1, FAULT) == -EFAULT);
	/* across all of them, nothing asked */
	CUT_CHECK(walk(mm, 7, 5, 0) == 0);
	CUT_CHECK(!pfns[0] && pfns[1] & HMM_PFN_VALID &&
		  pfns[2] == HMM_PFN_ERROR && pfns[3] == HMM_PFN_ERROR &&
		  pfns[4] == HMM_PFN_ERROR);
	/* f: an entry whose rights were taken is not there for a device */
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_NONE) == 0);
	CUT_CHECK(walk(mm, 0, 1, FAULT) == -EFAULT);
	end(mm);
}

/* c: one entry asked for faults all up to the end of the VMA's part. */
void hmm_fault_takes_the_rest(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	begin(mm);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	pfns[0] = 0;
	pfns[1] = FAULT;
	pfns[2] = 0;
	CUT_CHECK(walk_masked(mm, 1, 3, 0, ~0ul) == 0);
	CUT_CHECK(!pfns[0] && VIEW_KIND(test_entry(0, 1)) == VIEW_NONE);
	CUT_CHECK(pfns[1] == (HMM_PFN_VALID | ZERO_PFN));
	CUT_CHECK(pfns[2] == (HMM_PFN_VALID | ZERO_PFN));
	CUT_CHECK(VIEW_KIND(test_entry(0, 4)) == VIEW_NONE);
	end(mm);
}

/* The fault's own copy on write invalidates what the walk stands on. */
void hmm_cow_retries_once(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	begin(mm);
	CUT_CHECK(test_store(mm, 0, 1) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(walk(mm, 0, 1, FAULT) == 0 && !(pfns[0] & HMM_PFN_WRITE));
	CUT_CHECK(walk(mm, 0, 1, WRITE) == -EBUSY);
	CUT_CHECK(walk(mm, 0, 1, WRITE) == 0);
	CUT_CHECK((pfns[0] & WRITE) == WRITE && points_at(0, 0));
	mmput(child);
	end(mm);
}

void hmm_stale_seq_is_busy(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct hmm_range range = {
		.notifier = &interval,
		.start = VIEW_VA(0),
		.end = VIEW_VA(1),
		.hmm_pfns = pfns,
		.default_flags = FAULT,
	};

	begin(mm);
	range.notifier_seq = mmu_interval_read_begin(&interval);
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	mmap_read_lock(mm);
	CUT_CHECK(hmm_range_fault(&range) == -EBUSY);
	mmap_read_unlock(mm);
	end(mm);
}
