// SPDX-License-Identifier: GPL-2.0
/*
 * hooks.c: the runtime's side: see harness/rt/hooks.h.
 */
#include "harness/hooks/hooks.h"

static void reset(void)
{
	memory_reset();
	race_reset();
	clocks_reset();
}

const struct rt_hooks rt_hooks = {
	.reset	= reset,
	.go	= race_go,
	.spawn	= race_spawn,
	.join	= race_join,
	.alloc	= memory_alloc,
	.free	= memory_free,
	.fence	= race_fence,
	.data_race = race_allowed,
};
