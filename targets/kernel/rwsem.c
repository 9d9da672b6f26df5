// SPDX-License-Identifier: GPL-2.0
/*
 * rwsem: a writer bit, a count of readers, and a mark that somebody sleeps.
 * Who waits for what is a mask: readers wait for the writer, a writer for all.
 */
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/rwsem.h>
#include "targets/kernel/internal.h"

#define RWSEM_BUSY	(RWSEM_WRITER | RWSEM_READERS)

void __init_rwsem(struct rw_semaphore *sem, struct lock_class_key *key)
{
	sem->word = lockdep_init_word(sem, key);
	sem->name = key->name;
}

/* Add @bits if none of @mask is set. */
static bool try_add(struct rw_semaphore *sem, u32 mask, u32 bits)
{
	u32 old = __atomic_load_n(&sem->word, __ATOMIC_RELAXED);

	while (!(old & mask))
		if (__atomic_compare_exchange_n(&sem->word, &old, old + bits,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

static int down_common(struct rw_semaphore *sem, const struct rt_site *site,
		       u32 mask, u32 bits, unsigned int flags)
{
	enum lockdep_mode mode = bits == RWSEM_WRITER ? LOCKDEP_EXCLUSIVE :
							LOCKDEP_SHARED;

	might_sleep();
	lockdep_want(&sem->word, sem, sem->name, mode);
	while (rt_point_lock(site, sem, &sem->word, mask, flags) == 0) {
		u32 seen;

		if (try_add(sem, mask, bits)) {
			lockdep_got(__READ_ONCE(sem->word), sem, site->verb, mode);
			return 0;
		}
		seen = __atomic_fetch_or(&sem->word, RWSEM_WAITERS,
					 __ATOMIC_RELAXED);
		if (seen & mask)
			rt_wait(&sem->word, seen | RWSEM_WAITERS, RT_FOREVER,
				flags);
	}
	return -EINTR;
}

static bool trylock_common(struct rw_semaphore *sem, const struct rt_site *site,
			   u32 mask, u32 bits)
{
	rt_point(site, sem);
	if (should_fail_trylock("rwsem_trylock") || !try_add(sem, mask, bits))
		return false;
	lockdep_got(__READ_ONCE(sem->word), sem, site->verb,
		    bits == RWSEM_WRITER ? LOCKDEP_EXCLUSIVE : LOCKDEP_SHARED);
	return true;
}

/* After a release: everybody asleep tries again. */
static void wake_waiters(struct rw_semaphore *sem)
{
	u32 old = __atomic_fetch_and(&sem->word, ~RWSEM_WAITERS,
				     __ATOMIC_RELAXED);

	if (old & RWSEM_WAITERS)
		rt_wake(&sem->word, WAKE_ALL);
}

void down_read_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	down_common(sem, site, RWSEM_WRITER, RWSEM_READER, 0);
}

int down_read_killable_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	return down_common(sem, site, RWSEM_WRITER, RWSEM_READER, RT_KILLABLE);
}

bool down_read_trylock_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	return trylock_common(sem, site, RWSEM_WRITER, RWSEM_READER);
}

void down_write_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	down_common(sem, site, RWSEM_BUSY, RWSEM_WRITER, 0);
}

int down_write_killable_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	return down_common(sem, site, RWSEM_BUSY, RWSEM_WRITER, RT_KILLABLE);
}

bool down_write_trylock_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	return trylock_common(sem, site, RWSEM_BUSY, RWSEM_WRITER);
}

/*
 * An up without a down must not borrow from the class in the top byte, so it
 * changes nothing; lockdep_put() complains.
 */
void up_read_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	u32 old;

	rt_point(site, sem);
	old = __atomic_load_n(&sem->word, __ATOMIC_RELAXED);
	if (old & RWSEM_READERS)
		old = __atomic_fetch_sub(&sem->word, RWSEM_READER,
					 __ATOMIC_RELEASE);
	lockdep_put(sem, site->verb);
	if (old & RWSEM_WAITERS)
		wake_waiters(sem);
}

void up_write_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	u32 old;

	rt_point(site, sem);
	old = __atomic_fetch_and(&sem->word, ~RWSEM_WRITER, __ATOMIC_RELEASE);
	lockdep_put(sem, site->verb);
	if (old & RWSEM_WAITERS)
		wake_waiters(sem);
}

void downgrade_write_at(struct rw_semaphore *sem, const struct rt_site *site)
{
	u32 old;

	rt_point(site, sem);
	lockdep_assert_held_write(sem);
	old = __atomic_fetch_add(&sem->word, RWSEM_READER - RWSEM_WRITER,
				 __ATOMIC_RELEASE);
	lockdep_put(sem, site->verb);
	lockdep_got(__READ_ONCE(sem->word), sem, site->verb, LOCKDEP_SHARED);
	if (old & RWSEM_WAITERS)
		wake_waiters(sem);
}

void down_read(struct rw_semaphore *sem)
{
	down_read_at(sem, RT_SITE(RT_LOCK_SHARED, "down_read", NULL));
}

int down_read_killable(struct rw_semaphore *sem)
{
	return down_read_killable_at(sem,
			RT_SITE(RT_LOCK_SHARED, "down_read_killable", NULL));
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	return down_read_killable_at(sem,
			RT_SITE(RT_LOCK_SHARED, "down_read_interruptible", NULL));
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return down_read_trylock_at(sem,
			RT_SITE(RT_RMW, "down_read_trylock", NULL));
}

void up_read(struct rw_semaphore *sem)
{
	up_read_at(sem, RT_SITE(RT_UNLOCK_SHARED, "up_read", NULL));
}

void down_write(struct rw_semaphore *sem)
{
	down_write_at(sem, RT_SITE(RT_LOCK, "down_write", NULL));
}

int down_write_killable(struct rw_semaphore *sem)
{
	return down_write_killable_at(sem,
			RT_SITE(RT_LOCK, "down_write_killable", NULL));
}

int down_write_trylock(struct rw_semaphore *sem)
{
	return down_write_trylock_at(sem,
			RT_SITE(RT_RMW, "down_write_trylock", NULL));
}

void up_write(struct rw_semaphore *sem)
{
	up_write_at(sem, RT_SITE(RT_UNLOCK, "up_write", NULL));
}

void downgrade_write(struct rw_semaphore *sem)
{
	downgrade_write_at(sem, RT_SITE(RT_UNLOCK, "downgrade_write", NULL));
}

bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	rt_point(RT_SITE(RT_LOAD, "rwsem_is_locked", NULL), sem);
	return __atomic_load_n(&sem->word, __ATOMIC_RELAXED) & RWSEM_BUSY;
}
