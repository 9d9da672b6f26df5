// SPDX-License-Identifier: GPL-2.0
/*
 * Double-checked initialisation that publishes the object before it is made:
 * the fast path, which takes no lock, may see it empty.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct config {
	atomic_int limit;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct config *) config;

static struct config *get(void)
{
	struct config *c = atomic_load(&config);

	if (c)
		return c;
	pthread_mutex_lock(&lock);
	c = atomic_load(&config);
	if (!c) {
		c = calloc(1, sizeof(*c));
#ifdef FIXED
		atomic_store(&c->limit, 10);
		atomic_store(&config, c);
#else
		atomic_store(&config, c);
		atomic_store(&c->limit, 10);
#endif
	}
	pthread_mutex_unlock(&lock);
	return c;
}

static void *user(void *arg)
{
	assert(atomic_load(&get()->limit) == 10);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, user, NULL);
	pthread_create(&b, NULL, user, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	free(config);
}
