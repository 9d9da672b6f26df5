// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_vm_exec: an operation, with what was reserved for it.
 *
 * Models the page-table half and the steps of
 * drivers/gpu/drm/panthor/panthor_mmu.c, 6.12, and of v2; spec panthor.md 6.4,
 * 6.5. Locks: see panthor_vm.h. An asynchronous operation runs in a signalling
 * section: nothing here allocates, frees what others may have to wait for, or
 * takes a reservation.
 *
 * Differences, each mended in the smallest way, its row in mutations.def:
 *
 *   - a flush the GPU did not answer does not undo a step: tree and tables
 *     agree, the operation ends there with the error (W-E16);
 *   - an operation that failed after a step makes the VM unusable whoever asked
 *     for it, not only if it was asynchronous (W-E17);
 *   - nothing is mapped in a destroyed VM (W-E6).
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include "targets/panthor/panthor_vm.h"
#include "targets/view_panthor.h"

/*
 * The largest size that fits @addr and @size, and how many of it lie in one
 * table: the page table works on leaves of one table only.
 */
static size_t get_pgsize(u64 addr, u64 size, size_t *count)
{
	u64 blk_offset = -addr % HW_BLOCK_SIZE;
	u64 next;

	if (blk_offset || size < HW_BLOCK_SIZE) {
		*count = (blk_offset ? min(blk_offset, size) : size) /
			 HW_PAGE_SIZE;
		return HW_PAGE_SIZE;
	}
	next = 1ull << HW_SHIFT(1);
	blk_offset = -addr % next;
	*count = min(blk_offset ? blk_offset : next, size) / HW_BLOCK_SIZE;
	return HW_BLOCK_SIZE;
}

/*
 * The GPU forgets what it knows of [iova, iova + size). Only then may tables
 * that led there be used for something else. In the form that locks what an
 * operation changes that is when the steps are @over.
 *
 * If it does not answer, a reset is on its way; until that, the tables stay
 * with the VM and what the operation returns stays with the operation.
 */
static int flush_and_release(struct panthor_vm *vm, u64 iova, u64 size,
			     bool over)
{
	const struct panthor_region_ops *region = vm->ptdev->form->region;
	bool all = vm->flush_lost;
	int ret = 0;

	if (region && !over)
		return 0;
	if (all) {
		iova = vm->base.mm_start;
		size = vm->base.mm_range;
	}
	if (region)
		ret = region->unlock(vm, iova, size);
	else if (!mutated(pan_skip_flush))
		ret = panthor_vm_flush_range(vm, iova, size);
	if (!ret) {
		vm->flush_lost = false;
		panthor_vm_release_stale_tables(vm);
		return 0;
	}
	if (mutated(pan_flush_error_aborts))
		return ret;
	vm->flush_lost = true;
	vm->op_ctx->flush_ret = ret;
	return 0;
}

static int panthor_vm_unmap_pages(struct panthor_vm *vm, u64 iova, u64 size)
{
	u64 offset = 0;

	while (offset < size) {
		size_t pgcount, done;
		size_t pgsize = get_pgsize(iova + offset, size - offset,
					   &pgcount);

		done = io_pgtable_unmap_pages(&vm->pgtbl_ops, iova + offset,
					      pgsize, pgcount);
		offset += done;
		if (done != pgsize * pgcount) {
			flush_and_release(vm, iova, offset, false);
			return -EINVAL;
		}
	}
	return flush_and_release(vm, iova, size, false);
}

/* One piece of memory. *iova goes on with what was mapped. */
static int map_piece(struct panthor_vm *vm, u64 *iova, int prot, u64 paddr,
		     u64 len)
{
	while (len) {
		size_t pgcount, mapped = 0;
		size_t pgsize = get_pgsize(*iova | paddr, len, &pgcount);
		int ret;

		ret = io_pgtable_map_pages(&vm->pgtbl_ops, *iova, paddr,
					   pgsize, pgcount, prot, &mapped);
		*iova += mapped;
		paddr += mapped;
		len -= mapped;
		if (WARN_ON(!ret && !mapped))
			ret = -ENOMEM;
		if (ret)
			return ret;
	}
	return 0;
}

static int panthor_vm_map_pages(struct panthor_vm *vm, u64 iova, int prot,
				const struct sg_table *sgt, u64 offset,
				u64 size)
{
	bool as_posted = mutated(pan_v2_sg_offset_sign);
	u64 start_iova = iova;
	int ret;

	if (!size)
		return 0;
	for (u32 i = 0; i < sgt->nents && size; i++) {
		u64 paddr = sgt->sgl[i].dma_address;
		u64 len = sgt->sgl[i].length;

		if (len <= offset) {
			offset -= len;
			continue;
		}
		/* The first piece begins where the offset is, the others whole. */
		paddr += as_posted ? -offset : offset;
		len = min(len - offset, size);
		if (!as_posted)
			offset = 0;
		size -= len;
		ret = map_piece(vm, &iova, prot, paddr, len);
		if (ret) {
			/* What was mapped can be unmapped. */
			WARN_ON(panthor_vm_unmap_pages(vm, start_iova,
						       iova - start_iova));
			return ret;
		}
	}
	return flush_and_release(vm, start_iova, iova - start_iova, false);
}

static int flags_to_prot(u32 flags)
{
	int prot = IOMMU_READ;

	if (flags & DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC)
		prot |= IOMMU_NOEXEC;
	if (!(flags & DRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED))
		prot |= IOMMU_CACHE;
	if (!(flags & DRM_PANTHOR_VM_BIND_OP_MAP_READONLY))
		prot |= IOMMU_WRITE;
	return prot;
}

/* Takes over a reference of @vm_bo. */
static void panthor_vma_link(struct panthor_vma *vma,
			     struct drm_gpuvm_bo *vm_bo)
{
	struct panthor_gem_object *bo = to_panthor_bo(vma->base.gem.obj);

	mutex_lock(&bo->gpuva_list_lock);
	drm_gpuva_link(&vma->base, vm_bo);
	WARN_ON(drm_gpuvm_bo_put(vm_bo));
	mutex_unlock(&bo->gpuva_list_lock);
}

/*
 * @vma is not in the tree any more. It keeps its vm_bo until the cleanup: the
 * last put wants a reservation, and cannot have it here.
 */
static void panthor_vma_unlink(struct panthor_vm *vm, struct panthor_vma *vma)
{
	struct panthor_gem_object *bo = to_panthor_bo(vma->base.gem.obj);
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_get(vma->base.vm_bo);

	mutex_lock(&bo->gpuva_list_lock);
	drm_gpuva_unlink(&vma->base);
	mutex_unlock(&bo->gpuva_list_lock);
	vma->base.vm_bo = vm_bo;
	list_add_tail(&vma->node, &vm->op_ctx->returned_vmas);
	if (mutated(pan_returned_freed_in_section))
		panthor_vm_op_ctx_free_returned(vm->op_ctx);
}

static void panthor_vma_init(struct panthor_vma *vma, u32 flags)
{
	INIT_LIST_HEAD(&vma->node);
	vma->flags = flags;
}

static int panthor_gpuva_sm_step_map(struct drm_gpuva_op *op, void *priv)
{
	struct panthor_vm *vm = priv;
	struct panthor_vm_op_ctx *op_ctx = vm->op_ctx;
	struct panthor_vma *vma = panthor_vm_op_ctx_get_vma(vm, op_ctx);
	int ret;

	if (!vma)
		return -EINVAL;
	panthor_vma_init(vma, op_ctx->flags & PANTHOR_VM_MAP_FLAGS);
	ret = panthor_vm_map_pages(vm, op->map.va.addr,
				   flags_to_prot(vma->flags), op_ctx->map.sgt,
				   op->map.gem.offset, op->map.va.range);
	if (ret) {
		panthor_vm_op_ctx_return_vma(op_ctx, vma);
		return ret;
	}
	drm_gpuva_map(&vm->base, &vma->base, &op->map);
	/* The mapping owns the vm_bo, and with it the pages, from here on. */
	panthor_vma_link(vma, op_ctx->map.vm_bo);
	op_ctx->map.vm_bo = NULL;
	op_ctx->changed = true;
	return op_ctx->flush_ret;
}

/* What is left of a mapping on one side: a vma for it, or NULL. */
static struct panthor_vma *rest_of(struct panthor_vm *vm,
				   struct panthor_vma *old)
{
	struct panthor_vma *vma = panthor_vm_op_ctx_get_vma(vm, vm->op_ctx);

	if (vma)
		panthor_vma_init(vma, old->flags);
	return vma;
}

static int panthor_gpuva_sm_step_remap(struct drm_gpuva_op *op, void *priv)
{
	struct panthor_vma *unmap_vma =
		container_of(op->remap.unmap->va, struct panthor_vma, base);
	struct panthor_vma *prev_vma = NULL, *next_vma = NULL;
	struct panthor_vm *vm = priv;
	u64 unmap_start, unmap_range;
	int ret;

	drm_gpuva_op_remap_to_unmap_range(&op->remap, &unmap_start,
					  &unmap_range);
	ret = panthor_vm_unmap_pages(vm, unmap_start, unmap_range);
	if (ret)
		return ret;
	if (op->remap.prev) {
		prev_vma = rest_of(vm, unmap_vma);
		if (!prev_vma)
			return -EINVAL;
	}
	if (op->remap.next) {
		next_vma = rest_of(vm, unmap_vma);
		if (!next_vma)
			return -EINVAL;
	}
	drm_gpuva_remap(prev_vma ? &prev_vma->base : NULL,
			next_vma ? &next_vma->base : NULL, &op->remap);
	/* Each rest has a reference of its own: that of the old one is kept. */
	if (prev_vma)
		panthor_vma_link(prev_vma,
				 drm_gpuvm_bo_get(unmap_vma->base.vm_bo));
	if (next_vma)
		panthor_vma_link(next_vma,
				 drm_gpuvm_bo_get(unmap_vma->base.vm_bo));
	panthor_vma_unlink(vm, unmap_vma);
	vm->op_ctx->changed = true;
	return vm->op_ctx->flush_ret;
}

static int panthor_gpuva_sm_step_unmap(struct drm_gpuva_op *op, void *priv)
{
	struct panthor_vma *unmap_vma =
		container_of(op->unmap.va, struct panthor_vma, base);
	struct panthor_vm *vm = priv;
	int ret;

	ret = panthor_vm_unmap_pages(vm, unmap_vma->base.va.addr,
				     unmap_vma->base.va.range);
	if (ret)
		return ret;
	drm_gpuva_unmap(&op->unmap);
	panthor_vma_unlink(vm, unmap_vma);
	vm->op_ctx->changed = true;
	return vm->op_ctx->flush_ret;
}

const struct drm_gpuvm_ops panthor_gpuvm_ops = {
	.vm_free = panthor_vm_free,
	.sm_step_map = panthor_gpuva_sm_step_map,
	.sm_step_remap = panthor_gpuva_sm_step_remap,
	.sm_step_unmap = panthor_gpuva_sm_step_unmap,
};

static void set_op_ctx(struct panthor_vm *vm, struct panthor_vm_op_ctx *op)
{
	rt_point(RT_SITE(RT_STORE, "panthor_vm_exec_op", "vm->op_ctx"),
		 &vm->op_ctx);
	vm->op_ctx = op;
	view_emit(EV_vm_op_ctx, vm->id, op != NULL,
		  lockdep_is_held(&vm->op_lock));
}

static int run_op(struct panthor_vm *vm, struct panthor_vm_op_ctx *op)
{
	if (op->flags & DRM_PANTHOR_VM_BIND_OP_TYPE_MASK)
		return drm_gpuvm_sm_unmap(&vm->base, vm, op->va.addr,
					  op->va.range);
	/* Nobody will unmap what is mapped after destroy's unmap of all. */
	if (vm->destroyed && !mutated(pan_map_after_destroy))
		return -EINVAL;
	if (vm->unusable && !mutated(pan_map_when_unusable))
		return -EINVAL;
	if (!op->map.vm_bo) {
		view_emit(EV_op_exhausted, vm->id, 2, 0);
		return -EINVAL;
	}
	return drm_gpuvm_sm_map(&vm->base, vm, op->va.addr, op->va.range,
				op->map.vm_bo->obj, op->map.bo_offset);
}

/* run_op(), and the GPU kept out meanwhile. */
static int run_op_locked(struct panthor_vm *vm, struct panthor_vm_op_ctx *op)
{
	int ret, lost;

	vm->ptdev->form->region->lock(vm, op->va.addr, op->va.range);
	ret = run_op(vm, op);
	lost = flush_and_release(vm, op->va.addr, op->va.range, true);
	if (!lost)
		lost = op->flush_ret;
	return ret ? ret : lost;
}

int panthor_vm_exec_op(struct panthor_vm *vm, struct panthor_vm_op_ctx *op,
		       bool flag_vm_unusable_on_failure)
{
	u32 type = op->flags >> 28;
	u64 what = VIEW_BIND(vm->id, type, op->async);
	u64 range = VIEW_BIND_VA(op->va.addr, op->va.range);
	bool lock = op->async || !mutated(pan_sync_skips_op_lock);
	int ret;

	if (type == DRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY >> 28)
		return 0;
	if (lock)
		mutex_lock(&vm->op_lock);
	set_op_ctx(vm, op);
	view_emit(EV_vm_op_begin, what, range,
		  VIEW_BIND_BO(op->map.bo, op->map.bo_offset, op->flags));
	if (vm->ptdev->form->region)
		ret = run_op_locked(vm, op);
	else
		ret = run_op(vm, op);
	/* What was to be one change may be half of one. */
	if (ret && ((flag_vm_unusable_on_failure &&
		     !mutated(pan_async_failure_ignored)) ||
		    (op->changed && !op->async &&
		     !mutated(pan_sync_failure_ignored)))) {
		WRITE_ONCE(vm->unusable, true);
		view_emit(EV_vm_unusable, vm->id, 0, 0);
	}
	view_emit(EV_vm_op_end, what, range, (u64)-ret);
	set_op_ctx(vm, NULL);
	if (lock)
		mutex_unlock(&vm->op_lock);
	return ret;
}
