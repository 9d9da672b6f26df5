// SPDX-License-Identifier: GPL-2.0
/*
 * front_sem: unnamed semaphores. A task that wants one is runnable while
 * @empty is 0, which says that there is one to be had.
 *
 * A post is no release of a lock: who posts need not have waited, and one more
 * may be had by any of those that wait. So its point is an RT_RMW, and DPOR
 * tries who would get it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>

#include "harness/rt/pthread/front.h"

struct front_sem {
	u32 empty;		/* 1 while value is 0 */
	u32 value;
	u32 waiters;		/* with a deadline */
};
_Static_assert(sizeof(struct front_sem) <= sizeof(sem_t), "fits");

int front_sem_init(sem_t *sem, int shared, unsigned int value);
int front_sem_destroy(sem_t *sem);
int front_sem_wait(sem_t *sem);
int front_sem_trywait(sem_t *sem);
int front_sem_timedwait(sem_t *sem, const struct timespec *abstime);
int front_sem_post(sem_t *sem);
int front_sem_getvalue(sem_t *sem, int *value);

static void take(struct front_sem *s)
{
	if (!s->value)
		front_misuse("a wait for a semaphore that sem_init() has not seen");
	s->empty = !--s->value;
	front_acquire(s);
}

int front_sem_init(sem_t *sem, int shared, unsigned int value)
{
	struct front_sem *s = (struct front_sem *)sem;

	front_point(RT_SITE(RT_STORE, "sem_init", NULL), s);
	*s = (struct front_sem){ .empty = !value, .value = value };
	return 0;
}

int front_sem_destroy(sem_t *sem)
{
	front_point(RT_SITE(RT_STORE, "sem_destroy", NULL), sem);
	return 0;
}

int front_sem_wait(sem_t *sem)
{
	struct front_sem *s = (struct front_sem *)sem;

	front_point_lock(RT_SITE(RT_LOCK, "sem_wait", NULL), s, &s->empty, ~0u);
	take(s);
	return 0;
}

int front_sem_trywait(sem_t *sem)
{
	struct front_sem *s = (struct front_sem *)sem;

	front_point(RT_SITE(RT_RMW, "sem_trywait", NULL), s);
	if (s->empty) {
		front_idle(__builtin_return_address(0), s, 0);
		errno = EAGAIN;
		return -1;
	}
	take(s);
	return 0;
}

/* As front_mutex_timedlock(). */
int front_sem_timedwait(sem_t *sem, const struct timespec *abstime)
{
	struct front_sem *s = (struct front_sem *)sem;
	u64 until = front_deadline(abstime);
	bool late = false;

	for (;;) {
		front_point(RT_SITE(RT_RMW, "sem_timedwait", NULL), s);
		if (!s->empty) {
			take(s);
			return 0;
		}
		if (late || rt_choose(2, "sem_timedwait times out")) {
			front_skip(until);
			errno = ETIMEDOUT;
			return -1;
		}
		s->waiters++;
		late = rt_wait(&s->empty, 1, until, 0) == RT_TIMEOUT;
		s->waiters--;
	}
}

int front_sem_post(sem_t *sem)
{
	struct front_sem *s = (struct front_sem *)sem;

	front_point(RT_SITE(RT_RMW, "sem_post", NULL), s);
	front_release(s, true);
	s->value++;
	s->empty = 0;
	if (s->waiters)
		rt_wake(&s->empty, ~0u);
	return 0;
}

int front_sem_getvalue(sem_t *sem, int *value)
{
	struct front_sem *s = (struct front_sem *)sem;

	front_point(RT_SITE(RT_LOAD, "sem_getvalue", NULL), s);
	*value = (int)s->value;
	front_idle(__builtin_return_address(0), s, s->value);
	return 0;
}
