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
 * A page of the device that asks is reported where it is, since that device
 * reaches it there; its entry is not made writable by asking for write. Pages
 * of other devices, and pages lent to one, are faulted back to system memory. A
 * page on the move is waited for, as its old frame may be anybody's soon.
 *
 * The owner of a device page is read without the PTL, as upstream does: an RCU
 * section from the entry to the owner, which memunmap_pages() waits for, keeps
 * the pgmap. Upstream's is opened by pte_offset_map().
 *
 * A huge entry is one word for all its pages: a split under the walk comes with
 * a bracket, and so with a retry.
 *
 * Differences: two levels of tables; no hugetlb, no markers, no real swap
 * entries; no device-managed present entries: a special one that is not the
 * zero page's was inserted by a driver and has no page to report.
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/huge_mm.h>
#include <linux/memremap.h>
#include <linux/mmu_notifier.h>
#include <linux/rcupdate.h>
#include <linux/swapops.h>

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
		     unsigned long addr, unsigned long end,
		     unsigned long cpu_flags)
{
	unsigned int required_fault = 0;

	for (; addr < end; addr += PAGE_SIZE)
		required_fault |= hmm_pte_need_fault(hmm_vma_walk,
				*hmm_pfn_at(hmm_vma_walk->range, addr),
				cpu_flags);
	return required_fault;
}

/* No table, or no VMA: a need is an error only where there is no VMA. */
static int hmm_vma_walk_hole(unsigned long addr, unsigned long end,
			     struct hmm_vma_walk *hmm_vma_walk,
			     struct vm_area_struct *vma)
{
	struct hmm_range *range = hmm_vma_walk->range;
	unsigned int required_fault =
		hmm_range_need_fault(hmm_vma_walk, addr, end, 0);

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

static unsigned long pmd_to_hmm_pfn_flags(pte_t pmd)
{
	unsigned long order = (unsigned long)HPAGE_PMD_ORDER
			      << HMM_PFN_ORDER_SHIFT;

	if (pte_protnone(pmd))
		return 0;
	return HMM_PFN_VALID | (pte_write(pmd) ? HMM_PFN_WRITE : 0) | order;
}

/* The part [addr, end) of a huge entry that was read as @pmd. */
static int hmm_vma_handle_pmd(struct hmm_vma_walk *hmm_vma_walk,
			      struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, pte_t pmd)
{
	struct hmm_range *range = hmm_vma_walk->range;
	unsigned long cpu_flags = pmd_to_hmm_pfn_flags(pmd);
	unsigned int required_fault =
		hmm_range_need_fault(hmm_vma_walk, addr, end, cpu_flags);
	unsigned long pfn = pte_pfn(pmd_pte(pmd, addr));

	if (required_fault)
		return hmm_vma_fault(addr, end, required_fault, hmm_vma_walk,
				     vma);
	if (mutated(hmm_huge_skip_offset))
		pfn = pte_pfn(pmd);
	for (; addr < end; addr += PAGE_SIZE, pfn++)
		*hmm_pfn_at(range, addr) = pfn | cpu_flags;
	return 0;
}

static unsigned long pte_to_hmm_pfn_flags(pte_t pte)
{
	if (pte_none(pte) || !pte_present(pte) || pte_protnone(pte))
		return 0;
	if (pte_write(pte) || (!pte_special(pte) && mutated(hmm_reports_write)))
		return HMM_PFN_VALID | HMM_PFN_WRITE;
	return HMM_PFN_VALID;
}

/* The entry at @ptep; @own: of a page of the device that asks. */
static pte_t hmm_pte_get(const struct hmm_range *range, const pte_t *ptep,
			 bool *own)
{
	swp_entry_t entry;
	pte_t pte;

	__rcu_read_lock();
	pte = ptep_get_lockless(ptep);
	*own = false;
	if (is_swap_pte(pte)) {
		entry = pte_to_swp_entry(pte);
		*own = is_device_private_entry(entry) &&
		       pfn_swap_entry_to_page(entry)->pgmap->owner ==
		       range->dev_private_owner;
	}
	__rcu_read_unlock();
	return pte;
}

/* Reported as it is: the device that asks reaches it there. */
static unsigned long hmm_own_device_pfn(swp_entry_t entry)
{
	unsigned long cpu_flags = HMM_PFN_VALID;

	if (is_writable_device_private_entry(entry) ||
	    mutated(hmm_own_page_is_writable))
		cpu_flags |= HMM_PFN_WRITE;
	return swp_offset_pfn(entry) | cpu_flags;
}

/* An entry that is neither empty nor present; @end as below. */
static int hmm_vma_handle_swap(struct hmm_vma_walk *hmm_vma_walk,
			       struct vm_area_struct *vma, unsigned long addr,
			       unsigned long end, swp_entry_t entry)
{
	struct hmm_range *range = hmm_vma_walk->range;
	unsigned long *hmm_pfn = hmm_pfn_at(range, addr);
	unsigned int required_fault;

	if (is_migration_entry(entry) && mutated(hmm_reports_moving)) {
		*hmm_pfn = swp_offset_pfn(entry) | HMM_PFN_VALID;
		return 0;
	}
	required_fault = hmm_pte_need_fault(hmm_vma_walk, *hmm_pfn, 0);
	if (!required_fault) {
		*hmm_pfn = 0;
		return 0;
	}
	if ((is_device_private_entry(entry) &&
	     !mutated(hmm_foreign_is_error)) ||
	    is_device_exclusive_entry(entry))
		return hmm_vma_fault(addr, end, required_fault, hmm_vma_walk,
				     vma);
	if (is_migration_entry(entry)) {
		hmm_vma_walk->last = addr;
		if (!mutated(hmm_spins_on_migration))
			migration_entry_wait(vma->vm_mm,
					     pmd_offset(vma->vm_mm, addr),
					     addr);
		return -EBUSY;
	}
	return -EFAULT;
}

/* The entry of @addr; a fault goes on to @end. */
static int hmm_vma_handle_pte(struct hmm_vma_walk *hmm_vma_walk,
			      struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, const pte_t *ptep)
{
	unsigned long *hmm_pfn = hmm_pfn_at(hmm_vma_walk->range, addr);
	unsigned long cpu_flags;
	unsigned int required_fault;
	bool own;
	pte_t pte = hmm_pte_get(hmm_vma_walk->range, ptep, &own);

	if (own) {
		*hmm_pfn = hmm_own_device_pfn(pte_to_swp_entry(pte));
		return 0;
	}
	if (is_swap_pte(pte))
		return hmm_vma_handle_swap(hmm_vma_walk, vma, addr, end,
					   pte_to_swp_entry(pte));
	cpu_flags = pte_to_hmm_pfn_flags(pte);
	required_fault = hmm_pte_need_fault(hmm_vma_walk, *hmm_pfn, cpu_flags);
	if (required_fault)
		return hmm_vma_fault(addr, end, required_fault, hmm_vma_walk,
				     vma);
	if (pte_none(pte)) {
		*hmm_pfn = 0;
		return 0;
	}
	if (pte_special(pte) && !is_zero_pfn(pte_pfn(pte))) {
		if (hmm_pte_need_fault(hmm_vma_walk, *hmm_pfn, 0))
			return -EFAULT;
		*hmm_pfn = HMM_PFN_ERROR;
		return 0;
	}
	*hmm_pfn = pte_pfn(pte) | cpu_flags;
	return 0;
}

/* The part of @vma within [addr, end), which one entry or table covers. */
static int hmm_vma_walk_pmd(struct hmm_vma_walk *hmm_vma_walk,
			    struct vm_area_struct *vma, unsigned long addr,
			    unsigned long end)
{
	pmd_t *pmdp = pmd_offset(vma->vm_mm, addr);
	struct page_table *table;
	int ret = 0;
	pte_t pmd;

	if (unlikely(pmd_trans_huge(pmdp))) {
		pmd = pmdp_get_lockless(pmdp);
		if (!pte_none(pmd))
			return hmm_vma_handle_pmd(hmm_vma_walk, vma, addr, end,
						  pmd);
	}
	table = pmd_pgtable(pmdp);
	if (!table)
		return hmm_vma_walk_hole(addr, end, hmm_vma_walk, vma);
	for (; addr < end && !ret; addr += PAGE_SIZE)
		ret = hmm_vma_handle_pte(hmm_vma_walk, vma, addr, end,
					 pte_offset(table, addr));
	return ret;
}

/* The part of @vma within [addr, end). */
static int hmm_vma_walk_vma(struct hmm_vma_walk *hmm_vma_walk,
			    struct vm_area_struct *vma, unsigned long addr,
			    unsigned long end)
{
	struct hmm_range *range = hmm_vma_walk->range;
	unsigned long next;
	int ret = 0;

	if ((vma->vm_flags & (VM_IO | VM_PFNMAP)) ||
	    !(vma->vm_flags & VM_READ)) {
		if (hmm_range_need_fault(hmm_vma_walk, addr, end, 0))
			return -EFAULT;
		return hmm_pfns_fill(addr, end, range, HMM_PFN_ERROR);
	}
	for (; addr < end && !ret; addr = next) {
		next = pmd_addr_end(addr, end);
		ret = hmm_vma_walk_pmd(hmm_vma_walk, vma, addr, next);
	}
	return ret;
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
