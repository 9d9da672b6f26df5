// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep: from an EV_lockdep row to a failure of one class or another.
 */
#include <string.h>

#include "harness/oracle/lockdep.h"

bool lockdep_is_leak(const struct event *e)
{
	const char *complaint = (const char *)(unsigned long)e->a;

	return complaint && !strncmp(complaint, "held at", strlen("held at"));
}

/*
 * The acquisition that made the opposite edge belongs to another task, so that
 * is looked for first: the newest time anybody else took the lock we hold.
 */
static u32 opposite(const struct event *e)
{
	for (u32 i = rt_detail && e->c ? e->seq - 1 : 0; i > 0; i--) {
		const struct event *o = journal_event(i);

		if (o && o->kind == EV_lock && o->b == e->c && o->task != e->task)
			return i;
	}
	return 0;
}

void lockdep_raise(const struct oracle *o, const struct event *e)
{
	char text[200];

	journal_text(e, text, sizeof(text));
	oracle_raise(o, opposite(e), "", "%c%u: %s.", rt_role(e->task),
		     rt_index(e->task), text);
}
