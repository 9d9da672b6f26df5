// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_vm_bind: operations as jobs and as calls.
 *
 * Models the end of drivers/gpu/drm/panthor/panthor_mmu.c, 6.12, and the
 * VM_BIND ioctl of panthor_drv.c; spec panthor.md 6.1, 12.1. Locks: see
 * panthor_vm.h.
 *
 *	create	one reference of the VM; everything reserved; may fail
 *	arm	its fence exists: from here on nothing may fail
 *	push	the scheduler owns it
 *	run	in order, one at a time, in a signalling section
 *	free	on the submit queue; the cleanup goes to a queue of its own,
 *		where reservations may be waited for
 *
 * Differences: one operation a call, so that all-or-nothing is nothing to
 * speak of; only the VM's reservation hears of the fence; an operation of no
 * size is refused if it is asynchronous too (W-E18).
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/panthor_vm.h"
#include "targets/view_panthor.h"

struct panthor_vm_bind_job {
	struct drm_sched_job base;
	struct kref refcount;
	struct work_struct cleanup_op_ctx_work;
	struct panthor_vm *vm;		/* a reference */
	struct panthor_vm_op_ctx ctx;
};

static struct panthor_vm_bind_job *to_job(struct drm_sched_job *sched_job)
{
	return container_of(sched_job, struct panthor_vm_bind_job, base);
}

static struct dma_fence *panthor_vm_bind_run_job(struct drm_sched_job *sched_job)
{
	struct panthor_vm_bind_job *job = to_job(sched_job);
	bool cookie;
	int ret;

	/* After a failure the VM is of no use but to be destroyed. */
	cookie = dma_fence_begin_signalling();
	ret = panthor_vm_exec_op(job->vm, &job->ctx, true);
	dma_fence_end_signalling(cookie);
	return ret ? ERR_PTR(ret) : NULL;
}

static void panthor_vm_bind_job_release(struct kref *kref)
{
	struct panthor_vm_bind_job *job =
		container_of(kref, struct panthor_vm_bind_job, refcount);

	if (job->base.s_fence)
		drm_sched_job_cleanup(&job->base);
	panthor_vm_cleanup_op_ctx(&job->ctx, job->vm);
	panthor_vm_put(job->vm);
	kfree(job);
}

static void panthor_vm_bind_job_put(struct panthor_vm_bind_job *job)
{
	kref_put(&job->refcount, panthor_vm_bind_job_release);
}

static void panthor_vm_bind_free_job(struct drm_sched_job *sched_job)
{
	struct panthor_vm_bind_job *job = to_job(sched_job);

	drm_sched_job_cleanup(sched_job);
	panthor_vm_queue_cleanup(&job->cleanup_op_ctx_work);
}

const struct drm_sched_backend_ops panthor_vm_bind_ops = {
	.run_job	= panthor_vm_bind_run_job,
	.free_job	= panthor_vm_bind_free_job,
};

static void panthor_vm_bind_job_cleanup_op_ctx_work(struct work_struct *work)
{
	panthor_vm_bind_job_put(container_of(work, struct panthor_vm_bind_job,
					     cleanup_op_ctx_work));
}

/* What a call asks for, checked and reserved. */
static int panthor_vm_bind_prepare_op_ctx(struct panthor_vm *vm,
					  const struct panthor_bind_args *args,
					  struct panthor_vm_op_ctx *op_ctx)
{
	u64 va = args->va * HW_PAGE_SIZE, size = args->size * HW_PAGE_SIZE;
	struct panthor_gem_object *bo;
	u32 flags = 0;
	int ret;

	if (va + size > vm->user_va_range)
		return -EINVAL;
	switch (args->type) {
	case 0:
		if (args->readonly)
			flags |= DRM_PANTHOR_VM_BIND_OP_MAP_READONLY;
		bo = panthor_gem_lookup(args->bo, vm);
		if (!bo)
			return -ENOMEM;
		ret = panthor_vm_prepare_map_op_ctx(op_ctx, vm, bo,
				args->bo_page * HW_PAGE_SIZE, size, va, flags);
		drm_gem_object_put(&bo->base);
		break;
	case 1:
		ret = panthor_vm_prepare_unmap_op_ctx(op_ctx, vm, va, size,
						      false);
		break;
	case 2:
		if (args->va || args->size)
			return -EINVAL;
		panthor_vm_prepare_sync_only_op_ctx(op_ctx);
		ret = 0;
		break;
	default:
		return -EINVAL;
	}
	op_ctx->async = args->async;
	return ret;
}

/* ERR_PTR. The VM gets a reference for the job. */
static struct panthor_vm_bind_job *
panthor_vm_bind_job_create(struct panthor_vm *vm,
			   const struct panthor_bind_args *args)
{
	struct panthor_vm_bind_job *job;
	int ret;

	if ((READ_ONCE(vm->destroyed) || READ_ONCE(vm->unusable)) &&
	    !mutated(pan_async_create_unchecked))
		return ERR_PTR(-EINVAL);
	/* It would insert a mapping that overlaps nothing, or everything. */
	if (args->type != 2 && !args->size && !mutated(pan_async_size_zero))
		return ERR_PTR(-EINVAL);
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return ERR_PTR(-ENOMEM);
	ret = panthor_vm_bind_prepare_op_ctx(vm, args, &job->ctx);
	if (ret) {
		kfree(job);
		return ERR_PTR(ret);
	}
	INIT_WORK(&job->cleanup_op_ctx_work,
		  panthor_vm_bind_job_cleanup_op_ctx_work);
	kref_init(&job->refcount);
	job->vm = panthor_vm_get(vm);
	ret = drm_sched_job_init(&job->base, &vm->entity);
	if (!ret)
		return job;
	panthor_vm_bind_job_put(job);
	return ERR_PTR(ret);
}

static int panthor_vm_bind_async(struct panthor_vm *vm,
				 const struct panthor_bind_args *args)
{
	struct panthor_vm_bind_job *job = panthor_vm_bind_job_create(vm, args);
	struct dma_resv *resv = panthor_vm_resv(vm);
	int ret;

	if (IS_ERR(job))
		return (int)PTR_ERR(job);
	dma_resv_lock(resv, NULL);
	ret = dma_resv_reserve_fences(resv, 1);
	if (!ret) {
		drm_sched_job_arm(&job->base);
		dma_resv_add_fence(resv, &job->base.s_fence->finished);
		drm_sched_entity_push_job(&job->base);
	}
	dma_resv_unlock(resv);
	if (ret)
		panthor_vm_bind_job_put(job);
	return ret;
}

/* Prepared, at once, and cleaned up. */
static int exec_and_cleanup(struct panthor_vm *vm,
			    struct panthor_vm_op_ctx *op_ctx)
{
	int ret = panthor_vm_exec_op(vm, op_ctx, false);

	panthor_vm_cleanup_op_ctx(op_ctx, vm);
	return ret;
}

static int panthor_vm_bind_exec_sync_op(struct panthor_vm *vm,
					const struct panthor_bind_args *args)
{
	struct panthor_vm_op_ctx op_ctx;
	int ret;

	if (!args->size)
		return 0;
	ret = panthor_vm_bind_prepare_op_ctx(vm, args, &op_ctx);
	return ret ? ret : exec_and_cleanup(vm, &op_ctx);
}

int panthor_vm_map_bo_range(struct panthor_vm *vm,
			    struct panthor_gem_object *bo, u64 offset, u64 size,
			    u64 va, u32 flags)
{
	struct panthor_vm_op_ctx op_ctx;
	int ret;

	ret = panthor_vm_prepare_map_op_ctx(&op_ctx, vm, bo, offset, size, va,
					    flags);
	return ret ? ret : exec_and_cleanup(vm, &op_ctx);
}

int panthor_vm_unmap_range(struct panthor_vm *vm, u64 va, u64 size, bool whole)
{
	struct panthor_vm_op_ctx op_ctx;
	int ret;

	ret = panthor_vm_prepare_unmap_op_ctx(&op_ctx, vm, va, size, whole);
	return ret ? ret : exec_and_cleanup(vm, &op_ctx);
}

long panthor_ioctl_vm_bind(struct panthor_device *ptdev,
			   const struct panthor_bind_args *args)
{
	struct panthor_vm *vm;
	int cookie;
	long ret;
	u64 what;

	if (!drm_dev_enter(&ptdev->base, &cookie))
		return -ENODEV;
	vm = panthor_vm_pool_get_vm(ptdev, args->vm);
	if (!vm) {
		drm_dev_exit(cookie);
		return -EINVAL;
	}
	what = VIEW_BIND(vm->id, args->type, args->async);
	view_emit(EV_vm_bind, what, 0, 0);
	ret = args->async ? panthor_vm_bind_async(vm, args) :
			    panthor_vm_bind_exec_sync_op(vm, args);
	view_emit(EV_vm_bind, what, 1, (u64)-ret);
	panthor_vm_put(vm);
	drm_dev_exit(cookie);
	return ret;
}
