// SPDX-License-Identifier: GPL-2.0
/*
 * strategies: dfs counts what combinatorics says, pct keeps its guarantee, and
 * twice sees what must not be. Replay: test_schedule.c.
 */
#include "harness/tests/sim_everything.h"

/* -- dfs ---------------------------------------------------------------- */

static void nothing(void) { }
static void one(void) { INC(0); }
static void two(void) { INC(0); INC(1); }

#define SEEN (1 << 16)
static u64 seen[SEEN];
static u32 distinct, preempted[32], outcomes[RT_EXHAUSTED];

static void remember(void)
{
	u64 hash = 0x1234567;

	for (u32 i = 0; i < result.trace_len; i++)
		hash = (hash ^ result.trace[i]) * 0x9e3779b97f4a7c15ull,
		hash ^= hash >> 29;
	for (u32 i = (u32)hash % SEEN;; i = (i + 1) % SEEN) {
		if (seen[i] == hash)
			return;
		if (seen[i])
			continue;
		seen[i] = hash;
		distinct++;
		preempted[result.preemptions]++;
		outcomes[result.outcome]++;
		return;
	}
}

/* Every schedule there is; each must be another. How many. */
static u32 exhaust(const struct bed *b, const char *bound)
{
	u32 n = 0;

	bed_setup(&strategy_dfs, bound);
	memset(seen, 0, sizeof(seen));
	memset(preempted, 0, sizeof(preempted));
	memset(outcomes, 0, sizeof(outcomes));
	distinct = 0;
	for (bed_run(b, &strategy_dfs, 0); result.outcome != RT_EXHAUSTED;
	     bed_run(b, &strategy_dfs, n)) {
		remember();
		CHECK_EQ(++n, distinct);
		CHECK(n < SEEN / 2);
		CHECK(!strategy_dfs.broken());
	}
	return n;
}

/* A task of k points makes k + 2 steps: its start and its exit are steps. */
static void dfs_counts_are_multinomial(void)
{
	static const struct bed b11 = { .nr = 2, .body = { one, one } };
	static const struct bed b12 = { .nr = 2, .body = { one, two } };
	static const struct bed b000 = { .nr = 3,
		.body = { nothing, nothing, nothing } };
	static const struct bed b110 = { .nr = 3,
		.body = { one, one, nothing } };

	CHECK_EQ(exhaust(&b11, NULL), 20);		/* 6!/(3! 3!) */
	CHECK_STR(strategy_dfs.summary(), "complete: 20 schedules");
	CHECK_EQ(exhaust(&b12, NULL), 35);		/* 7!/(3! 4!) */
	CHECK_EQ(exhaust(&b000, NULL), 90);		/* 6!/(2! 2! 2!) */
	CHECK_EQ(exhaust(&b110, NULL), 560);		/* 8!/(3! 3! 2!) */
}

static void dfs_goes_on_to_the_next_program(void)
{
	static const struct bed b11 = { .nr = 2, .body = { one, one } };
	static const struct bed b12 = { .nr = 2, .body = { one, two } };
	u64 n = 0;

	CHECK_EQ(exhaust(&b11, NULL), 20);
	strategy_dfs.next();
	for (bed_run(&b12, &strategy_dfs, 0); result.outcome != RT_EXHAUSTED;
	     bed_run(&b12, &strategy_dfs, ++n))
		CHECK(!strategy_dfs.broken());
	CHECK_EQ(n, 35);
	CHECK_STR(strategy_dfs.summary(),
		  "complete: 55 schedules of 2 programs");
}

static void dfs_finds_every_outcome(void)
{
	u32 all = exhaust(&abba, NULL);

	CHECK(outcomes[RT_DEADLOCK] > 0);
	CHECK(outcomes[RT_DONE] > 0);
	CHECK_EQ(outcomes[RT_DONE] + outcomes[RT_DEADLOCK], all);
}

static void dfs_bound_is_exact(void)
{
	static const struct bed b = { .nr = 3, .body = { two, one, one } };
	static const char *const bounds[] = { "0", "1", "2", "3", "4" };
	u32 by_count[ARRAY_SIZE(bounds)], sum = 0;

	exhaust(&b, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(bounds); i++)
		by_count[i] = sum += preempted[i];
	for (u32 i = 0; i < ARRAY_SIZE(bounds); i++)
		CHECK_EQ(exhaust(&b, bounds[i]), by_count[i]);
	CHECK_EQ(exhaust(&b, "0"), 6);			/* 3! orders */
	CHECK_STR(strategy_dfs.summary(),
		  "bounded by 0 preemptions: 6 schedules");
}

static void dfs_tries_every_answer(void)
{
	/* 4 x 2 x 4 x 4 answers of one task */
	CHECK_EQ(exhaust(&asking, NULL), 128);
}

static u32 drift;
static void drifts(void)
{
	INC(0);
	if (drift++ % 2)
		INC(1);
}

static void dfs_notices_nondeterminism(void)
{
	static const struct bed b = { .nr = 2, .body = { drifts, one } };

	bed_setup(&strategy_dfs, NULL);
	drift = 0;
	for (u64 i = 0; i < 100 && !strategy_dfs.broken(); i++)
		bed_run(&b, &strategy_dfs, i);
	CHECK(strategy_dfs.broken());
}

/* One step more where there is no choice: the decisions look the same. */
static void take_both(void)
{
	w[5] = w[6] = 1;
}

static void opens(void)
{
	LOCK(6);
	if (drift++ % 2)
		LOAD(0);
	STORE(5, 0);
	LOAD(1);
}

static void needs_five(void)
{
	STORE(6, 0);
	LOCK(5);
	LOAD(1);
}

static void dfs_notices_a_step_without_choice(void)
{
	static const struct bed b = { .boot = take_both, .nr = 2,
		.body = { opens, needs_five } };

	bed_setup(&strategy_dfs, NULL);
	drift = 0;
	for (u64 i = 0; i < 100 && !strategy_dfs.broken(); i++)
		bed_run(&b, &strategy_dfs, i);
	CHECK(strategy_dfs.broken());
	CHECK_STR(strategy_dfs.broken(),
		  "decision 2 of schedule 2 is not what it was in the schedule before");
}

/* -- pct ---------------------------------------------------------------- */

/*
 * d2 and d3 of the lessons: P0 writes, somebody must come in between. Depth 2
 * needs P1's store between two neighbouring steps of P0; depth 3 needs P0,
 * P1, P2 and P0 again at the right places.
 */
static u32 bugs;
static void d2_a(void) { STORE(0, 2); STORE(1, 2); bugs += w[0] != w[1]; }
static void d2_b(void) { STORE(0, 1); }
static void d3_a(void) { STORE(0, 1); STORE(1, 2); }
static void d3_b(void) { STORE(0, 3); }
static void d3_end(void) { bugs += w[0] == 3 && w[1] == 2 && w[2]; }
static void d3_watch(void)
{
	if (LOAD(0) == 3) {
		STORE(1, 1);
		w[2] = 1;
	}
}

static const struct bed d2 = { .nr = 3, .body = { d2_a, d2_b, nothing } };
static const struct bed d3 = { .nr = 3, .body = { d3_a, d3_b, d3_watch },
			       .halt = d3_end };

/* Executions of n with the bug, and the longest one's choices in *k. */
static u32 hunt(const struct bed *b, const char *depth, u32 n, u32 *k)
{
	bed_setup(&strategy_pct, depth);
	bugs = *k = 0;
	for (u64 i = 0; i < n; i++) {
		bed_run(b, &strategy_pct, i);
		CHECK_EQ(result.outcome, RT_DONE);
		if (result.choices > *k)
			*k = result.choices;
	}
	return bugs;
}

static void pct_keeps_its_guarantee(void)
{
	u32 n = 20000, k, hits;

	hits = hunt(&d2, "2", n, &k);
	CHECK(hits >= n / (3 * k));
	CHECK_EQ(hunt(&d2, "1", n, &k), 0);	/* one constraint too few */
	hits = hunt(&d3, "3", n, &k);
	CHECK(hits >= n / (3 * k * k));
	CHECK_EQ(hunt(&d3, "1", n, &k), 0);
	CHECK(hunt(&d2, NULL, n, &k) > 0);
	CHECK(hunt(&d3, NULL, n, &k) > 0);
}

static void spins(void)
{
	while (!LOAD(0))
		rt_relax();
}

static void works(void)
{
	for (int i = 0; i < 20; i++)
		INC(1);
	STORE(0, 1);
}

/* 23 steps of the worker, start and exit of the spinner, and few in vain. */
/* 2 tasks and M0 are 3; the bound of depth 1 is 1/3 an execution. */
static void pct_says_what_a_run_is_worth(void)
{
	static const struct bed b = { .nr = 2, .body = { two, two } };
	struct rt_config c = { .strategy = &strategy_pct, .seed = 42,
			       .program = 1 };

	bed_setup(&strategy_pct, "1");
	CHECK(!strategy_pct.summary());
	for (c.execution = 0; c.execution < 9; c.execution++)
		bed_config(&b, &c);
	/* 1/e^3 is 0.0498 */
	CHECK_STR(strategy_pct.summary(),
		  "a bug is missed by 9 executions of at most 3 tasks and 64 points with probability at most, by its depth: 1: 0.05");
	c.program = 2;
	bed_config(&b, &c);
	CHECK(!strategy_pct.summary());
}

static void pct_lowers_spinners(void)
{
	static const struct bed b = { .nr = 2, .body = { spins, works } };

	bed_setup(&strategy_pct, "1");
	for (u64 i = 0; i < 100; i++) {
		bed_run(&b, &strategy_pct, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK(result.steps <= 23 + 2 + 4);
	}
	bed_setup(&strategy_pct, "3");
	for (u64 i = 0; i < 2000; i++) {
		bed_run(&everything, &strategy_pct, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK(result.steps < 200);
	}
}

/* -- twice -------------------------------------------------------------- */

static u32 repeat(const struct bed *b, const char *arg, u32 n)
{
	bed_setup(&strategy_twice, arg);
	for (u32 i = 0; i < n; i++) {
		for (u32 j = 0; j < strategy_twice.repeat; j++) {
			bed_run(b, &strategy_twice, i);
			if (strategy_twice.broken())
				return i + 1;
			CHECK(result.outcome != RT_PRUNED);
		}
	}
	return 0;
}

static void sometimes(void)
{
	LOAD(0);
	if (++drift % 50 == 0)		/* a static that nobody resets */
		LOAD(1);
	LOAD(2);
}

/* The same points, but now and then the lock is taken behind their back. */
static void holds(void)
{
	LOAD(1);
	w[0] = drift++ % 2;
	LOAD(1);
	LOAD(1);
	w[0] = 0;
}

static void one_locked(void)
{
	LOCK(0);
	LOAD(1);
	w[0] = 0;
}

static u32 grows;
static void elsewhere(void)
{
	rt_point(RT_SITE(RT_LOAD, "load", "moving"), &w[grows++ % 7]);
	LOAD(2);
}

static void fickle(void)
{
	if (rt_choose(2 + drift++ % 2, "odd"))
		LOAD(0);
}

static void twice_passes_what_is_deterministic(void)
{
	CHECK_EQ(repeat(&everything, NULL, 500), 0);
	CHECK_EQ(repeat(&everything, "pct", 500), 0);
	CHECK_EQ(repeat(&everything, "pct:3", 500), 0);
	CHECK_EQ(repeat(&abba, "dfs:1", 5), 0);
}

static void twice_catches_what_is_not(void)
{
	static const struct bed more = { .nr = 2, .body = { sometimes, one } };
	static const struct bed held = { .nr = 2, .body = { holds, one_locked } };
	static const struct bed moved = { .nr = 2, .body = { elsewhere, one } };
	static const struct bed asked = { .nr = 1, .body = { fickle } };

	drift = grows = 0;
	CHECK_EQ(repeat(&more, NULL, 100), 25);
	CHECK(strstr(strategy_twice.broken(), "step "));
	drift = 0;
	CHECK_EQ(repeat(&more, "pct:3", 100), 25);
	CHECK_EQ(repeat(&moved, NULL, 100), 1);
	CHECK(strstr(strategy_twice.broken(), "at other points"));
	drift = 0;
	CHECK(repeat(&held, NULL, 100) > 0);
	CHECK(strstr(strategy_twice.broken(), "could run at first"));
	drift = 0;
	CHECK_EQ(repeat(&asked, NULL, 100), 1);
	CHECK_STR(strategy_twice.broken(),
		  "choice odd of 3 was not there at first");
}

/* -- the rest ----------------------------------------------------------- */

static void random_picks_alike(void)
{
	static const struct bed b = { .nr = 3,
		.body = { nothing, nothing, nothing } };
	u32 picked[4] = { 0 };

	for (u64 i = 0; i < 9000; i++) {
		bed_run(&b, &strategy_random, i);
		picked[result.trace[0]]++;
	}
	for (int i = 1; i < 4; i++)
		CHECK(picked[i] > 2800 && picked[i] < 3200);
}

static void rare_answers_are_rare(void)
{
	u32 given[4] = { 0 };
	struct prng prng;

	prng_seed(&prng, 1, PRNG_SCHEDULE, 0);
	for (int i = 0; i < 24000; i++)
		given[strategy_rare(4, &prng)]++;
	for (int i = 1; i < 4; i++)
		CHECK(given[i] > 850 && given[i] < 1150);
}

static void arguments_are_checked(void)
{
	static const char *const bad[][2] = {
		{ "random", "foo" }, { "pct", "x" }, { "pct", "0" },
		{ "pct", "" }, { "pct", "3x" }, { "pct", "999" },
		{ "dfs", "-" }, { "dfs", "" }, { "dfs-sleep", "2" },
		{ "replay", "x" },
		{ "twice", "twice" }, { "twice", "none" },
		{ "twice", "pct:x" },
	};
	char err[128];

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct strategy *s = strategy_find(bad[i][0]);

		err[0] = 0;
		CHECK(s);
		CHECK_EQ(s->setup(bad[i][1], err, sizeof(err)), -1);
		CHECK(err[0]);
	}
	CHECK(!strategy_find("nosuch"));
	for (u32 i = 0; strategies[i]; i++)
		CHECK(strategy_find(strategies[i]->name) == strategies[i]);
}

static const struct test tests[] = {
	TEST(dfs_counts_are_multinomial),
	TEST(dfs_goes_on_to_the_next_program),
	TEST(dfs_finds_every_outcome),
	TEST(dfs_bound_is_exact),
	TEST(dfs_tries_every_answer),
	TEST(dfs_notices_nondeterminism),
	TEST(dfs_notices_a_step_without_choice),
	TEST(pct_keeps_its_guarantee),
	TEST(pct_says_what_a_run_is_worth),
	TEST(pct_lowers_spinners),
	TEST(twice_passes_what_is_deterministic),
	TEST(twice_catches_what_is_not),
	TEST(random_picks_alike),
	TEST(rare_answers_are_rare),
	TEST(arguments_are_checked),
	{ NULL, NULL },
};
TEST_MAIN("strategies", tests)
