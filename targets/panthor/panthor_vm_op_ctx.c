// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_vm_op_ctx: what an operation may need, reserved while memory may be
 * waited for, and given back when it may be again.
 *
 * Models the middle of drivers/gpu/drm/panthor/panthor_mmu.c, 6.12, and of v2;
 * spec panthor.md 1.3, 6.2, 6.3, 6.6. Locks: see panthor_vm.h.
 *
 * Differences, each mended in the smallest way, its row in mutations.def:
 *
 *   - a table that a change unlinked goes back to the cache after the flush,
 *     not before (W-E15);
 *   - after a flush that the GPU did not answer, what an operation returns is
 *     given back after the reset (W-E16);
 *   - what the kernel unmaps are whole mappings, a VM's or its own: nothing is
 *     split, so nothing is reserved, and destroying a VM cannot fail for want
 *     of memory (W-E19).
 */
#include <linux/align.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "targets/panthor/panthor_vm.h"
#include "targets/panthor/view_bind.h"

/* Tables that are out of the cache. */
static u32 tables_out __machine;

u32 view_bind_tables_out(void)
{
	return __atomic_load_n(&tables_out, __ATOMIC_RELAXED);
}

/* The page-table cache: 0 if there is no memory. */
static u32 pt_cache_alloc(u32 vm)
{
	u32 frame = 0;

	if (!should_fail_alloc(GFP_KERNEL, "pt_cache"))
		frame = hw_table_alloc();
	if (!frame)
		return 0;
	__atomic_fetch_add(&tables_out, 1, __ATOMIC_RELAXED);
	view_emit(EV_pgt_alloc, vm, frame, 0);
	return frame;
}

static void pt_cache_free(u32 frame)
{
	rt_point(RT_SITE(RT_STORE, "kmem_cache_free", "pt_cache"), NULL);
	view_emit(EV_pgt_free, 0, frame, 0);
	__atomic_fetch_sub(&tables_out, 1, __ATOMIC_RELAXED);
	hw_table_free(frame);
}

static u32 alloc_pt(void *cookie)
{
	struct panthor_vm *vm = cookie;
	struct panthor_vm_op_ctx *op_ctx = vm->op_ctx;

	/* The root is made before the VM is anybody's. */
	if (!vm->pgtbl_ops.root)
		return pt_cache_alloc(vm->id);
	if (!op_ctx ||
	    op_ctx->rsvd_page_tables.ptr >= op_ctx->rsvd_page_tables.count) {
		view_emit(EV_op_exhausted, vm->id, 1, 0);
		return 0;
	}
	return op_ctx->rsvd_page_tables.pages[op_ctx->rsvd_page_tables.ptr++];
}

/*
 * No entry leads to @frame any more, but the GPU may have walked there before
 * the entry went, and may walk there still. After the flush it does not.
 */
static void free_pt(void *cookie, u32 frame)
{
	struct panthor_vm *vm = cookie;

	if (!vm->op_ctx || mutated(pan_table_freed_before_flush)) {
		pt_cache_free(frame);
		return;
	}
	if (!WARN_ON(vm->nr_stale_tables == PANTHOR_STALE_TABLES))
		vm->stale_tables[vm->nr_stale_tables++] = (u8)frame;
}

void panthor_vm_release_stale_tables(struct panthor_vm *vm)
{
	while (vm->nr_stale_tables)
		pt_cache_free(vm->stale_tables[--vm->nr_stale_tables]);
}

const struct io_pgtable_cfg panthor_pgtbl_cfg = {
	.alloc	= alloc_pt,
	.free	= free_pt,
};

static void panthor_vm_bo_put(struct drm_gpuvm_bo *vm_bo)
{
	struct panthor_gem_object *bo = to_panthor_bo(vm_bo->obj);
	struct drm_gpuvm *vm = vm_bo->vm;
	bool unpin;

	/* Both have locks that are held over their last put here. */
	drm_gem_object_get(&bo->base);
	drm_gpuvm_get(vm);
	dma_resv_lock(drm_gpuvm_resv(vm), NULL);
	mutex_lock(&bo->gpuva_list_lock);
	unpin = drm_gpuvm_bo_put(vm_bo);
	mutex_unlock(&bo->gpuva_list_lock);
	dma_resv_unlock(drm_gpuvm_resv(vm));
	/* The pages were its to keep. */
	if (unpin)
		panthor_gem_unpin(bo);
	drm_gpuvm_put(vm);
	drm_gem_object_put(&bo->base);
}

static void free_reserve(struct panthor_vm_op_ctx *op_ctx)
{
	u32 first = op_ctx->rsvd_page_tables.ptr;

	/* Those before ptr are linked in the tables. */
	if (mutated(pan_reserve_freed_whole))
		first = 0;
	if (mutated(pan_reserve_kept))
		first = op_ctx->rsvd_page_tables.count;
	for (u32 i = first; i < op_ctx->rsvd_page_tables.count; i++)
		pt_cache_free(op_ctx->rsvd_page_tables.pages[i]);
	kfree(op_ctx->rsvd_page_tables.pages);
	op_ctx->rsvd_page_tables.pages = NULL;
	op_ctx->rsvd_page_tables.count = op_ctx->rsvd_page_tables.ptr = 0;
}

void panthor_vm_op_ctx_free_returned(struct panthor_vm_op_ctx *op_ctx)
{
	struct panthor_vma *vma, *next;

	list_for_each_entry_safe(vma, next, &op_ctx->returned_vmas, node) {
		list_del(&vma->node);
		panthor_vm_bo_put(vma->base.vm_bo);
		kfree(vma);
	}
}

void panthor_vm_cleanup_op_ctx(struct panthor_vm_op_ctx *op_ctx,
			       struct panthor_vm *vm)
{
	/* The reset that was scheduled makes the GPU forget everything. */
	if (op_ctx->flush_ret && !mutated(pan_cleanup_skips_reset))
		flush_work(&vm->ptdev->reset.work);
	free_reserve(op_ctx);
	if (op_ctx->map.vm_bo)
		panthor_vm_bo_put(op_ctx->map.vm_bo);
	op_ctx->map.vm_bo = NULL;
	for (u32 i = 0; i < ARRAY_SIZE(op_ctx->preallocated_vmas); i++) {
		kfree(op_ctx->preallocated_vmas[i]);
		op_ctx->preallocated_vmas[i] = NULL;
	}
	panthor_vm_op_ctx_free_returned(op_ctx);
}

void panthor_vm_op_ctx_return_vma(struct panthor_vm_op_ctx *op_ctx,
				  struct panthor_vma *vma)
{
	for (u32 i = 0; i < ARRAY_SIZE(op_ctx->preallocated_vmas); i++) {
		if (!op_ctx->preallocated_vmas[i]) {
			op_ctx->preallocated_vmas[i] = vma;
			return;
		}
	}
	WARN_ON_ONCE(1);
}

struct panthor_vma *panthor_vm_op_ctx_get_vma(struct panthor_vm *vm,
					      struct panthor_vm_op_ctx *op_ctx)
{
	for (u32 i = 0; i < ARRAY_SIZE(op_ctx->preallocated_vmas); i++) {
		struct panthor_vma *vma = op_ctx->preallocated_vmas[i];

		if (vma) {
			op_ctx->preallocated_vmas[i] = NULL;
			return vma;
		}
	}
	view_emit(EV_op_exhausted, vm->id, 2, 0);
	return NULL;
}

static int panthor_vm_op_ctx_prealloc_vmas(struct panthor_vm_op_ctx *op_ctx,
					   u32 vma_count)
{
	for (u32 i = 0; i < vma_count; i++) {
		struct panthor_vma *vma = kzalloc(sizeof(*vma), GFP_KERNEL);

		if (!vma)
			return -ENOMEM;
		op_ctx->preallocated_vmas[i] = vma;
	}
	return 0;
}

static int reserve_tables(struct panthor_vm_op_ctx *op_ctx, u32 pt_count)
{
	u8 *pages;

	if (!pt_count)
		return 0;
	pages = kcalloc(pt_count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	op_ctx->rsvd_page_tables.pages = pages;
	while (op_ctx->rsvd_page_tables.count < pt_count) {
		u32 frame = pt_cache_alloc(0);

		if (!frame)
			return -ENOMEM;
		pages[op_ctx->rsvd_page_tables.count++] = (u8)frame;
	}
	return 0;
}

static void init_op_ctx(struct panthor_vm_op_ctx *op_ctx, u64 va, u64 size,
			u32 flags)
{
	memset(op_ctx, 0, sizeof(*op_ctx));
	INIT_LIST_HEAD(&op_ctx->returned_vmas);
	op_ctx->flags = flags;
	op_ctx->va.range = size;
	op_ctx->va.addr = va;
}

/* Tables of one level that lead to, or are, those of [va, va + size). */
static u32 tables_at(u64 va, u64 size, int level)
{
	u64 entry = 1ull << HW_SHIFT(level);

	return (u32)((ALIGN(va + size, entry) - ALIGN_DOWN(va, entry)) >>
		     HW_SHIFT(level));
}

u32 panthor_vm_map_table_count(u64 va, u64 size)
{
	u32 last = tables_at(va, size, 2);

	/* Where an end is not aligned, its block counts in full. */
	if (mutated(pan_reserve_ends_short))
		last = (u32)(ALIGN(size, HW_BLOCK_SIZE) >> HW_SHIFT(2));
	return tables_at(va, size, 0) + tables_at(va, size, 1) + last;
}

/* A block that is cut at an end of the range becomes a table. */
u32 panthor_vm_unmap_table_count(u64 va, u64 size)
{
	u64 end = va + size, up = ALIGN(end, HW_BLOCK_SIZE);

	return (va != ALIGN(va, HW_BLOCK_SIZE)) +
	       (end != up && up != ALIGN(va, HW_BLOCK_SIZE));
}

/*
 * Pin the pages, and find or make what says that @vm maps @bo; it keeps the pin.
 * One that is there already keeps its own, and the new pin is dropped.
 */
static int obtain_vm_bo(struct panthor_vm_op_ctx *op_ctx, struct panthor_vm *vm,
			struct panthor_gem_object *bo)
{
	struct drm_gpuvm_bo *prealloc;
	bool found;
	int ret;

	ret = panthor_gem_pin(bo);
	if (ret)
		return ret;
	op_ctx->map.sgt = &bo->sgt;
	op_ctx->map.bo = bo->id;
	prealloc = drm_gpuvm_bo_create(&vm->base, &bo->base);
	if (!prealloc) {
		panthor_gem_unpin(bo);
		return -ENOMEM;
	}
	/* A vm_bo that goes wants the first lock, its lists the second. */
	dma_resv_lock(panthor_vm_resv(vm), NULL);
	mutex_lock(&bo->gpuva_list_lock);
	op_ctx->map.vm_bo = drm_gpuvm_bo_obtain_prealloc(prealloc);
	found = prealloc != op_ctx->map.vm_bo;
	dma_resv_unlock(panthor_vm_resv(vm));
	/* A resv is outside the lists' lock: the pin goes after both. */
	if (found && mutated(pan_unpin_under_list_lock)) {
		panthor_gem_unpin(bo);
		found = false;
	}
	mutex_unlock(&bo->gpuva_list_lock);
	if (found && !mutated(pan_pin_kept_twice))
		panthor_gem_unpin(bo);
	return 0;
}

int panthor_vm_prepare_map_op_ctx(struct panthor_vm_op_ctx *op_ctx,
				  struct panthor_vm *vm,
				  struct panthor_gem_object *bo, u64 offset,
				  u64 size, u64 va, u32 flags)
{
	int ret;

	if (!bo)
		return -EINVAL;
	if (flags & ~(PANTHOR_VM_MAP_FLAGS | DRM_PANTHOR_VM_BIND_OP_TYPE_MASK) ||
	    (flags & DRM_PANTHOR_VM_BIND_OP_TYPE_MASK) !=
			DRM_PANTHOR_VM_BIND_OP_TYPE_MAP)
		return -EINVAL;
	if (size > bo->base.size || offset > bo->base.size - size)
		return -EINVAL;
	if (bo->exclusive_vm_root_gem &&
	    bo->exclusive_vm_root_gem != panthor_vm_root_gem(vm) &&
	    !mutated(pan_exclusive_bo_shared))
		return -EINVAL;

	init_op_ctx(op_ctx, va, size, flags);
	/* The new mapping, and what is left of an old one on both sides. */
	ret = panthor_vm_op_ctx_prealloc_vmas(op_ctx, 3);
	if (!ret)
		ret = obtain_vm_bo(op_ctx, vm, bo);
	if (ret)
		goto err_cleanup;
	op_ctx->map.bo_offset = offset;
	/* As if none of the range's tables were there and no block fitted. */
	ret = reserve_tables(op_ctx, panthor_vm_map_table_count(va, size));
	if (ret)
		goto err_cleanup;
	/* Last, when nothing can fail any more. */
	dma_resv_lock(panthor_vm_resv(vm), NULL);
	drm_gpuvm_bo_extobj_add(op_ctx->map.vm_bo);
	dma_resv_unlock(panthor_vm_resv(vm));
	return 0;

err_cleanup:
	panthor_vm_cleanup_op_ctx(op_ctx, vm);
	return mutated(pan_v2_map_enomem_lost) ? 0 : ret;
}

int panthor_vm_prepare_unmap_op_ctx(struct panthor_vm_op_ctx *op_ctx,
				    struct panthor_vm *vm, u64 va, u64 size,
				    bool whole)
{
	/* A hole in one mapping, or one end each of two. */
	u32 vma_count = 2;
	int ret;

	init_op_ctx(op_ctx, va, size, DRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP);
	if (whole)
		return 0;
	if (mutated(pan_unmap_one_vma))
		vma_count = 1;
	if (mutated(pan_v2_unmap_no_vmas))
		vma_count = 0;
	ret = panthor_vm_op_ctx_prealloc_vmas(op_ctx, vma_count);
	if (!ret)
		ret = reserve_tables(op_ctx,
				     panthor_vm_unmap_table_count(va, size));
	if (!ret)
		return 0;
	panthor_vm_cleanup_op_ctx(op_ctx, vm);
	return mutated(pan_v2_unmap_enomem_lost) ? 0 : ret;
}

void panthor_vm_prepare_sync_only_op_ctx(struct panthor_vm_op_ctx *op_ctx)
{
	init_op_ctx(op_ctx, 0, 0, DRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY);
}
