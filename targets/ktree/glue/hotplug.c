// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug: device memory as memremap_pages() and its callers see it: a few
 * physical regions without RAM behind them, and struct pages for them.
 *
 * Regions are short, whatever is asked for: a driver takes its size from the
 * region it gets, and a chunk of 65536 pages would make each walk of it cost
 * milliseconds.
 */
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "targets/ktree/glue/glue.h"

#define REGIONS		4u
#define REGION_SIZE	(16ull << PAGE_SHIFT)

struct resource iomem_resource = { .name = "memory", .end = ~0ull };

static u32 taken;		/* bit: a region somebody has */
static struct resource *held[REGIONS];

struct resource *request_free_mem_region(struct resource *base,
					 unsigned long size, const char *name)
{
	struct resource *res = kzalloc(sizeof(*res), GFP_KERNEL);
	u32 i = 0;

	if (!res)
		return ERR_PTR(-ENOMEM);
	while (i < REGIONS && (__atomic_fetch_or(&taken, 1u << i,
						 __ATOMIC_ACQ_REL) & 1u << i))
		i++;
	if (i == REGIONS) {
		kfree(res);
		return ERR_PTR(-ERANGE);
	}
	held[i] = res;
	res->name = name;
	res->start = KTREE_DEVICE + i * REGION_SIZE;
	res->end = res->start + REGION_SIZE - 1;
	res->flags = IORESOURCE_MEM;
	res->parent = base;
	return res;
}

/*
 * The resource of a region is freed with it: its parent holds the only other
 * pointer in the kernel too, and there it is found by its address.
 */
void __release_region(struct resource *parent, resource_size_t start,
		      resource_size_t size)
{
	u64 i = (start - KTREE_DEVICE) / REGION_SIZE;
	struct resource *res;

	if (i >= REGIONS || !(taken & 1u << i)) {
		kt_warn("release of a region that nobody has",
			"__release_region", __LINE__);
		return;
	}
	res = held[i];
	held[i] = NULL;
	__atomic_fetch_and(&taken, ~(1u << i), __ATOMIC_RELEASE);
	kfree(res);
}

int region_intersects(resource_size_t start, size_t size, unsigned long flags,
		      unsigned long desc)
{
	return REGION_DISJOINT;
}

/* -- struct pages -- */

void memmap_init_zone_device(struct zone *zone, unsigned long start,
			     unsigned long nr, struct dev_pagemap *pgmap)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		struct page *page = pfn_to_page(start + i);

		memset(page, 0, sizeof(*page));
		atomic_set(&page->_mapcount, -1);
		set_page_links(page, ZONE_DEVICE, 0, start + i);
		__SetPageReserved(page);
		page->pgmap = pgmap;
		if (pgmap->type != MEMORY_DEVICE_PRIVATE &&
		    pgmap->type != MEMORY_DEVICE_COHERENT)
			set_page_count(page, 1);
	}
}

/* They are there all the time: a sparse arena backs them. */
int add_pages(int nid, unsigned long start, unsigned long nr,
	      struct mhp_params *params)
{
	return 0;
}

bool mhp_range_allowed(u64 start, u64 size, bool need_mapping)
{
	return true;
}
