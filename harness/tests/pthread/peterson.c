// SPDX-License-Identifier: GPL-2.0
/*
 * Peterson's lock with atomics that order too little: right where memory is
 * sequentially consistent, and on no machine there is. FIXED has them
 * sequentially consistent.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
#define ORDER(order) memory_order_seq_cst
#else
#define ORDER(order) memory_order_##order
#endif

static atomic_int interested[2], turn;
static atomic_int inside;

static void lock(int me)
{
	atomic_store_explicit(&interested[me], 1, ORDER(release));
	atomic_store_explicit(&turn, 1 - me, ORDER(release));
	while (atomic_load_explicit(&interested[1 - me], ORDER(acquire)) &&
	       atomic_load_explicit(&turn, ORDER(acquire)) == 1 - me)
		;
}

static void unlock(int me)
{
	atomic_store_explicit(&interested[me], 0, ORDER(release));
}

static void *worker(void *arg)
{
	int me = arg != NULL;

	lock(me);
	assert(atomic_fetch_add(&inside, 1) == 0);
	atomic_fetch_sub(&inside, 1);
	unlock(me);
	return NULL;
}

int main(void)
{
	static int one;
	pthread_t t;

	pthread_create(&t, NULL, worker, &one);
	worker(NULL);
	pthread_join(t, NULL);
}
