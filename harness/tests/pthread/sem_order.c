// SPDX-License-Identifier: GPL-2.0
/*
 * The consumer's semaphore begins at 1, as a lock would: it need not wait for
 * what it consumes.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static sem_t full;
static int item;

static void *producer(void *arg)
{
	item = 42;
	sem_post(&full);
	return arg;
}

static void *consumer(void *arg)
{
	sem_wait(&full);
	assert(item == 42);
	return arg;
}

int main(void)
{
	pthread_t p, c;

#ifdef FIXED
	sem_init(&full, 0, 0);
#else
	sem_init(&full, 0, 1);
#endif
	pthread_create(&p, NULL, producer, NULL);
	pthread_create(&c, NULL, consumer, NULL);
	pthread_join(p, NULL);
	pthread_join(c, NULL);
	sem_destroy(&full);
}
