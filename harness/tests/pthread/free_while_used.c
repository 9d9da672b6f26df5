// SPDX-License-Identifier: GPL-2.0
/*
 * A worker writes to what it found in the slot, while main() takes it out of
 * there and frees it. Looking and writing are two steps; with the lock around
 * both they are one.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(int *) slot;
#ifdef FIXED
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#endif

static void enter(void)
{
#ifdef FIXED
	pthread_mutex_lock(&lock);
#endif
}

static void leave(void)
{
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
}

static void *worker(void *unused)
{
	int *found;

	enter();
	found = atomic_load(&slot);
	if (found)
		*found = 1;
	leave();
	return NULL;
}

int main(void)
{
	pthread_t w;
	int *taken;

	atomic_store(&slot, malloc(sizeof(*taken)));
	pthread_create(&w, NULL, worker, NULL);
	enter();
	taken = atomic_exchange(&slot, NULL);
#ifdef BY_REALLOC
	taken = realloc(taken, 4 * sizeof(*taken));
#endif
	free(taken);
	leave();
	pthread_join(w, NULL);
}
