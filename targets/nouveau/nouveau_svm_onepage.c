// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_onepage: form P of the fault handler, one page at a time.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_svm.c right after "nouveau/hmm: fault
 * one page at a time" (July 2020); spec nouveau.md, sections 4.1, 6 and 14.
 * WRITE and ATOMIC sort before READ and PREFETCH of the same address, so the
 * first of a group asks for as much as any other in it, and serving it serves
 * them all. A PREFETCH asks for nothing: it maps what is there already.
 *
 * Differences from upstream:
 *  - the interval is inserted and removed by nouveau_range_fault(), as 6.12
 *    has it, with the same effect;
 *  - a page that PFNMAP refused is cancelled; upstream counts it for the
 *    replay, and the same access faults for ever;
 *  - if the access of the first is not allowed, only those of the group that
 *    ask for as much are cancelled, and the weaker ones are served by
 *    themselves; upstream kills a READ for the sake of a WRITE next to it;
 *  - a group has one address: upstream tests only that the next is not above,
 *    so it takes in a lower one of another channel of the same svmm, which is
 *    then killed for the first one's sake, or replayed unserved.
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/minmax.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_svm.h"

static int nouveau_svm_fault_priority(u8 access)
{
	return access == GPU_READ || access == GPU_PREFETCH;
}

static int nouveau_svm_onepage_cmp(const void *a, const void *b)
{
	return nouveau_svm_fault_cmp(a, b, nouveau_svm_fault_priority);
}

/* What serving one access leaves for another: nothing, a READ, a WRITE. */
static int nouveau_svm_fault_strength(u8 access)
{
	switch (access) {
	case GPU_PREFETCH:
		return 0;
	case GPU_READ:
		return 1;
	default:
		return 2;
	}
}

/* Serve @fault alone. 0: the GPU's page is what it asked for. */
static int nouveau_svm_onepage_fault(struct nouveau_svm *svm,
				     struct nouveau_svm_fault *fault)
{
	union nouveau_pfnmap_page args;
	struct nouveau_svm_fault_buffer *buffer = &svm->buffer[0];
	struct mm_struct *mm;
	int ret;

	args.i.p.addr = fault->addr;
	args.i.p.page = PAGE_SHIFT;
	args.i.p.size = PAGE_SIZE;
	args.i.p.phys[0] = NVIF_VMM_PFNMAP_V0_NONE;

	mm = nouveau_svm_mm_get(buffer, fault->svmm);
	if (!mm)
		return -ESRCH;
	ret = nouveau_range_fault(fault->svmm, svm->drm, &args.i, sizeof(args),
				  nouveau_svm_hmm_flags(fault->access));
	nouveau_svm_mm_put(buffer, mm);
	if (ret)
		return ret;

	return nouveau_svm_page_refused(&args.i, fault->access) ? -EFAULT : 0;
}

static int nouveau_svm_onepage_serve(struct nouveau_svm *svm,
				     struct nouveau_svm_fault_buffer *buffer,
				     int fi, int *pfn)
{
	struct nouveau_svm_fault *first = buffer->fault[fi];
	struct nouveau_svmm *svmm = first->svmm;
	const int asked = nouveau_svm_fault_strength(first->access);
	u64 limit = first->addr + PAGE_SIZE;
	int fn, ret;

	if (first->addr < svmm->unmanaged.limit)
		limit = min_t(u64, limit, svmm->unmanaged.start);

	ret = nouveau_svm_onepage_fault(svm, first);

	for (fn = fi + 1; fn < buffer->fault_nr; fn++) {
		struct nouveau_svm_fault *fault = buffer->fault[fn];

		if (fault->svmm != svmm || fault->addr >= limit)
			break;
		/* Sorted by instance first: another channel starts over. */
		if (fault->addr < first->addr &&
		    !mutated(nv_group_takes_lower_address))
			break;
		/* Nor is what asks for more a duplicate of what asked less. */
		if (nouveau_svm_fault_strength(fault->access) > asked &&
		    !mutated(nv_group_absorbs_stronger))
			break;
		if (ret && nouveau_svm_fault_strength(fault->access) != asked &&
		    !mutated(nv_cancel_weaker_faults))
			break;
	}
	*pfn = fn;

	for (; fi < fn; fi++) {
		if (ret)
			nouveau_svm_fault_cancel_fault(svm, buffer->fault[fi]);
		else
			nouveau_svm_fault_served(buffer->fault[fi]);
	}
	return !ret;
}

const struct nouveau_svm_form nouveau_svm_onepage = {
	.name	= "onepage",
	.cmp	= nouveau_svm_onepage_cmp,
	.serve	= nouveau_svm_onepage_serve,
};
