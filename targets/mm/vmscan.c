// SPDX-License-Identifier: GPL-2.0
/*
 * vmscan.c: taking pages off the LRU for a while, to move them.
 *
 * Models of mm/vmscan.c, 6.12, what movers use. Spec: core.md 2.1. Whoever
 * clears the flag has isolated the page: one of two movers that try at once
 * succeeds, and the flag cleared is what keeps the other away.
 *
 * Differences: there is no reclaim, so nobody else isolates; no lruvec and no
 * lock of it, so the flag orders one isolation after another: page->next is
 * the isolator's.
 */
#include <linux/mm.h>

#include "targets/mm/internal.h"

bool folio_isolate_lru(struct folio *folio)
{
	u32 bit = 1u << PG_lru;

	rt_point(RT_SITE(RT_RMW, "folio_isolate_lru", NULL), folio);
	if (!(__atomic_fetch_and(&folio->page.flags, ~bit, __ATOMIC_ACQUIRE) &
	      bit))
		return false;
	view_emit(EV_page_lru, folio_pfn(folio), 0, 0);
	page_ref_inc(&folio->page, VIEW_REF_ISOLATE);
	return true;
}

void folio_putback_lru(struct folio *folio)
{
	folio_add_lru(folio);
	page_ref_put(&folio->page, VIEW_REF_ISOLATE);
}
