// SPDX-License-Identifier: GPL-2.0
/*
 * front_rwlock: read-write locks. Readers pass while others read, whether or
 * not a writer waits, as glibc does by default; who reads and then wants to
 * write waits for himself.
 *
 * The word has WRITER in it, or counts the readers. A task may read several
 * times: how often each does is counted, so that an unlock by who holds
 * nothing is known for what it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"

#define WRITER	(1u << 31)

struct front_rwlock {
	u32 word;
	u16 writer;		/* the task, or 0 */
	u16 waiters;		/* with a deadline */
	u8 readers[RT_TASKS_MAX];	/* how often each task reads */
};
_Static_assert(sizeof(struct front_rwlock) <= sizeof(pthread_rwlock_t), "fits");

int front_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr);
int front_rwlock_destroy(pthread_rwlock_t *lock);
int front_rwlock_rdlock(pthread_rwlock_t *lock);
int front_rwlock_wrlock(pthread_rwlock_t *lock);
int front_rwlock_tryrdlock(pthread_rwlock_t *lock);
int front_rwlock_trywrlock(pthread_rwlock_t *lock);
int front_rwlock_timedrdlock(pthread_rwlock_t *lock,
			     const struct timespec *abstime);
int front_rwlock_timedwrlock(pthread_rwlock_t *lock,
			     const struct timespec *abstime);
int front_rwlock_unlock(pthread_rwlock_t *lock);

static struct front_rwlock *of(pthread_rwlock_t *lock)
{
	return (struct front_rwlock *)lock;
}

static void take(struct front_rwlock *l, bool write, const char *verb)
{
	if (write) {
		l->word = WRITER;
		l->writer = (u16)rt_self();
	} else {
		l->word++;
		l->readers[rt_self()]++;
	}
	front_acquire(l);
	front_locked(verb, l, write);
}

int front_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr)
{
	front_point(RT_SITE(RT_STORE, "pthread_rwlock_init", NULL), lock);
	*of(lock) = (struct front_rwlock){ 0 };
	return 0;
}

int front_rwlock_destroy(pthread_rwlock_t *lock)
{
	front_point(RT_SITE(RT_STORE, "pthread_rwlock_destroy", NULL), lock);
	if (of(lock)->word)
		front_misuse("pthread_rwlock_destroy() of a lock that is held");
	return 0;
}

static int lock_for(struct front_rwlock *l, const struct rt_site *site,
		    bool write)
{
	if (l->writer == (u16)rt_self())
		return EDEADLK;
	front_point_lock(site, l, &l->word, write ? ~0u : WRITER);
	take(l, write, site->verb);
	return 0;
}

static int try_for(struct front_rwlock *l, const struct rt_site *site,
		   bool write, const void *pc)
{
	front_point(site, l);
	if (l->word & (write ? ~0u : WRITER)) {
		front_idle(pc, l, 0);
		return EBUSY;
	}
	take(l, write, site->verb);
	return 0;
}

/* As front_mutex_timedlock(). */
static int timed_for(struct front_rwlock *l, const struct rt_site *site,
		     bool write, const struct timespec *abstime)
{
	u64 until = front_deadline(abstime);
	enum rt_wait why;

	if (l->writer == (u16)rt_self())
		return EDEADLK;
	for (;;) {
		front_point(site, l);
		if (!(l->word & (write ? ~0u : WRITER))) {
			take(l, write, site->verb);
			return 0;
		}
		if (rt_choose(2, "pthread_rwlock_timedlock times out")) {
			front_skip(until);
			return ETIMEDOUT;
		}
		l->waiters++;
		why = rt_wait(&l->word, l->word, until, 0);
		l->waiters--;
		if (why == RT_TIMEOUT)
			return ETIMEDOUT;
	}
}

int front_rwlock_rdlock(pthread_rwlock_t *lock)
{
	return lock_for(of(lock), RT_SITE(RT_LOCK_SHARED,
					  "pthread_rwlock_rdlock", NULL),
			false);
}

int front_rwlock_wrlock(pthread_rwlock_t *lock)
{
	return lock_for(of(lock), RT_SITE(RT_LOCK, "pthread_rwlock_wrlock",
					  NULL), true);
}

int front_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
	return try_for(of(lock), RT_SITE(RT_RMW, "pthread_rwlock_tryrdlock",
					 NULL), false,
		       __builtin_return_address(0));
}

int front_rwlock_trywrlock(pthread_rwlock_t *lock)
{
	return try_for(of(lock), RT_SITE(RT_RMW, "pthread_rwlock_trywrlock",
					 NULL), true,
		       __builtin_return_address(0));
}

int front_rwlock_timedrdlock(pthread_rwlock_t *lock,
			     const struct timespec *abstime)
{
	return timed_for(of(lock), RT_SITE(RT_RMW, "pthread_rwlock_timedrdlock",
					   NULL), false, abstime);
}

int front_rwlock_timedwrlock(pthread_rwlock_t *lock,
			     const struct timespec *abstime)
{
	return timed_for(of(lock), RT_SITE(RT_RMW, "pthread_rwlock_timedwrlock",
					   NULL), true, abstime);
}

int front_rwlock_unlock(pthread_rwlock_t *lock)
{
	struct front_rwlock *l = of(lock);
	int self = rt_self();

	front_point(l->writer == (u16)self ?
		    RT_SITE(RT_UNLOCK, "pthread_rwlock_unlock", NULL) :
		    RT_SITE(RT_UNLOCK_SHARED, "pthread_rwlock_unlock", NULL),
		    l);
	if (l->writer == (u16)self) {
		l->word = l->writer = 0;
	} else if (l->readers[self]) {
		l->readers[self]--;
		l->word--;
	} else {
		front_misuse("pthread_rwlock_unlock() of a lock that this thread does not hold");
	}
	front_release(l, true);
	front_unlocked("pthread_rwlock_unlock", l);
	if (l->waiters)
		rt_wake(&l->word, ~0u);
	return 0;
}
