// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_range: what is in the CPU's page tables is put into the GPU's.
 *
 * Models the middle of drivers/gpu/drm/nouveau/nouveau_svm.c, 6.12, in its
 * order: the interval's callback, the conversion, the range fault. Spec
 * nouveau.md, sections 3.2, 5.1, 5.2 and 7, and core.md 4. Every form of the
 * handler goes through here; the lock order is drawn in nouveau_svm.c.
 *
 * Differences from upstream:
 *  - the walk, the conversion and the mapping are functions of their own, that
 *    the forms put together;
 *  - whose EXCLUSIVE brackets the callback ignores is in the notifier: upstream
 *    follows svmm->vmm for it, without the mutex (W-A17);
 *  - a page of our own memory that may not be written is brought to system
 *    memory for a WRITE; upstream maps it read-only, for ever (Q-A11);
 *  - a PREFETCH that finds nothing leaves what there is (Q-A12), in a form that
 *    knows atomics;
 *  - the interval covers what a large page would (Q-A14);
 *  - the wait in mmu_interval_read_begin() has no bound, as upstream (W-A18).
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/huge_mm.h>
#include <linux/jiffies.h>
#include <linux/memremap.h>
#include <linux/sched.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_dmem.h"
#include "targets/nouveau/nouveau_svm.h"

/* Whose EXCLUSIVE brackets are the range fault's own doing. */
static const void *nouveau_svm_owner(struct svm_notifier *sn)
{
	if (!mutated(nv_a17_filter_follows_vmm))
		return sn->owner;
	rt_point(RT_SITE(RT_LOAD, "nouveau_svm_range_invalidate", NULL),
		 sn->svmm);
	nouveau_svmm_object(sn->svmm);
	return sn->svmm->vmm->cli->drm->dev;
}

static bool nouveau_svm_range_invalidate(struct mmu_interval_notifier *mni,
					 const struct mmu_notifier_range *range,
					 unsigned long cur_seq)
{
	struct svm_notifier *sn =
		container_of(mni, struct svm_notifier, notifier);

	/*
	 * We are making the page exclusive ourselves: were that to move the
	 * sequence, the read side would always have to retry. Others' brackets,
	 * and those that take our exclusive access away, do move it.
	 */
	if (range->event == MMU_NOTIFY_EXCLUSIVE &&
	    range->owner == nouveau_svm_owner(sn))
		return true;

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&sn->svmm->mutex);
	else if (!mutex_trylock(&sn->svmm->mutex))
		return false;
	if (!mutated(nv_skip_set_seq))
		mmu_interval_set_seq(mni, cur_seq);
	mutex_unlock(&sn->svmm->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops nouveau_svm_mni_ops = {
	.invalidate = nouveau_svm_range_invalidate,
};

unsigned long nouveau_svm_hmm_flags(u8 access)
{
	switch (access) {
	case GPU_READ:
		return HMM_PFN_REQ_FAULT;
	case GPU_PREFETCH:
		return 0;
	default:
		return HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE;
	}
}

bool nouveau_svm_page_refused(const struct nouveau_pfnmap_args *args, u8 access)
{
	return !(args->p.phys[0] & NVIF_VMM_PFNMAP_V0_V) &&
	       access != GPU_PREFETCH && !mutated(nv_q_a7_replay_refused);
}

static u64 nouveau_hmm_pfn_to_phys(unsigned long pfn)
{
	struct page *page;
	u64 phys;

	if (!(pfn & HMM_PFN_VALID))
		return NVIF_VMM_PFNMAP_V0_NONE;
	page = hmm_pfn_to_page(pfn);
	if (is_device_private_page(page))
		phys = nouveau_dmem_page_addr(page) | NVIF_VMM_PFNMAP_V0_V |
		       NVIF_VMM_PFNMAP_V0_VRAM;
	else
		phys = (u64)page_to_pfn(page)
				<< NVIF_VMM_PFNMAP_V0_ADDR_SHIFT |
		       NVIF_VMM_PFNMAP_V0_V | NVIF_VMM_PFNMAP_V0_HOST;
	if (pfn & HMM_PFN_WRITE)
		phys |= NVIF_VMM_PFNMAP_V0_W;
	return phys;
}

void nouveau_hmm_convert_pfn(struct nouveau_drm *drm, struct hmm_range *range,
			     struct nouveau_pfnmap_args *args)
{
	unsigned long npages = (range->end - range->start) >> PAGE_SHIFT;

	for (unsigned long i = 0; i < npages; i++)
		args->p.phys[i] = nouveau_hmm_pfn_to_phys(range->hmm_pfns[i]);
}

int nouveau_range_walk(struct nouveau_svmm *svmm, struct hmm_range *range,
		       struct mm_struct *mm, const unsigned long *request)
{
	const unsigned long npages = (range->end - range->start) >> PAGE_SHIFT;
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	unsigned int round = 0;
	bool stale = false;
	int ret;

	for (;;) {
		if (time_after(jiffies, timeout))
			return -EBUSY;

		/* What the last round found is not what is asked for. */
		if (request && (!round++ || !mutated(nv_window_keeps_request)))
			for (unsigned long i = 0; i < npages; i++)
				range->hmm_pfns[i] = request[i];

		if (!mutated(nv_seq_after_walk))
			range->notifier_seq =
				mmu_interval_read_begin(range->notifier);
		else	/* the walk needs one to go by */
			range->notifier_seq = range->notifier->invalidate_seq;
		if (mutated(nv_lock_order))
			mutex_lock(&svmm->mutex);
		mmap_read_lock(mm);
		ret = hmm_range_fault(range);
		if (!ret || ret == -EBUSY || !mutated(nv_mmap_lock_left_held))
			mmap_read_unlock(mm);
		if (mutated(nv_lock_order))
			mutex_unlock(&svmm->mutex);
		if (ret == -EBUSY)
			continue;
		if (ret)
			return ret;
		if (mutated(nv_seq_after_walk))
			range->notifier_seq =
				mmu_interval_read_begin(range->notifier);

		if (mutated(nv_retry_before_lock))
			stale = mmu_interval_read_retry(range->notifier,
							range->notifier_seq);
		mutex_lock(&svmm->mutex);
		/*
		 * The mutex makes this test and the mapping one step to an
		 * invalidation: either it came first and changed the sequence,
		 * so we go round again, or it waits for us and then clears
		 * what we have mapped.
		 */
		if (!mutated(nv_retry_before_lock))
			stale = mmu_interval_read_retry(range->notifier,
							range->notifier_seq);
		if (!stale || mutated(nv_skip_retry))
			return 0;
		mutex_unlock(&svmm->mutex);
	}
}

/*
 * What the interval of a fault at @start has to cover: all that may be mapped
 * for it. Upstream covers the one page (Q-A14). Whoever changes any part of a
 * huge entry splits it first, and that invalidates all of it; but by then he is
 * inside an invalidation of that part, of which such an interval does not hear.
 */
static void nouveau_large_range(struct nouveau_drm *drm, unsigned long *start,
				unsigned long *size)
{
	if (!drm->form->large_pages || mutated(nv_q_a14_interval_of_one_page))
		return;
	*start &= HPAGE_PMD_MASK;
	*size = HPAGE_PMD_SIZE;
}

/* The page of @args is part of a huge entry of the CPU: map all of that. */
static void nouveau_large_page(struct nouveau_svmm *svmm,
			       const struct hmm_range *range,
			       struct nouveau_pfnmap_args *args)
{
	const unsigned int order = hmm_pfn_to_map_order(range->hmm_pfns[0]);
	const u64 size = PAGE_SIZE << order;
	const u64 addr = args->p.addr & ~(size - 1);

	if (!order || !(args->p.phys[0] & NVIF_VMM_PFNMAP_V0_V))
		return;
	/* Of a large page that is closed in part PFNMAP would take nothing. */
	if (addr < svmm->unmanaged.limit && addr + size > svmm->unmanaged.start)
		return;
	args->p.phys[0] -= args->p.addr - addr;
	args->p.addr = addr;
	args->p.page = PAGE_SHIFT + order;
	args->p.size = size;
}

int nouveau_range_map(struct nouveau_svmm *svmm, struct svm_notifier *notifier,
		      struct nouveau_pfnmap_args *args, u32 size)
{
	const unsigned long npages = args->p.size >> PAGE_SHIFT;
	int ret;

	/* The file was closed while we walked: there is nothing to map into. */
	if (!svmm->vmm && !mutated(nv_a8_skip_vmm_test)) {
		mutex_unlock(&svmm->mutex);
		return -ENODEV;
	}
	for (unsigned long i = 0; i < npages; i++)
		if (args->p.phys[i >> (args->p.page - PAGE_SHIFT)] &
		    NVIF_VMM_PFNMAP_V0_V)
			view_emit(EV_driver_map, svmm->space,
				  args->p.addr + (i << PAGE_SHIFT),
				  (u64)(size_t)&notifier->notifier);
	if (mutated(nv_unlock_before_map))
		mutex_unlock(&svmm->mutex);
	ret = nvif_object_mthd(nouveau_svmm_object(svmm), NVIF_VMM_V0_PFNMAP,
			       args, size);
	if (!mutated(nv_unlock_before_map))
		mutex_unlock(&svmm->mutex);
	return ret;
}

int nouveau_svm_notifier_insert(struct nouveau_drm *drm,
				struct nouveau_svmm *svmm,
				struct svm_notifier *notifier,
				unsigned long start, unsigned long size)
{
	int ret;

	notifier->svmm = svmm;
	notifier->owner = drm->dev;
	rt_name(&notifier->notifier, "svm_notifier", -1);
	ret = mmu_interval_notifier_insert(&notifier->notifier,
					   svmm->notifier.mm, start, size,
					   &nouveau_svm_mni_ops);
	if (!ret)
		drm->svm->buffer[0].intervals++;
	return ret;
}

void nouveau_svm_notifier_remove(struct nouveau_drm *drm,
				 struct svm_notifier *notifier)
{
	mmu_interval_notifier_remove(&notifier->notifier);
	drm->svm->buffer[0].intervals--;
}

/*
 * A write was asked for and a page of our own is not writable: hmm reports it
 * as it is and never takes it away from its owner, so the fault would come back
 * for ever. Only in system memory can it become writable, or be refused.
 */
static bool nouveau_own_page_is_readonly(const struct hmm_range *range)
{
	return range->default_flags & HMM_PFN_REQ_WRITE &&
	       !(range->hmm_pfns[0] & HMM_PFN_WRITE) &&
	       !mutated(nv_q_a11_maps_readonly);
}

/*
 * A PREFETCH asks for nothing, and nothing to be reported is no reason to unmap:
 * the page may be ours exclusively, with an entry that only atomics see.
 */
static bool nouveau_prefetch_found_nothing(struct nouveau_drm *drm,
					   const struct nouveau_pfnmap_args *args,
					   unsigned long hmm_flags)
{
	return drm->form->atomics && !hmm_flags &&
	       !(args->p.phys[0] & NVIF_VMM_PFNMAP_V0_V) &&
	       !mutated(nv_q_a12_prefetch_unmaps);
}

int nouveau_range_map_found(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			    struct svm_notifier *notifier,
			    struct nouveau_pfnmap_args *args, u32 size,
			    unsigned long hmm_flags)
{
	if (!nouveau_prefetch_found_nothing(drm, args, hmm_flags))
		return nouveau_range_map(svmm, notifier, args, size);
	mutex_unlock(&svmm->mutex);
	return 0;
}

int nouveau_range_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			struct nouveau_pfnmap_args *args, u32 size,
			unsigned long hmm_flags)
{
	struct svm_notifier notifier = { .svmm = svmm };
	unsigned long hmm_pfns[1] = { 0 };
	struct hmm_range range = {
		.notifier = &notifier.notifier,
		.start = args->p.addr,
		.end = args->p.addr + args->p.size,
		.hmm_pfns = hmm_pfns,
		.default_flags = hmm_flags,
		.dev_private_owner = drm->form->own_vram ? drm->dev : NULL,
	};
	unsigned long start = range.start, length = args->p.size;
	int ret;

	rt_point(RT_SITE(RT_LOAD, "nouveau_range_fault", NULL), svmm);
	nouveau_large_range(drm, &start, &length);
	ret = nouveau_svm_notifier_insert(drm, svmm, &notifier, start, length);
	if (ret)
		return ret;

	ret = nouveau_range_walk(svmm, &range, notifier.notifier.mm, NULL);
	if (!ret && nouveau_own_page_is_readonly(&range)) {
		mutex_unlock(&svmm->mutex);
		range.dev_private_owner = NULL;
		ret = nouveau_range_walk(svmm, &range, notifier.notifier.mm,
					 NULL);
	}
	if (!ret) {
		nouveau_hmm_convert_pfn(drm, &range, args);
		if (drm->form->large_pages)
			nouveau_large_page(svmm, &range, args);
		if (mutated(nv_remove_before_map)) {
			/* Not with the mutex: a callback may want it. */
			mutex_unlock(&svmm->mutex);
			nouveau_svm_notifier_remove(drm, &notifier);
			mutex_lock(&svmm->mutex);
		}
		ret = nouveau_range_map_found(svmm, drm, &notifier, args, size,
					      hmm_flags);
		if (mutated(nv_remove_before_map))
			return ret;
	}
	/*
	 * The notifier is on our stack: it must go on every path. The known bug
	 * is shown by a fault alone in its batch, for the next one's notifier
	 * would be in the same place, and in the tree twice.
	 */
	if (!ret || drm->svm->buffer[0].fault_nr > 1 ||
	    !mutated(nv_interval_left))
		nouveau_svm_notifier_remove(drm, &notifier);
	return ret;
}
