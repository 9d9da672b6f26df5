// SPDX-License-Identifier: GPL-2.0
/*
 * pos: partial order sampling (Yuan, Yang and Gu, CAV 2018).
 *
 * Every pending operation has a random priority; the highest runs. Then a new
 * one is drawn for the task's next operation and for every pending operation
 * that races with the one just done, so that the order of each race is a coin
 * of its own, however many other steps lie around it. No parameters, and
 * steps that nobody could notice cost it nothing, unlike a random walk.
 */
#include "harness/rt/profile.h"

#include <stdio.h>

static u32 nr_tasks;
static u32 priority[RT_TASKS_MAX];

static int pos_setup(const char *arg, char *err, size_t size)
{
	if (!arg)
		return 0;
	snprintf(err, size, "pos takes no argument, got \"%s\"", arg);
	return -1;
}

static bool pos_begin(const struct rt_config *config, struct prng *prng)
{
	nr_tasks = 0;
	return true;
}

static u32 draw(struct prng *prng)
{
	return (u32)(prng_u64(prng) >> 32);
}

static int pos_pick(const struct strategy_view *v, struct prng *prng)
{
	int best = __builtin_ctz(v->enabled);
	u32 m;

	while (unlikely(nr_tasks < v->nr_tasks))
		priority[nr_tasks++] = draw(prng);
	for (m = v->enabled & (v->enabled - 1); m; m &= m - 1)
		if (priority[__builtin_ctz(m)] > priority[best])
			best = __builtin_ctz(m);
	for (m = v->enabled; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (i == best || strategy_races(&v->task[i], &v->task[best]))
			priority[i] = draw(prng);
	}
	return best;
}

static int pos_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

const struct strategy strategy_pos = {
	.name	= "pos",
	.help	= "a random priority for each pending operation, drawn anew when it races (Yuan 2018)",
	.setup	= pos_setup,
	.begin	= pos_begin,
	.pick	= pos_pick,
	.draws	= STRATEGY_DRAWS_ALIKE,
	.choose	= pos_choose,
};
