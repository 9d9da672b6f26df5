// SPDX-License-Identifier: GPL-2.0
/*
 * sim: the runtime does what rt.h and engine.h say: reset, locks, tasks,
 * endings, detail. Waiting and time: test_sleep.c; schedules: test_schedule.c.
 */
#include <signal.h>
#include <sys/resource.h>

#include "harness/sanitize.h"
#include "harness/tests/sim_bed.h"

#define RANDOM (&strategy_random)

/* -- reset -------------------------------------------------------------- */

static u32 dirty, offset;
static __machine int machine_word = 5;

static void scribble(void)
{
	u8 *p = rt_alloc(1000);

	for (int i = 0; i < 1000; i++) {
		dirty += p[i] != 0;
		p[i] = 0xff;
	}
	dirty += (size_t)p % 16 != 0;
	dirty += rt_is_freed(p) || machine_word != 5;
	offset = rt_arena_offset(p);
	rt_free(p, 1000);
	dirty += !rt_is_freed(p) || !rt_is_freed(p + 999);
	machine_word = 7;
}

static const struct bed scribbles = { .nr = 2, .body = { scribble, scribble } };

static void arena_and_statics_are_new_each_time(void)
{
	u32 first = 0;

	dirty = 0;
	for (u32 i = 0; i < 100; i++) {
		bed_run(&scribbles, &strategy_replay, 0);
		CHECK_EQ(result.outcome, RT_DONE);
		/* The second task found the 7 of the first, and only that. */
		CHECK_EQ(dirty, i + 1);
		if (!i)
			first = offset;
		CHECK_EQ(offset, first);
	}
}

static void fill(void)
{
	u32 n = 0;

	while (rt_alloc(1 << 20))
		n++;
	CHECK(n > 32 && n < 1000);
	CHECK(!rt_alloc(~(size_t)0 - 8));
	CHECK(rt_alloc(16));
}

static void a_full_arena_says_null(void)
{
	static const struct bed b = { .boot = fill };

	bed_run(&b, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DONE);
}

static void busy(void)
{
	for (int i = 0; i < 4; i++) {
		rt_free(rt_alloc(64), 64);
		LOCK(0);
		INC(1);
		UNLOCK(0);
	}
}

static void memory_is_flat(void)
{
	static const struct bed b = { .nr = 3, .body = { busy, busy, busy } };
	struct rusage before, after;

	for (int i = 0; i < 100000; i++) {
		bed_run(&b, RANDOM, (u64)i);
		if (i == 1000)
			getrusage(RUSAGE_SELF, &before);
	}
	getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_maxrss - before.ru_maxrss < 256);
}

/* -- locks and deadlock ------------------------------------------------- */

static u32 inside, worst;

static void critical(void)
{
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(LOCK(0), 0);
		inside++;
		if (inside > worst)
			worst = inside;
		INC(1);
		inside--;
		UNLOCK(0);
	}
}

static void a_lock_is_held_by_one(void)
{
	static const struct bed b = { .nr = 3,
		.body = { critical, critical, critical } };

	worst = inside = 0;
	for (u64 i = 0; i < 1000; i++) {
		bed_run(&b, RANDOM, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(w[1], 9);
	}
	CHECK_EQ(worst, 1);
}

static void ab(void)
{
	LOCK(0);
	LOCK(1);
	UNLOCK(1);
	UNLOCK(0);
}

static void ba(void)
{
	LOCK(1);
	LOCK(0);
	UNLOCK(0);
	UNLOCK(1);
}

static const struct bed abba = { .nr = 2, .body = { ab, ba } };

static void abba_deadlocks_sometimes(void)
{
	u32 deadlocks = 0;

	for (u64 i = 0; i < 1000; i++) {
		bed_run(&abba, RANDOM, i);
		if (result.outcome != RT_DEADLOCK) {
			CHECK_EQ(result.outcome, RT_DONE);
			continue;
		}
		deadlocks++;
		CHECK_EQ(result.nr_blocked, 3);		/* and M0's join */
		CHECK_STR(result.blocked[0].site->verb, "join");
		CHECK_EQ(result.blocked[1].task, task[0]);
		CHECK_STR(result.blocked[1].site->arg, "w[1]");
		CHECK(result.blocked[1].obj == &w[1]);
		CHECK(!result.blocked[1].sleeping);
		CHECK_STR(result.blocked[2].site->arg, "w[0]");
		CHECK_EQ(result.task, -1);
	}
	CHECK(deadlocks > 100 && deadlocks < 900);
}

static void twice_the_same_lock(void)
{
	rt_point_lock(RT_SITE(RT_LOCK, "lock", "w[0]"), &w[0], &w[0], ~0u, 0);
	w[0] = 1;
	rt_point_lock(RT_SITE(RT_LOCK, "lock", "w[0]"), &w[0], &w[0], ~0u, 0);
}

static void a_deadlock_in_boot_is_one(void)
{
	static const struct bed b = { .boot = twice_the_same_lock };

	bed_run(&b, RANDOM, 0);
	CHECK_EQ(result.outcome, RT_DEADLOCK);
	CHECK_EQ(result.nr_blocked, 1);
	CHECK_EQ(result.steps, 0);
}

/* -- tasks -------------------------------------------------------------- */

static void child(void *arg)
{
	CHECK(rt_private(rt_self()) == NULL && rt_own_private() == NULL);
	rt_set_private(arg);
	INC(0);
}

static void parent(void)
{
	int a = rt_spawn('G', "gpu", child, &w[1]);
	int b = rt_spawn('G', "gpu", child, &w[2]);

	CHECK_EQ(rt_index(a), 0);
	CHECK_EQ(rt_index(b), 1);
	rt_join(b);
	rt_join(a);
	CHECK(rt_exited(a) && rt_exited(b) && !rt_exited(rt_self()));
	CHECK(rt_private(a) == &w[1]);
	CHECK_EQ(LOAD(0), 2);
	rt_join(a);
	while (rt_spawn('G', "gpu", child, NULL) >= 0)
		;
}

static void tasks_spawn_and_join_tasks(void)
{
	static const struct bed b = { .nr = 1, .body = { parent } };

	for (u64 i = 0; i < 100; i++) {
		bed_run(&b, RANDOM, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(result.nr_tasks, RT_TASKS_MAX);
		CHECK_EQ(events[EV_task_exit] <= events[EV_task_start], 1);
	}
}

/* -- endings ------------------------------------------------------------ */

static void set_now(void)
{
	for (int i = 0; i < 20; i++)
		INC(1);
	STORE(0, 1);
}

static void stop_here(void)
{
	INC(0);
	rt_stop();
}

static void stop_abandons_everybody(void)
{
	static const struct bed b = { .nr = 2,
		.body = { stop_here, set_now } };

	for (u64 i = 0; i < 100; i++) {
		bed_run(&b, RANDOM, i);
		CHECK_EQ(result.outcome, RT_STOPPED);
		CHECK_EQ(result.task, task[0]);
	}
}

static u32 *freed_word;
static void free_it(void)
{
	POINT(RT_STORE, "free", 0);
	rt_free(freed_word, 32);
}

static void use_it(void)
{
	rt_point(RT_SITE(RT_LOAD, "load", "freed"), freed_word + 4);
}

static void allocate_it(void)
{
	freed_word = rt_alloc(32);
}

static void a_point_on_freed_memory_is_told(void)
{
	static const struct bed b = { .boot = allocate_it, .nr = 2,
		.body = { free_it, use_it } };
	static const struct bed alive = { .boot = allocate_it, .nr = 2,
		.body = { use_it, use_it } };
	u32 told = 0;

	for (u64 i = 0; i < 200; i++) {
		bed_run(&b, RANDOM, i);
		told += events[EV_use_after_free];
		bed_run(&alive, RANDOM, i);
		CHECK_EQ(events[EV_use_after_free], 0);
	}
	CHECK(told > 20 && told < 180);
}

#if !SANITIZE_ADDRESS
static volatile size_t bad_address = 0x18;
static void write_to_null(void)
{
	INC(0);
	*(volatile u32 *)bad_address = 1;
}

static u32 bottomless(u32 n)
{
	volatile u8 room[4096];

	room[n % 4096] = (u8)n;
	return n == ~0u ? 0 : room[n % 4096] + bottomless(n + 1);
}

static void overrun(void)
{
	tell(bottomless(0));
}

static void trap(void)
{
	__builtin_trap();
}

static void loop_without_points(void)
{
	INC(0);
	for (;;)
		__asm__ __volatile__("");
}

/* Takes the watchdog's seconds of CPU time, whatever the machine. */
static void a_loop_without_points_is_a_finding(void)
{
	static const struct bed loop = { .nr = 2,
		.body = { set_now, loop_without_points } };

	bed_run(&loop, RANDOM, 1);
	CHECK_EQ(result.outcome, RT_STEP_BOUND);
	CHECK(result.hung);
	CHECK_EQ(result.task, task[1]);
	bed_run(&abba, &strategy_replay, 0);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK(!result.hung);
}

static void a_crash_is_a_finding(void)
{
	static const struct bed null = { .nr = 2,
		.body = { set_now, write_to_null } };
	static const struct bed deep = { .nr = 1, .body = { overrun } };
	static const struct bed ill = { .nr = 1, .body = { trap } };

	for (u64 i = 0; i < 100; i++) {
		bed_run(&null, RANDOM, i);
		CHECK_EQ(result.outcome, RT_CRASH);
		CHECK_EQ(result.crash_signal, SIGSEGV);
		CHECK_EQ(result.crash_addr, 0x18);
		CHECK_EQ(result.task, task[1]);
		bed_run(&deep, RANDOM, i);
		CHECK_EQ(result.outcome, RT_CRASH);
		CHECK_EQ(result.crash_signal, SIGSEGV);
		bed_run(&ill, RANDOM, i);
		CHECK_EQ(result.outcome, RT_CRASH);
		bed_run(&abba, &strategy_replay, 0);
		CHECK_EQ(result.outcome, RT_DONE);
	}
}
#endif

/* -- detail ------------------------------------------------------------- */

static u64 pc[RT_STACK_MAX];
static u32 nr_pc;

__attribute__((noinline)) static void look_at_stack(void)
{
	nr_pc = rt_stack(pc, RT_STACK_MAX);
	__asm__ __volatile__("");
}

static void detailed(void)
{
	rt_name(&w[2], "page", 7);
	rt_name(&w[3], "svmm->mutex", -1);
	rt_point(RT_SITE(RT_LOAD, "get", NULL), &w[2]);
	rt_point(RT_SITE(RT_LOAD, "see", NULL), &w[3]);
	rt_point(RT_SITE(RT_LOAD, "see", NULL), &w[4]);
	look_at_stack();
}

static void detail_has_names_steps_and_stacks(void)
{
	static const struct bed b = { .nr = 1, .body = { detailed } };
	static const char *const names[] = { "boot", "start", "get(page#7)",
		"see(svmm->mutex)", "see", "exit" };
	struct rt_config c = { .strategy = RANDOM, .detail = true };
	struct rt_step_info info;
	char buf[64];

	bed_config(&b, &c);
	CHECK_EQ(result.steps, 5);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(rt_step_info(i, &info));
		CHECK_STR(info.name, names[i]);
		CHECK_EQ(info.task, i ? task[0] : 0);
	}
	CHECK(!rt_step_info(6, &info));
	CHECK_STR(rt_object_name(&w[2], buf, sizeof(buf)), "page#7");
	CHECK(!rt_object_name(&w[5], buf, sizeof(buf)));
	/* look_at_stack, detailed, bed_body, the engine's own two, and two
	 * more of libc's where fibers are ucontexts. */
	CHECK(nr_pc >= 5 && nr_pc <= 7);
	CHECK(pc[0] - (u64)(size_t)look_at_stack < 4096);
	CHECK(pc[1] - (u64)(size_t)detailed < 4096);

	c.detail = false;
	bed_config(&b, &c);
	CHECK(!rt_step_info(0, &info));
	CHECK_EQ(nr_pc, 0);
}

static const struct test tests[] = {
	TEST(arena_and_statics_are_new_each_time),
	TEST(a_full_arena_says_null),
	TEST(memory_is_flat),
	TEST(a_lock_is_held_by_one),
	TEST(abba_deadlocks_sometimes),
	TEST(a_deadlock_in_boot_is_one),
	TEST(tasks_spawn_and_join_tasks),
	TEST(stop_abandons_everybody),
	TEST(a_point_on_freed_memory_is_told),
#if SANITIZE_ADDRESS
	TEST_SKIP(a_crash_is_a_finding, "AddressSanitizer takes the signals"),
	TEST_SKIP(a_loop_without_points_is_a_finding,
		  "AddressSanitizer takes the signals"),
#else
	TEST(a_crash_is_a_finding),
	TEST(a_loop_without_points_is_a_finding),
#endif
	TEST(detail_has_names_steps_and_stacks),
	{ NULL, NULL },
};
TEST_MAIN("sim", tests)
