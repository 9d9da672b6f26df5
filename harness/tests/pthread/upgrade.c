// SPDX-License-Identifier: GPL-2.0
/*
 * Who finds the cache empty wants to write while it still reads, and waits for
 * itself. It does not happen to who comes after the other one has filled it.
 */
#include <assert.h>
#include <pthread.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int cache;

static void *reader(void *arg)
{
	pthread_rwlock_rdlock(&lock);
	if (!cache) {
#ifdef FIXED
		pthread_rwlock_unlock(&lock);
#endif
		pthread_rwlock_wrlock(&lock);
		if (!cache)
			cache = 7;
	}
	assert(cache == 7);
	pthread_rwlock_unlock(&lock);
	return arg;
}

static void *filler(void *arg)
{
	pthread_rwlock_wrlock(&lock);
	cache = 7;
	pthread_rwlock_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t r, f;

	pthread_create(&f, NULL, filler, NULL);
	pthread_create(&r, NULL, reader, NULL);
	pthread_join(f, NULL);
	pthread_join(r, NULL);
}
