// SPDX-License-Identifier: GPL-2.0
/*
 * Plain variables handed over by each way to wait for another thread: no data
 * race. With FIFO it takes the sleeper that came first for the one to be woken
 * first, which nobody has promised.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t sem;
static int by_join, by_mutex, by_rwlock, by_spin, by_once, by_barrier, by_sem;
static int asleep, woken;

static void make(void)
{
	by_once = 1;
}

static void *other(void *arg)
{
	pthread_once(&once, make);
	assert(by_once == 1);
	pthread_rwlock_wrlock(&rwlock);
	by_rwlock++;
	pthread_rwlock_unlock(&rwlock);
	pthread_spin_lock(&spin);
	by_spin++;
	pthread_spin_unlock(&spin);
	by_sem = 1;
	sem_post(&sem);
	by_barrier = 1;
	pthread_barrier_wait(&barrier);
	pthread_mutex_lock(&lock);
	by_mutex = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	by_join = 1;
	return arg;
}

static void *sleeper(void *arg)
{
	int place;

	pthread_mutex_lock(&lock);
	place = asleep++;
	pthread_cond_wait(&changed, &lock);
	assert(place == woken++);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void fifo(void)
{
	pthread_t t[2];
	int both = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, sleeper, NULL);
	while (!both) {
		pthread_mutex_lock(&lock);
		both = asleep == 2;
		pthread_mutex_unlock(&lock);
	}
	for (int i = 0; i < 2; i++) {
		int seen = i;

		pthread_mutex_lock(&lock);
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
		while (seen == i) {
			pthread_mutex_lock(&lock);
			seen = woken;
			pthread_mutex_unlock(&lock);
		}
	}
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	pthread_t t;

#ifdef FIFO
	fifo();
	return 0;
#endif
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&barrier, NULL, 2);
	sem_init(&sem, 0, 0);
	pthread_create(&t, NULL, other, NULL);
	pthread_once(&once, make);
	assert(by_once == 1);
	pthread_rwlock_rdlock(&rwlock);
	assert(by_rwlock <= 1);
	pthread_rwlock_unlock(&rwlock);
	pthread_spin_lock(&spin);
	by_spin++;
	pthread_spin_unlock(&spin);
	sem_wait(&sem);
	assert(by_sem == 1);
	pthread_barrier_wait(&barrier);
	assert(by_barrier == 1);
	pthread_mutex_lock(&lock);
	while (!by_mutex)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	pthread_join(t, NULL);
	assert(by_join == 1);
	(void)fifo;
}
