// SPDX-License-Identifier: GPL-2.0
/*
 * data-race: two accesses of one place, one of them a write and one of them
 * plain, that nothing orders. Told by harness/hooks/race.c, so only in the race
 * preset; the other side is the earlier access.
 */
#include <stdio.h>
#include <string.h>

#include "harness/oracle/outcome.h"

/* "page#7" of "plain read of 8 bytes at page#7+0x18". */
static void subject_of(const char *words, char *buf, size_t size)
{
	const char *at = strstr(words, " at ");

	snprintf(buf, size, "%s", at ? at + 4 : "");
	buf[strcspn(buf, "+")] = 0;
}

static void data_race_event(const struct view *v, const struct event *e)
{
	const struct event *other = journal_event((u32)e->b);
	char text[200], words[256] = "", subject[32] = "", a[100], b[48];

	snprintf(text, sizeof(text),
		 "%s, and another task's %s before it: no lock, atomic or barrier orders them.",
		 journal_access(e->c >> 16, e->c, a, sizeof(a)),
		 e->c >> 8 & 1 ? "write" : "read");
	if (rt_detail && other) {
		journal_text(e, a, sizeof(a));
		subject_of(a, subject, sizeof(subject));
		snprintf(words, sizeof(words),
			 "%c%u: %s. %c%u before it: %s. No lock, atomic or barrier orders them.",
			 rt_role(e->task), rt_index(e->task), a,
			 rt_role(other->task), rt_index(other->task),
			 journal_access(other->b, other->c, b, sizeof(b)));
	}
	oracle_raise_words(&oracle_data_race, (u32)e->b, subject, text, words);
}

static const u16 kinds[] = { EV_data_race, 0 };

const struct oracle oracle_data_race = {
	.name	= "data-race",
	.claim	= "two accesses of one place are ordered, unless both only read or both are marked",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= data_race_event,
	.stateless = true,
};
