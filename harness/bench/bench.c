// SPDX-License-Identifier: GPL-2.0
/*
 * bench: the list of figures, and how each is printed.
 *
 * A figure is the median of five measurements, in CPU time unless it says
 * otherwise, since the machine is rarely ours alone. The yardsticks are taken
 * in the same run: a figure of another machine, or of a bad day, is judged by
 * its ratio to them.
 *
 * Each figure is measured under rt_isolate(): in native it has a child of its
 * own, so that the threads of one are gone when the next is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/bench.h"
#include "harness/bench/figure.h"
#include "harness/exec/exec.h"

#define REPEATS_MAX 5

/*	  name				unit	repeats	slow	measured by */
static const struct figure figures[] = {
	{ "yardstick.swapcontext",	"ns",		5, false, bench_swapcontext },
	{ "yardstick.pthread_handoff",	"ns",		5, false, bench_handoff },
	{ "fiber.switch",		"ns",		5, false, bench_fiber_switch },
	{ "points3x25",			"executions/s",	5, false, bench_points },
	{ "reset.untouched",		"ns",		5, false, bench_reset },
	{ "tasks.2",			"ns a step",	5, false, bench_tasks_2 },
	{ "tasks.4",			"ns a step",	5, false, bench_tasks_4 },
	{ "tasks.8",			"ns a step",	5, false, bench_tasks_8 },
	{ "tasks.16",			"ns a step",	5, false, bench_tasks_16 },
	{ "steps.1k",			"ns a step",	5, false, bench_steps_1k },
	{ "steps.10k",			"ns a step",	5, false, bench_steps_10k },
	{ "steps.1m",			"ns a step",	5, false, bench_steps_1m },
	{ "seqflag3.random",		"executions/s",	5, false, bench_seqflag3_random },
	{ "seqflag3.pct",		"executions/s",	5, false, bench_seqflag3_pct },
	{ "seqflag3.pos",		"executions/s",	5, false, bench_seqflag3_pos },
	{ "seqflag3.surw",		"executions/s",	5, false, bench_seqflag3_surw },
	{ "seqflag3.urw",		"executions/s",	5, false, bench_seqflag3_urw },
	{ "seqflag3.mix",		"executions/s",	5, false, bench_seqflag3_mix },
	{ "seqflag3.dpor",		"traces/s",	5, false, bench_seqflag3_dpor },
	{ "seqflag3.dpor_proof",	"ms",		5, false, bench_seqflag3_proof },
	{ "port.two_tasks_four_calls",	"executions/s",	5, false, bench_port },
	{ "port.mm_two_tasks_four_calls", "executions/s", 5, false, bench_port_mm },
	{ "port.exclusive_two_tasks_four_calls", "executions/s", 5, false, bench_port_exclusive },
	{ "port.hmm_v12_two_tasks_four_calls", "executions/s", 5, false, bench_port_hmm_v12 },
	{ "port.panthor_two_tasks_four_calls", "executions/s", 5, false, bench_port_panthor },
	{ "workers.two_by_two_alone",	"of one",	5, false, bench_two_workers },
	{ "native.calls_1",		"calls/s",	5, false, bench_native_1 },
	{ "native.calls_2",		"calls/s",	5, false, bench_native_2 },
	{ "memory.litmus",		"KiB",		1, true, bench_memory_litmus },
	{ "memory.port",		"KiB",		1, true, bench_memory_port },
};

/* Outlives the child the figure is measured in. */
static struct {
	enum figure_answer answer;
	double value;
} *shared;

static double seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

double bench_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(void *arg)
{
	const struct figure *f = arg;
	double value[REPEATS_MAX];

	for (u32 i = 0; i < f->repeats; i++) {
		shared->answer = f->measure(&value[i]);
		if (shared->answer != FIGURE_OK)
			return EXIT_PASS;
	}
	qsort(value, f->repeats, sizeof(value[0]), by_value);
	shared->value = value[f->repeats / 2];
	return EXIT_PASS;
}

static void print(const struct figure *f, double value, bool json)
{
	int digits = value < 10 ? 2 : value < 100 ? 1 : 0;

	if (json)
		printf("{\"name\":\"%s\",\"value\":%.*f,\"unit\":\"%s\"}\n",
		       f->name, digits, value, f->unit);
	else
		printf("%-36s %12.*f %s\n", f->name, digits, value, f->unit);
	fflush(stdout);
}

/* A figure by its whole name, or all those before whose dot @name stands. */
static bool wanted(const struct figure *f, const char *name)
{
	size_t n;

	if (!name)
		return !f->slow;
	n = strlen(name);
	return !strncmp(f->name, name, n) && (!f->name[n] || f->name[n] == '.');
}

static int run(const struct figure *f, bool json, u32 *printed)
{
	struct rt_result result;
	int status;

	if (!rt_isolate(measure, (void *)f, &status, &result)) {
		fprintf(stderr, "HARNESS: %s: an execution did not come to its end\n",
			f->name);
		return EXIT_HARNESS;
	}
	if (status || shared->answer == FIGURE_BROKEN)
		return EXIT_HARNESS;
	if (shared->answer == FIGURE_ABSENT)
		return EXIT_PASS;
	print(f, shared->value, json);
	++*printed;
	return EXIT_PASS;
}

int bench_main(const char *name, bool json)
{
	u32 found = 0, printed = 0;
	int code = EXIT_PASS;

	shared = rt_shared(sizeof(*shared));
	if (!shared || rt_engine_init())
		return EXIT_HARNESS;
	for (u32 i = 0; i < ARRAY_SIZE(figures); i++) {
		if (!wanted(&figures[i], name))
			continue;
		found++;
		if (run(&figures[i], json, &printed))
			code = EXIT_HARNESS;
	}
	if (!found) {
		fprintf(stderr, "svmtorture: bench has no figure %s; there are:\n", name);
		for (u32 i = 0; i < ARRAY_SIZE(figures); i++)
			fprintf(stderr, "  %s\n", figures[i].name);
		return EXIT_USAGE;
	}
	if (!code && !printed) {
		fprintf(stderr, "svmtorture: %s is not measured by this program\n",
			name);
		return EXIT_VACUOUS;
	}
	return code;
}
