/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_vm.h: what the files of VM_BIND share.
 *
 *	panthor_vm.c		VMs: create, handles, kernel addresses, end
 *	panthor_vm_op_ctx.c	what an operation may need, reserved beforehand
 *	panthor_vm_exec.c	the operation itself: tree, tables, flush
 *	panthor_vm_bind.c	jobs and ioctls
 *
 * They are the second half of drivers/gpu/drm/panthor/panthor_mmu.c, 6.12, and
 * of its v2; spec panthor.md 1.2, 1.3, 6, 12. Lock order, outermost first:
 *
 *	vm resv				objects of the VM, its extobj list
 *	  bo->gpuva_list_lock		what maps an object; references of vm_bo
 *	vm->op_lock			one operation
 *	  bo->gpuva_list_lock
 *	  mmu.as.slots_lock		its flush
 *	vm->mm_lock, pool lock		alone
 *
 * An asynchronous operation runs in a signalling section: it may take op_lock
 * and what is below, may not allocate, and may not take a resv.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_VM_H
#define TARGETS_PANTHOR_PANTHOR_VM_H

#include "targets/panthor/panthor_gem.h"
#include "targets/panthor/panthor_mmu.h"

/* Flags of an operation: its type, and rights of a mapping. */
#define DRM_PANTHOR_VM_BIND_OP_MAP_READONLY	(1u << 0)
#define DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC	(1u << 1)
#define DRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED	(1u << 2)
#define DRM_PANTHOR_VM_BIND_OP_TYPE_MASK	(0xfu << 28)
#define DRM_PANTHOR_VM_BIND_OP_TYPE_MAP		(0u << 28)
#define DRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP	(1u << 28)
#define DRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY	(2u << 28)

#define PANTHOR_VM_MAP_FLAGS \
	(DRM_PANTHOR_VM_BIND_OP_MAP_READONLY | \
	 DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC | \
	 DRM_PANTHOR_VM_BIND_OP_MAP_UNCACHED)

/* A mapping. */
struct panthor_vma {
	struct drm_gpuva base;
	struct list_head node;		/* of op_ctx->returned_vmas */
	u32 flags;
};

/*
 * Everything an operation may need, since it cannot allocate; and what it takes
 * out of use, since it cannot free.
 */
struct panthor_vm_op_ctx {
	struct {
		u32 count;
		u32 ptr;		/* the first that is not used */
		u8 *pages;		/* frames */
	} rsvd_page_tables;
	struct panthor_vma *preallocated_vmas[3];
	u32 flags;
	bool async;
	struct {
		u64 addr;
		u64 range;
	} va;
	struct list_head returned_vmas;
	struct {
		struct drm_gpuvm_bo *vm_bo;	/* a reference, until linked */
		u64 bo_offset;
		const struct sg_table *sgt;
		u32 bo;			/* its id */
	} map;
	/* The GPU was not made to forget what changed: -ETIMEDOUT. What the
	 * operation returns may be given back after the reset only. */
	int flush_ret;
	bool changed;			/* a step was applied */
};

/* -- panthor_vm.c -- */

struct drm_gem_object *panthor_vm_root_gem(struct panthor_vm *vm);
struct dma_resv *panthor_vm_resv(struct panthor_vm *vm);
/* ERR_PTR. One reference. */
struct panthor_vm *panthor_vm_create(struct panthor_device *ptdev,
				     bool for_mcu);
void panthor_vm_queue_cleanup(struct work_struct *work);
/* @va PANTHOR_VM_KERNEL_AUTO_VA: any of the kernel's. 0, -EINVAL, -ENOSPC. */
int panthor_vm_alloc_va(struct panthor_vm *vm, u64 va, u64 size,
			struct panthor_va_node *node);
void panthor_vm_free_va(struct panthor_vm *vm, struct panthor_va_node *node);

/* -- panthor_vm_op_ctx.c -- */

/* May sleep and allocate. 0, or nothing is left of it. @whole: no mapping sticks
 * out of the range, so nothing is cut. */
int panthor_vm_prepare_map_op_ctx(struct panthor_vm_op_ctx *op_ctx,
				  struct panthor_vm *vm,
				  struct panthor_gem_object *bo, u64 offset,
				  u64 size, u64 va, u32 flags);
int panthor_vm_prepare_unmap_op_ctx(struct panthor_vm_op_ctx *op_ctx,
				    struct panthor_vm *vm, u64 va, u64 size,
				    bool whole);
void panthor_vm_prepare_sync_only_op_ctx(struct panthor_vm_op_ctx *op_ctx);
/* Not in a signalling section. What it returns and what it did not use goes. */
void panthor_vm_cleanup_op_ctx(struct panthor_vm_op_ctx *op_ctx,
			       struct panthor_vm *vm);
/* The last part of that alone. */
void panthor_vm_op_ctx_free_returned(struct panthor_vm_op_ctx *op_ctx);
/* NULL: none is left. */
struct panthor_vma *panthor_vm_op_ctx_get_vma(struct panthor_vm *vm,
					      struct panthor_vm_op_ctx *op_ctx);
void panthor_vm_op_ctx_return_vma(struct panthor_vm_op_ctx *op_ctx,
				  struct panthor_vma *vma);
/* Of the page table of a VM: out of the reserve of its operation. */
extern const struct io_pgtable_cfg panthor_pgtbl_cfg;
/* op_lock held: the GPU has forgotten the way to them. */
void panthor_vm_release_stale_tables(struct panthor_vm *vm);
/* Tables a mapping of [va, va + size) needs at most, the root being there. */
u32 panthor_vm_map_table_count(u64 va, u64 size);
u32 panthor_vm_unmap_table_count(u64 va, u64 size);

/* -- panthor_vm_exec.c -- */

extern const struct drm_gpuvm_ops panthor_gpuvm_ops;
/* The vm_free of those. */
void panthor_vm_free(struct drm_gpuvm *gpuvm);
/* op_lock not held. 0, or what a step or a check said. */
int panthor_vm_exec_op(struct panthor_vm *vm, struct panthor_vm_op_ctx *op,
		       bool flag_vm_unusable_on_failure);

/* -- panthor_vm_bind.c -- */

/* The driver's own, at once. 0, or an error of prepare or exec. */
int panthor_vm_map_bo_range(struct panthor_vm *vm,
			    struct panthor_gem_object *bo, u64 offset, u64 size,
			    u64 va, u32 flags);
int panthor_vm_unmap_range(struct panthor_vm *vm, u64 va, u64 size, bool whole);
extern const struct drm_sched_backend_ops panthor_vm_bind_ops;

#endif /* TARGETS_PANTHOR_PANTHOR_VM_H */
