// SPDX-License-Identifier: GPL-2.0
/*
 * filemap_lock.c: the lock of a folio, and waiting for it without wanting it.
 *
 * Models the folio_lock half of mm/filemap.c, 6.12. Spec: core.md 2.1, 5.2 and
 * device-exclusive.md R2.
 *
 * The word is LOCK_HELD, LOCK_WAITERS, and above them how often it has been
 * unlocked. Waiters of two kinds meet there. One wants the lock, and is let in
 * when it is free. The other only wants it to have been let go once, as
 * upstream's waiter is off the queue after one wakeup, whoever has the lock
 * then: the page may be somebody else's by that time, and locked by them. The
 * count is what tells it that the unlock it sleeps for came before its sleep:
 *
 *	migration_entry_wait_on_locked()	mover		another
 *	under the PTL: word is 5 | HELD
 *	spin_unlock(ptl)
 *						folio_unlock()
 *						folio_put(), freed
 *							reused, folio_lock()
 *	sleep if the word is 5 | HELD
 *				[it is 6 | HELD: does not sleep]
 *
 * Lock order: mmap_lock and invalidate_lock are outside, i_mmap_rwsem,
 * anon_vma->rwsem and the PTL inside. Who holds one folio may take another by
 * folio_trylock() alone, or with lockdep_nest() if nobody else can know it.
 *
 * Differences: no queue of waiters, so no order among them; no handing over of
 * the lock to a waiter that lost it too often; no PG_writeback to wait for.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

#define UNLOCKED_ONCE	4u	/* above the bits of <linux/spinlock.h> */

/* Its word has no room for a class. */
static struct lock_class_key folio_lock_key __machine = { "folio lock", 0 };

static void locked(struct folio *folio, const char *verb)
{
	lockdep_key_got(&folio_lock_key, folio, verb);
	view_emit(EV_page_lock, folio_pfn(folio), 0, 0);
}

static bool try_with(u32 *word, u32 bits)
{
	u32 old = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (!(old & LOCK_HELD))
		if (__atomic_compare_exchange_n(word, &old, old | bits, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

void __folio_set_locked(struct folio *folio)
{
	rt_point(RT_SITE(RT_RMW, "folio_trylock", NULL), folio);
	BUG_ON(!try_with(&folio->page.lock, LOCK_HELD));
	locked(folio, "folio_trylock");
}

bool folio_trylock(struct folio *folio)
{
	rt_point(RT_SITE(RT_RMW, "folio_trylock", NULL), folio);
	if (should_fail_trylock("folio_trylock") ||
	    !try_with(&folio->page.lock, LOCK_HELD))
		return false;
	locked(folio, "folio_trylock");
	return true;
}

/* 0 and locked, or -EINTR with RT_KILLABLE. */
static int folio_lock_common(struct folio *folio, const struct rt_site *site,
			     unsigned int flags)
{
	u32 *word = &folio->page.lock, bits = LOCK_HELD, seen;

	might_sleep();
	lockdep_key_want(&folio_lock_key, folio);
	while (rt_point_lock(site, folio, word, LOCK_HELD, flags) == 0) {
		if (try_with(word, bits)) {
			locked(folio, site->verb);
			return 0;
		}
		bits = LOCK_HELD | LOCK_WAITERS;
		seen = __atomic_fetch_or(word, LOCK_WAITERS, __ATOMIC_RELAXED);
		if (seen & LOCK_HELD)
			rt_wait(word, seen | LOCK_WAITERS, RT_FOREVER, flags);
	}
	return -EINTR;
}

void folio_lock(struct folio *folio)
{
	folio_lock_common(folio, RT_SITE(RT_LOCK, "folio_lock", NULL), 0);
}

/* 0 or -EINTR. */
static int folio_lock_killable(struct folio *folio)
{
	return folio_lock_common(folio,
			RT_SITE(RT_LOCK, "folio_lock_killable", NULL),
			RT_KILLABLE);
}

void folio_unlock(struct folio *folio)
{
	u32 *word = &folio->page.lock, old;

	rt_point(RT_SITE(RT_UNLOCK, "folio_unlock", NULL), folio);
	BUG_ON(!folio_test_locked(folio));
	lockdep_key_put(folio);
	old = __atomic_load_n(word, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(word, &old,
			(old & ~(LOCK_HELD | LOCK_WAITERS)) + UNLOCKED_ONCE,
			false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	view_emit(EV_page_unlock, folio_pfn(folio), 0, 0);
	if ((old & LOCK_WAITERS) && !mutated(mm_unlock_skip_wake))
		rt_wake(word, ~0u);
}

/*
 * Take note that somebody waits, while the page is known to be there. The word
 * to sleep on, or 0: it is unlocked, there is nothing to wait for.
 */
static u32 queue_waiter(u32 *word)
{
	u32 seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	while (seen & LOCK_HELD)
		if (__atomic_compare_exchange_n(word, &seen,
						seen | LOCK_WAITERS, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_ACQUIRE))
			return seen | LOCK_WAITERS;
	return 0;
}

static void folio_wait_common(struct folio *folio, unsigned int flags)
{
	u32 *word = &folio->page.lock, seen;

	might_sleep();
	lockdep_key_want(&folio_lock_key, folio);
	rt_point(RT_SITE(RT_WAIT, "folio_wait_locked", NULL), folio);
	seen = queue_waiter(word);
	if (seen)
		rt_wait(word, seen, RT_FOREVER, flags);
}

void folio_wait_locked(struct folio *folio)
{
	folio_wait_common(folio, 0);
}

/*
 * The PTL is what makes queueing safe: under it the entry is still there, so
 * its page is the mover's and cannot be freed. From the unlock on nothing of
 * the page but the word is looked at, and that is compared with what it was.
 */
void migration_entry_wait_on_locked(struct folio *folio, spinlock_t *ptl)
{
	bool with_ref = mutated(mm_migration_wait_takes_ref);
	u32 *word = &folio->page.lock, seen;

	lockdep_assert_held(ptl);
	rt_point(RT_SITE(RT_NOTE, "migration_entry_wait_on_locked", NULL),
		 folio);
	seen = queue_waiter(word);
	if (with_ref)
		folio_get(folio);
	spin_unlock(ptl);
	lockdep_key_want(&folio_lock_key, folio);
	if (seen)
		rt_wait(word, seen, RT_FOREVER, 0);
	if (with_ref)
		folio_put(folio);
}

/* mmap_lock may be dropped to wait, and was not yet in this fault. */
static bool fault_flag_allow_retry_first(unsigned int flags)
{
	return (flags & FAULT_FLAG_ALLOW_RETRY) && !(flags & FAULT_FLAG_TRIED);
}

vm_fault_t folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf)
{
	unsigned int flags = vmf->flags;

	if (folio_trylock(folio))
		return 0;
	if (fault_flag_allow_retry_first(flags)) {
		if (flags & FAULT_FLAG_RETRY_NOWAIT)
			return VM_FAULT_RETRY;
		mmap_read_unlock(vmf->vma->vm_mm);
		folio_wait_common(folio, flags & FAULT_FLAG_KILLABLE ?
				  RT_KILLABLE : 0);
		return VM_FAULT_RETRY;
	}
	if (!(flags & FAULT_FLAG_KILLABLE)) {
		folio_lock(folio);
	} else if (folio_lock_killable(folio)) {
		mmap_read_unlock(vmf->vma->vm_mm);
		return VM_FAULT_RETRY;
	}
	return 0;
}
