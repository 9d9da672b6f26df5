// SPDX-License-Identifier: GPL-2.0
/*
 * reserve: what an operation reserves is enough, for every shape.
 *
 * The window is 16 pages, 8 to 23: one boundary of a level-1 entry's table in
 * the middle, where a root entry ends too, and four blocks. With one range of
 * it mapped, by blocks where they fit or by pages alone, each range is mapped
 * and unmapped. MAP needs most where nothing is; UNMAP where both ends cut a
 * block; one mapping makes both.
 */
#include <linux/err.h>

#include "targets/panthor/panthor.h"
#include "targets/panthor/panthor_vm.h"
#include "targets/panthor/tests/property/property.h"

#define FIRST	8u
#define WINDOW	16u

static struct {
	struct panthor_vm *vm;
	struct panthor_gem_object *blocks, *pages;
} r __machine;

void panthor_property_boot(void)
{
	panthor_device_init(&panthor_form_t);
	/* In one piece, aligned; and in pieces no block of 4 fits everywhere. */
	r.blocks = panthor_gem_lookup(0, NULL);
	r.pages = panthor_gem_lookup(1, NULL);
}

/* The @shape-th range of the window. */
static void range(u32 shape, u32 *start, u32 *size)
{
	*start = 0;
	while (shape >= WINDOW - *start)
		shape -= WINDOW - (*start)++;
	*size = shape + 1;
}

/* Pages of the object lie as those of the window do: blocks fit. */
static int map(struct panthor_gem_object *bo, u32 start, u32 size)
{
	return panthor_vm_map_bo_range(r.vm, bo, start * HW_PAGE_SIZE,
				       size * HW_PAGE_SIZE,
				       (FIRST + start) * HW_PAGE_SIZE, 0);
}

static int unmap(u32 start, u32 size)
{
	return panthor_vm_unmap_range(r.vm, (FIRST + start) * HW_PAGE_SIZE,
				      size * HW_PAGE_SIZE, false);
}

static void drop_vm(void)
{
	if (!IS_ERR_OR_NULL(r.vm)) {
		unmap(0, WINDOW);
		panthor_vm_put(r.vm);
	}
}

/* A VM without a table but the root, and in it the prior shape. */
static int reset(u32 prior)
{
	u32 start, size;

	drop_vm();
	r.vm = panthor_vm_create(panthor, false);
	if (IS_ERR(r.vm))
		return -1;
	range(prior / 2, &start, &size);
	return map(prior % 2 ? r.pages : r.blocks, start, size);
}

u32 panthor_property_reserve(u32 prior)
{
	u32 done = 0, start, size;

	for (u32 shape = 0; shape < PANTHOR_SHAPES / 2; shape++) {
		range(shape, &start, &size);
		done += !reset(prior) && !map(r.pages, start, size);
		done += !reset(prior) && !unmap(start, size);
	}
	return done;
}

void panthor_property_halt(void)
{
	drop_vm();
	drm_gem_object_put(&r.blocks->base);
	drm_gem_object_put(&r.pages->base);
	panthor_device_fini(panthor);
}
