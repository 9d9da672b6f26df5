/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shrink.h: what the two halves of the shrinker share, private to exec/.
 *
 * shrink.c makes the program smaller; shrink_schedule.c knows how a failing
 * schedule is bent to a changed program, simplified, and named.
 */
#ifndef HARNESS_EXEC_SHRINK_H
#define HARNESS_EXEC_SHRINK_H

#include "harness/exec/exec.h"

#define NO_CALL		0xff

/* One decision of a failing execution, by name of task. */
struct hop {
	char role;		/* 0: the answer to an rt_choose() */
	u8 index;		/* of the task; or the answer */
	u8 call;		/* which call of P<index> it was part of */
};

struct shrinker {
	struct svm *svm;
	const struct oracle *class;	/* what must stay */
	u32 tries, tries_max;
	u32 tries_each;			/* executions spent on one candidate */
	struct prng prng;

	/* The best so far, and how it fails. */
	struct program program;
	u32 preemptions, steps;
	u32 nr_hops;
	struct hop hop[EXEC_TRACE_MAX];
};

bool shrink_spent(const struct shrinker *sh);

/*
 * Find a failure of the class: in svm's own schedule, or by search if it has
 * none. It becomes the best. False if there is none.
 */
bool shrink_first(struct shrinker *sh);

/*
 * Does @p still fail, in some schedule? Tries the best schedule bent to it,
 * then schedules near that, then any. If so @p becomes the best. @gone says
 * which calls of the best program @p has no more, a bit each; a task whose
 * calls are all gone is gone, and later ones have moved up.
 */
bool shrink_try(struct shrinker *sh, const struct program *p,
		const u32 gone[PROG_TASKS_MAX]);

/* Fewer preemptions, then fewer steps. */
void shrink_preemptions(struct shrinker *sh);

/* Let the task that runs first be P0, the next P1: as people tell it. */
void shrink_renumber(struct shrinker *sh);

/*
 * Write the best into svm, its schedule by names where a strict replay shows
 * that they are enough. 0, or -1 with a message: the harness is broken.
 */
int shrink_name(struct shrinker *sh);

#endif /* HARNESS_EXEC_SHRINK_H */
