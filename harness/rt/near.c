// SPDX-License-Identifier: GPL-2.0
/*
 * near: schedules in the neighbourhood of a given one.
 *
 * Each execution follows the recorded steps up to a point drawn at random,
 * picks somebody else there, and then either walks at random or goes on
 * without preemption, half and half. That is where a reproducer's mutation
 * turned off, or a bug fixed by half, would still fail.
 */
#include "harness/rt/strategy.h"

#include <stdio.h>

static struct {
	const u8 *trace;	/* rt_config.trace */
	u32 len, pos;
	u32 cut;		/* decisions followed in this execution */
	bool walk;		/* afterwards: at random, or straight on */
} near;

static int near_setup(const char *arg, char *err, size_t size)
{
	snprintf(err, size, "near is for replay --near, it needs a schedule");
	return -1;
}

static bool near_begin(const struct rt_config *config, struct prng *prng)
{
	near.trace = config->trace;
	near.len = config->trace_len;
	near.pos = 0;
	near.cut = prng_below(prng, near.len + 1);
	near.walk = prng_chance(prng, 1, 2);
	return true;
}

static int draw(u32 set, struct prng *prng)
{
	u32 n = prng_below(prng, (u32)__builtin_popcount(set));

	while (n--)
		set &= set - 1;
	return __builtin_ctz(set);
}

static int near_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 current = 1u << v->current;

	/* Answers to rt_choose() are left to chance: none is unusual. */
	while (near.pos < near.len && (near.trace[near.pos] & RT_TRACE_CHOICE))
		near.pos++;
	if (near.pos < near.cut) {
		u32 recorded = near.trace[near.pos++];

		if (v->enabled & 1u << recorded)
			return (int)recorded;
	} else if (near.pos++ > near.cut && !near.walk && (v->enabled & current)) {
		return v->current;
	}
	return draw(v->enabled, prng);
}

const struct strategy strategy_near = {
	.name	= "near",
	.help	= "a recorded schedule up to a random step, then another way (replay --near)",
	.setup	= near_setup,
	.begin	= near_begin,
	.pick	= near_pick,
	.every_step = true,
};
