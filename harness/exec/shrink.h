/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shrink.h: what the parts of the shrinker share, private to exec/.
 *
 * shrink.c makes the program smaller. shrink_record.c keeps the best failing
 * execution and bends it to another program, shrink_schedule.c seeks a failing
 * schedule and simplifies it, shrink_minimal.c shows that none is simpler,
 * shrink_name.c makes it readable.
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

/* What makes a failing schedule hard to read, the worst first. */
struct cost {
	u32 preemptions;
	u32 segments;		/* that have to be written down */
	u32 steps;
};

struct shrinker {
	struct svm *svm;
	const struct oracle *class;	/* what must stay */
	u32 tries, tries_max;
	u32 tries_each;			/* executions spent on one candidate */
	struct prng prng;

	/* The best so far, and how it fails. */
	struct program program;
	struct cost cost;
	char text[256];			/* the failure's */
	u32 nr_hops;
	u32 needed;			/* steps; those after them need no saying */
	struct hop hop[EXEC_TRACE_MAX];
};

/* -- shrink_record.c -- */

bool shrink_spent(const struct shrinker *sh);

/*
 * One execution of @x: whether it failed, and with the class. Then
 * shrink_measure() says what it costs, and shrink_keep() makes it the best,
 * false if it is too long; either before anything else is executed.
 */
bool shrink_fails(struct shrinker *sh, const struct exec *x,
		  struct rt_result *r);
struct cost shrink_measure(const struct rt_result *r);
bool shrink_less(const struct cost *a, const struct cost *b);
bool shrink_keep(struct shrinker *sh, const struct program *p,
		 const struct rt_result *r);

/* shrink_fails() of @p under @s, followed as far as it goes. */
bool shrink_follows(struct shrinker *sh, const struct program *p,
		    const struct schedule *s, struct rt_result *r);

/* Make the best again, exactly; as shrink_fails(). */
bool shrink_repeat(struct shrinker *sh, bool detail, struct exec *x,
		   struct rt_result *r);

/*
 * The best as segments, up to where the rest needs no saying, without the
 * calls that are @gone (NULL: none). 0, or -1: too many segments.
 */
int shrink_bend(const struct shrinker *sh, const u64 *gone,
		struct schedule *s);

/* -- shrink_schedule.c -- */

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
		const u64 gone[PROG_TASKS_MAX]);

/* A schedule of less cost for the best program. */
void shrink_preemptions(struct shrinker *sh);

/* -- shrink_minimal.c -- */

/*
 * Make every schedule of the best program with fewer preemptions than the best
 * has, but at most @limit of them; one that fails becomes the best. Says in
 * the reproducer what that proved.
 */
void shrink_minimal(struct shrinker *sh, u32 limit);

/* -- shrink_name.c -- */

/* Let the task that runs first be P0, the next P1: as people tell it. */
void shrink_renumber(struct shrinker *sh);

/*
 * Write the best into svm, its schedule by names where a strict replay shows
 * that they are enough. 0, or -1 with a message: the harness is broken.
 */
int shrink_name(struct shrinker *sh);

#endif /* HARNESS_EXEC_SHRINK_H */
