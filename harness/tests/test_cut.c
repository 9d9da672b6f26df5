// SPDX-License-Identifier: GPL-2.0
/*
 * test_cut: runs the unit tests of the code under test (targets/cut_test.h)
 * on many schedules each.
 *
 *	test_cut kernel|mm|nouveau [name]	one folder's tests, or one of them
 *
 * A schedule is an execution of a strategy with a fixed seed, so the result is
 * the same every time. The machine is booted before a test's own boot, each
 * body is a task of the kernel, and what the test's halt leaves running is
 * halted after it; so the body of a test is only what it is about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/exec/exec.h"
#include "harness/rt/engine.h"
#include "harness/rt/strategy.h"
#include "targets/cut_test.h"
#include "targets/kernel/kernel.h"

#define EXECUTIONS_RANDOM	300
#define EXECUTIONS_PCT		100
#define SEED			0x5eed

extern const struct cut_test mm_tests[] __attribute__((weak));
extern const struct cut_test nouveau_tests[] __attribute__((weak));

static const struct folder {
	const char *name;
	const struct cut_test *tests;
} folders[] = {
	{ "kernel", kernel_tests },
	{ "mm", mm_tests },
	{ "nouveau", nouveau_tests },
};

static const struct cut_test *running;

/* What became of all executions of one test. */
struct tally {
	u64 executions, raised;
	bool wrong;
	char text[400];		/* the first thing that was wrong */
};

void cut_check_failed(const char *expr, const char *func, int line)
{
	journal_emit(EV_bug, (u64)(size_t)expr, (u64)(size_t)func, (u64)line);
	rt_stop();
}

static void body_task(void *arg)
{
	kernel_task_begin("test");
	running->body((u32)(size_t)arg);
	kernel_task_end();
}

static void machine_main(void *arg)
{
	const struct cut_test *t = running;
	int task[RT_TASKS_MAX];

	kernel_boot(0);
	if (t->boot)
		t->boot();
	for (u32 i = 0; i < t->nr_tasks; i++)
		task[i] = rt_spawn('P', "test", body_task, (void *)(size_t)i);
	rt_go();
	for (u32 i = 0; i < t->nr_tasks; i++)
		rt_join(task[i]);
	kernel_quiesce();
	journal_emit(EV_quiesce, 0, 0, 0);
	oracle_quiesce();
	if (t->halt)
		t->halt();
	kernel_halt();
	journal_emit(EV_end, 0, 0, 0);
	oracle_end();
}

static void judge(const struct cut_test *t, const struct rt_result *r,
		  const char *strategy, u64 index, struct tally *tally)
{
	const struct failure *f = oracle_failure();

	tally->executions++;
	if (f && f->oracle == t->expect) {
		tally->raised++;
		return;
	}
	if ((!f && r->outcome == RT_DONE) || tally->wrong)
		return;
	tally->wrong = true;
	snprintf(tally->text, sizeof(tally->text),
		 "execution %llu of %s: %s: %s", index, strategy,
		 f ? f->oracle->name : "the runtime",
		 f ? f->text : "the execution did not end");
}

static bool run_strategy(const struct cut_test *t, const char *name, u32 nr,
			 struct tally *tally)
{
	const struct strategy *s = strategy_find(name);
	char err[160];

	if (s->setup && s->setup(NULL, err, sizeof(err))) {
		snprintf(tally->text, sizeof(tally->text), "%s: %s", name, err);
		return false;
	}
	for (u32 i = 0; i < nr && !tally->wrong; i++) {
		struct rt_config config = {
			.strategy = s,
			.seed = SEED,
			.execution = i,
		};
		struct rt_result r;

		oracle_begin();
		journal_begin();
		rt_engine_run(&config, machine_main, NULL, &r);
		oracle_outcome(&r);
		judge(t, &r, name, i, tally);
	}
	return true;
}

static bool passed(const struct cut_test *t, struct tally *tally, u64 seen)
{
	if (tally->wrong)
		return false;
	if (t->expect && !tally->raised) {
		snprintf(tally->text, sizeof(tally->text),
			 "%s was never raised", t->expect->name);
		return false;
	}
	if (!t->expect && t->seen && !seen) {
		snprintf(tally->text, sizeof(tally->text),
			 "VACUOUS: %s never happened",
			 event_defs[t->seen].name);
		return false;
	}
	return true;
}

static bool run_test(const struct cut_test *t)
{
	struct tally tally = { 0 };
	u64 seen = journal_count[t->seen];
	bool ok;

	running = t;
	memset(mutation_on, 0, M_NR);
	mutation_on[t->mutation] = t->mutation != M_none;
	oracle_setup(t->oracles, t->view);
	ok = run_strategy(t, "random", EXECUTIONS_RANDOM, &tally) &&
	     run_strategy(t, "pct", EXECUTIONS_PCT, &tally);
	ok = ok && passed(t, &tally, journal_count[t->seen] - seen);
	printf("%s %s", ok ? "PASS" : "FAIL", t->name);
	if (!ok)
		printf(": %s", tally.text);
	else if (t->expect)
		printf(": %s in %llu of %llu", t->expect->name, tally.raised,
		       tally.executions);
	printf("\n");
	return ok;
}

/* How many failed; *run counts those there were. */
static int run_folder(const struct folder *f, const char *only, int *run)
{
	int failed = 0;

	for (const struct cut_test *t = f->tests; t && t->name; t++) {
		if (only && strcmp(only, t->name))
			continue;
		failed += !run_test(t);
		++*run;
	}
	return failed;
}

static const struct folder *find_folder(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(folders); i++)
		if (!strcmp(name, folders[i].name))
			return &folders[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct folder *f = argc > 1 ? find_folder(argv[1]) : NULL;
	int failed, run = 0;

	if (!f || argc > 3) {
		fprintf(stderr, "usage: test_cut kernel|mm|nouveau [name]\n");
		return EXIT_USAGE;
	}
	if (rt_engine_init())
		return EXIT_HARNESS;
	failed = run_folder(f, argv[2], &run);
	if (!run) {
		fprintf(stderr, "test_cut: VACUOUS: no such test\n");
		return EXIT_VACUOUS;
	}
	return failed ? EXIT_FINDING : EXIT_PASS;
}
