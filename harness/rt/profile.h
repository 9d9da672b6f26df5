/* SPDX-License-Identifier: GPL-2.0 */
/*
 * profile.h: what the execution before this one touched, for strategies that
 * weigh tasks by what they still have to do.
 *
 * A location is an object that points name. Objects are found by address, but
 * counted and drawn in the order in which the execution came to them: no
 * choice depends on where the linker or the arena put anything.
 *
 * A step only notes who did what. Few executions are ever asked about (of those
 * of mix, one in five about its locations), and a profile is made of the notes
 * when one is.
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

/* Of one whole execution; its parts as they were asked for. */
struct profile {
	u32 nr;
	struct profile_location location[PROFILE_LOCATIONS];
	u16 steps[RT_TASKS_MAX];	/* by each task, M0 too */
};

enum profile_part {
	PROFILE_OF_NOTHING,
	PROFILE_OF_STEPS,
	PROFILE_OF_LOCATIONS,
};

/*
 * Before an execution: @part of the profile of the one before if that was of
 * the same program, else NULL; valid until the next call. Notes of this one
 * begin.
 */
const struct profile *profile_begin(const struct rt_config *config,
				    enum profile_part part);
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
