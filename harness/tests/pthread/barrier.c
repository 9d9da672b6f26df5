// SPDX-License-Identifier: GPL-2.0
/*
 * A worker that sees the stop flag in time leaves before the barrier, and the
 * other one waits there for ever. Both have to look after the barrier.
 */
#include <pthread.h>
#include <stdatomic.h>

static pthread_barrier_t round_over;
static atomic_int stop;

static void *worker(void *arg)
{
#ifndef FIXED
	if (stop)
		return arg;
#endif
	pthread_barrier_wait(&round_over);
#ifdef FIXED
	if (stop)
		return arg;
#endif
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_barrier_init(&round_over, NULL, 2);
	pthread_create(&a, NULL, worker, NULL);
	pthread_create(&b, NULL, worker, NULL);
	stop = 1;
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	pthread_barrier_destroy(&round_over);
}
