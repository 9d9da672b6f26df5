// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_v3: the fault handler with atomics as they were first posted.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_svm.c after "nouveau/svm: Implement
 * atomic SVM access" (v3 8/8, February 2021). Spec device-exclusive.md 3.1,
 * nouveau.md 4.1. What forms share is in nouveau_svm.c.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock		read, from the walk to the unlock of the page
 *     folio lock		from the making to after PFNMAP
 *       svmm->mutex		PFNMAP; every callback, those of the making too
 *
 * The mutex cannot be held while a page is made exclusive, because the brackets
 * of that take it. So what the walk learned under it is old once more:
 *
 *	handler				another CPU
 *	-------				-----------
 *	walk, read_retry: clean
 *	drop svmm->mutex
 *	make the page exclusive
 *					zap the entry: callbacks, nothing
 *					mapped yet; the page is not va's
 *	svmm->mutex, PFNMAP
 *	[must ask read_retry again]				(W-D1)
 *
 * The making itself moves the sequence, which is not counted: maker_notifier.h.
 *
 * Differences from upstream:
 *  - that second question, which the posted form does not put: it is
 *    v3_d1_map_without_seq;
 *  - what make_device_exclusive_range() returned is looked at: if it is an
 *    error, the page is not one that an earlier call left behind
 *    (v3_q_d7_gup_error_ignored);
 *  - a page that was locked by somebody, or invalidated, is waited for and
 *    tried for again, where the posted form kills (v3_q_d2_trylock_kills).
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/jiffies.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/svm_atomic/exclusive_v3.h"
#include "targets/svm_atomic/maker_notifier.h"

/* What a variable on the stack holds before it is set: what the last call left
 * there. One batch at a time, so nobody else writes it. */
static struct page *stale_page __machine;

/*
 * The page at @start, locked and with a reference, for as long as mmap_lock is
 * held. NULL in *@ppage: refused, or another page by now. 0 or -errno.
 */
static int v3_make_exclusive(struct mm_struct *mm, struct maker_notifier *n,
			     unsigned long start, struct page **ppage)
{
	struct vm_area_struct *vma;
	struct page *page = NULL;
	int ret;

	vma = find_vma_intersection(mm, start, start + PAGE_SIZE);
	if (!vma || !(vma->vm_flags & VM_WRITE))
		return -EPERM;
	WRITE_ONCE(n->maker, current);
	ret = make_device_exclusive_range_v3(mm, start, start + PAGE_SIZE,
					     &page);
	WRITE_ONCE(n->maker, NULL);
	if (ret < 0 && !mutated(v3_q_d7_gup_error_ignored))
		return ret;
	*ppage = ret < 0 ? stale_page : page;
	stale_page = *ppage;
	return 0;
}

/*
 * After a walk. Drops svmm->mutex, which is held. 0: the GPU may change the
 * page by atomics. -EAGAIN: it was invalidated meanwhile, look again; -ENOENT:
 * it could not be had, because somebody has it locked or for good.
 */
static int nouveau_atomic_range_fault(struct nouveau_svmm *svmm,
				      struct maker_notifier *n,
				      unsigned long seq,
				      struct nouveau_pfnmap_args *args,
				      u32 size)
{
	struct mm_struct *mm = svmm->notifier.mm;
	struct page *page = NULL;
	int ret;

	mutex_unlock(&svmm->mutex);
	mmap_read_lock(mm);
	ret = v3_make_exclusive(mm, n, args->p.addr, &page);
	if (ret)
		goto out;
	/* By us: no CPU gets the page back before the GPU's entry is made. */
	BUG_ON(page && !folio_test_locked(page_folio(page)));

	mutex_lock(&svmm->mutex);
	if (mmu_interval_read_retry(&n->base.notifier, seq) &&
	    !mutated(v3_d1_map_without_seq)) {
		mutex_unlock(&svmm->mutex);
		ret = -EAGAIN;
	} else if (!page) {
		mutex_unlock(&svmm->mutex);
		ret = -ENOENT;
	} else {
		args->p.phys[0] = (u64)page_to_pfn(page) <<
				  NVIF_VMM_PFNMAP_V0_ADDR_SHIFT |
				  NVIF_VMM_PFNMAP_V0_V |
				  NVIF_VMM_PFNMAP_V0_W |
				  NVIF_VMM_PFNMAP_V0_A |
				  NVIF_VMM_PFNMAP_V0_HOST;
		ret = nouveau_range_map(svmm, &n->base, args, size);
		folio_mark_dirty(page_folio(page));
	}
	if (page) {
		folio_unlock(page_folio(page));
		put_user_page(page);
	}
out:
	mmap_read_unlock(mm);
	return ret;
}

/* With the interval in the tree. */
static int v3_atomic_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			   struct maker_notifier *n,
			   struct nouveau_pfnmap_args *args, u32 size,
			   unsigned long hmm_flags)
{
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	unsigned long hmm_pfns[1] = { 0 };
	struct hmm_range range = {
		.notifier = &n->base.notifier,
		.start = args->p.addr,
		.end = args->p.addr + args->p.size,
		.hmm_pfns = hmm_pfns,
		.default_flags = hmm_flags,
		.dev_private_owner = drm->form->own_vram ? drm->dev : NULL,
	};
	int ret;

	do {
		if (time_after(jiffies, timeout))
			return -EBUSY;
		ret = nouveau_range_walk(svmm, &range, svmm->notifier.mm, NULL);
		if (ret)
			return ret;
		ret = nouveau_atomic_range_fault(svmm, n, range.notifier_seq,
						 args, size);
		if (ret == -ENOENT && mutated(v3_q_d2_trylock_kills))
			ret = -EINVAL;
		if (ret == -ENOENT)
			ret = nouveau_atomic_settle(svmm->notifier.mm,
						    range.start) ?: -EAGAIN;
	} while (ret == -EAGAIN);
	return ret;
}

static int v3_range_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			  struct nouveau_pfnmap_args *args, u32 size,
			  unsigned long hmm_flags, bool atomic)
{
	struct maker_notifier n;
	int ret;

	if (!atomic)
		return nouveau_range_fault(svmm, drm, args, size, hmm_flags);
	rt_point(RT_SITE(RT_LOAD, "nouveau_range_fault", NULL), svmm);
	ret = maker_notifier_insert(drm, svmm, &n, args->p.addr, args->p.size);
	if (ret)
		return ret;
	ret = v3_atomic_fault(svmm, drm, &n, args, size, hmm_flags);
	nouveau_svm_notifier_remove(drm, &n.base);
	return ret;
}

static int nouveau_svm_v3_serve(struct nouveau_svm *svm,
				struct nouveau_svm_fault_buffer *buffer,
				int fi, int *fn)
{
	return nouveau_svm_serve_page(svm, buffer, fi, fn, v3_range_fault);
}

const struct nouveau_svm_form nouveau_svm_v3 = {
	.name	= "v3",
	.atomics = true,
	.own_vram = true,
	.cmp	= nouveau_svm_atomic_first_cmp,
	.serve	= nouveau_svm_v3_serve,
};
