// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svmm: an address space shared with the GPU: how it comes, follows
 * the mm, and goes.
 *
 * Models the first half of drivers/gpu/drm/nouveau/nouveau_svm.c, 6.12, in its
 * order; spec nouveau.md, sections 1.3, 2 and 3.1. The lock order is drawn in
 * nouveau_svm.c.
 *
 * An svmm is found under svm->mutex and used long after, without a reference:
 *
 *	fault handler			close
 *	-------------			-----
 *	lookup: fault->svmm
 *					nouveau_svmm_part()
 *					nouveau_svmm_fini()
 *					  vmm = NULL
 *					  [must wait for the handler here]
 *	svmm->mutex, svmm->vmm		  mmu_notifier_put() -> kfree()
 *	[must see that vmm is NULL]
 *
 * Differences from upstream:
 *  - fini clears what is mapped, then vmm, and drains the handler last (6.12.117
 *    drains first and leaves the mappings to the address space's destructor,
 *    6.1 does not drain): so the handler has to test vmm, and does;
 *  - a release callback: upstream has none, and keeps mappings of pages that
 *    exit_mmap() frees until the file is closed;
 *  - no SVM_BIND: there is no device memory yet.
 */
#include <drm/nouveau_drm.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "targets/mutation.h"
#include "targets/nouveau/nouveau_svm.h"
#include "targets/view.h"

struct nouveau_ivmm *nouveau_ivmm_find(struct nouveau_svm *svm, u64 inst)
{
	struct nouveau_ivmm *ivmm;

	list_for_each_entry(ivmm, &svm->inst, head) {
		if (ivmm->inst == inst)
			return ivmm;
	}
	return NULL;
}

struct nvif_object *nouveau_svmm_object(struct nouveau_svmm *svmm)
{
	view_emit(EV_svmm_use, svmm->space, (u64)(size_t)svmm, !svmm->vmm);
	return &svmm->vmm->vmm.object;
}

void nouveau_svmm_part(struct nouveau_svmm *svmm, u64 inst)
{
	struct nouveau_svm *svm = svmm->vmm->cli->drm->svm;
	struct nouveau_ivmm *ivmm;

	mutex_lock(&svm->mutex);
	ivmm = nouveau_ivmm_find(svm, inst);
	if (ivmm) {
		list_del(&ivmm->head);
		kfree(ivmm);
	}
	mutex_unlock(&svm->mutex);
}

int nouveau_svmm_join(struct nouveau_svmm *svmm, u64 inst)
{
	struct nouveau_svm *svm = svmm->vmm->cli->drm->svm;
	struct nouveau_ivmm *ivmm;

	ivmm = kmalloc(sizeof(*ivmm), GFP_KERNEL);
	if (!ivmm)
		return -ENOMEM;
	ivmm->inst = inst;
	ivmm->svmm = svmm;

	mutex_lock(&svm->mutex);
	list_add(&ivmm->head, &svm->inst);
	mutex_unlock(&svm->mutex);
	return 0;
}

/* No GPU translation of [start, limit) is left. Needs svmm->mutex and vmm. */
static void nouveau_svmm_invalidate(struct nouveau_svmm *svmm, u64 start,
				    u64 limit)
{
	struct nvif_vmm_pfnclr_v0 args = {
		.addr = start,
		.size = limit - start,
	};

	if (limit > start)
		nvif_object_mthd(nouveau_svmm_object(svmm),
				 NVIF_VMM_V0_PFNCLR, &args, sizeof(args));
}

static int
nouveau_svmm_invalidate_range_start(struct mmu_notifier *mn,
				    const struct mmu_notifier_range *update)
{
	struct nouveau_svmm *svmm =
		container_of(mn, struct nouveau_svmm, notifier);
	unsigned long start = update->start;
	unsigned long limit = update->end;

	if (!mmu_notifier_range_blockable(update))
		return -EAGAIN;

	mutex_lock(&svmm->mutex);
	if (!svmm->vmm)
		goto out;

	/* Our own migration: whoever migrates mends the GPU's mapping too. */
	if (update->event == MMU_NOTIFY_MIGRATE &&
	    update->owner == svmm->vmm->cli->drm->dev)
		goto out;

	if (mutated(nv_skip_gpu_clear))
		goto out;

	/* The managed part below the unmanaged range, then the one above it. */
	if (limit > svmm->unmanaged.start && start < svmm->unmanaged.limit) {
		if (start < svmm->unmanaged.start)
			nouveau_svmm_invalidate(svmm, start,
						svmm->unmanaged.limit);
		start = svmm->unmanaged.limit;
	}
	nouveau_svmm_invalidate(svmm, start, limit);
out:
	mutex_unlock(&svmm->mutex);
	return 0;
}

/*
 * The pages are about to be unmapped and nobody will call us for it. No fault
 * can map anything again: its mmget_not_zero() fails from here on.
 */
static void nouveau_svmm_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct nouveau_svmm *svmm =
		container_of(mn, struct nouveau_svmm, notifier);

	if (mutated(nv_a13_skip_release))
		return;
	mutex_lock(&svmm->mutex);
	if (svmm->vmm)
		nouveau_svmm_invalidate(svmm, 0, ~0ull);
	mutex_unlock(&svmm->mutex);
}

static void nouveau_svmm_free_notifier(struct mmu_notifier *mn)
{
	struct nouveau_svmm *svmm =
		container_of(mn, struct nouveau_svmm, notifier);

	view_emit(EV_svmm_free, svmm->space, (u64)(size_t)svmm, 0);
	kfree(svmm);
}

static const struct mmu_notifier_ops nouveau_mn_ops = {
	.release = nouveau_svmm_release,
	.invalidate_range_start = nouveau_svmm_invalidate_range_start,
	.free_notifier = nouveau_svmm_free_notifier,
};

void nouveau_svmm_fini(struct nouveau_svmm **psvmm)
{
	struct nouveau_svmm *svmm = *psvmm;
	struct nouveau_svm *svm;

	if (!svmm)
		return;
	svm = svmm->vmm->cli->drm->svm;

	mutex_lock(&svmm->mutex);
	/* Invalidations do nothing any more once vmm is NULL, so nothing may be
	 * mapped then that they would have to clear. */
	if (!mutated(nv_fini_keeps_mappings))
		nouveau_svmm_invalidate(svmm, 0, ~0ull);
	svmm->vmm = NULL;
	view_emit(EV_svmm_gone, svmm->space, (u64)(size_t)svmm, 0);
	mutex_unlock(&svmm->mutex);

	if (!mutated(nv_fini_skip_flush))
		flush_work(&svm->buffer[0].work);
	*psvmm = NULL;
	mmu_notifier_put(&svmm->notifier);
}

int nouveau_svmm_init(struct drm_device *dev, void *data,
		      struct drm_file *file_priv)
{
	struct nouveau_cli *cli = file_priv->driver_priv;
	struct drm_nouveau_svm_init *args = data;
	struct nouveau_svmm *svmm;
	int ret = -EBUSY;

	if (!cli->drm->svm)
		return -ENOSYS;

	svmm = kzalloc(sizeof(*svmm), GFP_KERNEL);
	if (!svmm)
		return -ENOMEM;
	rt_name(svmm, "svmm", -1);
	rt_name(&svmm->notifier, "svmm->notifier", -1);
	svmm->unmanaged.start = args->unmanaged_addr;
	svmm->unmanaged.limit = args->unmanaged_addr + args->unmanaged_size;
	mutex_init(&svmm->mutex);

	mutex_lock(&cli->mutex);
	if (cli->svm.svmm)
		goto out_free;
	ret = nvif_vmm_ctor(&cli->svm.vmm, args->unmanaged_addr,
			    args->unmanaged_size, current->mm->slot,
			    &svmm->notifier);
	if (ret)
		goto out_free;
	svmm->space = cli->svm.vmm.object.handle;
	svmm->vmm = &cli->svm;
	svmm->notifier.ops = &nouveau_mn_ops;
	view_emit(EV_svmm_new, svmm->space, (u64)(size_t)svmm, 0);

	mmap_write_lock(current->mm);
	ret = __mmu_notifier_register(&svmm->notifier, current->mm);
	/* From here mmu_notifier_put() is what frees it. */
	if (!ret)
		cli->svm.svmm = svmm;
	mmap_write_unlock(current->mm);
	if (ret)
		goto out_vmm;
	mutex_unlock(&cli->mutex);
	return 0;

out_vmm:
	nvif_vmm_dtor(&cli->svm.vmm);
out_free:
	mutex_unlock(&cli->mutex);
	kfree(svmm);
	return ret;
}
