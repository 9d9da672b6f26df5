// SPDX-License-Identifier: GPL-2.0
/*
 * litmus_count: seqflag3-small, exhausted, is what its comment says, to the
 * number. Too long for a sanitizer's build, and nothing there is new to one.
 */
#include "harness/tests/litmus_bed.h"

/* 16! / (6! 6! 4!): 4, 4 and 2 accesses, and a start and an exit each. */
#define SCHEDULES	1681680
#define ACCESSES	10
#define ORDERS_MAX	59049		/* 3^10 */

static const u8 nr_accesses[] = { 4, 4, 2 };

/* Who made each access, from the trace: its first and last steps are none. */
static u32 order_of_accesses(u8 order[ACCESSES])
{
	u32 steps[3] = { 0 }, nr = 0;

	for (u32 i = 0; i < result.trace_len; i++) {
		u32 p = result.trace[i] - 1u;

		if (p > 2)
			continue;	/* M0 */
		steps[p]++;
		if (steps[p] < 2 || steps[p] > nr_accesses[p] + 1u)
			continue;
		if (nr < ACCESSES)
			order[nr] = (u8)p;
		nr++;
	}
	return nr;
}

/*
 * Two orders are one trace if every read has the same writes before it. P0
 * writes seq, a, b, seq; P1 reads seq, a, b, seq; P2 reads a, b.
 */
static u32 trace_of_order(const u8 order[ACCESSES])
{
	static const u8 word[3][4] = { { 0, 1, 2, 0 }, { 0, 1, 2, 0 }, { 1, 2 } };
	u32 written[3] = { 0 }, at[3] = { 0 }, before[3][4] = { { 0 } };
	u32 code = 0;

	for (u32 i = 0; i < ACCESSES; i++) {
		u32 p = order[i], nth = at[p]++, v = word[p][nth];

		if (p == 0)
			written[v]++;
		else
			before[p][nth] = written[v];
	}
	for (u32 p = 1; p < 3; p++)
		for (u32 i = 0; i < 4; i++)
			code = code * 3 + before[p][i];
	return code;
}

static void small_is_3150_interleavings_and_72_traces(void)
{
	static u8 order_seen[ORDERS_MAX], trace_seen[ORDERS_MAX];
	const struct target *t = &target_litmus_seqflag3_small;
	u32 schedules = 0, orders = 0, traces = 0;

	setup(t, &strategy_dfs);
	for (;;) {
		u8 order[ACCESSES];
		u32 code = 0, trace;

		run(t, &strategy_dfs, schedules);
		if (result.outcome == RT_EXHAUSTED)
			break;
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK(!oracle_failure());
		schedules++;
		CHECK_EQ(order_of_accesses(order), ACCESSES);
		for (u32 i = 0; i < ACCESSES; i++)
			code = code * 3 + order[i];
		orders += !order_seen[code];
		order_seen[code] = 1;
		trace = trace_of_order(order);
		traces += !trace_seen[trace];
		trace_seen[trace] = 1;
	}
	CHECK_EQ(orders, 3150);
	CHECK_EQ(traces, 72);
	CHECK_EQ(schedules, SCHEDULES);
}

static const struct test tests[] = {
	TEST(small_is_3150_interleavings_and_72_traces),
	{ NULL, NULL },
};
TEST_MAIN("litmus_count", tests)
