// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_devmem: the memory of the device: chunks of pages, the list of free
 * ones, and bringing all of them home.
 *
 * Models the chunk and page parts of lib/test_hmm.c, 6.12; spec
 * dmirror-and-hmm-tests.md 1 and 7 (W-T4, W-T5).
 *
 * A page of the device is handed out under mdevice->lock and gets its pgmap
 * reference later, when it is initialised. RELEASE would free the chunk in
 * between, so it counts what is out by itself:
 *
 *	MIGRATE_TO_DEV			RELEASE
 *	page off the list, used 1
 *					remove: the list has no page of it
 *					evict: nothing that has a reference
 *					[must wait for used to be 0]
 *	zone_device_page_init()
 *	mapped; unlocked
 *					evict: brings it home, used 0
 *					memunmap_pages(), chunk freed
 *
 * and it cannot wait with devmem_lock held, for a migration that has a page of
 * the chunk in its hands may want another chunk:
 *
 *	MIGRATE_TO_DEV			RELEASE
 *	page 0: the chunk's		takes it, waits for page 0
 *	page 1: wants a new chunk, devmem_lock
 *
 * Lock order: see test_hmm.c.
 *
 * Differences from upstream:
 *  - RELEASE takes the chunks off under devmem_lock, and sweeps them without,
 *    again and again until nothing of them is out; upstream sweeps once with
 *    the lock held and sleeps in memunmap_pages() for what it missed;
 *  - close and RELEASE exclude each other by evict_lock: upstream's close walks
 *    chunks that a RELEASE of another file is freeing;
 *  - cfree counts pages of a removed chunk too;
 *  - no krealloc() of the array of chunks, it has a fixed size.
 */
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

void dmirror_lock_new_page(struct page *page)
{
	lockdep_nest(1);
	folio_lock(page_folio(page));
}

/*
 * One sweep of @chunk's frames: every page that somebody maps and nobody holds
 * becomes a page of the system. Needs no mmap_lock: the mappings are found
 * through the page.
 */
static void dmirror_device_evict_chunk(struct dmirror_chunk *chunk)
{
	unsigned long npages = chunk->pagemap.nr;
	unsigned long src_pfns[DEVMEM_CHUNK_PAGES] = { 0 };
	unsigned long dst_pfns[DEVMEM_CHUNK_PAGES] = { 0 };

	migrate_device_range(src_pfns, chunk->pagemap.start, npages);
	for (unsigned long i = 0; i < npages; i++) {
		struct page *dpage, *spage;

		spage = migrate_pfn_to_page(src_pfns[i]);
		if (!spage || !(src_pfns[i] & MIGRATE_PFN_MIGRATE))
			continue;
		if (WARN_ON(!is_device_private_page(spage)))
			continue;
		if (dmirror_page_pins(spage)) {
			dst_pfns[i] = dmirror_pin_dst(spage);
			continue;
		}
		spage = BACKING_PAGE(spage);
		dpage = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_NOFAIL);
		if (!dpage)
			continue;
		dmirror_lock_new_page(dpage);
		if (!mutated(dm_evict_skip_copy))
			copy_user_highpage(dpage, spage, 0, NULL);
		dst_pfns[i] = migrate_pfn(page_to_pfn(dpage));
		if (src_pfns[i] & MIGRATE_PFN_WRITE)
			dst_pfns[i] |= MIGRATE_PFN_WRITE;
	}
	migrate_device_pages(src_pfns, dst_pfns, npages);
	dmirror_pins_came_back(src_pfns, dst_pfns, npages);
	migrate_device_finalize(src_pfns, dst_pfns, npages);
}

void dmirror_device_evict(struct dmirror_device *mdevice)
{
	struct dmirror_chunk *chunks[DEVMEM_CHUNKS];
	bool excluded = !mutated(dm_close_races_release);
	u32 nr;

	if (excluded)
		mutex_lock(&mdevice->evict_lock);
	mutex_lock(&mdevice->devmem_lock);
	nr = mdevice->devmem_count;
	for (u32 i = 0; i < nr; i++)
		chunks[i] = mdevice->devmem_chunks[i];
	mutex_unlock(&mdevice->devmem_lock);
	for (u32 i = 0; i < nr; i++) {
		rt_point(RT_SITE(RT_LOAD, "dmirror_device_evict_chunk", NULL),
			 chunks[i]);
		dmirror_device_evict_chunk(chunks[i]);
	}
	if (excluded)
		mutex_unlock(&mdevice->evict_lock);
}

static struct dmirror_chunk *dmirror_page_to_chunk(struct page *page)
{
	return container_of(page->pgmap, struct dmirror_chunk, pagemap);
}

struct dmirror_device *dmirror_page_to_device(struct page *page)
{
	return dmirror_page_to_chunk(page)->mdevice;
}

/* Needs mdevice->lock. NULL: none is free. */
static struct page *dmirror_take_page(struct dmirror_device *mdevice)
{
	struct page *page = mdevice->free_pages;

	if (!page)
		return NULL;
	mdevice->free_pages = page->zone_device_data;
	mdevice->calloc++;
	dmirror_page_to_chunk(page)->used++;
	return page;
}

/* A chunk more; *@ppage, if asked for, is a page of the device. */
static int dmirror_allocate_chunk(struct dmirror_device *mdevice,
				  struct page **ppage)
{
	struct dmirror_chunk *devmem;
	int ret = -ENOMEM;

	devmem = kzalloc(sizeof(*devmem), GFP_KERNEL);
	if (!devmem)
		return ret;
	devmem->pagemap.type = MEMORY_DEVICE_PRIVATE;
	devmem->pagemap.ops = &dmirror_devmem_ops;
	devmem->pagemap.owner = mdevice;
	devmem->pagemap.device = mdevice->id;
	devmem->pagemap.nr = DEVMEM_CHUNK_PAGES;
	devmem->mdevice = mdevice;

	mutex_lock(&mdevice->devmem_lock);
	if (mdevice->devmem_count == DEVMEM_CHUNKS)
		goto err_release;
	ret = memremap_pages(&devmem->pagemap);
	if (ret)
		goto err_release;
	mdevice->devmem_chunks[mdevice->devmem_count++] = devmem;

	/* On the list before a RELEASE can look for its pages there. */
	spin_lock(&mdevice->lock);
	for (u32 i = 0; i < devmem->pagemap.nr; i++) {
		struct page *page = pfn_to_page(devmem->pagemap.start + i);

		page->zone_device_data = mdevice->free_pages;
		mdevice->free_pages = page;
	}
	if (ppage)
		*ppage = dmirror_take_page(mdevice);
	spin_unlock(&mdevice->lock);
	mutex_unlock(&mdevice->devmem_lock);
	return 0;

err_release:
	mutex_unlock(&mdevice->devmem_lock);
	kfree(devmem);
	return ret;
}

void dmirror_set_backing(struct page *dpage, struct page *rpage)
{
	dpage->zone_device_data = rpage;
	view_emit(EV_page_backing, page_to_pfn(dpage),
		  rpage ? page_to_pfn(rpage) : 0, 0);
}

/* A free page of the device; NULL: none, and no memory for more of them. */
static struct page *dmirror_get_page(struct dmirror_device *mdevice)
{
	struct page *dpage;

	spin_lock(&mdevice->lock);
	dpage = dmirror_take_page(mdevice);
	spin_unlock(&mdevice->lock);
	if (!dpage && dmirror_allocate_chunk(mdevice, &dpage))
		return NULL;
	return dpage;
}

struct page *dmirror_devmem_alloc_pin(struct dmirror_device *mdevice,
				      struct page *old)
{
	struct page *dpage = dmirror_get_page(mdevice);

	if (!dpage)
		return NULL;
	zone_device_page_init(dpage);
	page_set_lender(old, dpage);
	dmirror_set_backing(dpage, old);
	return dpage;
}

struct page *dmirror_devmem_alloc_page(struct dmirror_device *mdevice)
{
	struct page *dpage, *rpage;

	rpage = alloc_page(GFP_HIGHUSER);
	if (!rpage)
		return NULL;
	dpage = dmirror_get_page(mdevice);
	if (!dpage) {
		__free_page(rpage);
		return NULL;
	}

	page_ref_move(rpage, VIEW_REF_TMP, VIEW_REF_DRIVER);
	zone_device_page_init(dpage);
	dmirror_set_backing(dpage, rpage);
	return dpage;
}

/* The last reference of @page is gone. Atomic: a PTL may be held. */
static void dmirror_devmem_free(struct page *page)
{
	struct dmirror_chunk *chunk = dmirror_page_to_chunk(page);
	struct dmirror_device *mdevice = chunk->mdevice;
	struct page *rpage = page->zone_device_data;

	if (!dmirror_pin_free(page)) {
		dmirror_set_backing(page, NULL);
		if (!mutated(dm_free_keeps_backing))
			page_ref_put(rpage, VIEW_REF_DRIVER);
	}

	spin_lock(&mdevice->lock);
	mdevice->cfree++;
	chunk->used--;
	if (!chunk->remove) {
		page->zone_device_data = mdevice->free_pages;
		mdevice->free_pages = page;
	}
	if (mutated(dm_free_pushes_twice)) {
		page->zone_device_data = mdevice->free_pages;
		mdevice->free_pages = page;
	}
	spin_unlock(&mdevice->lock);
}

const struct dev_pagemap_ops dmirror_devmem_ops = {
	.page_free	= dmirror_devmem_free,
	.migrate_to_ram	= dmirror_devmem_fault,
	.revoke		= dmirror_devmem_revoke,
};

/* Take what is free of @devmem off the list. Needs mdevice->lock. */
static void dmirror_remove_free_pages(struct dmirror_chunk *devmem)
{
	struct dmirror_device *mdevice = devmem->mdevice;
	struct page *page, *next, *kept = NULL;
	u32 left = DEVMEM_CHUNKS * DEVMEM_CHUNK_PAGES;

	for (page = mdevice->free_pages; page; page = next) {
		/* A page that is there twice makes the list a ring. */
		BUG_ON(!left--);
		next = page->zone_device_data;
		if (dmirror_page_to_chunk(page) == devmem)
			continue;
		page->zone_device_data = kept;
		kept = page;
	}
	mdevice->free_pages = kept;
}

static bool dmirror_chunk_busy(struct dmirror_chunk *devmem)
{
	bool busy;

	spin_lock(&devmem->mdevice->lock);
	busy = devmem->used;
	spin_unlock(&devmem->mdevice->lock);
	return busy;
}

/*
 * Sweep until nothing of @devmem is out. What a sweep misses is in the hands of
 * a migration or a fault, which does not wait for us.
 */
static void dmirror_drain_chunk(struct dmirror_chunk *devmem)
{
	for (;;) {
		if (!mutated(dm_release_skip_evict))
			dmirror_device_evict_chunk(devmem);
		if (!dmirror_chunk_busy(devmem) ||
		    mutated(dm_t5_release_sweeps_once))
			return;
		yield();
	}
}

/* Off the device: no page of it is handed out from here on. How many. */
static u32 dmirror_take_chunks(struct dmirror_device *mdevice)
{
	u32 nr = mdevice->devmem_count;

	spin_lock(&mdevice->lock);
	for (u32 i = 0; i < nr; i++) {
		struct dmirror_chunk *devmem = mdevice->devmem_chunks[i];

		devmem->remove = true;
		dmirror_remove_free_pages(devmem);
		mdevice->removed[i] = devmem;
		mdevice->devmem_chunks[i] = NULL;
	}
	mdevice->devmem_count = 0;
	spin_unlock(&mdevice->lock);
	return nr;
}

void dmirror_device_remove_chunks(struct dmirror_device *mdevice)
{
	bool keeps_lock = mutated(dm_release_keeps_devmem_lock);
	u32 nr;

	mutex_lock(&mdevice->evict_lock);
	mutex_lock(&mdevice->devmem_lock);
	nr = dmirror_take_chunks(mdevice);
	if (!keeps_lock)
		mutex_unlock(&mdevice->devmem_lock);

	for (u32 i = 0; i < nr; i++) {
		struct dmirror_chunk *devmem = mdevice->removed[i];

		dmirror_drain_chunk(devmem);
		memunmap_pages(&devmem->pagemap);
		mdevice->removed[i] = NULL;
		kfree(devmem);
	}
	if (keeps_lock)
		mutex_unlock(&mdevice->devmem_lock);
	mutex_unlock(&mdevice->evict_lock);
}

int dmirror_device_init(struct dmirror_device *mdevice, u32 id)
{
	mdevice->id = id;
	mutex_init(&mdevice->evict_lock);
	mutex_init(&mdevice->devmem_lock);
	spin_lock_init(&mdevice->lock);
	/* What programs map stays until the device is removed. */
	device_node_init(&mdevice->inode, &mdevice->file, VIEW_FILES + id,
			 VM_MIXEDMAP, dmirror_fops_mmap);
	return dmirror_allocate_chunk(mdevice, NULL);
}

void dmirror_device_remove(struct dmirror_device *mdevice)
{
	dmirror_device_remove_chunks(mdevice);
}
