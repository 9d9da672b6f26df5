// SPDX-License-Identifier: GPL-2.0
/*
 * lost_update.c with a plain variable: a data race (--races), and an update
 * that is lost if somebody comes in between (--plain-points).
 */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *increment(void *arg)
{
#ifdef FIXED
	pthread_mutex_lock(&lock);
#endif
	counter++;
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, increment, &lock);
	pthread_create(&b, NULL, increment, &lock);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	assert(counter == 2);
}
