// SPDX-License-Identifier: GPL-2.0
/*
 * op-reserve: an operation never needs more tables or mappings than were
 * reserved for it. It cannot ask for one: it may be what memory waits for.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	oracle_raise(&oracle_op_reserve, 0, "",
		     "An operation on vm#%u has no %s left in its reserve.",
		     (u32)e->a, e->b == 1 ? "page table" : "mapping");
}

static const u16 kinds[] = { EV_op_exhausted, 0 };

const struct oracle oracle_op_reserve = {
	.name	= "op-reserve",
	.claim	= "a prepared operation never runs out of what was reserved for it",
	.spec	= "I-E10",
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};
