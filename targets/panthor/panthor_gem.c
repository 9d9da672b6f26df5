// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_gem: buffer objects and the driver's own mappings.
 *
 * Models drivers/gpu/drm/panthor/panthor_gem.c, 6.12, and the pinning half of
 * drm_gem_shmem_helper.c. Spec: panthor.md 1.2, 6.2.
 *
 * Lock order: an object's resv (a VM's, if it is that VM's own), then its
 * gpuva_list_lock. bos_lock is taken alone.
 *
 * Differences: an object has one of four layouts in memory and 16 pages at
 * most; a file's handles are made on first use and closed at the end.
 */
#include <linux/err.h>
#include <linux/fault-inject.h>
#include <linux/slab.h>

#include "targets/mutation.h"
#include "targets/panthor/panthor_gem.h"
#include "targets/panthor/panthor_vm.h"
#include "targets/view.h"

#define SG(first, pages)	{ (first) * HW_PAGE_SIZE, (pages) * HW_PAGE_SIZE }

/*
 * Where in its run of frames the pages of each object lie: blocks in order,
 * blocks and single pages out of order, short ones, and one that no block fits.
 */
static const struct sg_table layouts[PANTHOR_BOS] = {
	{ 1, { SG(0, 16) } },
	{ 4, { SG(8, 8), SG(1, 3), SG(4, 4), SG(0, 1) } },
	{ 1, { SG(0, 8) } },
	{ 2, { SG(1, 4), SG(9, 2) } },
};

static struct {
	struct mutex lock;
	struct panthor_gem_object *bo[PANTHOR_BOS];
} bos __machine;

void panthor_gem_boot(void)
{
	mutex_init(&bos.lock);
}

struct panthor_gem_object *panthor_gem_lookup(u32 handle,
					      struct panthor_vm *vm)
{
	struct panthor_gem_object *bo;

	mutex_lock(&bos.lock);
	bo = bos.bo[handle];
	if (!bo)
		bo = bos.bo[handle] = panthor_gem_create(handle + 1,
							 &layouts[handle],
							 handle == 2 ? vm : NULL);
	if (bo)
		drm_gem_object_get(&bo->base);
	mutex_unlock(&bos.lock);
	return bo;
}

struct panthor_gem_object *panthor_gem_peek(u32 handle)
{
	return handle < PANTHOR_BOS ? bos.bo[handle] : NULL;
}

void panthor_gem_halt(void)
{
	for (u32 i = 0; i < PANTHOR_BOS; i++)
		if (bos.bo[i])
			drm_gem_object_put(&bos.bo[i]->base);
}

static void panthor_gem_free_object(struct drm_gem_object *obj)
{
	struct panthor_gem_object *bo = to_panthor_bo(obj);

	WARN_ON(bo->pages_use_count);
	drm_gem_object_release(obj);
	drm_gem_object_put(bo->exclusive_vm_root_gem);
	mutex_destroy(&bo->gpuva_list_lock);
	kfree(bo);
}

struct panthor_gem_object *panthor_gem_create(u32 id,
					      const struct sg_table *layout,
					      struct panthor_vm *vm)
{
	struct panthor_gem_object *bo = kzalloc(sizeof(*bo), GFP_KERNEL);
	size_t size = 0;

	if (!bo)
		return NULL;
	for (u32 i = 0; i < layout->nents; i++)
		size += layout->sgl[i].length;
	drm_gem_private_object_init(&bo->base, size, panthor_gem_free_object);
	mutex_init(&bo->gpuva_list_lock);
	drm_gem_gpuva_set_lock(&bo->base, &bo->gpuva_list_lock);
	bo->id = id;
	bo->layout = layout;
	if (vm) {
		bo->exclusive_vm_root_gem = panthor_vm_root_gem(vm);
		drm_gem_object_get(bo->exclusive_vm_root_gem);
		bo->base.resv = bo->exclusive_vm_root_gem->resv;
	}
	return bo;
}

int panthor_gem_pin(struct panthor_gem_object *bo)
{
	int ret = 0;

	dma_resv_lock(bo->base.resv, NULL);
	if (!bo->pages_use_count) {
		bo->first = should_fail_alloc(GFP_KERNEL, "get_pages") ?
			0 : hw_run_alloc();
		if (!bo->first)
			ret = -ENOMEM;
		bo->sgt.nents = bo->layout->nents;
		for (u32 i = 0; i < bo->sgt.nents; i++) {
			bo->sgt.sgl[i] = bo->layout->sgl[i];
			bo->sgt.sgl[i].dma_address += HW_PADDR(bo->first);
		}
	}
	if (!ret) {
		bo->pages_use_count++;
		view_emit(EV_bo_pin, bo->id, bo->pages_use_count, bo->first);
	}
	dma_resv_unlock(bo->base.resv);
	return ret;
}

void panthor_gem_unpin(struct panthor_gem_object *bo)
{
	dma_resv_lock(bo->base.resv, NULL);
	if (!WARN_ON(!bo->pages_use_count)) {
		bo->pages_use_count--;
		view_emit(EV_bo_unpin, bo->id, bo->pages_use_count, bo->first);
	}
	if (!bo->pages_use_count && bo->first) {
		hw_run_free(bo->first);
		bo->first = 0;
	}
	dma_resv_unlock(bo->base.resv);
}

/* One run is as much as the kernel ever maps at once. */
static const struct sg_table kernel_layout[3] = {
	{ 1, { SG(0, 1) } }, { 1, { SG(0, 2) } }, { 1, { SG(0, 4) } },
};

struct panthor_kernel_bo *panthor_kernel_bo_create(struct panthor_vm *vm,
						   u32 pages, u64 va)
{
	const struct sg_table *layout = &kernel_layout[pages > 2 ? 2 : pages - 1];
	struct panthor_kernel_bo *bo;
	int ret = -ENOMEM;

	bo = kzalloc(sizeof(*bo), GFP_KERNEL);
	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->obj = panthor_gem_create(PANTHOR_BOS + vm->id, layout, vm);
	if (!bo->obj)
		goto err_free_bo;
	ret = panthor_vm_alloc_va(vm, va, bo->obj->base.size, &bo->va_node);
	if (ret)
		goto err_put_obj;
	ret = panthor_vm_map_bo_range(vm, bo->obj, 0, bo->obj->base.size,
				      bo->va_node.start, 0);
	if (ret)
		goto err_free_va;
	bo->vm = panthor_vm_get(vm);
	return bo;

err_free_va:
	panthor_vm_free_va(vm, &bo->va_node);
err_put_obj:
	drm_gem_object_put(&bo->obj->base);
err_free_bo:
	kfree(bo);
	return ERR_PTR(ret);
}

void panthor_kernel_bo_destroy(struct panthor_kernel_bo *bo)
{
	struct panthor_vm *vm;
	int ret;

	if (!bo)
		return;
	vm = bo->vm;
	ret = panthor_vm_unmap_range(vm, bo->va_node.start, bo->va_node.size,
				     true);
	/*
	 * The node lies in the object: it leaves the allocator whatever became
	 * of the mapping.
	 */
	if (!ret || !mutated(pan_kernel_va_left))
		panthor_vm_free_va(vm, &bo->va_node);
	drm_gem_object_put(&bo->obj->base);
	kfree(bo);
	panthor_vm_put(vm);
}
