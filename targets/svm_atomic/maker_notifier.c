// SPDX-License-Identifier: GPL-2.0
/*
 * maker_notifier: the interval of a range fault that takes the page from the
 * CPUs itself, and the order in which such faults are served.
 *
 * Models what the postings of February 2021 have in nouveau_svm.c; spec nouveau.md
 * 3.2 and 4.1. Lock order: nouveau_svm.c.
 *
 * Difference from upstream: the maker's own brackets are told from others', see
 * maker_notifier.h; what was posted did not look at the sequence again.
 */
#include <linux/compiler.h>
#include <linux/mmu_notifier.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/svm_atomic/maker_notifier.h"

static bool maker_range_invalidate(struct mmu_interval_notifier *mni,
				   const struct mmu_notifier_range *range,
				   unsigned long cur_seq)
{
	struct maker_notifier *n =
		container_of(mni, struct maker_notifier, base.notifier);
	struct task_struct *maker = READ_ONCE(n->maker);

	if (maker && (maker == current || mutated(v3_ignores_others_too)))
		return true;
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&n->base.svmm->mutex);
	else if (!mutex_trylock(&n->base.svmm->mutex))
		return false;
	mmu_interval_set_seq(mni, cur_seq);
	mutex_unlock(&n->base.svmm->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops maker_mni_ops = {
	.invalidate = maker_range_invalidate,
};

int maker_notifier_insert(struct nouveau_drm *drm, struct nouveau_svmm *svmm,
			  struct maker_notifier *n, unsigned long start,
			  unsigned long size)
{
	int ret;

	n->base.svmm = svmm;
	n->maker = NULL;
	rt_name(&n->base.notifier, "svm_notifier", -1);
	ret = mmu_interval_notifier_insert(&n->base.notifier,
					   svmm->notifier.mm, start, size,
					   &maker_mni_ops);
	if (!ret)
		drm->svm->buffer[0].intervals++;
	return ret;
}

static int atomic_first(u8 access)
{
	switch (access) {
	case GPU_ATOMIC:
		return -1;
	case GPU_READ:
	case GPU_PREFETCH:
		return 1;
	default:
		return 0;
	}
}

int nouveau_svm_atomic_first_cmp(const void *a, const void *b)
{
	return nouveau_svm_fault_cmp(a, b, atomic_first);
}
