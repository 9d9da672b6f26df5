/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmap_lock.h: the lock of an address space's VMAs.
 *
 * MODEL of <linux/mmap_lock.h>: same contract, over the rwsem. Switch points
 * carry the wrappers' names: "mmap_read_lock(mm)".
 */
#ifndef _LINUX_MMAP_LOCK_H
#define _LINUX_MMAP_LOCK_H

#include <linux/lockdep.h>
#include <linux/mm_types.h>
#include <linux/rwsem.h>

static inline void mmap_init_lock(struct mm_struct *mm)
{
	init_rwsem(&mm->mmap_lock);
}

static inline void mmap_write_lock(struct mm_struct *mm)
{
	down_write_at(&mm->mmap_lock,
		      RT_SITE(RT_LOCK, "mmap_write_lock", "mm"));
}

/* Of a child being made: nests inside its parent's. */
static inline void mmap_write_lock_nested(struct mm_struct *mm,
					  int subclass)
{
	lockdep_nest(subclass);
	mmap_write_lock(mm);
}

static inline int mmap_write_lock_killable(struct mm_struct *mm)
{
	return down_write_killable_at(&mm->mmap_lock,
			RT_SITE(RT_LOCK, "mmap_write_lock_killable", "mm"));
}

static inline void mmap_write_unlock(struct mm_struct *mm)
{
	up_write_at(&mm->mmap_lock,
		    RT_SITE(RT_UNLOCK, "mmap_write_unlock", "mm"));
}

static inline void mmap_write_downgrade(struct mm_struct *mm)
{
	downgrade_write_at(&mm->mmap_lock,
			   RT_SITE(RT_UNLOCK, "mmap_write_downgrade", "mm"));
}

static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_read_at(&mm->mmap_lock,
		     RT_SITE(RT_LOCK_SHARED, "mmap_read_lock", "mm"));
}

static inline int mmap_read_lock_killable(struct mm_struct *mm)
{
	return down_read_killable_at(&mm->mmap_lock,
			RT_SITE(RT_LOCK_SHARED, "mmap_read_lock_killable", "mm"));
}

static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock_at(&mm->mmap_lock,
			RT_SITE(RT_RMW, "mmap_read_trylock", "mm"));
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read_at(&mm->mmap_lock,
		   RT_SITE(RT_UNLOCK_SHARED, "mmap_read_unlock", "mm"));
}

static inline void mmap_assert_locked(const struct mm_struct *mm)
{
	lockdep_assert_held(&mm->mmap_lock);
}

static inline void mmap_assert_write_locked(const struct mm_struct *mm)
{
	lockdep_assert_held_write(&mm->mmap_lock);
}

#endif /* _LINUX_MMAP_LOCK_H */
