/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/rwsem.h>: many readers or one writer. Not modelled: that a
 * waiting writer keeps new readers out. Hence a reader that takes the lock
 * twice does not hang here, and lockdep reports it instead.
 * _at forms: see <linux/spinlock.h>.
 */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

#include <linux/lockdep.h>

/* The bits of the word; the class is above. */
#define RWSEM_WRITER	1u
#define RWSEM_WAITERS	2u	/* somebody sleeps on the word; native only */
#define RWSEM_READER	4u	/* one reader */
#define RWSEM_READERS	0x00fffffcu

struct rw_semaphore {
	u32 word;
	const char *name;	/* of a static one, else NULL */
};

#define __RWSEM_INITIALIZER(n)	{ .name = #n }
#define DECLARE_RWSEM(n)	struct rw_semaphore n __machine = __RWSEM_INITIALIZER(n)

void __init_rwsem(struct rw_semaphore *sem, struct lock_class_key *key);
#define init_rwsem(sem) do {						\
	LOCK_CLASS_KEY(key_, sem);					\
									\
	__init_rwsem(sem, &key_);					\
} while (0)

void down_read_at(struct rw_semaphore *sem, const struct rt_site *site);
int down_read_killable_at(struct rw_semaphore *sem, const struct rt_site *site);
bool down_read_trylock_at(struct rw_semaphore *sem, const struct rt_site *site);
void up_read_at(struct rw_semaphore *sem, const struct rt_site *site);
void down_write_at(struct rw_semaphore *sem, const struct rt_site *site);
int down_write_killable_at(struct rw_semaphore *sem, const struct rt_site *site);
bool down_write_trylock_at(struct rw_semaphore *sem, const struct rt_site *site);
void up_write_at(struct rw_semaphore *sem, const struct rt_site *site);
void downgrade_write_at(struct rw_semaphore *sem, const struct rt_site *site);

void down_read(struct rw_semaphore *sem);
int __must_check down_read_killable(struct rw_semaphore *sem);	/* 0 or -EINTR */
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);	/* 1 if taken */
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
int __must_check down_write_killable(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
bool rwsem_is_locked(const struct rw_semaphore *sem);

#define down_read_nested(s, sub)	(lockdep_nest(sub), down_read(s))
#define down_write_nested(s, sub)	(lockdep_nest(sub), down_write(s))

static inline void rwsem_assert_held(const struct rw_semaphore *sem)
{
	lockdep_assert_held(sem);
}

static inline void rwsem_assert_held_write(const struct rw_semaphore *sem)
{
	lockdep_assert_held_write(sem);
}

#endif /* _LINUX_RWSEM_H */
