// SPDX-License-Identifier: GPL-2.0
/*
 * split: drm_gpuvm's split and merge against a flat model.
 *
 * A driver without a page table: its steps only change the tree. The model has
 * a word a page. After each operation the tree has to say, page by page, what
 * the model does, and what an operation did not touch is still one mapping.
 */
#include <drm/drm_gpuvm.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/tests/property/property.h"

#define PAGES	32u
#define OBJECTS	4u

struct bed {
	struct drm_gpuvm vm;
	struct drm_gem_object obj[OBJECTS];
	struct drm_gpuva va[PAGES + 4];		/* and those of one operation */
	u32 nr_free;
	u32 steps, kept, moved;			/* of this operation */
	struct drm_gpuva *free[PAGES + 4];
	u32 cell[PAGES];			/* object + 1 << 8 | its page, or 0 */
	u64 random;
};

static struct bed *bed __machine;

static u32 draw(u32 n)
{
	bed->random ^= bed->random << 13;
	bed->random ^= bed->random >> 7;
	bed->random ^= bed->random << 17;
	return (u32)(bed->random >> 33) % n;
}

static struct drm_gpuva *take(void)
{
	return bed->nr_free ? bed->free[--bed->nr_free] : NULL;
}

static u32 word(const struct drm_gpuva *va, u32 page)
{
	return (u32)(va->gem.obj - bed->obj + 1) << 8 |
	       (u32)(va->gem.offset + page - va->va.addr);
}

/* What is said to be kept is what the model has there from now on. */
static void check_kept(const struct drm_gpuva_op_unmap *unmap, u64 start,
		       u64 range)
{
	for (u64 page = start; unmap->keep && page < start + range; page++)
		bed->moved += bed->cell[page] != word(unmap->va, (u32)page);
}

static int step_map(struct drm_gpuva_op *op, void *priv)
{
	struct drm_gpuva *va = take();

	if (!va)
		return -ENOMEM;
	drm_gpuva_map(&bed->vm, va, &op->map);
	return 0;
}

static int step_remap(struct drm_gpuva_op *op, void *priv)
{
	struct drm_gpuva *prev = op->remap.prev ? take() : NULL;
	struct drm_gpuva *next = op->remap.next ? take() : NULL;
	u64 start, range;

	drm_gpuva_op_remap_to_unmap_range(&op->remap, &start, &range);
	if (!range || (op->remap.prev && !prev) || (op->remap.next && !next))
		return -EINVAL;
	check_kept(op->remap.unmap, start, range);
	drm_gpuva_remap(prev, next, &op->remap);
	bed->free[bed->nr_free++] = op->remap.unmap->va;
	bed->steps++;
	return 0;
}

static int step_unmap(struct drm_gpuva_op *op, void *priv)
{
	check_kept(&op->unmap, op->unmap.va->va.addr, op->unmap.va->va.range);
	drm_gpuva_unmap(&op->unmap);
	bed->kept += op->unmap.keep;
	bed->free[bed->nr_free++] = op->unmap.va;
	return 0;
}

static void vm_free(struct drm_gpuvm *gpuvm)
{
}

static const struct drm_gpuvm_ops ops = {
	.vm_free	= vm_free,
	.sm_step_map	= step_map,
	.sm_step_remap	= step_remap,
	.sm_step_unmap	= step_unmap,
};

/* The tree: ascending, disjoint, and word for word the model. */
static bool agrees(void)
{
	struct interval_tree_node *node = bed->vm.tree.first;
	u32 page = 0;

	for (; node; node = node->next) {
		struct drm_gpuva *va = container_of(node, struct drm_gpuva, rb);

		if (va->va.addr < page || !va->va.range)
			return false;
		for (; page < va->va.addr; page++)
			if (bed->cell[page])
				return false;
		for (; page < va->va.addr + va->va.range; page++)
			if (page >= PAGES || bed->cell[page] != word(va, page))
				return false;
	}
	for (; page < PAGES; page++)
		if (bed->cell[page])
			return false;
	return bed->vm.tree.nr + bed->nr_free == PAGES + 4;
}

static bool one_operation(void)
{
	bool map = draw(3);
	u32 first = draw(PAGES), pages = 1 + draw(PAGES - first);
	u32 obj = draw(OBJECTS), offset = draw(2) ? first : draw(64);
	bool same = map;
	int ret;

	if (draw(2))
		pages = 1 + draw(pages < 4 ? pages : 4);
	bed->steps = bed->kept = bed->moved = 0;
	for (u32 i = 0; i < pages; i++)
		same &= bed->cell[first + i] == ((obj + 1) << 8 | (offset + i));
	for (u32 i = 0; i < pages; i++)
		bed->cell[first + i] = map ? (obj + 1) << 8 | (offset + i) : 0;
	ret = map ? drm_gpuvm_sm_map(&bed->vm, NULL, first, pages,
				     &bed->obj[obj], offset) :
		    drm_gpuvm_sm_unmap(&bed->vm, NULL, first, pages);
	/* At most one mapping is cut on each side; kept means the same pages. */
	return !ret && bed->steps <= 2 && !bed->moved && (!bed->kept || map) &&
	       (!same || bed->kept || bed->steps) && agrees();
}

u32 panthor_property_split(u64 seed, u32 nr)
{
	u32 done;

	bed = rt_alloc(sizeof(*bed));
	bed->random = seed * 2 + 1;
	for (u32 i = 0; i < OBJECTS; i++)
		drm_gem_private_object_init(&bed->obj[i], 64, NULL);
	drm_gpuvm_init(&bed->vm, "property", &bed->obj[0], 0, PAGES, 0, 0, &ops);
	for (u32 i = 0; i < PAGES + 4; i++)
		bed->free[bed->nr_free++] = &bed->va[i];
	for (done = 0; done < nr; done++)
		if (!one_operation())
			break;
	return done;
}
