// SPDX-License-Identifier: GPL-2.0
/*
 * dfs: every schedule, one after the other, optionally those with at most B
 * preemptions (Musuvathi and Qadeer, PLDI 2007: most bugs need two or fewer).
 *
 * The stack holds one node for each decision with an alternative, in the order
 * of the execution. An execution follows the stack to its end and then makes
 * new nodes, each with its first candidate: the task that runs already, else
 * the lowest numbered; 0 for a choice. Afterwards nodes without an untried
 * candidate are dropped from the end and the last one left moves on.
 *
 * Nothing is reduced but one thing: a task of the system (W0, R0 ...) that has
 * not started yet does so at once. It goes to sleep until there is work, which
 * nobody can tell from its not having started; their orders would only multiply
 * all others. Else schedules that differ only in the order of independent steps
 * are all made: dfs is the yardstick for what reduces, and a proof for very
 * small programs.
 */
#include "harness/rt/strategy.h"

#include <stdio.h>
#include <stdlib.h>

#define NODES_MAX	(2 * RT_STEPS_MAX)
#define UNBOUNDED	(~0u)

struct node {
	u32 enabled;		/* as it was found; choices: n */
	u32 todo;		/* tasks not tried yet; choices: next answer */
	u8 chosen;
	bool choice;
	u32 step;
	u32 preemptions;	/* before this decision */
};

static struct node stack[NODES_MAX];
static u32 nr_nodes, at;
static u32 bound = UNBOUNDED;
static u32 preemptions;
static bool started, complete;
static u64 schedules;
static u32 through;		/* programs explored before this one */
static char wrong[160], text[96];

static int dfs_setup(const char *arg, char *err, size_t size)
{
	char *end;
	unsigned long b;

	bound = UNBOUNDED;
	started = complete = false;
	schedules = through = 0;
	wrong[0] = 0;
	if (!arg)
		return 0;
	b = strtoul(arg, &end, 10);
	if (!arg[0] || *end || b > RT_STEPS_MAX) {
		snprintf(err, size, "dfs:%s: the bound is a number of preemptions",
			 arg);
		return -1;
	}
	bound = (u32)b;
	return 0;
}

/* Move on to the next schedule; false if this was the last. */
static bool backtrack(void)
{
	while (nr_nodes) {
		struct node *n = &stack[nr_nodes - 1];

		if (n->choice && n->todo < n->enabled) {
			n->chosen = (u8)n->todo++;
			return true;
		}
		if (!n->choice && n->todo) {
			n->chosen = (u8)__builtin_ctz(n->todo);
			n->todo &= n->todo - 1;
			return true;
		}
		nr_nodes--;
	}
	return false;
}

static void dfs_next(void)
{
	started = complete = false;
	through++;
}

static bool dfs_begin(const struct rt_config *config, struct prng *prng)
{
	at = 0;
	preemptions = 0;
	if (complete)
		return false;
	if (!started) {
		started = true;
		nr_nodes = 0;
		return true;
	}
	complete = !backtrack();
	return !complete;
}

/* The node of this decision, as it was left or new. */
static struct node *node(u32 enabled, bool choice)
{
	struct node *n = &stack[at];

	if (at == NODES_MAX)
		return NULL;
	if (at++ == nr_nodes) {
		nr_nodes++;
		*n = (struct node){ .enabled = enabled, .choice = choice,
				    .step = rt_step(),
				    .preemptions = preemptions };
		n->todo = ~0u;		/* the caller says what there is */
		return n;
	}
	if (n->enabled != enabled || n->choice != choice ||
	    n->step != rt_step())
		snprintf(wrong, sizeof(wrong),
			 "decision %u of schedule %llu is not what it was in the schedule before",
			 at, schedules + 1);
	return n;
}

static int dfs_pick(const struct strategy_view *v, struct prng *prng)
{
	u32 current = v->enabled & (1u << v->current);
	int system = strategy_starting(v);
	struct node *n;

	if (system >= 0)
		return system;
	n = node(v->enabled, false);
	if (!n || wrong[0])
		return STRATEGY_END;
	if (n->todo == ~0u) {
		u32 first = current ? current : v->enabled & -v->enabled;

		n->chosen = (u8)__builtin_ctz(first);
		n->todo = v->enabled & ~first;
		if (current && n->preemptions >= bound)
			n->todo = 0;
	}
	preemptions = n->preemptions + (current && n->chosen != v->current);
	return n->chosen;
}

static int dfs_choose(u32 n, const char *why, struct prng *prng)
{
	struct node *c = node(n, true);

	if (!c || wrong[0])
		return 0;
	if (c->todo == ~0u)
		c->todo = 1;
	return c->chosen;
}

static void dfs_end(const struct rt_result *result)
{
	schedules++;
	if (!wrong[0] && at < nr_nodes)
		snprintf(wrong, sizeof(wrong),
			 "schedule %llu ended at decision %u, the schedule before had %u",
			 schedules, at, nr_nodes);
}

static const char *dfs_broken(void)
{
	return wrong[0] ? wrong : NULL;
}

static const char *dfs_summary(void)
{
	char what[48] = "complete";
	int n;

	if (bound != UNBOUNDED)
		snprintf(what, sizeof(what), "bounded by %u preemption%s", bound,
			 bound == 1 ? "" : "s");
	n = snprintf(text, sizeof(text), "%s: %llu schedules",
		     complete || through ? what : "not complete", schedules);
	if (through)
		snprintf(text + n, sizeof(text) - (size_t)n,
			 " of %u programs%s", through + 1,
			 complete ? "" : ", the last not to its end");
	return text;
}

const struct strategy strategy_dfs = {
	.name	= "dfs",
	.help	= "dfs:B  every schedule with at most B preemptions; dfs: every one (Musuvathi and Qadeer 2007)",
	.setup	= dfs_setup,
	.begin	= dfs_begin,
	.next	= dfs_next,
	.pick	= dfs_pick,
	.choose	= dfs_choose,
	.end	= dfs_end,
	.broken	= dfs_broken,
	.summary = dfs_summary,
};
