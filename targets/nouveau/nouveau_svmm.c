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
 *  - SVM_BIND refuses another process' svmm, and has an interval notifier around
 *    it all, whose insert may fail it (W-A11, W-A19);
 *  - nouveau_pfns_*() are in nouveau_svm.c upstream.
 *
 * nouveau_pfns_map() does not test vmm (W-A8): an ioctl holds its file open, so
 * the one that migrates cannot meet the close. A CPU's fault can, and does test.
 */
#include <drm/nouveau_drm.h>
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/mutation.h"
#include "targets/nouveau/nouveau_dmem.h"
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

static bool nouveau_bind_invalidate(struct mmu_interval_notifier *mni,
				    const struct mmu_notifier_range *range,
				    unsigned long cur_seq)
{
	struct nouveau_bind *bind =
		container_of(mni, struct nouveau_bind, notifier);

	/* Else it would keep itself from mapping what it has migrated. */
	if (range->event == MMU_NOTIFY_MIGRATE && bind->task == current)
		return true;
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&bind->svmm->mutex);
	else if (!mutex_trylock(&bind->svmm->mutex))
		return false;
	mmu_interval_set_seq(mni, cur_seq);
	mutex_unlock(&bind->svmm->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops nouveau_bind_mni_ops = {
	.invalidate = nouveau_bind_invalidate,
};

/* What can be asked for: the bits and fields that are known, and one target. */
static bool nouveau_svmm_bind_valid(const struct drm_nouveau_svm_bind *args)
{
	if (args->reserved0 || args->reserved1)
		return false;
	if (args->header & ~NOUVEAU_SVM_BIND_VALID_MASK)
		return false;
	if (args->va_start >= args->va_end)
		return false;
	if ((args->header >> NOUVEAU_SVM_BIND_COMMAND_SHIFT &
	     NOUVEAU_SVM_BIND_COMMAND_MASK) !=
	    NOUVEAU_SVM_BIND_COMMAND__MIGRATE)
		return false;
	if ((args->header >> NOUVEAU_SVM_BIND_TARGET_SHIFT &
	     NOUVEAU_SVM_BIND_TARGET_MASK) !=
	    NOUVEAU_SVM_BIND_TARGET__GPU_VRAM)
		return false;
	return !args->stride;
}

/* All of it that is mapped. Needs the mm pinned, no lock. */
static int nouveau_svmm_bind_range(struct nouveau_drm *drm,
				   struct nouveau_svmm *svmm,
				   struct mm_struct *mm, unsigned long addr,
				   unsigned long end)
{
	struct nouveau_bind bind = { .svmm = svmm, .task = current };
	struct vm_area_struct *vma;
	unsigned long next;
	int ret;

	/* It may take mmap_lock for writing. */
	rt_name(&bind.notifier, "nouveau_bind", -1);
	ret = mmu_interval_notifier_insert(&bind.notifier, mm, addr, end - addr,
					   &nouveau_bind_mni_ops);
	if (ret)
		return ret;
	bind.seq = mmu_interval_read_begin(&bind.notifier);

	mmap_read_lock(mm);
	for (; addr < end; addr = next) {
		vma = find_vma_intersection(mm, addr, end);
		if (!vma)
			break;
		addr = max(addr, vma->vm_start);
		next = min(vma->vm_end, end);
		/* What stays where it is can be used there. */
		nouveau_dmem_migrate_vma(drm, svmm, vma, addr, next, &bind);
	}
	mmap_read_unlock(mm);
	mmu_interval_notifier_remove(&bind.notifier);
	return 0;
}

int nouveau_svmm_bind(struct drm_device *dev, void *data,
		      struct drm_file *file_priv)
{
	struct nouveau_cli *cli = file_priv->driver_priv;
	struct drm_nouveau_svm_bind *args = data;
	/* Without cli->mutex: pairs with the release in nouveau_svmm_init(). */
	struct nouveau_svmm *svmm = smp_load_acquire(&cli->svm.svmm);
	struct mm_struct *mm;
	int ret = -EINVAL;

	args->va_start &= PAGE_MASK;
	args->va_end = ALIGN(args->va_end, PAGE_SIZE);
	if (!nouveau_svmm_bind_valid(args))
		return -EINVAL;

	mm = current->mm;
	if (!mm)
		return -EINVAL;
	mmget(mm);
	/* The file may have been inherited: then its GPU address space is the
	 * parent's, and must not get pages of ours. */
	if (svmm)
		view_emit(EV_svm_bind, svmm->space, args->va_start,
			  args->va_end | (u64)mm->slot << 48);
	if (svmm && (svmm->notifier.mm == mm || mutated(nv_a19_binds_other_mm))) {
		ret = nouveau_svmm_bind_range(cli->drm, svmm, mm,
					      args->va_start, args->va_end);
		args->result = 0;
	}
	if (svmm)
		view_emit(EV_svm_bind_end, svmm->space, 0, (u64)(s64)ret);
	mmput(mm);
	return ret;
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

void nouveau_svmm_invalidate(struct nouveau_svmm *svmm, u64 start, u64 limit)
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

	/* A page of ours goes home: who brings it has to clear its mappings,
	 * for that he has to do before it is copied. */
	if (update->event == MMU_NOTIFY_MIGRATE &&
	    (update->owner == svmm->vmm->cli->drm->dev ||
	     mutated(nv_ignores_every_migrate)))
		goto out;
	/* A page that goes there must not be stored to while it is copied. */
	if (update->event == MMU_NOTIFY_MIGRATE && update->owner == svmm &&
	    mutated(nv_a9_ignores_own_migrate))
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
	struct nouveau_drm *drm;

	if (!svmm)
		return;
	drm = svmm->vmm->cli->drm;

	mutex_lock(&svmm->mutex);
	/* Invalidations do nothing any more once vmm is NULL, so nothing may be
	 * mapped then that they would have to clear. */
	if (!mutated(nv_fini_keeps_mappings))
		nouveau_svmm_invalidate(svmm, 0, ~0ull);
	svmm->vmm = NULL;
	view_emit(EV_svmm_gone, svmm->space, (u64)(size_t)svmm, 0);
	mutex_unlock(&svmm->mutex);

	if (!mutated(nv_fini_skip_flush))
		flush_work(&drm->svm->buffer[0].work);
	nouveau_dmem_svmm_del(drm, svmm);
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
	view_emit(EV_svmm_new, svmm->space, (u64)(size_t)svmm,
		  cli->drm->dmem ? cli->drm->dmem->device + 1 : 0);

	mmap_write_lock(current->mm);
	/* After that mmu_notifier_put() is what frees it. */
	ret = __mmu_notifier_register(&svmm->notifier, current->mm);
	mmap_write_unlock(current->mm);
	if (ret)
		goto out_vmm;
	nouveau_dmem_svmm_add(cli->drm, svmm);
	/* A SVM_BIND does not wait for cli->mutex: what it maps must be found
	 * on dmem->svmms. */
	smp_store_release(&cli->svm.svmm, svmm);
	mutex_unlock(&cli->mutex);
	return 0;

out_vmm:
	nvif_vmm_dtor(&cli->svm.vmm);
out_free:
	mutex_unlock(&cli->mutex);
	kfree(svmm);
	return ret;
}

/* The words are the end of the arguments that PFNMAP takes. */
static struct nouveau_pfnmap_args *nouveau_pfns_to_args(void *pfns)
{
	return container_of(pfns, struct nouveau_pfnmap_args, p.phys);
}

u64 *nouveau_pfns_alloc(unsigned long npages)
{
	struct nouveau_pfnmap_args *args;

	args = kzalloc(sizeof(*args) + npages * sizeof(u64), GFP_KERNEL);
	if (!args)
		return NULL;
	args->p.page = PAGE_SHIFT;
	return args->p.phys;
}

void nouveau_pfns_free(u64 *pfns)
{
	kfree(nouveau_pfns_to_args(pfns));
}

void nouveau_pfns_map(struct nouveau_svmm *svmm, struct nouveau_bind *bind,
		      unsigned long addr, u64 *pfns, unsigned long npages)
{
	struct nouveau_pfnmap_args *args = nouveau_pfns_to_args(pfns);

	args->p.addr = addr;
	args->p.size = npages << PAGE_SHIFT;

	mutex_lock(&svmm->mutex);
	/* As in a range fault: either the invalidation came first, and its
	 * callback found nothing to clear, or it waits for us. */
	if (mmu_interval_read_retry(&bind->notifier, bind->seq) &&
	    !mutated(nv_a11_map_without_seq))
		for (unsigned long i = 0; i < npages; i++)
			pfns[i] = NVIF_VMM_PFNMAP_V0_NONE;
	nvif_object_mthd(nouveau_svmm_object(svmm), NVIF_VMM_V0_PFNMAP, args,
			 sizeof(*args) + npages * sizeof(u64));
	mutex_unlock(&svmm->mutex);
}
