/* SPDX-License-Identifier: GPL-2.0 */
/*
 * native_bed.h: small machines for the tests of native.
 *
 * No case depends on who is faster: what must happen is made to happen by
 * handshakes.
 */
#ifndef HARNESS_TESTS_NATIVE_BED_H
#define HARNESS_TESTS_NATIVE_BED_H

#include <limits.h>

#include "harness/journal/journal.h"
#include "harness/rt/native.h"
#include "harness/tests/test.h"

static u32 word __machine, other __machine, counter __machine = 7;

static struct rt_config config = { .seed = 42 };
static struct rt_result result;

/* What outlives a child. */
static u32 *shared;

/* The journal's stand-in, so that this suite stands on the runtime alone. */
u32 journal_emit(u16 kind, u64 a, u64 b, u64 c)
{
	return 1;
}

/* -- helpers: a lock of one word, tasks from a list ------------------------ */

static inline void lock(u32 *word)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "lock", NULL), word, word, ~0u,
			     0) == 0) {
		u32 seen = 0;

		if (__atomic_compare_exchange_n(word, &seen, 1, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		rt_wait(word, seen, RT_FOREVER, 0);
	}
}

static inline void unlock(u32 *word)
{
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	rt_wake(word, 1);
}

static inline void set(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	rt_wake(word, INT_MAX);
}

static inline void wait_while(u32 *word, u32 value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
		rt_wait(word, value, RT_FOREVER, 0);
}

static u32 get(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void (*bodies[8])(void *);
static u32 nr_bodies;

static inline void run_bodies(void *arg)
{
	int task[8];

	for (u32 i = 0; i < nr_bodies; i++)
		task[i] = rt_spawn('P', "program", bodies[i], arg);
	rt_go();
	for (u32 i = 0; i < nr_bodies; i++)
		rt_join(task[i]);
}

static inline void setup(void)
{
	CHECK_EQ(rt_engine_init(), 0);
	if (!shared)
		shared = rt_shared(4096);
	CHECK(shared != NULL);
	memset(shared, 0, 4096);
	config.execution++;
	config.detail = false;
	config.steps_max = 0;
}

/* Run main_fn in this process; it must come to its end. */
static inline void run(void (*main_fn)(void *), void *arg)
{
	rt_engine_run(&config, main_fn, arg, &result);
	CHECK_EQ(result.outcome, RT_DONE);
}

static inline void count_under_lock(void *arg)
{
	for (int i = 0; i < 200; i++) {
		lock(&word);
		counter++;
		unlock(&word);
	}
}

static inline void work_then_wake(void *arg)
{
	for (int i = 0; i < 1000; i++)
		rt_point(RT_SITE(RT_NOTE, "work", NULL), NULL);
	set(&word, 1);
}

#endif /* HARNESS_TESTS_NATIVE_BED_H */
