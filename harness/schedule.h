/* SPDX-License-Identifier: GPL-2.0 */
/*
 * schedule.h: an interleaving as data, shared by the runtime that follows it,
 * the reproducer that stores it and the shrinker that makes it short.
 *
 * A schedule is a list of segments. A segment lets one task run until a count
 * of steps is used up, until it stands before a named switch point, or until
 * it exits; or it answers one rt_choose(). When the list is used up, the task
 * that ran last goes on while it can, then the lowest numbered one that can and
 * does not just spin: no preemption that the schedule does not name.
 */
#ifndef HARNESS_SCHEDULE_H
#define HARNESS_SCHEDULE_H

#include "harness/types.h"

/* More than an execution of the default step bound can have: random switches
 * at every other step, and some steps have choices beside. */
#define SCHEDULE_SEGMENTS_MAX	32768
#define SCHEDULE_NAME_MAX	96

enum segment_kind {
	SEGMENT_STEPS,		/* P0 12 steps */
	SEGMENT_UNTIL,		/* P0 until mutex_lock(svmm->mutex) #2 */
	SEGMENT_EXIT,		/* P0 until exit */
	SEGMENT_BLOCK,		/* P0 until blocked */
	SEGMENT_CHOOSE,		/* choose kmalloc 1: the answer to one rt_choose() */
};

struct segment {
	u8 kind;
	char role;		/* 'P', 'W', ...: see rt.h; 0 for CHOOSE */
	u8 index;		/* the 0 of P0 */
	u32 count;		/* STEPS: how many; UNTIL: which occurrence, from 1;
				   CHOOSE: the value */
	char name[SCHEDULE_NAME_MAX];	/* UNTIL: the point; CHOOSE: why */
};

struct schedule {
	u32 nr;
	bool cut;		/* by an export: there were more segments */
	struct segment seg[SCHEDULE_SEGMENTS_MAX];
};

#endif /* HARNESS_SCHEDULE_H */
