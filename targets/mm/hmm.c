// SPDX-License-Identifier: GPL-2.0
/*
 * hmm.c: copy CPU translations for a device, faulting in what it asks for.
 *
 * Models mm/hmm.c, 6.12. Spec: core.md 4, 4.1.
 *
 * Holds mmap_lock, any mode, from the caller; reads entries without the PTL
 * and takes no page reference, so every result may be wrong by the time it is
 * returned. Only the caller's mmu_interval_read_retry(), under its own lock,
 * makes it true; the check at the top of each round just ends futile walks.
 *
 * An entry that needs a fault takes the rest of its table's part of the VMA
 * with it, asked for or not: upstream's hmm_vma_handle_pte() passes on the end
 * of its caller's loop, not of its page.
 *
 * A round that had to fault starts the walk again at the first page faulted,
 * and the fault may itself have raised the sequence (copy on write): then the
 * whole walk returns -EBUSY once. That is normal.
 *
 * Differences: one level of tables; no huge entries; no swap-type entries, as
 * none exist yet.
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/mmu_notifier.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

struct hmm_vma_walk {
	struct hmm_range *range;
	unsigned long last;	/* below: outputs; from here on: inputs */
};

enum {
	HMM_NEED_FAULT		= 1 << 0,
	HMM_NEED_WRITE_FAULT	= 1 << 1,
};

static unsigned long *hmm_pfn_at(struct hmm_range *range, unsigned long addr)
{
	return &range->hmm_pfns[(addr - range->start) >> PAGE_SHIFT];
}

static int hmm_pfns_fill(unsigned long addr, unsigned long end,
			 struct hmm_range *range, unsigned long cpu_flags)
{
	for (; addr < end; addr += PAGE_SIZE)
		*hmm_pfn_at(range, addr) = cpu_flags;
	return 0;
}

/*
 * Fault in [addr, end). -EBUSY: done, walk again from @addr. VM_FAULT_RETRY is
 * not allowed, so mmap_lock is never dropped.
 */
static int hmm_vma_fault(unsigned long addr, unsigned long end,
			 unsigned int required_fault,
			 struct hmm_vma_walk *hmm_vma_walk,
			 struct vm_area_struct *vma)
{
	unsigned int fault_flags = FAULT_FLAG_REMOTE;

	WARN_ON(!required_fault);
	hmm_vma_walk->last = addr;
	if (required_fault & HMM_NEED_WRITE_FAULT) {
		if (!(vma->vm_flags & VM_WRITE))
			return -EPERM;
		fault_flags |= FAULT_FLAG_WRITE;
	}
	for (; addr < end; addr += PAGE_SIZE)
		if (handle_mm_fault(vma, addr, fault_flags) & VM_FAULT_ERROR)
			return -EFAULT;
	return -EBUSY;
}

/* What must be done before an entry found as @cpu_flags answers @pfn_req. */
static unsigned int hmm_pte_need_fault(const struct hmm_vma_walk *hmm_vma_walk,
				       unsigned long pfn_req_flags,
				       unsigned long cpu_flags)
{
	struct hmm_range *range = hmm_vma_walk->range;

	pfn_req_flags &= range->pfn_flags_mask;
	pfn_req_flags |= range->default_flags;
	if (!(pfn_req_flags & HMM_PFN_REQ_FAULT))
		return 0;
	if ((pfn_req_flags & HMM_PFN_REQ_WRITE) && !(cpu_flags & HMM_PFN_WRITE))
		return HMM_NEED_FAULT | HMM_NEED_WRITE_FAULT;
	return cpu_flags & HMM_PFN_VALID ? 0 : HMM_NEED_FAULT;
}

static unsigned int
hmm_range_need_fault(const struct hmm_vma_walk *hmm_vma_walk,
		     unsigned long addr, unsigned long end)
{
	unsigned int required_fault = 0;

	for (; addr < end; addr += PAGE_SIZE)
		required_fault |= hmm_pte_need_fault(hmm_vma_walk,
				*hmm_pfn_at(hmm_vma_walk->range, addr), 0);
	return required_fault;
}

/* No table, or no VMA: a need is an error only where there is no VMA. */
static int hmm_vma_walk_hole(unsigned long addr, unsigned long end,
			     struct hmm_vma_walk *hmm_vma_walk,
			     struct vm_area_struct *vma)
{
	struct hmm_range *range = hmm_vma_walk->range;
	unsigned int required_fault =
		hmm_range_need_fault(hmm_vma_walk, addr, end);

	if (!vma) {
		if (required_fault)
			return -EFAULT;
		return hmm_pfns_fill(addr, end, range, HMM_PFN_ERROR);
	}
	if (required_fault)
		return hmm_vma_fault(addr, end, required_fault, hmm_vma_walk,
				     vma);
	return hmm_pfns_fill(addr, end, range, 0);
}

static unsigned long pte_to_hmm_pfn_flags(pte_t pte)
{
	if (pte_none(pte) || !pte_present(pte) || pte_protnone(pte))
		return 0;
	if (pte_write(pte) || (!pte_special(pte) && mutated(hmm_reports_write)))
		return HMM_PFN_VALID | HMM_PFN_WRITE;
	return HMM_PFN_VALID;
}

static int hmm_vma_handle_pte(struct hmm_vma_walk *hmm_vma_walk,
			      struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, const pte_t *ptep)
{
	unsigned long *hmm_pfn = hmm_pfn_at(hmm_vma_walk->range, addr);
	pte_t pte = ptep_get_lockless(ptep);
	unsigned long cpu_flags = 0;
	unsigned int required_fault;

	if (pte_present(pte))
		cpu_flags = pte_to_hmm_pfn_flags(pte);
	required_fault = hmm_pte_need_fault(hmm_vma_walk, *hmm_pfn, cpu_flags);
	if (required_fault)
		return hmm_vma_fault(addr, end, required_fault, hmm_vma_walk,
				     vma);
	*hmm_pfn = pte_present(pte) ? pte_pfn(pte) | cpu_flags : 0;
	return 0;
}

/* The part of @vma within [addr, end). */
static int hmm_vma_walk_vma(struct hmm_vma_walk *hmm_vma_walk,
			    struct vm_area_struct *vma, unsigned long addr,
			    unsigned long end)
{
	struct hmm_range *range = hmm_vma_walk->range;
	struct page_table *table = pmd_pgtable(&vma->vm_mm->pmd);
	int ret;

	if ((vma->vm_flags & (VM_IO | VM_PFNMAP)) ||
	    !(vma->vm_flags & VM_READ)) {
		if (hmm_range_need_fault(hmm_vma_walk, addr, end))
			return -EFAULT;
		return hmm_pfns_fill(addr, end, range, HMM_PFN_ERROR);
	}
	if (!table)
		return hmm_vma_walk_hole(addr, end, hmm_vma_walk, vma);
	for (; addr < end; addr += PAGE_SIZE) {
		ret = hmm_vma_handle_pte(hmm_vma_walk, vma, addr, end,
					 pte_offset(table, addr));
		if (ret)
			return ret;
	}
	return 0;
}

static int walk_page_range(struct mm_struct *mm, unsigned long addr,
			   unsigned long end, struct hmm_vma_walk *hmm_vma_walk)
{
	struct vm_area_struct *vma;
	unsigned long next;
	int ret = 0;

	if (addr >= end)
		return -EINVAL;
	for (; addr < end && !ret; addr = next) {
		vma = find_vma(mm, addr);
		if (!vma || vma->vm_start > addr) {
			next = vma ? min(vma->vm_start, end) : end;
			ret = hmm_vma_walk_hole(addr, next, hmm_vma_walk, NULL);
		} else {
			next = min(vma->vm_end, end);
			ret = hmm_vma_walk_vma(hmm_vma_walk, vma, addr, next);
		}
	}
	return ret;
}

int hmm_range_fault(struct hmm_range *range)
{
	struct mm_struct *mm = range->notifier->mm;
	struct hmm_vma_walk hmm_vma_walk = {
		.range = range,
		.last = range->start,
	};
	int ret = -EBUSY;

	mmap_assert_locked(mm);
	do {
		if (mmu_interval_check_retry(range->notifier,
					     range->notifier_seq))
			break;
		ret = walk_page_range(mm, hmm_vma_walk.last, range->end,
				      &hmm_vma_walk);
	} while (ret == -EBUSY);
	view_emit(EV_hmm_range_fault, mm->slot, range->start, (u64)(s64)ret);
	return ret;
}
