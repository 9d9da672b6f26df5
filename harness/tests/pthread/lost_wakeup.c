// SPDX-License-Identifier: GPL-2.0
/*
 * The flag is set and told of without the mutex: between the waiter's look at
 * the flag and its sleep, both can pass it by. It then sleeps for ever.
 */
#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready_changed = PTHREAD_COND_INITIALIZER;
static atomic_int ready;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!ready)
		pthread_cond_wait(&ready_changed, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t w;

	pthread_create(&w, NULL, waiter, NULL);
#ifdef FIXED
	pthread_mutex_lock(&lock);
#endif
	ready = 1;
	pthread_cond_signal(&ready_changed);
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
	pthread_join(w, NULL);
}
