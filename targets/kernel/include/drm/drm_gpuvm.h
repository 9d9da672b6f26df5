/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/drm_gpuvm.h: the address space of a GPU as a set of mappings of buffer
 * objects, and the steps that a request to map or unmap a range splits into.
 *
 * MODEL of <drm/drm_gpuvm.h>, 6.12. Not modelled: drm_exec helpers, prefetch,
 * lists of operations (the immediate mode is what panthor uses), validation of
 * evicted objects, iteration under RCU. Implementation: targets/panthor/
 * drm_gpuvm.c, drm_gpuvm_bo.c and drm_gpuvm_sm.c.
 */
#ifndef __DRM_GPUVM_H__
#define __DRM_GPUVM_H__

#include <linux/interval_tree.h>
#include <linux/kref.h>
#include <linux/list.h>

#include <drm/drm_gem.h>

struct drm_gpuvm;
struct drm_gpuvm_bo;
struct drm_gpuvm_ops;

/* A mapping of @gem.obj from @gem.offset on at @va. In the tree of @vm it
 * holds a reference of it; linked, it holds one of @vm_bo. */
struct drm_gpuva {
	struct drm_gpuvm *vm;
	struct drm_gpuvm_bo *vm_bo;
	struct {
		u64 addr;
		u64 range;
	} va;
	struct {
		u64 offset;
		struct drm_gem_object *obj;
		struct list_head entry;	/* of @vm_bo->list.gpuva */
	} gem;
	struct interval_tree_node rb;
};

struct drm_gpuvm {
	const char *name;
	u64 mm_start, mm_range;		/* what may be mapped at all, */
	struct drm_gpuva kernel_alloc_node;	/* and what must not */
	struct kref kref;
	struct drm_gem_object *r_obj;	/* whose resv is the VM's */
	const struct drm_gpuvm_ops *ops;
	struct interval_tree_root tree;	/* the driver's lock */
	struct list_head extobj;	/* of drm_gpuvm_bo, under the resv */
};

/* That an object is mapped in a VM. References of both; refcounted by the
 * mappings and by operations under way. */
struct drm_gpuvm_bo {
	struct drm_gpuvm *vm;
	struct drm_gem_object *obj;
	struct kref kref;		/* under the object's gpuva lock */
	struct {
		struct list_head gpuva;	/* of drm_gpuva, under the same lock */
		struct {
			struct list_head gem;	/* of @obj->gpuva.list */
			struct list_head extobj;	/* of @vm->extobj */
		} entry;
	} list;
};

enum drm_gpuva_op_type {
	DRM_GPUVA_OP_MAP,
	DRM_GPUVA_OP_REMAP,
	DRM_GPUVA_OP_UNMAP,
};

struct drm_gpuva_op_map {
	struct {
		u64 addr;
		u64 range;
	} va;
	struct {
		u64 offset;
		struct drm_gem_object *obj;
	} gem;
};

struct drm_gpuva_op_unmap {
	struct drm_gpuva *va;
	/* The same pages will be mapped there: the page table may stay. */
	bool keep;
};

/* Unmap, and map again what is left before and behind; NULL: nothing is. */
struct drm_gpuva_op_remap {
	struct drm_gpuva_op_map *prev;
	struct drm_gpuva_op_map *next;
	struct drm_gpuva_op_unmap *unmap;
};

struct drm_gpuva_op {
	enum drm_gpuva_op_type op;
	union {
		struct drm_gpuva_op_map map;
		struct drm_gpuva_op_remap remap;
		struct drm_gpuva_op_unmap unmap;
	};
};

/* Each step returns 0 or an error, which ends the walk where it stands. A step
 * changes the tree itself, with the three functions below. */
struct drm_gpuvm_ops {
	void (*vm_free)(struct drm_gpuvm *gpuvm);
	int (*sm_step_map)(struct drm_gpuva_op *op, void *priv);
	int (*sm_step_remap)(struct drm_gpuva_op *op, void *priv);
	int (*sm_step_unmap)(struct drm_gpuva_op *op, void *priv);
};

/* An object that only has the reservation of a VM, or NULL. */
struct drm_gem_object *drm_gpuvm_resv_object_alloc(void);
/* One reference, which drm_gpuvm_put() drops; takes one of @r_obj. */
void drm_gpuvm_init(struct drm_gpuvm *gpuvm, const char *name,
		    struct drm_gem_object *r_obj, u64 start_offset, u64 range,
		    u64 reserve_offset, u64 reserve_range,
		    const struct drm_gpuvm_ops *ops);
void drm_gpuvm_put(struct drm_gpuvm *gpuvm);	/* NULL is allowed */
static inline struct drm_gpuvm *drm_gpuvm_get(struct drm_gpuvm *gpuvm)
{
	kref_get(&gpuvm->kref);
	return gpuvm;
}
bool drm_gpuvm_range_valid(struct drm_gpuvm *gpuvm, u64 addr, u64 range);
bool drm_gpuvm_interval_empty(struct drm_gpuvm *gpuvm, u64 addr, u64 range);
#define drm_gpuvm_resv(gpuvm_)		((gpuvm_)->r_obj->resv)
#define drm_gpuvm_resv_assert_held(gpuvm_) \
	dma_resv_assert_held(drm_gpuvm_resv(gpuvm_))
/* Its reservation is not the VM's: it can be in several VMs. */
static inline bool drm_gpuvm_is_extobj(struct drm_gpuvm *gpuvm,
				       struct drm_gem_object *obj)
{
	return obj && obj->resv != drm_gpuvm_resv(gpuvm);
}

/* NULL if there is no memory. */
struct drm_gpuvm_bo *drm_gpuvm_bo_create(struct drm_gpuvm *gpuvm,
					 struct drm_gem_object *obj);
/* Under the gpuva lock. Its last reference takes the resv to be held. */
bool drm_gpuvm_bo_put(struct drm_gpuvm_bo *vm_bo);	/* true: it is gone */
struct drm_gpuvm_bo *drm_gpuvm_bo_find(struct drm_gpuvm *gpuvm,
				       struct drm_gem_object *obj);
/* The one there is, and then @vm_bo is put; or @vm_bo, now to be found. */
struct drm_gpuvm_bo *drm_gpuvm_bo_obtain_prealloc(struct drm_gpuvm_bo *vm_bo);
void drm_gpuvm_bo_extobj_add(struct drm_gpuvm_bo *vm_bo);
static inline struct drm_gpuvm_bo *drm_gpuvm_bo_get(struct drm_gpuvm_bo *vm_bo)
{
	kref_get(&vm_bo->kref);
	return vm_bo;
}

/* -EINVAL for a range that is not valid, -EEXIST where a mapping is. */
int drm_gpuva_insert(struct drm_gpuvm *gpuvm, struct drm_gpuva *va);
void drm_gpuva_remove(struct drm_gpuva *va);
void drm_gpuva_link(struct drm_gpuva *va, struct drm_gpuvm_bo *vm_bo);
void drm_gpuva_unlink(struct drm_gpuva *va);
/* Exactly this mapping; any in the range; the one that ends or starts there. */
struct drm_gpuva *drm_gpuva_find(struct drm_gpuvm *gpuvm, u64 addr, u64 range);
struct drm_gpuva *drm_gpuva_find_first(struct drm_gpuvm *gpuvm, u64 addr,
				       u64 range);
struct drm_gpuva *drm_gpuva_find_prev(struct drm_gpuvm *gpuvm, u64 start);
struct drm_gpuva *drm_gpuva_find_next(struct drm_gpuvm *gpuvm, u64 end);
/* The same, and the next one of the range after @va. */
struct drm_gpuva *drm_gpuva_find_after(struct drm_gpuva *va, u64 addr,
				       u64 range);

/* What a step does to the tree. */
void drm_gpuva_map(struct drm_gpuvm *gpuvm, struct drm_gpuva *va,
		   struct drm_gpuva_op_map *op);
void drm_gpuva_remap(struct drm_gpuva *prev, struct drm_gpuva *next,
		     struct drm_gpuva_op_remap *op);
void drm_gpuva_unmap(struct drm_gpuva_op_unmap *op);

/* Ascending: each mapping in the range by a remap or an unmap, and for sm_map
 * one map at the end. 0, or the error of a step, or -EINVAL for the range. */
int drm_gpuvm_sm_map(struct drm_gpuvm *gpuvm, void *priv, u64 req_addr,
		     u64 req_range, struct drm_gem_object *req_obj,
		     u64 req_offset);
int drm_gpuvm_sm_unmap(struct drm_gpuvm *gpuvm, void *priv, u64 req_addr,
		       u64 req_range);

static inline void drm_gpuva_init_from_op(struct drm_gpuva *va,
					  struct drm_gpuva_op_map *op)
{
	va->va.addr = op->va.addr;
	va->va.range = op->va.range;
	va->gem.obj = op->gem.obj;
	va->gem.offset = op->gem.offset;
}

/* What a remap takes away: the old mapping without its prev and next. */
static inline void
drm_gpuva_op_remap_to_unmap_range(const struct drm_gpuva_op_remap *op,
				  u64 *start_addr, u64 *range)
{
	const u64 start = op->prev ? op->prev->va.addr + op->prev->va.range :
				     op->unmap->va->va.addr;
	const u64 end = op->next ? op->next->va.addr :
		op->unmap->va->va.addr + op->unmap->va->va.range;

	*start_addr = start;
	*range = end - start;
}

#endif /* __DRM_GPUVM_H__ */
