// SPDX-License-Identifier: GPL-2.0
/*
 * hooks.c: the runtime's side: see harness/rt/hooks.h.
 */
#include "harness/hooks/hooks.h"
#include "harness/hooks/points.h"

static void reset(void)
{
	weak_reset();
	memory_reset();
	race_reset();
	cells_reset();
	clocks_reset();
}

static void join(int task, int exited)
{
	race_join(task, exited);
	weak_drain();
}

static void fence(enum rt_fence kind)
{
	weak_fence(kind);
	race_fence(kind);
}

const struct rt_hooks rt_hooks = {
	.memory	= true,
	.reset	= reset,
	.go	= race_go,
	.spawn	= race_spawn,
	.join	= join,
	.alloc	= memory_alloc,
	.free	= memory_free,
	.fence	= fence,
	.slept	= weak_slept,
	.data_race = race_allowed,
	.points_clear = points_clear,
	.points_add = points_add,
	.points_sites = points_sites,
};
