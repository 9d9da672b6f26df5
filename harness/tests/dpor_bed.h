/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dpor_bed.h: the traces of a plan, as several strategies see them.
 *
 * What a trace is, is worked out here a second time, from the steps alone and
 * in the plainest way: two executions are the same trace if they order the
 * same dependent steps alike.
 */
#ifndef HARNESS_TESTS_DPOR_BED_H
#define HARNESS_TESTS_DPOR_BED_H

#include "harness/tests/dpor_plan.h"

/* ~0: none. */
static u32 object_of(const struct done *d)
{
	static const u8 object[V_ALL] = {
		[V_LOCK] = 4, [V_UNLOCK] = 4, [V_TRY] = 4,
		[V_SHARE] = 4, [V_UNSHARE] = 4, [V_TRY_SHARE] = 4,
		[V_WAIT] = 6, [V_WAKE] = 6,
		[V_SEM] = 8, [V_POST] = 8, [V_TRY_SEM] = 8, [V_TIMED_SEM] = 8,
		[V_ONCE] = 10, [V_BARRIER] = 12,
		[V_TIMED_COND] = 14, [V_SIGNAL] = 14,
	};

	if (d->verb == V_CHOOSE || d->verb == V_RELAX)
		return ~0u;
	if (d->verb == V_TIMED_COND && d->word >= 2)
		return 16u + d->task;
	return object[d->verb] + d->word;
}

static bool is_share(const struct done *d)
{
	return d->verb == V_SHARE || d->verb == V_UNSHARE;
}

static bool depend(const struct done *a, const struct done *b)
{
	if (a->task == b->task)
		return true;
	return object_of(a) != ~0u && object_of(a) == object_of(b) &&
	       !(a->verb == V_LOAD && b->verb == V_LOAD) &&
	       !(is_share(a) && is_share(b));
}

static u64 mixed(u64 x)
{
	x = (x + 0x9e3779b97f4a7c15ull) * 0xff51afd7ed558ccdull;
	x = (x ^ x >> 29) * 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 32;
}

/*
 * Of all pairs of dependent steps, in the order they were made. A step is
 * named by its task and its number there, so that the order of the others
 * does not show.
 */
static u64 trace_of(void)
{
	u32 nth[64], made[TASKS_MAX] = { 0 };
	u64 sum = result.outcome;

	for (u32 i = 0; i < nr_done; i++)
		nth[i] = made[done[i].task]++;
	for (u32 j = 0; j < nr_done; j++) {
		u64 self = done[j].task * 64u + nth[j];

		sum += mixed(self << 8 | done[j].answer);
		for (u32 i = 0; i < j; i++) {
			u64 other = done[i].task * 64u + nth[i];

			if (depend(&done[i], &done[j]))
				sum += mixed(other << 32 | self << 8 | 0xff);
		}
	}
	return sum;
}

#define SET 65536
struct set {
	u64 trace[SET];		/* 0: empty */
	u32 nr;
};
static struct set by_dfs, by_sleep, by_dpor;

static bool add(struct set *s, u64 trace)
{
	u32 at = (u32)(trace >> 20) % SET;

	trace |= 1;
	for (; s->trace[at]; at = (at + 1) % SET)
		if (s->trace[at] == trace)
			return false;
	s->trace[at] = trace;
	s->nr++;
	CHECK(s->nr < SET / 2);
	return true;
}

static bool has(const struct set *s, u64 trace)
{
	for (u32 at = (u32)(trace >> 20) % SET; s->trace[at];
	     at = (at + 1) % SET)
		if (s->trace[at] == (trace | 1))
			return true;
	return false;
}

/* How many executions; *again: how many of them were a trace seen before. */
static u32 explore(const struct strategy *s, struct set *set, u32 *again)
{
	u32 n = 0;

	planned.nr = plan.nr_tasks;
	bed_setup(s, NULL);
	memset(set, 0, sizeof(*set));
	*again = 0;
	for (bed_run(&planned, s, 0); result.outcome != RT_EXHAUSTED;
	     bed_run(&planned, s, ++n)) {
		CHECK(!s->broken());
		if (result.outcome != RT_PRUNED)
			*again += !add(set, trace_of());
	}
	return n;
}

static void print_plan(void)
{
	static const char *const word[V_ALL] = { "load", "store", "inc", "lock",
		"unlock", "trylock", "wait", "wake", "choose", "share",
		"unshare", "tryshare", "sem", "post", "trysem", "timedsem",
		"once", "barrier", "timedcond", "signal", "relax" };

	for (u32 t = 0; t < plan.nr_tasks; t++) {
		printf("P%u:", t);
		for (u32 i = 0; i < plan.nr_ops; i++)
			printf(" %s %u", word[plan.verb[t][i]],
			       plan.word[t][i]);
		printf("\n");
	}
}

/* It does not show which step let another one wait: see dpor_race.c. */
static bool is_guessed(u32 verb)
{
	return verb == V_TRY || verb == V_TRY_SHARE ||
	       (verb >= V_SEM && verb <= V_TIMED_SEM);
}

static bool has_guesses(void)
{
	for (u32 t = 0; t < plan.nr_tasks; t++)
		for (u32 i = 0; i < plan.nr_ops; i++)
			if (is_guessed(plan.verb[t][i]))
				return true;
	return false;
}

static bool complete(const struct strategy *s)
{
	return strstr(s->summary(), "complete: ") == s->summary();
}

/* How many of @truth are not in @set. */
static u32 missing(const struct set *truth, const struct set *set)
{
	u32 n = 0;

	for (u32 i = 0; i < SET; i++)
		n += truth->trace[i] && !has(set, truth->trace[i]);
	return n;
}

/* All of @truth is seen by @s, nothing else, and nothing twice. Returns how
 * many executions it took. */
static u32 sees(const struct set *truth, const struct strategy *s,
		struct set *set)
{
	u32 again, executions = explore(s, set, &again);

	if (set->nr != truth->nr || again) {
		print_plan();
		printf("%u traces; %s saw %u in %u executions, %u of them twice\n",
		       truth->nr, s->name, set->nr, executions, again);
	}
	CHECK_EQ(set->nr, truth->nr);
	CHECK(!missing(truth, set));
	CHECK_EQ(again, 0);
	CHECK(complete(s));
	return executions;
}

static void same_traces(void)
{
	u32 again, executions;

	explore(&strategy_dfs, &by_dfs, &again);
	sees(&by_dfs, &strategy_dfs_sleep, &by_sleep);
	executions = sees(&by_dfs, &strategy_dpor, &by_dpor);
	CHECK(executions == by_dfs.nr || has_guesses());
}

/* For plans that are too long for dfs. */
static void same_as_sleep(void)
{
	u32 again;

	explore(&strategy_dfs_sleep, &by_sleep, &again);
	CHECK_EQ(again, 0);
	sees(&by_sleep, &strategy_dpor, &by_dpor);
}

#endif /* HARNESS_TESTS_DPOR_BED_H */
