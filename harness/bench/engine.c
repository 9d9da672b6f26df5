// SPDX-License-Identifier: GPL-2.0
/*
 * engine: the runtime's own figures, with no target above it: the switch
 * between two fibers; executions of three tasks that make 25 points in all,
 * besides their starts and exits, and do nothing else; what a step costs by
 * the number of tasks and by the length of the execution; and an execution
 * with nothing in it, which is the reset of a world that nobody touched.
 */
#include "harness/bench/figure.h"
#include "harness/rt/engine.h"
#include "harness/rt/fiber.h"
#include "harness/rt/strategy.h"

#define SWITCHES	4000000
#define STACK_SIZE	65536
#define TASKS		3
#define POINTS		25	/* of all tasks together */
#define CPU_SECONDS	0.2
#define BATCH		1000
#define STEPS_BATCH	1000000
#define POINTS_EACH	32	/* of a task, by the number of tasks */
#define TASKS_EACH	4	/* by the length of the execution */

/* The native program has no fibers: there these are NULL. */
#pragma weak fiber_init
#if defined(FIBER_UCONTEXT) || SANITIZE_ADDRESS
#pragma weak fiber_switch
#elif !defined(__x86_64__)
#pragma weak fiber_jump
#endif

static struct fiber here, there;
static char stack[STACK_SIZE] __attribute__((aligned(64)));

static void there_main(void)
{
	for (;;)
		fiber_switch(&there, &here);
}

enum figure_answer bench_fiber_switch(double *value)
{
	double start;

	if (!fiber_init)
		return FIGURE_ABSENT;
	here = (struct fiber){ 0 };
	fiber_init(&there, stack, sizeof(stack), there_main);
	start = bench_cpu();
	for (int i = 0; i < SWITCHES / 2; i++)
		fiber_switch(&here, &there);
	*value = (bench_cpu() - start) * 1e9 / SWITCHES;
	return FIGURE_OK;
}

static u32 word __machine;

static void make_points(void *arg)
{
	int nr = (int)(size_t)arg;

	for (int i = 0; i < nr; i++)
		rt_point(RT_SITE(RT_NOTE, "point", "word"), &word);
}

/* @nr tasks, which make @points in all. */
static void tasks_and_points(u32 nr, u32 points)
{
	int task[RT_TASKS_MAX];

	for (u32 i = 0; i < nr; i++)
		task[i] = rt_spawn('P', "program", make_points,
				   (void *)(size_t)((points + i) / nr));
	rt_go();
	for (u32 i = 0; i < nr; i++)
		rt_join(task[i]);
}

static void three_tasks(void *arg)
{
	tasks_and_points(TASKS, POINTS);
}

static void nothing(void *arg)
{
}

/* The executions that @main makes in a second, and in *@steps their steps. */
static enum figure_answer rate_of(void (*main)(void *), void *arg, u32 batch,
				  double *rate, double *steps)
{
	struct rt_config config = {
		.strategy = strategy_find("random"),
		.seed = 1,
		.steps_max = RT_STEPS_MAX,
	};
	struct rt_result result;
	double start = bench_cpu(), now = start;
	u64 made = 0;

	if (!config.strategy)
		return FIGURE_ABSENT;
	while (now < start + CPU_SECONDS) {
		for (u32 i = 0; i < batch; i++, config.execution++) {
			rt_engine_run(&config, main, arg, &result);
			made += result.steps;
			if (result.outcome != RT_DONE)
				return FIGURE_BROKEN;
		}
		now = bench_cpu();
	}
	*rate = (double)config.execution / (now - start);
	*steps = (double)made / (double)config.execution;
	return FIGURE_OK;
}

enum figure_answer bench_points(double *value)
{
	double steps;

	return rate_of(three_tasks, NULL, BATCH, value, &steps);
}

/* All static data is put back, of which nothing was changed. */
enum figure_answer bench_reset(double *value)
{
	double rate, steps;
	enum figure_answer a = rate_of(nothing, NULL, BATCH, &rate, &steps);

	if (!a)
		*value = 1e9 / rate;
	return a;
}

struct size {
	u32 tasks, points;
};

static void of_size(void *arg)
{
	const struct size *size = arg;

	tasks_and_points(size->tasks, size->points);
}

static enum figure_answer step_ns(u32 tasks, u32 points, double *value)
{
	struct size size = { tasks, points };
	double rate, steps;
	enum figure_answer a = rate_of(of_size, &size, STEPS_BATCH / points,
				       &rate, &steps);

	if (!a)
		*value = 1e9 / (rate * steps);
	return a;
}

enum figure_answer bench_tasks_2(double *value)
{
	return step_ns(2, 2 * POINTS_EACH, value);
}

enum figure_answer bench_tasks_4(double *value)
{
	return step_ns(4, 4 * POINTS_EACH, value);
}

enum figure_answer bench_tasks_8(double *value)
{
	return step_ns(8, 8 * POINTS_EACH, value);
}

enum figure_answer bench_tasks_16(double *value)
{
	return step_ns(16, 16 * POINTS_EACH, value);
}

enum figure_answer bench_steps_1k(double *value)
{
	return step_ns(TASKS_EACH, 1000, value);
}

enum figure_answer bench_steps_10k(double *value)
{
	return step_ns(TASKS_EACH, 10000, value);
}

enum figure_answer bench_steps_1m(double *value)
{
	return step_ns(TASKS_EACH, 1000000, value);
}
