// SPDX-License-Identifier: GPL-2.0
/*
 * range-timeout: a range fault gives up when its time is over.
 *
 * Between the insertion of its notifier and the removal a fault may walk as
 * often as it is disturbed, but not begin another pass once 1000 ms have gone
 * by. That is counted here without what mmu_interval_read_begin() waits, since
 * that has no bound of its own (W-A18): from the return of one to the end of
 * the pass.
 *
 * The clock is the virtual one, which moves while a task only spins.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define LIMIT_NS	1000000000ull

static struct {
	u32 seq;		/* of mni_insert; 0: in no range fault */
	u32 passes;
	u64 spent;		/* in passes that are over */
	u64 begun;		/* the one under way */
	bool in_pass;
} fault __machine;

static void pass_over(void)
{
	if (fault.in_pass)
		fault.spent += rt_peek_now() - fault.begun;
	fault.in_pass = false;
}

static void pass(const struct event *e)
{
	pass_over();
	fault.passes++;
	if (fault.spent > LIMIT_NS)
		oracle_raise(&oracle_range_timeout, fault.seq, "",
			     "A range fault of mm%llu begins pass %u after %llu ms.",
			     e->a, fault.passes, fault.spent / 1000000);
	fault.begun = rt_peek_now();
	fault.in_pass = true;
}

static void event(const struct view *v, const struct event *e)
{
	if (!ledger.batch || e->task != ledger.batch_task)
		return;
	switch (e->kind) {
	case EV_mni_insert:
		fault.seq = e->seq;
		fault.passes = 0;
		fault.spent = 0;
		fault.in_pass = false;
		break;
	case EV_mni_removed:
		fault.seq = 0;
		break;
	case EV_read_begin:
		if (fault.seq)
			pass(e);
		break;
	case EV_hmm_range_fault:
	case EV_read_retry:
	case EV_exclusive_failed:
		pass_over();
		break;
	}
}

static const u16 kinds[] = {
	EV_mni_insert, EV_mni_removed, EV_read_begin, EV_hmm_range_fault,
	EV_read_retry, EV_exclusive_failed, 0
};

const struct oracle oracle_range_timeout = {
	.name	= "range-timeout",
	.claim	= "a range fault begins no pass after its 1000 ms",
	.spec	= "I-A14",
	.kinds	= kinds,
	.event	= event,
};
