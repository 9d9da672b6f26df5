// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_bind: VM_BIND: requests to change an address space.
 *
 * Both ways of drm_gpuvm are here: the steps are done as they are found, or a
 * list of them is asked for before anything is locked but vm->bind, so that all
 * memory is there by then. A request holds the reservations of what it maps and of
 * all that it may unmap, since the last mapping of an object takes the object's
 * vm_bo with it.
 *
 * Events vm_op_begin and vm_op_end stand around each request, for who keeps
 * account of what is mapped where.
 */
#include <drm/drm_exec.h>
#include <linux/slab.h>

#include "targets/ktree/glue/gpuvm.h"

enum { BIND_MAP, BIND_UNMAP };

struct request {
	struct gpuvm_vm *vm;
	struct gpuvm_bo *bo;		/* NULL: an unmap */
	u64 addr, range, offset;
};

static void tell_begin(const struct request *r)
{
	view_emit(EV_vm_op_begin,
		  VIEW_BIND(r->vm->id, r->bo ? BIND_MAP : BIND_UNMAP, 0),
		  VIEW_BIND_VA(r->addr, r->range),
		  r->bo ? VIEW_BIND_BO(r->bo->id, r->offset, 0) : 0);
}

static void tell_end(const struct request *r, long ret)
{
	view_emit(EV_vm_op_end,
		  VIEW_BIND(r->vm->id, r->bo ? BIND_MAP : BIND_UNMAP, 0),
		  VIEW_BIND_VA(r->addr, r->range), (u64)-ret);
}

/* The reservations that do not depend on what is mapped. */
static int lock_own(const struct request *r, struct drm_exec *exec)
{
	int ret = 0;

	if (drm_gpuvm_resv_protected(&r->vm->base))
		ret = drm_gpuvm_prepare_vm(&r->vm->base, exec, 0);
	if (!ret && r->bo)
		ret = drm_exec_lock_obj(exec, &r->bo->base);
	return ret;
}

/*
 * All reservations of a request. @exec is to be ended unless that failed.
 *
 * The range comes last: of one where nothing is mapped nothing is locked, and
 * who then asks for contention, which the next lock would have ended, finds that
 * of the round before, for ever.
 */
static int lock_all(const struct request *r, struct drm_exec *exec)
{
	int ret;

	drm_exec_init(exec, DRM_EXEC_IGNORE_DUPLICATES, 0);
	drm_exec_until_all_locked(exec) {
		ret = lock_own(r, exec);
		if (!ret)
			ret = drm_gpuvm_prepare_range(&r->vm->base, exec,
						      r->addr, r->range, 0);
		drm_exec_retry_on_contention(exec);
		if (ret)
			goto fail;
	}
	return 0;
fail:
	drm_exec_fini(exec);
	return ret;
}

static void spares_put(struct gpuvm_bind *bind)
{
	while (bind->nr_spare)
		kfree(to_gpuvm_va(bind->spare[--bind->nr_spare]));
}

static int spares_get(struct gpuvm_bind *bind)
{
	while (bind->nr_spare < GPUVM_SPARES) {
		struct gpuvm_va *va = kzalloc(sizeof(*va), GFP_KERNEL);

		if (!va) {
			spares_put(bind);
			return -ENOMEM;
		}
		bind->spare[bind->nr_spare++] = &va->base;
	}
	return 0;
}

/* Under its reservation: that the VM maps the object, and what that entails. */
static int vm_bo_get(struct gpuvm_bind *bind, struct gpuvm_bo *bo)
{
	struct drm_gpuvm_bo *vm_bo =
		drm_gpuvm_bo_obtain(&bind->vm->base, &bo->base);

	if (IS_ERR(vm_bo))
		return PTR_ERR(vm_bo);
	drm_gpuvm_bo_extobj_add(vm_bo);
	if (!bo->run)
		drm_gpuvm_bo_evict(vm_bo, true);
	bind->vm_bo = vm_bo;
	return 0;
}

static long do_list(struct gpuvm_bind *bind, struct drm_gpuva_ops *ops)
{
	struct drm_gpuva_op *op;
	int ret = 0;

	drm_gpuva_for_each_op(op, ops) {
		ret = gpuvm_step(op, bind);
		if (ret)
			break;
	}
	return ret;
}

/* Everything that can fail is behind us, but for the steps' own memory. */
static long do_request(const struct request *r, struct gpuvm_bind *bind,
		       struct drm_gpuva_ops *ops)
{
	struct drm_gpuvm *gpuvm = &r->vm->base;
	long ret;

	tell_begin(r);
	gpuvm_expect(r->vm, r->addr, r->range, r->bo ? &r->bo->base : NULL,
		     r->offset);
	if (ops)
		ret = do_list(bind, ops);
	else if (r->bo)
		ret = drm_gpuvm_sm_map(gpuvm, bind, r->addr, r->range,
				       &r->bo->base, r->offset);
	else
		ret = drm_gpuvm_sm_unmap(gpuvm, bind, r->addr, r->range);
	gpuvm_expect_end(r->vm, ret);
	tell_end(r, ret);
	return ret;
}

static struct drm_gpuva_ops *list_of(const struct request *r)
{
	if (!r->bo)
		return drm_gpuvm_sm_unmap_ops_create(&r->vm->base, r->addr,
						     r->range);
	return drm_gpuvm_sm_map_ops_create(&r->vm->base, r->addr, r->range,
					   &r->bo->base, r->offset);
}

/*
 * Where spinlocks protect the VM's lists, the request's reference of its vm_bo may
 * go when it is over, under the object's reservation alone: as Nouveau does it.
 */
static void put_later(struct gpuvm_bind *bind, struct gpuvm_bo *bo)
{
	if (!bind->vm_bo)
		return;
	dma_resv_lock(bo->base.resv, NULL);
	drm_gpuvm_bo_put(bind->vm_bo);
	dma_resv_unlock(bo->base.resv);
}

/* With vm->bind and all spares. */
static long locked_request(const struct request *r, struct gpuvm_bind *bind,
			   struct drm_gpuva_ops *ops)
{
	struct drm_exec exec;
	long ret = lock_all(r, &exec);

	if (ret)
		return ret;
	if (READ_ONCE(r->vm->closed))
		ret = -ENODEV;
	if (!ret && r->bo)
		ret = vm_bo_get(bind, r->bo);
	if (!ret)
		ret = do_request(r, bind, ops);
	if (!ops || drm_gpuvm_resv_protected(&r->vm->base)) {
		drm_gpuvm_bo_put(bind->vm_bo);
		bind->vm_bo = NULL;
	}
	drm_exec_fini(&exec);
	return ret;
}

static long request(const struct request *r, bool list)
{
	struct gpuvm_bind bind = { .vm = r->vm };
	struct drm_gpuva_ops *ops = NULL;
	long ret = spares_get(&bind);

	if (ret)
		return ret;
	mutex_lock(&r->vm->bind);
	if (!drm_gpuvm_range_valid(&r->vm->base, r->addr, r->range))
		ret = -EINVAL;
	if (!ret && list) {
		ops = list_of(r);
		ret = PTR_ERR_OR_ZERO(ops);
	}
	if (!ret)
		ret = locked_request(r, &bind, ops);
	if (!IS_ERR_OR_NULL(ops))
		drm_gpuva_ops_free(&r->vm->base, ops);
	mutex_unlock(&r->vm->bind);
	put_later(&bind, r->bo);
	spares_put(&bind);
	return ret;
}

long gpuvm_map(struct gpuvm_vm *vm, struct gpuvm_bo *bo, u64 addr, u64 range,
	       u64 offset, bool list)
{
	const struct request r = { vm, bo, addr, range, offset };

	if (bo->owner && bo->owner != drm_gpuvm_resv_obj(&vm->base))
		return -EPERM;
	if (offset + range > bo->base.size)
		return -EINVAL;
	return request(&r, list);
}

long gpuvm_unmap(struct gpuvm_vm *vm, u64 addr, u64 range, bool list)
{
	const struct request r = { vm, NULL, addr, range, 0 };

	return request(&r, list);
}

/* One of several mappings of an object, by a step of its own. */
static void undo(struct gpuvm_vm *vm, struct drm_gpuva_op *op)
{
	struct drm_gpuva *va = op->unmap.va;
	const struct request r = { vm, NULL, va->va.addr, va->va.range, 0 };
	struct gpuvm_bind bind = { .vm = vm };

	tell_begin(&r);
	gpuvm_expect(vm, r.addr, r.range, NULL, 0);
	gpuvm_step(op, &bind);
	gpuvm_expect_end(vm, 0);
	tell_end(&r, 0);
}

static long bo_unmap(struct gpuvm_vm *vm, struct drm_gpuvm_bo *vm_bo)
{
	struct drm_gpuva_ops *ops = drm_gpuvm_bo_unmap_ops_create(vm_bo);
	struct drm_gpuva_op *op;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	drm_gpuva_for_each_op(op, ops)
		undo(vm, op);
	drm_gpuva_ops_free(&vm->base, ops);
	return 0;
}

long gpuvm_bo_unmap(struct gpuvm_vm *vm, struct gpuvm_bo *bo)
{
	const struct request r = { vm, bo, 0, 0, 0 };
	struct drm_gpuvm_bo *vm_bo;
	struct drm_exec exec;
	long ret;

	mutex_lock(&vm->bind);
	ret = lock_all(&r, &exec);
	if (!ret) {
		vm_bo = drm_gpuvm_bo_find(&vm->base, &bo->base);
		ret = vm_bo ? bo_unmap(vm, vm_bo) : -ENOENT;
		drm_gpuvm_bo_put(vm_bo);
		drm_exec_fini(&exec);
	}
	mutex_unlock(&vm->bind);
	return ret;
}

/*
 * The neighbours are asked for of what is mapped, as they are documented. A
 * function each, so that a report says which of them it was.
 */
static noinline void find_prev(struct gpuvm_vm *vm, u64 start)
{
	gpuvm_expect_find(vm, GPUVM_PREV, start, 0,
			  drm_gpuva_find_prev(&vm->base, start));
}

static noinline void find_next(struct gpuvm_vm *vm, u64 end)
{
	gpuvm_expect_find(vm, GPUVM_NEXT, end, 0,
			  drm_gpuva_find_next(&vm->base, end));
}

long gpuvm_find(struct gpuvm_vm *vm, u64 addr, u64 range)
{
	struct drm_gpuvm *gpuvm = &vm->base;
	struct drm_gpuva *va;

	mutex_lock(&vm->bind);
	va = drm_gpuva_find_first(gpuvm, addr, range);
	if (va == &gpuvm->kernel_alloc_node)
		va = NULL;
	gpuvm_expect_find(vm, GPUVM_FIRST, addr, range, va);
	gpuvm_expect_find(vm, GPUVM_EXACT, addr, range,
			  drm_gpuva_find(gpuvm, addr, range));
	if (va) {
		find_next(vm, va->va.addr + va->va.range);
		find_prev(vm, va->va.addr);
	}
	mutex_unlock(&vm->bind);
	return 0;
}

void gpuvm_vm_shut(struct gpuvm_vm *vm)
{
	const struct request r = {
		vm, NULL, 0, GPUVM_VA_PAGES * PAGE_SIZE, 0
	};
	struct drm_gpuva *va, *next;
	struct drm_exec exec;

	mutex_lock(&vm->bind);
	/* Without memory it waits: there is no way back. */
	while (lock_all(&r, &exec))
		schedule_timeout_uninterruptible(1);
	WRITE_ONCE(vm->closed, true);
	for (va = gpuvm_first(vm); va; va = next) {
		struct drm_gpuva_op op = {
			.op = DRM_GPUVA_OP_UNMAP, .unmap.va = va,
		};

		next = gpuvm_next(vm, va);
		undo(vm, &op);
	}
	drm_exec_fini(&exec);
	mutex_unlock(&vm->bind);
}
