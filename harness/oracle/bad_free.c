// SPDX-License-Identifier: GPL-2.0
/*
 * bad-free: a second free, a pointer that no allocation returned, or a red
 * zone that was written over. The other side is the first free.
 */
#include "harness/oracle/memory.h"

static void bad_free_event(const struct view *v, const struct event *e)
{
	memory_raise(&oracle_bad_free, e, EV_free);
}

static const u16 kinds[] = { EV_bad_free, 0 };

const struct oracle oracle_bad_free = {
	.name	= "bad-free",
	.claim	= "what is freed was allocated, once, and is whole",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= bad_free_event,
	.stateless = true,
};
