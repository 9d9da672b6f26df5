// SPDX-License-Identifier: GPL-2.0
/*
 * interval-leak: the fault handler's interval notifiers live on its stack, so
 * none may be left in a tree or on a deferred list when a batch ends.
 *
 * Judged by the events of insert and remove; the driver's own count, in
 * batch_end, only says it where those were not heard.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 begin __machine;	/* seq of batch_begin */

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_batch_begin) {
		begin = e->seq;
		return;
	}
	for (u32 i = 0; i < LEDGER_SUBS; i++) {
		const struct ledger_sub *s = &ledger.intervals[i];

		if (s->state == SUB_LIVE && s->task == e->task &&
		    s->seq > begin)
			oracle_raise(&oracle_interval_leak, s->seq, "",
				     "Batch %llu ended with an interval notifier of its own in mm%u's tree.",
				     e->a, s->mm);
	}
	if (e->b)
		oracle_raise(&oracle_interval_leak, 0, "",
			     "Batch %llu ended with %llu interval notifier(s) left.",
			     e->a, e->b);
}

static const u16 kinds[] = { EV_batch_begin, EV_batch_end, 0 };

const struct oracle oracle_interval_leak = {
	.name	= "interval-leak",
	.claim	= "a batch of the fault handler leaves no interval notifier behind",
	.spec	= "I-A9",
	.kinds	= kinds,
	.event	= event,
};
