// SPDX-License-Identifier: GPL-2.0
/*
 * test_cut: runs the unit tests of the code under test (targets/cut_test.h)
 * on many schedules each.
 *
 * A schedule is an execution of a strategy with a fixed seed, so the result is
 * the same every time.
 *
 * Where every access is watched (harness/hooks), what a checker is tested with
 * may be seen before it as the race it also is, and ends the execution. That is
 * no failure of the test; in all of them it leaves nothing to test.
 */
#include <stdio.h>

#include "harness/rt/hooks.h"
#include "harness/rt/strategy.h"
#include "harness/sanitize.h"
#include "harness/tests/cut.h"

#define EXECUTIONS_RANDOM	300
#define EXECUTIONS_PCT		100

/* What became of all executions of one test. */
struct tally {
	u64 executions, raised;
	u64 watched;		/* ended by harness/hooks, with @expect set */
	bool wrong;
	char text[400];		/* the first thing that was wrong */
};

static bool is_watchers(const struct oracle *o)
{
	return &rt_hooks != NULL &&
	       (o == &oracle_data_race || o == &oracle_out_of_bounds ||
		o == &oracle_use_after_free);
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
	if (f && t->expect && is_watchers(f->oracle)) {
		tally->watched++;
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
			.seed = CUT_SEED,
			.execution = i,
		};
		struct rt_result r;

		cut_execute(&config, &r);
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

static enum cut_verdict run_test(const struct cut_test *t)
{
	struct tally tally = { 0 };
	u64 seen = journal_count[t->seen];
	bool ok;

	if (SANITIZE_ADDRESS && t->asan_first) {
		printf("SKIP %s: AddressSanitizer sees it first, and ends the process\n",
		       t->name);
		return CUT_SKIP;
	}
	cut_choose(t);
	ok = run_strategy(t, "random", EXECUTIONS_RANDOM, &tally) &&
	     run_strategy(t, "pct", EXECUTIONS_PCT, &tally);
	if (ok && !tally.wrong && tally.watched && !tally.raised) {
		printf("SKIP %s: a data race or a use after free comes first\n",
		       t->name);
		return CUT_SKIP;
	}
	ok = ok && passed(t, &tally, journal_count[t->seen] - seen);
	printf("%s %s", ok ? "PASS" : "FAIL", t->name);
	if (!ok)
		printf(": %s", tally.text);
	else if (t->expect)
		printf(": %s in %llu of %llu", t->expect->name, tally.raised,
		       tally.executions);
	printf("\n");
	return ok ? CUT_PASS : CUT_FAIL;
}

int main(int argc, char **argv)
{
	return cut_main(argc, argv, run_test);
}
