// SPDX-License-Identifier: GPL-2.0
/*
 * columns: the interleaving, a column for each of the two tasks that collide
 * and a third for all others if they have something to say.
 *
 * One line is one thing that happened, so a long text may run on to the right:
 * nothing else stands there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/columns.h"

#define STEP_WIDTH	7
#define DEPTH_SHOWN	8	/* deeper lines are not indented further */

static const u8 start_of_two[] = { STEP_WIDTH, REPORT_COLUMN };
static const u8 start_of_three[] = { STEP_WIDTH, 42, 77 };

static bool has_others(const struct lines *lines)
{
	for (u32 i = 0; i < lines->nr; i++)
		if (lines->line[i].column == 2 && !lines->line[i].dropped)
			return true;
	return false;
}

static void print_heads(FILE *out, const struct sides *s, const u8 *start,
			u32 nr)
{
	static const char rule[] = "------------------------------------------------";
	const char *head[3] = { s->name[0], s->name[1], "others" };
	int at = 0;

	at += fprintf(out, " step");
	for (u32 i = 0; i < nr; i++)
		at += fprintf(out, "%*s%s", start[i] - at, "", head[i]);
	at = 0;
	at += fprintf(out, "\n ----");
	at--;
	for (u32 i = 0; i < nr; i++)
		at += fprintf(out, "%*s%.*s", start[i] - at, "",
			      (int)strlen(head[i]), rule);
	fputc('\n', out);
}

static void print_line(FILE *out, const struct line *l, const u8 *start)
{
	int indent = 2 * (l->depth < DEPTH_SHOWN ? l->depth : DEPTH_SHOWN);
	int at = fprintf(out, "%c", l->marked ? '>' : ' ');

	if (l->step)
		at += fprintf(out, "%4u", l->step);
	fprintf(out, "%*s%s\n", start[l->column] - at + indent, "", l->text);
}

void columns_print(FILE *out, const struct report *r, const struct sides *s)
{
	struct lines *lines = malloc(sizeof(*lines));
	const u8 *start = start_of_two;
	bool gap = false;
	u32 nr = s->task[1] < 0 ? 1 : 2;

	if (!lines)
		return;
	lines_make(r, s, lines);
	lines_fit(r, s, lines);
	if (has_others(lines)) {
		start = start_of_three;
		nr = 3;
	}
	print_heads(out, s, start, nr);
	for (u32 i = 0; i < lines->nr; i++) {
		const struct line *l = &lines->line[i];

		if (!l->dropped)
			print_line(out, l, start);
		else if (l->gap && !gap)
			fprintf(out, "  ...\n");
		gap = l->dropped ? gap || l->gap : false;
	}
	free(lines);
}
