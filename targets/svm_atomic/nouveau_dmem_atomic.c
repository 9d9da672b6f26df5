// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_dmem_atomic: device pages that have no memory of their own.
 *
 * Models the ATOMIC chunks that "SVM atomics" (first posting, 9/9) added to
 * nouveau_dmem.c; spec atomics-v1-pin.md 2, 4.3 and 7.
 *
 * Such a page stands in the page tables of a process for one of the system's,
 * the old page, whose data the GPU works on in place:
 *
 *	CPU's entry -----> device page --- atomic_pages[] ---> old page
 *	GPU's entry ------------------------------------------> old page
 *
 * The old page is off the LRU and pinned: reason DRIVER and reason ATOMIC_PIN,
 * one of each. They belong to the device page that stands for it, and go with
 * that: when a CPU wants the page, or when nobody maps the device page any more.
 * The last may be a zap under a PTL, so page_free() takes spinlocks only.
 *
 * Who wants to move the old page finds nobody who maps it, and no notifier would
 * be called. revoke() is how to ask: it does for a device page what a CPU's fault
 * would do, from the other side, through whoever maps it.
 *
 * Lock order, outermost first:
 *
 *   lock of the old page		only tried, as is that of the device page
 *     notifier callbacks
 *       table->ptl
 *         dmem->lock			free list, atomic_pages[]
 *   dmem->mutex			alone: one chunk at a time
 *
 * Differences: chunks are of eight pages, and made when one is wanted; page_free()
 * also gives back the isolation, which the posted form forgets; what a device page
 * stands for belongs to the pgmap's owner, who is not the device of the svmm, so
 * that the svmm's own notifier clears the GPU's mapping when it is taken back.
 */
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "targets/mutation.h"
#include "targets/svm_atomic/nouveau_pin.h"

#define CHUNK_PAGES	8
#define NR_CHUNKS	8	/* together, as many frames as there are */

struct nouveau_atomic_chunk {
	struct dev_pagemap pagemap;
	struct page *atomic_pages[CHUNK_PAGES];		/* dmem->lock */
};

struct nouveau_atomic_dmem {
	const struct dev_pagemap_ops *ops;
	bool ignored;			/* an svmm takes our brackets for its own */
	bool clears;			/* we clear its GPU's mappings for it */
	struct mutex mutex;
	struct nouveau_atomic_chunk *chunks[NR_CHUNKS];
	u32 nr_chunks;			/* grows, under both locks */
	spinlock_t lock;
	struct page *free_pages;	/* linked by zone_device_data */
	u32 allocated;
};

static struct nouveau_atomic_dmem *dmem __machine;

static struct nouveau_atomic_chunk *page_to_chunk(const struct page *page)
{
	return container_of(page->pgmap, struct nouveau_atomic_chunk, pagemap);
}

static struct page **atomic_slot(const struct page *dpage)
{
	struct nouveau_atomic_chunk *chunk = page_to_chunk(dpage);

	return &chunk->atomic_pages[page_to_pfn(dpage) - chunk->pagemap.start];
}

struct page *nouveau_dmem_atomic_page(const struct page *dpage)
{
	return __atomic_load_n(atomic_slot(dpage), __ATOMIC_RELAXED);
}

/* Needs dmem->lock, or that nobody else knows @dpage. */
static void set_atomic_page(struct page *dpage, struct page *old)
{
	struct page **slot = atomic_slot(dpage), *was = *slot;

	if (was == old)
		return;
	__atomic_store_n(slot, old, __ATOMIC_RELAXED);
	page_set_lender(old ? old : was, old ? dpage : NULL);
	view_emit(EV_page_backing, page_to_pfn(dpage),
		  old ? page_to_pfn(old) : 0, 0);
}

void nouveau_dmem_atomic_forget(struct page *dpage)
{
	if (mutated(pin_free_unpins_twice))
		return;
	spin_lock(&dmem->lock);
	set_atomic_page(dpage, NULL);
	spin_unlock(&dmem->lock);
}

struct nouveau_svmm *nouveau_dmem_atomic_svmm(const struct page *dpage)
{
	return dmem->clears ? dpage->zone_device_data : NULL;
}

/* The last reference of @page is gone, and with it the reason to keep what it
 * stood for. Atomic: a PTL may be held. */
static void nouveau_dmem_atomic_free(struct page *page)
{
	struct page *old;

	spin_lock(&dmem->lock);
	old = *atomic_slot(page);
	set_atomic_page(page, NULL);
	spin_unlock(&dmem->lock);
	if (old && !mutated(pin_free_skip_unpin))
		page_ref_put(old, VIEW_REF_ATOMIC_PIN);
	if (old && !mutated(pin_q_c1_free_keeps_isolation))
		page_ref_put(old, VIEW_REF_DRIVER);

	spin_lock(&dmem->lock);
	dmem->allocated--;
	page->zone_device_data = dmem->free_pages;
	dmem->free_pages = page;
	spin_unlock(&dmem->lock);
}

/*
 * Bring home what @dpage stands for, which is to be @old, through the mappings of
 * @dpage. 0, -EBUSY.
 */
static int bring_home(struct page *dpage, struct page *old)
{
	unsigned long src = 0, dst = 0;
	int ret = -EBUSY;

	if (migrate_device_range(&src, page_to_pfn(dpage), 1))
		return -ENOMEM;
	/* It may stand for another page by now, or for none. */
	if (src & MIGRATE_PFN_MIGRATE &&
	    nouveau_dmem_atomic_page(dpage) == old &&
	    folio_trylock(page_folio(old)))
		dst = migrate_pfn(page_to_pfn(old)) | MIGRATE_PFN_UNPIN;
	migrate_device_pages(&src, &dst, 1);
	if (dst && src & MIGRATE_PFN_MIGRATE) {
		nouveau_dmem_atomic_forget(dpage);
		ret = 0;
	}
	migrate_device_finalize(&src, &dst, 1);
	return ret;
}

static int nouveau_dmem_atomic_revoke(struct page *page)
{
	struct page *dpage = page_lender(page);

	return dpage ? bring_home(dpage, page) : -EBUSY;
}

static const struct dev_pagemap_ops nouveau_dmem_atomic_ops = {
	.page_free	= nouveau_dmem_atomic_free,
	.migrate_to_ram	= nouveau_atomic_page_migrate,
};

static const struct dev_pagemap_ops nouveau_dmem_atomic_callback_ops = {
	.page_free	= nouveau_dmem_atomic_free,
	.migrate_to_ram	= nouveau_atomic_page_migrate,
	.revoke		= nouveau_dmem_atomic_revoke,
};

bool nouveau_dmem_atomic_revocable(void)
{
	return dmem->ops->revoke;
}

/* Needs dmem->lock. */
static struct page *take_free_page(void)
{
	struct page *page = dmem->free_pages;

	if (page) {
		dmem->free_pages = page->zone_device_data;
		dmem->allocated++;
	}
	return page;
}

/* A chunk more, and a page of it. */
static struct page *nouveau_dmem_atomic_chunk_alloc(struct nouveau_drm *drm)
{
	struct nouveau_atomic_chunk *chunk;
	struct page *page = NULL;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return NULL;
	chunk->pagemap.type = MEMORY_DEVICE_PRIVATE;
	chunk->pagemap.ops = dmem->ops;
	chunk->pagemap.owner = dmem->ignored ? (void *)drm->dev : dmem;
	chunk->pagemap.device = NOUVEAU_ATOMIC_DEVICE;
	chunk->pagemap.nr = CHUNK_PAGES;

	mutex_lock(&dmem->mutex);
	if (dmem->nr_chunks < NR_CHUNKS && !memremap_pages(&chunk->pagemap)) {
		spin_lock(&dmem->lock);
		dmem->chunks[dmem->nr_chunks++] = chunk;
		for (u32 i = 0; i < CHUNK_PAGES; i++) {
			page = pfn_to_page(chunk->pagemap.start + i);
			page->zone_device_data = dmem->free_pages;
			dmem->free_pages = page;
		}
		page = take_free_page();
		spin_unlock(&dmem->lock);
	}
	mutex_unlock(&dmem->mutex);
	if (!page)
		kfree(chunk);
	return page;
}

struct page *nouveau_dmem_atomic_alloc(struct nouveau_drm *drm,
				       struct nouveau_svmm *svmm,
				       struct page *old)
{
	struct page *page;

	spin_lock(&dmem->lock);
	page = take_free_page();
	spin_unlock(&dmem->lock);
	if (!page)
		page = nouveau_dmem_atomic_chunk_alloc(drm);
	if (!page)
		return NULL;
	zone_device_page_init(page);
	page->zone_device_data = svmm;
	spin_lock(&dmem->lock);
	set_atomic_page(page, old);
	spin_unlock(&dmem->lock);
	return page;
}

void nouveau_dmem_atomic_init(bool revoke)
{
	dmem = rt_alloc(sizeof(*dmem));
	dmem->ops = revoke ? &nouveau_dmem_atomic_callback_ops :
			     &nouveau_dmem_atomic_ops;
	dmem->clears = mutated(pin_q_c6_clears_without_mutex);
	dmem->ignored = dmem->clears || mutated(pin_fault_keeps_gpu_mapping);
	mutex_init(&dmem->mutex);
	spin_lock_init(&dmem->lock);
}

/* Who still maps one gets the old page back; then nothing is left of us. */
static void nouveau_dmem_atomic_chunk_free(struct nouveau_atomic_chunk *chunk)
{
	for (u32 i = 0; i < CHUNK_PAGES; i++) {
		struct page *dpage = pfn_to_page(chunk->pagemap.start + i);
		struct page *old;

		while ((old = nouveau_dmem_atomic_page(dpage)) &&
		       bring_home(dpage, old))
			yield();
	}
	memunmap_pages(&chunk->pagemap);
	kfree(chunk);
}

void nouveau_dmem_atomic_fini(void)
{
	while (dmem->nr_chunks)
		nouveau_dmem_atomic_chunk_free(dmem->chunks[--dmem->nr_chunks]);
}

/* -- for the view -- */
struct view_page nouveau_pin_view_page(struct view_page p, u32 pfn)
{
	const struct page *page = pfn_to_page(pfn), *lender;

	if (is_zone_device_page(page)) {
		if (page->pgmap && page->pgmap->ops == dmem->ops &&
		    *atomic_slot(page))
			p.backing = page_to_pfn(*atomic_slot(page));
		return p;
	}
	lender = page_lender(page);
	if (!lender)
		return p;
	p.taken += GUP_PIN_COUNTING_BIAS;
	p.revocable = dmem->ops->revoke;
	return p;
}

struct view_device nouveau_pin_view_device(void)
{
	struct view_device d = { .live = true, .allocated = dmem->allocated };
	const struct page *page = dmem->free_pages;

	for (u32 i = 0; i < dmem->nr_chunks; i++) {
		const struct dev_pagemap *pagemap = &dmem->chunks[i]->pagemap;

		d.nr += pagemap->nr;
		d.ref += pagemap->ref;
		d.frames |= ((1ull << pagemap->nr) - 1) <<
			    (pagemap->start - VIEW_DEVICE_PFN);
	}
	for (; page && d.nr_free <= d.nr; page = page->zone_device_data)
		d.nr_free++;
	d.free_twice = d.nr_free > d.nr;
	return d;
}
