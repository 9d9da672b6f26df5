// SPDX-License-Identifier: GPL-2.0
/*
 * folio: the page lock, and what is left of the LRU: a flag.
 *
 * The lock is bit PG_locked of the page's flags. A task that wants it is not
 * runnable while it is set. Native's sleepers wait on the flags themselves, and
 * an unlock always wakes. PG_waiters is for those of mm/filemap.c's own functions
 * that sleep in its queues: for a page that is being read.
 */
#include <linux/mm.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <../mm/internal.h>
#include "targets/ktree/glue/glue.h"

#define LOCKED	(1u << PG_locked)

static inline u32 *word_of(struct folio *folio)
{
	return (u32 *)&folio->flags;
}

static int lock_folio(struct folio *folio, const struct rt_site *site,
		      unsigned int flags)
{
	u32 seen;

	kt_sleeps();
	while (rt_point_lock(site, folio, word_of(folio), LOCKED, flags) == 0) {
		if (folio_trylock(folio)) {
			kt_acquire(word_of(folio));
			ktree_touched(folio);
			return 0;
		}
		seen = kt_read(word_of(folio));
		if (seen & LOCKED)
			rt_wait(word_of(folio), seen, RT_FOREVER, flags);
	}
	return -EINTR;
}

void __folio_lock(struct folio *folio)
{
	lock_folio(folio, RT_SITE(RT_LOCK, "folio_lock", NULL), 0);
}

int __folio_lock_killable(struct folio *folio)
{
	return lock_folio(folio, RT_SITE(RT_LOCK, "folio_lock_killable", NULL),
			  RT_KILLABLE);
}

/* The tree's, made reachable by the link: mm/filemap.c has it static. */
void folio_wake_bit(struct folio *folio, int bit);

void folio_unlock(struct folio *folio)
{
	rt_point(RT_SITE(RT_UNLOCK, "folio_unlock", NULL), folio);
	if (!folio_test_locked(folio))
		kt_warn("unlock of a page that is not locked", "folio_unlock",
			__LINE__);
	kt_release(word_of(folio));
	__atomic_fetch_and(word_of(folio), ~LOCKED, __ATOMIC_RELEASE);
	rt_wake(word_of(folio), KT_WAKE_ALL);
	ktree_touched(folio);
	if (folio_test_waiters(folio))
		folio_wake_bit(folio, PG_locked);
}

/* Until it is unlocked; it may be locked again by the time we return. */
static void wait_unlocked(struct folio *folio)
{
	const struct rt_site *site = RT_SITE(RT_LOCK, "folio_wait_locked", NULL);
	u32 seen;

	while (rt_point_lock(site, folio, word_of(folio), LOCKED, 0) == 0) {
		seen = kt_read(word_of(folio));
		if (!(seen & LOCKED)) {
			kt_acquire(word_of(folio));
			return;
		}
		rt_wait(word_of(folio), seen, RT_FOREVER, 0);
	}
}

void folio_wait_bit(struct folio *folio, int bit)
{
	if (bit == PG_locked)
		wait_unlocked(folio);
	else
		kt_warn("wait for a page bit that nobody clears",
			"folio_wait_bit", __LINE__);
}

/*
 * A fault met a migration entry: wait until the page it stands for is unlocked,
 * and let go of the page table first. The reference that the kernel does not
 * take is not needed here either: the page lock's holder has one.
 */
#if KT_SINCE(6, 6)
void migration_entry_wait_on_locked(swp_entry_t entry, spinlock_t *ptl)
	__releases(ptl)
{
	struct folio *folio = pfn_swap_entry_folio(entry);

	spin_unlock(ptl);
	wait_unlocked(folio);
}
#else
void migration_entry_wait_on_locked(swp_entry_t entry, pte_t *ptep,
				    spinlock_t *ptl)
{
	struct folio *folio = page_folio(pfn_swap_entry_to_page(entry));

	if (ptep)
		pte_unmap_unlock(ptep, ptl);
	else
		spin_unlock(ptl);
	wait_unlocked(folio);
}
#endif

/*
 * The tree's __folio_lock_or_retry(), its rules in our words: who may retry
 * drops what holds the address space and waits, or does not wait at all.
 */
#if KT_SINCE(6, 6)
vm_fault_t __folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf)
{
	unsigned int flags = vmf->flags;

	if (fault_flag_allow_retry_first(flags)) {
		if (flags & FAULT_FLAG_RETRY_NOWAIT)
			return VM_FAULT_RETRY;
		release_fault_lock(vmf);
		wait_unlocked(folio);
		return VM_FAULT_RETRY;
	}
	if (flags & FAULT_FLAG_KILLABLE) {
		if (__folio_lock_killable(folio)) {
			release_fault_lock(vmf);
			return VM_FAULT_RETRY;
		}
	} else {
		__folio_lock(folio);
	}
	return 0;
}
#else
bool __folio_lock_or_retry(struct folio *folio, struct mm_struct *mm,
			   unsigned int flags)
{
	if (fault_flag_allow_retry_first(flags)) {
		if (flags & FAULT_FLAG_RETRY_NOWAIT)
			return false;
		mmap_read_unlock(mm);
		wait_unlocked(folio);
		return false;
	}
	if (flags & FAULT_FLAG_KILLABLE) {
		if (__folio_lock_killable(folio)) {
			mmap_read_unlock(mm);
			return false;
		}
	} else {
		__folio_lock(folio);
	}
	return true;
}
#endif

/*
 * -- the LRU: no lists, no batches, nobody reclaims --
 *
 * What the lock of its lists orders is told of the flag: who isolates a folio
 * comes after who put it there, and has folio->lru to itself.
 */

void folio_add_lru(struct folio *folio)
{
	kt_release(&folio->lru);
	folio_set_lru(folio);
	ktree_touched(folio);
}

void folio_add_lru_vma(struct folio *folio, struct vm_area_struct *vma)
{
	folio_add_lru(folio);
}

static bool isolate(struct folio *folio)
{
	if (!folio_test_clear_lru(folio))
		return false;
	kt_acquire(&folio->lru);
	folio_get(folio);
	ktree_touched(folio);
	return true;
}

#if KT_SINCE(6, 4)
bool folio_isolate_lru(struct folio *folio)
{
	return isolate(folio);
}
#else
int folio_isolate_lru(struct folio *folio)
{
	return isolate(folio) ? 0 : -EBUSY;
}
#endif

void folio_putback_lru(struct folio *folio)
{
	folio_add_lru(folio);
	folio_put(folio);
}

/* -- dirtiness: no writeback, so it is the flag -- */

bool folio_mark_dirty(struct folio *folio)
{
	bool dirtied = !folio_test_set_dirty(folio);

	ktree_touched(folio);
	return dirtied;
}

int set_page_dirty_lock(struct page *page)
{
	return folio_mark_dirty(page_folio(page));
}

/* Of a page that goes, or was written. */
void __folio_cancel_dirty(struct folio *folio)
{
	folio_clear_dirty(folio);
	ktree_touched(folio);
}

/* -- batches of what was found in a page cache -- */

#if KT_SINCE(6, 4)
void __folio_batch_release(struct folio_batch *batch)
#else
void __pagevec_release(struct pagevec *batch)
#endif
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
#if KT_SINCE(6, 4)
		folio_put(batch->folios[i]);
#else
		put_page(batch->pages[i]);
#endif
	batch->nr = 0;
}

/* What is no folio is left out. */
void folio_batch_remove_exceptionals(struct folio_batch *batch)
{
	unsigned int i, kept = 0;

	for (i = 0; i < folio_batch_count(batch); i++)
		if (!xa_is_value(batch->folios[i]))
			batch->folios[kept++] = batch->folios[i];
	batch->nr = kept;
}
