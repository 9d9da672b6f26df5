// SPDX-License-Identifier: GPL-2.0
/*
 * leak: everything is torn down and an allocation is still there. The other
 * side is who made it.
 */
#include "harness/oracle/memory.h"

static void leak_event(const struct view *v, const struct event *e)
{
	memory_raise(&oracle_leak, e, EV_alloc);
}

static const u16 kinds[] = { EV_leak, 0 };

const struct oracle oracle_leak = {
	.name	= "leak",
	.claim	= "at the end nothing the code under test allocated is left",
	.spec	= "I-M26",
	.kinds	= kinds,
	.event	= leak_event,
	.stateless = true,
};
