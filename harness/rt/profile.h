/* SPDX-License-Identifier: GPL-2.0 */
/*
 * profile.h: what the execution before this one touched, for strategies that
 * weigh tasks by what they still have to do.
 *
 * A location is an object that points name. Objects are found by address, but
 * counted and drawn in the order in which the execution came to them: no
 * choice depends on where the linker or the arena put anything.
 */
#ifndef HARNESS_RT_PROFILE_H
#define HARNESS_RT_PROFILE_H

#include "harness/rt/strategy.h"

#define PROFILE_LOCATIONS	512	/* later ones are not counted */

struct profile_location {
	const void *obj;
	u32 tasks;			/* that touched it, M0 left out */
	bool written;
	u32 total;
	u16 count[RT_TASKS_MAX];	/* touches by each task */
};

/* Of one whole execution. */
struct profile {
	u64 program;			/* rt_config.program of it */
	u32 nr;
	struct profile_location location[PROFILE_LOCATIONS];
	u16 steps[RT_TASKS_MAX];	/* by each task, M0 too */
};

/*
 * Before an execution: the profile of the one before if it was of the same
 * program, else NULL; valid until the next call. A new profile begins.
 */
const struct profile *profile_begin(const struct rt_config *config);
/* Task @n was picked, and does what it stands before. */
void profile_note(const struct strategy_view *v, int n);

/* What is about to happen on its object can be noticed by a reader. */
static inline bool strategy_writes(const struct rt_site *site)
{
	return site->kind != RT_LOAD;
}

/* The two operations do not commute. */
static inline bool strategy_races(const struct strategy_task *a,
				  const struct strategy_task *b)
{
	return a->obj && a->obj == b->obj &&
	       (strategy_writes(a->site) || strategy_writes(b->site));
}

#endif /* HARNESS_RT_PROFILE_H */
