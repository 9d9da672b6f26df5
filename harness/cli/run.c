// SPDX-License-Identifier: GPL-2.0
/*
 * run: a campaign from the command line.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/cli.h"
#include "harness/exec/faults.h"
#include "targets/windows.h"
#include "harness/exec/memory.h"
#include "harness/rt/hooks.h"

#define FAIL_ALL_EXECUTIONS	100	/* of each allocation */

static const struct argp_option options[] = {
	{ "target", LONG('t'), "NAME", 0, "What to hammer; see 'list targets'", 0 },
	{ "strategy", LONG('s'), "NAME[:ARG]", 0,
	  "What picks the next task; see 'list strategies' (default: mix; svmtorture only)", 0 },
	{ "executions", LONG('n'), "N", 0,
	  "Stop after N executions (default: 100000, or no limit with --seconds)", 0 },
	{ "seconds", LONG('d'), "N", 0, "Stop after N seconds; with --executions, at what comes first", 0 },
	{ "seed", LONG('x'), "X", 0,
	  "Programs and schedules are a function of it (default: drawn, and printed)", 0 },
	{ "mutate", LONG('m'), "NAME", 0,
	  "Turn on a known bug, or 'original': all a form's historic defects", 0 },
	{ "program", LONG('p'), "FILE", 0,
	  "Run the program of this .svm, not random ones; of the file's header only the target counts", 0 },
	{ "out", LONG('o'), "DIR", 0,
	  "Where findings go (default: results/findings); made if need be", 0 },
	{ "jobs", LONG('j'), "N", 0, "Worker processes (default: 1)", 0 },
	{ "shard", LONG('h'), "I/N", 0,
	  "Of N machines or job array tasks, be number I, counted from 0: every Nth program, from the Ith, is its own", 0 },
	{ "only", LONG('c'), "CLASS", 0,
	  "Pass over failures of other classes; see 'list oracles' (svmtorture only)", 0 },
	{ "known", LONG('K'), "FILE", 0,
	  "Pass over failures whose title is a line of FILE (up to a tab), and count them; on threads it ends the run all the same", 0 },
	{ "json", LONG('J'), NULL, 0,
	  "Print the totals as one JSON object, and no report", 0 },
	{ "windows", LONG('w'), NULL, 0,
	  "Count how often tasks were in the windows of the spec; see 'list windows' (svmtorture only)", 0 },
	{ "fail-alloc", LONG('f'), "N|all", 0,
	  "With --program: the N-th allocation of each execution fails; 'all': the first, the second ..., --executions of each (default: 100), until none is left", 0 },
	{ "faults", LONG('F'), "LIST", 0,
	  "What the strategy may choose to go wrong: alloc, trylock, wake, timer, with commas, or all; the end says which of them met nothing to act on", 0 },
	{ "memory", LONG('y'), "MODEL", 0,
	  "What marked accesses may see of each other: sc (default), tso or weak (race preset only)", 0 },
	{ "points", LONG('P'), "LIST|races", 0,
	  "Plain accesses that are switch points: FUNCTION:read,FUNCTION:write ...; 'races': those of each data race that is found, which is written and then does not end the run (race preset only; svmtorture-ktree: locks, marked or all of the tree's accesses)", 0 },
	{ "steps", LONG('k'), "N", 0,
	  "Steps after which an execution is a 'progress' finding (default: 20000, on a kernel tree 65536; svmtorture only)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct run_options {
	struct campaign c;
	const char *only;
	bool seeded;
};

static void parse_strategy(struct campaign *c, const char *arg,
			   struct argp_state *state)
{
	c->strategy = cli_strategy(state, arg);
	if (c->strategy == &strategy_replay)
		argp_error(state, "--strategy replay has no schedule to follow here; see '%s replay'",
			   program_name);
	c->strategy_text = arg;
}

static void parse_shard(struct campaign *c, const char *arg,
			struct argp_state *state)
{
	const char *slash = strchr(arg, '/');
	char first[16];

	if (!slash || slash - arg >= (long)sizeof(first))
		argp_error(state, "--shard %s: expected I/N, as in 0/4", arg);
	snprintf(first, sizeof(first), "%.*s", (int)(slash - arg), arg);
	c->shards = (u32)cli_number(state, "--shard I/N: N", slash + 1, 1,
				    CAMPAIGN_SHARDS_MAX);
	c->shard = (u32)cli_number(state, "--shard I/N: I", first, 0,
				   c->shards - 1);
}

static void parse_memory(struct campaign *c, const char *arg,
			 struct argp_state *state)
{
	if (memory_parse(arg, &c->memory))
		argp_error(state, "--memory %s: expected %s", arg, memory_words);
	if (c->memory != RT_MEMORY_SC && !rt_has_memory())
		argp_error(state, "--memory %s: this build has sc alone; configure with --preset race",
			   arg);
}

static void parse_points(struct campaign *c, const char *arg,
			 struct argp_state *state)
{
	if (&points_ground && points_bad(arg))
		argp_error(state, "--points %s: %s", arg, points_bad(arg));
	if (strcmp(arg, CAMPAIGN_POINTS_RACES) && points_bad(arg))
		argp_error(state, "--points %s: %s, or %s", arg,
			   points_bad(arg), CAMPAIGN_POINTS_RACES);
	if (!&rt_hooks && !&points_ground)
		argp_error(state, "--points %s: this build watches no plain accesses; configure with --preset race",
			   arg);
	c->points = arg;
}

static void parse_only(struct run_options *o, char *arg,
		       struct argp_state *state)
{
	o->only = arg;
	if (!rt_deterministic)
		argp_error(state, "--only: on threads a failure ends the run, whatever its class");
}

static void parse_fail_alloc(struct campaign *c, const char *arg,
			     struct argp_state *state)
{
	c->fail_alloc = !strcmp(arg, "all") ? CAMPAIGN_FAIL_ALL :
			cli_number(state, "--fail-alloc", arg, 1,
				   FAIL_ALLOC_MAX);
}

static void parse_faults(struct campaign *c, const char *arg,
			 struct argp_state *state)
{
	if (faults_parse(arg, &c->faults))
		argp_error(state, "--faults %s: expected %s, with commas", arg,
			   faults_words);
}

/* What threads cannot do. */
static void parse_sim_only(struct campaign *c, int key, char *arg,
			   struct argp_state *state)
{
	if (key == LONG('w')) {
		cli_sim_only(state, "--windows");
		c->windows = true;
	} else {
		cli_sim_only(state, "--steps");
		c->steps_max = cli_number(state, "--steps", arg, 1,
					  RT_STEPS_MAX);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case LONG('t'):
		o->c.target = cli_target(state, arg);
		break;
	case LONG('s'):
		parse_strategy(&o->c, arg, state);
		break;
	case LONG('n'):
		o->c.executions = cli_number(state, "--executions", arg, 1,
					     CAMPAIGN_UNLIMITED - 1);
		break;
	case LONG('d'):
		o->c.seconds = cli_number(state, "--seconds", arg, 1, 31536000);
		break;
	case LONG('x'):
		o->c.seed = cli_number(state, "--seed", arg, 0, ~0ull);
		o->seeded = true;
		break;
	case LONG('m'):
		o->c.mutate = arg;
		break;
	case LONG('p'):
		o->c.program_path = arg;
		break;
	case LONG('o'):
		o->c.out = arg;
		break;
	case LONG('j'):
		o->c.jobs = cli_number(state, "--jobs", arg, 1, CAMPAIGN_JOBS_MAX);
		break;
	case LONG('h'):
		parse_shard(&o->c, arg, state);
		break;
	case LONG('c'):
		parse_only(o, arg, state);
		break;
	case LONG('K'):
		o->c.known = arg;
		break;
	case LONG('w'):
	case LONG('k'):
		parse_sim_only(&o->c, key, arg, state);
		break;
	case LONG('J'):
		o->c.json = true;
		break;
	case LONG('f'):
		parse_fail_alloc(&o->c, arg, state);
		break;
	case LONG('F'):
		parse_faults(&o->c, arg, state);
		break;
	case LONG('y'):
		parse_memory(&o->c, arg, state);
		break;
	case LONG('P'):
		parse_points(&o->c, arg, state);
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void check_fail_alloc(struct campaign *c, struct argp_state *state)
{
	if (!c->fail_alloc)
		return;
	if (!c->program)
		argp_error(state, "--fail-alloc: which allocation that is depends on the program; give one with --program");
	if (c->fail_alloc != CAMPAIGN_FAIL_ALL)
		return;
	if (campaign_processes(c) > 1 || (c->strategy && c->strategy->next))
		argp_error(state, "--fail-alloc all: the same executions over and over; --jobs 1 only, no --shard, and no strategy that explores in order");
	if (!c->executions)
		c->executions = FAIL_ALL_EXECUTIONS;
}

/* What the options left open. Ends the program on what does not fit. */
static void complete(struct run_options *o, struct argp_state *state)
{
	static struct svm svm;
	struct campaign *c = &o->c;

	if (c->program_path) {
		if (svm_read(c->program_path, &svm))
			exit(EXIT_USAGE);
		if (cli_lacks(&svm, c->program_path))
			exit(EXIT_VACUOUS);
		if (c->target && c->target != svm.target)
			argp_error(state, "--program %s is for target %s",
				   c->program_path, svm.target->name);
		c->target = svm.target;
		c->program = &svm.program;
	}
	if (!c->target)
		argp_error(state, "--target NAME is needed; see '%s list targets'",
			   program_name);
	if (o->only && !(c->only = target_class(c->target, o->only)))
		argp_error(state, "--only: target %s has no class '%s'; see '%s list oracles'",
			   c->target->name, o->only, program_name);
	if (c->known && campaign_known_read(c->known))
		exit(EXIT_USAGE);
	if (mutation_choose(c->mutate, c->target))
		argp_error(state, "unknown mutation '%s' of target %s; see '%s list mutations'",
			   c->mutate, c->target->name, program_name);
	if (!c->strategy && rt_deterministic) {
		c->strategy_text = "mix";
		c->strategy = cli_strategy(state, c->strategy_text);
	}
	if (c->memory != RT_MEMORY_SC && (c->strategy == &strategy_dpor ||
					  c->strategy == &strategy_dfs_sleep))
		argp_error(state, "--strategy %s: --memory sc only; dfs makes every schedule of the others",
			   c->strategy->name);
	if (campaign_processes(c) > 1 && c->strategy && c->strategy->next)
		argp_error(state, "--strategy %s explores in order: --jobs 1 only, and no --shard",
			   c->strategy->name);
	check_fail_alloc(c, state);
	if (!c->executions)
		c->executions = c->seconds ? CAMPAIGN_UNLIMITED : 100000;
	if (!o->seeded && getrandom(&c->seed, sizeof(c->seed), 0) !=
	    sizeof(c->seed))
		argp_failure(state, EXIT_HARNESS, 0, "no random seed to be had");
	if (!o->seeded)
		c->seed &= 0xffffffff;
}

int cmd_run(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, NULL,
		"Runs random programs of a target (tasks that munmap, fork, "
		"fault from the GPU ...) and judges every execution.\v"
		"svmtorture runs one task at a time and a strategy picks who "
		"goes on at every lock and shared access: the same seed makes "
		"the same run. svmtorture-native runs the same programs on "
		"real threads, and the machine picks.\n\n"
		"The first failure ends the run with exit code 1. It is "
		"written as DIR/TITLE.svm, a text that 'replay' follows, and "
		"DIR/TITLE.report, which is also printed. Files that are there "
		"stay: another finding of that title is TITLE-2.svm. stdout has "
		"the report or the JSON, stderr all else; the last line says "
		"how it ended and with what parameters.\n\n"
		"Shards 0/N to N-1/N of one seed together are exactly the "
		"executions of that run with --jobs N; with --strategy random "
		"or pos, which do not learn, also those of the run without "
		"either. Counters and 'story' of their JSON add up.\n\n"
		"Exit codes: 0 PASS, 1 FAIL (a finding), 2 usage or bad "
		"--program, 3 BROKEN (--out cannot be written, or a bug of this "
		"tool), 4 VACUOUS (what the target is about never happened: "
		"run more), 5 CUT (by a signal).\n\n"
		"Examples:\n"
		"  svmtorture run --target nouveau-onepage --strategy pct "
		"--executions 100000\n"
		"  svmtorture run --target mm --seconds 600 --jobs 8 --seed 42\n"
		"  svmtorture run --target mm --seconds 3300 --seed 42 --shard 17/1000\n"
		"  svmtorture run --program corpus/clean/cow_after_fork.svm "
		"--strategy dfs:2\n"
		"  svmtorture run --program corpus/clean/cow_after_fork.svm "
		"--fail-alloc all",
		NULL, NULL, NULL,
	};
	struct run_options o = {
		.c = { .mutate = "none", .out = "results/findings", .jobs = 1,
		       .shards = 1 },
	};
	struct argp_state state = {
		.root_argp = &argp, .argc = argc, .argv = argv,
		.name = argv[0], .err_stream = stderr, .out_stream = stdout,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	complete(&o, &state);
	if (o.c.windows)
		oracle_observe(&oracle_windows);
	return campaign_run(&o.c);
}
