// SPDX-License-Identifier: GPL-2.0
/*
 * view_bind: what oracles may ask of VM_BIND; see targets/view_panthor.h. An
 * operation's own task asks under op_lock; at rest nobody changes anything.
 */
#include "targets/panthor/panthor_vm.h"
#include "targets/panthor/view_bind.h"

_Static_assert(VIEW_VM_SHIFT(0) == HW_SHIFT(0) &&
	       VIEW_VM_SHIFT(3) == HW_SHIFT(3) &&
	       VIEW_VM_PAGES == HW_VA_PAGES &&
	       VIEW_VM_TABLES == HW_FIRST_PAGE &&
	       VIEW_BO_RUN == HW_RUN_PAGES, "one scale");

static struct panthor_device *device __machine;

/* The device's list; no lock, like all a view does. */
static struct panthor_vm *vm_of(u32 id)
{
	struct panthor_vm *vm;

	list_for_each_entry(vm, &device->mmu->vm.list, node)
		if (vm->id == id)
			return vm;
	return NULL;
}

static struct panthor_vma *vma_of(u32 id, u32 nr)
{
	struct panthor_vm *vm = vm_of(id);
	struct interval_tree_node *node = vm ? vm->base.tree.first : NULL;

	while (node && nr--)
		node = node->next;
	return node ? container_of(node, struct panthor_vma, base.rb) : NULL;
}

bool view_bind_gpuva(u32 id, u32 nr, struct view_gpuva *v)
{
	struct panthor_vma *vma = vma_of(id, nr);

	if (!vma)
		return false;
	v->first = (u32)(vma->base.va.addr / HW_PAGE_SIZE);
	v->pages = (u32)(vma->base.va.range / HW_PAGE_SIZE);
	v->bo = to_panthor_bo(vma->base.gem.obj)->id;
	v->bo_page = (u32)(vma->base.gem.offset / HW_PAGE_SIZE);
	v->flags = vma->flags & PANTHOR_VM_MAP_FLAGS;
	return true;
}

u32 view_bind_gpuva_frame(u32 id, u32 nr, u32 page)
{
	struct panthor_vma *vma = vma_of(id, nr);
	struct panthor_gem_object *bo;
	u64 offset;

	if (!vma)
		return 0;
	bo = to_panthor_bo(vma->base.gem.obj);
	offset = vma->base.gem.offset + page * HW_PAGE_SIZE;
	if (!bo->first)
		return 0;
	for (u32 i = 0; i < bo->layout->nents; i++) {
		const struct scatterlist *sg = &bo->layout->sgl[i];

		if (offset < sg->length)
			return bo->first + HW_FRAME(sg->dma_address + offset);
		offset -= sg->length;
	}
	return 0;
}

u32 view_bind_stale_tables(u32 id)
{
	struct panthor_vm *vm = vm_of(id);

	return vm ? vm->nr_stale_tables : 0;
}

bool view_bind_bo(u32 nr, struct view_bo *v)
{
	struct panthor_gem_object *bo = panthor_gem_peek(nr);
	struct drm_gpuvm_bo *vm_bo;
	struct drm_gpuva *va;

	if (nr >= PANTHOR_BOS)
		return false;
	*v = (struct view_bo){ .id = nr + 1 };
	if (!bo)
		return true;
	v->pins = bo->pages_use_count;
	list_for_each_entry(vm_bo, &bo->base.gpuva.list, list.entry.gem) {
		v->vm_bos++;
		v->refs += (u32)__atomic_load_n(&vm_bo->kref.refcount.refs.counter,
						__ATOMIC_RELAXED);
		list_for_each_entry(va, &vm_bo->list.gpuva, gem.entry)
			v->gpuvas++;
		if (bo->exclusive_vm_root_gem &&
		    vm_bo->vm->r_obj != bo->exclusive_vm_root_gem)
			v->foreign = true;
	}
	return true;
}

void view_bind_boot(struct panthor_device *ptdev)
{
	device = ptdev;
}
