// SPDX-License-Identifier: GPL-2.0
/*
 * lock: the tree's own lock words, taken by way of the waist; spinlocks and
 * rwlocks on them.
 *
 * The acquire is the idiom of rt.h: in sim a task is not runnable before the
 * bits are clear, so the first try succeeds. The rest is for native: a waiter
 * marks the word before it sleeps, and only then does the unlock pay for a
 * wakeup. A woken waiter finds the mark gone and sets it again.
 *
 * The bits are those that the tree's inlines know: a spinlock is held if its
 * word is not 0, and a rwlock has its writer in the low byte.
 */
#include <linux/spinlock.h>
#include "targets/ktree/glue/glue.h"

#define SPIN_HELD	1u
#define SPIN_WAITERS	0x100u

#define RW_WRITER	1u
#define RW_READER	0x200u
#define RW_WAITERS	0x100u
#define RW_BUSY		(~RW_WAITERS)

bool kt_try(u32 *word, u32 mask, u32 add)
{
	u32 old = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (!(old & mask))
		if (__atomic_compare_exchange_n(word, &old, old + add, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED)) {
			kt_acquire(word);
			return true;
		}
	return false;
}

int kt_down(u32 *word, u32 mask, u32 add, u32 waiters,
	    const struct rt_site *site, const void *obj, unsigned int flags)
{
	while (rt_point_lock(site, obj, word, mask, flags) == 0) {
		u32 seen;

		if (kt_try(word, mask, add))
			return 0;
		seen = __atomic_fetch_or(word, waiters, __ATOMIC_RELAXED);
		if (seen & mask)
			rt_wait(word, seen | waiters, RT_FOREVER, flags);
	}
	return -EINTR;
}

void kt_up(u32 *word, u32 sub, u32 waiters)
{
	u32 old;

	kt_release(word);
	old = __atomic_sub_fetch(word, sub, __ATOMIC_RELEASE);
	if (!(old & waiters))
		return;
	__atomic_fetch_and(word, ~waiters, __ATOMIC_RELAXED);
	rt_wake(word, KT_WAKE_ALL);
}

void kt_wait_zero(const u32 *word, const void *obj, const struct rt_site *site)
{
	while (rt_point_lock(site, obj, word, ~0u, 0) == 0) {
		u32 seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);

		if (!seen) {
			kt_acquire(word);
			return;
		}
		rt_wait(word, seen, RT_FOREVER, 0);
	}
}

/* -- spinlock -- */

void __raw_spin_lock_init(raw_spinlock_t *lock, const char *name,
			  struct lock_class_key *key, short inner)
{
	lock->raw_lock = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED;
	kt_lock_init(&lock->dep_map, lock, name, key);
}

static inline u32 *spin_word(raw_spinlock_t *lock)
{
	return (u32 *)&lock->raw_lock;
}

static void lock_spin(raw_spinlock_t *lock, u32 subclass,
		      const struct rt_site *site)
{
	kt_lock_want(&lock->dep_map, lock, subclass);
	kt_down(spin_word(lock), SPIN_HELD, SPIN_HELD, SPIN_WAITERS, site, lock,
		0);
	preempt_count_inc();
	kt_lock_got(&lock->dep_map, lock, site->verb, KT_EXCLUSIVE);
}

/*
 * An unlock of what is not held changes nothing: kt_lock_put() complains, and
 * a word below zero would be held for ever.
 */
static void unlock_spin(raw_spinlock_t *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	if (__atomic_load_n(spin_word(lock), __ATOMIC_RELAXED) & SPIN_HELD)
		kt_up(spin_word(lock), SPIN_HELD, SPIN_WAITERS);
	kt_lock_put(lock, site->verb);
	preempt_count_dec();
}

static int trylock_spin(raw_spinlock_t *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	if (should_fail_trylock("spin_trylock") ||
	    !kt_try(spin_word(lock), SPIN_HELD, SPIN_HELD))
		return 0;
	preempt_count_inc();
	kt_lock_got(&lock->dep_map, lock, site->verb, KT_EXCLUSIVE);
	return 1;
}

/* Interrupts are tasks of their own here: the variants differ by name alone. */
#define SPIN_LOCK(name, verb)						\
	void name(raw_spinlock_t *lock)					\
	{								\
		lock_spin(lock, 0, RT_SITE(RT_LOCK, verb, NULL));	\
	}
SPIN_LOCK(_raw_spin_lock, "spin_lock")
SPIN_LOCK(_raw_spin_lock_irq, "spin_lock_irq")
SPIN_LOCK(_raw_spin_lock_bh, "spin_lock_bh")

unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	lock_spin(lock, 0, RT_SITE(RT_LOCK, "spin_lock_irqsave", NULL));
	return 0;
}

void _raw_spin_lock_nested(raw_spinlock_t *lock, int subclass)
{
	lock_spin(lock, (u32)subclass, RT_SITE(RT_LOCK, "spin_lock", NULL));
}

unsigned long _raw_spin_lock_irqsave_nested(raw_spinlock_t *lock, int subclass)
{
	lock_spin(lock, (u32)subclass,
		  RT_SITE(RT_LOCK, "spin_lock_irqsave", NULL));
	return 0;
}

void _raw_spin_lock_nest_lock(raw_spinlock_t *lock, struct lockdep_map *map)
{
	lock_spin(lock, 1, RT_SITE(RT_LOCK, "spin_lock", NULL));
}

#define SPIN_UNLOCK(name, verb)						\
	void name(raw_spinlock_t *lock)					\
	{								\
		unlock_spin(lock, RT_SITE(RT_UNLOCK, verb, NULL));	\
	}
SPIN_UNLOCK(_raw_spin_unlock, "spin_unlock")
SPIN_UNLOCK(_raw_spin_unlock_irq, "spin_unlock_irq")
SPIN_UNLOCK(_raw_spin_unlock_bh, "spin_unlock_bh")

void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	unlock_spin(lock, RT_SITE(RT_UNLOCK, "spin_unlock_irqrestore", NULL));
}

int _raw_spin_trylock(raw_spinlock_t *lock)
{
	return trylock_spin(lock, RT_SITE(RT_RMW, "spin_trylock", NULL));
}

int _raw_spin_trylock_bh(raw_spinlock_t *lock)
{
	return trylock_spin(lock, RT_SITE(RT_RMW, "spin_trylock_bh", NULL));
}

/* -- rwlock: a writer, or any number of readers -- */

void __rwlock_init(rwlock_t *lock, const char *name, struct lock_class_key *key)
{
	lock->raw_lock = (arch_rwlock_t)__ARCH_RW_LOCK_UNLOCKED;
	kt_lock_init(&lock->dep_map, lock, name, key);
}

static void lock_rw(rwlock_t *lock, u32 mask, u32 add, enum kt_mode mode,
		    const struct rt_site *site)
{
	kt_lock_want(&lock->dep_map, lock, 0);
	kt_down((u32 *)&lock->raw_lock, mask, add, RW_WAITERS, site, lock, 0);
	preempt_count_inc();
	kt_lock_got(&lock->dep_map, lock, site->verb, mode);
}

static void unlock_rw(rwlock_t *lock, u32 sub, const struct rt_site *site)
{
	rt_point(site, lock);
	kt_up((u32 *)&lock->raw_lock, sub, RW_WAITERS);
	kt_lock_put(lock, site->verb);
	preempt_count_dec();
}

#define RW_PAIR(side, irq, mask, bits, mode)				\
	void _raw_##side##_lock##irq(rwlock_t *lock)			\
	{								\
		lock_rw(lock, mask, bits, mode,				\
			RT_SITE(RT_LOCK, #side "_lock" #irq, NULL));	\
	}								\
	void _raw_##side##_unlock##irq(rwlock_t *lock)			\
	{								\
		unlock_rw(lock, bits,					\
			  RT_SITE(RT_UNLOCK, #side "_unlock" #irq, NULL)); \
	}
RW_PAIR(read, , RW_WRITER, RW_READER, KT_SHARED)
RW_PAIR(read, _irq, RW_WRITER, RW_READER, KT_SHARED)
RW_PAIR(read, _bh, RW_WRITER, RW_READER, KT_SHARED)
RW_PAIR(write, , RW_BUSY, RW_WRITER, KT_EXCLUSIVE)
RW_PAIR(write, _irq, RW_BUSY, RW_WRITER, KT_EXCLUSIVE)
RW_PAIR(write, _bh, RW_BUSY, RW_WRITER, KT_EXCLUSIVE)
