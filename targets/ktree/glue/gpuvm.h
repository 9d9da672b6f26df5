/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gpuvm.h: a driver whose address spaces are the tree's drm_gpuvm.c.
 *
 * It does what drivers do with it, and nothing else: buffer objects of its own
 * memory, address spaces that map them, jobs that use an address space, and
 * objects that lose their pages while nobody uses them. Its locks:
 *
 *	vm->bind		the tree of a VM's mappings
 *	  an object's resv	its pages, its list of vm_bos, and each entry of
 *				a page table that maps it
 *
 * Reservations are taken by drm_exec, all that a call needs at once. Objects that
 * are a VM's own have the VM's. A job has those of the VM and of all its external
 * objects, and not vm->bind. A request has those of what it maps and unmaps; and
 * the VM's too where that protects the lists of drm_gpuvm (Xe and Panthor use it so),
 * but not where spinlocks do (as in Nouveau): then jobs are sent meanwhile.
 * Kernel world.
 */
#ifndef TARGETS_KTREE_GLUE_GPUVM_H
#define TARGETS_KTREE_GLUE_GPUVM_H

#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>
#include <linux/dma-fence.h>
#include <linux/workqueue.h>

#include "targets/ktree/glue/glue.h"
#include "targets/view_panthor.h"

#define GPUVM_HANDLES	4u	/* of each kind; what ARG_SLOT can name */
#define GPUVM_BO_PAGES	32u	/* of an object: two ranges of a program */
#define GPUVM_VA_PAGES	24u	/* of an address space, */
#define GPUVM_RESERVED	20u	/* of which this one is the kernel's */
#define GPUVM_SPARES	3u	/* mappings that a request makes at most */
#define GPUVM_USES	32u	/* objects that a job looks at */

struct gpuvm_bo {
	struct drm_gem_object base;
	u32 id;				/* from 1 */
	u32 run;			/* first frame of its pages; 0: evicted */
	struct drm_gem_object *owner;	/* whose resv it has; NULL: its own */
	struct list_head entry;		/* of the VM's own objects */
};

struct gpuvm_va {
	struct drm_gpuva base;
	u32 since;			/* row of the journal: mapped from there on */
};

struct gpuvm_vm {
	struct drm_gpuvm base;
	u32 id;				/* from 1 */
	struct mutex bind;
	bool closed;			/* under vm->bind */
	u64 pte[VIEW_VM_PAGES];
	struct list_head own;		/* objects that are its own */
	struct gpuvm_plan *plan;	/* gpuvm_steps.c; under vm->bind */
	struct list_head entry;		/* of all that are not freed */
};

/* A request to change a VM, under way. */
struct gpuvm_bind {
	struct gpuvm_vm *vm;
	struct drm_gpuvm_bo *vm_bo;	/* of what is to be mapped */
	struct drm_gpuva *spare[GPUVM_SPARES];
	u32 nr_spare;
};

struct gpuvm_job {
	struct work_struct work;
	struct dma_fence *fence;
	struct gpuvm_vm *vm;
	u32 id, nr;
	u32 since;			/* row of the journal: nothing was locked yet */
	struct {
		struct gpuvm_bo *bo;
		u32 run;		/* as it was when the job was submitted */
	} use[GPUVM_USES];
};

static inline struct gpuvm_va *to_gpuvm_va(struct drm_gpuva *va)
{
	return container_of(va, struct gpuvm_va, base);
}

static inline struct gpuvm_bo *to_gpuvm_bo(struct drm_gem_object *obj)
{
	return container_of(obj, struct gpuvm_bo, base);
}

static inline struct gpuvm_vm *to_gpuvm_vm(struct drm_gpuvm *gpuvm)
{
	return container_of(gpuvm, struct gpuvm_vm, base);
}

/* -- gpuvm_device.c: the device, its memory, its objects and their handles -- */

void gpuvm_device_boot(void);
/* Closes every handle. */
void gpuvm_device_halt(void);
extern struct drm_device *gpuvm_drm;

/* Frames for an object; 0: all are taken. */
u32 gpuvm_run_get(void);
void gpuvm_run_put(u32 run);

/* A reference of each of the VM's own objects, at most @max; how many. */
u32 gpuvm_own_objects(struct gpuvm_vm *vm, struct gpuvm_bo **bo, u32 max);
/* With a reference; NULL: there is none of that handle. */
struct gpuvm_bo *gpuvm_bo_get(u32 handle);
struct gpuvm_vm *gpuvm_vm_get(u32 handle);
/* -EBUSY: the handle is taken. Of VM @vm alone if @own. */
long gpuvm_bo_create(u32 handle, bool own, u32 vm);
long gpuvm_bo_close(u32 handle);
long gpuvm_vm_create(u32 handle, bool resv_protected);
long gpuvm_vm_close(u32 handle);

/* -- gpuvm_vm.c: the steps of a request, and the page table -- */

extern const struct drm_gpuvm_ops gpuvm_ops;
extern struct list_head gpuvm_vms;	/* struct gpuvm_vm: not freed yet */

/* In the order of a tree's own list; what the kernel has reserved is not told. */
struct drm_gpuva *gpuvm_first(struct gpuvm_vm *vm);
struct drm_gpuva *gpuvm_next(struct gpuvm_vm *vm, struct drm_gpuva *va);
/* Its entries, with its object's pages as they are; or none. */
void gpuvm_map_pages(struct drm_gpuva *va);
void gpuvm_unmap_pages(struct drm_gpuva *va);
/* One step of a list of them. Needs all reservations of the request. */
int gpuvm_step(struct drm_gpuva_op *op, struct gpuvm_bind *bind);
/* Of a VM whose last mapping is gone. */
void gpuvm_vm_free(struct drm_gpuvm *gpuvm);

/* -- gpuvm_bind.c: VM_BIND -- */

/* @list: the steps are asked for first, and then done; else one by one. */
long gpuvm_map(struct gpuvm_vm *vm, struct gpuvm_bo *bo, u64 addr, u64 range,
	       u64 offset, bool list);
long gpuvm_unmap(struct gpuvm_vm *vm, u64 addr, u64 range, bool list);
/* All mappings of an object in a VM. */
long gpuvm_bo_unmap(struct gpuvm_vm *vm, struct gpuvm_bo *bo);
/* Asks for what is mapped there, and is answered as it should be. */
long gpuvm_find(struct gpuvm_vm *vm, u64 addr, u64 range);
/* No more changes; everything is unmapped. */
void gpuvm_vm_shut(struct gpuvm_vm *vm);

/* -- gpuvm_job.c: who uses an address space, and who takes its memory away -- */

long gpuvm_submit(struct gpuvm_vm *vm);
long gpuvm_evict(struct gpuvm_bo *bo);
/* The pages of what is mapped in a range come back, and no job is sent. */
long gpuvm_prefetch(struct gpuvm_vm *vm, u64 addr, u64 range);
int gpuvm_vm_bo_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec);

/* -- gpuvm_steps.c: what a request has to come to, by another's account -- */

enum gpuvm_question { GPUVM_FIRST, GPUVM_EXACT, GPUVM_PREV, GPUVM_NEXT };
/* The steps that are to come, @obj NULL for an unmap; with vm->bind. */
void gpuvm_expect(struct gpuvm_vm *vm, u64 addr, u64 range,
		  struct drm_gem_object *obj, u64 offset);
/* The next one is this; there are no more, the request returned @ret. */
void gpuvm_expect_step(struct gpuvm_vm *vm, const struct drm_gpuva_op *op);
void gpuvm_expect_end(struct gpuvm_vm *vm, long ret);
/* Is @found what the tree of mappings has for an answer? With vm->bind. */
void gpuvm_expect_find(struct gpuvm_vm *vm, enum gpuvm_question question,
		       u64 addr, u64 range, const struct drm_gpuva *found);

/* -- gpuvm_view.c, gpuvm_oracles.c -- */

extern struct view gpuvm_view;
extern const struct oracle oracle_vm_steps, oracle_vm_find, oracle_vm_lists,
	oracle_vm_job;
/* What a job has to find: the job that was submitted, or is done. */
extern const struct gpuvm_job *gpuvm_judged;

#endif /* TARGETS_KTREE_GLUE_GPUVM_H */
