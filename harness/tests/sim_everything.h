/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sim_everything.h: a bed that uses all of rt.h and always ends well, and two that
 * are told in a few steps.
 */
#ifndef HARNESS_TESTS_SIM_EVERYTHING_H
#define HARNESS_TESTS_SIM_EVERYTHING_H

#include "harness/tests/sim_bed.h"

static void worker(void)
{
	for (int i = 0; i < 2; i++) {
		if (rt_choose(3, "kmalloc") == 2)
			STORE(4, i);
		LOCK(0);
		INC(1);
		if (rt_choose(2, "trylock"))
			LOAD(4);
		UNLOCK(0);
	}
	POINT(RT_WAKE, "wake", 2);
	rt_wake(&w[2], 1);
}

static void waiter(void)
{
	POINT(RT_WAIT, "wait", 2);
	while (w[1] < 2)
		tell(rt_wait(&w[2], w[2], rt_now() + 1000, 0));
	LOAD(1);
	rt_point(RT_SITE(RT_LOAD, "peek", NULL), &w[2]);
	rt_sleep(5000, 0);
	tell(rt_now());
}

static void poller(void)
{
	while (LOAD(1) < 1)
		rt_relax();
	LOCK(3);
	LOCK(0);
	UNLOCK(0);
	UNLOCK(3);
}

static void name_words(void)
{
	rt_name(&w[2], "queue", -1);
}

static void check_sum(void)
{
	LOAD(1);
	LOAD(4);
}

static const struct bed everything = { .boot = name_words, .nr = 4,
	.body = { worker, waiter, poller, worker }, .halt = check_sum };

/* -- what is told in a few steps -- */

/* One schedule of it ends in a deadlock. */
static void two_locks(void)
{
	LOCK(0);
	LOCK(1);
	UNLOCK(1);
	UNLOCK(0);
}

static void other_two(void)
{
	LOCK(1);
	LOCK(0);
	UNLOCK(0);
	UNLOCK(1);
}

static const struct bed abba = { .nr = 2, .body = { two_locks, other_two } };

/* What the strategy answered. */
static u32 answer[4];
static void asks(void)
{
	answer[0] = rt_choose(4, "kmalloc");
	LOAD(0);
	answer[1] = rt_choose(2, "trylock");
	answer[2] = rt_choose(4, "kmalloc");
	answer[3] = rt_choose(4, "kmalloc");
}

static const struct bed asking = { .nr = 1, .body = { asks } };

#endif /* HARNESS_TESTS_SIM_EVERYTHING_H */
