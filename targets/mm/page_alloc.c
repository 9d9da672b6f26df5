// SPDX-License-Identifier: GPL-2.0
/*
 * page_alloc.c: page frames, who may have them, and their references.
 *
 * Models mm/page_alloc.c, mm/page_isolation.c, and of mm/swap.c folio_put(),
 * 6.12. Spec: core.md 2.1. Differences:
 *
 *  - two zones of order-0 pages and no reclaim; pages in a row, for a huge
 *    entry, are allocated together and freed one by one. MOVABLE frames go to those who
 *    can be asked to leave; when they are all used, so do NORMAL ones;
 *  - freed pages are handed out again last (first in, first out): a stale
 *    translation then shows as one of a free page, not as another's data,
 *    for as long as possible, and reuse still happens in long programs;
 *  - a reference has a reason, told to the journal with each change. A change
 *    of reason takes the new one before it drops the old. A pin is one
 *    reference of reason PIN, whatever it weighs;
 *  - there are more MOVABLE pages than all address spaces together can map,
 *    plus one a task in flight, and as many NORMAL ones as their files can
 *    cache beside. Running out is injected, or takes a program whose caches
 *    hold what nobody maps.
 *
 * Locks: a zone's word is a leaf that is held across no switch point, so
 * nobody ever waits for it in sim and it is not one of the port's locks.
 */
#include <linux/bug.h>
#include <linux/fault-inject.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/memremap.h>
#include <linux/mm.h>

#include "targets/mm/internal.h"

struct page *mem_map __machine;

#define NR_BLOCKS	((NORMAL_PFN - MOVABLE_PFN) / PAGEBLOCK_PAGES)

/*
 * Frames from @fresh to @end were never used; [first .. last] are those that
 * came back. Free pages of an isolated block are on neither, and still counted
 * in @nr_free.
 */
struct zone {
	u32 lock;
	u32 fresh, end;
	u32 first, last;
	u32 nr_free;
};

static struct zone zones[ZONE_DEVICE] __machine;

/* Of ZONE_MOVABLE, under its lock: @aside has a bit for each free page. */
static struct block {
	u8 isolated;
	u8 aside;
} blocks[NR_BLOCKS] __machine;

_Static_assert((NORMAL_PFN - MOVABLE_PFN) % PAGEBLOCK_PAGES == 0 &&
	       PAGEBLOCK_PAGES == 8, "whole blocks, of as many pages as bits");

static void zone_boot(struct zone *zone, u32 start, u32 end)
{
	zone->fresh = start;
	zone->end = end;
	zone->nr_free = end - start;
}

/*
 * In M0. The zero page is nobody's: it is mapped without references. Device
 * frames have their place here, and come to life in memremap_pages().
 */
void page_alloc_boot(void)
{
	mem_map = rt_alloc(END_PFN * sizeof(*mem_map));
	mem_map[ZERO_PFN]._refcount = 1;
	mem_map[ZERO_PFN].flags = 1u << PG_uptodate;
	rt_name(&mem_map[ZERO_PFN], "zero page", -1);
	zone_boot(&zones[ZONE_MOVABLE], MOVABLE_PFN, NORMAL_PFN);
	zone_boot(&zones[ZONE_NORMAL], NORMAL_PFN, DEVICE_PFN);
}

u32 nr_free_pages(void)
{
	return zones[ZONE_MOVABLE].nr_free + zones[ZONE_NORMAL].nr_free;
}

u32 nr_system_pages(void)
{
	return DEVICE_PFN - MOVABLE_PFN;
}

static void zone_lock(struct zone *zone)
{
	while (__atomic_exchange_n(&zone->lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static void zone_unlock(struct zone *zone)
{
	__atomic_store_n(&zone->lock, 0, __ATOMIC_RELEASE);
}

/* Needs the zone's lock. */
static void list_add_last(struct zone *zone, u32 pfn)
{
	mem_map[pfn].next = 0;
	if (zone->first)
		mem_map[zone->last].next = pfn;
	else
		zone->first = pfn;
	zone->last = pfn;
}

static struct page *zone_take(struct zone *zone)
{
	struct page *page = NULL;

	zone_lock(zone);
	if (zone->fresh < zone->end) {
		page = &mem_map[zone->fresh++];
		zone->nr_free--;
	} else if (zone->first) {
		page = &mem_map[zone->first];
		zone->first = page->next;
		zone->nr_free--;
	}
	zone_unlock(zone);
	return page;
}

static struct block *block_of(u32 pfn)
{
	return &blocks[(pfn - MOVABLE_PFN) / PAGEBLOCK_PAGES];
}

static u8 block_bit(u32 pfn)
{
	return 1u << (pfn - MOVABLE_PFN) % PAGEBLOCK_PAGES;
}

static void zone_give(struct page *page)
{
	enum zone_type type = page_zonenum(page);
	struct zone *zone = &zones[type];
	u32 pfn = page_to_pfn(page);

	zone_lock(zone);
	if (type == ZONE_MOVABLE && unlikely(block_of(pfn)->isolated))
		block_of(pfn)->aside |= block_bit(pfn);
	else
		list_add_last(zone, pfn);
	zone->nr_free++;
	zone_unlock(zone);
}

/* -- page isolation -- */

/* Take the free pages of @block off the list. Needs the zone's lock. */
static void set_aside(struct zone *zone, struct block *block)
{
	u32 next = zone->first, pfn;

	zone->first = 0;
	while ((pfn = next)) {
		next = mem_map[pfn].next;
		if (block_of(pfn) == block)
			block->aside |= block_bit(pfn);
		else
			list_add_last(zone, pfn);
	}
}

void set_migratetype_isolate(unsigned long pfn, bool isolate)
{
	struct zone *zone = &zones[ZONE_MOVABLE];
	struct block *block = block_of(pfn);
	u32 end = pfn + PAGEBLOCK_PAGES;

	rt_point(RT_SITE(RT_NOTE, "set_migratetype_isolate", NULL),
		 pfn_to_page(pfn));
	zone_lock(zone);
	block->isolated = isolate;
	if (isolate) {
		/* Never used, but free as any other from here on. */
		while (zone->fresh < min(end, zone->end))
			list_add_last(zone, zone->fresh++);
		set_aside(zone, block);
	} else {
		for (; pfn < end; pfn++)
			if (block->aside & block_bit(pfn))
				list_add_last(zone, pfn);
		block->aside = 0;
	}
	zone_unlock(zone);
}

bool pageblock_is_free(unsigned long pfn)
{
	struct zone *zone = &zones[ZONE_MOVABLE];
	bool all;

	zone_lock(zone);
	all = block_of(pfn)->aside == 0xff;
	zone_unlock(zone);
	return all;
}

/* -- allocation -- */

static void prep_new_page(struct page *page)
{
	page_store(page, 0);
	page->next = 0;
	page->flags = 0;
	/* Who finds the frame by its number and can take it sees it made. */
	__atomic_store_n(&page->_refcount, 1, __ATOMIC_RELEASE);
	rt_name(page, "page", (int)page_to_pfn(page));
	view_emit(EV_page_alloc, page_to_pfn(page), 1, page_zonenum(page));
}

struct page *alloc_page(gfp_t gfp)
{
	struct page *page = NULL;

	if (gfpflags_allow_blocking(gfp))
		might_sleep();
	if (should_fail_alloc(gfp, "alloc_page"))
		return NULL;
	if (gfp & __GFP_MOVABLE)
		page = zone_take(&zones[ZONE_MOVABLE]);
	if (!page)
		page = zone_take(&zones[ZONE_NORMAL]);
	if (!page)
		return NULL;
	prep_new_page(page);
	return page;
}

/*
 * The highest HPAGE_PMD_NR frames in a row that were never used; those above
 * them are free as any other from here on. 0: none. Needs the zone's lock.
 */
static u32 take_fresh_row(struct zone *zone)
{
	u32 end = zone->end & ~(HPAGE_PMD_NR - 1u), pfn;

	if (end < zone->fresh + HPAGE_PMD_NR)
		return 0;
	for (pfn = end; pfn < zone->end; pfn++)
		list_add_last(zone, pfn);
	zone->end = end - HPAGE_PMD_NR;
	return zone->end;
}

/* Likewise, of those that came back. */
static u32 take_listed_row(struct zone *zone)
{
	u8 free[DEVICE_PFN / HPAGE_PMD_NR] = { 0 };
	u32 row = ARRAY_SIZE(free), pfn, next;

	while (zone->fresh < zone->end)
		list_add_last(zone, zone->fresh++);
	for (pfn = zone->first; pfn; pfn = mem_map[pfn].next)
		free[pfn / HPAGE_PMD_NR] |= 1u << pfn % HPAGE_PMD_NR;
	while (row && free[row - 1] != 0xff)
		row--;
	if (!row)
		return 0;
	next = zone->first;
	zone->first = 0;
	while ((pfn = next)) {
		next = mem_map[pfn].next;
		if (pfn / HPAGE_PMD_NR != row - 1)
			list_add_last(zone, pfn);
	}
	return (row - 1) * HPAGE_PMD_NR;
}

static u32 zone_take_row(struct zone *zone)
{
	u32 pfn;

	zone_lock(zone);
	pfn = take_fresh_row(zone);
	if (!pfn)
		pfn = take_listed_row(zone);
	if (pfn)
		zone->nr_free -= HPAGE_PMD_NR;
	zone_unlock(zone);
	return pfn;
}

_Static_assert(HPAGE_PMD_NR == 8 && DEVICE_PFN % HPAGE_PMD_NR == 0,
	       "a row has as many frames as a byte has bits");

struct page *alloc_huge_pages(gfp_t gfp)
{
	u32 pfn, i;

	if (gfpflags_allow_blocking(gfp))
		might_sleep();
	if (should_fail_alloc(gfp, "alloc_huge_pages"))
		return NULL;
	pfn = zone_take_row(&zones[ZONE_MOVABLE]);
	if (!pfn)
		pfn = zone_take_row(&zones[ZONE_NORMAL]);
	if (!pfn)
		return NULL;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		prep_new_page(pfn_to_page(pfn + i));
	return pfn_to_page(pfn);
}

struct folio *vma_alloc_zeroed_movable_folio(struct vm_area_struct *vma,
					     unsigned long vaddr)
{
	return page_folio(alloc_page(GFP_HIGHUSER_MOVABLE));
}

static void set_anon_exclusive(struct page *page, bool exclusive)
{
	if (exclusive)
		folio_set_flag(page_folio(page), PG_anon_exclusive);
	else
		folio_clear_flag(page_folio(page), PG_anon_exclusive);
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

void folio_set_mapping(struct folio *folio, void *mapping, unsigned long index)
{
	struct page *page = &folio->page;
	u32 kind = VIEW_MAPPING_NONE;

	if (mapping)
		kind = (unsigned long)mapping & PAGE_MAPPING_ANON ?
			VIEW_MAPPING_ANON : VIEW_MAPPING_FILE;
	__atomic_store_n(&page->index, index, __ATOMIC_RELAXED);
	__atomic_store_n(&page->mapping, mapping, __ATOMIC_RELEASE);
	view_emit(EV_page_mapping, page_to_pfn(page), kind, index);
}

bool folio_mark_dirty(struct folio *folio)
{
	u32 bit = 1u << PG_dirty;

	rt_point(RT_SITE(RT_RMW, "folio_mark_dirty", NULL), folio);
	return !(__atomic_fetch_or(&folio->page.flags, bit, __ATOMIC_RELAXED) &
		 bit);
}

/* What made the page somebody's goes before the page does. */
static void free_unref_page(struct page *page)
{
	struct folio *folio = page_folio(page);

	/* Out of its cache it must be already; of that, its lock was held. */
	WARN_ON(folio_mapping(folio));
	if (folio_test_lru(folio))
		folio_set_lru(folio, false);
	if (PageAnonExclusive(page))
		ClearPageAnonExclusive(page);
	if (page_mapping_word(page))
		folio_set_mapping(folio, NULL, 0);
	view_emit(EV_page_free, page_to_pfn(page), 0, 0);
	zone_give(page);
}

/* -- references -- */

static s32 ref_weight(unsigned int reason)
{
	return unlikely(reason == VIEW_REF_PIN ||
			reason == VIEW_REF_ATOMIC_PIN) ?
		GUP_PIN_COUNTING_BIAS : 1;
}

static s32 ref_add(struct page *page, s32 n, u16 kind, unsigned int reason)
{
	s32 count = __atomic_add_fetch(&page->_refcount, n, __ATOMIC_ACQ_REL);

	view_emit(kind, page_to_pfn(page), (u64)count, reason);
	return count;
}

void page_ref_inc(struct page *page, unsigned int reason)
{
	ref_add(page, ref_weight(reason), EV_page_get, reason);
}

void page_ref_put(struct page *page, unsigned int reason)
{
	rt_point(RT_SITE(RT_RMW, "folio_put", NULL), page);
	if (ref_add(page, -ref_weight(reason), EV_page_put, reason))
		return;
	if (unlikely(is_zone_device_page(page)))
		free_zone_device_folio(page_folio(page));
	else
		free_unref_page(page);
}

void page_ref_move(struct page *page, unsigned int from, unsigned int to)
{
	ref_add(page, ref_weight(to), EV_page_get, to);
	ref_add(page, -ref_weight(from), EV_page_put, from);
}

bool page_ref_try_add(struct page *page, unsigned int reason)
{
	s32 n = ref_weight(reason), old;

	rt_point(RT_SITE(RT_RMW, "folio_try_get", NULL), page);
	old = __atomic_load_n(&page->_refcount, __ATOMIC_RELAXED);
	while (old > 0 &&
	       !__atomic_compare_exchange_n(&page->_refcount, &old, old + n,
					    false, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED))
		;
	if (old <= 0)
		return false;
	view_emit(EV_page_get, page_to_pfn(page), (u64)(old + n), reason);
	return true;
}

bool folio_try_get(struct folio *folio)
{
	return page_ref_try_add(&folio->page, VIEW_REF_TMP);
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
