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

/*
 * Who is in a set of the first sixteen tasks, four bits each, the lowest first;
 * the topmost four bits say how many. 0: not known yet, or all sixteen. Looked
 * up, because to search the set is to branch on the random number, and that
 * would be mispredicted every other time.
 */
static u64 members[1 << 16];

static __attribute__((cold, noinline)) u64 list_members(u32 set)
{
	u64 list = 0, n = 0;

	for (u32 m = set; m; m &= m - 1)
		list |= (u64)__builtin_ctz(m) << 4 * n++;
	return n < 16 ? list | n << 60 : 0;
}

static __attribute__((cold, noinline))
int pick_of_many(u32 set, struct prng *prng)
{
	u32 n = prng_below(prng, (u32)__builtin_popcount(set));

	while (n--)
		set &= set - 1;
	return __builtin_ctz(set);
}

static u64 members_of(u32 set)
{
	u64 list = members[set];

	if (unlikely(!list))
		list = members[set] = list_members(set);
	return list;
}

/* Where there are more than sixteen tasks, two halves are looked up. */
static __attribute__((noinline))
int pick_of_halves(u32 set, struct prng *prng)
{
	u64 low = members_of(set & 0xffff), high = members_of(set >> 16);
	u32 nr_low = (u32)(low >> 60), n;

	if (unlikely((set & 0xffff) == 0xffff || set >> 16 == 0xffff))
		return pick_of_many(set, prng);
	n = prng_below(prng, nr_low + (u32)(high >> 60));
	if (n < nr_low)
		return (int)(low >> 4 * n & 15);
	return 16 + (int)(high >> 4 * (n - nr_low) & 15);
}

static int random_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 set = v->enabled;
	u64 list;

	if (unlikely(set >= ARRAY_SIZE(members)))
		return pick_of_halves(set, prng);
	list = members_of(set);
	if (unlikely(!list))
		return pick_of_many(set, prng);
	return (int)(list >> 4 * prng_below(prng, (u32)(list >> 60)) & 15);
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
