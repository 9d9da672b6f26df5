// SPDX-License-Identifier: GPL-2.0
/*
 * draw: seeds for a target that has none: --draw N DIR writes N small programs.
 *
 * Each is the one of some thousand random programs, each under pct, that came to
 * the most kinds of event that those before it did not come to; of two alike the
 * one with fewer calls. So the folder as a whole raced, and that is where
 * engines start from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/verbs.h"
#include "harness/exec/file.h"

#define TRIES	4000
#define CALLS	12	/* of a seed, at most */
#define SEGMENTS 24

static struct program program;
static struct svm svm;
static bool seen[EV_NR];

/* Program @i, executed; its schedule is in svm. False: not fit for a seed. */
static bool run(u64 i)
{
	const struct form *f = fuzz_form();
	struct exec x = fuzz_exec;
	struct rt_result r;
	struct prng prng;
	char err[80];

	/* It learns how long executions are: each has to be a function of @i. */
	strategy_pct.setup("3", err, sizeof(err));
	prng_seed(&prng, 1, PRNG_PROGRAM, i);
	prog_generate(&f->ops, &prng, &program);
	if (prog_nr_calls(&program) > CALLS)
		return false;
	memset(journal_count, 0, sizeof(journal_count));
	x.program = &program;
	x.strategy = &strategy_pct;
	x.seed = 1;
	x.index = i;
	exec_run(&x, &r);
	if (oracle_failure())
		fuzz_finding(&x, &r);
	rt_export_schedule(&svm.schedule, false);
	return svm.schedule.nr <= SEGMENTS;
}

static u32 score(void)
{
	u32 news = 0;

	for (u32 k = 0; k < EV_NR; k++)
		news += journal_count[k] && !seen[k];
	return news * PROG_TASKS_MAX * PROG_CALLS_MAX +
	       PROG_TASKS_MAX * PROG_CALLS_MAX - prog_nr_calls(&program);
}

static void keep(const char *dir, u32 nr)
{
	char path[FILE_PATH_MAX];

	for (u32 k = 0; k < EV_NR; k++)
		seen[k] |= journal_count[k] != 0;
	svm.target = fuzz_entry.target;
	svm.mutation = M_none;
	svm.has_schedule = true;
	svm.program = program;
	snprintf(svm.story, sizeof(svm.story),
		 "A seed for fuzz engines, drawn at random.\n");
	snprintf(path, sizeof(path), "%s/drawn_%u.svm", dir, nr);
	if (svm_write(path, &svm))
		fuzz_broken("a seed cannot be written");
}

static void list_missing(void)
{
	const u16 *must = fuzz_entry.target->must_see;

	for (; must && *must; must++)
		if (!seen[*must])
			printf(" %s", event_defs[*must].name);
}

int verbs_draw(int argc, char **argv)
{
	u32 nr = argc == 2 ? (u32)atoi(argv[0]) : 0;

	for (u32 n = 0; n < nr; n++) {
		u32 most = 0;
		u64 best = 0;

		for (u64 i = 0; i < TRIES; i++) {
			if (!run(i) || score() <= most)
				continue;
			most = score();
			best = i;
		}
		if (!run(best))
			return EXIT_VACUOUS;
		keep(argv[1], n);
	}
	printf("%u seeds, never seen:", nr);
	list_missing();
	puts("");
	return nr ? EXIT_PASS : EXIT_VACUOUS;
}
