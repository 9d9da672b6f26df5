// SPDX-License-Identifier: GPL-2.0
/*
 * front_barrier: barriers. The last one to come lets the others go, and is the
 * one that is told so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"

struct front_barrier {
	u32 round;		/* those that came sleep while it is theirs */
	u32 needed;
	u32 here;
};
_Static_assert(sizeof(struct front_barrier) <= sizeof(pthread_barrier_t),
	       "fits");

int front_barrier_init(pthread_barrier_t *barrier,
		       const pthread_barrierattr_t *attr, unsigned int count);
int front_barrier_destroy(pthread_barrier_t *barrier);
int front_barrier_wait(pthread_barrier_t *barrier);

int front_barrier_init(pthread_barrier_t *barrier,
		       const pthread_barrierattr_t *attr, unsigned int count)
{
	struct front_barrier *b = (struct front_barrier *)barrier;

	if (!count)
		return EINVAL;
	front_point(RT_SITE(RT_STORE, "pthread_barrier_init", NULL), b);
	*b = (struct front_barrier){ .needed = count };
	return 0;
}

int front_barrier_destroy(pthread_barrier_t *barrier)
{
	struct front_barrier *b = (struct front_barrier *)barrier;

	front_point(RT_SITE(RT_STORE, "pthread_barrier_destroy", NULL), b);
	if (b->here)
		front_misuse("pthread_barrier_destroy() while a thread waits");
	b->needed = 0;
	return 0;
}

int front_barrier_wait(pthread_barrier_t *barrier)
{
	struct front_barrier *b = (struct front_barrier *)barrier;
	u32 round;

	front_point(RT_SITE(RT_RMW, "pthread_barrier_wait", NULL), b);
	if (!b->needed)
		front_misuse("pthread_barrier_wait() at a barrier that is not there");
	front_release(b, true);
	round = b->round;
	if (++b->here == b->needed) {
		b->here = 0;
		b->round++;
		rt_wake(&b->round, ~0u);
		front_acquire(b);
		return PTHREAD_BARRIER_SERIAL_THREAD;
	}
	while (b->round == round)
		rt_wait(&b->round, round, RT_FOREVER, 0);
	front_acquire(b);
	return 0;
}
