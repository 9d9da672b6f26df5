/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/lockdep.h>: one class per place a lock is initialised, the
 * order in which classes nest within one execution, and what each task holds.
 * Not modelled: irq-safe states, wait types, chains across executions.
 *
 * Where the kernel keeps a lockdep_map in every lock, here the class is a
 * number in the top byte of the lock word (LOCK_CLASS), so that a lock stays
 * a word and the table costs nothing to reset.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <linux/bug.h>
#include <linux/compiler.h>

#define LOCKDEP_DEPTH		40	/* locks a task can hold: a migration locks 32 pages */
#define LOCKDEP_CLASSES		64	/* classes of an execution; 0 is none */

#define LOCK_CLASS_SHIFT	24
#define LOCK_CLASS(word)	((word) >> LOCK_CLASS_SHIFT)

/* One per place of initialisation; the number is given on first use. */
struct lock_class_key {
	const char *name;
	u32 id;
};

#define LOCK_CLASS_KEY(var, lock) \
	static struct lock_class_key var __machine = { kernel_name(#lock), 0 }

/* How a lock is held. */
enum lockdep_mode {
	LOCKDEP_EXCLUSIVE,
	LOCKDEP_SHARED,
	LOCKDEP_RECURSIVE,	/* shared, and may nest in itself: SRCU, works */
};

struct held_lock {
	const void *lock;
	const char *verb;	/* "mutex_lock" */
	u32 since;		/* step */
	u8 class;
	u8 mode;
};

bool lock_is_held(const void *lock);
bool lock_is_held_write(const void *lock);

#define lockdep_is_held(l)		lock_is_held(l)
#define lockdep_is_held_type(l, r)	\
	((r) == 0 ? lock_is_held_write(l) : lock_is_held(l))
#define lockdep_assert(cond, what) do {					\
	if (unlikely(!(cond)))						\
		kernel_warn(what, __func__, __LINE__);			\
} while (0)
#define lockdep_assert_held(l) \
	lockdep_assert(lock_is_held(l), \
		       "lockdep_assert_held(" #l ")")
#define lockdep_assert_held_write(l) \
	lockdep_assert(lock_is_held_write(l), \
		       "lockdep_assert_held_write(" #l ")")
#define lockdep_assert_held_read(l) \
	lockdep_assert(lock_is_held(l) && !lock_is_held_write(l), \
		       "lockdep_assert_held_read(" #l ")")
#define lockdep_assert_held_once(l)	lockdep_assert_held(l)
#define lockdep_assert_not_held(l) \
	lockdep_assert(!lock_is_held(l), \
		       "lockdep_assert_not_held(" #l ")")

/* A class of its own for one lock, @key a static lock_class_key. */
void lockdep_set_class_(void *lock, struct lock_class_key *key);
#define lockdep_set_class(lock, key)	lockdep_set_class_(lock, key)

/*
 * For a lock whose word has no room for a class: it is of @key's. want: a
 * blocking acquire begins, or a wait for the lock that does not take it. got
 * and put write nothing to the journal; put by another task is no error.
 */
void lockdep_key_want(struct lock_class_key *key, const void *lock);
void lockdep_key_got(struct lock_class_key *key, const void *lock,
		     const char *verb);
void lockdep_key_put(const void *lock);

/*
 * A lock that is only a claim ("reclaim may run here"): ordered, never waited
 * for, never shown in the journal.
 */
struct lockdep_map {
	struct lock_class_key key;
};
#define STATIC_LOCKDEP_MAP_INIT(name_, key_)	{ .key = { name_, 0 } }
void lock_map_acquire(struct lockdep_map *map);
void lock_map_release(struct lockdep_map *map);

/*
 * The next lock this task takes nests in one of its own class, on purpose:
 * down_write_nested() and friends, and wrappers of them.
 */
#define SINGLE_DEPTH_NESTING	1
void lockdep_nest(unsigned int subclass);

/* Record that @lock could be taken here. */
void might_lock_(const void *lock, bool shared);
#define might_lock(lock)	might_lock_(lock, false)
#define might_lock_read(lock)	might_lock_(lock, true)

#endif /* _LINUX_LOCKDEP_H */
