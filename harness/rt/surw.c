// SPDX-License-Identifier: GPL-2.0
/*
 * surw: selectively uniform random walk (Zhao and others, ASPLOS 2025).
 *
 * Each execution cares for one location, drawn in proportion to how often it
 * was touched in the execution before, of those that two tasks touched and one
 * wrote. The interleavings of the touches of that one location are drawn
 * alike: the task that may touch it next is drawn by the touches it has left,
 * and every other that arrives is held until it has been there. Around that,
 * each pending operation has a random priority.
 *
 * Held tasks are let go when nobody else can run: the one drawn may have left
 * its way, or wait for a lock of theirs. Weights are never below 1, and a task
 * drawn that does not come is drawn anew when all others are held.
 *
 * The first execution of a program, which has no profile, and one that found
 * nothing shared, is all priorities.
 */
#include "harness/rt/profile.h"

#include <stdio.h>

static struct {
	const void *obj;		/* the location; NULL: none */
	u32 left[RT_TASKS_MAX];		/* touches each has to make */
	u32 tasks;			/* that have any */
	int intended;			/* -1: to be drawn */
	u32 nr_tasks;
	u32 priority[RT_TASKS_MAX];
} surw;

static int surw_setup(const char *arg, char *err, size_t size)
{
	if (!arg)
		return 0;
	snprintf(err, size, "surw takes no argument, got \"%s\"", arg);
	return -1;
}

static bool shared(const struct profile_location *l)
{
	return l->written && (l->tasks & (l->tasks - 1));
}

static const struct profile_location *draw_location(const struct profile *p,
						    struct prng *prng)
{
	u32 total = 0, at;

	for (u32 i = 0; i < p->nr; i++)
		if (shared(&p->location[i]))
			total += p->location[i].total;
	if (!total)
		return NULL;
	at = prng_below(prng, total);
	for (u32 i = 0; ; i++) {
		if (!shared(&p->location[i]))
			continue;
		if (at < p->location[i].total)
			return &p->location[i];
		at -= p->location[i].total;
	}
}

static bool surw_begin(const struct rt_config *config, struct prng *prng)
{
	const struct profile *p = profile_begin(config, PROFILE_OF_LOCATIONS);
	const struct profile_location *l = p ? draw_location(p, prng) : NULL;

	surw.obj = l ? l->obj : NULL;
	surw.tasks = l ? l->tasks : 0;
	surw.nr_tasks = 0;
	surw.intended = -1;
	for (u32 m = surw.tasks; m; m &= m - 1)
		surw.left[__builtin_ctz(m)] = l->count[__builtin_ctz(m)];
	return true;
}

/* A task of @set, by the touches each has left. */
static int draw_intended(u32 set, struct prng *prng)
{
	u32 total = 0, at, n = 0;

	for (u32 m = set; m; m &= m - 1)
		total += surw.left[__builtin_ctz(m)];
	at = prng_below(prng, total);
	for (u32 m = set; m; m &= m - 1) {
		n = (u32)__builtin_ctz(m);
		if (at < surw.left[n])
			break;
		at -= surw.left[n];
	}
	return (int)n;
}

/* The enabled tasks that stand before the location. */
static u32 arrived(const struct strategy_view *v)
{
	u32 set = 0;

	for (u32 m = v->enabled; surw.obj && m; m &= m - 1)
		if (v->task[__builtin_ctz(m)].obj == surw.obj)
			set |= m & -m;
	return set;
}

/* Those that may be picked, with the location kept for the one intended. */
static u32 allowed(const struct strategy_view *v, u32 there, struct prng *prng)
{
	u32 rest;

	for (u32 m = there & ~surw.tasks; m; m &= m - 1) {
		/* It was not known to come here. */
		surw.tasks |= m & -m;
		surw.left[__builtin_ctz(m)] = 1;
	}
	if (surw.intended < 0 && surw.tasks)
		surw.intended = draw_intended(surw.tasks, prng);
	rest = v->enabled & ~there;
	if (surw.intended >= 0)
		rest |= there & 1u << surw.intended;
	if (rest)
		return rest;
	surw.intended = draw_intended(there, prng);
	return 1u << surw.intended;
}

static int surw_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 there = arrived(v), set;
	int best;

	while (unlikely(surw.nr_tasks < v->nr_tasks))
		surw.priority[surw.nr_tasks++] = (u32)(prng_u64(prng) >> 32);
	/* Who spins may be waiting for one that is held. */
	set = there && !v->relaxed ? allowed(v, there, prng) : v->enabled;
	best = __builtin_ctz(set);
	for (u32 m = set & (set - 1); m; m &= m - 1)
		if (surw.priority[__builtin_ctz(m)] > surw.priority[best])
			best = __builtin_ctz(m);
	surw.priority[best] = (u32)(prng_u64(prng) >> 32);
	if (there & 1u << best) {
		surw.left[best] -= surw.left[best] > 1;
		surw.intended = -1;
	}
	profile_note(v, best);
	return best;
}

static int surw_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

const struct strategy strategy_surw = {
	.name	= "surw",
	.help	= "interleavings of one shared location drawn alike, another one each execution (Zhao 2025)",
	.setup	= surw_setup,
	.begin	= surw_begin,
	.pick	= surw_pick,
	.profiles = true,
	.draws	= STRATEGY_DRAWS_BY_PROGRAM,
	.every_step = true,
	.choose	= surw_choose,
};
