/* SPDX-License-Identifier: GPL-2.0 */
/*
 * locks.h: the locks tasks hold right now, as the ground's lockdep knows them.
 * Works without rows, so also for an execution that was not recorded; valid
 * from boot until the next execution begins, in native only while the tasks
 * stand still. Implemented by the kernel services of a ground
 * (targets/kernel/lockdep.c). Free of libc.
 */
#ifndef HARNESS_JOURNAL_LOCKS_H
#define HARNESS_JOURNAL_LOCKS_H

#include "harness/types.h"

struct lockdep_held_info {
	const void *lock;
	const char *name;	/* of its class: "svmm->mutex" */
	const char *verb;	/* "mutex_lock" */
	u32 since;		/* step */
	bool shared;
};

/* What @task holds, oldest first; how many, at most @max. */
u32 lockdep_held(int task, struct lockdep_held_info *out, u32 max);

/* Who holds @lock, an exclusive holder first; -1 if nobody does. */
int lock_owner(const void *lock);

/* The name of the class of a lock of any kind, or NULL. */
const char *lock_name(const void *lock);

#endif /* HARNESS_JOURNAL_LOCKS_H */
