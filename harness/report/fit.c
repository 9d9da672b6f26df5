// SPDX-License-Identifier: GPL-2.0
/*
 * fit: makes the lines few enough for one screen, dropping first what tells a
 * reader least. Each pass is made only if there are still too many, and no
 * pass drops a marked line:
 *
 *   1. lock rows of locks that cannot matter: neither held at the end, nor
 *      waited for, nor taken by both sides
 *   2. function entries under which nothing is left (after every pass)
 *   3. returns of calls, and allocations freed
 *   4. lock rows of locks that are neither held at the end nor waited for
 *   5. function entries that lead straight to another one
 *   6. the oldest rows of the longer column, first those that neither are
 *      about the subject nor begin a side's last call nor are one of but a few
 *      preemptions, which are then the whole story; a line "..." says where
 */
#include <string.h>

#include "harness/journal/held.h"
#include "harness/report/columns.h"

#define SWITCHES_FEW 6
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

/* The next shown line of the column, switches aside; NULL past the last. */
static const struct line *next_of(const struct lines *lines, u32 i)
{
	u8 column = lines->line[i].column;

	for (i++; i < lines->nr; i++) {
		const struct line *l = &lines->line[i];

		if (l->column == column && !l->dropped &&
		    l->kind != LINE_SWITCH)
			return l;
	}
	return NULL;
}

/* Nothing of the function is left when what comes next is not deeper. */
static bool is_empty(const struct lines *lines, u32 i)
{
	const struct line *next = next_of(lines, i);

	return !next || next->depth <= lines->line[i].depth;
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

static void drop_kind(struct lines *lines, u8 kind)
{
	for (u32 i = 0; i < lines->nr; i++)
		if (lines->line[i].kind == kind && !lines->line[i].marked)
			lines->line[i].dropped = true;
}

static void drop_chains(struct lines *lines)
{
	for (u32 i = 0; i < lines->nr; i++) {
		struct line *l = &lines->line[i];
		const struct line *next;

		if (l->kind != LINE_FUNCTION || l->dropped)
			continue;
		next = next_of(lines, i);
		if (next && next->kind == LINE_FUNCTION &&
		    next->depth > l->depth)
			l->dropped = true;
	}
}

/* What the first round of dropping the oldest leaves alone. */
struct spared {
	u32 call[3];		/* a column's last call */
	bool switches;
};

static void spared_find(const struct lines *lines, struct spared *s)
{
	u32 switches = 0;

	memset(s, 0xff, sizeof(*s));
	for (u32 i = 0; i < lines->nr; i++) {
		const struct line *l = &lines->line[i];

		if (l->kind == LINE_CALL)
			s->call[l->column] = i;
		switches += l->kind == LINE_SWITCH;
	}
	s->switches = switches <= SWITCHES_FEW;
}

static bool is_spared(const struct lines *lines, u32 i, const struct spared *s)
{
	const struct line *l = &lines->line[i];

	return l->subject || i == s->call[l->column] ||
	       (l->kind == LINE_SWITCH && s->switches);
}

/*
 * Drops the oldest line that may go, of the column that has more of them, so
 * that a long call does not push out all of the other task. false: none may.
 */
static bool drop_one(struct lines *lines, const struct spared *spared)
{
	u32 nr[3] = { 0 }, oldest[3], best = 0;

	for (u32 i = lines->nr; i-- > 0; ) {
		const struct line *l = &lines->line[i];

		if (l->dropped || l->marked ||
		    (spared && is_spared(lines, i, spared)))
			continue;
		nr[l->column]++;
		oldest[l->column] = i;
	}
	for (u32 column = 1; column < 3; column++)
		if (nr[column] > nr[best])
			best = column;
	if (!nr[best])
		return false;
	lines->line[oldest[best]].dropped = true;
	lines->line[oldest[best]].gap = true;
	return true;
}

static void drop_oldest(struct lines *lines)
{
	struct spared spared;

	spared_find(lines, &spared);
	while (too_many(lines) && drop_one(lines, &spared))
		;
	while (too_many(lines) && drop_one(lines, NULL))
		;
}

void lines_fit(const struct report *r, const struct sides *s,
	       struct lines *lines)
{
	struct locks end;

	locks_at_end(r, s, &end);
	drop_locks(lines, &end, true);
	if (too_many(lines)) {
		drop_kind(lines, LINE_RETURN);
		drop_kind(lines, LINE_FREE);
	}
	if (too_many(lines))
		drop_locks(lines, &end, false);
	if (too_many(lines))
		drop_chains(lines);
	drop_oldest(lines);
}
