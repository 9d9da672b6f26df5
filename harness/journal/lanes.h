/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lanes.h: the journal of native executions, a lane per task; see lanes.c.
 */
#ifndef HARNESS_JOURNAL_LANES_H
#define HARNESS_JOURNAL_LANES_H

#include "harness/journal/journal.h"

/* Before the first child is made. 0, or -1 if there is no memory. */
int lanes_setup(void);
/* No task runs: forget the rows. */
void lanes_begin(void);
/* Fills in e->seq and keeps a copy; counts it. By the task e->task alone. */
void lanes_record(struct event *e);
u32 lanes_seq(void);
/* These three only while no task runs. */
const struct event *lanes_event(u32 seq);
u32 lanes_stack(const struct event *e, const u64 **pc);
void lanes_merge(u64 *count);

#endif /* HARNESS_JOURNAL_LANES_H */
