// SPDX-License-Identifier: GPL-2.0
/*
 * expectation: a program may say what its calls must return and what must be
 * read; the event says that it was not so.
 */
#include "targets/oracle/svm_oracles.h"

static void event(const struct view *v, const struct event *e)
{
	const char *name = (const char *)(size_t)e->a;

	oracle_raise(&oracle_expectation, 0, "",
		     "The program expected %s %lld and got %lld.",
		     name ? name : "", (s64)e->b, (s64)e->c);
}

static const u16 kinds[] = { EV_expectation, 0 };

const struct oracle oracle_expectation = {
	.name	= "expectation",
	.claim	= "a call returns, and a page holds, what the program says it must",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};
