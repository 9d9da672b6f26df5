// SPDX-License-Identifier: GPL-2.0
/*
 * mix: each execution by another strategy, in turn; what a campaign uses when
 * it is not told otherwise. No single one is best everywhere: a random walk
 * wins on short programs, the others where many steps are beside the point.
 *
 * The turn shifts by one each round, so that in a campaign of a fixed number
 * of schedules a program every strategy comes first as often as any other.
 * All of them fill the profile, which the weighing ones draw on.
 *
 * summary() counts executions by strategy; ran() names the one a failure was
 * found by.
 */
#include "harness/rt/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct strategy *const parts[] = {
	&strategy_random, &strategy_pct, &strategy_surw, &strategy_pos,
	&strategy_urw,
};

static const struct strategy *part;	/* of the execution in progress */
static u64 runs[ARRAY_SIZE(parts)];
static u8 worth[STRATEGY_WORTH_MAX];	/* runs, then that of pct */
static char text[560];

static int mix_setup(const char *arg, char *err, size_t size)
{
	if (arg) {
		snprintf(err, size, "mix takes no argument, got \"%s\"", arg);
		return -1;
	}
	part = NULL;
	for (u32 i = 0; i < ARRAY_SIZE(parts); i++) {
		runs[i] = 0;
		if (parts[i]->setup(NULL, err, size))
			return -1;
	}
	return 0;
}

static bool mix_begin(const struct rt_config *config, struct prng *prng)
{
	u64 round = config->execution / ARRAY_SIZE(parts);
	u32 turn = (u32)((config->execution + round) % ARRAY_SIZE(parts));

	part = parts[turn];
	runs[turn]++;
	if (!part->profiles)
		profile_begin(config, PROFILE_OF_NOTHING);
	return part->begin(config, prng);
}

static int mix_pick(const struct strategy_view *v, struct prng *prng)
{
	int n;

	if (!(v->enabled & (v->enabled - 1)) && !part->every_step)
		n = __builtin_ctz(v->enabled);
	else
		n = part->pick(v, prng);
	if (!part->profiles)
		profile_note(v, n);
	return n;
}

static int mix_choose(u32 n, const char *why, struct prng *prng)
{
	return part->choose(n, why, prng);
}

static void mix_end(const struct rt_result *result)
{
	if (part->end)
		part->end(result);
}

static const char *mix_ran(void)
{
	return part ? part->name : NULL;
}

static const void *mix_worth(size_t *size)
{
	const void *pct = strategy_pct.worth(size);

	if (*size > sizeof(worth) - sizeof(runs))
		abort();
	memcpy(worth, runs, sizeof(runs));
	memcpy(worth + sizeof(runs), pct, *size);
	*size += sizeof(runs);
	return worth;
}

static void mix_add_worth(const void *other)
{
	const u64 *others = other;

	for (u32 i = 0; i < ARRAY_SIZE(parts); i++)
		runs[i] += others[i];
	strategy_pct.add_worth(others + ARRAY_SIZE(parts));
}

/* The random walks are independent of each other and of all else, so that what
 * is said of them alone (harness/campaign/guarantee.c) holds here. No two are
 * of one random program: they are four executions apart. */
static int walks(char *buf, size_t size)
{
	if (runs[0] < 6)
		return 0;
	return snprintf(buf, size,
			"; a failure that 1 random walk in %llu shows is missed with probability at most 0.05",
			runs[0] / 3);
}

static const char *mix_summary(void)
{
	const char *bound = strategy_pct.summary();
	int at = 0;

	for (u32 i = 0; i < ARRAY_SIZE(parts); i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%s %llu",
			       i ? ", " : "", parts[i]->name, runs[i]);
	at += walks(text + at, sizeof(text) - (size_t)at);
	snprintf(text + at, sizeof(text) - (size_t)at, "; pct: %s",
		 bound ? bound : "no bound");
	return text;
}

const struct strategy strategy_mix = {
	.name	= "mix",
	.help	= "random, pct, surw, pos and urw in turn, and which of them found what",
	.setup	= mix_setup,
	.begin	= mix_begin,
	.pick	= mix_pick,
	.draws	= STRATEGY_DRAWS_BY_ALL,
	.every_step = true,	/* for those that want it */
	.choose	= mix_choose,
	.end	= mix_end,
	.ran	= mix_ran,
	.summary = mix_summary,
	.worth	= mix_worth,
	.add_worth = mix_add_worth,
};
