// SPDX-License-Identifier: GPL-2.0
/*
 * front_spin: spin locks. Who spins cannot go on, so he is not runnable: a
 * spin lock is a mutex whose word is the task that holds it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"

int front_spin_init(pthread_spinlock_t *lock, int shared);
int front_spin_destroy(pthread_spinlock_t *lock);
int front_spin_lock(pthread_spinlock_t *lock);
int front_spin_trylock(pthread_spinlock_t *lock);
int front_spin_unlock(pthread_spinlock_t *lock);

static u32 *word(pthread_spinlock_t *lock)
{
	return (u32 *)(size_t)lock;
}

static void take(pthread_spinlock_t *lock, const char *verb)
{
	*word(lock) = (u32)rt_self();
	front_acquire(word(lock));
	front_locked(verb, word(lock), true);
}

int front_spin_init(pthread_spinlock_t *lock, int shared)
{
	front_point(RT_SITE(RT_STORE, "pthread_spin_init", NULL), word(lock));
	*word(lock) = 0;
	return 0;
}

int front_spin_destroy(pthread_spinlock_t *lock)
{
	front_point(RT_SITE(RT_STORE, "pthread_spin_destroy", NULL), word(lock));
	if (*word(lock))
		front_misuse("pthread_spin_destroy() of a lock that is held");
	return 0;
}

int front_spin_lock(pthread_spinlock_t *lock)
{
	front_point_lock(RT_SITE(RT_LOCK, "pthread_spin_lock", NULL),
			 word(lock), word(lock), ~0u);
	take(lock, "pthread_spin_lock");
	return 0;
}

int front_spin_trylock(pthread_spinlock_t *lock)
{
	front_point(RT_SITE(RT_RMW, "pthread_spin_trylock", NULL), word(lock));
	if (*word(lock)) {
		front_idle(__builtin_return_address(0), word(lock), 0);
		return EBUSY;
	}
	take(lock, "pthread_spin_trylock");
	return 0;
}

int front_spin_unlock(pthread_spinlock_t *lock)
{
	front_point(RT_SITE(RT_UNLOCK, "pthread_spin_unlock", NULL),
		    word(lock));
	if (*word(lock) != (u32)rt_self())
		front_misuse("pthread_spin_unlock() of a lock that this thread does not hold");
	*word(lock) = 0;
	front_release(word(lock), false);
	front_unlocked("pthread_spin_unlock", word(lock));
	return 0;
}
