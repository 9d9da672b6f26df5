// SPDX-License-Identifier: GPL-2.0
/*
 * sampling: what pos, urw and surw promise about the schedules they draw, over
 * fixed seeds: the same figures on every machine.
 */
#include "harness/tests/sim_bed.h"

#define RUNS	22000

static u32 before_a;		/* touches of word 0 by the others before A's */
static u32 touches;

static void touch_once(void)
{
	POINT(RT_STORE, "store", 0);
	before_a = touches;
}

static void touch_seven(void)
{
	for (u32 i = 0; i < 7; i++) {
		POINT(RT_STORE, "store", 0);
		touches++;
	}
}

/* Steps that nobody else could notice, each on a word of the task's own. */
static u32 padding;
static void pad(const u32 *own)
{
	for (u32 i = 0; i < padding; i++)
		rt_point(RT_SITE(RT_STORE, "own", NULL), own);
}

static void padded_once(void)
{
	pad(&w[2]);
	touch_once();
	pad(&w[2]);
}

static void padded_seven(void)
{
	for (u32 i = 0; i < 7; i++) {
		POINT(RT_STORE, "store", 0);
		touches++;
		pad(&w[3]);
	}
}

static void clear(void)
{
	before_a = touches = 0;
}

static const struct bed plain = { .boot = clear, .nr = 2,
				  .body = { touch_once, touch_seven } };
static const struct bed padded = { .boot = clear, .nr = 2,
				   .body = { padded_once, padded_seven } };

static void run(const struct bed *b, const struct strategy *s, u64 i)
{
	struct rt_config c = { .strategy = s, .seed = 42, .execution = i,
			       .program = 1 };

	bed_config(b, &c);
	CHECK_EQ(result.outcome, RT_DONE);
}

/* How often each of the eight places of A's touch was drawn. */
static void places(const struct bed *b, const struct strategy *s, u32 place[8])
{
	bed_setup(s, NULL);
	memset(place, 0, 8 * sizeof(*place));
	for (u32 i = 0; i < RUNS; i++) {
		run(b, s, i);
		place[before_a]++;
	}
}

static void least_and_most(const u32 place[8], u32 *least, u32 *most)
{
	*least = ~0u;
	*most = 0;
	for (u32 i = 0; i < 8; i++) {
		*least = place[i] < *least ? place[i] : *least;
		*most = place[i] > *most ? place[i] : *most;
	}
}

/* The three steps of A among the nine of B: 12!/(3! 9!) = 220 schedules. */
static void urw_draws_schedules_alike(void)
{
	u64 seen[256] = { 0 };
	u32 count[256] = { 0 }, nr = 0, at;

	bed_setup(&strategy_urw, NULL);
	for (u32 i = 0; i < RUNS; i++) {
		u64 hash = 0;

		run(&plain, &strategy_urw, i);
		for (u32 k = 0; k < result.trace_len; k++)
			hash = hash * 31 + result.trace[k] + 1;
		for (at = 0; at < nr && seen[at] != hash; at++)
			;
		if (at == nr) {
			CHECK(nr < ARRAY_SIZE(seen));
			seen[nr++] = hash;
		}
		count[at]++;
	}
	CHECK_EQ(nr, 220);
	/* 100 expected of each; the walk that weighs all alike gives some of
	 * them 2,700 and others 11. */
	for (at = 0; at < nr; at++)
		CHECK(count[at] > 60 && count[at] < 145);
}

static void random_does_not(void)
{
	u32 place[8], least, most;

	places(&plain, &strategy_random, place);
	least_and_most(place, &least, &most);
	CHECK(most > 20 * least);
}

static void surw_draws_one_location_alike(void)
{
	u32 place[8], least, most;

	padding = 20;
	places(&padded, &strategy_surw, place);
	least_and_most(place, &least, &most);
	CHECK(least > RUNS / 8 * 85 / 100);
	CHECK(most < RUNS / 8 * 115 / 100);
}

/* Among 40 steps of no interest to anybody pos still draws every order. */
static void pos_sees_through_padding(void)
{
	u32 place[8], least, most;

	padding = 40;
	places(&padded, &strategy_pos, place);
	least_and_most(place, &least, &most);
	CHECK(least > RUNS / 50);
}

static void random_is_lost_in_it(void)
{
	u32 place[8], least, most;

	padding = 40;
	places(&padded, &strategy_random, place);
	least_and_most(place, &least, &most);
	CHECK_EQ(least, 0);
}

/* A profile is of one program: the next starts without. */
static void profile_is_of_the_program(void)
{
	struct rt_config c = { .strategy = &strategy_surw, .seed = 42 };
	u32 with = 0, without = 0;

	padding = 20;
	bed_setup(&strategy_surw, NULL);
	for (c.execution = 0; c.execution < 2000; c.execution++) {
		c.program = 1 + c.execution;	/* another each time */
		bed_config(&padded, &c);
		without += before_a == 6;
	}
	for (c.execution = 0; c.execution < 2000; c.execution++) {
		c.program = 1;
		bed_config(&padded, &c);
		with += before_a == 6;
	}
	CHECK(with > 200 && with < 300);	/* 250 expected */
	CHECK(without * 2 < with);
}

static void mix_takes_turns(void)
{
	static const char turns[] = "random 10, pct 10, surw 10, pos 10, urw 10; "
		"a failure that 1 random walk in 3 shows is missed with probability at most 0.05; "
		"pct: a bug is missed by ";

	bed_setup(&strategy_mix, NULL);
	/* A worker may die and leave its finding to a parent that ran nothing. */
	CHECK(!strategy_mix.ran());
	for (u32 i = 0; i < 50; i++)
		run(&padded, &strategy_mix, i);
	CHECK(!strncmp(strategy_mix.summary(), turns, strlen(turns)));
	run(&padded, &strategy_mix, 50);
	CHECK_STR(strategy_mix.ran(), "random");
	run(&padded, &strategy_mix, 51);
	CHECK_STR(strategy_mix.ran(), "pct");
}

static const struct test tests[] = {
	TEST(urw_draws_schedules_alike),
	TEST(random_does_not),
	TEST(surw_draws_one_location_alike),
	TEST(pos_sees_through_padding),
	TEST(random_is_lost_in_it),
	TEST(profile_is_of_the_program),
	TEST(mix_takes_turns),
	{ NULL, NULL },
};
TEST_MAIN("sampling", tests)
