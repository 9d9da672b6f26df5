/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/spinlock.h>: four bytes, zero is unlocked. A task waits for
 * a held spinlock as for any lock, rather than spinning: nobody can tell, and
 * a strategy sees it as blocked. Holding one makes the task atomic. Interrupts
 * are tasks, so the _irq forms are the plain ones.
 *
 * Each function has a form ending in _at that takes the point it makes, for
 * wrappers that are known by another name ("pte_offset_map_lock").
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/lockdep.h>

/* The bits of a spinlock and of a mutex; the class is above. */
#define LOCK_HELD	1u
#define LOCK_WAITERS	2u	/* somebody sleeps on the word; native only */

typedef struct spinlock {
	u32 word;
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name)	{ 0 }
/* Static ones have no name of their own in reports: init them at boot. */
#define DEFINE_SPINLOCK(x)		spinlock_t x __machine = { 0 }

void __spin_lock_init(spinlock_t *lock, struct lock_class_key *key);
#define spin_lock_init(lock) do {					\
	LOCK_CLASS_KEY(key_, lock);					\
									\
	__spin_lock_init(lock, &key_);					\
} while (0)

void spin_lock_at(spinlock_t *lock, const struct rt_site *site);
bool spin_trylock_at(spinlock_t *lock, const struct rt_site *site);
void spin_unlock_at(spinlock_t *lock, const struct rt_site *site);

void spin_lock(spinlock_t *lock);
bool spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
bool spin_is_locked(const spinlock_t *lock);

#define spin_lock_nested(l, sub)	(lockdep_nest(sub), spin_lock(l))
#define spin_lock_bh(l)			spin_lock(l)
#define spin_unlock_bh(l)		spin_unlock(l)
#define spin_lock_irq(l)		spin_lock(l)
#define spin_unlock_irq(l)		spin_unlock(l)
#define spin_lock_irqsave(l, flags)	do { (flags) = 0; spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, flags) do { (void)(flags); spin_unlock(l); } while (0)
#define raw_spin_lock_init(l)		spin_lock_init(l)
#define raw_spin_lock(l)		spin_lock(l)
#define raw_spin_unlock(l)		spin_unlock(l)
#define assert_spin_locked(l)		lockdep_assert_held(l)

#endif /* _LINUX_SPINLOCK_H */
