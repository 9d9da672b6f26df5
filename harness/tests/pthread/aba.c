// SPDX-License-Identifier: GPL-2.0
/*
 * A stack without locks. pop() reads the top and what is below it, and swaps
 * one for the other if the top is the same. It may be the same and yet not
 * have stayed: another thread popped it and the next one, and pushed the first
 * one back. The next one is then on the stack and in use. A number that goes
 * up with every change tells the two tops apart.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#define NODES	3

static atomic_int next[NODES + 1];	/* node 0 is none */
static atomic_int used[NODES + 1];
static _Atomic unsigned long top;	/* node, and above it the number */

static unsigned long changed(unsigned long old, unsigned long node)
{
#ifdef FIXED
	return ((old >> 8) + 1) << 8 | node;
#else
	return node;
#endif
}

static int pop(void)
{
	unsigned long old = atomic_load(&top);
	int node;

	do {
		node = old & 0xff;
		if (!node)
			return 0;
	} while (!atomic_compare_exchange_strong(&top, &old,
			changed(old, atomic_load(&next[node]))));
	assert(atomic_fetch_add(&used[node], 1) == 0);
	return node;
}

static void push(int node)
{
	unsigned long old = atomic_load(&top);

	atomic_fetch_sub(&used[node], 1);
	do {
		atomic_store(&next[node], old & 0xff);
	} while (!atomic_compare_exchange_strong(&top, &old,
						 changed(old, node)));
}

static void *one(void *arg)
{
	pop();
	pop();
	return arg;
}

static void *other(void *arg)
{
	int first = pop();

	pop();
	if (first)
		push(first);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	for (int i = 1; i <= NODES; i++)
		next[i] = i - 1;
	top = NODES;
	pthread_create(&a, NULL, one, NULL);
	pthread_create(&b, NULL, other, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}
