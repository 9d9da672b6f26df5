// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_exclusive: form X of the fault handler, which knows atomics.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_svm.c, 6.1 and 6.12; spec nouveau.md,
 * sections 4.1, 7, 7.1, 14 and 15, and device-exclusive.md 4. One page at a
 * time, as form P; an ATOMIC makes the page exclusive to the device first: no
 * CPU maps it while the GPU's entry has the A bit. PREFETCH sorts before READ
 * before WRITE before ATOMIC.
 *
 * Lock order, besides nouveau_svm.c's: the page's lock is taken under mmap_lock,
 * is kept when that is dropped, and is outside svmm->mutex.
 *
 *	handler					CPU
 *	make the page exclusive: locked
 *						access: waits for the page
 *	svmm->mutex, no retry, PFNMAP with A
 *	unlock the page
 *						EXCLUSIVE bracket: PFNCLR
 *						entry restored, access
 *
 * A round is spoiled if getting the page invalidates by itself: a copy on
 * write, the zero page, device memory, an exclusive entry. The next round meets
 * the exclusive entry of the last, gives it back to the CPU to get the page,
 * and that moves the sequence again, round after round. So between two rounds
 * the page is brought to where getting it changes nothing.
 *
 * Differences from upstream:
 *  - the page is settled between two rounds, see above, and a page whose lock
 *    is taken is waited for; upstream kills the client for either;
 *  - an access is atomic if its own fault says so: upstream's flag is never
 *    cleared within a batch;
 *  - a fault belongs to a group if the page as it was mapped is enough for it:
 *    upstream asks that of the first of the group, the weakest, and after a
 *    failure by what the page before was mapped as;
 *  - a fault that has been dealt with since it was raised is left alone;
 *  - an access code that nobody knows is served as a WRITE, as upstream does,
 *    and no warning is given: what a device writes is no bug of the kernel;
 *  - a page that PFNMAP refused is cancelled, as in form P;
 *  - the interval of a fault covers what a large page would;
 *  - a group has one address, or those of one large page, as in form P.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_svm.h"

static int nouveau_svm_exclusive_priority(u8 access)
{
	switch (access) {
	case GPU_PREFETCH:
		return 0;
	case GPU_READ:
		return 1;
	case GPU_WRITE:
		return 2;
	case GPU_ATOMIC:
		return 3;
	default:
		return -1;	/* a WRITE */
	}
}

static int nouveau_svm_exclusive_cmp(const void *a, const void *b)
{
	return nouveau_svm_fault_cmp(a, b, nouveau_svm_exclusive_priority);
}

/* Is a page that was mapped as @phys enough for @access? */
static bool nouveau_svm_phys_permits(u64 phys, u8 access)
{
	switch (access) {
	case GPU_PREFETCH:
		return true;
	case GPU_READ:
		return phys & NVIF_VMM_PFNMAP_V0_V;
	case GPU_WRITE:
		return phys & NVIF_VMM_PFNMAP_V0_W;
	default:
		return phys & NVIF_VMM_PFNMAP_V0_W &&
		       phys & NVIF_VMM_PFNMAP_V0_A;
	}
}

/* Is @fault dealt with by what was done for @first, with result @ret? */
static bool nouveau_svm_group_takes(const struct nouveau_svm_fault *first,
				    const struct nouveau_svm_fault *fault,
				    int ret, const struct nouveau_pfnmap_args *args)
{
	u64 phys = args->p.phys[0];
	u8 access = fault->access;

	if (fault->svmm != first->svmm ||
	    fault->addr >= args->p.addr + args->p.size)
		return false;
	/* Sorted by instance first: another channel starts over. */
	if (fault->addr < first->addr && !mutated(nv_x_takes_lower_address))
		return false;
	/* After a failure phys is that of another page. */
	if (ret && !mutated(nv_q_a8_groups_by_stale_phys))
		return fault->addr == first->addr && access == first->access;
	if (mutated(nv_q_a6_asks_for_first))
		access = first->access;
	return nouveau_svm_phys_permits(phys, access);
}

/*
 * Is what @fault wants mapped by now, as @phys? An entry of the ring is older
 * than a replay that let its access go, and doing again what was done takes the
 * page away from everybody for a moment: that raises the next such entry, and
 * so on for ever.
 */
static bool nouveau_svm_fault_is_over(const struct nouveau_svm_fault *fault,
				      u64 *phys)
{
	struct nouveau_svmm *svmm = fault->svmm;
	bool over = false;

	if (fault->access == GPU_PREFETCH || mutated(nv_x_serves_what_is_over))
		return false;
	mutex_lock(&svmm->mutex);
	if (svmm->vmm) {
		u64 now = nvif_vmm_pfnget(nouveau_svmm_object(svmm),
					  fault->addr);

		over = nouveau_svm_phys_permits(now, fault->access);
		if (over)
			*phys = now;
	}
	mutex_unlock(&svmm->mutex);
	return over;
}

/* Serve @fault alone; @args is what was mapped, phys[0] only if it did not
 * fail. */
static int nouveau_svm_page_serve(struct nouveau_svm *svm,
				  struct nouveau_svm_fault_buffer *buffer,
				  const struct nouveau_svm_fault *fault,
				  union nouveau_pfnmap_page *args,
				  nouveau_svm_page_fault_t page_fault)
{
	bool atomic = fault->access == GPU_ATOMIC;
	struct mm_struct *mm;
	int ret;

	buffer->atomic |= atomic;
	if (mutated(nv_q_a2_sticky_atomic))
		atomic = buffer->atomic;
	args->i.p.addr = fault->addr;
	args->i.p.page = PAGE_SHIFT;
	args->i.p.size = PAGE_SIZE;
	args->i.p.phys[0] = buffer->phys;
	if (nouveau_svm_fault_is_over(fault, &args->i.p.phys[0]))
		return 0;

	mm = nouveau_svm_mm_get(buffer, fault->svmm);
	if (!mm)
		return -ESRCH;
	ret = page_fault(fault->svmm, svm->drm, &args->i, sizeof(*args),
			 nouveau_svm_hmm_flags(fault->access), atomic);
	buffer->phys = args->i.p.phys[0];
	nouveau_svm_mm_put(buffer, mm);
	if (!ret && nouveau_svm_page_refused(&args->i, fault->access))
		ret = -EFAULT;
	return ret;
}

int nouveau_svm_serve_page(struct nouveau_svm *svm,
			   struct nouveau_svm_fault_buffer *buffer, int fi,
			   int *pfn, nouveau_svm_page_fault_t page_fault)
{
	struct nouveau_svm_fault *first = buffer->fault[fi];
	union nouveau_pfnmap_page args;
	int fn, ret;

	ret = nouveau_svm_page_serve(svm, buffer, first, &args, page_fault);

	for (fn = fi + 1; fn < buffer->fault_nr; fn++)
		if (!nouveau_svm_group_takes(first, buffer->fault[fn], ret,
					     &args.i))
			break;
	*pfn = fn;

	for (; fi < fn; fi++) {
		if (ret)
			nouveau_svm_fault_cancel_fault(svm, buffer->fault[fi]);
		else
			nouveau_svm_fault_served(buffer->fault[fi]);
	}
	return !ret;
}

int nouveau_atomic_settle(struct mm_struct *mm, unsigned long start)
{
	struct page *page = NULL;
	int ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, start, 1, FOLL_GET | FOLL_WRITE, &page,
				    NULL);
	mmap_read_unlock(mm);
	if (ret <= 0)
		return -EINVAL;
	/* Only anonymous pages are ever lent. */
	ret = folio_test_anon(page_folio(page)) ? 0 : -EINVAL;
	if (!ret) {
		folio_lock(page_folio(page));
		folio_unlock(page_folio(page));
	}
	put_user_page(page);
	return ret;
}

/*
 * Until the page is exclusively ours and that is known to be true: on 0,
 * svmm->mutex is held, and *ppage is locked and referenced.
 */
static int nouveau_atomic_range_make(struct nouveau_svmm *svmm,
				     struct nouveau_drm *drm,
				     struct svm_notifier *notifier,
				     unsigned long start, struct page **ppage)
{
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	struct mm_struct *mm = notifier->notifier.mm;
	unsigned long notifier_seq = 0;
	struct page *page;
	int ret;

	for (;;) {
		if (time_after(jiffies, timeout))
			return -EBUSY;

		if (!mutated(nv_x_seq_after_make))
			notifier_seq =
				mmu_interval_read_begin(&notifier->notifier);
		page = NULL;
		mmap_read_lock(mm);
		ret = make_device_exclusive_range(mm, start, start + PAGE_SIZE,
						  &page, drm->dev);
		mmap_read_unlock(mm);
		if (ret <= 0 || (!page && mutated(nv_q_a4_trylock_kills)))
			return -EINVAL;
		if (mutated(nv_x_seq_after_make))
			notifier_seq =
				mmu_interval_read_begin(&notifier->notifier);
		if (page) {
			mutex_lock(&svmm->mutex);
			if (!mmu_interval_read_retry(&notifier->notifier,
						     notifier_seq) ||
			    mutated(nv_x_skip_retry)) {
				*ppage = page;
				return 0;
			}
			mutex_unlock(&svmm->mutex);
			folio_unlock(page_folio(page));
			put_user_page(page);
		}
		if (mutated(nv_q_a3_meets_own_entry))
			continue;
		ret = nouveau_atomic_settle(mm, start);
		if (ret)
			return ret;
	}
}

static int nouveau_atomic_range_fault(struct nouveau_svmm *svmm,
				      struct nouveau_drm *drm,
				      struct nouveau_pfnmap_args *args,
				      u32 size)
{
	unsigned long start = args->p.addr;
	struct svm_notifier notifier;
	struct page *page;
	int ret;

	rt_point(RT_SITE(RT_LOAD, "nouveau_atomic_range_fault", NULL), svmm);
	ret = nouveau_svm_notifier_insert(drm, svmm, &notifier, start,
					  args->p.size);
	if (ret)
		return ret;

	ret = nouveau_atomic_range_make(svmm, drm, &notifier, start, &page);
	if (!ret) {
		args->p.phys[0] = (u64)page_to_pfn(page) <<
				  NVIF_VMM_PFNMAP_V0_ADDR_SHIFT;
		args->p.phys[0] |= NVIF_VMM_PFNMAP_V0_V |
				   NVIF_VMM_PFNMAP_V0_W |
				   NVIF_VMM_PFNMAP_V0_A |
				   NVIF_VMM_PFNMAP_V0_HOST;
		ret = nouveau_range_map(svmm, &notifier, args, size);
		folio_unlock(page_folio(page));
		put_user_page(page);
	}
	nouveau_svm_notifier_remove(drm, &notifier);
	return ret;
}

static int nouveau_svm_exclusive_fault(struct nouveau_svmm *svmm,
				       struct nouveau_drm *drm,
				       struct nouveau_pfnmap_args *args,
				       u32 size, unsigned long hmm_flags,
				       bool atomic)
{
	if (atomic)
		return nouveau_atomic_range_fault(svmm, drm, args, size);
	return nouveau_range_fault(svmm, drm, args, size, hmm_flags);
}

static int nouveau_svm_exclusive_serve(struct nouveau_svm *svm,
				       struct nouveau_svm_fault_buffer *buffer,
				       int fi, int *fn)
{
	return nouveau_svm_serve_page(svm, buffer, fi, fn,
				      nouveau_svm_exclusive_fault);
}

const struct nouveau_svm_form nouveau_svm_exclusive = {
	.name	= "exclusive",
	.atomics = true,
	.own_vram = true,
	.large_pages = true,
	.cmp	= nouveau_svm_exclusive_cmp,
	.serve	= nouveau_svm_exclusive_serve,
};
