/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/mutex.h>: sleeping, exclusive, owned. Not modelled: optimistic
 * spinning, and fairness: who gets a contended mutex is the strategy's choice.
 * _at forms: see <linux/spinlock.h>.
 */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/lockdep.h>
#include <linux/spinlock.h>

struct mutex {
	u32 word;
	const char *name;	/* of a static one, else NULL */
};

#define __MUTEX_INITIALIZER(n)	{ .name = #n }
#define DEFINE_MUTEX(n)		struct mutex n __machine = __MUTEX_INITIALIZER(n)

void __mutex_init(struct mutex *lock, struct lock_class_key *key);
#define mutex_init(lock) do {						\
	LOCK_CLASS_KEY(key_, lock);					\
									\
	__mutex_init(lock, &key_);					\
} while (0)

void mutex_lock_at(struct mutex *lock, const struct rt_site *site);
int mutex_lock_killable_at(struct mutex *lock, const struct rt_site *site);
bool mutex_trylock_at(struct mutex *lock, const struct rt_site *site);
void mutex_unlock_at(struct mutex *lock, const struct rt_site *site);

void mutex_lock(struct mutex *lock);
int __must_check mutex_lock_killable(struct mutex *lock);	/* 0 or -EINTR */
int __must_check mutex_lock_interruptible(struct mutex *lock);
int mutex_trylock(struct mutex *lock);		/* 1 if taken */
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(const struct mutex *lock);
void mutex_destroy(struct mutex *lock);

#define mutex_lock_nested(l, sub)	(lockdep_nest(sub), mutex_lock(l))

#endif /* _LINUX_MUTEX_H */
