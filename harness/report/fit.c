// SPDX-License-Identifier: GPL-2.0
/*
 * fit: makes the lines few enough for one screen, dropping first what tells a
 * reader least. Each pass is made only if there are still too many, and no
 * pass drops a marked line:
 *
 *   1. lock rows of locks that cannot matter: neither held at the end, nor
 *      waited for, nor taken by both sides
 *   2. function entries under which nothing is left (after every pass)
 *   3. returns of calls
 *   4. lock rows of locks that are neither held at the end nor waited for
 *   5. the oldest rows, first those that neither are about the subject nor
 *      say which call it is; a line "..." says where
 */
#include <string.h>

#include "harness/journal/held.h"
#include "harness/report/columns.h"

#define LOCKS_MAX (2 * HELD_MAX + RT_TASKS_MAX)

struct locks {
	u32 nr;
	u64 lock[LOCKS_MAX];
};

static bool has_lock(const struct locks *l, u64 lock)
{
	for (u32 i = 0; i < l->nr; i++)
		if (l->lock[i] == lock)
			return true;
	return false;
}

/* Held by a side at the end, or waited for by anybody. */
static void locks_at_end(const struct report *r, const struct sides *s,
			 struct locks *l)
{
	struct held held[HELD_MAX];

	l->nr = 0;
	for (int side = 0; side < 2; side++) {
		u32 n = s->task[side] < 0 ? 0 :
			held_by(s->task[side], r->failure->seq, held, HELD_MAX);

		for (u32 i = 0; i < n; i++)
			l->lock[l->nr++] = held[i].row->b;
	}
	for (u32 i = 0; i < r->result->nr_blocked; i++)
		l->lock[l->nr++] = (unsigned long)r->result->blocked[i].obj;
}

static bool taken_by(const struct lines *lines, u8 column, u64 lock)
{
	for (u32 i = 0; i < lines->nr; i++)
		if (lines->line[i].kind == LINE_LOCK &&
		    lines->line[i].column == column &&
		    lines->line[i].lock == lock)
			return true;
	return false;
}

static u32 nr_shown(const struct lines *lines)
{
	u32 n = 0;
	bool gap = false;

	for (u32 i = 0; i < lines->nr; i++) {
		const struct line *l = &lines->line[i];

		n += !l->dropped || (l->gap && !gap);
		gap = l->dropped ? gap || l->gap : false;
	}
	return n;
}

/* Nothing of the function is left when the next line of its column that is
 * shown is not deeper than it. */
static bool is_empty(const struct lines *lines, u32 i)
{
	const struct line *f = &lines->line[i];

	for (i++; i < lines->nr; i++) {
		const struct line *l = &lines->line[i];

		if (l->column != f->column || l->dropped ||
		    l->kind == LINE_SWITCH)
			continue;
		return l->depth <= f->depth;
	}
	return true;
}

/* Backwards, so that a function of empty functions is empty too. */
static bool too_many(struct lines *lines)
{
	for (u32 i = lines->nr; i-- > 0; ) {
		struct line *l = &lines->line[i];

		if (l->kind == LINE_FUNCTION && is_empty(lines, i))
			l->dropped = true;
	}
	return nr_shown(lines) > LINES_MAX;
}

static void drop_locks(struct lines *lines, const struct locks *end, bool both)
{
	for (u32 i = 0; i < lines->nr; i++) {
		struct line *l = &lines->line[i];

		if (l->kind != LINE_LOCK || l->marked || has_lock(end, l->lock))
			continue;
		if (both && taken_by(lines, 0, l->lock) &&
		    taken_by(lines, 1, l->lock))
			continue;
		l->dropped = true;
	}
}

static void drop_returns(struct lines *lines)
{
	for (u32 i = 0; i < lines->nr; i++)
		if (lines->line[i].kind == LINE_RETURN && !lines->line[i].marked)
			lines->line[i].dropped = true;
}

/* Stops as soon as the rest fits. */
static void drop_oldest(struct lines *lines, bool all)
{
	for (u32 i = 0; i < lines->nr && too_many(lines); i++) {
		struct line *l = &lines->line[i];

		if (l->marked || l->dropped)
			continue;
		if (!all && (l->subject || l->kind == LINE_CALL ||
			     l->kind == LINE_SWITCH))
			continue;
		l->dropped = l->gap = true;
	}
}

void lines_fit(const struct report *r, const struct sides *s,
	       struct lines *lines)
{
	struct locks end;

	locks_at_end(r, s, &end);
	drop_locks(lines, &end, true);
	if (too_many(lines))
		drop_returns(lines);
	if (too_many(lines))
		drop_locks(lines, &end, false);
	drop_oldest(lines, false);
	drop_oldest(lines, true);
}
