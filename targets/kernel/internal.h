/* SPDX-License-Identifier: GPL-2.0 */
/*
 * internal.h: what the kernel services share among themselves.
 */
#ifndef TARGETS_KERNEL_INTERNAL_H
#define TARGETS_KERNEL_INTERNAL_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include "harness/journal/journal.h"
#include "targets/kernel/fault_inject.h"

#define WAKE_ALL	(~0u)

/*
 * The lock inside a service (a queue's list, a table). Never held over a
 * switch point, so sim never finds it taken and no schedule knows of it.
 */
static inline void raw_lock(u32 *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static inline void raw_unlock(u32 *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/*
 * A word that counts what its sleepers wait for: bump it after the change,
 * read it before the test, sleep only if it is still the same.
 */
static inline void signal_raise(u32 *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	rt_wake(word, WAKE_ALL);
}

static inline u32 signal_read(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* -- lock.c: words of which LOCK_HELD excludes -- */

/* 0, or -EINTR with RT_KILLABLE. Makes the point @site. */
int word_lock(u32 *word, const void *obj, const struct rt_site *site,
	      unsigned int flags);
bool word_trylock(u32 *word);
/* The word as it was. */
u32 word_unlock(u32 *word);
/* Sleep until *word is 0: makes the point @site, enabled by that. */
void word_wait_zero(u32 *word, const void *obj, const struct rt_site *site);

/* -- lockdep.c -- */

void lockdep_boot(void);
/* The number of a class; 0 only before boot. */
u32 lockdep_class(struct lock_class_key *key);
/* The class of a static lock, made up on first use. */
u32 lockdep_class_static(u32 *word, const void *lock, const char *name);
/* The word of a fresh lock of this class, named for points and reports. */
u32 lockdep_init_word(const void *lock, struct lock_class_key *key);
/*
 * The calling task is about to wait for @lock: judge that against what it
 * holds. Before the point, so that the complaint comes before a deadlock.
 * @word holds the class; a static lock gets its own, called @name.
 */
void lockdep_want(u32 *word, const void *lock, const char *name,
		  enum lockdep_mode mode);
/* It has it (or got it without waiting); it let go. Both write the journal. */
void lockdep_got(u32 word, const void *lock, const char *verb,
		 enum lockdep_mode mode);
void lockdep_put(const void *lock, const char *verb);
/* The same without a journal row, for what is no lock to a reader. */
void lockdep_push(u32 class, const void *lock, const char *verb,
		  enum lockdep_mode mode);
bool lockdep_pop(const void *lock);
/* About to wait until nobody is inside @class (grace period, flush). */
void lockdep_wait(u32 class, const void *lock);
void __cold lockdep_complain(const char *complaint, const void *wanted,
			     const void *held);
/* [p, p + size) is about to be freed. */
void lockdep_check_freed(const void *p, size_t size);
/* Complain, in the words of @when, if the task holds something. */
void lockdep_check_none(struct task_struct *t, const char *when);

/* -- the system tasks, in order of boot -- */

/* Spawn a system task that runs fn(arg) with a current of its own. */
int task_spawn(char role, const char *name, void (*fn)(void *arg), void *arg);
void rcu_boot(void);
void timers_boot(bool spawn);
void workqueue_boot(void);

bool rcu_idle(void);
/* Works that were ever queued. */
u32 workqueue_inserted(void);
bool workqueue_idle(void);
void workqueue_wait_idle(void);
void kthreads_join(void);
void workqueue_halt(void);
void rcu_halt(void);
void timers_halt(void);

/* Tasks are numbered below this; those the kernel does not know have no
 * task_struct. */
int sched_nr_tasks(void);
/* @task is one of the kernel's, whether or not it began. Returns @task. */
int task_number(int task);
/* A new task's task_struct, before it runs; NULL if memory is short. */
struct task_struct *task_new(const char *name, unsigned int flags);
/* On the task itself: become @t. */
void task_enter(struct task_struct *t);
void task_leave(void);


#endif /* TARGETS_KERNEL_INTERNAL_H */
