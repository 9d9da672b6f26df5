// SPDX-License-Identifier: GPL-2.0
/*
 * native_end: how an execution on real threads may end, as rt_isolate() tells
 * it. The parent never has a thread: nothing is run outside a child.
 */
#include <signal.h>

#include "harness/tests/native_bed.h"

static int run_in_child(void *main_fn)
{
	rt_engine_run(&config, (void (*)(void *))main_fn, NULL, &result);
	return 0;
}

/* Run main_fn in a child, which it must end; its result is left in result. */
static void ends_in(void (*main_fn)(void *), enum rt_outcome outcome)
{
	int status;

	CHECK(!rt_isolate(run_in_child, (void *)main_fn, &status, &result));
	CHECK_EQ(result.outcome, outcome);
	CHECK(result.trace == NULL);
}

static void stop_now(void *arg)
{
	shared[0] = 1234;
	rt_stop();
}

static void spin_at_points(void *arg)
{
	for (;;)
		rt_point(RT_SITE(RT_NOTE, "spin", NULL), NULL);
}

static void run_and_stop(void *arg)
{
	nr_bodies = 3;
	bodies[0] = bodies[2] = work_then_wake;
	bodies[1] = stop_now;
	run_bodies(NULL);
}

static void stop_ends_the_child_and_no_more(void)
{
	setup();
	for (int i = 0; i < 5; i++) {
		shared[0] = 0;
		ends_in(run_and_stop, RT_STOPPED);
		CHECK_EQ(result.task, 2);
		CHECK_EQ(shared[0], 1234);
	}
}

static void crash(void *arg)
{
	rt_point(RT_SITE(RT_NOTE, "crash", NULL), NULL);
	*(volatile int *)(size_t)arg = 1;
}

static void run_and_crash(void *arg)
{
	nr_bodies = 2;
	bodies[0] = work_then_wake;
	bodies[1] = crash;
	run_bodies((void *)0x6b6b6b68);
}

static void a_crash_is_an_outcome(void)
{
	setup();
	ends_in(run_and_crash, RT_CRASH);
	if (!native_catches_signals)
		return;		/* a sanitizer printed it and left */
	CHECK_EQ(result.crash_signal, SIGSEGV);
	CHECK_EQ(result.crash_addr, 0x6b6b6b68);
	CHECK_EQ(result.task, 2);
}

/* Each takes its first lock, and only then goes on to the other's. */
static void lock_both(u32 *mine, u32 *theirs)
{
	lock(mine);
	__atomic_fetch_add(&counter, 1, __ATOMIC_ACQ_REL);
	while (get(&counter) != 9)
		rt_relax();
	lock(theirs);
}

static void lock_ab(void *arg)
{
	lock_both(&word, &other);
}

static void lock_ba(void *arg)
{
	lock_both(&other, &word);
}

static void run_abba(void *arg)
{
	nr_bodies = 2;
	bodies[0] = lock_ab;
	bodies[1] = lock_ba;
	run_bodies(NULL);
}

static void a_deadlock_is_an_outcome(void)
{
	struct native_patience patience = native_patience;

	setup();
	/* Found by looking at who sleeps, not by the watchdog. */
	native_patience.hang_polls = UINT_MAX;
	ends_in(run_abba, RT_DEADLOCK);
	native_patience = patience;
	CHECK_EQ(result.task, -1);
	CHECK_EQ(result.nr_blocked, 3);
	CHECK_EQ(result.blocked[0].task, 0);
	CHECK_EQ(result.blocked[1].task, 1);
	CHECK(result.blocked[1].obj == &other);
	CHECK(!result.blocked[1].sleeping);
	CHECK_STR(result.blocked[1].site->verb, "lock");
	CHECK(result.blocked[2].obj == &word);
}

static void hang(void *arg)
{
	for (;;)
		__asm__ volatile("");
}

static void run_and_hang(void *arg)
{
	nr_bodies = 2;
	bodies[0] = work_then_wake;
	bodies[1] = hang;
	run_bodies(NULL);
}

static void a_hang_is_an_outcome(void)
{
	struct native_patience patience = native_patience;

	setup();
	native_patience.poll_ms = 100;
	native_patience.hang_polls = 10;
	ends_in(run_and_hang, RT_DEADLOCK);
	native_patience = patience;
	CHECK_EQ(result.nr_blocked, 2);
	CHECK_EQ(result.blocked[1].task, 2);
}

static void run_and_spin(void *arg)
{
	nr_bodies = 2;
	bodies[0] = work_then_wake;
	bodies[1] = spin_at_points;
	run_bodies(NULL);
}

static void a_livelock_is_an_outcome(void)
{
	setup();
	config.steps_max = 1000;
	ends_in(run_and_spin, RT_STEP_BOUND);
	CHECK_EQ(result.task, 2);
}

static void wait_for_work(void *arg)
{
	wait_while(&word, 0);
}

static void leave_a_daemon(void *arg)
{
	rt_set_daemon(rt_spawn('W', "forgotten", wait_for_work, NULL));
	rt_go();
}

static int three_then_five(void *arg)
{
	for (int i = 0; i < 3; i++) {
		nr_bodies = 2;
		bodies[0] = bodies[1] = count_under_lock;
		rt_engine_run(&config, run_bodies, NULL, &result);
		shared[0]++;
	}
	return 5;
}

static void a_child_returns_its_status(void)
{
	int status;

	setup();
	CHECK(rt_isolate(three_then_five, NULL, &status, &result));
	CHECK_EQ(status, 5);
	CHECK_EQ(shared[0], 3);
}

static void a_forgotten_daemon_is_the_harness(void)
{
	int status;

	setup();
	CHECK(rt_isolate(run_in_child, (void *)leave_a_daemon, &status, &result));
	CHECK_EQ(status, 3);
}

static void remember_name(const struct rt_result *r)
{
	char name[64];

	shared[1] = r->outcome == RT_STOPPED && rt_self() == r->task;
	shared[2] = !strcmp(rt_object_name(&word, name, sizeof(name)), "page#7");
}

static void name_and_stop(void *arg)
{
	rt_name(&word, "word", -1);
	rt_name(&word, "page", 7);
	run_and_stop(NULL);
}

static void a_report_can_be_made_in_the_child(void)
{
	char name[64];

	setup();
	config.detail = true;
	rt_on_end = remember_name;
	ends_in(name_and_stop, RT_STOPPED);
	rt_on_end = NULL;
	CHECK_EQ(shared[1], 1);
	CHECK_EQ(shared[2], 1);
	/* And the names are the parent's, too. */
	CHECK_STR(rt_point_name(RT_SITE(RT_LOCK, "lock", NULL), &word, name,
				sizeof(name)), "lock(page#7)");
	CHECK_STR(rt_point_name(RT_SITE(RT_LOCK, "lock", "m"), &word, name,
				sizeof(name)), "lock(m)");
	CHECK_STR(rt_point_name(RT_SITE(RT_EXIT, "exit", NULL), NULL, name,
				sizeof(name)), "exit");
	CHECK(rt_object_name(&other, name, sizeof(name)) == NULL);
}

static const struct test tests[] = {
	TEST(stop_ends_the_child_and_no_more),
	TEST(a_crash_is_an_outcome),
	TEST(a_deadlock_is_an_outcome),
	TEST(a_hang_is_an_outcome),
	TEST(a_livelock_is_an_outcome),
	TEST(a_child_returns_its_status),
	TEST(a_forgotten_daemon_is_the_harness),
	TEST(a_report_can_be_made_in_the_child),
	{ NULL, NULL },
};
TEST_MAIN("native_end", tests)
