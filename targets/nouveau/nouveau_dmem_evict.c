// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_dmem_evict: everything in VRAM goes home, and the chunks go.
 *
 * Models the eviction of drivers/gpu/drm/nouveau/nouveau_dmem.c, 6.12; spec
 * nouveau.md, section 8.4, core.md 7.5. Lock order: see nouveau_dmem.c.
 *
 * Difference from upstream: the chunks are taken off first and swept until
 * nothing of them is out, so that it may run while others migrate; upstream's is
 * at unload and sweeps each chunk once.
 */
#include <linux/errno.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_dmem.h"

/*
 * One sweep of @chunk's frames: every page that somebody maps and nobody holds
 * becomes a page of the system. Needs no mmap_lock: the mappings are found
 * through the page, and svmms of them by the brackets that unmapping raises.
 */
static void nouveau_dmem_evict_chunk(struct nouveau_dmem_chunk *chunk)
{
	unsigned long npages = chunk->pagemap.nr;
	unsigned long src_pfns[NOUVEAU_DMEM_CHUNK_PAGES] = { 0 };
	unsigned long dst_pfns[NOUVEAU_DMEM_CHUNK_PAGES] = { 0 };
	u32 fence;

	if (migrate_device_range(src_pfns, chunk->pagemap.start, npages))
		return;
	for (unsigned long i = 0; i < npages; i++) {
		struct page *dpage;

		if (!(src_pfns[i] & MIGRATE_PFN_MIGRATE))
			continue;
		dpage = alloc_page(GFP_HIGHUSER | __GFP_NOFAIL);
		if (!dpage)
			continue;
		if (nouveau_dmem_copy_one(chunk->drm,
					  migrate_pfn_to_page(src_pfns[i]),
					  dpage)) {
			/* Left where it is: the next sweep tries again. */
			folio_unlock(page_folio(dpage));
			folio_put(page_folio(dpage));
			continue;
		}
		dst_pfns[i] = migrate_pfn(page_to_pfn(dpage));
	}

	fence = gpu_fence();
	migrate_device_pages(src_pfns, dst_pfns, npages);
	gpu_fence_wait(fence);
	migrate_device_finalize(src_pfns, dst_pfns, npages);
}

/* Take what is free of @chunk off the list. Needs dmem->lock. */
static void nouveau_dmem_remove_free_pages(struct nouveau_dmem *dmem,
					   struct nouveau_dmem_chunk *chunk)
{
	struct page *page, *next, *kept = NULL;

	for (page = dmem->free_pages; page; page = next) {
		next = page->zone_device_data;
		if (nouveau_page_to_chunk(page) == chunk)
			continue;
		page->zone_device_data = kept;
		kept = page;
	}
	dmem->free_pages = kept;
}

/* No page of the chunks there are is handed out from here on. */
static void nouveau_dmem_remove_chunks(struct nouveau_dmem *dmem)
{
	struct nouveau_dmem_chunk *chunk;

	mutex_lock(&dmem->mutex);
	spin_lock(&dmem->lock);
	list_for_each_entry(chunk, &dmem->chunks, list) {
		chunk->remove = true;
		nouveau_dmem_remove_free_pages(dmem, chunk);
	}
	spin_unlock(&dmem->lock);
	mutex_unlock(&dmem->mutex);
}

/* One that is being removed, or NULL. It goes by our hand alone. */
static struct nouveau_dmem_chunk *
nouveau_dmem_removed_chunk(struct nouveau_dmem *dmem)
{
	struct nouveau_dmem_chunk *chunk, *found = NULL;

	mutex_lock(&dmem->mutex);
	list_for_each_entry(chunk, &dmem->chunks, list)
		if (chunk->remove)
			found = chunk;
	mutex_unlock(&dmem->mutex);
	return found;
}

static bool nouveau_dmem_chunk_busy(struct nouveau_dmem *dmem,
				    struct nouveau_dmem_chunk *chunk)
{
	bool busy;

	spin_lock(&dmem->lock);
	busy = chunk->callocated;
	spin_unlock(&dmem->lock);
	return busy;
}

void nouveau_dmem_evict(struct nouveau_drm *drm)
{
	struct nouveau_dmem *dmem = drm->dmem;
	struct nouveau_dmem_chunk *chunk;

	if (!dmem || !READ_ONCE(dmem->nr_chunks))
		return;
	mutex_lock(&dmem->evict_mutex);
	nouveau_dmem_remove_chunks(dmem);
	while ((chunk = nouveau_dmem_removed_chunk(dmem))) {
		/* What a sweep misses is in the hands of a migration or a
		 * fault, which does not wait for us. */
		while (nouveau_dmem_chunk_busy(dmem, chunk) &&
		       !mutated(nv_dmem_fini_skip_evict)) {
			nouveau_dmem_evict_chunk(chunk);
			yield();
		}
		memunmap_pages(&chunk->pagemap);
		mutex_lock(&dmem->mutex);
		list_del(&chunk->list);
		WRITE_ONCE(dmem->nr_chunks, dmem->nr_chunks - 1);
		mutex_unlock(&dmem->mutex);
		kfree(chunk);
	}
	mutex_unlock(&dmem->evict_mutex);
}
