// SPDX-License-Identifier: GPL-2.0
/*
 * front_cond: condition variables.
 *
 * To wait is two steps: to join the sleepers, then to let the mutex go and
 * sleep. The standard wants the two to be one only as seen by who takes the
 * mutex and then signals, and to him they are. Waking and taking the mutex
 * again are two more.
 *
 * Which sleeper a signal wakes is not said by the standard: the strategy
 * chooses, the one that slept longest being the usual answer. So it does when
 * a wait with a deadline times out: either never, before nothing else is left
 * to happen, or at whatever moment the strategy lets the sleeper go on. And so
 * it does with --spurious when a wait ends for nothing. Who gives up is
 * among the sleepers until a step of its own: a signal may still find it.
 *
 * Sleepers are a bit each in the first word of the program's object.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"

struct front_cond {
	u32 sleepers;		/* by task */
	u32 destroyed;
};
_Static_assert(sizeof(struct front_cond) <= sizeof(pthread_cond_t), "fits");

static u32 nr_sleeps __machine;

int front_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr);
int front_cond_destroy(pthread_cond_t *cond);
int front_cond_wait(pthread_cond_t *cond, pthread_mutex_t *m);
int front_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *m,
			 const struct timespec *abstime);
int front_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *m,
			 clockid_t clock, const struct timespec *abstime);
int front_cond_signal(pthread_cond_t *cond);
int front_cond_broadcast(pthread_cond_t *cond);

static void check_alive(const struct front_cond *c, const char *verb)
{
	if (c->destroyed)
		front_misuse("%s() of a condition variable that was destroyed",
			     verb);
}

int front_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
	struct front_cond *c = (struct front_cond *)cond;

	front_point(RT_SITE(RT_STORE, "pthread_cond_init", NULL), c);
	c->sleepers = c->destroyed = 0;
	return 0;
}

int front_cond_destroy(pthread_cond_t *cond)
{
	struct front_cond *c = (struct front_cond *)cond;

	front_point(RT_SITE(RT_STORE, "pthread_cond_destroy", NULL), c);
	check_alive(c, "pthread_cond_destroy");
	if (c->sleepers)
		front_misuse("pthread_cond_destroy() while a thread waits");
	c->destroyed = 1;
	return 0;
}

/* Until it was woken, or time ran out: then to a point, woken since or not. */
static void sleep_until(const struct front_cond *c, struct front_thread *t,
			u64 until)
{
	if (rt_detail && front_word(c))
		rt_name(&t->woken, front_word(c), -1);
	while (!t->woken) {
		if (rt_wait(&t->woken, 0, until, 0) != RT_TIMEOUT)
			continue;
		front_point(RT_SITE(RT_WAIT, "pthread_cond_timedwait times out",
				    NULL), c);
		return;
	}
}

/*
 * @early: the sleeper may be let go on at any time. False if it was not woken.
 */
static bool wait(struct front_cond *c, pthread_mutex_t *m, u64 until, bool early)
{
	struct front_thread *t = front_self();
	u32 self = 1u << rt_self();

	if (!front_mutex_is_mine(m) || m->__data.__count)
		front_misuse("a wait for a condition with a mutex that is not held, or twice");
	front_point(RT_SITE(RT_WAIT, "pthread_cond_wait", NULL), c);
	check_alive(c, "pthread_cond_wait");
	t->woken = 0;
	t->since = ++nr_sleeps;
	c->sleepers |= self;
	front_mutex_release(m, RT_SITE(RT_UNLOCK, "pthread_cond_wait releases",
				       NULL));
	if (early)
		front_point(RT_SITE(RT_WAIT, "pthread_cond_wait ends early",
				    NULL), c);
	else
		sleep_until(c, t, until);
	c->sleepers &= ~self;
	front_mutex_retake(m, RT_SITE(RT_LOCK, "pthread_cond_wait retakes",
				      NULL));
	return t->woken;
}

int front_cond_wait(pthread_cond_t *cond, pthread_mutex_t *m)
{
	bool early = front_options.spurious &&
		     rt_choose(2, "pthread_cond_wait wakes for nothing");

	wait((struct front_cond *)cond, m, RT_FOREVER, early);
	return 0;
}

int front_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *m,
			 const struct timespec *abstime)
{
	u64 until = front_deadline(abstime);
	bool early = rt_choose(2, "pthread_cond_timedwait times out");

	if (wait((struct front_cond *)cond, m, until, early))
		return 0;
	front_skip(until);
	return ETIMEDOUT;
}

int front_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *m,
			 clockid_t clock, const struct timespec *abstime)
{
	return front_cond_timedwait(cond, m, abstime);
}

/* Of the sleepers in @left, the one that slept longest. */
static int oldest(u32 left)
{
	int first = __builtin_ctz(left);

	for (u32 m = left; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (front_thread_of(i)->since < front_thread_of(first)->since)
			first = i;
	}
	return first;
}

static void wake(struct front_cond *c, int task)
{
	struct front_thread *t = front_thread_of(task);

	c->sleepers &= ~(1u << task);
	t->woken = 1;
	rt_wake(&t->woken, 1);
}

int front_cond_signal(pthread_cond_t *cond)
{
	struct front_cond *c = (struct front_cond *)cond;
	u32 left, nth;

	front_point(RT_SITE(RT_WAKE, "pthread_cond_signal", NULL), c);
	check_alive(c, "pthread_cond_signal");
	left = c->sleepers;
	if (!left)
		return 0;
	nth = rt_choose((u32)__builtin_popcount(left),
			"pthread_cond_signal wakes");
	while (nth--)
		left &= ~(1u << oldest(left));
	wake(c, oldest(left));
	return 0;
}

int front_cond_broadcast(pthread_cond_t *cond)
{
	struct front_cond *c = (struct front_cond *)cond;

	front_point(RT_SITE(RT_WAKE, "pthread_cond_broadcast", NULL), c);
	check_alive(c, "pthread_cond_broadcast");
	while (c->sleepers)
		wake(c, oldest(c->sleepers));
	return 0;
}
