// SPDX-License-Identifier: GPL-2.0
/*
 * pct: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi,
 * Nagarakatte, ASPLOS 2010).
 *
 * Tasks get random priorities; the highest that can run runs. At D-1 points,
 * drawn from the k points where there is a choice, the task about to run is
 * put below all others. A bug that needs D ordering constraints is found by
 * one execution with probability at least 1/(n k^(D-1)) for n tasks.
 *
 * Where this differs from the paper: k counts points with more than one task
 * to choose from. A change at a point where only one task can run does the
 * same as one at that task's next choice, so nothing is lost and k is smaller.
 * k is not known beforehand. It is that of the longest execution of the last
 * 16 to 32: raised at once when exceeded, and forgotten soon, since one
 * livelock, or one long program among short ones, must not spread the change
 * points of all that follow over its length.
 *
 * rt_relax() puts a task below all that are there: a spinner of the highest
 * priority would keep out the one it waits for.
 *
 * A bare "pct" draws D from 1 to 6 for each execution.
 *
 * While all executions are of one program, the end line says what the run is
 * worth: at most how likely it is to have missed a bug of depth D, from the n
 * and k that each execution was really drawn with. One that turned out longer
 * than its k adds nothing.
 */
#include "harness/rt/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX	64
#define DEPTH_DRAWN	6
#define ESTIMATE_FIRST	64
#define WINDOW		16

/*
 * Priorities, high to low: random ones of tasks not yet demoted; the levels of
 * the change points, one each, in the order they were drawn and not that in
 * which they come; then spinners, the latest lowest.
 */
#define PRIORITY_TASK	0x80000000u
#define PRIORITY_CHANGE	0x40000000u

static u32 depth;			/* 0: drawn */
static u32 estimate;			/* k: the longest of two windows */
static u32 longest;			/* of the window in progress */
static u32 in_window;
static struct worth {
	u64 program;			/* of all executions; 0: of several */
	double found[DEPTH_MAX + 1];	/* by depth: sum of 1/(n k^(D-1)) */
	u64 counted;			/* executions in that sum, */
	u32 tasks_max, points_max;	/* and the largest n and k of them */
} worth;
_Static_assert(sizeof(worth) <= STRATEGY_WORTH_MAX, "fits");
#define NO_PROGRAM	(~0ull)		/* yet */
static char text[256];
static struct {
	u32 nr_tasks;			/* that have a priority */
	u32 priority[RT_TASKS_MAX];
	u32 lowest;
	u32 depth;			/* of this execution, */
	u32 points;			/* and its k */
	u32 made;			/* choices so far */
	u32 next;			/* the choice of the next change */
	u32 nr_changes;
	u32 change[DEPTH_MAX];
} pct;

static int pct_setup(const char *arg, char *err, size_t size)
{
	char *end;
	unsigned long d;

	depth = 0;
	estimate = ESTIMATE_FIRST;
	longest = in_window = 0;
	worth = (struct worth){ .program = NO_PROGRAM };
	if (!arg)
		return 0;
	d = strtoul(arg, &end, 10);
	if (!arg[0] || *end || d < 1 || d > DEPTH_MAX) {
		snprintf(err, size, "pct:%s: the depth is a number from 1 to %d",
			 arg, DEPTH_MAX);
		return -1;
	}
	depth = (u32)d;
	return 0;
}

/* The earliest change after choice @now. */
static u32 next_change(u32 now)
{
	u32 first = ~0u;

	for (u32 i = 0; i < pct.nr_changes; i++)
		if (pct.change[i] > now && pct.change[i] < first)
			first = pct.change[i];
	return first;
}

static bool pct_begin(const struct rt_config *config, struct prng *prng)
{
	u32 d = depth ? depth : 1 + prng_below(prng, DEPTH_DRAWN);

	if (!estimate)
		estimate = ESTIMATE_FIRST;
	pct.nr_tasks = 0;
	pct.lowest = PRIORITY_CHANGE;
	pct.made = 0;
	pct.nr_changes = d - 1;
	pct.depth = d;
	pct.points = estimate;
	if (worth.program != config->program)
		worth.program = worth.program == NO_PROGRAM ? config->program :
							      0;
	for (u32 i = 0; i < pct.nr_changes; i++)
		pct.change[i] = 1 + prng_below(prng, estimate);
	pct.next = next_change(0);
	return true;
}

static int highest(u32 set)
{
	int best = __builtin_ctz(set);

	for (set &= set - 1; set; set &= set - 1) {
		int i = __builtin_ctz(set);

		if (pct.priority[i] > pct.priority[best])
			best = i;
	}
	return best;
}

static int pct_pick(const struct strategy_view *v, struct prng *prng)
{
	int n;

	while (unlikely(pct.nr_tasks < v->nr_tasks))
		pct.priority[pct.nr_tasks++] =
			PRIORITY_TASK | (u32)(prng_u64(prng) >> 33);
	for (u32 m = v->relaxed; unlikely(m); m &= m - 1)
		pct.priority[__builtin_ctz(m)] = --pct.lowest;

	if (!(v->enabled & (v->enabled - 1)))
		return __builtin_ctz(v->enabled);
	n = highest(v->enabled);
	if (likely(++pct.made != pct.next))
		return n;
	for (u32 i = 0; i < pct.nr_changes; i++) {
		if (pct.change[i] != pct.made)
			continue;
		pct.priority[n] = PRIORITY_CHANGE + i;
		n = highest(v->enabled);
	}
	pct.next = next_change(pct.made);
	return n;
}

static int pct_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

/* Upwards of 1/e^x: what 2^20 factors of 1/(1 + x/2^20) come to. */
static double at_most(double x)
{
	double y = 1 + x / (1 << 20);

	for (u32 i = 0; i < 20; i++)
		y *= y;
	return 1 / y;
}

static void add_up(const struct rt_result *result)
{
	double p = 1.0 / (result->nr_tasks ? result->nr_tasks : 1);

	if (result->choices > pct.points)
		return;
	worth.counted++;
	if (result->nr_tasks > worth.tasks_max)
		worth.tasks_max = result->nr_tasks;
	if (pct.points > worth.points_max)
		worth.points_max = pct.points;
	for (u32 i = 1; i < pct.depth; i++)
		p /= pct.points;
	worth.found[pct.depth] += p;
}

static const void *pct_worth(size_t *size)
{
	*size = sizeof(worth);
	return &worth;
}

/* Each execution may miss the bug whatever the others did, in this process or
 * another one, and the sums of all are one sum. */
static void pct_add_worth(const void *other)
{
	const struct worth *w = other;

	if (w->program != NO_PROGRAM && worth.program != w->program)
		worth.program = worth.program == NO_PROGRAM ? w->program : 0;
	worth.counted += w->counted;
	if (w->tasks_max > worth.tasks_max)
		worth.tasks_max = w->tasks_max;
	if (w->points_max > worth.points_max)
		worth.points_max = w->points_max;
	for (u32 d = 1; d <= DEPTH_MAX; d++)
		worth.found[d] += w->found[d];
}

static const char *pct_summary(void)
{
	int n, begin;

	if (!worth.program || worth.program == NO_PROGRAM)
		return NULL;
	begin = n = snprintf(text, sizeof(text),
			     "a bug is missed by %llu executions of at most %u tasks and %u points with probability at most, by its depth: ",
			     worth.counted, worth.tasks_max,
			     worth.points_max);
	for (u32 d = 1; d <= DEPTH_MAX; d++)
		if (worth.found[d] > 0.001 && n < (int)sizeof(text) - 24)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "%s%u: %.2g", n > begin ? ", " : "",
				      d, at_most(worth.found[d]));
	return n > begin ? text : NULL;
}

static void pct_end(const struct rt_result *result)
{
	add_up(result);
	if (result->choices > longest)
		longest = result->choices;
	if (longest > estimate)
		estimate = longest;
	if (++in_window < WINDOW)
		return;
	estimate = longest ? longest : 1;
	longest = in_window = 0;
}

const struct strategy strategy_pct = {
	.name	= "pct",
	.help	= "pct:D  random priorities with D-1 changes; pct draws D from 1 to 6 (Burckhardt 2010)",
	.setup	= pct_setup,
	.begin	= pct_begin,
	.pick	= pct_pick,
	.draws	= STRATEGY_DRAWS_BY_ALL,
	.every_step = true,	/* or it would miss who relaxes */
	.choose	= pct_choose,
	.end	= pct_end,
	.summary = pct_summary,
	.worth	= pct_worth,
	.add_worth = pct_add_worth,
};
