// SPDX-License-Identifier: GPL-2.0
/*
 * What every call must answer, under any interleaving. With BREAK=n one claim
 * is wrong on purpose, or something undefined is done: the front has to say so.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef BREAK
#define BREAK 0
#endif

static const struct timespec past = { .tv_sec = 1 }, two = { .tv_sec = 2 };

static struct timespec later(int seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += seconds;
	return ts;
}

static void mutex_of(pthread_mutex_t *m, int type)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutex_init(m, &attr);
}

static void *take_elsewhere(void *arg)
{
	struct timespec soon = later(1);

	assert(pthread_mutex_trylock(arg) == EBUSY);
	assert(pthread_mutex_timedlock(arg, &soon) == ETIMEDOUT);
	assert(pthread_mutex_timedlock(arg, &past) == ETIMEDOUT);
	return (void *)1;
}

static void mutexes(void)
{
	static pthread_mutex_t recursive =
		PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_mutex_t m;
	pthread_t t;
	void *result;

	mutex_of(&m, PTHREAD_MUTEX_ERRORCHECK);
	assert(pthread_mutex_unlock(&m) == EPERM);
	assert(pthread_mutex_lock(&m) == 0);
	assert(pthread_mutex_lock(&m) == EDEADLK);
	pthread_create(&t, NULL, take_elsewhere, &m);
	pthread_join(t, &result);
	assert(result == (void *)1);
	assert(pthread_mutex_unlock(&m) == 0);
	assert(pthread_mutex_destroy(&m) == 0);

	assert(pthread_mutex_lock(&recursive) == 0);
	assert(pthread_mutex_trylock(&recursive) == 0);
	assert(pthread_mutex_lock(&recursive) == 0);
	for (int i = 0; i < 3; i++)
		assert(pthread_mutex_unlock(&recursive) == 0);
	assert(pthread_mutex_unlock(&recursive) == EPERM);

	mutex_of(&m, PTHREAD_MUTEX_NORMAL);
	pthread_mutex_lock(&m);
	if (BREAK == 1)
		pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	if (BREAK == 2)
		pthread_mutex_unlock(&m);
}

static void conditions(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec before, soon = later(5);

	pthread_mutex_lock(&m);
	assert(pthread_cond_timedwait(&c, &m, &soon) == ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &before);
	assert(before.tv_sec >= soon.tv_sec);
	assert(pthread_cond_signal(&c) == 0);
	assert(pthread_mutex_trylock(&m) == EBUSY);
	pthread_mutex_unlock(&m);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &two, NULL);
	clock_gettime(CLOCK_REALTIME, &soon);
	assert(soon.tv_sec >= before.tv_sec + 2);
	assert(pthread_cond_broadcast(&c) == 0);
	if (BREAK == 3)
		pthread_cond_wait(&c, &m);
	pthread_cond_destroy(&c);
}

static void *write_elsewhere(void *arg)
{
	assert(pthread_rwlock_trywrlock(arg) == EBUSY);
	assert(pthread_rwlock_timedwrlock(arg, &past) == ETIMEDOUT);
	assert(pthread_rwlock_tryrdlock(arg) == 0);
	assert(pthread_rwlock_unlock(arg) == 0);
	return NULL;
}

static void *read_elsewhere(void *arg)
{
	assert(pthread_rwlock_tryrdlock(arg) == EBUSY);
	if (BREAK == 4)
		pthread_rwlock_unlock(arg);
	return NULL;
}

static void rwlocks(void)
{
	pthread_rwlock_t l;
	pthread_t t;

	pthread_rwlock_init(&l, NULL);
	assert(pthread_rwlock_rdlock(&l) == 0);
	assert(pthread_rwlock_rdlock(&l) == 0);
	pthread_create(&t, NULL, write_elsewhere, &l);
	pthread_join(t, NULL);
	assert(pthread_rwlock_unlock(&l) == 0);
	assert(pthread_rwlock_unlock(&l) == 0);
	assert(pthread_rwlock_wrlock(&l) == 0);
	assert(pthread_rwlock_rdlock(&l) == EDEADLK);
	pthread_create(&t, NULL, read_elsewhere, &l);
	pthread_join(t, NULL);
	assert(pthread_rwlock_unlock(&l) == 0);
	pthread_rwlock_destroy(&l);
}

static void *meet(void *arg)
{
	return (void *)(long)pthread_barrier_wait(arg);
}

static void counting(void)
{
	pthread_barrier_t b;
	pthread_spinlock_t spin;
	pthread_t t;
	void *theirs;
	long ours;
	sem_t sem;
	int value;

	sem_init(&sem, 0, 2);
	assert(sem_wait(&sem) == 0 && sem_trywait(&sem) == 0);
	assert(sem_trywait(&sem) == -1 && errno == EAGAIN);
	assert(sem_timedwait(&sem, &past) == -1 && errno == ETIMEDOUT);
	sem_post(&sem);
	assert(sem_getvalue(&sem, &value) == 0 && value == 1);
	sem_destroy(&sem);

	for (int round = 0; round < 2; round++) {
		pthread_barrier_init(&b, NULL, 2);
		pthread_create(&t, NULL, meet, &b);
		ours = pthread_barrier_wait(&b);
		pthread_join(t, &theirs);
		assert(ours + (long)theirs == PTHREAD_BARRIER_SERIAL_THREAD);
		pthread_barrier_destroy(&b);
	}

	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_lock(&spin);
	assert(pthread_spin_trylock(&spin) == EBUSY);
	pthread_spin_unlock(&spin);
	if (BREAK == 5)
		pthread_spin_unlock(&spin);
}

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int made;
static atomic_int destroyed;
#ifdef __clang__
static _Thread_local int own = 5;
#endif

static void destroy(void *value)
{
	assert(value == &destroyed);
	destroyed++;
}

static void make(void)
{
	made++;
	sched_yield();
	pthread_key_create(&key, destroy);
}

static void deep(void)
{
#ifdef __clang__
	own++;
	assert(own == 6);
#endif
	pthread_exit(&made);
}

static void *user(void *arg)
{
	pthread_once(&once, make);
	assert(made == 1);
	assert(!pthread_getspecific(key));
	pthread_setspecific(key, &destroyed);
	assert(pthread_getspecific(key) == &destroyed);
	deep();
	return arg;
}

static void threads(void)
{
	pthread_attr_t attr;
	pthread_t t[2];
	void *result;

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, user, NULL);
	assert(!pthread_equal(t[0], t[1]));
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], &result);
		assert(result == &made);
	}
	assert(destroyed == 2);
#ifdef __clang__
	assert(own == 5);
#endif
	assert(pthread_join(pthread_self(), NULL) == EDEADLK);
	if (BREAK == 6)
		pthread_join(t[0], NULL);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&t[0], &attr, user, NULL);
	if (BREAK == 7)
		pthread_detach(t[0]);
}

static void memory(void)
{
	char *p = malloc(10), *copy;
	void *aligned;

	strcpy(p, "front");
	copy = strdup(p);
	p = realloc(p, 100);
	assert(!strcmp(p, copy));
	assert(!posix_memalign(&aligned, 64, 10) && !((long)aligned % 64));
	free(aligned);
	free(copy);
	free(p);
	if (BREAK == 8)
		free(p);
	if (BREAK == 9)
		free(&made);
	if (BREAK == 10)
		p[3] = 1;
	p = malloc(10);
	if (BREAK == 11)
		p[10] = 1;
	free(p);
}

int main(int argc, char **argv)
{
	assert(argc == 1 && argv[0] && !argv[1]);
	printf("nobody reads this\n");
	assert(lrand48() != lrand48());
	mutexes();
	conditions();
	rwlocks();
	counting();
	memory();
	threads();
	if (BREAK == 12)
		abort();
	if (BREAK == 13)
		exit(3);
	if (BREAK == 14)
		*(volatile int *)0 = 1;
	while (BREAK == 15)
		sched_yield();
	if (BREAK == 16)
		return 1;
	return 0;
}
