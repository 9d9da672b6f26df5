// SPDX-License-Identifier: GPL-2.0
/*
 * outcome: how an execution ended, as a failure, when no oracle raised one.
 */
#include "harness/oracle/outcome.h"

void oracle_outcome(const struct rt_result *r)
{
	switch (r->outcome) {
	case RT_DEADLOCK:
		deadlock_record(r);
		break;
	case RT_STEP_BOUND:
		progress_record(r);
		break;
	case RT_CRASH:
		crash_record(r);
		break;
	default:
		break;
	}
}

const struct event *outcome_last_row(int task, u32 seq)
{
	for (u32 i = seq; i > 0; i--) {
		const struct event *e = journal_event(i);

		if (e && e->task == task && e->depth)
			return e;
	}
	return NULL;
}
