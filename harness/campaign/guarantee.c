// SPDX-License-Identifier: GPL-2.0
/*
 * guarantee: what a run that found nothing is worth, where its strategy does
 * not say so itself.
 *
 * If executions do not depend on each other, a failure that one in K of them
 * shows is missed by N with probability (1 - 1/K)^N, which is below e^-3, or
 * 0.05, where K is N/3. That is a word on failures by how often they come, and
 * not by what they are made of: a single schedule of a random walk among n
 * tasks may be as rare as n^-k after k points, and there is no more to be said
 * of it. Only pct has a bound for that.
 *
 * The executions of one random program are kin. So over random programs N is
 * the number of programs: one of them shows the failure at least as often as
 * one of its executions does.
 */
#include <stdio.h>

#include "harness/campaign/campaign.h"

#define ALPHA	"0.05"
#define FACTOR	3	/* at least -ln ALPHA */

/* NULL: executions are independent of each other, or those of a program are of
 * those of another. */
static const char *dependence(const struct campaign *c, bool one_program)
{
	switch (c->strategy->draws) {
	case STRATEGY_DRAWS_NOT:
		return "the strategy gives none";
	case STRATEGY_DRAWS_ALIKE:
		return NULL;
	case STRATEGY_DRAWS_BY_PROGRAM:
		return one_program ? "an execution goes by what those before it did"
				   : NULL;
	default:
		return "an execution goes by the length of those before it";
	}
}

void campaign_worth(const struct campaign *c, const struct tally *tally,
		    struct tally *sum)
{
	const struct strategy *s = c->strategy;

	/* Of a program of which each time something else fails, nothing is said. */
	if (!s || !s->worth || c->fail_alloc == CAMPAIGN_FAIL_ALL)
		return;
	for (u32 j = 0; j < c->jobs; j++)
		if (tally[j].has_worth)
			s->add_worth(tally[j].worth);
	if (s->summary())
		snprintf(sum->summary, sizeof(sum->summary), "(%s)",
			 s->summary());
}

void campaign_guarantee(const struct campaign *c, struct tally *sum)
{
	bool one_program = c->program || c->target->body;
	u64 independent = one_program ? sum->executions :
			  sum->executions / CAMPAIGN_PART;
	const char *why;

	if (sum->summary[0] || !c->strategy)
		return;
	if (c->fail_alloc == CAMPAIGN_FAIL_ALL)
		why = "in each execution another allocation fails";
	else
		why = dependence(c, one_program);
	if (!why && independent < 2 * FACTOR)
		why = "there were too few";
	if (why)
		snprintf(sum->summary, sizeof(sum->summary),
			 "(no bound: %s)", why);
	else
		snprintf(sum->summary, sizeof(sum->summary),
			 "(a failure that 1 execution in %llu shows is missed with probability at most " ALPHA ")",
			 independent / FACTOR);
}
