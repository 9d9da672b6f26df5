// SPDX-License-Identifier: GPL-2.0
/*
 * The yardstick of the engine (targets/litmus/seqflag3.c) as a program: a
 * sequence counter and a flag. 23 accesses, no loop, never fails; 33,354
 * traces. With SMALL one round of it: 10 accesses, 72 traces.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_int seq, a, b, flag, done;

static void write_round(int k)
{
	seq = 2 * k - 1;
	a = k;
	b = k;
	seq = 2 * k;
}

static void read_round(void)
{
	int before = seq, seen_a = a, seen_b = b, after = seq;

	assert(before != after || before % 2 || seen_a == seen_b);
}

static void *writer(void *arg)
{
	write_round(1);
#ifndef SMALL
	write_round(2);
	flag = 1;
#endif
	return arg;
}

static void *reader(void *arg)
{
	read_round();
#ifndef SMALL
	read_round();
#endif
	return arg;
}

static void *consumer(void *arg)
{
#ifdef SMALL
	(void)a;
	(void)b;
#else
	int seen = flag, seen_a, seen_b;

	(void)seq;
	seen_a = a;
	seen_b = b;
	(void)flag;
	assert(!seen || (seen_a == 2 && seen_b == 2));
	done = 1;
#endif
	return arg;
}

int main(void)
{
	void *(*const body[])(void *) = { writer, reader, consumer };
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, body[i], NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}
