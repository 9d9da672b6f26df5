// SPDX-License-Identifier: GPL-2.0
/*
 * engine: the runtime's own figures, with no target above it: the switch
 * between two fibers, and executions of three tasks that make 25 points in all,
 * besides their starts and exits, and do nothing else.
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

static void three_tasks(void *arg)
{
	int task[TASKS];

	for (int i = 0; i < TASKS; i++)
		task[i] = rt_spawn('P', "program", make_points,
				   (void *)(size_t)((POINTS + i) / TASKS));
	rt_go();
	for (int i = 0; i < TASKS; i++)
		rt_join(task[i]);
}

enum figure_answer bench_points(double *value)
{
	struct rt_config config = {
		.strategy = strategy_find("random"),
		.seed = 1,
	};
	struct rt_result result;
	double start = bench_cpu(), now = start;

	if (!config.strategy)
		return FIGURE_ABSENT;
	while (now < start + CPU_SECONDS) {
		for (int i = 0; i < BATCH; i++, config.execution++)
			rt_engine_run(&config, three_tasks, NULL, &result);
		now = bench_cpu();
	}
	*value = (double)config.execution / (now - start);
	return FIGURE_OK;
}
