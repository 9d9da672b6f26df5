/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hmm.h: copy a range of CPU translations for a device.
 *
 * MODEL of <linux/hmm.h>, 6.12: same contract. Not modelled: DMA mapping
 * helpers. Implementation: targets/mm/hmm.c.
 */
#ifndef _LINUX_HMM_H
#define _LINUX_HMM_H

#include <linux/mm.h>

struct mmu_interval_notifier;

/*
 * In: what is asked of a page. Out: what was found. The two share their bits,
 * so an output used as input again is a request nobody made.
 */
enum hmm_pfn_flags {
	HMM_PFN_VALID = 1UL << (BITS_PER_LONG - 1),
	HMM_PFN_WRITE = 1UL << (BITS_PER_LONG - 2),
	HMM_PFN_ERROR = 1UL << (BITS_PER_LONG - 3),
	HMM_PFN_ORDER_SHIFT = (BITS_PER_LONG - 8),

	HMM_PFN_REQ_FAULT = HMM_PFN_VALID,
	HMM_PFN_REQ_WRITE = HMM_PFN_WRITE,

	HMM_PFN_FLAGS = 0xFFUL << HMM_PFN_ORDER_SHIFT,
};

static inline struct page *hmm_pfn_to_page(unsigned long hmm_pfn)
{
	return pfn_to_page(hmm_pfn & ~HMM_PFN_FLAGS);
}

/* How large the CPU's mapping is that the page is part of: 2^order pages, on
 * their natural boundary. */
static inline unsigned int hmm_pfn_to_map_order(unsigned long hmm_pfn)
{
	return hmm_pfn >> HMM_PFN_ORDER_SHIFT & 0x1f;
}

/**
 * struct hmm_range - what hmm_range_fault() walks
 * @notifier: an inserted interval notifier that covers the range
 * @notifier_seq: result of mmu_interval_read_begin()
 * @start: first byte
 * @end: end, exclusive
 * @hmm_pfns: one entry a page; in and out
 * @default_flags: ORed into each request
 * @pfn_flags_mask: which bits of hmm_pfns[] are requests
 * @dev_private_owner: whose device-private pages are reported, not faulted
 */
struct hmm_range {
	struct mmu_interval_notifier *notifier;
	unsigned long notifier_seq;
	unsigned long start;
	unsigned long end;
	unsigned long *hmm_pfns;
	unsigned long default_flags;
	unsigned long pfn_flags_mask;
	void *dev_private_owner;
};

/*
 * Needs mmap_lock, any mode. 0: every entry is an output, and true only if
 * the caller's read_retry says so. -EBUSY: an invalidation came; outputs and
 * inputs are mixed. -EINVAL, -EPERM, -EFAULT: no such access.
 */
int hmm_range_fault(struct hmm_range *range);

#define HMM_RANGE_DEFAULT_TIMEOUT 1000	/* milliseconds */

#endif /* _LINUX_HMM_H */
