// SPDX-License-Identifier: GPL-2.0
/*
 * Producers and consumers of a buffer of one wait for the same condition, and
 * a signal wakes one of either kind: the wrong one goes back to sleep, and the
 * right one is never told. A broadcast wakes all.
 */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int items;

static void tell(void)
{
#ifdef FIXED
	pthread_cond_broadcast(&changed);
#else
	pthread_cond_signal(&changed);
#endif
}

static void *produce(void *arg)
{
	pthread_mutex_lock(&lock);
	while (items == 1)
		pthread_cond_wait(&changed, &lock);
	items++;
	tell();
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *consume(void *arg)
{
	pthread_mutex_lock(&lock);
	while (items == 0)
		pthread_cond_wait(&changed, &lock);
	items--;
	tell();
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	void *(*const body[])(void *) = { consume, consume, produce, produce };
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, body[i], NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}
