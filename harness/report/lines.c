// SPDX-License-Identifier: GPL-2.0
/*
 * lines: from journal rows and steps to the lines of the columns.
 *
 * A row of one of the two sides is a line at its depth, which is the number of
 * port functions it is in. A port function that was not on the task's stack at
 * its previous row was entered since, and gets a line of its own. Rows of
 * other tasks are lines only if they speak of the subject of the failure.
 *
 * Preemptions are not rows: they come from the steps, and stand before the
 * first row of the task that was let run instead. Of a target with a fixed
 * program the steps themselves are shown, each by the point it stood before:
 * it does what it does at points, and has hardly an event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/journal/held.h"
#include "harness/report/columns.h"

struct maker {
	const struct report *r;
	const struct sides *s;
	struct lines *lines;
	struct stack previous[2];	/* of each side's last row */
	u32 step;			/* switches told up to here */
	int running;			/* task of that step, or -1 */
};

/* Rows beyond the limit push out the oldest half: they would not fit the
 * screen anyway. */
static struct line *line_add(struct lines *lines, u8 kind, int column)
{
	struct line *l;

	if (lines->nr == LINES_MADE_MAX) {
		lines->nr /= 2;
		memmove(lines->line, lines->line + lines->nr,
			lines->nr * sizeof(*l));
		lines->line[0].dropped = lines->line[0].gap = true;
	}
	l = &lines->line[lines->nr++];
	memset(l, 0, sizeof(*l));
	l->kind = kind;
	l->column = column;
	return l;
}

static int column_of(const struct sides *s, int task)
{
	return task == s->task[0] ? 0 : task == s->task[1] ? 1 : 2;
}

/* The same of a task that never ran again: its last segment ends there. */
static void last_point(int task, char *buf, size_t size)
{
	struct schedule *s = malloc(sizeof(*s));

	if (!s)
		return;
	rt_export_schedule(s, true);
	for (u32 i = s->nr; i-- > 0; ) {
		const struct segment *g = &s->seg[i];

		if (g->role != rt_role(task) || g->index != rt_index(task))
			continue;
		if (g->kind == SEGMENT_UNTIL)
			snprintf(buf, size, "%s", g->name);
		break;
	}
	free(s);
}

/* The point @task stood before when it was switched away at @step. */
static void pending_point(const struct report *r, int task, u32 step, char *buf,
			  size_t size)
{
	struct rt_step_info info;

	buf[0] = 0;
	for (u32 i = step; rt_step_info(i, &info); i++) {
		if (info.task != task)
			continue;
		snprintf(buf, size, "%s", info.name);
		return;
	}
	last_point(task, buf, size);
}

static void add_point(struct maker *m, u32 step,
		      const struct rt_step_info *info)
{
	int column = column_of(m->s, info->task);
	char who[16] = "";
	struct line *l;

	if (rt_role(info->task) == 'M' || !info->site ||
	    info->site->kind == RT_START || info->site->kind == RT_EXIT)
		return;
	if (column == 2)
		snprintf(who, sizeof(who), "%c%u  ", rt_role(info->task),
			 rt_index(info->task));
	l = line_add(m->lines, LINE_EVENT, column);
	l->step = step;
	snprintf(l->text, sizeof(l->text), "%s%s", who, info->name);
}

static void add_preemption(struct maker *m, int was)
{
	int column = column_of(m->s, was);
	char point[SCHEDULE_NAME_MAX];
	struct line *l;

	if (was < 0 || column == 2)
		return;
	pending_point(m->r, was, m->step + 1, point, sizeof(point));
	l = line_add(m->lines, LINE_SWITCH, column);
	snprintf(l->text, sizeof(l->text), "--- preempted%s%.90s ---",
		 point[0] ? " before " : "", point);
}

static void add_steps(struct maker *m, u32 until)
{
	bool points = m->r->target && m->r->target->body;
	struct rt_step_info info;

	for (; m->step < until && rt_step_info(m->step + 1, &info); m->step++) {
		if (info.preempted)
			add_preemption(m, m->running);
		m->running = info.task;
		if (points)
			add_point(m, m->step + 1, &info);
	}
}

/* What holds up a side of a deadlock, in the place of marked rows. */
static void add_blocked(struct maker *m)
{
	const struct rt_result *res = m->r->result;

	for (u32 i = 0; i < res->nr_blocked; i++) {
		const struct rt_blocked *b = &res->blocked[i];
		int column = column_of(m->s, b->task);
		const struct event *owner;
		char point[80] = "", holder[16] = "";
		struct line *l;

		if (column == 2 || !b->site)
			continue;
		rt_point_name(b->site, b->obj, point, sizeof(point));
		owner = held_owner(b->obj, m->r->failure->seq);
		if (owner)
			snprintf(holder, sizeof(holder), ", held by %c%u",
				 rt_role(owner->task), rt_index(owner->task));
		l = line_add(m->lines, LINE_SWITCH, column);
		snprintf(l->text, sizeof(l->text), "--- %s %s%s ---",
			 b->sleeping ? "sleeps in" : "waits in", point, holder);
	}
}

static u32 nr_ports(const struct stack *s)
{
	u32 n = 0;

	for (u32 i = 0; i < s->nr; i++)
		n += frame_level(&s->frame[i]) == FRAME_PORT;
	return n;
}

/* How many outermost frames of @now were there at @before already. A frame
 * is the same call as long as every caller stands on the same line. */
static u32 nr_common(const struct stack *now, const struct stack *before)
{
	u32 n = 0;

	while (n < now->nr && n < before->nr) {
		const struct frame *a = &now->frame[now->nr - 1 - n];
		const struct frame *b = &before->frame[before->nr - 1 - n];

		if (strcmp(a->func, b->func))
			break;
		n++;
		if (a->line != b->line)
			break;
	}
	return n;
}

/* The call's own line is depth 0; other tasks have none. */
static u32 base_depth(int task)
{
	return rt_role(task) == 'P';
}

static void add_functions(struct maker *m, const struct event *e, int column,
			  const struct stack *now)
{
	u32 common = nr_common(now, &m->previous[column]);
	u32 depth = base_depth(e->task);

	for (u32 i = 0; i < now->nr; i++) {
		const struct frame *f = &now->frame[now->nr - 1 - i];
		struct line *l;

		if (frame_level(f) != FRAME_PORT)
			continue;
		if (i >= common) {
			l = line_add(m->lines, LINE_FUNCTION, column);
			l->step = e->step;
			l->depth = depth;
			snprintf(l->text, sizeof(l->text), "%s()", f->func);
		}
		depth++;
	}
}

static u8 kind_of(const struct event *e)
{
	switch (e->kind) {
	case EV_lock:
	case EV_unlock:
		return LINE_LOCK;
	case EV_free:
		return LINE_FREE;
	case EV_call_begin:
		return LINE_CALL;
	case EV_call_end:
		return LINE_RETURN;
	default:
		return LINE_EVENT;
	}
}

static bool is_marked(const struct sides *s, const struct event *e)
{
	return s->raised && (e == s->event[0] || e == s->event[1]);
}

static void add_row(struct maker *m, const struct event *e)
{
	int column = column_of(m->s, e->task);
	bool marked = is_marked(m->s, e), subject;
	u8 kind = kind_of(e);
	char text[120], who[16] = "";
	struct stack now = { .nr = 0 };
	struct line *l;

	journal_text(e, text, sizeof(text));
	subject = mentions(text, m->r->failure->subject);
	if (marked)
		row_words(e, text, sizeof(text));
	if (!text[0] || (!marked && !e->step) || (column == 2 && !subject))
		return;
	if (column < 2 && kind != LINE_CALL && kind != LINE_RETURN &&
	    e->kind != EV_task_exit) {
		stack_of_event(e, &now);
		add_functions(m, e, column, &now);
	}
	if (column < 2)
		m->previous[column] = now;
	else
		snprintf(who, sizeof(who), "%c%u  ", rt_role(e->task),
			 rt_index(e->task));
	l = line_add(m->lines, kind, column);
	l->step = e->kind == EV_task_exit ? 0 : e->step;
	l->marked = marked;
	l->subject = subject;
	l->lock = kind == LINE_LOCK ? e->b : 0;
	if (column < 2 && kind != LINE_CALL && kind != LINE_RETURN &&
	    e->kind != EV_task_exit)
		l->depth = base_depth(e->task) + nr_ports(&now);
	snprintf(l->text, sizeof(l->text), "%.8s%.100s", who, text);
}

void lines_make(const struct report *r, const struct sides *s,
		struct lines *lines)
{
	static struct maker m;

	lines->nr = 0;
	memset(&m, 0, sizeof(m));
	m.r = r;
	m.s = s;
	m.lines = lines;
	m.running = -1;
	for (u32 i = 1; i <= r->failure->seq; i++) {
		const struct event *e = journal_event(i);

		if (!e)
			continue;
		add_steps(&m, e->step);
		add_row(&m, e);
	}
	add_steps(&m, r->result->steps);
	add_blocked(&m);
}
