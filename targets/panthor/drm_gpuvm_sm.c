// SPDX-License-Identifier: GPL-2.0
/*
 * drm_gpuvm_sm: the steps a request to map or unmap a range comes to, given
 * what is mapped there already.
 *
 * Models the "split and merge" part of drivers/gpu/drm/drm_gpuvm.c, 6.12.
 * Spec: panthor.md 7, the table. The caller protects the tree. Nothing here is of the
 * port alone: a kernel tree is held against it (targets/ktree/glue/gpuvm_steps.c).
 *
 * Differences: the six cases of a map are two questions, as they are for an
 * unmap: does something stick out before, does something stick out behind.
 */
#include <drm/drm_gpuvm.h>
#include <linux/errno.h>

#include "targets/mutation.h"

static int op_map_cb(const struct drm_gpuvm_ops *fn, void *priv, u64 addr,
		     u64 range, struct drm_gem_object *obj, u64 offset)
{
	struct drm_gpuva_op op = { .op = DRM_GPUVA_OP_MAP };

	op.map.va.addr = addr;
	op.map.va.range = range;
	op.map.gem.obj = obj;
	op.map.gem.offset = offset;
	return fn->sm_step_map(&op, priv);
}

static int op_remap_cb(const struct drm_gpuvm_ops *fn, void *priv,
		       struct drm_gpuva_op_map *prev,
		       struct drm_gpuva_op_map *next,
		       struct drm_gpuva_op_unmap *unmap)
{
	struct drm_gpuva_op op = { .op = DRM_GPUVA_OP_REMAP };

	op.remap.prev = prev;
	op.remap.next = next;
	op.remap.unmap = unmap;
	return fn->sm_step_remap(&op, priv);
}

static int op_unmap_cb(const struct drm_gpuvm_ops *fn, void *priv,
		       struct drm_gpuva *va, bool merge)
{
	struct drm_gpuva_op op = { .op = DRM_GPUVA_OP_UNMAP };

	op.unmap.va = va;
	op.unmap.keep = merge;
	return fn->sm_step_unmap(&op, priv);
}

/*
 * One mapping that overlaps [req_addr, req_end): what of it sticks out stays.
 * @merge: the request maps the same pages to the same addresses.
 */
static int sm_step(struct drm_gpuvm *gpuvm, void *priv, struct drm_gpuva *va,
		   u64 req_addr, u64 req_end, bool merge)
{
	u64 addr = va->va.addr;
	u64 end = addr + va->va.range;
	struct drm_gpuva_op_map prev = {
		.va.addr = addr,
		.va.range = req_addr - addr,
		.gem.obj = va->gem.obj,
		.gem.offset = va->gem.offset,
	};
	struct drm_gpuva_op_map next = {
		.va.addr = req_end,
		.va.range = end - req_end,
		.gem.obj = va->gem.obj,
		.gem.offset = va->gem.offset + (req_end - addr),
	};
	struct drm_gpuva_op_unmap unmap = { .va = va, .keep = merge };
	bool prev_split = addr < req_addr, next_split = end > req_end;

	/* What was cut off the front of a mapping must not move its pages. */
	if (mutated(gpuvm_next_keeps_offset))
		next.gem.offset = va->gem.offset;
	if (!prev_split && !next_split)
		return op_unmap_cb(gpuvm->ops, priv, va, merge);
	return op_remap_cb(gpuvm->ops, priv, prev_split ? &prev : NULL,
			   next_split ? &next : NULL, &unmap);
}

/* The mapping after @va, which the step of @va may take out of the tree. */
static struct drm_gpuva *next_of(struct drm_gpuva *va, u64 addr, u64 range)
{
	return va ? drm_gpuva_find_after(va, addr, range) : NULL;
}

static int __drm_gpuvm_sm_map(struct drm_gpuvm *gpuvm, void *priv,
			      u64 req_addr, u64 req_range,
			      struct drm_gem_object *req_obj, u64 req_offset)
{
	struct drm_gpuva *va, *next;
	int ret;

	if (unlikely(!drm_gpuvm_range_valid(gpuvm, req_addr, req_range)))
		return -EINVAL;

	va = drm_gpuva_find_first(gpuvm, req_addr, req_range);
	for (next = next_of(va, req_addr, req_range); va;
	     va = next, next = next_of(va, req_addr, req_range)) {
		bool merge = va->gem.obj && va->gem.obj == req_obj &&
			va->gem.offset - va->va.addr == req_offset - req_addr;

		ret = sm_step(gpuvm, priv, va, req_addr, req_addr + req_range,
			      merge);
		if (ret)
			return ret;
	}
	return op_map_cb(gpuvm->ops, priv, req_addr, req_range, req_obj,
			 req_offset);
}

static int __drm_gpuvm_sm_unmap(struct drm_gpuvm *gpuvm, void *priv,
				u64 req_addr, u64 req_range)
{
	struct drm_gpuva *va, *next;
	int ret;

	if (unlikely(!drm_gpuvm_range_valid(gpuvm, req_addr, req_range)))
		return -EINVAL;

	va = drm_gpuva_find_first(gpuvm, req_addr, req_range);
	for (next = next_of(va, req_addr, req_range); va;
	     va = next, next = next_of(va, req_addr, req_range)) {
		ret = sm_step(gpuvm, priv, va, req_addr, req_addr + req_range,
			      false);
		if (ret)
			return ret;
	}
	return 0;
}

int drm_gpuvm_sm_map(struct drm_gpuvm *gpuvm, void *priv, u64 req_addr,
		     u64 req_range, struct drm_gem_object *req_obj,
		     u64 req_offset)
{
	const struct drm_gpuvm_ops *ops = gpuvm->ops;

	if (unlikely(!ops || !ops->sm_step_map || !ops->sm_step_remap ||
		     !ops->sm_step_unmap))
		return -EINVAL;
	return __drm_gpuvm_sm_map(gpuvm, priv, req_addr, req_range, req_obj,
				  req_offset);
}

int drm_gpuvm_sm_unmap(struct drm_gpuvm *gpuvm, void *priv, u64 req_addr,
		       u64 req_range)
{
	const struct drm_gpuvm_ops *ops = gpuvm->ops;

	if (unlikely(!ops || !ops->sm_step_remap || !ops->sm_step_unmap))
		return -EINVAL;
	return __drm_gpuvm_sm_unmap(gpuvm, priv, req_addr, req_range);
}
