// SPDX-License-Identifier: GPL-2.0
/*
 * deadlock: tasks wait and nobody is left who could wake them. A lost wakeup
 * looks the same to the runtime and is the same class.
 *
 * The sentence is the wait-for graph: who stands where, for what, and who
 * holds it. Names and owners are known only in the detail execution.
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

/* Appends to buf; @names: with what only a detail execution knows. */
static void describe(const struct rt_blocked *b, bool names, char *buf,
		     size_t size)
{
	const struct event *owner = names ? held_owner(b->obj, journal_seq()) :
					    NULL;
	char name[SCHEDULE_NAME_MAX] = "", holder[24] = "";
	size_t n = strlen(buf);

	if (b->site && names)
		rt_point_name(b->site, b->obj, name, sizeof(name));
	else if (b->site)
		snprintf(name, sizeof(name), "%s", b->site->verb);
	if (owner)
		snprintf(holder, sizeof(holder), ", held by %c%u",
			 rt_role(owner->task), rt_index(owner->task));
	snprintf(buf + n, size - n, "%s%c%u %s %s%s", n ? "; " : "",
		 rt_role(b->task), rt_index(b->task),
		 b->sleeping ? "sleeps in" : "waits in", name, holder);
}

static void describe_all(const struct rt_result *r, bool names, char *buf,
			 size_t size)
{
	const struct rt_blocked *b;
	size_t n;

	buf[0] = 0;
	for (u32 i = 0; (b = cause(r, i)); i++)
		describe(b, names, buf, size);
	n = strlen(buf);
	snprintf(buf + n, size - n, "%s.", n ? "" : "All tasks wait");
}

/* The poison of freed memory reads as a lock that is held for ever. */
static void record_freed(const struct rt_blocked *b)
{
	char text[256];

	snprintf(text, sizeof(text), "%c%u waits in %s for a lock that was freed.",
		 rt_role(b->task), rt_index(b->task),
		 b->site ? b->site->verb : "a call");
	oracle_record_words(&oracle_use_after_free, b->task, 0, text, "");
}

void deadlock_record(const struct rt_result *r)
{
	const struct rt_blocked *first = cause(r, 0), *second = cause(r, 1);
	const struct event *other = NULL;
	char text[256], words[256] = "";

	if (first && !first->sleeping && rt_is_freed(first->obj)) {
		record_freed(first);
		return;
	}
	describe_all(r, false, text, sizeof(text));
	if (rt_detail)
		describe_all(r, true, words, sizeof(words));
	if (second)
		other = outcome_last_row(second->task, journal_seq());
	oracle_record_words(&oracle_deadlock, first ? first->task : -1,
			    other ? other->seq : 0, text, words);
}

const struct oracle oracle_deadlock = {
	.name	= "deadlock",
	.claim	= "as long as a task waits, some task can still run and wake it",
	.spec	= "I-M25",
};
