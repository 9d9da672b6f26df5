// SPDX-License-Identifier: GPL-2.0
/*
 * swap.c: putting pages on the LRU.
 *
 * Models mm/swap.c, 6.12, of which folio_put() is in page_alloc.c. Spec:
 * core.md 2.1. A page on the LRU is one that a mover may take; being on it
 * holds no reference, so a page that is freed has to come off it first.
 *
 * Differences: the LRU is a flag and no list, since nothing here goes through
 * it in order; pages join it at once, without the batches that hold references
 * of their own for a while.
 */
#include <linux/bug.h>
#include <linux/mm.h>

#include "targets/mm/internal.h"

void folio_set_lru(struct folio *folio, bool on)
{
	/* After all that was done to it off the LRU: see vmscan.c. */
	if (on)
		__atomic_fetch_or(&folio->page.flags, 1u << PG_lru,
				  __ATOMIC_RELEASE);
	else
		folio_clear_flag(folio, PG_lru);
	view_emit(EV_page_lru, folio_pfn(folio), on, 0);
}

/* Needs a reference. The page must not be on it yet, nor be a device's. */
void folio_add_lru(struct folio *folio)
{
	WARN_ON(folio_test_lru(folio) || folio_is_zone_device(folio));
	folio_set_lru(folio, true);
}
