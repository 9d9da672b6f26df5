// SPDX-License-Identifier: GPL-2.0
/*
 * test_cut_native: the same unit tests on threads, those that must hold.
 *
 * Here a test shows two things that sim cannot: that it does not live off
 * sim's orders alone, and, under a sanitizer, that the code under test has no
 * data race that its own locks leave open. A test of a checker (CAUGHT) needs
 * the one schedule that shows the bug, and threads promise none: skipped, and
 * counted. For the same reason a race that did not happen is told, and is no
 * failure.
 */
#include <stdio.h>

#include "harness/tests/cut.h"

#define EXECUTIONS	50

/* The execution under way; outlives the child it is in. */
static u64 *execution;

static int run_executions(void *arg)
{
	struct rt_result r;

	for (*execution = 0; *execution < EXECUTIONS; ++*execution) {
		struct rt_config config = {
			.seed = CUT_SEED,
			.execution = *execution,
		};

		cut_execute(&config, &r);
	}
	return EXIT_PASS;
}

/* true: all came to their end; else what became of the last is printed. */
static bool all_passed(void)
{
	const struct failure *f;
	struct rt_result r;
	int status;

	if (rt_isolate(run_executions, NULL, &status, &r)) {
		if (status)
			printf(": the child ended with status %d", status);
		return status == EXIT_PASS;
	}
	oracle_outcome(&r);
	f = oracle_failure();
	printf(": execution %llu: %s: %s", *execution,
	       f ? f->oracle->name : "the runtime",
	       f ? f->text : "the execution did not end");
	return false;
}

static enum cut_verdict run_test(const struct cut_test *t)
{
	u64 seen = journal_count[t->seen];
	bool ok;

	printf("%s", t->name);
	if (t->expect || t->sim_only) {
		printf(": SKIP, %s\n", t->sim_only ? t->sim_only :
		       "needs the one schedule that fails");
		return CUT_SKIP;
	}
	cut_choose(t);
	ok = all_passed();
	journal_merge();
	if (ok && t->seen && journal_count[t->seen] == seen)
		printf(": %s never happened here", event_defs[t->seen].name);
	printf(": %s\n", ok ? "PASS" : "FAIL");
	return ok ? CUT_PASS : CUT_FAIL;
}

int main(int argc, char **argv)
{
	execution = rt_shared(sizeof(*execution));
	return execution ? cut_main(argc, argv, run_test) : EXIT_HARNESS;
}
