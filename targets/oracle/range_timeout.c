// SPDX-License-Identifier: GPL-2.0
/*
 * range-timeout: a range fault gives up when its time is over.
 *
 * Between the insertion of its notifier and the removal a fault may walk as
 * often as it is disturbed, but not begin another pass once 1000 ms have gone
 * by. What mmu_interval_read_begin() waits has no bound of its own (W-A18) and
 * does not count: the time between two passes, if any invalidation was under way
 * then. Without one there is nothing to wait for.
 *
 * The clock is the virtual one, which moves while a task only spins, when it is
 * read: a step at most between the notifier and the start of the fault's own
 * count, and one pass more, are allowed for.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define LIMIT_NS	1000000000ull
#define SLACK_NS	100000000ull

static struct {
	u32 seq;		/* of mni_insert; 0: in no range fault */
	u32 passes;
	u64 spent;		/* so far, without waits */
	u64 since;		/* what is not counted yet */
	bool in_pass;
	bool may_wait;		/* between passes: for an invalidation */
} fault __machine;

static void count(bool counts)
{
	const u64 now = rt_peek_now();

	if (counts)
		fault.spent += now - fault.since;
	fault.since = now;
}

static void pass_over(void)
{
	if (!fault.seq || !fault.in_pass)
		return;
	count(true);
	fault.in_pass = false;
	fault.may_wait = ledger.open;
}

static void pass(const struct event *e)
{
	pass_over();
	count(!fault.may_wait);
	fault.passes++;
	if (fault.spent > LIMIT_NS + SLACK_NS)
		oracle_raise(&oracle_range_timeout, fault.seq, "",
			     "A range fault of mm%llu begins pass %u after %llu ms.",
			     e->a, fault.passes, fault.spent / 1000000);
	fault.in_pass = true;
}

static void begin(const struct event *e)
{
	fault.seq = e->seq;
	fault.passes = 0;
	fault.spent = 0;
	fault.since = rt_peek_now();
	fault.in_pass = false;
	fault.may_wait = ledger.open;
}

static void event(const struct view *v, const struct event *e)
{
	if (!ledger.batch)
		return;
	if (e->kind == EV_inv_begin) {
		fault.may_wait = true;
		return;
	}
	if (e->task != ledger.batch_task)
		return;
	switch (e->kind) {
	case EV_mni_insert:
		begin(e);
		break;
	case EV_mni_removed:
		fault.seq = 0;
		break;
	case EV_read_begin:
		if (fault.seq)
			pass(e);
		break;
	default:
		pass_over();
	}
}

static const u16 kinds[] = {
	EV_mni_insert, EV_mni_removed, EV_read_begin, EV_hmm_range_fault,
	EV_read_retry, EV_exclusive_failed, EV_inv_begin, 0
};

const struct oracle oracle_range_timeout = {
	.name	= "range-timeout",
	.claim	= "a range fault begins no pass after its 1000 ms",
	.spec	= "I-A14",
	.kinds	= kinds,
	.event	= event,
};
