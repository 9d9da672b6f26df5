// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_vm: what a step of a request does to an address space: to the tree of
 * its mappings, to the lists of its objects, and to the page table.
 *
 * A step that says so keeps what is in the page table, and a map writes what is
 * missing there and nothing else: the least that the tree's documentation allows
 * a driver, so that a wrong word of the tree's is seen in an entry.
 */
#include <linux/slab.h>

#include "targets/ktree/glue/gpuvm.h"

LIST_HEAD(gpuvm_vms);

static struct drm_gpuva *skip_reserved(struct gpuvm_vm *vm,
				       struct drm_gpuva *va)
{
	return va == &vm->base.kernel_alloc_node ? gpuvm_next(vm, va) : va;
}

struct drm_gpuva *gpuvm_first(struct gpuvm_vm *vm)
{
	struct drm_gpuva *va = list_first_entry_or_null(
		&vm->base.rb.list, struct drm_gpuva, rb.entry);

	return va ? skip_reserved(vm, va) : NULL;
}

struct drm_gpuva *gpuvm_next(struct gpuvm_vm *vm, struct drm_gpuva *va)
{
	if (list_is_last(&va->rb.entry, &vm->base.rb.list))
		return NULL;
	return skip_reserved(vm, list_next_entry(va, rb.entry));
}

/* -- the page table: one level, VIEW_VM_PAGES entries -- */

static u64 entry(const struct gpuvm_bo *bo, u64 offset)
{
	return (bo->run + offset / PAGE_SIZE) << PAGE_SHIFT | 1;
}

static void clear(struct gpuvm_vm *vm, u64 addr, u64 range)
{
	memset(&vm->pte[addr / PAGE_SIZE], 0,
	       range / PAGE_SIZE * sizeof(*vm->pte));
}

void gpuvm_map_pages(struct drm_gpuva *va)
{
	const struct gpuvm_bo *bo = to_gpuvm_bo(va->gem.obj);
	u64 *pte = &to_gpuvm_vm(va->vm)->pte[va->va.addr / PAGE_SIZE];
	u64 at;

	drm_gpuva_invalidate(va, !bo->run);
	for (at = 0; bo->run && at < va->va.range; at += PAGE_SIZE, pte++)
		if (!*pte)
			*pte = entry(bo, va->gem.offset + at);
}

void gpuvm_unmap_pages(struct drm_gpuva *va)
{
	drm_gpuva_invalidate(va, true);
	clear(to_gpuvm_vm(va->vm), va->va.addr, va->va.range);
}

/* -- the steps -- */

static struct drm_gpuva *spare(struct gpuvm_bind *bind)
{
	if (!bind->nr_spare)
		panic("a request makes more mappings than it may");
	return bind->spare[--bind->nr_spare];
}

static int step_map(struct drm_gpuva_op *op, void *priv)
{
	struct gpuvm_bind *bind = priv;
	struct drm_gpuva *va = spare(bind);

	gpuvm_expect_step(bind->vm, op);
	to_gpuvm_va(va)->since = journal_seq();
	drm_gpuva_map(&bind->vm->base, va, &op->map);
	drm_gpuva_link(va, bind->vm_bo);
	gpuvm_map_pages(va);
	return 0;
}

/* It was mapped before, for who asks in the middle of the step. */
static void inherit(struct drm_gpuva *va, struct drm_gpuva *of)
{
	if (va)
		to_gpuvm_va(va)->since = to_gpuvm_va(of)->since;
}

/* What is left of a mapping has its entries already, or it was evicted. */
static void relink(struct drm_gpuva *va, struct drm_gpuva *of)
{
	if (!va)
		return;
	drm_gpuva_link(va, of->vm_bo);
	drm_gpuva_invalidate(va, of->flags & DRM_GPUVA_INVALIDATED);
}

static int step_remap(struct drm_gpuva_op *op, void *priv)
{
	struct gpuvm_bind *bind = priv;
	struct drm_gpuva *old = op->remap.unmap->va;
	struct drm_gpuva *prev = op->remap.prev ? spare(bind) : NULL;
	struct drm_gpuva *next = op->remap.next ? spare(bind) : NULL;
	u64 start, range;

	gpuvm_expect_step(bind->vm, op);
	drm_gpuva_op_remap_to_unmap_range(&op->remap, &start, &range);
	if (!op->remap.unmap->keep)
		clear(bind->vm, start, range);
	inherit(prev, old);
	inherit(next, old);
	drm_gpuva_remap(prev, next, &op->remap);
	relink(prev, old);
	relink(next, old);
	drm_gpuva_unlink(old);
	kfree(to_gpuvm_va(old));
	return 0;
}

static int step_unmap(struct drm_gpuva_op *op, void *priv)
{
	struct gpuvm_bind *bind = priv;
	struct drm_gpuva *va = op->unmap.va;

	gpuvm_expect_step(bind->vm, op);
	if (!op->unmap.keep)
		clear(bind->vm, va->va.addr, va->va.range);
	drm_gpuva_unmap(&op->unmap);
	drm_gpuva_unlink(va);
	kfree(to_gpuvm_va(va));
	return 0;
}

int gpuvm_step(struct drm_gpuva_op *op, struct gpuvm_bind *bind)
{
	switch (op->op) {
	case DRM_GPUVA_OP_MAP:
		return step_map(op, bind);
	case DRM_GPUVA_OP_REMAP:
		return step_remap(op, bind);
	case DRM_GPUVA_OP_UNMAP:
		return step_unmap(op, bind);
	default:
		return -EINVAL;
	}
}

const struct drm_gpuvm_ops gpuvm_ops = {
	.vm_free = gpuvm_vm_free,
	.vm_bo_validate = gpuvm_vm_bo_validate,
	.sm_step_map = step_map,
	.sm_step_remap = step_remap,
	.sm_step_unmap = step_unmap,
};
