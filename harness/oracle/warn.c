// SPDX-License-Identifier: GPL-2.0
/*
 * warn: a WARN_ON() fired: the code under test found fault with itself.
 */
#include "harness/oracle/oracle.h"

static void warn_event(const struct view *v, const struct event *e)
{
	char text[200];

	journal_text(e, text, sizeof(text));
	oracle_raise(&oracle_warn, 0, "", "%c%u: %s.", rt_role(e->task),
		     rt_index(e->task), text);
}

static const u16 kinds[] = { EV_warn, 0 };

const struct oracle oracle_warn = {
	.name	= "warn",
	.claim	= "no WARN_ON() of the code under test fires",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= warn_event,
	.stateless = true,
};
