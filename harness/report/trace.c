// SPDX-License-Identifier: GPL-2.0
/*
 * trace: every row of the journal, for who wants all of it.
 */
#include <stdio.h>

#include "harness/report/internal.h"

void report_trace(FILE *out)
{
	const struct event *e;

	for (u32 i = 1; (e = journal_event(i)); i++) {
		char text[256];

		journal_text(e, text, sizeof(text));
		/* A silent kind by its name alone: its arguments may be
		 * addresses. */
		if (!text[0])
			snprintf(text, sizeof(text), "[%s]",
				 event_defs[e->kind].name);
		fprintf(out, "%5u  %c%u  %s\n", e->step, rt_role(e->task),
			rt_index(e->task), text);
	}
}
