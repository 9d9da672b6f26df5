// SPDX-License-Identifier: GPL-2.0
/*
 * native: what rt.h promises, on real threads.
 */
#include "harness/rt/strategy.h"
#include "harness/tests/native_bed.h"

/* -- locks, sleep, wake ---------------------------------------------------- */

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

static void wait_for_a_count(void *arg)
{
	while (get(&counter) == 7)
		rt_wait(&word, get(&word), RT_FOREVER, 0);
}

/* Time has passed only if the other is asleep: the word changes under it. */
static void change_and_sleep(void *arg)
{
	rt_sleep(rt_now() + 1000000000, 0);
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	rt_sleep(rt_now() + 1000000000, 0);
	__atomic_store_n(&counter, 8, __ATOMIC_RELEASE);
	set(&word, 2);
}

static void idle_time_passes_over_a_changed_word(void)
{
	setup();
	nr_bodies = 2;
	bodies[0] = wait_for_a_count;
	bodies[1] = change_and_sleep;
	run(run_bodies, NULL);
}

static void wait_before_noon(void *arg)
{
	/* The wake comes: time must not pass while its maker is awake. */
	if (rt_wait(&word, 0, rt_now() + HOUR, 0) != RT_TIMEOUT)
		counter++;
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
	if (rt_private(rt_self()) == arg && rt_own_private() == arg)
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

/* -- detail ---------------------------------------------------------------- */

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
	TEST(a_lock_excludes),
	TEST(a_wake_is_not_lost),
	TEST(machine_data_is_put_back),
	TEST(idle_time_passes),
	TEST(idle_time_passes_over_a_changed_word),
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
