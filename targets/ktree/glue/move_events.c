// SPDX-License-Identifier: GPL-2.0
/*
 * move_events: pages that move between memory and a device, and pages that are
 * lent to one, for the journal. Wrappers at the edges of mm/migrate_device.c,
 * mm/rmap.c, mm/hmm.c and mm/memremap.c.
 *
 * What a call collected is told when it returns, while the pages are still
 * locked and off every table: nobody can have acted on it before.
 */
#include <linux/hmm.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>

#include "targets/ktree/glue/ground.h"

#define PGMAPS_MAX	16

/* By task: the number of the migration it is in; 0: none. */
static u32 migration[RT_TASKS_MAX];
static u32 migrations;

static u32 pfn_of_migrate(unsigned long mpfn)
{
	struct page *page = migrate_pfn_to_page(mpfn);

	return page ? ktree_view_pfn(page_to_pfn(page)) : 0;
}

/* -- a range of an mm -- */

static void begins(u32 slot, u64 start)
{
	u32 id = __atomic_add_fetch(&migrations, 1, __ATOMIC_RELAXED);

	migration[rt_self()] = id;
	view_emit(EV_migrate_setup, id, slot < PROG_MMS ? slot : ~0ull, start);
}

/* @step: bytes between two entries; 1 for frames by index. */
static void collected(const unsigned long *src, unsigned long npages, u64 start,
		      u64 step, u64 cpages, int ret)
{
	u32 id = migration[rt_self()];
	unsigned long i;

	for (i = 0; !ret && i < npages; i++)
		if (src[i] & MIGRATE_PFN_MIGRATE)
			view_emit(EV_migrate_src, id, start + i * step,
				  pfn_of_migrate(src[i]));
	view_emit(EV_migrate_ready, id, cpages, (u64)-ret);
	if (ret || !cpages)
		migration[rt_self()] = 0;
}

/* Pages that were put where there was none. */
static void filled(const unsigned long *src, const unsigned long *dst,
		   unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		if (src[i] & MIGRATE_PFN_MIGRATE && !pfn_of_migrate(src[i]) &&
		    pfn_of_migrate(dst[i]))
			view_emit(EV_migrate_moved, migration[rt_self()], 0,
				  pfn_of_migrate(dst[i]));
}

static void ends(void)
{
	u32 *id = &migration[rt_self()];

	if (*id)
		view_emit(EV_migrate_end, *id, 0, 0);
	*id = 0;
}

int __real_migrate_vma_setup(struct migrate_vma *args);
int __wrap_migrate_vma_setup(struct migrate_vma *args);
int __wrap_migrate_vma_setup(struct migrate_vma *args)
{
	int ret;

	begins(mm_slot_of(args->vma->vm_mm), args->start);
	ret = __real_migrate_vma_setup(args);
	collected(args->src, args->npages, args->start, PAGE_SIZE,
		  ret ? 0 : args->cpages, ret);
	return ret;
}

void __real_migrate_vma_pages(struct migrate_vma *args);
void __wrap_migrate_vma_pages(struct migrate_vma *args);
void __wrap_migrate_vma_pages(struct migrate_vma *args)
{
	__real_migrate_vma_pages(args);
	filled(args->src, args->dst, args->npages);
}

void __real_migrate_vma_finalize(struct migrate_vma *args);
void __wrap_migrate_vma_finalize(struct migrate_vma *args);
void __wrap_migrate_vma_finalize(struct migrate_vma *args)
{
	__real_migrate_vma_finalize(args);
	ends();
}

/* -- frames of a device -- */

int __real_migrate_device_range(unsigned long *src, unsigned long start,
				unsigned long npages);
int __wrap_migrate_device_range(unsigned long *src, unsigned long start,
				unsigned long npages);
int __wrap_migrate_device_range(unsigned long *src, unsigned long start,
				unsigned long npages)
{
	unsigned long i, cpages = 0;
	int ret;

	begins(PROG_MMS, ktree_view_pfn(start));
	ret = __real_migrate_device_range(src, start, npages);
	for (i = 0; i < npages; i++)
		cpages += !!(src[i] & MIGRATE_PFN_MIGRATE);
	collected(src, npages, 0, 1, cpages, ret);
	return ret;
}

void __real_migrate_device_finalize(unsigned long *src, unsigned long *dst,
				    unsigned long npages);
void __wrap_migrate_device_finalize(unsigned long *src, unsigned long *dst,
				    unsigned long npages);
void __wrap_migrate_device_finalize(unsigned long *src, unsigned long *dst,
				    unsigned long npages)
{
	__real_migrate_device_finalize(src, dst, npages);
	ends();
}

/* -- the mapping goes from one page to another -- */

static int moved(int ret, struct folio *to, struct folio *from)
{
	u32 id = migration[rt_self()];

	if (!ret && id)
		view_emit(EV_migrate_moved, id, ktree_view_pfn(folio_pfn(from)),
			  ktree_view_pfn(folio_pfn(to)));
	return ret;
}

#if KT_SINCE(6, 12)
int __real_folio_migrate_mapping(struct address_space *mapping,
				 struct folio *to, struct folio *from, int extra);
int __wrap_folio_migrate_mapping(struct address_space *mapping,
				 struct folio *to, struct folio *from, int extra);
int __wrap_folio_migrate_mapping(struct address_space *mapping,
				 struct folio *to, struct folio *from, int extra)
{
	return moved(__real_folio_migrate_mapping(mapping, to, from, extra), to,
		     from);
}
#else
int __real_migrate_folio(struct address_space *mapping, struct folio *to,
			 struct folio *from, enum migrate_mode mode);
int __wrap_migrate_folio(struct address_space *mapping, struct folio *to,
			 struct folio *from, enum migrate_mode mode);
int __wrap_migrate_folio(struct address_space *mapping, struct folio *to,
			 struct folio *from, enum migrate_mode mode)
{
	return moved(__real_migrate_folio(mapping, to, from, mode), to, from);
}

int __real_migrate_folio_extra(struct address_space *mapping, struct folio *to,
			       struct folio *from, enum migrate_mode mode,
			       int extra);
int __wrap_migrate_folio_extra(struct address_space *mapping, struct folio *to,
			       struct folio *from, enum migrate_mode mode,
			       int extra);
int __wrap_migrate_folio_extra(struct address_space *mapping, struct folio *to,
			       struct folio *from, enum migrate_mode mode,
			       int extra)
{
	return moved(__real_migrate_folio_extra(mapping, to, from, mode, extra),
		     to, from);
}
#endif

/* -- lent to a device's atomics -- */

int __real_make_device_exclusive_range(struct mm_struct *mm, unsigned long start,
		unsigned long end, struct page **pages, void *owner);
int __wrap_make_device_exclusive_range(struct mm_struct *mm, unsigned long start,
		unsigned long end, struct page **pages, void *owner);
int __wrap_make_device_exclusive_range(struct mm_struct *mm, unsigned long start,
		unsigned long end, struct page **pages, void *owner)
{
	u32 slot = mm_slot_of(mm);
	int ret, i;

	view_emit(EV_exclusive_begin, slot, start, (u64)(size_t)owner);
	ret = __real_make_device_exclusive_range(mm, start, end, pages, owner);
	if (ret < 0)
		view_emit(EV_exclusive_failed, slot, start, 0);
	for (i = 0; i < ret; i++)
		view_emit(pages[i] ? EV_exclusive_made : EV_exclusive_failed,
			  slot, start + (u64)i * PAGE_SIZE, pages[i] ?
			  ktree_view_pfn(page_to_pfn(pages[i])) : 0);
	return ret;
}

/* -- a driver asks what is mapped -- */

int __real_hmm_range_fault(struct hmm_range *range);
int __wrap_hmm_range_fault(struct hmm_range *range);
int __wrap_hmm_range_fault(struct hmm_range *range)
{
	u32 slot = mm_slot_of(range->notifier->mm);
	u64 start = range->start;
	int ret = __real_hmm_range_fault(range);

	view_emit(EV_hmm_range_fault, slot, start, (u64)(s64)ret);
	ktree_faulted(range->notifier, ret);
	return ret;
}

/* -- pages of a device -- */

static struct pgmap {
	struct dev_pagemap *pgmap;
	const struct dev_pagemap_ops *own;
	struct dev_pagemap_ops seen;
} pgmaps[PGMAPS_MAX];

static struct pgmap *pgmap_of(const struct dev_pagemap *pgmap)
{
	u32 i;

	for (i = 0; i < PGMAPS_MAX; i++)
		if (pgmaps[i].pgmap == pgmap)
			return &pgmaps[i];
	return NULL;
}

/* Whether the entry is as it was when the fault began. */
static bool still_there(const struct vm_fault *vmf)
{
	return pte_same(READ_ONCE(*vmf->pte), vmf->orig_pte);
}

static vm_fault_t seen_migrate_to_ram(struct vm_fault *vmf)
{
	const struct pgmap *p = pgmap_of(vmf->page->pgmap);
	vm_fault_t ret;

	view_emit(EV_migrate_to_ram, ktree_view_pfn(page_to_pfn(vmf->page)),
		  mm_slot_of(vmf->vma->vm_mm), vmf->address & PAGE_MASK);
	ret = p->own->migrate_to_ram(vmf);
	/* A CPU that could not have the page, for somebody holds it, faults again
	 * at once: let those run that hold it. */
	if (!ret && still_there(vmf))
		rt_relax();
	return ret;
}

static void seen_page_free(struct page *page)
{
	const struct pgmap *p = pgmap_of(page->pgmap);

	ktree_page_event(EV_page_free, page, 0);
	if (ktree_page_goes)
		ktree_page_goes(page);
	p->own->page_free(page);
}

/* Names of devices: in order of their first memory. Owners stay. */
static void *owners[4];

u32 ktree_device_number(const void *owner)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(owners) && owners[i]; i++)
		if (owners[i] == owner)
			return i;
	if (i < ARRAY_SIZE(owners))
		owners[i] = (void *)owner;
	return i;
}

u32 ktree_pgmap_ref(const struct dev_pagemap *pgmap)
{
	return pgmap->ref.data ? (u32)atomic_long_read(&pgmap->ref.data->count) : 0;
}

static void tell_pgmap(u16 kind, const struct dev_pagemap *pgmap)
{
	view_emit(kind, ktree_device_number(pgmap->owner),
		  ktree_view_pfn(PHYS_PFN(pgmap->range.start)),
		  PHYS_PFN(range_len(&pgmap->range)));
}

/* Those that boot made, again for this execution. */
void ktree_tell_pgmaps(void)
{
	u32 i;

	for (i = 0; i < PGMAPS_MAX; i++)
		if (pgmaps[i].pgmap)
			tell_pgmap(EV_pgmap_new, pgmaps[i].pgmap);
}

void *__real_memremap_pages(struct dev_pagemap *pgmap, int nid);
void *__wrap_memremap_pages(struct dev_pagemap *pgmap, int nid);
void *__wrap_memremap_pages(struct dev_pagemap *pgmap, int nid)
{
	struct pgmap *p = pgmap_of(NULL);
	void *ret;

	if (!p || !pgmap->ops)
		return __real_memremap_pages(pgmap, nid);
	*p = (struct pgmap){ pgmap, pgmap->ops, *pgmap->ops };
	p->seen.page_free = seen_page_free;
	if (p->own->migrate_to_ram)
		p->seen.migrate_to_ram = seen_migrate_to_ram;
	pgmap->ops = &p->seen;
	ret = __real_memremap_pages(pgmap, nid);
	if (IS_ERR(ret)) {
		pgmap->ops = p->own;
		p->pgmap = NULL;
	} else if (ktree_image_sealed()) {
		tell_pgmap(EV_pgmap_new, pgmap);
	}
	return ret;
}

void __real_memunmap_pages(struct dev_pagemap *pgmap);
void __wrap_memunmap_pages(struct dev_pagemap *pgmap);
void __wrap_memunmap_pages(struct dev_pagemap *pgmap)
{
	struct pgmap *p = pgmap_of(pgmap);

	if (p)
		tell_pgmap(EV_pgmap_kill, pgmap);
	__real_memunmap_pages(pgmap);
	if (!p)
		return;
	tell_pgmap(EV_pgmap_gone, pgmap);
	p->pgmap = NULL;
}

void __real_zone_device_page_init(struct page *page);
void __wrap_zone_device_page_init(struct page *page);
void __wrap_zone_device_page_init(struct page *page)
{
	ktree_page_wanted(page);
	__real_zone_device_page_init(page);
	ktree_page_event(EV_page_alloc, page, 0);
}
