// SPDX-License-Identifier: GPL-2.0
/*
 * dfs-sleep: every execution that differs in more than the order of independent
 * steps, found the plain way: dfs with sleep sets (Godefroid, LNCS 1032, 1996).
 *
 * Each step branches to all tasks that can run. A task whose branch was made to
 * its end goes to sleep there, and stays so further down until a step is made
 * that its own depends on: what begins with it was all seen before. Where all
 * that can run are asleep, the execution is given up.
 *
 * So each trace is made once, as dpor makes it, but no race is ever looked at
 * and nothing is left out that might have been needed: what this sees and dpor
 * does not, dpor has lost. The price is the executions that are given up, of
 * which there are far more than of traces. It is a witness against dpor on
 * small programs, and shares only the word on which steps are independent
 * (dpor_independent()), for which dfs is the witness.
 *
 * As in dfs, a task of the system that is about to start does so at once.
 */
#include "harness/rt/dpor.h"

#include <stdio.h>

#define NODES_MAX	(2 * DPOR_STEPS_MAX)

/* A decision of the execution. */
struct node {
	bool choice;		/* of rt_choose(), else of a task */
	u8 chosen;
	u32 step;
	u32 enabled;		/* as it was found; choices: n */
	u32 sleep;		/* tasks whose branches were all made */
	struct dpor_op pending[RT_TASKS_MAX];	/* of those enabled */
};

static struct node stack[NODES_MAX];
static u32 nr_nodes, at;
static const struct node *above;	/* the last pick of this execution */
static bool started, complete, cut, pruned, spun;
static u64 traces, given_up;
static char wrong[160], text[128];

static int sleep_setup(const char *arg, char *err, size_t size)
{
	started = complete = cut = spun = false;
	traces = given_up = 0;
	wrong[0] = 0;
	if (!arg)
		return 0;
	snprintf(err, size, "dfs-sleep takes no argument, got \"%s\"", arg);
	return -1;
}

static int next_task(const struct node *n)
{
	u32 awake = n->enabled & ~n->sleep;

	return awake ? __builtin_ctz(awake) : -1;
}

/* Move on to the next schedule; false if this was the last. */
static bool backtrack(void)
{
	for (; nr_nodes; nr_nodes--) {
		struct node *n = &stack[nr_nodes - 1];

		if (n->choice) {
			if (++n->chosen < n->enabled)
				return true;
			continue;
		}
		n->sleep |= 1u << n->chosen;
		if (next_task(n) >= 0) {
			n->chosen = (u8)next_task(n);
			return true;
		}
	}
	return false;
}

static bool sleep_begin(const struct rt_config *config, struct prng *prng)
{
	at = 0;
	above = NULL;
	pruned = false;
	if (complete)
		return false;
	if (started) {
		complete = !backtrack();
		return !complete;
	}
	started = true;
	nr_nodes = 0;
	return true;
}

/* Of the tasks asleep at the step before, those that its step did not wake. */
static u32 still_asleep(void)
{
	const struct dpor_op *made;
	u32 sleep = 0;

	if (!above)
		return 0;
	made = &above->pending[above->chosen];
	for (u32 m = above->sleep; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (dpor_independent(&above->pending[i], made))
			sleep |= 1u << i;
	}
	return sleep;
}

/* The node of this decision, as it was left, or new if *@fresh. */
static struct node *node(u32 enabled, bool choice, bool *fresh)
{
	struct node *n = &stack[at];

	if (at == NODES_MAX) {
		cut = true;
		return NULL;
	}
	*fresh = at++ == nr_nodes;
	if (*fresh) {
		nr_nodes++;
		n->choice = choice;
		n->chosen = 0;
		n->step = rt_step();
		n->enabled = enabled;
		n->sleep = 0;
	} else if (n->enabled != enabled || n->choice != choice ||
		   n->step != rt_step()) {
		snprintf(wrong, sizeof(wrong),
			 "decision %u of execution %llu is not what it was in the execution before",
			 at, traces + given_up + 1);
		return NULL;
	}
	return n;
}

static int sleep_pick(const struct strategy_view *v, struct prng *prng)
{
	int n = strategy_starting(v);
	struct node *here;
	bool fresh;

	spun |= v->relaxed != 0;
	if (n >= 0)
		return n;
	here = node(dpor_enabled(v), false, &fresh);
	if (!here) {
		pruned = true;
		return STRATEGY_END;
	}
	if (fresh) {
		here->sleep = still_asleep() & v->enabled;
		for (u32 m = v->enabled; m; m &= m - 1) {
			int i = __builtin_ctz(m);

			here->pending[i] = dpor_pending(v, i);
		}
		n = next_task(here);
		if (n < 0) {
			nr_nodes--;
			at--;
			pruned = true;
			return STRATEGY_END;
		}
		if ((here->enabled & ~here->sleep) & 1u << v->current)
			n = v->current;
		here->chosen = (u8)n;
	}
	above = here;
	return here->chosen;
}

static int sleep_choose(u32 n, const char *why, struct prng *prng)
{
	bool fresh;
	struct node *here = node(n, true, &fresh);

	return here ? here->chosen : 0;
}

static void sleep_end(const struct rt_result *result)
{
	if (pruned)
		given_up++;
	else
		traces++;
	if (result->outcome == RT_STEP_BOUND)
		cut = true;
	if (!wrong[0] && at < nr_nodes)
		snprintf(wrong, sizeof(wrong),
			 "execution %llu ended at decision %u, the execution before had %u",
			 traces + given_up, at, nr_nodes);
}

static void sleep_next(void)
{
	started = complete = false;
}

static const char *sleep_broken(void)
{
	return wrong[0] ? wrong : NULL;
}

static const char *sleep_summary(void)
{
	bool all = complete && !cut;

	snprintf(text, sizeof(text),
		 "%scomplete%s: %llu traces, %llu executions given up",
		 all ? "" : "not ",
		 all && spun ? " but for orders of tasks that spin" : "",
		 traces, given_up);
	return text;
}

const struct strategy strategy_dfs_sleep = {
	.name	= "dfs-sleep",
	.help	= "the same as dpor without looking at races, to check it on small programs (sleep sets, Godefroid 1996)",
	.setup	= sleep_setup,
	.begin	= sleep_begin,
	.next	= sleep_next,
	.pick	= sleep_pick,
	.every_step = true,
	.choose	= sleep_choose,
	.end	= sleep_end,
	.broken	= sleep_broken,
	.summary = sleep_summary,
};
