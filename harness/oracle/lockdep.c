// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep: from an EV_lockdep row to a failure of one class or another.
 */
#include <stdio.h>
#include <string.h>

#include "harness/oracle/lockdep.h"
#include "harness/rt/engine.h"

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

/* Names are known in detail only. */
static const char *name_of(u64 lock, char *buf, size_t size)
{
	const void *obj = (const void *)(unsigned long)lock;

	return rt_detail && rt_object_name(obj, buf, size) ? buf : "a lock";
}

void lockdep_raise(const struct oracle *o, const struct event *e)
{
	char wanted[64], held[64], both[160] = "";

	if (e->b)
		snprintf(both, sizeof(both), ", wants %s",
			 name_of(e->b, wanted, sizeof(wanted)));
	if (e->c)
		snprintf(both + strlen(both), sizeof(both) - strlen(both),
			 ", holds %s", name_of(e->c, held, sizeof(held)));
	oracle_raise(o, opposite(e), "", "%c%u: %s%s.", rt_role(e->task),
		     rt_index(e->task), (const char *)(unsigned long)e->a, both);
}
