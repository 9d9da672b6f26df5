// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_dmem: the memory of the GPU as pages: chunks of them, moving a
 * process' pages there, and bringing them back one by one.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_dmem.c, 6.12, in its order; spec
 * nouveau.md, sections 1.5 and 8, core.md 7.
 *
 * A page goes to VRAM at the program's request (SVM_BIND) and comes back when
 * a CPU touches it. Either way its data is copied by an engine of the device's
 * own, some time between setup and finalize, and meanwhile nobody may store to
 * the old page:
 *
 *	SVM_BIND			GPU, through a translation it has
 *	migrate_vma_setup()
 *	copy				[must fault: setup's bracket, or the
 *	migrate_vma_pages()		 clear before a copy to RAM, has taken
 *	map VRAM			 its translation away]
 *	migrate_vma_finalize()
 *
 * and the new page is mapped on the GPU while there is no CPU entry that an
 * invalidation would find:
 *
 *	SVM_BIND			MADV_DONTNEED
 *	migrate_vma_setup()
 *	copy, migrate_vma_pages()
 *					callback: the GPU maps nothing there
 *					zaps the migration entry
 *	map VRAM [must not]
 *	migrate_vma_finalize(): no entry
 *	is left, and the page is freed
 *
 * So what is bound has an interval notifier from before setup (struct
 * nouveau_bind), and is mapped only if that was not invalidated by others.
 *
 * Lock order, outermost first:
 *
 *   dmem->evict_mutex
 *   mm->mmap_lock		to VRAM, and a CPU's fault; not in an eviction
 *     folio lock		from setup to finalize
 *       dmem->mutex		chunks come and go
 *       dmem->svmm_mutex	while a page that comes home is unmapped
 *         svmm->mutex
 *           vmm->mutex
 *     dmem->lock		leaf
 *
 * Differences from upstream:
 *  - to VRAM, the brackets of setup and of holes are the svmm's and not the
 *    device's, and every svmm of the mm drops what it maps of the range, that
 *    one included (W-A9, W-A16);
 *  - only pages that did migrate are mapped (W-A10), and those only if nobody
 *    has invalidated the range (W-A11);
 *  - to VRAM, copies are waited for before migrate_vma_pages(), not after it;
 *  - to RAM, the page is unmapped in every svmm of the mm that faulted, found by
 *    a list, not through the page: the one that brought it may be closed and
 *    gone (W-A12, W-A16);
 *  - the destination is told to the migration once the copy was queued (Q-A13),
 *    and without memory for one the fault fails (Q-A10);
 *  - eviction has a file of its own, nouveau_dmem_evict.c;
 *  - no DMA mappings, buffer objects, suspend or resume.
 */
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_dmem.h"

struct nouveau_dmem_chunk *nouveau_page_to_chunk(struct page *page)
{
	return container_of(page->pgmap, struct nouveau_dmem_chunk, pagemap);
}

static struct nouveau_drm *page_to_drm(struct page *page)
{
	return nouveau_page_to_chunk(page)->drm;
}

unsigned long nouveau_dmem_page_addr(struct page *page)
{
	return page_to_pfn(page) << PAGE_SHIFT;
}

/* The last reference of @page is gone. Atomic: a PTL may be held. */
static void nouveau_dmem_page_free(struct page *page)
{
	struct nouveau_dmem_chunk *chunk = nouveau_page_to_chunk(page);
	struct nouveau_dmem *dmem = chunk->drm->dmem;

	view_emit(EV_page_backing, page_to_pfn(page), 0, 0);
	spin_lock(&dmem->lock);
	WARN_ON(!chunk->callocated);
	chunk->callocated--;
	if (!chunk->remove) {
		page->zone_device_data = dmem->free_pages;
		dmem->free_pages = page;
	}
	spin_unlock(&dmem->lock);
}

/* lock_page() of a page that nobody else was told of. */
static void nouveau_dmem_lock_new_page(struct page *page)
{
	lockdep_nest(1);
	folio_lock(page_folio(page));
}

/* Queue a command; nothing but the room for it can be missing. */
static int nouveau_dmem_push(u64 dst, u64 src)
{
	if (should_fail_alloc(GFP_KERNEL, "gpu_copy"))
		return -EIO;
	return gpu_copy(dst, src);
}

int nouveau_dmem_copy_one(struct nouveau_drm *drm, struct page *spage,
			  struct page *dpage)
{
	nouveau_dmem_lock_new_page(dpage);
	return nouveau_dmem_push((u64)page_to_pfn(dpage) << PAGE_SHIFT |
				 GPU_PHYS_HOST,
				 nouveau_dmem_page_addr(spage) | GPU_PHYS_VRAM);
}

static void nouveau_dmem_clear_one(struct nouveau_svmm *svmm, unsigned long addr)
{
	mutex_lock(&svmm->mutex);
	/* It is on the list until its file is closed, and that takes time. */
	if (svmm->vmm || mutated(nv_a8_ram_skip_vmm_test))
		nouveau_svmm_invalidate(svmm, addr, addr + PAGE_SIZE);
	mutex_unlock(&svmm->mutex);
}

/*
 * No svmm of @mm maps @page, which is at @addr, any more. That of other mms was
 * seen to by the brackets of their own entries; ours was marked as our own.
 */
static void nouveau_dmem_clear(struct nouveau_dmem *dmem, struct mm_struct *mm,
			       unsigned long addr, struct page *page)
{
	struct nouveau_svmm *svmm;

	if (mutated(nv_ram_skip_clear))
		return;
	if (page->zone_device_data && mutated(nv_a12_follows_svmm_of_page))
		nouveau_dmem_clear_one(page->zone_device_data, addr);
	mutex_lock(&dmem->svmm_mutex);
	list_for_each_entry(svmm, &dmem->svmms, head) {
		if (svmm->notifier.mm != mm)
			continue;
		if (svmm != page->zone_device_data &&
		    mutated(nv_a16_clears_one_svmm))
			continue;
		nouveau_dmem_clear_one(svmm, addr);
	}
	mutex_unlock(&dmem->svmm_mutex);
}

/* Bring the one page of @args, set up and of VRAM, to a page of the system. */
static vm_fault_t nouveau_dmem_fault_copy_one(struct nouveau_drm *drm,
					      struct migrate_vma *args,
					      struct page *spage)
{
	struct page *dpage;
	u32 fence;
	int ret;

	dpage = alloc_page_vma(GFP_HIGHUSER, args->vma, args->start);
	if (!dpage)
		return mutated(nv_q_a10_retry_without_memory) ? 0 :
								VM_FAULT_OOM;

	nouveau_dmem_clear(drm->dmem, args->vma->vm_mm, args->start, spage);
	ret = nouveau_dmem_copy_one(drm, spage, dpage);
	if (!ret || mutated(nv_q_a13_dst_before_copy) ||
	    mutated(nv_copy_error_ignored))
		args->dst[0] = migrate_pfn(page_to_pfn(dpage));
	if (ret && !mutated(nv_copy_error_ignored)) {
		if (!args->dst[0]) {
			folio_unlock(page_folio(dpage));
			folio_put(page_folio(dpage));
		}
		return VM_FAULT_SIGBUS;
	}

	fence = gpu_fence();
	migrate_vma_pages(args);
	if (!mutated(nv_ram_skip_fence))
		gpu_fence_wait(fence);
	return 0;
}

/* A CPU touched vmf->page, which is referenced and locked. */
static vm_fault_t nouveau_dmem_migrate_to_ram(struct vm_fault *vmf)
{
	struct nouveau_drm *drm = page_to_drm(vmf->page);
	unsigned long src = 0, dst = 0;
	struct page *spage;
	vm_fault_t ret = 0;
	struct migrate_vma args = {
		.vma		= vmf->vma,
		.start		= vmf->address,
		.end		= vmf->address + PAGE_SIZE,
		.src		= &src,
		.dst		= &dst,
		.pgmap_owner	= drm->dev,
		.fault_page	= vmf->page,
		.flags		= MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
	};

	if (migrate_vma_setup(&args) < 0)
		return VM_FAULT_SIGBUS;
	if (!args.cpages)
		return 0;

	spage = migrate_pfn_to_page(src);
	if (spage && src & MIGRATE_PFN_MIGRATE)
		ret = nouveau_dmem_fault_copy_one(drm, &args, spage);
	migrate_vma_finalize(&args);
	return ret;
}

static const struct dev_pagemap_ops nouveau_dmem_pagemap_ops = {
	.page_free	= nouveau_dmem_page_free,
	.migrate_to_ram	= nouveau_dmem_migrate_to_ram,
};

/* The next free page, handed out. Needs dmem->lock. NULL: none is free. */
static struct page *nouveau_dmem_take_page(struct nouveau_dmem *dmem)
{
	struct page *page = dmem->free_pages;

	if (page) {
		dmem->free_pages = page->zone_device_data;
		nouveau_page_to_chunk(page)->callocated++;
	}
	return page;
}

/* Another chunk, and a page of it in *@ppage. 0 or -ENOMEM. */
static int nouveau_dmem_chunk_alloc(struct nouveau_drm *drm,
				    struct page **ppage)
{
	struct nouveau_dmem *dmem = drm->dmem;
	struct nouveau_dmem_chunk *chunk;
	int ret;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	chunk->drm = drm;
	chunk->pagemap.type = MEMORY_DEVICE_PRIVATE;
	chunk->pagemap.nr = NOUVEAU_DMEM_CHUNK_PAGES;
	chunk->pagemap.ops = &nouveau_dmem_pagemap_ops;
	chunk->pagemap.owner = drm->dev;
	chunk->pagemap.device = dmem->device;

	mutex_lock(&dmem->mutex);
	ret = gpu_copy_open();
	if (!ret && dmem->nr_chunks == NOUVEAU_DMEM_CHUNKS)
		ret = -ENOMEM;
	if (!ret)
		ret = memremap_pages(&chunk->pagemap);
	if (ret) {
		mutex_unlock(&dmem->mutex);
		kfree(chunk);
		return ret;
	}
	list_add(&chunk->list, &dmem->chunks);
	WRITE_ONCE(dmem->nr_chunks, dmem->nr_chunks + 1);

	/* On the list before an eviction can look for its pages there. */
	spin_lock(&dmem->lock);
	for (u32 i = 0; i < chunk->pagemap.nr; i++) {
		struct page *page = pfn_to_page(chunk->pagemap.start + i);

		page->zone_device_data = dmem->free_pages;
		dmem->free_pages = page;
	}
	*ppage = nouveau_dmem_take_page(dmem);
	spin_unlock(&dmem->lock);
	mutex_unlock(&dmem->mutex);
	return 0;
}

/* A page of VRAM, locked, of one reference; NULL: there is no room. Sleeps. */
static struct page *nouveau_dmem_page_alloc_locked(struct nouveau_drm *drm)
{
	struct page *page;

	spin_lock(&drm->dmem->lock);
	page = nouveau_dmem_take_page(drm->dmem);
	spin_unlock(&drm->dmem->lock);
	if (!page && nouveau_dmem_chunk_alloc(drm, &page))
		return NULL;

	page->zone_device_data = NULL;
	zone_device_page_init(page);
	/* Its data is in the frame that the page stands for. */
	view_emit(EV_page_backing, page_to_pfn(page), page_to_pfn(page), 0);
	return page;
}

static void nouveau_dmem_page_free_locked(struct nouveau_drm *drm,
					  struct page *page)
{
	folio_unlock(page_folio(page));
	folio_put(page_folio(page));
}

void nouveau_dmem_fini(struct nouveau_drm *drm)
{
	struct nouveau_dmem *dmem = drm->dmem;

	if (!dmem)
		return;
	nouveau_dmem_evict(drm);
	drm->dmem = NULL;
	kfree(dmem);
}

void nouveau_dmem_init(struct nouveau_drm *drm, u32 device)
{
	struct nouveau_dmem *dmem = kzalloc(sizeof(*dmem), GFP_KERNEL);

	if (!dmem)
		return;
	dmem->drm = drm;
	dmem->device = device;
	mutex_init(&dmem->evict_mutex);
	mutex_init(&dmem->mutex);
	INIT_LIST_HEAD(&dmem->chunks);
	spin_lock_init(&dmem->lock);
	mutex_init(&dmem->svmm_mutex);
	INIT_LIST_HEAD(&dmem->svmms);
	drm->dmem = dmem;
}

void nouveau_dmem_svmm_add(struct nouveau_drm *drm, struct nouveau_svmm *svmm)
{
	if (!drm->dmem)
		return;
	mutex_lock(&drm->dmem->svmm_mutex);
	list_add(&svmm->head, &drm->dmem->svmms);
	mutex_unlock(&drm->dmem->svmm_mutex);
}

void nouveau_dmem_svmm_del(struct nouveau_drm *drm, struct nouveau_svmm *svmm)
{
	if (!drm->dmem)
		return;
	mutex_lock(&drm->dmem->svmm_mutex);
	list_del(&svmm->head);
	mutex_unlock(&drm->dmem->svmm_mutex);
}

/* One page of a batch, to VRAM: what @dst is to say, and PFNMAP in *@pfn. */
static unsigned long
nouveau_dmem_migrate_copy_one(struct nouveau_drm *drm,
			      struct nouveau_svmm *svmm, unsigned long src,
			      u64 *pfn)
{
	struct page *dpage, *spage;
	unsigned long paddr;
	u64 from;

	/* NULL: nothing is there yet, or the zero page. */
	spage = migrate_pfn_to_page(src);
	if (!(src & MIGRATE_PFN_MIGRATE))
		goto out;

	dpage = nouveau_dmem_page_alloc_locked(drm);
	if (!dpage)
		goto out;

	paddr = nouveau_dmem_page_addr(dpage);
	from = spage ? (u64)page_to_pfn(spage) << PAGE_SHIFT | GPU_PHYS_HOST :
		       GPU_COPY_ZERO;
	if (nouveau_dmem_push(paddr | GPU_PHYS_VRAM, from)) {
		nouveau_dmem_page_free_locked(drm, dpage);
		goto out;
	}

	/* Who brought it, for the historic ways back. */
	dpage->zone_device_data = svmm;
	*pfn = NVIF_VMM_PFNMAP_V0_V | NVIF_VMM_PFNMAP_V0_VRAM |
	       ((u64)(paddr >> PAGE_SHIFT) << NVIF_VMM_PFNMAP_V0_ADDR_SHIFT);
	if (src & MIGRATE_PFN_WRITE)
		*pfn |= NVIF_VMM_PFNMAP_V0_W;
	return migrate_pfn(page_to_pfn(dpage));

out:
	*pfn = NVIF_VMM_PFNMAP_V0_NONE;
	return 0;
}

/*
 * Only now is it known which pages did move; the others' are freed. The patch
 * that first did this, of 2021, ran off the arrays (Q-C5).
 */
static void nouveau_dmem_drop_unmigrated(const struct migrate_vma *args,
					 u64 *pfns)
{
	unsigned long npages = args->npages;

	if (mutated(pin_q_c5_counts_backwards))
		npages = (args->start - args->end) >> PAGE_SHIFT;
	for (unsigned long i = 0; i < npages; i++) {
		if (i >= args->npages) {
			view_emit(EV_window_index, 0, i, args->npages);
			return;
		}
		if (!(args->src[i] & MIGRATE_PFN_MIGRATE))
			pfns[i] = NVIF_VMM_PFNMAP_V0_NONE;
	}
}

/*
 * The copies are done before the pages are anybody's. Of a page that moves that
 * could wait until finalize, for its CPU entry is a migration entry; but a hole
 * gets its entry at once, and a GPU fault finds it without the page's lock:
 *
 *	SVM_BIND			GPU fault
 *	clear is queued
 *	migrate_vma_pages(): entry
 *					maps the VRAM page, stores
 *	[must not be done only now]
 */
static void nouveau_dmem_migrate_chunk(struct nouveau_drm *drm,
				       struct nouveau_svmm *svmm,
				       struct migrate_vma *args, u64 *pfns,
				       struct nouveau_bind *bind)
{
	bool late = mutated(nv_fence_after_pages);
	unsigned long addr = args->start;
	void *owner = args->pgmap_owner;
	u32 fence;

	for (u32 i = 0; addr < args->end; addr += PAGE_SIZE, i++)
		args->dst[i] = nouveau_dmem_migrate_copy_one(drm, svmm,
							     args->src[i],
							     pfns + i);

	fence = gpu_fence();
	if (!late && !mutated(nv_skip_fence))
		gpu_fence_wait(fence);
	/* Whoever knows setup's bracket is not meant by that of holes. */
	if (args->pgmap_owner == svmm)
		args->pgmap_owner = NULL;
	migrate_vma_pages(args);
	args->pgmap_owner = owner;
	if (late)
		gpu_fence_wait(fence);
	if (!mutated(nv_a10_map_unmigrated))
		nouveau_dmem_drop_unmigrated(args, pfns);
	/* Before finalize: until then CPUs wait, and do not take it away. */
	if (svmm)
		nouveau_pfns_map(svmm, bind, args->start, pfns, args->npages);
	migrate_vma_finalize(args);
}

int nouveau_dmem_migrate_vma(struct nouveau_drm *drm,
			     struct nouveau_svmm *svmm,
			     struct vm_area_struct *vma, unsigned long start,
			     unsigned long end, struct nouveau_bind *bind)
{
	unsigned long npages = (end - start) >> PAGE_SHIFT;
	unsigned long max = min((unsigned long)NOUVEAU_DMEM_BATCH, npages);
	struct migrate_vma args = {
		.vma		= vma,
		.start		= start,
		/* Not the device: what maps pages that move has to go first. */
		.pgmap_owner	= mutated(nv_a16_binds_as_device) ?
				  (void *)drm->dev : svmm,
		.flags		= MIGRATE_VMA_SELECT_SYSTEM,
	};
	int ret = -ENOMEM;
	u64 *pfns;

	if (!drm->dmem)
		return -ENODEV;

	args.src = kcalloc(max, sizeof(*args.src), GFP_KERNEL);
	if (!args.src)
		goto out;
	args.dst = kcalloc(max, sizeof(*args.dst), GFP_KERNEL);
	if (!args.dst)
		goto out_free_src;
	pfns = nouveau_pfns_alloc(max);
	if (!pfns)
		goto out_free_dst;

	for (ret = 0; !ret && args.start < end; args.start = args.end) {
		args.end = min(args.start + (max << PAGE_SHIFT), end);
		ret = migrate_vma_setup(&args);
		if (!ret && args.cpages)
			nouveau_dmem_migrate_chunk(drm, svmm, &args, pfns,
						   bind);
	}

	nouveau_pfns_free(pfns);
out_free_dst:
	kfree(args.dst);
out_free_src:
	kfree(args.src);
out:
	return ret;
}
