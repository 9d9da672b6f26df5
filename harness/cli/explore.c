// SPDX-License-Identifier: GPL-2.0
/*
 * explore-pthread: an ordinary C program, its threads under the engine.
 *
 * The program is built into one that explores itself (explore_build.c) and is
 * started with what is asked for here. What it is like from inside is in
 * harness/rt/pthread.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "harness/cli/cli.h"
#include "harness/cli/explore.h"
#include "harness/exec/memory.h"

#define WORDS_MAX	128
#define FLAGS_SIZE	8192

static const struct argp_option options[] = {
	{ "strategy", LONG('s'), "NAME[:ARG]", 0,
	  "What picks the next thread; see 'list strategies' (default: random)", 0 },
	{ "executions", LONG('n'), "N", 0, "Stop after N executions (default: 100000)", 0 },
	{ "seconds", LONG('d'), "N", 0, "Stop after N seconds, if that comes first", 0 },
	{ "seed", LONG('x'), "X", 0, "Schedules are a function of it (default: drawn, and printed)", 0 },
	{ "steps", LONG('k'), "N", 0,
	  "Steps after which an execution is a 'progress' finding (default: 20000)", 0 },
	{ "out", LONG('o'), "DIR", 0, "Where findings go (default: results/findings); made if need be", 0 },
	{ "tries", LONG('t'), "N", 0,
	  "Executions to spend on a simpler schedule for the finding (default: 2000; 0: leave it as it is)", 0 },
	{ "races", LONG('r'), NULL, 0, "A data race is a finding", 0 },
	{ "memory", LONG('y'), "MODEL", 0,
	  "What atomics may see of each other: sc (default), tso or weak", 0 },
	{ "plain-points", LONG('P'), NULL, 0,
	  "Plain accesses that may race are switch points (default: only calls, atomics and volatiles are)", 0 },
	{ "spurious", LONG('u'), NULL, 0, "A wait for a condition may wake for nothing", 0 },
	{ "fail-malloc", LONG('f'), NULL, 0, "malloc() may return NULL", 0 },
	{ "replay", LONG('R'), "FILE", 0, "Follow the schedule of a finding", 0 },
	{ "trace", LONG('T'), NULL, 0, "With --replay: print every step", 0 },
	{ "stop-at", LONG('S'), "N", 0,
	  "With --replay: raise SIGTRAP before step N, for a debugger (see --keep)", 0 },
	{ "output", LONG('O'), NULL, 0, "With --replay: let the program print, on stderr", 0 },
	{ "arg", LONG('a'), "WORD", 0, "An argument of the program's main(); may be given again", 0 },
	{ "cc", LONG('c'), "NAME", 0, "The compiler (default: clang, or cc if there is none)", 0 },
	{ "keep", LONG('K'), "FILE", 0, "Leave the built program there", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* The command line of the program: KEY=VALUE words, then its arguments. */
struct explore_options {
	struct explore_build build;
	char *word[WORDS_MAX + 2];
	u32 nr;
	char *argument[WORDS_MAX];
	u32 nr_arguments;
	bool seeded, replay, replay_only;
	const struct strategy *strategy;
	enum rt_memory memory;
};

static void pass(struct explore_options *o, struct argp_state *state,
		 const char *key, const char *value)
{
	char *word;

	if (o->nr + o->nr_arguments >= WORDS_MAX - 4)
		argp_error(state, "too many options");
	if (asprintf(&word, "%s%s%s", key, value ? "=" : "",
		     value ? value : "") < 0)
		argp_failure(state, EXIT_HARNESS, 0, "no memory");
	o->word[o->nr++] = word;
}

static void pass_number(struct explore_options *o, struct argp_state *state,
			const char *key, const char *text, u64 min, u64 max)
{
	char number[32], option[32];

	snprintf(option, sizeof(option), "--%s", key);
	snprintf(number, sizeof(number), "%llu",
		 cli_number(state, option, text, min, max));
	pass(o, state, key, number);
}

static const struct strategy *checked(struct argp_state *state, const char *arg)
{
	const struct strategy *s = cli_strategy(state, arg);

	if (!strcmp(s->name, "replay") || !strcmp(s->name, "near"))
		argp_error(state, "--strategy %s has no schedule to follow here; see --replay",
			   s->name);
	return s;
}

static error_t parse_word(int key, char *arg, struct argp_state *state)
{
	struct explore_options *o = state->input;

	switch (key) {
	case LONG('r'):
		pass(o, state, "races", NULL);
		break;
	case LONG('P'):
		pass(o, state, "plain-points", NULL);
		break;
	case LONG('u'):
		pass(o, state, "spurious", NULL);
		break;
	case LONG('f'):
		pass(o, state, "fail-malloc", NULL);
		break;
	case LONG('T'):
		pass(o, state, "trace", NULL);
		o->replay_only = true;
		break;
	case LONG('O'):
		pass(o, state, "output", NULL);
		o->replay_only = true;
		break;
	case LONG('a'):
		if (o->nr + o->nr_arguments >= WORDS_MAX - 4)
			argp_error(state, "too many options");
		o->argument[o->nr_arguments++] = arg;
		break;
	case LONG('c'):
		o->build.cc = arg;
		break;
	case LONG('K'):
		o->build.keep = arg;
		break;
	case ARGP_KEY_ARG:
		if (o->build.nr_sources == EXPLORE_SOURCES_MAX)
			argp_error(state, "more than %d sources",
				   EXPLORE_SOURCES_MAX);
		o->build.source[o->build.nr_sources++] = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explore_options *o = state->input;

	switch (key) {
	case LONG('s'):
		o->strategy = checked(state, arg);
		pass(o, state, "strategy", arg);
		break;
	case LONG('n'):
		pass_number(o, state, "executions", arg, 1, ~0ull - 1);
		break;
	case LONG('d'):
		pass_number(o, state, "seconds", arg, 1, 31536000);
		break;
	case LONG('x'):
		pass_number(o, state, "seed", arg, 0, ~0ull);
		o->seeded = true;
		break;
	case LONG('k'):
		pass_number(o, state, "steps", arg, 1, RT_STEPS_MAX);
		break;
	case LONG('t'):
		pass_number(o, state, "tries", arg, 0, 1000000000);
		break;
	case LONG('y'):
		if (memory_parse(arg, &o->memory))
			argp_error(state, "--memory %s: expected %s", arg,
				   memory_words);
		pass(o, state, "memory", arg);
		break;
	case LONG('S'):
		pass_number(o, state, "stop-at", arg, 1, RT_STEPS_MAX);
		o->replay_only = true;
		break;
	case LONG('o'):
		pass(o, state, "out", arg);
		break;
	case LONG('R'):
		pass(o, state, "replay", arg);
		o->replay = true;
		break;
	default:
		return parse_word(key, arg, state);
	}
	return 0;
}

/* The compiler's flags as one word, for the command that is printed. */
static void pass_flags(struct explore_options *o, struct argp_state *state)
{
	char text[FLAGS_SIZE] = "";

	for (char **f = o->build.flags; *f; f++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", text[0] ? " " : "", *f);
	if (text[0])
		pass(o, state, "flags", text);
}

static void complete(struct explore_options *o, struct argp_state *state)
{
	char seed[32];
	u32 drawn;

	if (!rt_deterministic)
		argp_error(state, "this program runs on threads and the machine schedules; only svmtorture has it");
	if (!o->build.nr_sources)
		argp_error(state, "no source; what is to be explored?");
	if (o->replay_only && !o->replay)
		argp_error(state, "--trace, --output and --stop-at go with --replay");
	if (o->memory != RT_MEMORY_SC && (o->strategy == &strategy_dpor ||
					  o->strategy == &strategy_dfs_sleep))
		argp_error(state, "--strategy %s: --memory sc only; dfs makes every schedule of the others",
			   o->strategy->name);
	pass(o, state, "source", o->build.source[0]);
	pass_flags(o, state);
	if (!o->seeded) {
		if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
			argp_failure(state, EXIT_HARNESS, 0,
				     "no random seed to be had");
		snprintf(seed, sizeof(seed), "%u", drawn);
		pass(o, state, "seed", seed);
	}
	o->word[o->nr++] = (char *)"--";
	for (u32 i = 0; i < o->nr_arguments; i++)
		o->word[o->nr++] = o->argument[i];
	o->word[o->nr] = NULL;
}

/* Cuts off what stands behind "--", which is the compiler's. */
static int cut_flags(int argc, char **argv, struct explore_options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		o->build.flags = argv + i + 1;
		argv[i] = NULL;
		return i;
	}
	o->build.flags = argv + argc;
	return argc;
}

int cmd_explore(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "SOURCE.c... [-- COMPILER FLAG...]",
		"Explores a C program of POSIX threads: each execution is its "
		"main() from the beginning, under another interleaving.\v"
		"The program is built for this and not changed. Mutexes, "
		"condition variables, read-write and spin locks, semaphores, "
		"barriers, once, keys, joins, atomics and volatiles are switch "
		"points. Sleeping takes no time and orders nothing. A failed "
		"assert(), abort(), an exit code other than 0, a deadlock, a "
		"crash, a use after free or past an allocation, a loop that "
		"never ends and what POSIX leaves undefined are findings; leaks "
		"are not.\n\n"
		"The first finding ends the run: DIR/NAME.svm has its schedule "
		"and DIR/NAME.report the screen, which is also printed, with "
		"the command that makes it again. Its schedule is made simpler "
		"first: as few preemptions as it takes, and if every schedule "
		"with fewer was seen to pass, the report says so.\n\n"
		"Exit codes: 0 passed, 1 a finding, 2 usage or a program that "
		"does not build, 3 the harness is broken or met a limit of its "
		"own, 4 vacuous (no two threads could run at once), 5 "
		"interrupted.\n\n"
		"Examples:\n"
		"  svmtorture explore-pthread queue.c --strategy surw -- -O2 -lm\n"
		"  svmtorture explore-pthread --strategy dpor flag.c\n"
		"  svmtorture explore-pthread --races --plain-points cache.c\n"
		"  svmtorture explore-pthread queue.c --replay results/findings/queue-assertion-pop.svm",
		NULL, NULL, NULL,
	};
	static struct explore_options o = { .nr = 1 };
	struct argp_state state = {
		.root_argp = &argp, .name = argv[0], .err_stream = stderr,
		.out_stream = stdout,
	};
	char program[PATH_MAX];
	int code;

	argc = cut_flags(argc, argv, &o);
	state.argc = argc;
	state.argv = argv;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	complete(&o, &state);
	code = explore_build(&o.build, program);
	if (!code) {
		o.word[0] = program;
		fflush(stdout);
		code = explore_spawn(o.word);
		if (code < 0)
			code = EXIT_HARNESS;
	}
	explore_clean();
	return code;
}
