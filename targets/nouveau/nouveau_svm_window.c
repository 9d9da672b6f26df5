// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_window: form W of the fault handler, up to 16 pages in one go.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_svm.c, 5.8, before "nouveau/hmm: fault
 * one page at a time" (July 2020); spec nouveau.md, sections 4.1, 5 and 14. The
 * faults of one svmm that lie within 16 pages and one VMA are served by one
 * walk and one PFNMAP. What lies between them is not asked for, and mapped if
 * it is there. WRITE and ATOMIC sort before READ and PREFETCH of an address.
 *
 *	fault			window of the request
 *	WRITE  page 2		[0]  fault, write
 *				[1]  nothing: a gap
 *	READ   page 4		[2]  fault
 *	READ   page 4		     the same page again
 *
 * The VMA is looked at in advance, under mmap_lock, and may change as soon as
 * that is dropped (W-A1): a walk over pages that were one VMA may then fail.
 *
 * hmm_range_fault() takes requests and gives results in one array, and the two
 * share their bits. So each round of the walk begins with the request anew.
 * Upstream did not know that, and what one round had found the next one asked
 * for: a gap that was mapped became a page that must be, a READ of a writable
 * page a WRITE (5.3).
 *
 * Differences from upstream:
 *  - the request is a second array, see above;
 *  - if the walk of several faults fails, the first is served by itself:
 *    upstream kills all of them for one;
 *  - a second fault at an address may ask for more than the first, if it is of
 *    another channel: the request is what any of them asks for. Upstream takes
 *    it for a duplicate and kills it;
 *  - a group ends where addresses go down, which they do between channels of
 *    one svmm: upstream fills a gap of negative length;
 *  - a PREFETCH that finds nothing is replayed, for nobody waits for it and a
 *    cancel hits what its client stalls on: upstream cancels it.
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_svm.h"

#define WINDOW	16	/* pages */

/*
 * Faults [fi, fn) of the batch, and what of [start, limit) they ask for.
 * @request and phys of @args have an entry for each of the first @npages pages.
 */
struct nouveau_svm_window {
	u64 start, limit;
	int fi, fn;
	u32 npages;
	unsigned long request[WINDOW];
	union {
		struct nouveau_pfnmap_args i;
		u8 room[sizeof(struct nouveau_pfnmap_args) +
			WINDOW * sizeof(u64)];
	} args;
};

static int nouveau_svm_window_priority(u8 access)
{
	return access == GPU_READ || access == GPU_PREFETCH;
}

static int nouveau_svm_window_cmp(const void *a, const void *b)
{
	return nouveau_svm_fault_cmp(a, b, nouveau_svm_window_priority);
}

/* Nothing was mapped for @fault. How many of it a replay has to answer. */
static int nouveau_svm_window_refuse(struct nouveau_svm *svm,
				     struct nouveau_svm_fault *fault)
{
	if (fault->access == GPU_PREFETCH &&
	    !mutated(nv_q_a5_cancels_prefetch)) {
		nouveau_svm_fault_served(fault);
		return 1;
	}
	nouveau_svm_fault_cancel_fault(svm, fault);
	return 0;
}

/* The part of the window that a VMA covers. False: the fault is outside it. */
static bool nouveau_svm_window_clip(struct nouveau_svm_window *window,
				    struct nouveau_svmm *svmm,
				    struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma_intersection(mm, window->start, window->limit);
	if (vma) {
		window->start = max_t(u64, window->start, vma->vm_start);
		window->limit = min_t(u64, window->limit, vma->vm_end);
	}
	mmap_read_unlock(mm);
	if (!vma || window->start != addr)
		return false;
	view_emit(EV_svm_window, svmm->space, window->start,
		  max_t(u64, window->limit, window->start + PAGE_SIZE));
	return true;
}

/* Ask for one more page. False: the window is full. */
static bool nouveau_svm_window_add(struct nouveau_svm_window *window, u32 space,
				   unsigned long request)
{
	if (window->npages >= WINDOW) {
		view_emit(EV_window_index, space, window->npages, WINDOW);
		return false;
	}
	window->request[window->npages++] = request;
	return true;
}

/* Ask for nothing of what lies between the last page and @addr. */
static bool nouveau_svm_window_fill(struct nouveau_svm_window *window, u32 space,
				    u64 last, u64 addr)
{
	int fill = (addr - last) >> PAGE_SHIFT;

	while (--fill)
		if (!nouveau_svm_window_add(window, space, 0))
			return false;
	return true;
}

/* Collect the faults from fault[window->fi] on, at most up to fault[end]. */
static void nouveau_svm_window_collect(struct nouveau_svm_window *window,
				       struct nouveau_svm_fault **fault,
				       int end)
{
	struct nouveau_svmm *svmm = fault[window->fi]->svmm;
	int fn = window->fi;

	window->npages = 0;
	for (;;) {
		unsigned long flags = nouveau_svm_hmm_flags(fault[fn]->access);
		u64 addr = fault[fn]->addr;

		/* The first at an address asks for most, of its channel. */
		while (++fn < end && fault[fn]->svmm == svmm &&
		       fault[fn]->addr == addr)
			if (!mutated(nv_window_skips_stronger))
				flags |= nouveau_svm_hmm_flags(
						fault[fn]->access);
		if (!nouveau_svm_window_add(window, svmm->space, flags))
			break;
		if (fn >= end || fault[fn]->svmm != svmm ||
		    fault[fn]->addr >= window->limit)
			break;
		if (fault[fn]->addr < addr &&
		    !mutated(nv_window_takes_lower_address))
			break;
		if (!nouveau_svm_window_fill(window, svmm->space, addr,
					     fault[fn]->addr))
			break;
	}
	window->fn = fn;
	window->args.i.p.addr = window->start;
	window->args.i.p.page = PAGE_SHIFT;
	window->args.i.p.size = (u64)window->npages << PAGE_SHIFT;
}

/* The walk and the mapping of a window. As nouveau_range_fault(), but each page
 * has a request of its own. */
static int nouveau_svm_window_fault(struct nouveau_svmm *svmm,
				    struct nouveau_drm *drm,
				    struct nouveau_svm_window *window)
{
	struct nouveau_pfnmap_args *args = &window->args.i;
	unsigned long hmm_pfns[WINDOW];
	struct svm_notifier notifier;
	struct hmm_range range = {
		.notifier = &notifier.notifier,
		.start = args->p.addr,
		.end = args->p.addr + args->p.size,
		.hmm_pfns = hmm_pfns,
		.pfn_flags_mask = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE,
	};
	int ret;

	rt_point(RT_SITE(RT_LOAD, "nouveau_range_fault", NULL), svmm);
	ret = nouveau_svm_notifier_insert(drm, svmm, &notifier, range.start,
					  args->p.size);
	if (ret)
		return ret;
	ret = nouveau_range_walk(svmm, &range, notifier.notifier.mm,
				 window->request);
	if (!ret) {
		nouveau_hmm_convert_pfn(drm, &range, args);
		ret = nouveau_range_map(svmm, &notifier, args,
					sizeof(*args) +
					window->npages * sizeof(u64));
	}
	nouveau_svm_notifier_remove(drm, &notifier);
	return ret;
}

/*
 * Decide on each fault of the window: killed if its page has not come, or not
 * with the right to write that it needs. How many the replay has to answer.
 */
static int nouveau_svm_window_finish(struct nouveau_svm *svm,
				     struct nouveau_svm_window *window,
				     struct nouveau_svm_fault **fault, int ret)
{
	int replay = 0;

	for (int fi = window->fi; fi < window->fn; fi++) {
		u64 pi = (fault[fi]->addr - window->start) >> PAGE_SHIFT;
		u64 phys = ret ? 0 : window->args.i.p.phys[pi];

		if (phys & NVIF_VMM_PFNMAP_V0_V &&
		    (phys & NVIF_VMM_PFNMAP_V0_W ||
		     nouveau_svm_window_priority(fault[fi]->access))) {
			nouveau_svm_fault_served(fault[fi]);
			replay++;
		} else {
			replay += nouveau_svm_window_refuse(svm, fault[fi]);
		}
	}
	return replay;
}

static int nouveau_svm_window_serve(struct nouveau_svm *svm,
				    struct nouveau_svm_fault_buffer *buffer,
				    int fi, int *pfn)
{
	struct nouveau_svm_fault *first = buffer->fault[fi];
	struct nouveau_svmm *svmm = first->svmm;
	struct nouveau_svm_window window;
	struct mm_struct *mm;
	int ret;

	*pfn = fi + 1;
	window.fi = fi;
	window.start = first->addr;
	window.limit = window.start + (WINDOW << PAGE_SHIFT);
	if (window.start < svmm->unmanaged.limit)
		window.limit = min_t(u64, window.limit, svmm->unmanaged.start);

	mm = nouveau_svm_mm_get(buffer, svmm);
	if (!mm) {
		nouveau_svm_fault_cancel_fault(svm, first);
		return 0;
	}
	if (!nouveau_svm_window_clip(&window, svmm, mm, first->addr)) {
		nouveau_svm_mm_put(buffer, mm);
		return nouveau_svm_window_refuse(svm, first);
	}
	nouveau_svm_window_collect(&window, buffer->fault, buffer->fault_nr);
	ret = nouveau_svm_window_fault(svmm, svm->drm, &window);
	if (ret && window.fn > fi + 1 && !mutated(nv_window_cancels_all)) {
		/* One of them is not allowed: the others have a right to live. */
		nouveau_svm_window_collect(&window, buffer->fault, fi + 1);
		ret = nouveau_svm_window_fault(svmm, svm->drm, &window);
	}
	nouveau_svm_mm_put(buffer, mm);
	*pfn = window.fn;
	return nouveau_svm_window_finish(svm, &window, buffer->fault, ret);
}

const struct nouveau_svm_form nouveau_svm_window = {
	.name	= "window",
	.cmp	= nouveau_svm_window_cmp,
	.serve	= nouveau_svm_window_serve,
};
