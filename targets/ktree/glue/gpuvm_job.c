// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_job: jobs, which use all that an address space maps, and evictions.
 *
 * A job is sent under the reservations of everything its address space maps,
 * after what was evicted of it has come back, and leaves its fence in each; who
 * evicts waits for the fences first. So a job finds its objects' pages where they
 * were when it was sent, and keeps the objects themselves.
 */
#include <drm/drm_exec.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include "targets/ktree/glue/gpuvm.h"

static u32 nr_jobs;

struct gpuvm_fence {
	struct dma_fence base;		/* first: it is freed by that */
	spinlock_t lock;
};

static const char *fence_name(struct dma_fence *fence)
{
	return "gpuvm";
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = fence_name,
	.get_timeline_name = fence_name,
};

static struct dma_fence *fence_create(u32 id)
{
	struct gpuvm_fence *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	spin_lock_init(&f->lock);
	/* Jobs may end in any order: each is a timeline by itself. */
	dma_fence_init(&f->base, &fence_ops, &f->lock, id, 1);
	return &f->base;
}

/* -- objects come back -- */

static int restore(struct gpuvm_bo *bo)
{
	if (!bo->run)
		bo->run = gpuvm_run_get();
	return bo->run ? 0 : -ENOMEM;
}

int gpuvm_vm_bo_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec)
{
	struct gpuvm_bo *bo = to_gpuvm_bo(vm_bo->obj);
	bool had = bo->run;
	struct drm_gpuva *va;
	int ret;

	dma_resv_assert_held(bo->base.resv);
	ret = restore(bo);
	if (ret)
		return ret;
	drm_gpuvm_bo_for_each_va(va, vm_bo)
		gpuvm_map_pages(va);
	drm_gpuvm_bo_evict(vm_bo, false);
	view_emit(EV_bo_restore, bo->id, to_gpuvm_vm(vm_bo->vm)->id,
		  had ? 0 : bo->run);
	return 0;
}

long gpuvm_prefetch(struct gpuvm_vm *vm, u64 addr, u64 range)
{
	struct drm_gpuvm_exec exec = {
		.vm = &vm->base, .flags = DRM_EXEC_IGNORE_DUPLICATES,
	};
	struct drm_gpuva_ops *ops;
	struct drm_gpuva_op *op;
	long ret;

	mutex_lock(&vm->bind);
	ops = drm_gpuvm_prefetch_ops_create(&vm->base, addr, range);
	ret = PTR_ERR_OR_ZERO(ops);
	if (!ret)
		ret = drm_gpuvm_exec_lock_range(&exec, addr, range);
	if (!ret) {
		drm_gpuva_for_each_op(op, ops) {
			struct drm_gpuva *va = op->prefetch.va;

			if (!ret && va->gem.obj && drm_gpuva_invalidated(va))
				ret = gpuvm_vm_bo_validate(va->vm_bo,
							   &exec.exec);
		}
		drm_gpuvm_exec_unlock(&exec);
	}
	if (!IS_ERR(ops))
		drm_gpuva_ops_free(&vm->base, ops);
	mutex_unlock(&vm->bind);
	return ret;
}

/* -- jobs -- */

static void job_free(struct gpuvm_job *job)
{
	while (job->nr)
		drm_gem_object_put(&job->use[--job->nr].bo->base);
	dma_fence_put(job->fence);
	drm_gpuvm_put(&job->vm->base);
	kfree(job);
}

static void job_run(struct work_struct *work)
{
	struct gpuvm_job *job = container_of(work, struct gpuvm_job, work);

	gpuvm_judged = job;
	view_emit(EV_vm_job_done, job->id, job->vm->id, 0);
	dma_fence_signal(job->fence);
	job_free(job);
}

static struct gpuvm_job *job_create(struct gpuvm_vm *vm)
{
	struct gpuvm_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return NULL;
	job->id = __atomic_add_fetch(&nr_jobs, 1, __ATOMIC_RELAXED);
	job->fence = fence_create(job->id);
	if (!job->fence) {
		kfree(job);
		return NULL;
	}
	INIT_WORK(&job->work, job_run);
	drm_gpuvm_get(&vm->base);
	job->vm = vm;
	return job;
}

static void job_use(struct gpuvm_job *job, struct gpuvm_bo *bo)
{
	job->use[job->nr].bo = bo;
	job->use[job->nr++].run = bo->run;
}

/* What is locked for it: the VM, hence all its own objects, and the others. */
static void job_uses(struct gpuvm_job *job, struct drm_exec *exec)
{
	struct gpuvm_bo *own[GPUVM_USES];
	struct drm_gem_object *obj;
	u32 nr = gpuvm_own_objects(job->vm, own, GPUVM_USES / 2), i;

	for (i = 0; i < nr; i++)
		job_use(job, own[i]);
	drm_exec_for_each_locked_object(exec, obj) {
		if (obj == drm_gpuvm_resv_obj(&job->vm->base) ||
		    job->nr == GPUVM_USES)
			continue;
		drm_gem_object_get(obj);
		job_use(job, to_gpuvm_bo(obj));
	}
}

/* The VM is locked, and everything it maps. */
static long send(struct gpuvm_job *job, struct drm_gpuvm_exec *exec)
{
	long ret = drm_gpuvm_exec_validate(exec);

	if (ret)
		return ret;
	if (READ_ONCE(job->vm->closed))
		return -ENODEV;
	job_uses(job, &exec->exec);
	gpuvm_judged = job;
	view_emit(EV_vm_job, job->id, job->vm->id, 0);
	drm_gpuvm_exec_resv_add_fence(exec, job->fence,
				      DMA_RESV_USAGE_BOOKKEEP,
				      DMA_RESV_USAGE_BOOKKEEP);
	schedule_work(&job->work);
	return 0;
}

long gpuvm_submit(struct gpuvm_vm *vm)
{
	struct drm_gpuvm_exec exec = {
		.vm = &vm->base, .flags = DRM_EXEC_IGNORE_DUPLICATES,
		.num_fences = 1,
	};
	struct gpuvm_job *job = job_create(vm);
	long ret;

	if (!job)
		return -ENOMEM;
	job->since = journal_seq();
	ret = drm_gpuvm_exec_lock(&exec);
	if (!ret) {
		ret = send(job, &exec);
		drm_gpuvm_exec_unlock(&exec);
	}
	if (ret)
		job_free(job);
	return ret;
}

/* -- objects go -- */

/* Nobody maps it any more who could use it, and every VM is told. */
static void drop_pages(struct gpuvm_bo *bo)
{
	struct drm_gpuvm_bo *vm_bo;
	struct drm_gpuva *va;

	drm_gem_for_each_gpuvm_bo(vm_bo, &bo->base)
		drm_gpuvm_bo_for_each_va(va, vm_bo)
			gpuvm_unmap_pages(va);
	drm_gpuvm_bo_gem_evict(&bo->base, true);
	view_emit(EV_bo_evict, bo->id, bo->run, 0);
	gpuvm_run_put(bo->run);
	bo->run = 0;
}

long gpuvm_evict(struct gpuvm_bo *bo)
{
	struct dma_resv *resv = bo->base.resv;
	long ret = dma_resv_lock(resv, NULL);

	if (ret)
		return ret;
	if (bo->run) {
		dma_resv_wait_timeout(resv, DMA_RESV_USAGE_BOOKKEEP, false,
				      MAX_SCHEDULE_TIMEOUT);
		drop_pages(bo);
	}
	dma_resv_unlock(resv);
	return 0;
}
