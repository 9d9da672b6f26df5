// SPDX-License-Identifier: GPL-2.0
/*
 * native: what rt.h promises, on real threads. No case depends on who is
 * faster: what must happen is made to happen by handshakes, and how an
 * execution ends is asked of rt_isolate().
 */
#include <limits.h>
#include <signal.h>

#include "harness/rt/native.h"
#include "harness/rt/strategy.h"
#include "harness/tests/test.h"

static struct rt_config config = { .seed = 42 };
static struct rt_result result;

/* What outlives a child. */
static u32 *shared;

/* -- helpers: a lock of one word, tasks from a list ------------------------ */

static void lock(u32 *word)
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

static void unlock(u32 *word)
{
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	rt_wake(word, 1);
}

static void set(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	rt_wake(word, INT_MAX);
}

static void wait_while(u32 *word, u32 value)
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

static void run_bodies(void *arg)
{
	int task[8];

	for (u32 i = 0; i < nr_bodies; i++)
		task[i] = rt_spawn('P', "program", bodies[i], arg);
	rt_go();
	for (u32 i = 0; i < nr_bodies; i++)
		rt_join(task[i]);
}

static void setup(void)
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
static void run(void (*main_fn)(void *), void *arg)
{
	rt_engine_run(&config, main_fn, arg, &result);
	CHECK_EQ(result.outcome, RT_DONE);
}

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

/* -- locks, sleep, wake ---------------------------------------------------- */

static u32 word __machine, other __machine, counter __machine = 7;

static void count_under_lock(void *arg)
{
	for (int i = 0; i < 200; i++) {
		lock(&word);
		counter++;
		unlock(&word);
	}
}

static void a_lock_excludes(void)
{
	setup();
	nr_bodies = 4;
	for (u32 i = 0; i < nr_bodies; i++)
		bodies[i] = count_under_lock;
	for (int i = 0; i < 20; i++) {
		config.execution++;
		run(run_bodies, NULL);
		CHECK_EQ(counter, 807);
		CHECK_EQ(result.nr_tasks, 5);
		CHECK(result.steps >= 800);
	}
}

static void ping(void *arg)
{
	for (u32 i = 0; i < 100; i++) {
		set(&word, 2 * i + 1);
		wait_while(&word, 2 * i + 1);
	}
}

static void pong(void *arg)
{
	for (u32 i = 0; i < 100; i++) {
		wait_while(&word, 2 * i);
		set(&word, 2 * i + 2);
	}
}

static void a_wake_is_not_lost(void)
{
	setup();
	nr_bodies = 2;
	bodies[0] = ping;
	bodies[1] = pong;
	for (int i = 0; i < 20; i++) {
		config.execution++;
		run(run_bodies, NULL);
		CHECK_EQ(word, 200);
	}
}

static void machine_data_is_put_back(void)
{
	setup();
	nr_bodies = 1;
	bodies[0] = count_under_lock;
	run(run_bodies, NULL);
	run(run_bodies, NULL);
	CHECK_EQ(counter, 207);
}

/* -- time ------------------------------------------------------------------ */

#define HOUR (3600ull * 1000000000)

static void sleep_an_hour(void *arg)
{
	u64 start = rt_now();

	if (rt_sleep(start + HOUR, 0) == RT_TIMEOUT && rt_now() >= start + HOUR)
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void wait_an_hour(void *arg)
{
	if (rt_wait(&word, 0, rt_now() + HOUR, 0) == RT_TIMEOUT)
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void idle_time_passes(void)
{
	setup();
	nr_bodies = 3;
	bodies[0] = sleep_an_hour;
	bodies[1] = wait_an_hour;
	bodies[2] = sleep_an_hour;
	run(run_bodies, NULL);
	CHECK_EQ(counter, 10);
}

static void wait_before_noon(void *arg)
{
	/* The wake comes: time must not pass while its maker is awake. */
	if (rt_wait(&word, 0, rt_now() + HOUR, 0) != RT_TIMEOUT)
		counter++;
}

static void work_then_wake(void *arg)
{
	for (int i = 0; i < 1000; i++)
		rt_point(RT_SITE(RT_NOTE, "work", NULL), NULL);
	set(&word, 1);
}

static void work_is_not_idle_time(void)
{
	setup();
	nr_bodies = 2;
	bodies[0] = wait_before_noon;
	bodies[1] = work_then_wake;
	run(run_bodies, NULL);
	CHECK_EQ(counter, 8);
}

static void spin_for_a_second(void *arg)
{
	u64 until = rt_now() + 1000000000;

	while (rt_now() < until)
		rt_relax();
}

static void spinning_lets_time_advance(void)
{
	setup();
	nr_bodies = 1;
	bodies[0] = spin_for_a_second;
	run(run_bodies, NULL);
}

/* -- tasks ----------------------------------------------------------------- */

static void note_order(void *arg)
{
	if (get(&word) == 1)
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void spawn_then_go(void *arg)
{
	int task[4];

	for (int i = 0; i < 4; i++)
		task[i] = rt_spawn(i < 2 ? 'W' : 'P', "task", note_order, NULL);
	set(&word, 1);
	rt_go();
	for (int i = 0; i < 4; i++)
		rt_join(task[i]);
	if (rt_role(task[1]) == 'W' && rt_index(task[1]) == 1 &&
	    rt_role(task[2]) == 'P' && rt_index(task[2]) == 0 &&
	    rt_exited(task[3]) && rt_self() == 0 && !strcmp(rt_title(0), "main"))
		counter += 100;
}

static void nothing_runs_in_boot(void)
{
	setup();
	for (int i = 0; i < 50; i++) {
		config.execution++;
		run(spawn_then_go, NULL);
		CHECK_EQ(counter, 111);
	}
}

static void count_self(void *arg)
{
	rt_set_private(arg);
	if (rt_private(rt_self()) == arg)
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

static void spawn_a_child(void *arg)
{
	int task = rt_spawn('K', "child", count_self, &word);

	rt_join(task);
	if (rt_private(task) == &word)
		__atomic_fetch_add(&counter, 10, __ATOMIC_RELAXED);
}

static void a_task_may_spawn(void)
{
	setup();
	nr_bodies = 2;
	bodies[0] = spawn_a_child;
	bodies[1] = spawn_a_child;
	for (int i = 0; i < 50; i++) {
		config.execution++;
		run(run_bodies, NULL);
		CHECK_EQ(counter, 29);
	}
}

static void wait_to_be_killed(void *arg)
{
	while (rt_wait(&other, 0, RT_FOREVER, RT_KILLABLE) != RT_KILLED)
		;
	counter += rt_killed(rt_self());
	/* The lock is held and stays so. */
	if (rt_point_lock(RT_SITE(RT_LOCK, "lock", NULL), &word, &word, ~0u,
			  RT_KILLABLE) < 0)
		counter++;
}

static void kill_it(void *arg)
{
	int task;

	word = 1;
	task = rt_spawn('P', "victim", wait_to_be_killed, NULL);
	rt_go();
	rt_kill(task);
	rt_join(task);
}

static void a_killed_task_gives_up(void)
{
	setup();
	for (int i = 0; i < 50; i++) {
		config.execution++;
		run(kill_it, NULL);
		CHECK_EQ(counter, 9);
	}
}

/* -- memory ---------------------------------------------------------------- */

static void use_memory(void *arg)
{
	u8 *p = rt_alloc(100), *q = rt_alloc(1);
	u32 sum = 0;

	for (int i = 0; i < 100; i++)
		sum += p[i];
	memset(p, 0xff, 100);
	rt_free(p, 100);
	shared[0] = sum;
	shared[1] = rt_is_freed(p) && rt_is_freed(p + 99) && !rt_is_freed(q);
	shared[2] = rt_arena_offset(p);
	shared[3] = rt_arena_offset(q) >= 112 && (size_t)q % 16 == 0;
	shared[4] = rt_alloc(1ul << 40) == NULL;
	shared[5] = rt_is_freed(&sum);
	rt_go();
}

static void memory_is_new_each_time(void)
{
	setup();
	for (int i = 0; i < 3; i++) {
		run(use_memory, NULL);
		CHECK_EQ(shared[0], 0);
		CHECK_EQ(shared[1], 1);
		CHECK_EQ(shared[2], 0);
		CHECK_EQ(shared[3], 1);
		CHECK_EQ(shared[4], 1);
		CHECK_EQ(shared[5], 0);
	}
}

/* -- how executions end ---------------------------------------------------- */

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

static u64 stack[RT_STACK_MAX];

static __attribute__((noinline)) void inner(void)
{
	shared[0] = rt_stack(stack, RT_STACK_MAX);
}

static __attribute__((noinline)) void take_stack(void *arg)
{
	inner();
	__asm__ volatile("");
}

static void a_stack_ends_at_the_task(void)
{
	setup();
	nr_bodies = 1;
	bodies[0] = take_stack;
	run(run_bodies, NULL);
	CHECK_EQ(shared[0], 0);
	config.detail = true;
	run(run_bodies, NULL);
	/* inner, take_stack, and the function that called it. */
	CHECK_EQ(shared[0], 3);
	CHECK(stack[0] > (u64)(size_t)inner);
	CHECK(stack[1] > (u64)(size_t)take_stack);
}

/* -- the plan -------------------------------------------------------------- */

static void the_plan_is_a_function_of_the_seed(void)
{
	struct delay a, b;
	u32 delays = 0, never = 0, yields = 0;

	for (u64 e = 0; e < 100; e++) {
		u32 any = 0;

		delay_begin(&a, 1, e, 3);
		delay_begin(&b, 1, e, 3);
		CHECK_EQ(delay_start(&a), delay_start(&b));
		for (int i = 0; i < 1000; i++) {
			u32 x = delay_next(&a);

			CHECK_EQ(x, delay_next(&b));
			CHECK(x == DELAY_YIELD || x <= 1u << DELAY_SHIFT_MAX);
			any += x != 0;
			yields += x == DELAY_YIELD;
		}
		delays += any;
		never += !any;
	}
	/* Some executions run free, most delay, and yields are seldom. */
	CHECK(never > 2 && never < 50);
	CHECK(delays > 1000 && delays < 50000);
	CHECK(yields > 0 && yields < delays / 16);
}

static void tasks_and_executions_have_their_own_plan(void)
{
	struct delay a, b, c;
	u32 same_task = 0, same_execution = 0;

	delay_begin(&a, 1, 7, 1);
	delay_begin(&b, 1, 7, 2);
	delay_begin(&c, 1, 8, 1);
	CHECK_EQ(a.mask, b.mask);
	for (int i = 0; i < 100; i++) {
		u64 x = prng_u64(&a.prng);

		same_task += x == prng_u64(&b.prng);
		same_execution += x == prng_u64(&c.prng);
	}
	CHECK_EQ(same_task, 0);
	CHECK_EQ(same_execution, 0);
}

static void choose(void *arg)
{
	u32 sum = 0, odd = 0;

	rt_go();
	for (u32 i = 0; i < 1000; i++) {
		u32 x = rt_choose(2, "kmalloc");

		odd += x;
		sum += x * i;
	}
	shared[0] = sum;
	shared[1] = odd;
	shared[2] = rt_choose(1, "nothing");
}

static void choices_follow_the_seed(void)
{
	u32 sum;

	setup();
	run(choose, NULL);
	sum = shared[0];
	CHECK(shared[1] > 20 && shared[1] < 150);
	CHECK_EQ(shared[2], 0);
	run(choose, NULL);
	CHECK_EQ(shared[0], sum);
	config.execution++;
	run(choose, NULL);
	CHECK(shared[0] != sum);
}

static void there_is_no_schedule(void)
{
	static struct schedule s = { .nr = 9 };
	struct rt_step_info info;

	setup();
	rt_export_schedule(&s, true);
	CHECK_EQ(s.nr, 0);
	CHECK(!rt_step_info(1, &info));
	CHECK(strategies[0] == NULL);
	CHECK(strategy_find("random") == NULL);
	CHECK(!rt_deterministic);
}

static const struct test tests[] = {
	/* First those with children: the parent has no threads yet. */
	TEST(stop_ends_the_child_and_no_more),
	TEST(a_crash_is_an_outcome),
	TEST(a_deadlock_is_an_outcome),
	TEST(a_hang_is_an_outcome),
	TEST(a_livelock_is_an_outcome),
	TEST(a_child_returns_its_status),
	TEST(a_forgotten_daemon_is_the_harness),
	TEST(a_report_can_be_made_in_the_child),
	TEST(a_lock_excludes),
	TEST(a_wake_is_not_lost),
	TEST(machine_data_is_put_back),
	TEST(idle_time_passes),
	TEST(work_is_not_idle_time),
	TEST(spinning_lets_time_advance),
	TEST(nothing_runs_in_boot),
	TEST(a_task_may_spawn),
	TEST(a_killed_task_gives_up),
	TEST(memory_is_new_each_time),
	TEST(a_stack_ends_at_the_task),
	TEST(the_plan_is_a_function_of_the_seed),
	TEST(tasks_and_executions_have_their_own_plan),
	TEST(choices_follow_the_seed),
	TEST(there_is_no_schedule),
	{ NULL, NULL },
};
TEST_MAIN("native", tests)
