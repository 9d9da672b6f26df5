// SPDX-License-Identifier: GPL-2.0
/*
 * oracle litmus: a litmus program is its own judge.
 *
 * It says what it saw through litmus_bad(); this makes a failure of it. The
 * event is the whole complaint, so it is heard in native, too.
 */
#include "targets/litmus/litmus.h"

static void litmus_event(const struct view *v, const struct event *e)
{
	oracle_raise(&oracle_litmus, 0, "", "%s (%llu, %llu).",
		     (const char *)(size_t)e->a, e->b, e->c);
}

static const u16 litmus_kinds[] = { EV_litmus_bad, EV_none };

const struct oracle oracle_litmus = {
	.name	= "litmus",
	.claim	= "the program never sees an outcome that its own text forbids",
	.kinds	= litmus_kinds,
	.event	= litmus_event,
	.stateless = true,
};

const struct oracle *const litmus_oracles[] = { &oracle_litmus, NULL };
const u16 litmus_must_see[] = { EV_litmus_seen, EV_none };
