// SPDX-License-Identifier: GPL-2.0
/*
 * sleep: waiting and waking, virtual time, spinning and kill, as rt.h says.
 */
#include "harness/tests/sim_bed.h"

#define RANDOM (&strategy_random)

/* -- waiting ------------------------------------------------------------ */

static void wait_flag(void)
{
	POINT(RT_WAIT, "wait", 0);
	while (!w[0])
		rt_wait(&w[1], w[1], RT_FOREVER, 0);
}

/* The planted bug: the test and the sleep have a window in between. */
static void wait_flag_late(void)
{
	if (!LOAD(0)) {
		POINT(RT_WAIT, "wait", 1);
		rt_wait(&w[1], w[1], RT_FOREVER, 0);
	}
}

static void set_flag(void)
{
	STORE(0, 1);
	POINT(RT_WAKE, "wake", 1);
	rt_wake(&w[1], 1);
}

static u32 count(const struct bed *b, enum rt_outcome outcome, u32 n)
{
	u32 hits = 0;

	for (u64 i = 0; i < n; i++) {
		bed_run(b, RANDOM, i);
		hits += result.outcome == outcome;
	}
	return hits;
}

static void a_lost_wakeup_is_a_deadlock(void)
{
	static const struct bed good = { .nr = 2,
		.body = { wait_flag, set_flag } };
	static const struct bed bad = { .nr = 2,
		.body = { wait_flag_late, set_flag } };

	CHECK_EQ(count(&good, RT_DONE, 1000), 1000);
	CHECK(count(&bad, RT_DEADLOCK, 1000) > 50);
	CHECK(count(&bad, RT_DONE, 1000) > 50);
}

static u32 order;
static void sleeper(void)
{
	rt_wait(&w[2], 0, RT_FOREVER, 0);
	order = order * 10 + (u32)rt_self();
	w[3]++;
}

static void wake_one_by_one(void)
{
	while (LOAD(3) < 3) {
		POINT(RT_WAKE, "wake", 2);
		CHECK(rt_wake(&w[2], 1) <= 1);
		rt_relax();
	}
	CHECK_EQ(rt_wake(&w[2], 9), 0);
}

static void the_longest_asleep_wakes_first(void)
{
	static const struct bed b = { .nr = 4,
		.body = { sleeper, sleeper, sleeper, wake_one_by_one } };

	for (u64 i = 0; i < 200; i++) {
		order = 0;
		bed_run(&b, &strategy_replay, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(order, 123);
	}
}

static void changed(void)
{
	CHECK_EQ(rt_wait(&w[0], 1, RT_FOREVER, 0), RT_CHANGED);
	CHECK_EQ(rt_wait(&w[0], 0, 0, 0), RT_TIMEOUT);
}

static void wait_tells_why(void)
{
	static const struct bed b = { .nr = 1, .body = { changed } };

	bed_run(&b, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DONE);
}

static int daemon_task;
static void serve(void *arg)
{
	rt_wait(&w[7], 0, RT_FOREVER, 0);
}

static void park_daemon(void)
{
	daemon_task = rt_spawn('W', "kworker", serve, NULL);
	rt_set_daemon(daemon_task);
}

static void wait_for_nobody(void)
{
	rt_wait(&w[6], 0, RT_FOREVER, 0);
}

static void a_parked_daemon_is_not_stuck(void)
{
	static const struct bed good = { .boot = park_daemon, .nr = 1,
		.body = { set_flag } };
	static const struct bed bad = { .boot = park_daemon, .nr = 1,
		.body = { wait_for_nobody } };

	bed_run(&good, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DONE);
	bed_run(&bad, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DEADLOCK);
	CHECK_EQ(result.nr_blocked, 2);		/* M0 and P0, not W0 */
	CHECK_EQ(result.blocked[1].task, task[0]);
	CHECK(result.blocked[1].sleeping);
	CHECK_EQ(rt_role(daemon_task), 'W');
	CHECK_STR(rt_title(daemon_task), "kworker");
}

/* -- time --------------------------------------------------------------- */

static void time_out(void)
{
	CHECK_EQ(rt_wait(&w[0], 0, 5000, 0), RT_TIMEOUT);
	CHECK_EQ(rt_now(), 5000);
	CHECK_EQ(rt_sleep(7000, 0), RT_TIMEOUT);
	INC(1);
	CHECK_EQ(w[1], 2);
}

static void time_out_between(void)
{
	CHECK_EQ(rt_sleep(6000, 0), RT_TIMEOUT);
	CHECK_EQ(rt_now(), 6000);
	INC(1);
	CHECK_EQ(w[1], 1);
}

static void time_jumps_to_the_next_deadline(void)
{
	static const struct bed b = { .nr = 2,
		.body = { time_out, time_out_between } };

	CHECK_EQ(count(&b, RT_DONE, 100), 100);
}

static void spin_until_late(void)
{
	u64 end = rt_now() + 10 * RT_SPIN_NS;

	while (rt_now() < end)
		POINT(RT_LOAD, "load", 0);
}

static void reading_the_time_in_a_loop_moves_it(void)
{
	static const struct bed b = { .nr = 1, .body = { spin_until_late } };
	static const struct bed two = { .nr = 2,
		.body = { spin_until_late, spin_until_late } };

	bed_run(&b, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK(result.steps < 20);
	CHECK_EQ(count(&two, RT_DONE, 100), 100);
}

static void spin(void)
{
	while (!LOAD(0))
		rt_relax();
}

static void set_later(void)
{
	rt_sleep(1000000, 0);
	STORE(0, 1);
}

static void spinners_let_a_timer_fire(void)
{
	static const struct bed one = { .nr = 2, .body = { spin, set_later } };
	static const struct bed three = { .nr = 4,
		.body = { spin, spin, set_later, spin } };

	CHECK_EQ(count(&one, RT_DONE, 100), 100);
	CHECK_EQ(count(&three, RT_DONE, 100), 100);
}

static void set_now(void)
{
	for (int i = 0; i < 20; i++)
		INC(1);
	STORE(0, 1);
}

/* Always the lowest number that can run: the spinner, but for rt_relax(). */
static void relax_lets_others_run(void)
{
	static const struct bed b = { .nr = 2, .body = { spin, set_now } };

	bed_run(&b, &strategy_replay, 0);
	CHECK_EQ(result.outcome, RT_DONE);
}

/* The two lowest keep each other going; the third is what they wait for. */
static void two_spinners_let_a_third_run(void)
{
	static const struct bed b = { .nr = 3,
		.body = { spin, spin, set_now } };

	bed_run(&b, &strategy_replay, 0);
	CHECK_EQ(result.outcome, RT_DONE);
}

static void a_livelock_meets_the_step_bound(void)
{
	static const struct bed b = { .nr = 2, .body = { spin, spin } };
	struct rt_config c = { .strategy = RANDOM, .steps_max = 500 };

	bed_config(&b, &c);
	CHECK_EQ(result.outcome, RT_STEP_BOUND);
	CHECK_EQ(result.steps, 500);
	CHECK_EQ(result.trace_len, 500);
}

/* -- kill --------------------------------------------------------------- */

static int how[3];

static void killable_sleeper(void)
{
	how[0] = (int)rt_wait(&w[6], 0, RT_FOREVER, RT_KILLABLE);
	CHECK(rt_killed(rt_self()));
	CHECK_EQ(rt_sleep(RT_FOREVER, RT_KILLABLE), RT_KILLED);
}

static void killable_waiter(void)
{
	how[1] = rt_point_lock(RT_SITE(RT_LOCK, "lock", "w[5]"), &w[5], &w[5],
			       ~0u, RT_KILLABLE);
}

static void stubborn_waiter(void)
{
	how[2] = rt_point_lock(RT_SITE(RT_LOCK, "lock", "w[5]"), &w[5], &w[5],
			       ~0u, 0);
}

static void kill_them(void)
{
	for (int i = 0; i < 3; i++) {
		INC(1);
		rt_kill(task[i]);
	}
	rt_join(task[0]);
	rt_join(task[1]);
	STORE(5, 0);
}

static void hold(void)
{
	w[5] = 1;
}

static void kill_ends_killable_waits_only(void)
{
	static const struct bed b = { .boot = hold, .nr = 4,
		.body = { killable_sleeper, killable_waiter, stubborn_waiter,
			  kill_them } };

	for (u64 i = 0; i < 200; i++) {
		memset(how, 0, sizeof(how));
		bed_run(&b, RANDOM, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(how[0], RT_KILLED);
		CHECK_EQ(how[1], -1);
		CHECK_EQ(how[2], 0);
	}
}

static const struct test tests[] = {
	TEST(a_lost_wakeup_is_a_deadlock),
	TEST(the_longest_asleep_wakes_first),
	TEST(wait_tells_why),
	TEST(a_parked_daemon_is_not_stuck),
	TEST(time_jumps_to_the_next_deadline),
	TEST(reading_the_time_in_a_loop_moves_it),
	TEST(spinners_let_a_timer_fire),
	TEST(relax_lets_others_run),
	TEST(two_spinners_let_a_third_run),
	TEST(a_livelock_meets_the_step_bound),
	TEST(kill_ends_killable_waits_only),
	{ NULL, NULL },
};
TEST_MAIN("sleep", tests)
