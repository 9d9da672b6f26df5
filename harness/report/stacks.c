// SPDX-License-Identifier: GPL-2.0
/*
 * stacks: the two stacks side by side, and the locks each task holds.
 *
 * They are those of the two events, not of where the tasks happen to stand
 * now. The outermost frame of a call is its op.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/journal/held.h"
#include "harness/oracle/outcome.h"
#include "harness/report/internal.h"

#define NAME_WIDTH_MAX	40

struct side {
	char head[160];
	struct stack stack;
	int width;		/* of the names */
};

static const char *where_of(const struct frame *f, char buf[FRAME_WHERE_MAX])
{
	const char *where = frame_where(f, buf);

	return where + (strncmp(where, "targets/", 8) ? 0 : 8);
}

/* "op munmap" instead of the name of the function that carries it out. */
static void name_op(struct stack *s, int task, u32 seq)
{
	const struct event *call = task_call(task, seq);
	struct frame *f = s->nr ? &s->frame[s->nr - 1] : NULL;

	if (call && f && frame_level(f) == FRAME_GLUE)
		snprintf(f->func, sizeof(f->func), "op %s",
			 (const char *)(unsigned long)call->a);
}

static bool is_kernel(const struct frame *f)
{
	return !strncmp(f->file, "targets/kernel/", strlen("targets/kernel/"));
}

/*
 * How a kernel service does it is not the story: of those it ends in, only
 * the one that was called is shown (mutex_lock), and of those it began in only
 * the one that made the call (process_one_work).
 */
static void trim(struct stack *s)
{
	u32 inner = 0, outer = s->nr;

	while (inner < s->nr && is_kernel(&s->frame[inner]))
		inner++;
	if (inner == s->nr)
		return;
	while (is_kernel(&s->frame[outer - 1]))
		outer--;
	inner -= inner > 0;
	outer += outer < s->nr;
	s->nr = outer - inner;
	memmove(s->frame, s->frame + inner, s->nr * sizeof(s->frame[0]));
}

static void side_measure(struct side *s)
{
	trim(&s->stack);
	s->width = 0;
	for (u32 i = 0; i < s->stack.nr; i++) {
		int n = strlen(s->stack.frame[i].func);

		if (n > s->width)
			s->width = n;
	}
	if (s->width > NAME_WIDTH_MAX)
		s->width = NAME_WIDTH_MAX;
}

static bool side_failed(const struct report *r, const struct sides *sides,
			struct side *s)
{
	const struct failure *f = r->failure;
	const struct event *e = sides->event[0];
	char name[48], access[48];

	stack_of_failure(f, &s->stack);
	if (!s->stack.nr || f->task < 0)
		return false;
	if (!e && !f->nr_pc)
		e = outcome_last_row(f->task, f->seq);
	name_op(&s->stack, f->task, f->seq);
	task_name(f->task, f->seq, name, sizeof(name));
	if (e && e->kind == EV_data_race)
		snprintf(s->head, sizeof(s->head), "%s, %s, step %u:", name,
			 journal_access(e->c >> 16, e->c, access,
					sizeof(access)), e->step);
	else
		snprintf(s->head, sizeof(s->head), "%s, at step %u:", name,
			 e ? e->step : r->result->steps);
	side_measure(s);
	return true;
}

static bool side_other(const struct sides *sides, struct side *s)
{
	const struct event *e = sides->event[1];
	char text[100], name[48];

	if (!e)
		return false;
	stack_of_event(e, &s->stack);
	if (!s->stack.nr)
		return false;
	name_op(&s->stack, e->task, e->seq);
	row_words(e, text, sizeof(text));
	task_name(e->task, e->seq, name, sizeof(name));
	if (sides->raised)
		snprintf(s->head, sizeof(s->head), "%s, %s, step %u:", name,
			 text, e->step);
	else
		snprintf(s->head, sizeof(s->head), "%s, at step %u:", name,
			 e->step);
	side_measure(s);
	return true;
}

/* Frame @i of a side as text; empty past its end. */
static void side_line(const struct side *s, u32 i, char *buf, size_t size)
{
	char where[FRAME_WHERE_MAX];

	buf[0] = 0;
	if (i >= s->stack.nr)
		return;
	snprintf(buf, size, "  %-*.*s %s", s->width, NAME_WIDTH_MAX,
		 s->stack.frame[i].func,
		 where_of(&s->stack.frame[i], where));
}

static int left_width(const struct side *s)
{
	char line[256];
	int width = REPORT_COLUMN;

	if ((int)strlen(s->head) + 2 > width)
		width = strlen(s->head) + 2;
	for (u32 i = 0; i < s->stack.nr; i++) {
		side_line(s, i, line, sizeof(line));
		if ((int)strlen(line) + 2 > width)
			width = strlen(line) + 2;
	}
	return width;
}

static void print_alone(FILE *out, const struct side *s)
{
	char line[256];

	fprintf(out, "%s\n", s->head);
	for (u32 i = 0; i < s->stack.nr; i++) {
		side_line(s, i, line, sizeof(line));
		fprintf(out, "%s\n", line);
	}
	fputc('\n', out);
}

static void print_both(FILE *out, const struct side *a, const struct side *b)
{
	u32 nr = a->stack.nr > b->stack.nr ? a->stack.nr : b->stack.nr;
	int width = left_width(a);
	char left[256], right[256];

	fprintf(out, "%-*s%s\n", width, a->head, b->head);
	for (u32 i = 0; i < nr; i++) {
		side_line(a, i, left, sizeof(left));
		side_line(b, i, right, sizeof(right));
		fprintf(out, "%-*s%s\n", right[0] ? width : 0, left, right);
	}
	fputc('\n', out);
}

void stacks_print(FILE *out, const struct report *r, const struct sides *s)
{
	struct side *side = calloc(2, sizeof(*side));
	bool failed, other;

	if (!side)
		return;
	failed = side_failed(r, s, &side[0]);
	other = side_other(s, &side[1]);
	if (failed && other)
		print_both(out, &side[0], &side[1]);
	else if (failed || other)
		print_alone(out, &side[failed ? 0 : 1]);
	free(side);
}

static bool has_exited(int task, u32 seq)
{
	for (u32 i = seq; i > 0; i--) {
		const struct event *e = journal_event(i);

		if (e && e->kind == EV_task_exit && e->task == task)
			return true;
	}
	return false;
}

void locks_print(FILE *out, const struct report *r, const struct sides *s)
{
	struct held held[HELD_MAX];

	for (int side = 0; side < 2; side++) {
		const struct event *row = s->event[side];
		/* Of a data race: those that did not keep it away. */
		bool then = s->raised && row && row->kind == EV_access;
		u32 n, seq = then ? row->seq : r->failure->seq;
		int task = s->task[side];
		char when[32] = "";

		if (task < 0)
			continue;
		if (then)
			snprintf(when, sizeof(when), " at step %u", row->step);
		n = held_by(task, seq, held, HELD_MAX);
		if (!n)
			fprintf(out, "no locks held by %s%s%s.\n", s->name[side],
				when, has_exited(task, seq) ? " (exited)" : "");
		else
			fprintf(out, "%u lock%s held by %s%s:\n", n,
				n > 1 ? "s" : "", s->name[side], when);
		for (u32 i = 0; i < n; i++) {
			const struct event *e = held[i].row;
			char name[96];
			struct stack stack;
			const struct frame *f;

			stack_of_event(e, &stack);
			f = stack_function(&stack);
			rt_object_name((void *)(unsigned long)e->b, name,
				       sizeof(name));
			fprintf(out, " #%u: %s, at %s, since step %u\n", i,
				name, f ? f->func : "?", e->step);
		}
	}
	fputc('\n', out);
}
