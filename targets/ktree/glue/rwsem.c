// SPDX-License-Identifier: GPL-2.0
/*
 * rwsem: the tree's count, whose bits its inlines know: the writer's is 0, the
 * waiters' is 1, and readers count from bit 8 up. Who waits for what is a mask:
 * readers wait for the writer, a writer for all. There is no handoff and no
 * fairness: whoever the strategy picks is next.
 */
#include <linux/rwsem.h>
#include "targets/ktree/glue/glue.h"

#define WRITER	1u
#define WAITERS	2u
#define READER	0x100u
#define READERS	(~(READER - 1))

static inline u32 *word_of(struct rw_semaphore *sem)
{
	return (u32 *)&sem->count;
}

void __init_rwsem(struct rw_semaphore *sem, const char *name,
		  struct lock_class_key *key)
{
	atomic_long_set(&sem->count, 0);
	atomic_long_set(&sem->owner, 0);
	raw_spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->wait_list);
	kt_lock_init(&sem->dep_map, sem, name, key);
}

static int down_common(struct rw_semaphore *sem, u32 subclass, bool write,
		       const struct rt_site *site, unsigned int flags)
{
	int err;

	kt_sleeps();
	kt_lock_want(&sem->dep_map, sem, subclass);
	err = kt_down(word_of(sem), write ? WRITER | READERS : WRITER,
		      write ? WRITER : READER, WAITERS, site, sem, flags);
	if (!err)
		kt_lock_got(&sem->dep_map, sem, site->verb,
			    write ? KT_EXCLUSIVE : KT_SHARED);
	return err;
}

static int trylock_common(struct rw_semaphore *sem, bool write,
			  const struct rt_site *site)
{
	rt_point(site, sem);
	if (should_fail_trylock("rwsem_trylock") ||
	    !kt_try(word_of(sem), write ? WRITER | READERS : WRITER,
		    write ? WRITER : READER))
		return 0;
	kt_lock_got(&sem->dep_map, sem, site->verb,
		    write ? KT_EXCLUSIVE : KT_SHARED);
	return 1;
}

#define DOWN(name, nested, verb, write, flags, ret)			\
	ret name(struct rw_semaphore *sem)				\
	{								\
		return (ret)down_common(sem, 0, write,			\
				RT_SITE(RT_LOCK, verb, NULL), flags);	\
	}								\
	ret nested(struct rw_semaphore *sem, int subclass);		\
	ret nested(struct rw_semaphore *sem, int subclass)		\
	{								\
		return (ret)down_common(sem, (u32)subclass, write,	\
				RT_SITE(RT_LOCK, verb, NULL), flags);	\
	}
/* Under lock debugging the headers make macros of these names. */
#undef down_read_nested
#undef down_read_killable_nested
#undef down_write_nested
#undef down_write_killable_nested
DOWN(down_read, down_read_nested, "down_read", false, 0, void)
DOWN(down_read_killable, down_read_killable_nested, "down_read_killable",
     false, RT_KILLABLE, int)
DOWN(down_write, down_write_nested, "down_write", true, 0, void)
DOWN(down_write_killable, down_write_killable_nested, "down_write_killable",
     true, RT_KILLABLE, int)

int down_read_interruptible(struct rw_semaphore *sem)
{
	return down_common(sem, 0, false,
			   RT_SITE(RT_LOCK, "down_read_interruptible", NULL),
			   RT_KILLABLE);
}

void _down_write_nest_lock(struct rw_semaphore *sem, struct lockdep_map *nest)
{
	down_write_nested(sem, 1);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return trylock_common(sem, false,
			      RT_SITE(RT_RMW, "down_read_trylock", NULL));
}

int down_write_trylock(struct rw_semaphore *sem)
{
	return trylock_common(sem, true,
			      RT_SITE(RT_RMW, "down_write_trylock", NULL));
}

/* An up without a down changes nothing; kt_lock_put() complains. */
static void up_common(struct rw_semaphore *sem, u32 held, u32 sub,
		      const struct rt_site *site)
{
	rt_point(site, sem);
	if (__atomic_load_n(word_of(sem), __ATOMIC_RELAXED) & held)
		kt_up(word_of(sem), sub, WAITERS);
	kt_lock_put(sem, site->verb);
}

void up_read(struct rw_semaphore *sem)
{
	up_common(sem, READERS, READER, RT_SITE(RT_UNLOCK, "up_read", NULL));
}

void up_read_non_owner(struct rw_semaphore *sem)
{
	up_read(sem);
}

void up_write(struct rw_semaphore *sem)
{
	up_common(sem, WRITER, WRITER, RT_SITE(RT_UNLOCK, "up_write", NULL));
}

void downgrade_write(struct rw_semaphore *sem)
{
	up_common(sem, WRITER, WRITER - READER,
		  RT_SITE(RT_UNLOCK, "downgrade_write", NULL));
	kt_lock_got(&sem->dep_map, sem, "downgrade_write", KT_SHARED);
}
