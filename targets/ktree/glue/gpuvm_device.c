// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_device: a device without a bus: its memory, objects and handles.
 *
 * Memory is numbers: an object has a run of frames, and whose a run is, is all
 * there is to know. A run that was given back is the last to be given out again,
 * so that who still uses it is seen.
 *
 * Not modelled: files of the device (a handle is everybody's), mmap of an object.
 */
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include "targets/ktree/glue/gpuvm.h"

#define RUNS	((0x1000u - VIEW_VM_TABLES) / GPUVM_BO_PAGES)

static struct {
	struct drm_device drm;
	struct device device;
	spinlock_t lock;		/* what follows */
	struct gpuvm_bo *bo[GPUVM_HANDLES];
	struct gpuvm_vm *vm[GPUVM_HANDLES];
	u32 nr_bos, nr_vms;		/* ever made */
	u32 next_run;
	bool taken[RUNS];
} *gpu;

struct drm_device *gpuvm_drm;

static const struct drm_driver driver = {
	.driver_features = DRIVER_GEM | DRIVER_GEM_GPUVA,
	.name = "gpuvm",
};

/* The device is there as long as the execution; who keeps it is counted. */
void drm_dev_get(struct drm_device *dev)
{
	kref_get(&dev->ref);
}

static void device_gone(struct kref *ref)
{
	kt_warn("the device is put once too often", "drm_dev_put", __LINE__);
}

void drm_dev_put(struct drm_device *dev)
{
	if (dev)
		kref_put(&dev->ref, device_gone);
}

const char *dev_driver_string(const struct device *dev)
{
	return driver.name;
}

u32 gpuvm_run_get(void)
{
	u32 run = 0, i;

	spin_lock(&gpu->lock);
	for (i = 0; i < RUNS && !run; i++) {
		u32 at = gpu->next_run++ % RUNS;

		if (!gpu->taken[at]) {
			gpu->taken[at] = true;
			run = VIEW_VM_TABLES + at * GPUVM_BO_PAGES;
		}
	}
	spin_unlock(&gpu->lock);
	return run;
}

void gpuvm_run_put(u32 run)
{
	spin_lock(&gpu->lock);
	gpu->taken[(run - VIEW_VM_TABLES) / GPUVM_BO_PAGES] = false;
	spin_unlock(&gpu->lock);
}

/* -- objects -- */

static void bo_free(struct drm_gem_object *obj)
{
	struct gpuvm_bo *bo = to_gpuvm_bo(obj);

	spin_lock(&gpu->lock);
	list_del(&bo->entry);
	spin_unlock(&gpu->lock);
	if (bo->run)
		gpuvm_run_put(bo->run);
	drm_gem_object_release(obj);
	if (bo->owner)
		drm_gem_object_put(bo->owner);
	kfree(bo);
}

static const struct drm_gem_object_funcs bo_funcs = { .free = bo_free };

static struct gpuvm_bo *bo_alloc(struct gpuvm_vm *owner)
{
	struct gpuvm_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL);

	if (!bo)
		return NULL;
	INIT_LIST_HEAD(&bo->entry);
	bo->base.funcs = &bo_funcs;
	if (owner) {
		bo->owner = drm_gpuvm_resv_obj(&owner->base);
		drm_gem_object_get(bo->owner);
		bo->base.resv = bo->owner->resv;
	}
	bo->run = gpuvm_run_get();
	drm_gem_private_object_init(&gpu->drm, &bo->base,
				    GPUVM_BO_PAGES * PAGE_SIZE);
	return bo;
}

static long bo_register(struct gpuvm_bo *bo, u32 handle, struct gpuvm_vm *owner)
{
	long ret = 0;

	spin_lock(&gpu->lock);
	bo->id = ++gpu->nr_bos;
	if (owner)
		list_add_tail(&bo->entry, &owner->own);
	if (gpu->bo[handle])
		ret = -EBUSY;
	else
		gpu->bo[handle] = bo;
	spin_unlock(&gpu->lock);
	return ret;
}

long gpuvm_bo_create(u32 handle, bool own, u32 vm)
{
	struct gpuvm_vm *owner = own ? gpuvm_vm_get(vm) : NULL;
	struct gpuvm_bo *bo;
	long ret = 0;

	if (own && !owner)
		return -ENOENT;
	bo = bo_alloc(owner);
	if (bo)
		ret = bo_register(bo, handle, owner);
	if (owner)
		drm_gpuvm_put(&owner->base);
	if (bo && ret)
		drm_gem_object_put(&bo->base);
	return bo ? ret : -ENOMEM;
}

u32 gpuvm_own_objects(struct gpuvm_vm *vm, struct gpuvm_bo **bos, u32 max)
{
	struct gpuvm_bo *bo;
	u32 nr = 0;

	spin_lock(&gpu->lock);
	list_for_each_entry(bo, &vm->own, entry)
		if (nr < max && kref_get_unless_zero(&bo->base.refcount))
			bos[nr++] = bo;
	spin_unlock(&gpu->lock);
	return nr;
}

struct gpuvm_bo *gpuvm_bo_get(u32 handle)
{
	struct gpuvm_bo *bo;

	spin_lock(&gpu->lock);
	bo = gpu->bo[handle];
	if (bo)
		drm_gem_object_get(&bo->base);
	spin_unlock(&gpu->lock);
	return bo;
}

/* Its mappings stay, and keep it. */
long gpuvm_bo_close(u32 handle)
{
	struct gpuvm_bo *bo;

	spin_lock(&gpu->lock);
	bo = gpu->bo[handle];
	gpu->bo[handle] = NULL;
	spin_unlock(&gpu->lock);
	if (!bo)
		return -ENOENT;
	drm_gem_object_put(&bo->base);
	return 0;
}

/* -- address spaces -- */

static struct gpuvm_vm *vm_alloc(bool resv_protected)
{
	struct gpuvm_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	struct drm_gem_object *r_obj;

	if (!vm)
		return NULL;
	r_obj = drm_gpuvm_resv_object_alloc(&gpu->drm);
	if (!r_obj) {
		kfree(vm);
		return NULL;
	}
	mutex_init(&vm->bind);
	INIT_LIST_HEAD(&vm->own);
	drm_gpuvm_init(&vm->base, "gpuvm",
		       resv_protected ? DRM_GPUVM_RESV_PROTECTED : 0,
		       &gpu->drm, r_obj, 0, GPUVM_VA_PAGES * PAGE_SIZE,
		       GPUVM_RESERVED * PAGE_SIZE, PAGE_SIZE, &gpuvm_ops);
	drm_gem_object_put(r_obj);
	return vm;
}

long gpuvm_vm_create(u32 handle, bool resv_protected)
{
	struct gpuvm_vm *vm = vm_alloc(resv_protected);
	long ret = 0;

	if (!vm)
		return -ENOMEM;
	spin_lock(&gpu->lock);
	vm->id = ++gpu->nr_vms;
	list_add_tail(&vm->entry, &gpuvm_vms);
	if (gpu->vm[handle])
		ret = -EBUSY;
	else
		gpu->vm[handle] = vm;
	spin_unlock(&gpu->lock);
	view_emit(EV_vm_new, vm->id, 0, 0);
	if (ret)
		drm_gpuvm_put(&vm->base);
	return ret;
}

struct gpuvm_vm *gpuvm_vm_get(u32 handle)
{
	struct gpuvm_vm *vm;

	spin_lock(&gpu->lock);
	vm = gpu->vm[handle];
	if (vm)
		drm_gpuvm_get(&vm->base);
	spin_unlock(&gpu->lock);
	return vm;
}

/* Jobs under way keep it, without a mapping. */
long gpuvm_vm_close(u32 handle)
{
	struct gpuvm_vm *vm;

	spin_lock(&gpu->lock);
	vm = gpu->vm[handle];
	gpu->vm[handle] = NULL;
	spin_unlock(&gpu->lock);
	if (!vm)
		return -ENOENT;
	gpuvm_vm_shut(vm);
	drm_gpuvm_put(&vm->base);
	return 0;
}

void gpuvm_vm_free(struct drm_gpuvm *gpuvm)
{
	struct gpuvm_vm *vm = to_gpuvm_vm(gpuvm);
	struct gpuvm_bo *bo, *next;

	spin_lock(&gpu->lock);
	list_del(&vm->entry);
	/* They keep its reservation, and nobody can map them any more. */
	list_for_each_entry_safe(bo, next, &vm->own, entry)
		list_del_init(&bo->entry);
	spin_unlock(&gpu->lock);
	view_emit(EV_vm_freed, vm->id, 0, 0);
	kfree(vm);
}

void gpuvm_device_boot(void)
{
	gpu = rt_alloc(sizeof(*gpu));
	spin_lock_init(&gpu->lock);
	gpu->drm.dev = &gpu->device;
	gpu->drm.driver = &driver;
	gpu->drm.driver_features = ~0u;
	kref_init(&gpu->drm.ref);
	gpuvm_drm = &gpu->drm;
	INIT_LIST_HEAD(&gpuvm_vms);
}

void gpuvm_device_halt(void)
{
	for (u32 i = 0; i < GPUVM_HANDLES; i++) {
		gpuvm_vm_close(i);
		gpuvm_bo_close(i);
	}
	ktree_kernel_quiesce();
	if (kref_read(&gpu->drm.ref) != 1)
		kt_warn("the device is still kept", "gpuvm_device_halt", __LINE__);
}
