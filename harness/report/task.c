// SPDX-License-Identifier: GPL-2.0
/*
 * task: which tasks a report is about, and what they are called.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/oracle/outcome.h"
#include "harness/report/internal.h"

const struct event *task_call(int task, u32 seq)
{
	for (u32 i = seq; i > 0; i--) {
		const struct event *e = journal_event(i);

		if (!e || e->task != task)
			continue;
		if (e->kind == EV_call_begin)
			return e;
		if (e->kind == EV_call_end && i < seq)
			return NULL;
	}
	return NULL;
}

const char *row_words(const struct event *e, char *buf, size_t size)
{
	journal_text(e, buf, size);
	if (e->kind == EV_access)
		journal_access(e->b, e->c, buf, size);
	else if (!buf[0])
		snprintf(buf, size, "%s", event_defs[e->kind].name);
	return buf;
}

const char *task_name(int task, u32 seq, char *buf, size_t size)
{
	const struct event *call = task_call(task, seq);
	const char *title = rt_title(task);

	if (call)
		title = (const char *)(unsigned long)call->a;
	snprintf(buf, size, "%c%u%s%s", rt_role(task), rt_index(task),
		 title && *title ? " " : "", title ? title : "");
	return buf;
}

bool mentions(const char *text, const char *subject)
{
	size_t n = strlen(subject);

	for (const char *p = text; n && (p = strstr(p, subject)); p++)
		if (!isalnum((unsigned char)p[n]) && p[n] != '_')
			return true;
	return false;
}

/* Without an event that was contradicted, the second column is the program
 * task that did something last besides the one that failed. */
static int companion(int task, u32 seq)
{
	for (u32 i = seq; i > 0; i--) {
		const struct event *e = journal_event(i);

		if (e && e->task != task && rt_role(e->task) == 'P')
			return e->task;
	}
	return -1;
}

/* By the call its marked row is in, else by its last one. */
static void name_side(struct sides *s, int side, u32 seq)
{
	const struct event *e;

	for (int i = 0; i < 2; i++)
		if (s->event[i] && s->event[i]->task == s->task[side])
			seq = s->event[i]->seq;
	if (!task_call(s->task[side], seq)) {
		for (u32 i = seq; i > 0; i--) {
			e = journal_event(i);
			if (!e || e->kind != EV_call_begin ||
			    e->task != s->task[side])
				continue;
			seq = i;
			break;
		}
	}
	task_name(s->task[side], seq, s->name[side], sizeof(s->name[side]));
}

void sides_find(const struct report *r, struct sides *s)
{
	const struct failure *f = r->failure;
	const struct event *other = journal_event(f->other);
	const struct event *last = journal_event(f->seq);

	memset(s, 0, sizeof(*s));
	s->raised = f->nr_pc > 0;
	s->event[1] = other;
	/* An event of boot is nobody's, and has no column. */
	if (failure_at_rest(f)) {
		s->task[0] = companion(other ? other->task : -1, f->seq);
	} else {
		s->task[0] = f->task;
		s->event[0] = last && last->task == f->task ? last : NULL;
	}
	if (other && other->task != s->task[0] && rt_role(other->task) != 'M')
		s->task[1] = other->task;
	else
		s->task[1] = companion(s->task[0], f->seq);
	if (s->task[0] < 0) {
		s->task[0] = s->task[1];
		s->task[1] = -1;
	}
	for (int i = 0; i < 2; i++) {
		if (s->task[i] >= 0)
			name_side(s, i, f->seq);
	}
}
