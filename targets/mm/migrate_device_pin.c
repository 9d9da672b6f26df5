// SPDX-License-Identifier: GPL-2.0
/*
 * migrate_device_pin.c: a page that does not move: unmapped for a device, and
 * pinned.
 *
 * Models what "SVM atomics" (first posting, February 2021, 1/9 and 3/9) added to
 * mm/migrate.c; spec atomics-v1-pin.md 3 and 11. The rest of a migration, and
 * its lock order, is in migrate_device.c.
 *
 *	source, MIGRATE_PFN_PIN			destination
 *	unmapped, isolated: reason ISOLATE
 *	pinned: reason ATOMIC_PIN
 *	mapping and index -------------------->	a page of the device
 *	finalize: isolation becomes DRIVER	stands in the page tables
 *	unlocked, data stays here		unlocked
 *
 * and back, when the driver gives it as a destination with MIGRATE_PFN_UNPIN:
 * both references go, and it is a page like others again.
 *
 * Differences: the pin is taken only of what is unmapped indeed, and goes again
 * if the migration comes to nothing; the page is then put back on the LRU.
 */
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mm/migrate_device.h"

/* References of others are no reason to give up, pins are: theirs or ours. */
bool migrate_vma_pin_page(struct folio *folio)
{
	if (folio_mapped(folio))
		return false;
	rt_point(RT_SITE(RT_RMW, "migrate_vma_pin_page", NULL), folio);
	if (folio_maybe_dma_pinned(folio))
		return false;
	page_ref_inc(&folio->page, VIEW_REF_ATOMIC_PIN);
	return true;
}

bool migrate_finalize_pinned(struct page *page, bool moved)
{
	if (moved && !mutated(unpinned_page_freed_under_gpu)) {
		page_ref_move(page, VIEW_REF_ISOLATE, VIEW_REF_DRIVER);
		return true;
	}
	/* Who finds it mapped must not take it for pinned. */
	if (moved || !mutated(pin_q_c3_failed_pin_stays))
		page_ref_put(page, VIEW_REF_ATOMIC_PIN);
	return false;
}

void migrate_finalize_unpin(struct page *page, bool moved)
{
	if (!moved) {
		folio_unlock(page_folio(page));
		return;
	}
	page_ref_put(page, VIEW_REF_ATOMIC_PIN);
	page_ref_move(page, VIEW_REF_DRIVER, VIEW_REF_TMP);
}
