// SPDX-License-Identifier: GPL-2.0
/*
 * hmm_fault.c: a device faults: the mirror's table is filled from the CPU's.
 *
 * Models hmm_mirror_fault() of mm/hmm.c, "HMM: add device page fault support"
 * (v12, patch 08/29). Spec: hmm-v12.md 5, 6, 8.
 *
 * The fault is listed while it walks the CPU's tables, without their locks,
 * and until the device has been told; an invalidation that overlaps waits for
 * that and has the device told in its turn, so the order of the two calls is
 * that of the two facts:
 *
 *	device fault				invalidation
 *	listed; walk, fill
 *						its range is listed
 *						backoff; waits
 *	update(fault)
 *	unlisted
 *						update(invalidation) [after]
 *						the CPU's entries change
 *
 * What is missing in the CPU's tables is faulted in unlisted, since that may
 * wait for who invalidates; then all begins anew.
 *
 * Lock order: hmm.c. mmap_lock is held for reading from the VMA to the end of
 * a round, but for a CPU fault that drops it.
 *
 * Differences, ORIGINAL rows of mutations.def:
 *  - an address space is used only while it has users (not in the posting, and
 *    not in the spec either: h12_fault_skip_mmget);
 *  - that a CPU fault dropped mmap_lock is told by a flag of its own, not by
 *    the value -EBUSY, which a device may return too;
 *  - each CPU entry is read once;
 *  - of a huge page only what the event asks for is filled: who invalidates the
 *    rest need not wait for this fault (W-B9); from the frame of its first page,
 *    to an exclusive end (Q-B1, Q-B2);
 *  - the CPU's table is read at the address the loop has come to;
 *  - a mirror found dead ends its iterator (Q-B8);
 * and, which no program is long enough to show, a fault gives up with -EBUSY
 * after a second of starting over (Q-B6). Nor can be seen that
 *  - an entry of the CPU that became huge or none in between starts over, where
 *    the posting fails with -EFAULT: the list of faults keeps it as it was;
 *  - an entry of the mirror table that names another page than the CPU's is not
 *    a bug but about to be invalidated (Q-B4): whoever takes a page away and
 *    tells of it after holds the folio lock, and another page is not mapped
 *    there without it;
 *  - who was asked to give way after the device was told does not start over;
 *  - a walk that ends well has filled all of the event, so there is no second.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/huge_mm.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "targets/hmm_mirror/hmm.h"
#include "targets/mutation.h"

#define HMM_FAULT_TIMEOUT_MS	1000

/* What a walk hands down. */
struct hmm_mirror_fault {
	struct hmm_mirror *mirror;
	struct hmm_event *event;
	struct vm_area_struct *vma;
	unsigned long addr;		/* up to here all is filled */
	struct hmm_pt_iter *iter;
};

/*
 * 0, or why the CPU's fault failed. -EBUSY: and mmap_lock was dropped, which
 * *@locked tells.
 */
static int hmm_mm_fault(const struct hmm_event *event,
			struct vm_area_struct *vma, unsigned long addr,
			bool *locked)
{
	unsigned int flags = FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_REMOTE;
	vm_fault_t r;

	if (event->etype == HMM_DEVICE_WFAULT)
		flags |= FAULT_FLAG_WRITE;
	for (addr &= PAGE_MASK; addr < event->end; addr += PAGE_SIZE) {
		r = handle_mm_fault(vma, addr, flags);
		if (r & VM_FAULT_RETRY) {
			*locked = false;
			return -EBUSY;
		}
		if (r & VM_FAULT_ERROR)
			return r & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
	}
	return 0;
}

/*
 * The mirror's entry of @addr for what the CPU has there. Directory locked. 0;
 * -EAGAIN: it names another page, whose invalidation is still to come.
 */
static int fill_entry(struct hmm_pt_iter *iter, unsigned long addr,
		      dma_addr_t *hmm_pte, unsigned long pfn, bool write)
{
	dma_addr_t entry = hmm_pte_read(hmm_pte);

	if (!hmm_pte_valid(entry)) {
		entry = hmm_pte_from_pfn(pfn);
		hmm_pte_set(iter, addr, hmm_pte, entry);
		if (!mutated(h12_skip_directory_ref))
			hmm_pt_iter_directory_ref(iter);
	}
	if (hmm_pte_pfn(entry) != pfn)
		return -EAGAIN;
	if (write && !(entry & HMM_PTE_WRITE))
		hmm_pte_set_write(iter, addr, hmm_pte);
	return 0;
}

/* [addr, end), pages of one huge entry, from frame @pfn on. */
static int fill_huge(struct hmm_mirror_fault *fault, unsigned long addr,
		     unsigned long end, unsigned long pfn, bool write)
{
	struct hmm_pt_iter *iter = fault->iter;
	dma_addr_t *hmm_pte;
	unsigned long next;
	int ret = 0;

	while (!ret && addr < end) {
		u32 index = hmm_pt_index(addr, HMM_PT_LLEVEL);

		next = end;
		hmm_pte = hmm_pt_iter_populate(iter, addr, &next);
		if (!hmm_pte)
			return -ENOMEM;
		/* It points at the entry of @addr already. */
		if (mutated(h12_hpmd_index_twice)) {
			hmm_pte += index;
			index += index;
		}
		hmm_pt_iter_directory_lock(iter);
		do {
			/* Past the end of the directory. */
			BUG_ON(index++ >= HMM_PT_ENTRIES);
			ret = fill_entry(iter, addr, hmm_pte, pfn, write);
		} while (!ret && (addr += PAGE_SIZE, pfn++, hmm_pte++,
				  addr != next));
		hmm_pt_iter_directory_unlock(iter);
	}
	if (!ret)
		fault->addr = addr;
	return ret;
}

static int hmm_mirror_fault_hpmd(struct hmm_mirror_fault *fault, pmd_t *pmdp,
				 unsigned long start, unsigned long end)
{
	bool write = fault->event->etype == HMM_DEVICE_WFAULT;
	struct mm_struct *mm = fault->mirror->hmm->mm;
	const unsigned long first = start & PMD_MASK;
	unsigned long pfn;
	pte_t pmd;

	spin_lock(&mm->page_table_lock);
	pmd = pmdp_get(pmdp);
	if (pte_none(pmd)) {
		spin_unlock(&mm->page_table_lock);
		return -EAGAIN;
	}
	if (write && !pte_write(pmd)) {
		spin_unlock(&mm->page_table_lock);
		return -ENOENT;
	}
	touch_pmd(fault->vma, start, pmdp, write);
	spin_unlock(&mm->page_table_lock);
	pfn = pte_pfn(pmd_pte(pmd, start));
	if (mutated(h12_hpmd_subpage_shift))
		start = first;
	if (mutated(h12_hpmd_fill_all)) {
		pfn -= (start - first) >> PAGE_SHIFT;
		start = first;
		end = first + PMD_SIZE;
	}
	if (mutated(h12_hpmd_inclusive_end))
		end--;
	return fill_huge(fault, start, end, pfn, pte_write(pmd));
}

/* What was read of an entry, which is what all of a decision is about. */
static pte_t pte_again(const pte_t *ptep, pte_t pte)
{
	return mutated(h12_pte_read_many_times) ? ptep_get_lockless(ptep) : pte;
}

/* One page. Directory locked. -ENOENT: the CPU has to fault first. */
static int fill_pte(struct hmm_mirror_fault *fault, unsigned long addr,
		    dma_addr_t *hmm_pte, const pte_t *ptep)
{
	bool write = fault->event->etype == HMM_DEVICE_WFAULT;
	pte_t pte = ptep_get_lockless(ptep);

	if (!pte_present(pte) || pte_protnone(pte_again(ptep, pte)) ||
	    (write && !pte_write(pte_again(ptep, pte))))
		return -ENOENT;
	pte = pte_again(ptep, pte);
	return fill_entry(fault->iter, addr, hmm_pte, pte_pfn(pte),
			  pte_write(pte));
}

static int fill_table(struct hmm_mirror_fault *fault, struct page_table *table,
		      unsigned long start, unsigned long end)
{
	unsigned long addr = start, next;
	dma_addr_t *hmm_pte;
	const pte_t *ptep;
	int ret = 0;

	while (!ret && addr < end) {
		next = end;
		hmm_pte = hmm_pt_iter_populate(fault->iter, addr, &next);
		if (!hmm_pte)
			return -ENOMEM;
		ptep = pte_offset(table, mutated(h12_ptep_from_start) ? start :
				  addr);
		hmm_pt_iter_directory_lock(fault->iter);
		do {
			ret = fill_pte(fault, addr, hmm_pte, ptep);
		} while (!ret && (addr += PAGE_SIZE, ptep++, hmm_pte++,
				  addr != next));
		hmm_pt_iter_directory_unlock(fault->iter);
		fault->addr = addr;
	}
	return ret;
}

static int hmm_mirror_fault_pmd(struct hmm_mirror_fault *fault, pmd_t *pmdp,
				unsigned long start, unsigned long end)
{
	struct page_table *table;

	if (start != fault->addr)
		return -ENOENT;
	if (READ_ONCE(fault->event->backoff))
		return -EAGAIN;
	if (!pte_none(pmdp_get_lockless(pmdp)))
		return hmm_mirror_fault_hpmd(fault, pmdp, start, end);
	table = pmd_pgtable(pmdp);
	if (!table)
		return -EAGAIN;
	return fill_table(fault, table, start, end);
}

/* walk_page_range(): the tables of [addr, end); a hole is -ENOENT. */
static int walk_range(struct hmm_mirror_fault *fault, unsigned long addr,
		      unsigned long end)
{
	unsigned long next;
	int ret = 0;

	for (; !ret && addr < end; addr = next) {
		pmd_t *pmdp = pmd_offset(fault->mirror->hmm->mm, addr);

		next = pmd_addr_end(addr, end);
		ret = pmd_none(pmdp) ? -ENOENT :
			hmm_mirror_fault_pmd(fault, pmdp, addr, next);
	}
	return ret;
}

/* Listed: fill what there is of the whole event. */
static int fault_walk(struct hmm_mirror *mirror, struct hmm_event *event,
		      struct vm_area_struct *vma, struct hmm_pt_iter *iter)
{
	struct hmm_mirror_fault fault = {
		.mirror = mirror, .event = event, .vma = vma, .iter = iter,
		.addr = event->start,
	};

	if (READ_ONCE(event->backoff))
		return -EAGAIN;
	return walk_range(&fault, event->start, event->end);
}

/* A device has no say in whether the fault starts over. */
static int fault_update(struct hmm_mirror *mirror, struct hmm_event *event)
{
	int ret = hmm_mirror_call_update(mirror, event);

	return ret == -ENOENT || ret == -EAGAIN ? -EIO : ret;
}

/* mmap_lock, read; *@locked: whether it still is on return. */
static int hmm_mirror_handle_fault(struct hmm_mirror *mirror,
				   struct hmm_event *event,
				   struct vm_area_struct *vma,
				   struct hmm_pt_iter *iter, bool *locked)
{
	int ret;

	ret = hmm_device_fault_start(mirror, event);
	if (ret)
		return ret;
	ret = fault_walk(mirror, event, vma, iter);
	if (!ret && !mutated(h12_fault_end_before_update))
		ret = fault_update(mirror, event);
	hmm_device_fault_end(mirror->hmm, event);
	if (!ret && mutated(h12_fault_end_before_update))
		ret = fault_update(mirror, event);
	if (ret == -ENOENT) {
		ret = hmm_mm_fault(event, vma, event->start, locked);
		ret = ret ? ret : -EAGAIN;
	}
	return ret;
}

/* 0, or why @vma cannot be mirrored so. May lower event->end. */
static int check_vma(const struct vm_area_struct *vma, struct hmm_event *event)
{
	if (!vma)
		return -EFAULT;
	if (vma->vm_start > event->start) {
		event->end = vma->vm_start;
		return -EFAULT;
	}
	event->end = min(event->end, vma->vm_end) & PAGE_MASK;
	if (vma->vm_flags & (VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB))
		return -EFAULT;
	switch (event->etype) {
	case HMM_DEVICE_WFAULT:
		if (!(vma->vm_flags & VM_WRITE))
			return -EFAULT;
		return 0;
	case HMM_DEVICE_RFAULT:
		return vma->vm_flags & (VM_WRITE | VM_READ) ? 0 : -EFAULT;
	default:
		return -EINVAL;
	}
}

/* One round. -EAGAIN: start over. */
static int fault_round(struct hmm_mirror *mirror, struct hmm_event *event,
		       struct hmm_pt_iter *iter)
{
	struct hmm *hmm = mirror->hmm;
	struct vm_area_struct *vma;
	bool locked = true;
	int ret;

	mmap_read_lock(hmm->mm);
	vma = find_vma_intersection(hmm->mm, event->start, event->end);
	ret = check_vma(vma, event);
	if (!ret)
		ret = hmm_mirror_handle_fault(mirror, event, vma, iter,
					      &locked);
	if (locked && !(ret == -EBUSY && mutated(h12_busy_means_unlocked)))
		mmap_read_unlock(hmm->mm);
	wake_up_all(&hmm->wait_queue);
	return ret;
}

static int fault_rounds(struct hmm_mirror *mirror, struct hmm_event *event)
{
	unsigned long timeout = jiffies +
				msecs_to_jiffies(HMM_FAULT_TIMEOUT_MS);
	struct hmm_pt_iter iter;
	int ret;

	hmm_pt_iter_init(&iter, &mirror->pt);
	for (;;) {
		if (hmm_mirror_is_dead(mirror)) {
			if (mutated(h12_dead_mirror_leaks_iterator))
				return -ENODEV;
			ret = -ENODEV;
			break;
		}
		ret = fault_round(mirror, event, &iter);
		if (ret != -EAGAIN)
			break;
		view_emit(EV_v12_again, mirror->pt.space, 0, 0);
		if (time_after(jiffies, timeout)) {
			ret = -EBUSY;
			break;
		}
		cpu_relax();
	}
	hmm_pt_iter_fini(&iter);
	return ret;
}

int hmm_mirror_fault(struct hmm_mirror *mirror, struct hmm_event *event)
{
	bool users = !mutated(h12_fault_skip_mmget);
	struct mm_struct *mm;
	int ret;

	mirror = hmm_mirror_ref(mirror);
	if (!mirror)
		return -ENODEV;
	mm = mirror->hmm->mm;
	ret = hmm_event_init(event, mirror->hmm, event->start, event->end,
			     event->etype);
	if (!ret && users && !mmget_not_zero(mm))
		ret = -ENODEV;
	if (!ret) {
		view_emit(EV_v12_fault, mirror->pt.space, event->start,
			  event->end);
		ret = fault_rounds(mirror, event);
		view_emit(EV_v12_fault_done, mirror->pt.space | (u64)-ret << 8,
			  event->start, event->end);
		if (users)
			mmput(mm);
	}
	hmm_mirror_unref(&mirror);
	return ret;
}
