/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagemap.h: the lock of a folio.
 *
 * MODEL of <linux/pagemap.h>: the lock is a word; the owner is not checked at
 * unlock, as upstream's is not. In this slice nobody waits for it; the page
 * cache comes with file mappings.
 */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <linux/mm.h>

/* Needs a reference, or the PTL of an entry that holds one. */
bool folio_trylock(struct folio *folio);
/* The lock must be held. Wakes the waiters. */
void folio_unlock(struct folio *folio);

static inline bool folio_test_locked(const struct folio *folio)
{
	return __atomic_load_n(&folio->page.lock, __ATOMIC_RELAXED);
}

#endif /* _LINUX_PAGEMAP_H */
