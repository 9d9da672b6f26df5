/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau_dmem.h: pages of a process in the memory of the GPU.
 *
 *   nouveau_drm --dmem--> nouveau_dmem --chunks--> nouveau_dmem_chunk (pgmap)
 *                            | free_pages              |
 *                            v                         v
 *                         device page <----------------+
 *                            | zone_device_data: the svmm that brought it
 *
 * Models upstream's nouveau_dmem.h, 6.12. A chunk has NOUVEAU_DMEM_CHUNK_PAGES
 * pages instead of 512, VRAM has room for NOUVEAU_DMEM_CHUNKS of them, and a
 * range is migrated NOUVEAU_DMEM_BATCH pages at a time instead of 128.
 */
#ifndef __NOUVEAU_DMEM_H__
#define __NOUVEAU_DMEM_H__

#include <linux/list.h>
#include <linux/memremap.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "targets/nouveau/nouveau_svm.h"

#define NOUVEAU_DMEM_CHUNK_PAGES	8
#define NOUVEAU_DMEM_CHUNKS		2
#define NOUVEAU_DMEM_BATCH		4

/* @callocated: pages that are handed out; @remove: they do not come back to
 * the list. Both under dmem->lock. */
struct nouveau_dmem_chunk {
	struct list_head list;
	struct nouveau_drm *drm;
	unsigned long callocated;
	bool remove;
	struct dev_pagemap pagemap;
};

/*
 * @device: its number in events and the view. @evict_mutex: one eviction at a
 * time; outermost. @mutex: @chunks, and how many there are. @lock: @free_pages,
 * linked by zone_device_data. @svmm_mutex: @svmms, the address spaces that may
 * have pages of this memory mapped.
 */
struct nouveau_dmem {
	struct nouveau_drm *drm;
	u32 device;
	struct mutex evict_mutex;
	struct mutex mutex;
	struct list_head chunks;
	u32 nr_chunks;
	spinlock_t lock;
	struct page *free_pages;
	struct mutex svmm_mutex;
	struct list_head svmms;
};

/* At load. Without memory for it there is no device memory: drm->dmem is NULL. */
void nouveau_dmem_init(struct nouveau_drm *drm, u32 device);
/* At unload, and nobody else uses it: nouveau_dmem_evict(), then it is gone. */
void nouveau_dmem_fini(struct nouveau_drm *drm);
/*
 * Every page of VRAM goes back to the system, and the chunks there were are
 * given back. Whoever migrates meanwhile may get new ones. No lock held; sleeps.
 */
void nouveau_dmem_evict(struct nouveau_drm *drm);

/*
 * Move what is in [start, end) of @vma to VRAM, as far as there is room, and
 * map it in @svmm, unless @bind says that it was invalidated meanwhile. Needs
 * mmap_lock. @svmm NULL: nobody maps it. 0, -ENODEV, -ENOMEM, -EINVAL.
 */
int nouveau_dmem_migrate_vma(struct nouveau_drm *drm,
			     struct nouveau_svmm *svmm,
			     struct vm_area_struct *vma, unsigned long start,
			     unsigned long end, struct nouveau_bind *bind);
/* Where the data of a page of VRAM is, for PFNMAP. */
unsigned long nouveau_dmem_page_addr(struct page *page);

/* @svmm may map pages of this memory from here on; and no more. Sleep. */
void nouveau_dmem_svmm_add(struct nouveau_drm *drm, struct nouveau_svmm *svmm);
void nouveau_dmem_svmm_del(struct nouveau_drm *drm, struct nouveau_svmm *svmm);

/* -- between nouveau_dmem.c and nouveau_dmem_evict.c -- */
struct nouveau_dmem_chunk *nouveau_page_to_chunk(struct page *page);
/* Lock @dpage and queue the copy of @spage, of VRAM, to it. 0, or -EIO: then it
 * is locked all the same. */
int nouveau_dmem_copy_one(struct nouveau_drm *drm, struct page *spage,
			  struct page *dpage);

#endif /* __NOUVEAU_DMEM_H__ */
