// SPDX-License-Identifier: GPL-2.0
/*
 * schedule: an execution comes back from its trace, from its steps and from
 * its names; and a replay that cannot follow says so.
 */
#include "harness/tests/sim_everything.h"

static struct schedule schedule;
static struct bed_copy first;

static void follow(const struct bed *b, const struct rt_config *how)
{
	struct rt_config c = *how;

	c.strategy = &strategy_replay;
	bed_config(b, &c);
	bed_same(&first);
	CHECK(!result.diverged[0]);
}

static void detail_changes_nothing(void)
{
	struct rt_config c = { .strategy = &strategy_random, .seed = 42 };

	for (u64 i = 0; i < 500; i++) {
		c.execution = i;
		c.detail = false;
		bed_config(&everything, &c);
		bed_save(&first);
		c.detail = true;
		bed_config(&everything, &c);
		bed_same(&first);
	}
}

static void a_trace_is_followed(void)
{
	for (u64 i = 0; i < 2000; i++) {
		bed_run(&everything, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		bed_save(&first);
		follow(&everything, &(struct rt_config){
			.trace = first.trace, .trace_len = first.len });
	}
}

static void a_schedule_of_steps_is_followed(void)
{
	for (u64 i = 0; i < 2000; i++) {
		bed_run(&everything, &strategy_random, i);
		bed_save(&first);
		rt_export_schedule(&schedule, false);
		CHECK(!schedule.cut);
		follow(&everything, &(struct rt_config){
			.schedule = &schedule });
	}
}

static void round_trip(const struct bed *b, const struct strategy *s, u32 n)
{
	struct rt_config c = { .strategy = s, .seed = 42, .detail = true };

	for (c.execution = 0; c.execution < n; c.execution++) {
		bed_config(b, &c);
		bed_save(&first);
		rt_export_schedule(&schedule, true);
		follow(b, &(struct rt_config){ .schedule = &schedule });
	}
}

static void a_schedule_of_names_is_followed(void)
{
	bed_setup(&strategy_pct, NULL);
	round_trip(&everything, &strategy_random, 2000);
	round_trip(&everything, &strategy_pct, 1000);
}

/* -- what a schedule looks like ----------------------------------------- */

static void segment(u32 i, int kind, int index, u32 count, const char *name)
{
	const struct segment *g = &schedule.seg[i];

	CHECK(i < schedule.nr);
	CHECK_EQ(g->kind, kind);
	CHECK_EQ(g->role, kind == SEGMENT_CHOOSE ? 0 : 'P');
	CHECK_EQ(g->index, index);
	CHECK_EQ(g->count, count);
	CHECK_STR(g->name, name);
}

static void set(u32 i, int kind, int index, u32 count, const char *name)
{
	struct segment *g = &schedule.seg[i];

	schedule.nr = i + 1;
	g->kind = (u8)kind;
	g->role = kind == SEGMENT_CHOOSE ? 0 : 'P';
	g->index = (u8)index;
	g->count = count;
	strcpy(g->name, name);
}

static void run_schedule(const struct bed *b, bool lenient)
{
	struct rt_config c = { .strategy = &strategy_replay, .detail = true,
		.schedule = &schedule, .lenient = lenient };

	bed_config(b, &c);
}

static void a_deadlock_is_two_segments(void)
{
	set(0, SEGMENT_UNTIL, 0, 1, "lock(w[1])");
	set(1, SEGMENT_BLOCK, 1, 0, "");
	run_schedule(&abba, false);
	CHECK_EQ(result.outcome, RT_DEADLOCK);
	bed_save(&first);

	/* The second follows from the first by itself: see schedule.h. */
	rt_export_schedule(&schedule, true);
	CHECK_EQ(schedule.nr, 2);
	segment(0, SEGMENT_UNTIL, 0, 1, "lock(w[1])");
	segment(1, SEGMENT_BLOCK, 1, 0, "");
	follow(&abba, &(struct rt_config){ .schedule = &schedule });
	rt_export_schedule(&schedule, false);
	segment(0, SEGMENT_STEPS, 0, 2, "");
	segment(1, SEGMENT_STEPS, 1, 2, "");
	follow(&abba, &(struct rt_config){ .schedule = &schedule });
}

static void the_default_is_not_written(void)
{
	schedule.nr = 0;
	run_schedule(&abba, false);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(result.preemptions, 0);
	rt_export_schedule(&schedule, true);
	CHECK_EQ(schedule.nr, 0);
}

static void three_loads(void)
{
	LOAD(0);
	LOAD(0);
	LOAD(0);
	LOAD(1);
}

static void names_are_counted(void)
{
	static const struct bed b = { .nr = 2,
		.body = { three_loads, three_loads } };

	set(0, SEGMENT_UNTIL, 1, 3, "load(w[0])");
	set(1, SEGMENT_EXIT, 0, 0, "");
	run_schedule(&b, false);
	CHECK_EQ(result.outcome, RT_DONE);
	/* start, load, load; all of P0; the rest of P1 */
	CHECK_EQ(result.trace_len, 12);
	CHECK(!memcmp(result.trace, "\2\2\2\1\1\1\1\1\1\2\2\2", 12));
	rt_export_schedule(&schedule, true);
	CHECK_EQ(schedule.nr, 2);
	segment(0, SEGMENT_UNTIL, 1, 3, "load(w[0])");
	segment(1, SEGMENT_EXIT, 0, 0, "");
}

static void choices_are_answered_by_name(void)
{
	set(0, SEGMENT_CHOOSE, 0, 0, "kmalloc");
	set(1, SEGMENT_CHOOSE, 0, 3, "kmalloc");
	run_schedule(&asking, false);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(answer[0], 0);
	CHECK_EQ(answer[1], 0);
	CHECK_EQ(answer[2], 3);
	CHECK_EQ(answer[3], 0);
	rt_export_schedule(&schedule, false);
	CHECK_EQ(schedule.nr, 3);
	segment(0, SEGMENT_STEPS, 0, 2, "");
	segment(1, SEGMENT_CHOOSE, 0, 0, "trylock");
	segment(2, SEGMENT_CHOOSE, 0, 3, "kmalloc");
	run_schedule(&asking, false);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(answer[2], 3);

	set(0, SEGMENT_CHOOSE, 0, 2, "any");
	run_schedule(&asking, false);
	CHECK_EQ(answer[0], 2);
}

/* -- lost --------------------------------------------------------------- */

static void lost(const struct bed *b, const char *why)
{
	run_schedule(b, false);
	CHECK_EQ(result.outcome, RT_DIVERGED);
	CHECK_STR(result.diverged, why);
	CHECK_STR(strategy_replay_lost(), why);
	run_schedule(b, true);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK(!strategy_replay_lost());
}

static void a_replay_says_where_it_is_lost(void)
{
	set(0, SEGMENT_STEPS, 7, 1, "");
	lost(&abba, "segment 1 (P7 1 steps): there is no such task");

	set(0, SEGMENT_UNTIL, 0, 2, "lock(w[1])");
	lost(&abba, "segment 1 (P0 until lock(w[1]) #2): the task exited, after 6 steps of it");

	set(0, SEGMENT_UNTIL, 0, 1, "unlock(w[0])");
	set(1, SEGMENT_EXIT, 1, 0, "");
	lost(&abba, "segment 2 (P1 until exit): the task cannot run, it stands before lock(w[0]), after 2 steps of it");

	set(0, SEGMENT_EXIT, 0, 0, "");
	set(1, SEGMENT_STEPS, 1, 7, "");
	set(2, SEGMENT_EXIT, 0, 0, "");
	lost(&abba, "the execution ended in segment 2 of 3 (P1 7 steps)");

	set(0, SEGMENT_EXIT, 0, 0, "");
	set(1, SEGMENT_EXIT, 1, 0, "");
	set(2, SEGMENT_STEPS, 0, 1, "");
	lost(&abba, "the execution ended in segment 3 of 3 (P0 1 steps)");

	set(0, SEGMENT_CHOOSE, 0, 1, "kfree");
	lost(&asking, "segment 1 of 1 (choose kfree 1) was never asked for");

	set(0, SEGMENT_CHOOSE, 0, 9, "kmalloc");
	lost(&asking, "segment 1 (choose kmalloc 9): there are only 4 answers");
}

static void a_failure_in_the_last_segment_is_the_one(void)
{
	set(0, SEGMENT_UNTIL, 0, 1, "lock(w[1])");
	set(1, SEGMENT_UNTIL, 1, 1, "unlock(w[0])");
	run_schedule(&abba, false);
	CHECK_EQ(result.outcome, RT_DEADLOCK);
	CHECK(!result.diverged[0]);

	/* Earlier, it is still a failure, and the replay says where. */
	set(2, SEGMENT_EXIT, 0, 0, "");
	run_schedule(&abba, false);
	CHECK_EQ(result.outcome, RT_DEADLOCK);
	CHECK_STR(result.diverged,
		  "the execution ended in segment 2 of 3 (P1 until unlock(w[0]))");
}

static void another_trace_is_lost(void)
{
	static const u8 wrong[] = { 1, 1, 1, 1, 1, 1, 1 };
	struct rt_config c = { .strategy = &strategy_replay, .trace = wrong,
		.trace_len = sizeof(wrong) };

	bed_config(&abba, &c);
	CHECK_EQ(result.outcome, RT_DIVERGED);
	CHECK_STR(result.diverged, "decision 7 of 7 cannot be made");
}

/* -- relax -------------------------------------------------------------- */

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

/* A spinner cannot go on by itself, and can once another took a step. */
static void relax_lasts_one_step(void)
{
	static const struct bed b = { .nr = 2, .body = { spins, works } };

	set(0, SEGMENT_STEPS, 0, 2, "");
	set(1, SEGMENT_STEPS, 1, 1, "");
	set(2, SEGMENT_STEPS, 0, 2, "");
	set(3, SEGMENT_STEPS, 1, 1, "");
	run_schedule(&b, false);
	CHECK_EQ(result.outcome, RT_DONE);
	set(0, SEGMENT_STEPS, 0, 3, "");
	run_schedule(&b, false);
	CHECK_EQ(result.outcome, RT_DIVERGED);
}

static const struct test tests[] = {
	TEST(detail_changes_nothing),
	TEST(a_trace_is_followed),
	TEST(a_schedule_of_steps_is_followed),
	TEST(a_schedule_of_names_is_followed),
	TEST(a_deadlock_is_two_segments),
	TEST(the_default_is_not_written),
	TEST(names_are_counted),
	TEST(choices_are_answered_by_name),
	TEST(a_replay_says_where_it_is_lost),
	TEST(a_failure_in_the_last_segment_is_the_one),
	TEST(another_trace_is_lost),
	TEST(relax_lasts_one_step),
	{ NULL, NULL },
};
TEST_MAIN("schedule", tests)
