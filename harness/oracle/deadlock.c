// SPDX-License-Identifier: GPL-2.0
/*
 * deadlock: tasks wait and nobody is left who could wake them. A lost wakeup
 * looks the same to the runtime and is the same class.
 *
 * The sentence is the wait-for graph: who stands where, for what, and who
 * holds it. Names and owners are known only in the detail execution; in search
 * the class is all that anybody asks for.
 */
#include <stdio.h>
#include <string.h>

#include "harness/journal/held.h"
#include "harness/oracle/outcome.h"

/* M0 only waits for the others, a daemon for work: neither is the cause. */
static bool is_cause(const struct rt_blocked *b)
{
	return rt_role(b->task) != 'M';
}

/* The nth of those that matter; NULL past the last. */
static const struct rt_blocked *cause(const struct rt_result *r, u32 nth)
{
	/* Tasks at locks before sleepers: a cycle is made of them. */
	for (int sleeping = 0; sleeping <= 1; sleeping++) {
		for (u32 i = 0; i < r->nr_blocked; i++) {
			const struct rt_blocked *b = &r->blocked[i];

			if (b->sleeping != (bool)sleeping || !is_cause(b))
				continue;
			if (!nth--)
				return b;
		}
	}
	return NULL;
}

static size_t describe(const struct rt_blocked *b, char *buf, size_t size)
{
	char name[SCHEDULE_NAME_MAX] = "";
	const struct event *owner;
	size_t n;

	if (rt_detail && b->site)
		rt_point_name(b->site, b->obj, name, sizeof(name));
	else if (b->site)
		snprintf(name, sizeof(name), "%s", b->site->verb);
	n = snprintf(buf, size, "%c%u %s %s", rt_role(b->task),
		     rt_index(b->task), b->sleeping ? "sleeps in" : "waits in",
		     name);
	owner = rt_detail ? held_owner(b->obj, journal_seq()) : NULL;
	if (owner && n < size)
		n += snprintf(buf + n, size - n, ", held by %c%u",
			      rt_role(owner->task), rt_index(owner->task));
	return n < size ? n : size - 1;
}

void deadlock_record(const struct rt_result *r)
{
	const struct rt_blocked *first = cause(r, 0), *second = cause(r, 1), *b;
	const struct event *other = NULL;
	char text[256] = "";
	size_t n = 0;

	for (u32 i = 0; (b = cause(r, i)); i++) {
		if (n)
			n += snprintf(text + n, sizeof(text) - n, "; ");
		n += describe(b, text + n, sizeof(text) - n);
		if (n >= sizeof(text) - 3)
			break;
	}
	if (n < sizeof(text) - 1)
		snprintf(text + n, sizeof(text) - n, "%s.",
			 n ? "" : "All tasks wait");
	if (second)
		other = outcome_last_row(second->task, journal_seq());
	oracle_record_at(&oracle_deadlock, first ? first->task : -1,
			 other ? other->seq : 0, "", text);
}

const struct oracle oracle_deadlock = {
	.name	= "deadlock",
	.claim	= "as long as a task waits, some task can still run and wake it",
	.spec	= "I-M25",
};
