// SPDX-License-Identifier: GPL-2.0
/*
 * Two locks in two orders: each thread waits for the lock the other one holds.
 */
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void both(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

static void *forward(void *arg)
{
	both(&a, &b);
	return arg;
}

static void *backward(void *arg)
{
#ifdef FIXED
	both(&a, &b);
#else
	both(&b, &a);
#endif
	return arg;
}

int main(void)
{
	pthread_t x, y;

	pthread_create(&x, NULL, forward, NULL);
	pthread_create(&y, NULL, backward, NULL);
	pthread_join(x, NULL);
	pthread_join(y, NULL);
}
