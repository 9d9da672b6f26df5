// SPDX-License-Identifier: GPL-2.0
/*
 * memory: finds the rows that tell an object's life. Only a detail execution
 * has them; in search a failure of these classes contradicts no row.
 */
#include <stdio.h>

#include "harness/oracle/memory.h"
#include "harness/oracle/outcome.h"

const struct event *memory_row(u16 kind, u64 addr, u32 seq)
{
	for (u32 i = seq; i-- > 1; ) {
		const struct event *e = journal_event(i);

		if (e && e->kind == kind && addr >= e->a &&
		    addr - e->a < (e->b ? e->b : 1))
			return e;
	}
	return NULL;
}

void memory_raise(const struct oracle *o, const struct event *e, u16 kind)
{
	const struct event *other = NULL;
	const char *name = (const char *)(unsigned long)e->c;
	char row[160], text[200], words[200] = "";

	snprintf(text, sizeof(text), "%c%u: %s.", rt_role(e->task),
		 rt_index(e->task), o->name);
	if (rt_detail) {
		other = memory_row(kind, e->a, e->seq);
		journal_text(e, row, sizeof(row));
		snprintf(words, sizeof(words), "%c%u: %s.", rt_role(e->task),
			 rt_index(e->task), row);
	}
	oracle_raise_words(o, other ? other->seq : 0, name ? name : "", text,
			   words);
}
