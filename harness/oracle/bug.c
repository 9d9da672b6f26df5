// SPDX-License-Identifier: GPL-2.0
/*
 * bug: a BUG_ON() fired, or the check of a unit test.
 */
#include "harness/oracle/oracle.h"

static void bug_event(const struct view *v, const struct event *e)
{
	char text[200];

	journal_text(e, text, sizeof(text));
	oracle_raise(&oracle_bug, 0, "", "%c%u: %s.", rt_role(e->task),
		     rt_index(e->task), text);
}

static const u16 kinds[] = { EV_bug, 0 };

const struct oracle oracle_bug = {
	.name	= "bug",
	.claim	= "no BUG_ON() of the code under test or its test fires",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= bug_event,
	.stateless = true,
};
