// SPDX-License-Identifier: GPL-2.0
/*
 * page_alloc.c: page frames, their references and their locks.
 *
 * Models mm/page_alloc.c, mm/swap.c (folio_put) and the page lock of
 * mm/filemap.c, 6.12. Spec: core.md 2.1. Differences:
 *
 *  - one zone of order-0 pages and no reclaim;
 *  - freed pages are handed out again last (first in, first out): a stale
 *    translation then shows as one of a free page, not as another's data,
 *    for as long as possible, and reuse still happens in long programs;
 *  - a reference has a reason, told to the journal with each change. A change
 *    of reason takes the new one before it drops the old;
 *  - there are more pages than all address spaces together can map, plus one
 *    a task in flight: running out is injected, never an accident.
 *
 * Locks: the zone's word is a leaf that is held across no switch point, so
 * nobody ever waits for it in sim and it is not one of the port's locks.
 */
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"

#define NR_PAGES	80u
#define LAST_PFN	NR_PAGES	/* pfns 1..LAST_PFN; 0 is the zero page */

struct page *mem_map __machine;

/* Frames above @fresh were never used; [first .. last] are the freed ones. */
static struct zone {
	u32 lock;
	u32 fresh;
	u32 first, last;
	u32 nr_free;
} zone __machine;

_Static_assert(NR_PAGES < VIEW_PFNS, "pfns fit the view");

/* In M0. The zero page is nobody's: it is mapped without references. */
void page_alloc_boot(void)
{
	mem_map = rt_alloc((LAST_PFN + 1) * sizeof(*mem_map));
	mem_map[ZERO_PFN]._refcount = 1;
	mem_map[ZERO_PFN].flags = 1u << PG_uptodate;
	rt_name(&mem_map[ZERO_PFN], "zero page", -1);
	zone.fresh = ZERO_PFN;
	zone.nr_free = NR_PAGES;
}

u32 nr_free_pages(void)
{
	return zone.nr_free;
}

u32 nr_system_pages(void)
{
	return NR_PAGES;
}

static void zone_lock(void)
{
	while (__atomic_exchange_n(&zone.lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static void zone_unlock(void)
{
	__atomic_store_n(&zone.lock, 0, __ATOMIC_RELEASE);
}

static struct page *zone_take(void)
{
	struct page *page = NULL;

	zone_lock();
	if (zone.fresh < LAST_PFN) {
		page = &mem_map[++zone.fresh];
		zone.nr_free--;
	} else if (zone.first) {
		page = &mem_map[zone.first];
		zone.first = page->next;
		zone.nr_free--;
	}
	zone_unlock();
	return page;
}

static void zone_give(struct page *page)
{
	u32 pfn = page_to_pfn(page);

	zone_lock();
	page->next = 0;
	if (zone.first)
		mem_map[zone.last].next = pfn;
	else
		zone.first = pfn;
	zone.last = pfn;
	zone.nr_free++;
	zone_unlock();
}

struct folio *vma_alloc_zeroed_movable_folio(struct vm_area_struct *vma,
					     unsigned long vaddr)
{
	struct page *page;

	might_sleep();
	page = zone_take();
	if (!page)
		return NULL;
	page_store(page, 0);
	page->flags = 0;
	__atomic_store_n(&page->_refcount, 1, __ATOMIC_RELAXED);
	rt_name(page, "page", (int)page_to_pfn(page));
	view_emit(EV_page_alloc, page_to_pfn(page), 1, 0);
	return page_folio(page);
}

static void set_anon_exclusive(struct page *page, bool exclusive)
{
	u32 bit = 1u << PG_anon_exclusive;

	if (exclusive)
		__atomic_fetch_or(&page->flags, bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&page->flags, ~bit, __ATOMIC_RELAXED);
	view_emit(EV_page_exclusive, page_to_pfn(page), exclusive, 0);
}

void SetPageAnonExclusive(struct page *page)
{
	set_anon_exclusive(page, true);
}

void ClearPageAnonExclusive(struct page *page)
{
	set_anon_exclusive(page, false);
}

/* What made the page somebody's goes before the page does. */
static void free_unref_page(struct page *page)
{
	if (PageAnonExclusive(page))
		ClearPageAnonExclusive(page);
	page->flags = 0;
	view_emit(EV_page_free, page_to_pfn(page), 0, 0);
	zone_give(page);
}

static s32 ref_add(struct page *page, s32 n, u16 kind, unsigned int reason)
{
	s32 count = __atomic_add_fetch(&page->_refcount, n, __ATOMIC_ACQ_REL);

	view_emit(kind, page_to_pfn(page), (u64)count, reason);
	return count;
}

void page_ref_inc(struct page *page, unsigned int reason)
{
	ref_add(page, 1, EV_page_get, reason);
}

void page_ref_put(struct page *page, unsigned int reason)
{
	rt_point(RT_SITE(RT_RMW, "folio_put", NULL), page);
	if (!ref_add(page, -1, EV_page_put, reason))
		free_unref_page(page);
}

void page_ref_move(struct page *page, unsigned int from, unsigned int to)
{
	ref_add(page, 1, EV_page_get, to);
	ref_add(page, -1, EV_page_put, from);
}

int folio_ref_count(const struct folio *folio)
{
	rt_point(RT_SITE(RT_LOAD, "folio_ref_count", NULL), folio);
	return __atomic_load_n(&folio->page._refcount, __ATOMIC_ACQUIRE);
}

int folio_mapcount(const struct folio *folio)
{
	return __atomic_load_n(&folio->page._mapcount, __ATOMIC_RELAXED);
}

void copy_user_highpage(struct page *to, struct page *from,
			unsigned long vaddr, struct vm_area_struct *vma)
{
	u32 value;

	/* Whoever has a stale translation may still be storing to it. */
	rt_point(RT_SITE(RT_LOAD, "copy_user_highpage", NULL), from);
	value = page_load(from);
	page_store(to, value);
	view_emit(EV_page_copy, page_to_pfn(from), page_to_pfn(to), value);
}

bool folio_trylock(struct folio *folio)
{
	u32 *word = &folio->page.lock;

	rt_point(RT_SITE(RT_RMW, "folio_trylock", NULL), folio);
	return !__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE);
}

void folio_unlock(struct folio *folio)
{
	u32 *word = &folio->page.lock;

	rt_point(RT_SITE(RT_UNLOCK, "folio_unlock", NULL), folio);
	BUG_ON(!folio_test_locked(folio));
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	rt_wake(word, ~0u);
}
