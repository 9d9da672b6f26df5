// SPDX-License-Identifier: GPL-2.0
/*
 * page_alloc: page frames. Frame 0 is the zero page. Pages that programs can
 * map (__GFP_HIGHMEM) come from the frames below USER_END and from nowhere
 * else, so that a view can name them; page tables and the kernel's own have
 * the rest.
 *
 * A freed page is handed out again last: a stale translation then shows as one
 * of a free page, not as another's data, for as long as possible. Its contents
 * are poisoned, and what the tree would call a bad page is a WARNING.
 *
 * There is no reclaim, no watermark and no per-cpu list. Running out is
 * injected, or is a program that maps more than there is.
 */
#include <linux/gfp.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagevec.h>
#include <linux/swap.h>
#include <../mm/internal.h>
#include "targets/ktree/glue/glue.h"

#define USER_END	128u
#define ORDERS		11
#define POISON		0xaa

/* Frames from @fresh to @end were never used; @free are those that came back. */
static struct zone_of {
	u32 fresh, end;
	u32 nr_free;
	struct list_head free[ORDERS];
} user, kernel;

static u32 lock;
static u32 in_use, in_use_at_start;

static void boot_zone(struct zone_of *z, u32 start, u32 end)
{
	u32 i;

	z->fresh = start;
	z->end = end;
	z->nr_free = end - start;
	for (i = 0; i < ORDERS; i++)
		INIT_LIST_HEAD(&z->free[i]);
}

static void make_page(struct page *page, enum zone_type zone)
{
	memset(page, 0, sizeof(*page));
	atomic_set(&page->_mapcount, -1);
	set_page_links(page, zone, 0, page_to_pfn(page));
}

/* The page of a frame that was never used looks as that of a free one does. */
void kt_page_alloc_boot(void)
{
	u32 pfn;

	boot_zone(&user, 1, USER_END);
	boot_zone(&kernel, USER_END, KTREE_FRAMES);
	for (pfn = 0; pfn < KTREE_FRAMES; pfn++)
		make_page(pfn_to_page(pfn), ZONE_NORMAL);
	__SetPageReserved(pfn_to_page(0));
	set_page_count(pfn_to_page(0), 1);
}

static struct zone_of *zone_of(const struct page *page)
{
	return page_to_pfn(page) < USER_END ? &user : &kernel;
}

/* Frames in a row are only ever asked for by the kernel, and stay together. */
static struct page *take(struct zone_of *z, unsigned int order)
{
	struct page *page = NULL;
	u32 at;

	kt_raw_lock(&lock);
	at = ALIGN(z->fresh, 1u << order);
	if (at + (1u << order) <= z->end) {
		z->fresh = at + (1u << order);
		page = pfn_to_page(at);
	} else if (!list_empty(&z->free[order])) {
		page = list_first_entry(&z->free[order], struct page, lru);
		list_del(&page->lru);
	}
	if (page) {
		z->nr_free -= 1u << order;
		in_use += 1u << order;
	}
	kt_raw_unlock(&lock);
	return page;
}

static void give(struct page *page, unsigned int order)
{
	struct zone_of *z = zone_of(page);

	kt_raw_lock(&lock);
	list_add_tail(&page->lru, &z->free[order]);
	z->nr_free += 1u << order;
	in_use -= 1u << order;
	kt_raw_unlock(&lock);
}

static struct page *alloc_frames(gfp_t gfp, unsigned int order)
{
	struct zone_of *z = &kernel;
	struct page *page;
	u32 i;

	kt_might_alloc(gfp);
	if (order >= ORDERS || should_fail_alloc(gfp, "alloc_page"))
		return NULL;
	if ((gfp & __GFP_HIGHMEM) && !order)
		z = &user;
	page = take(z, order);
	if (!page)
		return NULL;
	kt_acquire(page);
	if (!ktree_booting)
		ktree_frames(page_address(page), PAGE_SIZE << order, false);
	for (i = 0; i < 1u << order; i++)
		make_page(page + i, ZONE_NORMAL);
	/* A frame that nobody has had yet is not zeroed either. */
	memset(page_address(page), gfp & __GFP_ZERO ? 0 : POISON,
	       PAGE_SIZE << order);
	if (order && (gfp & __GFP_COMP))
		prep_compound_page(page, order);
	set_page_count(page, 1);
	if (z == &user)
		rt_name(page, "page", (int)page_to_pfn(page));
	ktree_touched(page);
	if (!ktree_booting)
		ktree_page_event(EV_page_alloc, page, order);
	return page;
}

/* What the tree's free_pages_prepare() looks at. */
static void check_bad(struct page *page)
{
	const char *bad = NULL;

	if (atomic_read(&page->_mapcount) != -1 && !page_has_type(page))
		bad = "bad page state: freed while mapped";
	else if (page_ref_count(page))
		bad = "bad page state: freed while referenced";
	else if (page->mapping && !PageMappingFlags(page))
		bad = "bad page state: freed in a page cache";
	else if (PageLocked(page) || PageWriteback(page))
		bad = "bad page state: freed while locked";
	if (bad)
		kt_warn(bad, "free_pages_prepare", __LINE__);
}

/* The last reference is gone. */
static void free_frames(struct page *page, unsigned int order)
{
	check_bad(page);
	if (!ktree_booting)
		ktree_page_event(EV_page_free, page, order);
	memset(page_address(page), POISON, PAGE_SIZE << order);
	if (!ktree_booting)
		ktree_frames(page_address(page), PAGE_SIZE << order, true);
	make_page(page, ZONE_NORMAL);
	ktree_touched(page);
	kt_release(page);
	give(page, order);
}

static void put_last(struct folio *folio)
{
	if (folio_is_zone_device(folio))
#if KT_SINCE(6, 8)
		free_zone_device_folio(folio);
#else
		free_zone_device_page(&folio->page);
#endif
	else
		free_frames(&folio->page, folio_order(folio));
}

static void put(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (folio_put_testzero(folio))
		put_last(folio);
}

/* -- the tree's entries -- */

struct page *KT_NOPROF(__alloc_pages)(gfp_t gfp, unsigned int order, int nid,
				      nodemask_t *mask)
{
	return alloc_frames(gfp, order);
}

struct folio *KT_NOPROF(__folio_alloc)(gfp_t gfp, unsigned int order, int nid,
				       nodemask_t *mask)
{
	return (struct folio *)alloc_frames(gfp | __GFP_COMP, order);
}

static unsigned long get_free(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_frames(gfp & ~__GFP_HIGHMEM, order);

	return page ? (unsigned long)page_address(page) : 0;
}

#if KT_SINCE(6, 10)
unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order)
{
	return get_free(gfp, order);
}

unsigned long get_zeroed_page_noprof(gfp_t gfp)
{
	return get_free(gfp | __GFP_ZERO, 0);
}
#else
unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	return get_free(gfp, order);
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return get_free(gfp | __GFP_ZERO, 0);
}
#endif

void prep_compound_page(struct page *page, unsigned int order)
{
	u32 i;

	__SetPageHead(page);
	for (i = 1; i < 1u << order; i++) {
		page[i].mapping = TAIL_MAPPING;
		set_compound_head(page + i, page);
		set_page_private(page + i, 0);
	}
#if KT_SINCE(6, 2)
	prep_compound_head(page, order);
#else
	set_compound_order(page, order);
	atomic_set(compound_mapcount_ptr(page), -1);
	atomic_set(compound_pincount_ptr(page), 0);
#endif
}

void __free_pages(struct page *page, unsigned int order)
{
	if (put_page_testzero(page))
		free_frames(page, order);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page((void *)addr), order);
}

void free_unref_page(struct page *page, unsigned int order)
{
	free_frames(page, order);
}

void __folio_put(struct folio *folio)
{
	put_last(folio);
}

void put_pages_list(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		put(page);
	}
}

#if KT_SINCE(6, 4)
void release_pages(release_pages_arg arg, int nr)
{
	struct encoded_page **pages = arg.encoded_pages;
	int i;

	for (i = 0; i < nr; i++)
		put(encoded_page_ptr(pages[i]));
}
#else
void release_pages(struct page **pages, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		put(pages[i]);
}
#endif

/* Nothing is ever in a swap cache, so this is a plain release. */
#if KT_SINCE(6, 4)
void free_pages_and_swap_cache(struct encoded_page **pages, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		struct page *page = encoded_page_ptr(pages[i]);
		unsigned int refs = 1;

		if (encoded_page_flags(pages[i]) &
		    ENCODED_PAGE_BIT_NR_PAGES_NEXT)
			refs = encoded_nr_pages(pages[++i]);
		while (refs--)
			put(page);
	}
}
#else
void free_pages_and_swap_cache(struct page **pages, int nr)
{
	release_pages(pages, nr);
}
#endif

void free_page_and_swap_cache(struct page *page)
{
	put(page);
}

#if KT_SINCE(6, 9)
void folios_put_refs(struct folio_batch *folios, unsigned int *refs)
{
	unsigned int i;

	for (i = 0; i < folios->nr; i++)
		if (folio_ref_sub_and_test(folios->folios[i], refs ? refs[i] : 1))
			put_last(folios->folios[i]);
	folio_batch_reinit(folios);
}
#endif

/* -- for views and the end -- */

u32 ktree_user_pages_free(void)
{
	return user.nr_free;
}

void kt_pages_start(void)
{
	in_use_at_start = in_use;
}

static u32 pages_left(void)
{
	return in_use - in_use_at_start;
}

/* What is left is named by its frame; the view's oracles say whose it was. */
void kt_pages_halt(void)
{
	if (in_use != in_use_at_start)
		journal_emit(EV_leak, 0, pages_left() * PAGE_SIZE,
			     (u64)"page frames");
}
