// SPDX-License-Identifier: GPL-2.0
/*
 * test_device: a device to migrate to, for the tests of migrate_device.c and
 * memremap.c. The content of its pages is in the pages themselves.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "targets/mm/tests/test_device.h"

static struct test_device *devices[2] __machine;

struct test_device *test_device(u32 n)
{
	return devices[n];
}

static struct test_device *device_of(struct page *page)
{
	return page->pgmap->owner;
}

static void device_page_free(struct page *page)
{
	struct test_device *dev = device_of(page);

	spin_lock(&dev->lock);
	page->zone_device_data = dev->free;
	dev->free = page;
	dev->nr_free++;
	spin_unlock(&dev->lock);
}

/* Locked, with one reference; NULL: none is left. */
static struct page *device_alloc(struct test_device *dev)
{
	struct page *page;

	spin_lock(&dev->lock);
	page = dev->free;
	if (page) {
		dev->free = page->zone_device_data;
		dev->nr_free--;
	}
	spin_unlock(&dev->lock);
	if (page)
		zone_device_page_init(page);
	return page;
}

static struct page *ram_alloc(struct test_device *dev)
{
	struct page *page;

	page = dev->no_memory ? NULL : alloc_page(GFP_HIGHUSER_MOVABLE);
	if (page)
		CUT_CHECK(folio_trylock(page_folio(page)));
	return page;
}

static unsigned long copy_one(struct test_device *dev, unsigned long src,
			      bool to_ram)
{
	struct page *from = migrate_pfn_to_page(src), *to;

	to = to_ram ? ram_alloc(dev) : device_alloc(dev);
	if (!to)
		return 0;
	/* A hole reads as zeroes. */
	copy_user_highpage(to, from ? from : pfn_to_page(ZERO_PFN), 0, NULL);
	return migrate_pfn(page_to_pfn(to));
}

static void copy_all(struct test_device *dev, unsigned long *src,
		     unsigned long *dst, u32 npages, u32 skip, bool to_ram)
{
	u32 i;

	for (i = 0; i < npages; i++) {
		dst[i] = 0;
		if ((src[i] & MIGRATE_PFN_MIGRATE) && !(skip >> i & 1))
			dst[i] = copy_one(dev, src[i], to_ram);
	}
}

static u32 count_moved(const unsigned long *src, u32 npages)
{
	u32 i, n = 0;

	for (i = 0; i < npages; i++)
		n += !!(src[i] & MIGRATE_PFN_MIGRATE);
	return n;
}

void device_copy(struct device_move *move, struct test_device *dev)
{
	copy_all(dev, move->src, move->dst, move->args.npages, move->skip,
		 move->to_ram);
}

u32 device_commit(struct device_move *move)
{
	u32 moved;

	migrate_vma_pages(&move->args);
	moved = count_moved(move->src, move->args.npages);
	migrate_vma_finalize(&move->args);
	return moved;
}

static vm_fault_t device_migrate_to_ram(struct vm_fault *vmf)
{
	struct test_device *dev = device_of(vmf->page);
	struct device_move move = {
		.args = {
			.vma = vmf->vma,
			.start = vmf->address,
			.end = vmf->address + PAGE_SIZE,
			.src = move.src,
			.dst = move.dst,
			.pgmap_owner = dev,
			.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
			.fault_page = vmf->page,
		},
		.to_ram = true,
	};

	__atomic_fetch_add(&dev->faults, 1, __ATOMIC_RELAXED);
	if (migrate_vma_setup(&move.args))
		return VM_FAULT_SIGBUS;
	if (!move.args.cpages)
		return 0;
	device_copy(&move, dev);
	/* No page to go to is the one thing that is fatal. */
	if ((move.src[0] & MIGRATE_PFN_MIGRATE) && !move.dst[0]) {
		device_commit(&move);
		return VM_FAULT_SIGBUS;
	}
	device_commit(&move);
	return 0;
}

static const struct dev_pagemap_ops device_ops = {
	.page_free = device_page_free,
	.migrate_to_ram = device_migrate_to_ram,
};

void device_boot(u32 n)
{
	struct test_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	u32 i;

	CUT_CHECK(dev);
	devices[n] = dev;
	spin_lock_init(&dev->lock);
	dev->pgmap = (struct dev_pagemap){
		.type = MEMORY_DEVICE_PRIVATE,
		.ops = &device_ops,
		.owner = dev,
		.device = n,
		.nr = DEVICE_PAGES,
	};
	CUT_CHECK(memremap_pages(&dev->pgmap) == 0);
	for (i = DEVICE_PAGES; i--; )
		device_page_free(pfn_to_page(dev->pgmap.start + i));
}

void device_gone(u32 n)
{
	struct test_device *dev = devices[n];

	memunmap_pages(&dev->pgmap);
	CUT_CHECK(dev->nr_free == DEVICE_PAGES);
	kfree(dev);
	devices[n] = NULL;
}

int device_setup(struct device_move *move, u32 n, struct mm_struct *mm,
		 u32 page, u32 count, unsigned long flags)
{
	move->args = (struct migrate_vma){
		.vma = vma_lookup(mm, VIEW_VA(page)),
		.start = VIEW_VA(page),
		.end = VIEW_VA(page + count),
		.src = move->src,
		.dst = move->dst,
		.pgmap_owner = devices[n],
		.flags = flags,
	};
	move->skip = 0;
	move->to_ram = !(flags & MIGRATE_VMA_SELECT_SYSTEM);
	return migrate_vma_setup(&move->args);
}

int device_to(u32 n, struct mm_struct *mm, u32 page, u32 count)
{
	struct device_move move;
	int ret;

	mmap_read_lock(mm);
	ret = device_setup(&move, n, mm, page, count,
			   MIGRATE_VMA_SELECT_SYSTEM);
	if (!ret) {
		device_copy(&move, devices[n]);
		ret = device_commit(&move);
	}
	mmap_read_unlock(mm);
	return ret;
}

int device_evict(u32 n, void (*meanwhile)(void))
{
	unsigned long src[DEVICE_PAGES], dst[DEVICE_PAGES];
	struct test_device *dev = devices[n];
	int moved;

	CUT_CHECK(migrate_device_range(src, dev->pgmap.start, DEVICE_PAGES) ==
		  0);
	if (meanwhile)
		meanwhile();
	copy_all(dev, src, dst, DEVICE_PAGES, 0, true);
	migrate_device_pages(src, dst, DEVICE_PAGES);
	moved = count_moved(src, DEVICE_PAGES);
	migrate_device_finalize(src, dst, DEVICE_PAGES);
	return moved;
}
