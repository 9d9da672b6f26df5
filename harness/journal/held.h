/* SPDX-License-Identifier: GPL-2.0 */
/*
 * held.h: who holds what, told from the lock and unlock rows of the journal.
 *
 * The lock services keep a table of their own for their checks; the rows know
 * besides who took the lock where and when, and outlive the tasks. Needs rows,
 * that is, a detail execution.
 */
#ifndef HARNESS_JOURNAL_HELD_H
#define HARNESS_JOURNAL_HELD_H

#include "harness/journal/journal.h"

#define HELD_MAX 16	/* locks of one task at a time */

struct held {
	const struct event *row;	/* its EV_lock */
};

/* What @task holds after row @seq, oldest first. How many. */
u32 held_by(int task, u32 seq, struct held *held, u32 max);

/* The EV_lock row of who holds @lock after row @seq, exclusively or else the
 * longest; NULL if nobody does. */
const struct event *held_owner(const void *lock, u32 seq);

#endif /* HARNESS_JOURNAL_HELD_H */
