// SPDX-License-Identifier: GPL-2.0
/*
 * A wait without a condition: a signal that comes before it is not kept.
 */
#include <pthread.h>
#include <stdbool.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static bool gone;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (!gone)
#endif
		pthread_cond_wait(&go, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *starter(void *arg)
{
	pthread_mutex_lock(&lock);
	gone = true;
	pthread_cond_signal(&go);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t w, s;

	pthread_create(&w, NULL, waiter, NULL);
	pthread_create(&s, NULL, starter, NULL);
	pthread_join(w, NULL);
	pthread_join(s, NULL);
}
