// SPDX-License-Identifier: GPL-2.0
/*
 * Many threads write two words in one order; one that reads both finds a pair
 * of them that none has written. It has to come between the first writer's two
 * stores, before any other writer: that is rare in a random schedule, and one
 * constraint on what its reads find. FIXED writes under a lock.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#define WRITERS 10

static atomic_int a, b;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
#ifdef FIXED
	pthread_mutex_lock(&lock);
#endif
}

static void give(void)
{
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
}

static void *writer(void *arg)
{
	take();
	atomic_store(&a, 1);
	atomic_store(&b, -1);
	give();
	return arg;
}

static void *reader(void *arg)
{
	int x, y;

	take();
	x = atomic_load(&a);
	y = atomic_load(&b);
	give();
	assert((x == 0 && y == 0) || (x == 1 && y == -1));
	return arg;
}

int main(void)
{
	pthread_t t[WRITERS + 1];

	(void)lock;
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&t[i], NULL, writer, NULL);
	pthread_create(&t[WRITERS], NULL, reader, NULL);
	for (int i = 0; i <= WRITERS; i++)
		pthread_join(t[i], NULL);
}
