// SPDX-License-Identifier: GPL-2.0
/*
 * replay: one reproducer, again.
 *
 * With a schedule, sim follows it exactly or says where it could not (exit 3).
 * With the mutation changed on the command line the code may take another way,
 * so the schedule is followed as far as it goes. --near adds executions that
 * follow a part of it and then wander. A file without a schedule is searched.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/cli.h"
#include "harness/report/report.h"

#define SEARCH_DEFAULT	1000	/* executions for a file without a schedule */

static const struct argp_option options[] = {
	{ "mutate", 'm', "NAME", 0,
	  "Another mutation than the file's; 'none' for the correct code", 0 },
	{ "expect", 'e', NULL, 0,
	  "Exit 0 exactly if what the file expects is what happens", 0 },
	{ "near", 'N', "N", 0,
	  "Then N executions that follow a part of the schedule and wander", 0 },
	{ "seed", 'x', "X", 0, "Seed of --near and of a search (default: 1)", 0 },
	{ "trace", 'T', NULL, 0, "Print every step, not only the report", 0 },
	{ "stop-at", 'S', "STEP", 0, "Stop for a debugger before this step", 0 },
	{ "report", 'r', "FILE", 0, "Write the report there as well", 0 },
	{ "quiet", 'q', NULL, 0, "No report on the screen", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct replay_options {
	const char *path, *mutate, *report;
	bool expect, trace, quiet;
	u64 near, seed;
	u32 stop_at;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_options *o = state->input;

	switch (key) {
	case 'm':
		o->mutate = arg;
		break;
	case 'e':
		o->expect = true;
		break;
	case 'N':
		o->near = cli_number(state, "--near", arg, 1, 1000000000);
		break;
	case 'x':
		o->seed = cli_number(state, "--seed", arg, 0, ~0ull);
		break;
	case 'T':
		o->trace = true;
		break;
	case 'S':
		o->stop_at = cli_number(state, "--stop-at", arg, 1, RT_STEPS_MAX);
		break;
	case 'r':
		o->report = arg;
		break;
	case 'q':
		o->quiet = true;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one FILE at a time");
		o->path = arg;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "FILE is needed");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print_report(const struct replay_options *o, const struct svm *svm,
			 const struct exec *x, const struct rt_result *r,
			 const char *strategy)
{
	struct report report = {
		.target = svm->target,
		.program = &svm->program,
		.failure = oracle_failure(),
		.result = r,
		.strategy = strategy,
		.mutation = o->mutate,
		.seed = x->seed,
		.execution = x->index,
		.path = o->path,
		.commit = build_commit,
	};
	FILE *f;

	if (!o->quiet)
		report_print(stdout, &report);
	fflush(stdout);
	if (!o->report)
		return;
	f = fopen(o->report, "w");
	if (!f) {
		perror(o->report);
		exit(EXIT_HARNESS);
	}
	report_print(f, &report);
	if (fclose(f)) {
		perror(o->report);
		exit(EXIT_HARNESS);
	}
}

/* A search under way; static, because native's end is told from the task that
 * met it, in the child that rt_isolate() made. */
static struct search {
	const struct replay_options *o;
	const struct svm *svm;
	struct exec *x;
	struct rt_result *r;
	u64 nr;
} searching;

static int search_loop(void *arg)
{
	static struct schedule again;
	struct search *s = arg;

	for (s->x->index = 0; s->x->index < s->nr; s->x->index++) {
		exec_run(s->x, s->r);
		if (!oracle_failure())
			continue;
		return exec_again(s->x, s->r, &again, false) ? EXIT_HARNESS :
							       EXIT_FINDING;
	}
	return EXIT_PASS;
}

static void search_ended(const struct rt_result *r)
{
	oracle_outcome(r);
	print_report(searching.o, searching.svm, searching.x, r, "threads");
}

/*
 * Up to @nr executions under @strategy. EXIT_PASS, EXIT_FINDING (sim: made
 * again in detail; native: reported already), or EXIT_HARNESS.
 */
static int search(const struct replay_options *o, const struct svm *svm,
		  struct exec *x, const char *strategy, u64 nr,
		  struct rt_result *r)
{
	int code;

	x->strategy = rt_deterministic ? strategy_find(strategy) : NULL;
	x->schedule = NULL;
	x->detail = !rt_deterministic;
	searching = (struct search){ o, svm, x, r, nr };
	rt_on_end = search_ended;
	if (rt_isolate(search_loop, &searching, &code, r))
		return code;
	if (!oracle_failure())
		oracle_outcome(r);
	return EXIT_FINDING;
}

/* The file's own schedule, in detail. */
static int follow(const struct svm *svm, struct exec *x, struct rt_result *r)
{
	x->strategy = strategy_find("replay");
	x->schedule = &svm->schedule;
	x->detail = true;
	exec_run(x, r);
	if (r->outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: the schedule cannot be followed: %s\n",
			r->diverged);
		return EXIT_HARNESS;
	}
	return oracle_failure() ? EXIT_FINDING : EXIT_PASS;
}

/* What happened against what the file says should. */
static int compare(const struct svm *svm, int code)
{
	const char *saw = code == EXIT_FINDING ? oracle_failure()->oracle->name :
						 "pass";
	const char *want = svm->expect ? svm->expect->name : "pass";

	if (code != EXIT_PASS && code != EXIT_FINDING)
		return code;
	if (!strcmp(saw, want)) {
		fprintf(stderr, "%s as expected\n", saw);
		return EXIT_PASS;
	}
	fprintf(stderr, "expected %s, saw %s%s%s\n", want, saw,
		code == EXIT_FINDING ? ": " : "",
		code == EXIT_FINDING ? oracle_failure()->text : "");
	return EXIT_FINDING;
}

static int replay(struct replay_options *o, const struct svm *svm)
{
	static u8 trace[EXEC_TRACE_MAX];
	bool other = o->mutate != NULL;
	struct exec x = {
		.target = svm->target,
		.program = &svm->program,
		.seed = o->seed,
		.stop_at = o->stop_at,
		.lenient = other,
	};
	const char *strategy = "replay";
	struct rt_result r;
	int code = EXIT_PASS;

	if (!other)
		o->mutate = svm->original ? "original" :
			    mutations[svm->mutation].name;
	if (mutation_choose(o->mutate, svm->target)) {
		fprintf(stderr, "%s: unknown mutation '%s'\n", o->path,
			o->mutate);
		return EXIT_USAGE;
	}
	if (exec_setup(svm->target))
		return EXIT_HARNESS;
	if (svm->has_schedule && rt_deterministic) {
		code = follow(svm, &x, &r);
		if (o->trace)
			report_trace(stdout);
		if (code == EXIT_PASS && o->near) {
			strategy = "near";
			memcpy(trace, r.trace, r.trace_len);
			x.trace = trace;
			x.trace_len = r.trace_len;
			code = search(o, svm, &x, "near", o->near, &r);
		}
	} else {
		strategy = rt_deterministic ? "random" : "threads";
		code = search(o, svm, &x, "random",
			      o->near ? o->near : SEARCH_DEFAULT, &r);
		if (o->trace)
			report_trace(stdout);
	}
	if (code == EXIT_FINDING && rt_deterministic)
		print_report(o, svm, &x, &r, strategy);
	if (o->expect)
		return compare(svm, code);
	if (code == EXIT_PASS)
		fprintf(stderr, "passed\n");
	return code;
}

int cmd_replay(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Runs a reproducer again: same program, same schedule, same "
		"mutation. Exits 1 whenever a failure appears.",
		NULL, NULL, NULL,
	};
	static struct svm svm;
	struct replay_options o = { .seed = 1 };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (svm_read(o.path, &svm))
		return EXIT_USAGE;
	return replay(&o, &svm);
}
