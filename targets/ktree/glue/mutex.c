// SPDX-License-Identifier: GPL-2.0
/*
 * mutex: the low word of the owner, which the tree reads as "held if not 0".
 */
#include <linux/mutex.h>
#include "targets/ktree/glue/glue.h"

#define MUTEX_HELD	1u
#define MUTEX_WAITERS	2u

static inline u32 *word_of(struct mutex *lock)
{
	return (u32 *)&lock->owner;
}

void __mutex_init(struct mutex *lock, const char *name,
		  struct lock_class_key *key)
{
	atomic_long_set(&lock->owner, 0);
	raw_spin_lock_init(&lock->wait_lock);
	INIT_LIST_HEAD(&lock->wait_list);
	lock->magic = lock;
	kt_lock_init(&lock->dep_map, lock, name, key);
}

static int lock_common(struct mutex *lock, u32 subclass,
		       const struct rt_site *site, unsigned int flags)
{
	int err;

	kt_sleeps();
	kt_lock_want(&lock->dep_map, lock, subclass);
	err = kt_down(word_of(lock), MUTEX_HELD, MUTEX_HELD, MUTEX_WAITERS,
		      site, lock, flags);
	if (!err)
		kt_lock_got(&lock->dep_map, lock, site->verb, KT_EXCLUSIVE);
	return err;
}

void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
{
	lock_common(lock, subclass, RT_SITE(RT_LOCK, "mutex_lock", NULL), 0);
}

void _mutex_lock_nest_lock(struct mutex *lock, struct lockdep_map *nest_lock)
{
	mutex_lock_nested(lock, 1);
}

int mutex_lock_killable_nested(struct mutex *lock, unsigned int subclass)
{
	return lock_common(lock, subclass,
			   RT_SITE(RT_LOCK, "mutex_lock_killable", NULL),
			   RT_KILLABLE);
}

int mutex_lock_interruptible_nested(struct mutex *lock, unsigned int subclass)
{
	return lock_common(lock, subclass,
			   RT_SITE(RT_LOCK, "mutex_lock_interruptible", NULL),
			   RT_KILLABLE);
}

int mutex_trylock(struct mutex *lock)
{
	const struct rt_site *site = RT_SITE(RT_RMW, "mutex_trylock", NULL);

	rt_point(site, lock);
	if (should_fail_trylock("mutex_trylock") ||
	    !kt_try(word_of(lock), MUTEX_HELD, MUTEX_HELD))
		return 0;
	kt_lock_got(&lock->dep_map, lock, site->verb, KT_EXCLUSIVE);
	return 1;
}

void mutex_unlock(struct mutex *lock)
{
	const struct rt_site *site = RT_SITE(RT_UNLOCK, "mutex_unlock", NULL);

	rt_point(site, lock);
	if (__atomic_load_n(word_of(lock), __ATOMIC_RELAXED) & MUTEX_HELD)
		kt_up(word_of(lock), MUTEX_HELD, MUTEX_WAITERS);
	kt_lock_put(lock, site->verb);
}

bool mutex_is_locked(struct mutex *lock)
{
	rt_point(RT_SITE(RT_LOAD, "mutex_is_locked", NULL), lock);
	return __atomic_load_n(word_of(lock), __ATOMIC_RELAXED) & MUTEX_HELD;
}

void mutex_destroy(struct mutex *lock)
{
	if (__atomic_load_n(word_of(lock), __ATOMIC_RELAXED) & MUTEX_HELD)
		kt_warn("mutex destroyed while held", "mutex_destroy", __LINE__);
	lock->magic = NULL;
}
