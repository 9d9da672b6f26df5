// SPDX-License-Identifier: GPL-2.0
/*
 * replay: one reproducer, again.
 *
 * With a schedule, sim follows it exactly or says where it could not (exit 3).
 * With the mutation changed on the command line the code may take another way,
 * so the schedule is followed as far as it goes. --near adds executions that
 * follow a part of it and then wander. A file without a schedule is searched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/cli.h"
#include "harness/exec/file.h"
#include "harness/report/report.h"

#define SEARCH_DEFAULT	1000	/* executions for a file without a schedule */

static const struct argp_option options[] = {
	{ "mutate", LONG('m'), "NAME", 0,
	  "Another mutation than the file's; 'none' for the correct code", 0 },
	{ "expect", LONG('e'), NULL, 0,
	  "Exit 0 exactly if what the file expects is what happens", 0 },
	{ "near", LONG('N'), "N", 0,
	  "If that passed, N more executions that follow a part of the schedule and then wander; without a schedule, the number of executions (default: 1000)", 0 },
	{ "seed", LONG('x'), "X", 0, "Seed of --near and of a search (default: 1)", 0 },
	{ "steps", LONG('k'), "N", 0,
	  "Step bound of an execution (default: 20000, on a kernel tree 65536), as it was for 'run' (svmtorture only)", 0 },
	{ "trace", LONG('T'), NULL, 0, "Print every event of the execution, too", 0 },
	{ "stop-at", LONG('S'), "STEP", 0,
	  "Under a debugger: stop before this step (svmtorture only)", 0 },
	{ "report", LONG('r'), "FILE", 0, "Write the report to FILE as well", 0 },
	{ "quiet", LONG('q'), NULL, 0, "No report on the screen", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct replay_options {
	const char *path, *mutate, *report;
	bool expect, trace, quiet;
	u64 near, seed;
	u32 stop_at, steps_max;
};

/* Whether a debugger is attached: without one a trap is just a death. */
static bool traced(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	int pid = 0;

	while (f && !pid && fgets(line, sizeof(line), f))
		sscanf(line, "TracerPid: %d", &pid);
	if (f)
		fclose(f);
	return pid != 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_options *o = state->input;

	switch (key) {
	case LONG('m'):
		o->mutate = arg;
		break;
	case LONG('e'):
		o->expect = true;
		break;
	case LONG('N'):
		o->near = cli_number(state, "--near", arg, 1, 1000000000);
		break;
	case LONG('x'):
		o->seed = cli_number(state, "--seed", arg, 0, ~0ull);
		break;
	case LONG('T'):
		o->trace = true;
		break;
	case LONG('k'):
		cli_sim_only(state, "--steps");
		o->steps_max = cli_number(state, "--steps", arg, 1, RT_STEPS_MAX);
		break;
	case LONG('S'):
		cli_sim_only(state, "--stop-at");
		if (!traced())
			argp_error(state, "--stop-at is for a debugger: gdb --args %s ...",
				   state->name);
		o->stop_at = cli_number(state, "--stop-at", arg, 1, RT_STEPS_MAX);
		break;
	case LONG('r'):
		o->report = arg;
		break;
	case LONG('q'):
		o->quiet = true;
		break;
	default:
		return cli_file(key, arg, state, &o->path);
	}
	return 0;
}

static void print_report(const struct replay_options *o, const struct svm *svm,
			 const struct exec *x, const struct rt_result *r,
			 const char *strategy)
{
	/* What was proven is so of the file's own schedule and mutation. */
	bool own = x->schedule == &svm->schedule && !x->lenient;
	char minimal[SVM_MINIMAL_TEXT_MAX];
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
		.minimal = own ? svm_minimal_text(svm, minimal) : NULL,
		.commit = build_commit,
	};
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	/* What nobody reads is not made: to name its functions takes most of the time. */
	if (o->quiet && !o->report)
		return;
	f = open_memstream(&text, &len);
	if (!f) {
		perror("HARNESS: report");
		_exit(EXIT_HARNESS);
	}
	report_print(f, &report);
	fclose(f);
	if (!o->quiet)
		fwrite(text, 1, len, stdout);
	fflush(stdout);
	if (o->report && file_write(o->report, text, len)) {
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", o->report,
			strerror(errno));
		_exit(EXIT_HARNESS);
	}
	free(text);
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
	symbol_close();		/* this process has no exit() before it */
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
		.steps_max = o->steps_max,
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
		fprintf(stderr, "%s: unknown mutation '%s' of target %s; see '%s list mutations'\n",
			o->path, o->mutate, svm->target->name, program_name);
		return EXIT_USAGE;
	}
	if (o->stop_at && !svm->has_schedule) {
		fprintf(stderr, "%s: --stop-at: the file has no schedule, so no step is the same twice\n",
			o->path);
		return EXIT_USAGE;
	}
	if (svm_conditions(svm))
		return EXIT_HARNESS;
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
	if (code == EXIT_FINDING && oracle_failure()->oracle->uncovered)
		return EXIT_HARNESS;
	if (code == EXIT_PASS)
		fprintf(stderr, "passed\n");
	return code;
}

int cmd_replay(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Runs a reproducer again: same program, same schedule, same "
		"mutation.\v"
		"A schedule is followed to the letter. If it cannot be, the "
		"code has changed since: the segment and the reason are said "
		"and the exit code is 3; try 'shrink', which looks for the "
		"failure nearby. With --mutate the code takes another way on "
		"purpose, and the schedule is followed as far as it goes. A "
		"file without a schedule is searched, and so is every file "
		"under svmtorture-native.\n\n"
		"Exit codes: 0 passed, 1 a failure, of whatever class; with "
		"--expect 0 exactly if what FILE expects happened and 1 if "
		"not; 2 bad FILE, 3 see above, 4 skipped (FILE needs another "
		"build), 5 interrupted.\n\n"
		"Examples:\n"
		"  svmtorture replay results/findings/F.svm\n"
		"  svmtorture replay --mutate none --near 500 corpus/repro/nv_skip_retry.svm\n"
		"  gdb --args svmtorture replay --stop-at 36 results/findings/F.svm",
		NULL, NULL, NULL,
	};
	static struct svm svm;
	struct replay_options o = { .seed = 1 };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (svm_read(o.path, &svm))
		return EXIT_USAGE;
	if (cli_lacks(&svm, o.path))
		return EXIT_VACUOUS;
	cli_cut_on_signals("replay", o.path);
	return replay(&o, &svm);
}
