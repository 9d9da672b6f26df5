// SPDX-License-Identifier: GPL-2.0
/*
 * Two increments that are a load and a store each: one of them may be lost.
 * Each access is atomic, so this is no data race.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_int counter;

static void *increment(void *arg)
{
#ifdef FIXED
	atomic_fetch_add(&counter, 1);
#else
	int seen = atomic_load(&counter);

	atomic_store(&counter, seen + 1);
#endif
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, increment, NULL);
	pthread_create(&b, NULL, increment, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	assert(counter == 2);
}
