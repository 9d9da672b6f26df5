// SPDX-License-Identifier: GPL-2.0
/*
 * history: the life of the object a failure is about, in one sentence, from
 * every row whose text names it. The first tells where it came from, the last
 * ones how it got here; what is between them may be left out.
 *
 * Allocations have no numbered names: of them it is told which function made
 * and which one freed the very object.
 */
#include <stdio.h>
#include <string.h>

#include "harness/oracle/memory.h"
#include "harness/oracle/outcome.h"
#include "harness/report/internal.h"

#define ITEMS_MAX 8

struct items {
	u32 nr;			/* all there are */
	u32 seq[ITEMS_MAX];	/* the first, and the newest */
};

static void items_find(const struct failure *f, struct items *items)
{
	char text[256];

	items->nr = 0;
	for (u32 i = 1; i <= f->seq; i++) {
		const struct event *e = journal_event(i);

		if (!e)
			continue;
		if (!mentions(journal_text(e, text, sizeof(text)), f->subject))
			continue;
		if (items->nr >= ITEMS_MAX)
			memmove(items->seq + 1, items->seq + 2,
				(ITEMS_MAX - 2) * sizeof(u32));
		items->seq[items->nr < ITEMS_MAX ? items->nr : ITEMS_MAX - 1] = i;
		items->nr++;
	}
}

static void item_text(const struct event *e, const char *subject, char *buf,
		      size_t size)
{
	size_t n = strlen(subject);
	char text[200];
	const char *what = text;

	journal_text(e, text, sizeof(text));
	/* "page#7 freed" is "freed" in a sentence about page#7. */
	if (!strncmp(text, subject, n) && text[n] == ' ')
		what = text + n + 1;
	if (e->step)
		snprintf(buf, size, "%s by %c%u, step %u", what,
			 rt_role(e->task), rt_index(e->task), e->step);
	else
		snprintf(buf, size, "%s at boot", what);
}

/* "allocated by P0 in f(), file:line, step n" */
static bool life_text(u16 kind, const struct event *failed, char *buf,
		      size_t size)
{
	const struct event *e = memory_row(kind, failed->a, failed->seq);
	const struct frame *f;
	char where[FRAME_WHERE_MAX];
	struct stack stack;

	if (!e)
		return false;
	stack_of_event(e, &stack);
	f = stack_function(&stack);
	snprintf(buf, size, "%s by %c%u in %s(), %s, step %u",
		 kind == EV_alloc ? "allocated" : "freed", rt_role(e->task),
		 rt_index(e->task), f ? f->func : "?",
		 f ? frame_where(f, where) : "?", e->step);
	return true;
}

/* true if the failure was about an allocation. */
static bool life_print(FILE *out, const struct failure *f)
{
	const struct event *e = journal_event(f->seq);
	int indent = strlen(f->subject) + 2, at = indent;
	char text[256], item[260];
	bool made, freed;

	if (!e || (e->kind != EV_use_after_free && e->kind != EV_bad_free &&
		   e->kind != EV_leak && e->kind != EV_data_race))
		return false;
	made = life_text(EV_alloc, e, text, sizeof(text));
	freed = memory_row(EV_free, e->a, e->seq);
	if (!made && !freed)
		return e->kind != EV_data_race;
	fprintf(out, "%s: ", f->subject);
	if (made) {
		snprintf(item, sizeof(item), "%s%s", text, freed ? ";" : ".");
		paragraph_put(out, &at, indent, item);
	}
	if (freed) {
		life_text(EV_free, e, text, sizeof(text));
		snprintf(item, sizeof(item), "%s.", text);
		paragraph_put(out, &at, indent, item);
	}
	fprintf(out, "\n\n");
	return true;
}

static bool names(const struct stack *s, const char *function)
{
	for (u32 i = 0; i < s->nr; i++)
		if (!strcmp(s->frame[i].func, function))
			return true;
	return false;
}

static bool row_names(const struct event *e, const char *function)
{
	struct stack s;

	if (!e)
		return false;
	stack_of_event(e, &s);
	return names(&s, function);
}

bool report_names(const struct failure *f, const char *function, bool life)
{
	struct items items;
	struct stack s;

	stack_of_failure(f, &s);
	if (names(&s, function) ||
	    row_names(journal_event(f->other), function))
		return true;
	for (int task = 0; !f->nr_pc && task < RT_TASKS_MAX; task++)
		if (row_names(outcome_last_row(task, f->seq), function))
			return true;
	if (!life || !f->subject[0])
		return false;
	items_find(f, &items);
	for (u32 i = 0; i < items.nr && i < ITEMS_MAX; i++)
		if (row_names(journal_event(items.seq[i]), function))
			return true;
	return false;
}

void history_print(FILE *out, const struct report *r)
{
	const char *subject = r->failure->subject;
	int indent = strlen(subject) + 2, at = indent;
	struct items items;

	if (life_print(out, r->failure))
		return;
	items_find(r->failure, &items);
	if (!subject[0] || !items.nr)
		return;
	fprintf(out, "%s: ", subject);
	for (u32 i = 0; i < items.nr && i < ITEMS_MAX; i++) {
		char text[256], item[260];
		bool last = i + 1 == items.nr || i + 1 == ITEMS_MAX;

		if (i == 1 && items.nr > ITEMS_MAX)
			paragraph_put(out, &at, indent, "...;");
		item_text(journal_event(items.seq[i]), subject, text,
			  sizeof(text));
		snprintf(item, sizeof(item), "%s%s", text, last ? "." : ";");
		paragraph_put(out, &at, indent, item);
	}
	fprintf(out, "\n\n");
}
