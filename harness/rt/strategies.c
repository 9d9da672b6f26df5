// SPDX-License-Identifier: GPL-2.0
/*
 * strategies: the list. --strategy, help and measure walk it.
 */
#include "harness/rt/strategy.h"

#include <string.h>

const struct strategy *const strategies[] = {
	&strategy_random,
	&strategy_mix,
	&strategy_pct,
	&strategy_pos,
	&strategy_surw,
	&strategy_urw,
	&strategy_rff,
	&strategy_dfs,
	&strategy_dfs_sleep,
	&strategy_dpor,
	&strategy_replay,
	&strategy_near,
	&strategy_twice,
	NULL,
};

const struct strategy *strategy_find(const char *name)
{
	for (u32 i = 0; strategies[i]; i++)
		if (!strcmp(strategies[i]->name, name))
			return strategies[i];
	return NULL;
}

u32 strategy_rare(u32 n, struct prng *prng)
{
	u64 r = prng_u64(prng) >> 32;

	if (r & 7)
		return 0;
	return 1 + (u32)((r * (n - 1)) >> 32);
}

int strategy_starting(const struct strategy_view *v)
{
	for (u32 m = v->enabled; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (v->task[i].site->kind == RT_START && rt_role(i) != 'P')
			return i;
	}
	return -1;
}
