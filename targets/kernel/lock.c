// SPDX-License-Identifier: GPL-2.0
/*
 * lock: the exclusive word under spinlock and mutex, and both of them.
 *
 * The acquire is the idiom of rt.h: in sim a task is not runnable before the
 * word is free, so the first try succeeds. The rest is for native: a waiter
 * marks the word before it sleeps, and only then does the unlock pay for a
 * wakeup. A woken waiter marks the word again when it takes it, since others
 * may sleep on.
 */
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include "targets/kernel/internal.h"

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

bool word_trylock(u32 *word)
{
	return try_with(word, LOCK_HELD);
}

int word_lock(u32 *word, const void *obj, const struct rt_site *site,
	      unsigned int flags)
{
	u32 bits = LOCK_HELD;

	while (rt_point_lock(site, obj, word, LOCK_HELD, flags) == 0) {
		u32 seen;

		if (try_with(word, bits))
			return 0;
		bits = LOCK_HELD | LOCK_WAITERS;
		seen = __atomic_fetch_or(word, LOCK_WAITERS, __ATOMIC_RELAXED);
		if (seen & LOCK_HELD)
			rt_wait(word, seen | LOCK_WAITERS, RT_FOREVER, flags);
	}
	return -EINTR;
}

u32 word_unlock(u32 *word)
{
	u32 old = __atomic_fetch_and(word, ~(LOCK_HELD | LOCK_WAITERS),
				     __ATOMIC_RELEASE);

	if (old & LOCK_WAITERS)
		rt_wake(word, WAKE_ALL);
	return old;
}

void word_wait_zero(u32 *word, const void *obj, const struct rt_site *site)
{
	u32 seen;

	while (rt_point_lock(site, obj, word, ~0u, 0) == 0) {
		seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
		if (!seen)
			return;
		rt_wait(word, seen, RT_FOREVER, 0);
	}
}

/* -- spinlock -- */

void __spin_lock_init(spinlock_t *lock, struct lock_class_key *key)
{
	lock->word = lockdep_init_word(lock, key);
}

void spin_lock_at(spinlock_t *lock, const struct rt_site *site)
{
	lockdep_want(&lock->word, lock, "spinlock", LOCKDEP_EXCLUSIVE);
	word_lock(&lock->word, lock, site, 0);
	current->preempt_count++;
	lockdep_got(__READ_ONCE(lock->word), lock, site->verb, LOCKDEP_EXCLUSIVE);
}

bool spin_trylock_at(spinlock_t *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	if (should_fail_trylock("spin_trylock") || !word_trylock(&lock->word))
		return false;
	current->preempt_count++;
	lockdep_got(__READ_ONCE(lock->word), lock, site->verb, LOCKDEP_EXCLUSIVE);
	return true;
}

void spin_unlock_at(spinlock_t *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	word_unlock(&lock->word);
	lockdep_put(lock, site->verb);
	current->preempt_count--;
}

void spin_lock(spinlock_t *lock)
{
	spin_lock_at(lock, RT_SITE(RT_LOCK, "spin_lock", NULL));
}

bool spin_trylock(spinlock_t *lock)
{
	return spin_trylock_at(lock, RT_SITE(RT_RMW, "spin_trylock", NULL));
}

void spin_unlock(spinlock_t *lock)
{
	spin_unlock_at(lock, RT_SITE(RT_UNLOCK, "spin_unlock", NULL));
}

bool spin_is_locked(const spinlock_t *lock)
{
	rt_point(RT_SITE(RT_LOAD, "spin_is_locked", NULL), lock);
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) & LOCK_HELD;
}

/* -- mutex -- */

void __mutex_init(struct mutex *lock, struct lock_class_key *key)
{
	lock->word = lockdep_init_word(lock, key);
	lock->name = key->name;
}

static int mutex_lock_common(struct mutex *lock, const struct rt_site *site,
			     unsigned int flags)
{
	int err;

	might_sleep();
	lockdep_want(&lock->word, lock, lock->name, LOCKDEP_EXCLUSIVE);
	err = word_lock(&lock->word, lock, site, flags);
	if (!err)
		lockdep_got(__READ_ONCE(lock->word), lock, site->verb, LOCKDEP_EXCLUSIVE);
	return err;
}

void mutex_lock_at(struct mutex *lock, const struct rt_site *site)
{
	mutex_lock_common(lock, site, 0);
}

int mutex_lock_killable_at(struct mutex *lock, const struct rt_site *site)
{
	return mutex_lock_common(lock, site, RT_KILLABLE);
}

bool mutex_trylock_at(struct mutex *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	if (should_fail_trylock("mutex_trylock") || !word_trylock(&lock->word))
		return false;
	lockdep_got(__READ_ONCE(lock->word), lock, site->verb, LOCKDEP_EXCLUSIVE);
	return true;
}

void mutex_unlock_at(struct mutex *lock, const struct rt_site *site)
{
	rt_point(site, lock);
	word_unlock(&lock->word);
	lockdep_put(lock, site->verb);
}

void mutex_lock(struct mutex *lock)
{
	mutex_lock_at(lock, RT_SITE(RT_LOCK, "mutex_lock", NULL));
}

int mutex_lock_killable(struct mutex *lock)
{
	return mutex_lock_killable_at(lock,
			RT_SITE(RT_LOCK, "mutex_lock_killable", NULL));
}

int mutex_lock_interruptible(struct mutex *lock)
{
	return mutex_lock_killable_at(lock,
			RT_SITE(RT_LOCK, "mutex_lock_interruptible", NULL));
}

int mutex_trylock(struct mutex *lock)
{
	return mutex_trylock_at(lock, RT_SITE(RT_RMW, "mutex_trylock", NULL));
}

void mutex_unlock(struct mutex *lock)
{
	mutex_unlock_at(lock, RT_SITE(RT_UNLOCK, "mutex_unlock", NULL));
}

bool mutex_is_locked(const struct mutex *lock)
{
	rt_point(RT_SITE(RT_LOAD, "mutex_is_locked", NULL), lock);
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) & LOCK_HELD;
}

void mutex_destroy(struct mutex *lock)
{
	WARN_ON(__atomic_load_n(&lock->word, __ATOMIC_RELAXED) & LOCK_HELD);
}
