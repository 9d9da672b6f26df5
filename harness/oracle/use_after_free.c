// SPDX-License-Identifier: GPL-2.0
/*
 * use-after-free: a task stands at a point with a freed object, or freed memory
 * was written to. The other side is who freed it. See crash.c for the third
 * way to notice.
 */
#include "harness/oracle/memory.h"

static void use_after_free_event(const struct view *v, const struct event *e)
{
	memory_raise(&oracle_use_after_free, e, EV_free);
}

static const u16 kinds[] = { EV_use_after_free, 0 };

const struct oracle oracle_use_after_free = {
	.name	= "use-after-free",
	.claim	= "nobody touches an object after it was freed",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= use_after_free_event,
	.stateless = true,
};
