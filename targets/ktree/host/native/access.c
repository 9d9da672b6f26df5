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

enum { KCSAN_ATOMIC = 4, KCSAN_ASSERT = 8 };	/* linux/kcsan-checks.h */

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

static inline void plain(const void *p)
{
	if (likely(image_sealed) &&
	    (unlikely(rt_is_freed(p)) || frames_is_freed(p)))
		freed(p);
}

static inline void marked(const void *p)
{
	if (access_points >= POINTS_MARKED && image_sealed)
		ktree_point(RT_SITE(RT_NOTE, "access", NULL), p);
	plain(p);
}

#define ANNOUNCED(name, kind)						\
void __tsan_##name(void *p);						\
void __tsan_##name(void *p) { kind(p); }

#define OF_SIZE(size)							\
ANNOUNCED(read##size, plain)						\
ANNOUNCED(write##size, plain)						\
ANNOUNCED(unaligned_read##size, plain)					\
ANNOUNCED(unaligned_write##size, plain)					\
ANNOUNCED(read_write##size, plain)					\
ANNOUNCED(unaligned_read_write##size, plain)				\
ANNOUNCED(volatile_write##size, marked)					\
ANNOUNCED(unaligned_volatile_read##size, marked)			\
ANNOUNCED(unaligned_volatile_write##size, marked)

OF_SIZE(1) OF_SIZE(2) OF_SIZE(4) OF_SIZE(8) OF_SIZE(16)
ANNOUNCED(volatile_read1, marked)
ANNOUNCED(volatile_read2, marked)
ANNOUNCED(volatile_read4, marked)
ANNOUNCED(volatile_read16, marked)

void __tsan_volatile_read8(void *p);
void __tsan_volatile_read8(void *p)
{
	if (unlikely(p == (const void *)ktree_jiffies_word) &&
	    image_sealed) {
		__atomic_fetch_add(&ktree_looked, LOOK_NS, __ATOMIC_RELAXED);
		ktree_jiffies_read();
	}
	marked(p);
}

void __tsan_read_range(void *p, long size);
void __tsan_read_range(void *p, long size)
{
	plain(p);
}

void __tsan_write_range(void *p, long size);
void __tsan_write_range(void *p, long size)
{
	plain(p);
}

void __kcsan_check_access(const volatile void *p, size_t size, int type);
void __kcsan_check_access(const volatile void *p, size_t size, int type)
{
	if (type & KCSAN_ATOMIC)
		marked((const void *)p);
	else if (!(type & KCSAN_ASSERT))
		plain((const void *)p);
}
