// SPDX-License-Identifier: GPL-2.0
/*
 * front_main: the main() of a program under exploration; its own has another
 * name by then.
 *
 *	program [KEY=VALUE | KEY]... [-- ARGUMENT...]
 *
 * It is started by 'svmtorture explore-pthread', which is for people; what is
 * wrong here is a bug there, but for who starts it under a debugger. Behind
 * "--" stand the arguments of the program's main().
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/exec/memory.h"
#include "harness/hooks/hooks.h"
#include "harness/rt/pthread/front.h"
#include "harness/rt/pthread/front_run.h"
#include "harness/rt/sim.h"

#define LEARNING_RUNS	32	/* see front_share.c */
#define LEARNING_SEED	1
#define ARGUMENTS_MAX	62
/* Linux gives a thread as much; further below nobody else's begins. */
#define STACK_SIZE	(8ul << 20)
#define STACK_GUARD	(1ul << 20)

static volatile sig_atomic_t interrupted;
static const char *inexact;

void front_inexact(const char *what)
{
	inexact = what;
}

/* Who asks twice does not wait for a finding to be written. */
static void on_signal(int sig)
{
	if (interrupted)
		_exit(EXIT_CUT);
	interrupted = sig;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int usage(const char *word)
{
	fprintf(stderr, "HARNESS: '%s' is not understood; start this program with svmtorture explore-pthread\n",
		word);
	return EXIT_HARNESS;
}

static int set_strategy(struct campaign *c, const char *text)
{
	char name[32], err[160] = "";
	const char *colon = strchr(text, ':');

	snprintf(name, sizeof(name), "%.*s", colon ? (int)(colon - text) :
		 (int)strlen(text), text);
	c->strategy = strategy_find(name);
	c->strategy_text = text;
	if (c->strategy && (!c->strategy->setup ||
			    !c->strategy->setup(colon ? colon + 1 : NULL, err,
						sizeof(err))))
		return 0;
	return usage(text);
}

/* Words that stand alone. */
static bool *flag(struct front_run *run, const char *word)
{
	const struct { const char *word; bool *flag; } flags[] = {
		{ "races", &front_options.races },
		{ "plain-points", &front_options.plain_points },
		{ "spurious", &front_options.spurious },
		{ "fail-malloc", &front_options.fail_malloc },
		{ "output", &front_options.output },
		{ "trace", &run->trace },
	};

	for (u32 i = 0; i < ARRAY_SIZE(flags); i++)
		if (!strcmp(flags[i].word, word))
			return flags[i].flag;
	return NULL;
}

static int set(struct front_run *run, const char *key, const char *value)
{
	struct campaign *c = &run->c;

	if (!strcmp(key, "strategy"))
		return set_strategy(c, value);
	if (!strcmp(key, "executions"))
		c->executions = strtoull(value, NULL, 0);
	else if (!strcmp(key, "seconds"))
		c->seconds = (u32)strtoul(value, NULL, 0);
	else if (!strcmp(key, "seed"))
		c->seed = strtoull(value, NULL, 0);
	else if (!strcmp(key, "steps"))
		c->steps_max = (u32)strtoul(value, NULL, 0);
	else if (!strcmp(key, "tries"))
		run->tries = (u32)strtoul(value, NULL, 0);
	else if (!strcmp(key, "out"))
		c->out = value;
	else if (!strcmp(key, "replay"))
		run->replay = value;
	else if (!strcmp(key, "source"))
		run->source = c->program_path = value;
	else if (!strcmp(key, "flags"))
		run->flags = value;
	else if (!strcmp(key, "memory"))
		return memory_parse(value, &c->memory) ? usage(value) : 0;
	else if (!strcmp(key, "stop-at"))
		run->x.stop_at = (u32)strtoul(value, NULL, 0);
	else
		return usage(key);
	return 0;
}

static int parse(struct front_run *run, int argc, char **argv)
{
	static char *arguments[ARGUMENTS_MAX + 2];
	int i, nr = 0;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		char *equals = strchr(argv[i], '=');
		bool *f = equals ? NULL : flag(run, argv[i]);

		if (f) {
			*f = true;
			continue;
		}
		if (!equals)
			return usage(argv[i]);
		*equals = 0;
		if (set(run, argv[i], equals + 1))
			return EXIT_HARNESS;
	}
	arguments[nr++] = (char *)run->source;
	for (i++; i < argc && nr <= ARGUMENTS_MAX; i++)
		arguments[nr++] = argv[i];
	front_arguments = arguments;
	return 0;
}

/* A fixed number of executions, before any other: see front_share.c. One that
 * makes no steps any more has taken seconds: it is not the last of its kind. */
static void learn(struct front_run *run)
{
	struct exec x = run->x;
	struct rt_result r;

	x.strategy = &strategy_random;
	x.seed = LEARNING_SEED;
	x.stop_at = 0;
	front_learning = true;
	for (x.index = 0; x.index < LEARNING_RUNS && !interrupted; x.index++) {
		front_share_reset();
		exec_run(&x, &r);
		front_share_end();
		if (r.hung)
			break;
	}
	front_learning = false;
	front_outlived = 0;
}

/* To a run that passed: what it did not look at. */
static void tell_plain(struct front_run *run)
{
	if (front_options.races || front_options.plain_points)
		return;
	learn(run);
	if (front_share_points())
		fprintf(stderr, "note: plain accesses at %u places are to memory that several threads use with no lock in common, and were no points: --races or --plain-points looks at them\n",
			front_share_points());
}

static void add_up(struct tally *t, const struct rt_result *r)
{
	t->executions++;
	t->steps += r->steps;
	t->switches += r->switches;
	t->preemptions += r->preemptions;
	t->choices += r->choices;
}

/* The strategy's own sentence; see front_inexact(). */
static void summarise(const struct strategy *s, struct tally *t)
{
	const char *text = s->summary ? s->summary() : NULL;
	const char *word = "complete: ";
	bool reduces = s == &strategy_dpor || s == &strategy_dfs_sleep;

	if (!text)
		return;
	if (reduces && inexact && !strncmp(text, word, strlen(word)))
		snprintf(t->summary, sizeof(t->summary),
			 "(complete but for the orders of %s: %s)", inexact,
			 text + strlen(word));
	else
		snprintf(t->summary, sizeof(t->summary), "(%s)", text);
}

/* One execution: EXIT_PASS to go on. */
static int run_one(struct front_run *run, struct tally *t)
{
	const struct strategy *s = run->c.strategy;
	const char *why;
	struct rt_result r;

	exec_run(&run->x, &r);
	if (r.outcome == RT_EXHAUSTED) {
		t->exhausted = true;
		return EXIT_PASS;
	}
	add_up(t, &r);
	if (r.outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: %s\n", r.diverged);
		return EXIT_HARNESS;
	}
	if (r.overflow) {
		fprintf(stderr, "HARNESS: execution %llu: P%u needs more stack than a thread has here: the limit is %lu MiB\n",
			run->x.index, rt_index(r.task), STACK_SIZE >> 20);
		return EXIT_HARNESS;
	}
	/* To see it again takes as long as it took to see it. */
	if (interrupted && r.hung)
		return EXIT_PASS;
	if (oracle_failure()) {
		summarise(s, t);
		return front_finding(run, &r, t);
	}
	why = s->broken ? s->broken() : NULL;
	if (why)
		fprintf(stderr, "HARNESS: execution %llu: %s\n", run->x.index,
			why);
	return why ? EXIT_HARNESS : EXIT_PASS;
}

static int run_all(struct front_run *run, struct tally *t)
{
	const struct campaign *c = &run->c;
	u32 repeat = c->strategy->repeat ? c->strategy->repeat : 1;
	double start = now();
	int code = EXIT_PASS;

	for (u64 i = 0; i < c->executions && !t->exhausted && !code; i++) {
		run->x.index = t->index = i;
		for (u32 k = 0; k < repeat && !code; k++)
			code = run_one(run, t);
		if (interrupted || (c->seconds && !(i & 63) &&
				    now() - start >= c->seconds))
			break;
	}
	if (!code)
		summarise(c->strategy, t);
	return code;
}

static const char *verdict(const struct tally *t, int *code)
{
	if (*code == EXIT_FINDING)
		return "FAIL";
	if (*code == EXIT_HARNESS)
		return "BROKEN";
	if (interrupted) {
		*code = EXIT_CUT;
		return "CUT";
	}
	if (t->choices)
		return "PASS";
	fprintf(stderr, "vacuous: %llu executions never saw two threads that could run at once\n",
		t->executions);
	*code = EXIT_VACUOUS;
	return "VACUOUS";
}

static int search(struct front_run *run)
{
	static struct tally tally;
	double start, seconds;
	const char *word;
	int code;

	campaign_start_line(&run->c);
	if (front_options.plain_points) {
		learn(run);
		fprintf(stderr, "plain accesses that are points: %u places, learnt in %d executions\n",
			front_share_points(), LEARNING_RUNS);
	}
	start = now();
	code = run_all(run, &tally);
	seconds = now() - start;
	word = verdict(&tally, &code);
	if (front_outlived)
		fprintf(stderr, "note: %llu executions ended while threads were left, which the end of the program cuts off: no strategy looks at what they would still do\n",
			front_outlived);
	if (code == EXIT_PASS) {
		campaign_guarantee(&run->c, &tally);
		tell_plain(run);
	}
	campaign_progress(&run->c, &tally, seconds, true);
	campaign_end_line(&run->c, &tally, word, seconds);
	return code;
}

int main(int argc, char **argv)
{
	static struct program none = { .nr_tasks = 1 };
	static struct front_run run = {
		.c = { .mutate = "none", .out = "results/findings", .jobs = 1,
		       .executions = 100000, .strategy_text = "random" },
		.source = "program",
		.tries = 2000,
	};
	const struct sigaction cut = { .sa_handler = on_signal,
				       .sa_flags = SA_ONSTACK | SA_RESTART };

	run.c.strategy = &strategy_random;
	run.c.target = targets[0];
	if (parse(&run, argc, argv))
		return EXIT_HARNESS;
	sim_stack_size = STACK_SIZE;
	sim_stack_guard = STACK_GUARD;
	front_steps(run.c.steps_max);
	if ((!run.replay && campaign_check_out(&run.c)) ||
	    exec_setup(run.c.target))
		return EXIT_HARNESS;
	hooks_atomics_marked = true;
	rt_memory = run.c.memory;
	run.x.target = run.c.target;
	run.x.program = &none;
	run.x.program_nr = 1;
	run.x.strategy = run.c.strategy;
	run.x.seed = run.c.seed;
	if (run.replay) {
		if (front_options.plain_points)
			learn(&run);
		return front_replay(&run);
	}
	sigaction(SIGINT, &cut, NULL);
	sigaction(SIGTERM, &cut, NULL);
	sigaction(SIGHUP, &cut, NULL);
	return search(&run);
}
