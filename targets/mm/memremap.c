// SPDX-License-Identifier: GPL-2.0
/*
 * memremap.c: page frames of a device, from the day it comes to the day it is
 * gone.
 *
 * Models mm/memremap.c, 6.12. Spec: core.md 2.1 (device page life), I-M22.
 *
 * A pgmap is a run of frames that ordinary allocation never sees. Its pages
 * are free, of refcount 0, and the driver's to hand out. A page that is handed
 * out holds a reference of the pgmap until its own last one goes:
 *
 *	a driver				page_ref_put()
 *	zone_device_page_init()	ref + 1
 *	... migrated, mapped, forked ...
 *						last reference of the page
 *						->page_free(): driver's again
 *						ref - 1
 *	memunmap_pages()	dying, ref - 1
 *	sleeps until ref is 0			[must be woken by the last one]
 *
 * So memunmap_pages() is also the wait for every page that is still mapped
 * somewhere, and a driver that does not bring those home first sleeps for ever.
 *
 * Locks: none. The mask of frames and each count are one atomic word.
 *
 * Differences: MEMORY_DEVICE_PRIVATE only, so no get_dev_pagemap() and no
 * lookup by address; the count is an atomic instead of a percpu_ref; frames
 * come from a fixed table and are taken again, lowest first, after
 * memunmap_pages(); a freed page has no flags left; no memory cgroup.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

#define DEVICE_FRAMES	(END_PFN - DEVICE_PFN)

/* Bit n: frame DEVICE_PFN + n is nobody's. */
static u64 free_frames __machine;

_Static_assert(DEVICE_FRAMES <= 64, "the frames are the bits of a word");

/* In M0. */
void memremap_boot(void)
{
	free_frames = ~0ull >> (64 - DEVICE_FRAMES);
}

static u64 frame_mask(u32 first, u32 nr)
{
	return (~0ull >> (64 - nr)) << first;
}

/* The first of @nr free frames in a row, now taken; DEVICE_FRAMES: none. */
static u32 take_frames(u32 nr)
{
	u64 seen = __atomic_load_n(&free_frames, __ATOMIC_RELAXED), mask;
	u32 first = 0;

	while (first + nr <= DEVICE_FRAMES) {
		mask = frame_mask(first, nr);
		if ((seen & mask) != mask) {
			first++;
			continue;
		}
		if (__atomic_compare_exchange_n(&free_frames, &seen,
						seen & ~mask, false,
						__ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return first;
		first = 0;
	}
	return DEVICE_FRAMES;
}

/* A live reference, which dying pgmaps no longer give. */
static bool pgmap_tryget_live(struct dev_pagemap *pgmap)
{
	u32 ref = __atomic_load_n(&pgmap->ref, __ATOMIC_RELAXED);

	do {
		if (!ref || __atomic_load_n(&pgmap->dying, __ATOMIC_ACQUIRE))
			return false;
	} while (!__atomic_compare_exchange_n(&pgmap->ref, &ref, ref + 1, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	return true;
}

/* May be the last use of @pgmap: who waits for it may free it at once. */
static void put_dev_pagemap(struct dev_pagemap *pgmap)
{
	rt_point(RT_SITE(RT_RMW, "put_dev_pagemap", NULL), pgmap);
	if (!__atomic_sub_fetch(&pgmap->ref, 1, __ATOMIC_ACQ_REL))
		rt_wake(&pgmap->ref, ~0u);
}

/*
 * Sleeps until every page of @pgmap was freed. The driver must have stopped
 * handing out pages. Holds no lock that ->page_free() or a fault may want.
 */
void memunmap_pages(struct dev_pagemap *pgmap)
{
	u32 seen, i;

	might_sleep();
	rt_point(RT_SITE(RT_STORE, "percpu_ref_kill", NULL), pgmap);
	__atomic_store_n(&pgmap->dying, 1, __ATOMIC_SEQ_CST);
	view_emit(EV_pgmap_kill, pgmap->device, pgmap->start, pgmap->nr);
	/* A percpu_ref reaches zero no sooner than that: a walk without the
	 * PTL may still look at the pgmap of an entry it has seen. */
	synchronize_rcu();
	put_dev_pagemap(pgmap);
	for (;;) {
		rt_point(RT_SITE(RT_WAIT, "memunmap_pages", NULL), pgmap);
		seen = __atomic_load_n(&pgmap->ref, __ATOMIC_ACQUIRE);
		if (!seen || mutated(memunmap_skip_wait))
			break;
		rt_wait(&pgmap->ref, seen, RT_FOREVER, 0);
	}
	for (i = 0; i < pgmap->nr; i++)
		pfn_to_page(pgmap->start + i)->pgmap = NULL;
	view_emit(EV_pgmap_gone, pgmap->device, pgmap->start, pgmap->nr);
	__atomic_fetch_or(&free_frames,
			  frame_mask(pgmap->start - DEVICE_PFN, pgmap->nr),
			  __ATOMIC_ACQ_REL);
}

/*
 * @pgmap: type, ops, owner, device and nr are the driver's. On success its
 * frames are the driver's alone, free and of refcount 0, and ref is 1.
 */
int memremap_pages(struct dev_pagemap *pgmap)
{
	struct page *page;
	u32 first, i;

	if (WARN_ON(pgmap->type != MEMORY_DEVICE_PRIVATE || !pgmap->ops ||
		    !pgmap->ops->page_free || !pgmap->ops->migrate_to_ram ||
		    !pgmap->owner))
		return -EINVAL;
	if (!pgmap->nr || pgmap->nr > DEVICE_FRAMES)
		return -EINVAL;
	first = take_frames(pgmap->nr);
	if (first == DEVICE_FRAMES)
		return -ENOMEM;
	pgmap->start = DEVICE_PFN + first;
	pgmap->dying = 0;
	for (i = 0; i < pgmap->nr; i++) {
		page = pfn_to_page(pgmap->start + i);
		page->pgmap = pgmap;
		page->zone_device_data = NULL;
		rt_name(page, "page", (int)page_to_pfn(page));
	}
	__atomic_store_n(&pgmap->ref, 1, __ATOMIC_RELEASE);
	view_emit(EV_pgmap_new, pgmap->device, pgmap->start, pgmap->nr);
	return 0;
}

/*
 * For page_ref_put(). What made the page somebody's goes before the page does:
 * whoever gets it next has it from the driver, with zone_device_data alone.
 */
void free_zone_device_folio(struct folio *folio)
{
	struct page *page = folio_page(folio, 0);
	struct dev_pagemap *pgmap = page->pgmap;

	if (PageAnonExclusive(page))
		ClearPageAnonExclusive(page);
	if (page_mapping_word(page) && !mutated(devpage_keeps_mapping))
		folio_set_mapping(folio, NULL, 0);
	page->flags = 0;
	view_emit(EV_page_free, page_to_pfn(page), 0, 0);
	pgmap->ops->page_free(page);
	put_dev_pagemap(pgmap);
}

/*
 * @page is a free one of a live pgmap. Its content is whatever the device left
 * in it. Locked before it is referenced: migrate_device_range() looks at every
 * frame and tries to get, then to lock it, and must not find it half made.
 * Upstream references it first (devpage_ref_before_lock).
 */
void zone_device_page_init(struct page *page)
{
	rt_point(RT_SITE(RT_RMW, "zone_device_page_init", NULL), page->pgmap);
	WARN_ON_ONCE(!pgmap_tryget_live(page->pgmap));
	if (!mutated(devpage_ref_before_lock))
		__folio_set_locked(page_folio(page));
	__atomic_store_n(&page->_refcount, 1, __ATOMIC_RELEASE);
	view_emit(EV_page_alloc, page_to_pfn(page), 1, ZONE_DEVICE);
	if (mutated(devpage_ref_before_lock))
		WARN_ON_ONCE(!folio_trylock(page_folio(page)));
}

/* A page of the system has no pgmap of its own: that of who stands for it says
 * that zone_device_data is that page. */
struct page *page_lender(const struct page *page)
{
	if (!__atomic_load_n(&page->pgmap, __ATOMIC_ACQUIRE))
		return NULL;
	return __atomic_load_n(&page->zone_device_data, __ATOMIC_RELAXED);
}

void page_set_lender(struct page *page, struct page *lender)
{
	if (lender)
		__atomic_store_n(&page->zone_device_data, lender,
				 __ATOMIC_RELAXED);
	__atomic_store_n(&page->pgmap, lender ? lender->pgmap : NULL,
			 __ATOMIC_RELEASE);
}
