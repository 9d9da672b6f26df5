// SPDX-License-Identifier: GPL-2.0
/*
 * mm-ref: the fault handler gives back every mm it took.
 *
 * mm_users is balanced over a batch. mm_count may be lower than before, by the
 * one that all users held together, if the handler was the last of them.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void event(const struct view *v, const struct event *e)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		s32 users = ledger.batch_users[mm];
		s32 count = ledger.batch_count[mm];

		if (users)
			oracle_raise(&oracle_mm_ref, 0, "",
				     "Batch %llu changed mm_users of mm%u by %d.",
				     e->a, mm, users);
		if (count > 0 || count < -1)
			oracle_raise(&oracle_mm_ref, 0, "",
				     "Batch %llu changed mm_count of mm%u by %d.",
				     e->a, mm, count);
	}
	if (e->c)
		oracle_raise(&oracle_mm_ref, 0, "",
			     "Batch %llu ended with %llu mm reference(s) not given back.",
			     e->a, e->c);
}

static const u16 kinds[] = { EV_batch_end, 0 };

const struct oracle oracle_mm_ref = {
	.name	= "mm-ref",
	.claim	= "a batch of the fault handler gives back every mm reference it took",
	.spec	= "I-A10",
	.kinds	= kinds,
	.event	= event,
};
