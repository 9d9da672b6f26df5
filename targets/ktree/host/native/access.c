// SPDX-License-Identifier: GPL-2.0
/*
 * access: what the tree's instrumented code announces, where tasks are threads.
 *
 * As ../sim/access.c, less what only one task at a time can do. A marked access is
 * a point, which in native is a place for a delay. Nobody watches page tables:
 * who changed one is not to be told from outside while others run, and no oracle
 * hears single events here.
 */
#include "targets/ktree/host/host_private.h"

#include "harness/journal/journal.h"

const void *ktree_unsettled;
u32 ktree_quiet;
u64 ktree_looked;

#define LOOK_NS	1000000u

void ktree_settle_slow(void)
{
}

void ktree_touched(const void *p)
{
}

void ktree_watch(u32 slot, const void *pgd)
{
}

static void __attribute__((noinline, cold)) freed(const void *p)
{
	journal_emit(EV_use_after_free, (u64)(size_t)p, (u64)(size_t)p,
		     (u64)(size_t)"memory");
}

static inline void announce(const void *p, u32 size, u8 kind, bool marked,
			    u64 pc)
{
	if (unlikely(!image_sealed))
		return;
	if (marked && access_points >= POINTS_MARKED)
		ktree_point(RT_SITE(RT_NOTE, "access", NULL), p);
	if (unlikely(rt_is_freed(p)) || frames_is_freed(p))
		freed(p);
}

/* A loop with a timeout reads jiffies, and time must pass in it. */
static inline void read_clock(const void *p)
{
	if (likely(p != (const void *)ktree_jiffies_word) || !image_sealed)
		return;
	__atomic_fetch_add(&ktree_looked, LOOK_NS, __ATOMIC_RELAXED);
	ktree_jiffies_read();
}

#include "targets/ktree/host/announce.h"
