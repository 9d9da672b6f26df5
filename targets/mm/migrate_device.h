/* SPDX-License-Identifier: GPL-2.0 */
/*
 * migrate_device.h: what the two files of a driver's migration share.
 */
#ifndef TARGETS_MM_MIGRATE_DEVICE_H
#define TARGETS_MM_MIGRATE_DEVICE_H

#include <linux/migrate.h>
#include <linux/pagemap.h>

#include "targets/mutation.h"

/* The contract of migrate_vma.fault_page is in force; false: 6.12's, where
 * collect locks that page like others, and two faults keep failing. */
static inline bool migrate_fault_page_locked(void)
{
	return !mutated(devpriv_cpu_fault_livelock);
}

/* The fault path keeps the lock of its page to itself, all the way. */
static inline bool source_trylock(struct folio *folio,
				  const struct page *fault_page)
{
	if (folio_page(folio, 0) == fault_page && migrate_fault_page_locked())
		return true;
	return folio_trylock(folio);
}

static inline void source_unlock(struct folio *folio,
				 const struct page *fault_page)
{
	if (folio_page(folio, 0) == fault_page && migrate_fault_page_locked())
		return;
	folio_unlock(folio);
}

/*
 * migrate_device_collect.c: fills src[] and dst[], cpages and npages. Needs
 * mmap_lock and a range that was found valid. Each page in src[] is locked,
 * has a TMP reference, and a migration entry where it was found; it may still
 * be mapped elsewhere.
 */
void migrate_vma_collect(struct migrate_vma *migrate);

/*
 * migrate_device_pin.c, for entries with MIGRATE_PFN_PIN or UNPIN. Need the lock
 * of the page.
 *
 * pin: an isolated source is pinned. False: it is mapped still, or pinned.
 * pinned: finalize comes to a source that is. True: it is left where it is, the
 * driver's; it must not be put back. False: it is one like others again.
 * unpin: finalize comes to such a page as a destination. It is then one that
 * the driver has allocated, or, if not @moved, unlocked and pinned as before.
 */
bool migrate_vma_pin_page(struct folio *folio);
bool migrate_finalize_pinned(struct page *page, bool moved);
void migrate_finalize_unpin(struct page *page, bool moved);

#endif /* TARGETS_MM_MIGRATE_DEVICE_H */
