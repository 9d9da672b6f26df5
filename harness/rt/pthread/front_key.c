// SPDX-License-Identifier: GPL-2.0
/*
 * front_key: values of one thread. Nobody else can see them, so no call here
 * is a point; a key that is made or deleted while others use it is a race of
 * the program's own variable that holds it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

#define KEYS	64

struct keys {
	u32 nr;
	bool gone[KEYS];
	void (*destructor[KEYS])(void *);
};
static struct keys *keys __machine;

int front_key_create(pthread_key_t *key, void (*destructor)(void *));
int front_key_delete(pthread_key_t key);
void *front_getspecific(pthread_key_t key);
int front_setspecific(pthread_key_t key, const void *value);

static void *must_alloc(size_t size)
{
	void *p = rt_alloc(size);

	if (!p)
		sim_broken("the program's memory does not fit the arena of %lu MiB",
			   SIM_ARENA_SIZE >> 20);
	return p;
}

int front_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	if (!keys)
		keys = must_alloc(sizeof(*keys));
	if (keys->nr == KEYS)
		return EAGAIN;
	keys->destructor[keys->nr] = destructor;
	*key = keys->nr++;
	return 0;
}

static bool exists(pthread_key_t key)
{
	return keys && key < keys->nr && !keys->gone[key];
}

int front_key_delete(pthread_key_t key)
{
	if (!exists(key))
		return EINVAL;
	keys->gone[key] = true;
	return 0;
}

void *front_getspecific(pthread_key_t key)
{
	struct front_thread *t = front_self();

	return exists(key) && t->value ? t->value[key] : NULL;
}

int front_setspecific(pthread_key_t key, const void *value)
{
	struct front_thread *t = front_self();

	if (!exists(key))
		return EINVAL;
	if (!t->value)
		t->value = must_alloc(KEYS * sizeof(*t->value));
	t->value[key] = (void *)value;
	return 0;
}

static bool destroy_round(struct front_thread *t)
{
	bool any = false;

	for (u32 i = 0; i < keys->nr; i++) {
		void *value = t->value[i];

		t->value[i] = NULL;
		if (!value || keys->gone[i] || !keys->destructor[i])
			continue;
		keys->destructor[i](value);
		any = true;
	}
	return any;
}

/* A destructor may set values again, so often. */
void front_key_destroy(struct front_thread *t)
{
	for (int i = 0; t->value && i < PTHREAD_DESTRUCTOR_ITERATIONS; i++)
		if (!destroy_round(t))
			return;
}
