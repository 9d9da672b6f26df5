// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep: from an EV_lockdep row to a failure of one class or another.
 */
#include <stdio.h>
#include <string.h>

#include "harness/journal/held.h"
#include "harness/oracle/lockdep.h"
#include "harness/oracle/outcome.h"

bool lockdep_is_leak(const struct event *e)
{
	const char *complaint = (const char *)(unsigned long)e->a;

	return complaint && !strncmp(complaint, "held at", strlen("held at"));
}

static bool holds(int task, u32 seq, u64 lock)
{
	struct held held[HELD_MAX];
	u32 n = held_by(task, seq, held, HELD_MAX);

	for (u32 i = 0; i < n; i++)
		if (held[i].row->b == lock)
			return true;
	return false;
}

/*
 * The row it contradicts. Of a lock left held, where it was taken. Else the
 * opposite order: the lock we hold was taken by somebody who held the one we
 * want. Two locks of the classes may have made it rather than these two; then
 * there is no row to show.
 */
static u32 opposite(const struct event *e)
{
	for (u32 i = rt_detail && e->c ? e->seq - 1 : 0; i > 0; i--) {
		const struct event *o = journal_event(i);

		if (!o || o->kind != EV_lock || o->b != e->c)
			continue;
		if (lockdep_is_leak(e) ? o->task == e->task :
					 e->b && holds(o->task, i, e->b))
			return i;
	}
	return 0;
}

/* ", wants x": names are known in detail only. */
static void add_lock(char *buf, size_t size, const char *verb, u64 lock)
{
	const void *obj = (const void *)(unsigned long)lock;
	size_t n = strlen(buf);
	char name[64];

	if (obj)
		snprintf(buf + n, size - n, ", %s %s", verb,
			 rt_object_name(obj, name, sizeof(name)) ?
			 name : "a lock");
}

void lockdep_raise(const struct oracle *o, const struct event *e)
{
	char text[200], words[256] = "";

	snprintf(text, sizeof(text) - 1, "%c%u: %s", rt_role(e->task),
		 rt_index(e->task), (const char *)(unsigned long)e->a);
	if (rt_detail) {
		snprintf(words, sizeof(words), "%s", text);
		add_lock(words, sizeof(words) - 1, "wants", e->b);
		add_lock(words, sizeof(words) - 1, "holds", e->c);
		strcat(words, ".");
	}
	strcat(text, ".");
	oracle_raise_words(o, opposite(e), "", text, words);
}
