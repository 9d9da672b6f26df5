// SPDX-License-Identifier: GPL-2.0
/*
 * random: a random walk. At each point every task that can run is as likely as
 * any other. No parameters, no memory; hard to beat on short programs. Its
 * weakness: a bug that needs one task to stand still for k steps is seen with
 * a probability that falls exponentially in k, so points that nobody else
 * could notice cost it its power.
 *
 * Choices are unusual one time in eight.
 */
#include "harness/rt/strategy.h"

#include <stdio.h>

static int random_setup(const char *arg, char *err, size_t size)
{
	if (!arg)
		return 0;
	snprintf(err, size, "random takes no argument, got \"%s\"", arg);
	return -1;
}

static bool random_begin(const struct rt_config *config, struct prng *prng)
{
	return true;
}

static int random_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 set = v->enabled;
	u32 n = prng_below(prng, (u32)__builtin_popcount(set));

	while (n--)
		set &= set - 1;
	return __builtin_ctz(set);
}

static int random_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

const struct strategy strategy_random = {
	.name	= "random",
	.help	= "every task that can run is as likely as any other",
	.setup	= random_setup,
	.begin	= random_begin,
	.pick	= random_pick,
	.choose	= random_choose,
};
