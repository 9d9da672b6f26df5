// SPDX-License-Identifier: GPL-2.0
/*
 * Two wait for a semaphore that is given to twice. The first to come is taken
 * for the first to be served, which nothing says.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static sem_t items;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int came, served;

static void *customer(void *arg)
{
	int place;

	pthread_mutex_lock(&lock);
	place = came++;
	pthread_mutex_unlock(&lock);
	sem_wait(&items);
	pthread_mutex_lock(&lock);
#ifndef FIXED
	assert(place == served);
#endif
	served++;
	pthread_mutex_unlock(&lock);
	(void)place;
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&items, 0, 0);
	pthread_create(&a, NULL, customer, NULL);
	pthread_create(&b, NULL, customer, NULL);
	sem_post(&items);
	sem_post(&items);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	assert(served == 2);
	sem_destroy(&items);
}
