// SPDX-License-Identifier: GPL-2.0
/*
 * shrink_minimal: is there a failing schedule with fewer preemptions?
 *
 * Dropping preemptions one by one ends where no single one can go; another
 * schedule, with fewer, may fail all the same. So every schedule of the
 * program with none, with one, and so on up to one less than the best has is
 * made (dfs:B). The first that fails with the class becomes the best, and then
 * it has the fewest there are. If none does, the best had.
 */
#include <stdio.h>

#include "harness/exec/shrink.h"

/* Every schedule with at most @bound preemptions. 1: one failed, and is the
 * best now; 0: none does; -1: cut off by the limit. */
static int explore(struct shrinker *sh, u32 bound, u32 limit, u32 *made)
{
	struct exec x = {
		.target = sh->svm->target,
		.program = &sh->program,
		.strategy = &strategy_dfs,
		.seed = 1,
	};
	struct rt_result r;
	char arg[16], err[96];
	bool failed;

	snprintf(arg, sizeof(arg), "%u", bound);
	if (strategy_dfs.setup(arg, err, sizeof(err)))
		return -1;
	for (; *made < limit; x.index++) {
		failed = shrink_fails(sh, &x, &r);
		if (r.outcome == RT_EXHAUSTED)
			return 0;
		++*made;
		/* Not the schedule that it should have been: nothing is proven. */
		if (r.outcome == RT_PRUNED || strategy_dfs.broken())
			return -1;
		if (failed)
			return shrink_keep(sh, &sh->program, &r) ? 1 : -1;
	}
	return -1;
}

void shrink_minimal(struct shrinker *sh, u32 limit)
{
	struct svm *svm = sh->svm;
	u32 bound;
	int found = 0;

	svm->schedules = 0;
	for (bound = 0; bound < sh->cost.preemptions && !found; bound++)
		found = explore(sh, bound, limit, &svm->schedules);
	/* A failure of bound B is the fewest: all below B were seen to pass. */
	svm->minimal = found < 0 ? SVM_UNPROVEN : SVM_PROVEN;
}

/*
 * proven:1234, no schedule with fewer preemptions fails, of 1234 that there
 * are; unproven:1234, so many were made and none failed, and there are more.
 * It speaks of the file as it was shrunk: who edits that takes it out.
 */
const char *const svm_minimal_words[] = {
	[SVM_PROVEN]	= "proven",
	[SVM_UNPROVEN]	= "unproven",
};

const char *svm_minimal_text(const struct svm *svm, char *buf)
{
	if (svm->minimal == SVM_NOT_TRIED)
		return NULL;
	if (svm->minimal == SVM_PROVEN)
		snprintf(buf, SVM_MINIMAL_TEXT_MAX,
			 "minimal: no schedule with fewer preemptions fails");
	else
		snprintf(buf, SVM_MINIMAL_TEXT_MAX,
			 "not proven minimal: search for fewer preemptions stopped after %u executions",
			 svm->schedules);
	return buf;
}
