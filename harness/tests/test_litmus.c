// SPDX-License-Identifier: GPL-2.0
/*
 * litmus: what never fails passes and has seen what it is for; what is planted
 * is found as its class and as no other.
 */
#include "harness/tests/litmus_bed.h"

/* -- what never fails ------------------------------------------------------ */

static void passes(const struct target *t, u32 steps)
{
	u64 seen = journal_count[EV_litmus_seen];

	setup(t, &strategy_random);
	for (u64 i = 0; i < 20000; i++) {
		run(t, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK(!oracle_failure());
		CHECK_EQ(result.steps, steps);
	}
	CHECK(t->must_see[0] == EV_litmus_seen);
	CHECK(journal_count[EV_litmus_seen] > seen);
}

/* Steps: the accesses, and a start and an exit for each task. */
static void what_never_fails_passes_and_is_not_vacuous(void)
{
	passes(&target_litmus_seqflag3, 23 + 2 * 3);
	passes(&target_litmus_seqflag3_small, 10 + 2 * 3);
	passes(&target_litmus_mp, 4 + 2 * 2);
}

/* -- what is planted ------------------------------------------------------- */

/* Failures of 10,000 random executions, each of the class given. */
static u32 hits(const struct target *t, const struct oracle *expect)
{
	u32 nr = 0;

	setup(t, &strategy_random);
	for (u64 i = 0; i < 10000; i++) {
		run(t, &strategy_random, i);
		if (!oracle_failure())
			continue;
		CHECK_STR(oracle_failure()->oracle->name, expect->name);
		nr++;
	}
	return nr;
}

static void what_is_planted_is_found(void)
{
	u32 n;

	n = hits(&target_litmus_counter, &oracle_litmus);
	CHECK(n > 100 && n < 9900);
	n = hits(&target_litmus_d2, &oracle_litmus);
	CHECK(n > 100 && n < 9900);
	n = hits(&target_litmus_d3, &oracle_litmus);
	CHECK(n > 10 && n < 9900);
	n = hits(&target_litmus_abba, &oracle_deadlock);
	CHECK(n > 100 && n < 9900);
	n = hits(&target_litmus_lost_wakeup, &oracle_deadlock);
	CHECK(n > 100 && n < 9900);
}

/* With no preemption at all the planted bugs of depth 2 and 3 hide. */
static u32 bounded(const struct target *t, const char *bound)
{
	char err[128];
	u32 nr = 0;

	setup(t, &strategy_dfs);
	CHECK_EQ(strategy_dfs.setup(bound, err, sizeof(err)), 0);
	for (u64 i = 0;; i++) {
		run(t, &strategy_dfs, i);
		if (result.outcome == RT_EXHAUSTED)
			return nr;
		nr += oracle_failure() != NULL;
	}
}

static void depth_is_as_planted(void)
{
	CHECK_EQ(bounded(&target_litmus_d2, "0"), 0);
	CHECK(bounded(&target_litmus_d2, "1") > 0);
	CHECK_EQ(bounded(&target_litmus_d3, "0"), 0);
	CHECK(bounded(&target_litmus_d3, "2") > 0);
	CHECK_EQ(bounded(&target_litmus_abba, "0"), 0);
	CHECK(bounded(&target_litmus_abba, "1") > 0);
}

static const struct test tests[] = {
	TEST(what_never_fails_passes_and_is_not_vacuous),
	TEST(what_is_planted_is_found),
	TEST(depth_is_as_planted),
	{ NULL, NULL },
};
TEST_MAIN("litmus", tests)
