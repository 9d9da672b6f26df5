/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_gem.h: buffer objects, and those the driver maps for itself.
 *
 * Models drivers/gpu/drm/panthor/panthor_gem.h and the part of
 * drm_gem_shmem_helper.c that pins pages, 6.12. A program names the four
 * objects of its file by number; they exist from the first use to the end.
 *
 * Pages come from hw_run_alloc() with the first pin and go with the last, so
 * that what still points at them soon points at another object's.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_GEM_H
#define TARGETS_PANTHOR_PANTHOR_GEM_H

#include <drm/drm_gem.h>
#include <linux/mutex.h>

#include "targets/panthor/hw.h"

#define PANTHOR_BOS		4
#define PANTHOR_SG_MAX		4

struct panthor_vm;

struct scatterlist {
	u64 dma_address;
	size_t length;
};

struct sg_table {
	u32 nents;
	struct scatterlist sgl[PANTHOR_SG_MAX];
};

struct panthor_gem_object {
	struct drm_gem_object base;
	u32 id;				/* from 1 in events */
	/* The root object of the only VM that may map it, or NULL. */
	struct drm_gem_object *exclusive_vm_root_gem;
	struct mutex gpuva_list_lock;
	const struct sg_table *layout;	/* pages of a run */
	u32 pages_use_count;		/* base.resv */
	u32 first;			/* base.resv: the run, or 0 */
	struct sg_table sgt;		/* of pinned pages; stays while they are */
};

#define to_panthor_bo(obj)	container_of(obj, struct panthor_gem_object, base)

/* Of handle 0..3; a reference, or NULL: no memory. Number 2 is exclusive to the
 * first @vm that asks for it. */
struct panthor_gem_object *panthor_gem_lookup(u32 handle,
					      struct panthor_vm *vm);
/* The same for a view: no lock, no reference, NULL if there is none yet. */
struct panthor_gem_object *panthor_gem_peek(u32 handle);
void panthor_gem_boot(void);
void panthor_gem_halt(void);		/* the file's references go */

/* Shared, or with @vm its own: the resv is the VM's. NULL: no memory. */
struct panthor_gem_object *panthor_gem_create(u32 id,
					      const struct sg_table *layout,
					      struct panthor_vm *vm);
/* Pages are there until the unpin. 0 or -ENOMEM. Takes the resv. */
int panthor_gem_pin(struct panthor_gem_object *bo);
void panthor_gem_unpin(struct panthor_gem_object *bo);

/* A place in a VM's range for the kernel. */
struct panthor_va_node {
	struct list_head node;		/* of vm->mm, by address */
	u64 start, size;		/* in bytes; size 0: not in use */
};
#define PANTHOR_VM_KERNEL_AUTO_VA	(~0ull)

/* What the driver itself has mapped in a VM. */
struct panthor_kernel_bo {
	struct panthor_gem_object *obj;
	struct panthor_vm *vm;		/* a reference */
	struct panthor_va_node va_node;
};

/* ERR_PTR. @pages at @va, or where there is room. */
struct panthor_kernel_bo *panthor_kernel_bo_create(struct panthor_vm *vm,
						   u32 pages, u64 va);
void panthor_kernel_bo_destroy(struct panthor_kernel_bo *bo);

#endif /* TARGETS_PANTHOR_PANTHOR_GEM_H */
