// SPDX-License-Identifier: GPL-2.0
/*
 * memory_hotplug.c: taking a block of MOVABLE frames out of use.
 *
 * Models mm/memory_hotplug.c, 6.12. Spec: core.md 6.8. No lock is held over a
 * round; what each page needs is taken while it moves (migrate.c).
 *
 * The block is isolated first: a frame of it that is freed stays free. Then its
 * pages are moved out, round after round, until all are free. A page that was
 * allocated but is not on the LRU yet, or has a reference that its mover does
 * not know, does not move in this round. A reference that is soon dropped is a
 * delay; one that is kept blocks the block.
 *
 * Differences: upstream goes on until a signal comes, here a request fails with
 * -EBUSY after OFFLINE_ATTEMPTS rounds and gives the block back; between two of
 * them it sleeps for a tick, so that everybody else can get on.
 */
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"

#define OFFLINE_ATTEMPTS	5
#define NR_BLOCKS	((NORMAL_PFN - MOVABLE_PFN) / PAGEBLOCK_PAGES)

_Static_assert((NORMAL_PFN - MOVABLE_PFN) % PAGEBLOCK_PAGES == 0,
	       "whole blocks");

enum block_state { MEM_ONLINE, MEM_GOING_OFFLINE, MEM_OFFLINE };

static u8 block_state[NR_BLOCKS] __machine;

static bool set_block_state(unsigned long start_pfn, enum block_state from,
			    enum block_state to)
{
	u8 *state = &block_state[(start_pfn - MOVABLE_PFN) / PAGEBLOCK_PAGES];
	u8 old = from;

	return __atomic_compare_exchange_n(state, &old, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static unsigned long block_start(unsigned long pfn)
{
	return pfn - (pfn - MOVABLE_PFN) % PAGEBLOCK_PAGES;
}

/* One frame of the block, once. */
static void do_migrate_page(unsigned long pfn, u32 attempt)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	bool isolated;

	if (!folio_try_get(folio))
		return;
	isolated = folio_isolate_lru(folio);
	/* Lent to a device: nothing maps it, so no notifier tells the driver. */
	if (unlikely(!isolated) && page_lender(pfn_to_page(pfn)) &&
	    !folio_revoke(folio))
		isolated = folio_isolate_lru(folio);
	folio_put(folio);
	if (!isolated ||
	    migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE))
		view_emit(EV_offline_blocked, pfn, attempt,
			  (u64)folio_ref_count(folio));
}

static void do_migrate_range(unsigned long start_pfn, u32 attempt)
{
	unsigned long pfn;

	for (pfn = start_pfn; pfn < start_pfn + PAGEBLOCK_PAGES; pfn++)
		do_migrate_page(pfn, attempt);
}

static int empty_block(unsigned long start_pfn)
{
	u32 attempt;

	for (attempt = 1; !pageblock_is_free(start_pfn); attempt++) {
		if (attempt > OFFLINE_ATTEMPTS)
			return -EBUSY;
		if (attempt > 1)
			schedule_timeout_uninterruptible(1);
		do_migrate_range(start_pfn, attempt);
	}
	return 0;
}

/* Needs no lock; may sleep. -EBUSY too if the block is not in use. */
int offline_pages(unsigned long pfn)
{
	unsigned long start_pfn;
	int ret;

	if (pfn < MOVABLE_PFN || pfn >= NORMAL_PFN)
		return -EINVAL;
	start_pfn = block_start(pfn);
	if (!set_block_state(start_pfn, MEM_ONLINE, MEM_GOING_OFFLINE))
		return -EBUSY;
	view_emit(EV_offline_begin, start_pfn, 0, 0);
	set_migratetype_isolate(start_pfn, true);
	ret = empty_block(start_pfn);
	if (ret)
		set_migratetype_isolate(start_pfn, false);
	view_emit(EV_offline_end, start_pfn, 0, (u64)(s64)ret);
	set_block_state(start_pfn, MEM_GOING_OFFLINE,
			ret ? MEM_ONLINE : MEM_OFFLINE);
	return ret;
}

/* Does nothing unless the block is offline. */
void online_pages(unsigned long pfn)
{
	unsigned long start_pfn = block_start(pfn);

	if (pfn < MOVABLE_PFN || pfn >= NORMAL_PFN)
		return;
	if (!set_block_state(start_pfn, MEM_OFFLINE, MEM_GOING_OFFLINE))
		return;
	set_migratetype_isolate(start_pfn, false);
	set_block_state(start_pfn, MEM_GOING_OFFLINE, MEM_ONLINE);
}
