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

static int pick_of_many(u32 set, struct prng *prng)
{
	u32 n = prng_below(prng, (u32)__builtin_popcount(set));

	while (n--)
		set &= set - 1;
	return __builtin_ctz(set);
}

/*
 * Up to four tasks, as it mostly is, are picked from without a branch on the
 * random number: it would be mispredicted every other time.
 */
static int random_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 rest[4], count;

	rest[0] = v->enabled;
	rest[1] = rest[0] & (rest[0] - 1);
	rest[2] = rest[1] & (rest[1] - 1);
	rest[3] = rest[2] & (rest[2] - 1);
	if (unlikely(rest[3] & (rest[3] - 1)))
		return pick_of_many(v->enabled, prng);
	count = 1 + !!rest[1] + !!rest[2] + !!rest[3];
	return __builtin_ctz(rest[prng_below(prng, count)]);
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
	.draws	= STRATEGY_DRAWS_ALIKE,
	.choose	= random_choose,
};
