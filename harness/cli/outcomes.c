// SPDX-License-Identifier: GPL-2.0
/*
 * outcomes: the verb that says what a program can come to on this ground.
 *
 * First the serial executions, each order of the program's tasks once; then
 * as many random ones as asked for, by strategies that take turns: a random walk
 * alone sees little but what the lengths of the calls make likely, and these
 * differ between grounds. A line of JSON each. Two grounds that are the same
 * system say the same; scripts compare them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/exec/outcomes.h"
#include "harness/oracle/window.h"

#define RANDOM_DEFAULT	200
#define ORDERS_MAX	24		/* of four tasks; of more the first 24 */

static const struct argp_option options[] = {
	{ "executions", LONG('e'), "N", 0,
	  "Random schedules (default: 200)", 0 },
	{ "seed", LONG('s'), "N", 0, "Seed of the schedules (default: 1)", 0 },
	{ "steps", LONG('b'), "N", 0, "Step bound of an execution (default: the highest)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct outcomes_options {
	const char *path;
	u32 executions, steps;
	u64 seed;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct outcomes_options *o = state->input;

	switch (key) {
	case LONG('e'):
		o->executions = (u32)cli_number(state, "--executions", arg, 0,
						100000000);
		break;
	case LONG('s'):
		o->seed = cli_number(state, "--seed", arg, 0, ~0ull);
		break;
	case LONG('b'):
		o->steps = (u32)cli_number(state, "--steps", arg, 1,
					   RT_STEPS_MAX);
		break;
	default:
		return cli_file(key, arg, state, &o->path);
	}
	return 0;
}

static int run(struct exec *x, const char *how)
{
	struct rt_result r;

	outcomes_begin();
	exec_run(x, &r);
	if (r.outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: %s\n", r.diverged);
		return EXIT_HARNESS;
	}
	printf("{\"%s\": %llu, \"failure\": \"%s\", \"outcome\": ", how,
	       x->index, oracle_failure() ? oracle_failure()->oracle->name : "");
	outcomes_print(stdout);
	puts("}");
	return EXIT_PASS;
}

/* Order number @n of @nr tasks; false: there are not so many. */
static bool order_of(u32 n, u32 nr, u8 *order)
{
	u8 left[PROG_TASKS_MAX];

	for (u32 i = 0; i < nr; i++)
		left[i] = (u8)i;
	for (u32 i = 0; i < nr; i++) {
		u32 pick = n % (nr - i);

		n /= nr - i;
		order[i] = left[pick];
		memmove(&left[pick], &left[pick + 1], nr - i - pick - 1);
	}
	return !n;
}

/* One task after the other. Lenient: one that waits for another is passed by. */
static int serial(const struct exec *asked, const struct program *p)
{
	static struct schedule s;
	u8 order[PROG_TASKS_MAX];
	struct exec x = *asked;
	int code = EXIT_PASS;

	x.strategy = strategy_find("replay");
	x.schedule = &s;
	x.lenient = true;
	for (u32 n = 0; n < ORDERS_MAX && !code; n++) {
		if (!order_of(n, p->nr_tasks, order))
			break;
		s.nr = p->nr_tasks;
		for (u32 i = 0; i < s.nr; i++)
			s.seg[i] = (struct segment){ .kind = SEGMENT_EXIT,
						     .role = 'P',
						     .index = order[i] };
		x.index = n;
		code = run(&x, "serial");
	}
	return code;
}

static int random_ones(const struct exec *asked, u32 nr)
{
	struct exec x = *asked;
	int code = EXIT_PASS;

	x.strategy = strategy_find("mix");
	for (u32 i = 0; i < nr && !code; i++) {
		x.index = i;
		code = run(&x, "random");
	}
	return code;
}

int cmd_outcomes(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Says what the program of a reproducer can come to here: results "
		"of calls, values read, accesses killed, and what memory holds at "
		"the end.\v"
		"A line of JSON an execution: \"serial\", each order of the tasks "
		"once, then \"random\". Its schedule is not followed and its "
		"expectation is not asked for; a failure is named.\n\n"
		"Exit codes: 0 said, 2 bad FILE, 3 the harness is broken, "
		"4 skipped (FILE needs another build).",
		NULL, NULL, NULL,
	};
	static struct svm svm;
	struct outcomes_options o = { .executions = RANDOM_DEFAULT,
				      .steps = RT_STEPS_MAX, .seed = 1 };
	struct exec x = { 0 };
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!rt_deterministic) {
		fprintf(stderr, "outcomes: this program runs on threads; only the deterministic one has it\n");
		return EXIT_USAGE;
	}
	if (svm_read(o.path, &svm))
		return EXIT_USAGE;
	if (cli_lacks(&svm, o.path))
		return EXIT_VACUOUS;
	oracle_observe(&oracle_outcomes);
	if (exec_setup(svm.target))
		return EXIT_HARNESS;
	svm_conditions(&svm);
	x.target = svm.target;
	x.program = &svm.program;
	x.seed = o.seed;
	x.steps_max = o.steps;
	code = serial(&x, &svm.program);
	return code ? code : random_ones(&x, o.executions);
}
