// SPDX-License-Identifier: GPL-2.0
/*
 * urw: uniform random walk (Zhao and others, "Selectively uniform concurrency
 * testing", ASPLOS 2025).
 *
 * A random walk prefers the schedules in which tasks end early: the last steps
 * of the longest task have nobody left to be ordered against. Picking each
 * task in proportion to the steps it still has to make draws all interleavings
 * alike. How many it has is taken from the execution before this one of the
 * same program; without one, all tasks weigh the same. A weight is never
 * below 1: the estimate is one, and a task of weight 0 would starve.
 */
#include "harness/rt/profile.h"

#include <stdio.h>

static u32 left[RT_TASKS_MAX];

static int urw_setup(const char *arg, char *err, size_t size)
{
	if (!arg)
		return 0;
	snprintf(err, size, "urw takes no argument, got \"%s\"", arg);
	return -1;
}

static bool urw_begin(const struct rt_config *config, struct prng *prng)
{
	const struct profile *p = profile_begin(config, PROFILE_OF_STEPS);

	for (u32 i = 0; i < RT_TASKS_MAX; i++)
		left[i] = p && p->steps[i] ? p->steps[i] : 1;
	return true;
}

static int urw_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 total = 0, at;
	int n = -1;

	for (u32 m = v->enabled; m; m &= m - 1)
		total += left[__builtin_ctz(m)];
	at = prng_below(prng, total);
	for (u32 m = v->enabled; m; m &= m - 1) {
		n = __builtin_ctz(m);
		if (at < left[n])
			break;
		at -= left[n];
	}
	left[n] -= left[n] > 1;
	profile_note(v, n);
	return n;
}

static int urw_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

const struct strategy strategy_urw = {
	.name	= "urw",
	.help	= "each task as likely as it has steps left, so that interleavings are drawn alike (Zhao 2025)",
	.setup	= urw_setup,
	.begin	= urw_begin,
	.pick	= urw_pick,
	.profiles = true,
	.draws	= STRATEGY_DRAWS_BY_PROGRAM,
	.every_step = true,	/* or steps would not be counted */
	.choose	= urw_choose,
};
