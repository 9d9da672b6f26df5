// SPDX-License-Identifier: GPL-2.0
/*
 * drm_gpuvm_bo: that a buffer object is mapped in an address space.
 *
 * Models the part of drivers/gpu/drm/drm_gpuvm.c, 6.12, on drm_gpuvm_bo, and
 * the little of drivers/gpu/drm/drm_gem.c it stands on. Spec: panthor.md 1.2,
 * 6.2 and 7.
 *
 * Lock order:
 *
 *   resv of the VM		vm->extobj; held where a vm_bo may go for good
 *     obj->gpuva.lock		obj->gpuva.list, vm_bo->list.gpuva, vm_bo->kref
 *
 * Differences: no list of evicted objects, since nothing here evicts one.
 */
#include <drm/drm_gpuvm.h>
#include <linux/bug.h>
#include <linux/slab.h>

void drm_gem_private_object_init(struct drm_gem_object *obj, size_t size,
				 void (*free)(struct drm_gem_object *obj))
{
	kref_init(&obj->refcount);
	obj->size = size;
	obj->free = free;
	obj->gpuva.lock = NULL;
	INIT_LIST_HEAD(&obj->gpuva.list);
	dma_resv_init(&obj->_resv);
	obj->resv = &obj->_resv;
}

void drm_gem_object_release(struct drm_gem_object *obj)
{
	WARN_ON(!list_empty(&obj->gpuva.list));
	dma_resv_fini(&obj->_resv);
}

static void drm_gem_object_free(struct kref *kref)
{
	struct drm_gem_object *obj =
		container_of(kref, struct drm_gem_object, refcount);

	obj->free(obj);
}

void drm_gem_object_put(struct drm_gem_object *obj)
{
	if (obj)
		kref_put(&obj->refcount, drm_gem_object_free);
}

struct drm_gpuvm_bo *drm_gpuvm_bo_create(struct drm_gpuvm *gpuvm,
					 struct drm_gem_object *obj)
{
	struct drm_gpuvm_bo *vm_bo = kzalloc(sizeof(*vm_bo), GFP_KERNEL);

	if (!vm_bo)
		return NULL;
	vm_bo->vm = drm_gpuvm_get(gpuvm);
	vm_bo->obj = obj;
	drm_gem_object_get(obj);
	kref_init(&vm_bo->kref);
	INIT_LIST_HEAD(&vm_bo->list.gpuva);
	INIT_LIST_HEAD(&vm_bo->list.entry.gem);
	INIT_LIST_HEAD(&vm_bo->list.entry.extobj);
	return vm_bo;
}

static void drm_gpuvm_bo_destroy(struct kref *kref)
{
	struct drm_gpuvm_bo *vm_bo =
		container_of(kref, struct drm_gpuvm_bo, kref);
	struct drm_gpuvm *gpuvm = vm_bo->vm;
	struct drm_gem_object *obj = vm_bo->obj;

	drm_gpuvm_resv_assert_held(gpuvm);
	list_del(&vm_bo->list.entry.extobj);
	drm_gem_gpuva_assert_lock_held(obj);
	list_del(&vm_bo->list.entry.gem);
	WARN_ON(!list_empty(&vm_bo->list.gpuva));
	kfree(vm_bo);
	drm_gpuvm_put(gpuvm);
	drm_gem_object_put(obj);
}

bool drm_gpuvm_bo_put(struct drm_gpuvm_bo *vm_bo)
{
	return vm_bo && kref_put(&vm_bo->kref, drm_gpuvm_bo_destroy);
}

struct drm_gpuvm_bo *drm_gpuvm_bo_find(struct drm_gpuvm *gpuvm,
				       struct drm_gem_object *obj)
{
	struct drm_gpuvm_bo *vm_bo;

	drm_gem_gpuva_assert_lock_held(obj);
	list_for_each_entry(vm_bo, &obj->gpuva.list, list.entry.gem)
		if (vm_bo->vm == gpuvm)
			return drm_gpuvm_bo_get(vm_bo);
	return NULL;
}

struct drm_gpuvm_bo *drm_gpuvm_bo_obtain_prealloc(struct drm_gpuvm_bo *__vm_bo)
{
	struct drm_gem_object *obj = __vm_bo->obj;
	struct drm_gpuvm_bo *vm_bo;

	vm_bo = drm_gpuvm_bo_find(__vm_bo->vm, obj);
	if (vm_bo) {
		drm_gpuvm_bo_put(__vm_bo);
		return vm_bo;
	}
	list_add_tail(&__vm_bo->list.entry.gem, &obj->gpuva.list);
	return __vm_bo;
}

void drm_gpuvm_bo_extobj_add(struct drm_gpuvm_bo *vm_bo)
{
	struct drm_gpuvm *gpuvm = vm_bo->vm;

	drm_gpuvm_resv_assert_held(gpuvm);
	if (drm_gpuvm_is_extobj(gpuvm, vm_bo->obj) &&
	    list_empty(&vm_bo->list.entry.extobj))
		list_add_tail(&vm_bo->list.entry.extobj, &gpuvm->extobj);
}
