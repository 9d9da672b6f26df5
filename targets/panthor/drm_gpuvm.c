// SPDX-License-Identifier: GPL-2.0
/*
 * drm_gpuvm: an address space and the tree of its mappings.
 *
 * Models the first and the middle part of drivers/gpu/drm/drm_gpuvm.c, 6.12;
 * the rest is in drm_gpuvm_bo.c and drm_gpuvm_sm.c. Spec: panthor.md 7.
 *
 * Locks: the tree is the driver's to protect (panthor: vm->op_lock).
 *
 * Differences: the tree is <linux/interval_tree.h>, a sorted list; the kernel
 * node is tested and not inserted, as nothing but the test looks for it.
 */
#include <drm/drm_gpuvm.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/slab.h>

static bool drm_gpuvm_check_overflow(u64 addr, u64 range)
{
	u64 end;

	return __builtin_add_overflow(addr, range, &end);
}

static bool drm_gpuvm_in_mm_range(struct drm_gpuvm *gpuvm, u64 addr, u64 range)
{
	return addr >= gpuvm->mm_start &&
	       addr + range <= gpuvm->mm_start + gpuvm->mm_range;
}

static bool drm_gpuvm_in_kernel_node(struct drm_gpuvm *gpuvm, u64 addr,
				     u64 range)
{
	u64 kstart = gpuvm->kernel_alloc_node.va.addr;
	u64 krange = gpuvm->kernel_alloc_node.va.range;

	return krange && addr < kstart + krange && kstart < addr + range;
}

bool drm_gpuvm_range_valid(struct drm_gpuvm *gpuvm, u64 addr, u64 range)
{
	return !drm_gpuvm_check_overflow(addr, range) &&
	       drm_gpuvm_in_mm_range(gpuvm, addr, range) &&
	       !drm_gpuvm_in_kernel_node(gpuvm, addr, range);
}

static void drm_gpuvm_gem_object_free(struct drm_gem_object *obj)
{
	drm_gem_object_release(obj);
	kfree(obj);
}

struct drm_gem_object *drm_gpuvm_resv_object_alloc(void)
{
	struct drm_gem_object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	if (!obj)
		return NULL;
	drm_gem_private_object_init(obj, 0, drm_gpuvm_gem_object_free);
	return obj;
}

void drm_gpuvm_init(struct drm_gpuvm *gpuvm, const char *name,
		    struct drm_gem_object *r_obj, u64 start_offset, u64 range,
		    u64 reserve_offset, u64 reserve_range,
		    const struct drm_gpuvm_ops *ops)
{
	gpuvm->tree = (struct interval_tree_root){ 0 };
	INIT_LIST_HEAD(&gpuvm->extobj);
	kref_init(&gpuvm->kref);
	gpuvm->name = name;
	gpuvm->ops = ops;
	gpuvm->r_obj = r_obj;
	drm_gem_object_get(r_obj);
	WARN_ON(drm_gpuvm_check_overflow(start_offset, range));
	gpuvm->mm_start = start_offset;
	gpuvm->mm_range = range;
	gpuvm->kernel_alloc_node.va.addr = reserve_offset;
	gpuvm->kernel_alloc_node.va.range = reserve_range;
}

static void drm_gpuvm_fini(struct drm_gpuvm *gpuvm)
{
	WARN(gpuvm->tree.nr, "GPUVA tree is not empty, potentially leaking memory.");
	WARN(!list_empty(&gpuvm->extobj), "Extobj list should be empty.");
	drm_gem_object_put(gpuvm->r_obj);
}

static void drm_gpuvm_free(struct kref *kref)
{
	struct drm_gpuvm *gpuvm = container_of(kref, struct drm_gpuvm, kref);

	drm_gpuvm_fini(gpuvm);
	gpuvm->ops->vm_free(gpuvm);
}

void drm_gpuvm_put(struct drm_gpuvm *gpuvm)
{
	if (gpuvm)
		kref_put(&gpuvm->kref, drm_gpuvm_free);
}

/* A node ends with its last byte, so a mapping may end where addresses do. */
static struct drm_gpuva *va_of(struct interval_tree_node *node)
{
	return node ? container_of(node, struct drm_gpuva, rb) : NULL;
}

static int __drm_gpuva_insert(struct drm_gpuvm *gpuvm, struct drm_gpuva *va)
{
	u64 addr = va->va.addr;
	u64 last = addr + va->va.range - 1;

	if (interval_tree_iter_first(&gpuvm->tree, addr, last))
		return -EEXIST;
	va->vm = gpuvm;
	interval_tree_init_node(&va->rb);
	va->rb.start = addr;
	va->rb.last = last;
	interval_tree_insert(&va->rb, &gpuvm->tree);
	return 0;
}

int drm_gpuva_insert(struct drm_gpuvm *gpuvm, struct drm_gpuva *va)
{
	int ret;

	if (unlikely(!drm_gpuvm_range_valid(gpuvm, va->va.addr, va->va.range)))
		return -EINVAL;
	ret = __drm_gpuva_insert(gpuvm, va);
	if (likely(!ret))
		/* Dropped by drm_gpuva_remove(). */
		drm_gpuvm_get(gpuvm);
	return ret;
}

static void __drm_gpuva_remove(struct drm_gpuva *va)
{
	interval_tree_remove(&va->rb, &va->vm->tree);
}

void drm_gpuva_remove(struct drm_gpuva *va)
{
	struct drm_gpuvm *gpuvm = va->vm;

	if (WARN_ON(!interval_tree_linked(&va->rb)))
		return;
	__drm_gpuva_remove(va);
	drm_gpuvm_put(gpuvm);
}

void drm_gpuva_link(struct drm_gpuva *va, struct drm_gpuvm_bo *vm_bo)
{
	struct drm_gem_object *obj = va->gem.obj;

	if (unlikely(!obj))
		return;
	drm_gem_gpuva_assert_lock_held(obj);
	va->vm_bo = drm_gpuvm_bo_get(vm_bo);
	list_add_tail(&va->gem.entry, &vm_bo->list.gpuva);
}

void drm_gpuva_unlink(struct drm_gpuva *va)
{
	struct drm_gem_object *obj = va->gem.obj;
	struct drm_gpuvm_bo *vm_bo = va->vm_bo;

	if (unlikely(!obj))
		return;
	drm_gem_gpuva_assert_lock_held(obj);
	list_del_init(&va->gem.entry);
	va->vm_bo = NULL;
	drm_gpuvm_bo_put(vm_bo);
}

struct drm_gpuva *drm_gpuva_find_first(struct drm_gpuvm *gpuvm, u64 addr,
				       u64 range)
{
	return va_of(interval_tree_iter_first(&gpuvm->tree, addr,
					      addr + range - 1));
}

struct drm_gpuva *drm_gpuva_find_after(struct drm_gpuva *va, u64 addr,
				       u64 range)
{
	return va_of(interval_tree_iter_next(&va->rb, addr, addr + range - 1));
}

struct drm_gpuva *drm_gpuva_find(struct drm_gpuvm *gpuvm, u64 addr, u64 range)
{
	struct drm_gpuva *va = drm_gpuva_find_first(gpuvm, addr, range);

	if (!va || va->va.addr != addr || va->va.range != range)
		return NULL;
	return va;
}

struct drm_gpuva *drm_gpuva_find_prev(struct drm_gpuvm *gpuvm, u64 start)
{
	if (!drm_gpuvm_range_valid(gpuvm, start - 1, 1))
		return NULL;
	return drm_gpuva_find_first(gpuvm, start - 1, 1);
}

struct drm_gpuva *drm_gpuva_find_next(struct drm_gpuvm *gpuvm, u64 end)
{
	if (!drm_gpuvm_range_valid(gpuvm, end, 1))
		return NULL;
	return drm_gpuva_find_first(gpuvm, end, 1);
}

bool drm_gpuvm_interval_empty(struct drm_gpuvm *gpuvm, u64 addr, u64 range)
{
	return !drm_gpuva_find_first(gpuvm, addr, range);
}

void drm_gpuva_map(struct drm_gpuvm *gpuvm, struct drm_gpuva *va,
		   struct drm_gpuva_op_map *op)
{
	drm_gpuva_init_from_op(va, op);
	drm_gpuva_insert(gpuvm, va);
}

void drm_gpuva_remap(struct drm_gpuva *prev, struct drm_gpuva *next,
		     struct drm_gpuva_op_remap *op)
{
	struct drm_gpuva *va = op->unmap->va;
	struct drm_gpuvm *gpuvm = va->vm;

	drm_gpuva_remove(va);
	if (op->prev) {
		drm_gpuva_init_from_op(prev, op->prev);
		drm_gpuva_insert(gpuvm, prev);
	}
	if (op->next) {
		drm_gpuva_init_from_op(next, op->next);
		drm_gpuva_insert(gpuvm, next);
	}
}

void drm_gpuva_unmap(struct drm_gpuva_op_unmap *op)
{
	drm_gpuva_remove(op->va);
}
