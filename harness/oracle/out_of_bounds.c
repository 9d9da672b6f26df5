// SPDX-License-Identifier: GPL-2.0
/*
 * out-of-bounds: an access past an allocation, or to a part of another task's
 * stack whose function has returned. Told by harness/hooks/memory.c, so only in
 * the race preset; AddressSanitizer sees the same in its own.
 */
#include "harness/oracle/oracle.h"

static void out_of_bounds_event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_use_after_return)
		oracle_raise(&oracle_out_of_bounds, 0, "",
			     "An access to the stack of %c%u, below all that is in use there.",
			     rt_role((int)e->b), rt_index((int)e->b));
	oracle_raise(&oracle_out_of_bounds, 0, "",
		     "An access of %llu bytes to memory that was not allocated.",
		     e->b);
}

static const u16 kinds[] = { EV_out_of_bounds, EV_use_after_return, 0 };

const struct oracle oracle_out_of_bounds = {
	.name	= "out-of-bounds",
	.claim	= "an access stays within an allocation, and within what is in use of a stack",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= out_of_bounds_event,
	.stateless = true,
};
