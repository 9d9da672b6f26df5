// SPDX-License-Identifier: GPL-2.0
/*
 * dpor_race: the races of an execution.
 *
 * Happens-before is the order of dependent steps: of one task, on one object
 * unless both read, and of a step that made a task runnable before that task's
 * next. A race is a pair of dependent steps of two tasks with nothing between
 * them in that order. Its other order begins with all that does not come after
 * the first of the two, and then the second.
 *
 * A lock that is held keeps its other takers from being runnable at all, so
 * between two acquires stands the release, which no other order can precede.
 * What races is the acquires: the release is passed over when looking for the
 * step that an acquire races with.
 *
 * M0 joins its tasks without a step; all that a task did which has exited
 * comes before what M0 does next.
 */
#include "harness/rt/dpor.h"

#include <string.h>

#define TRIES_MAX	16	/* trylocks in a row that a lock may race with */
#define OBJECTS		1024	/* power of two; past 3/4 full: see object() */

/* What was done to an object so far; steps, -1 for none. */
static struct object {
	const void *obj;
	u32 generation;
	int write;			/* the latest; releases too */
	/* What may have taken it: the latest lock, and trylocks since. */
	int acquired[TRIES_MAX];
	u32 nr_acquired;
	u32 readers;			/* tasks that read since */
	int read[RT_TASKS_MAX];
} objects[OBJECTS];
static u32 generation, nr_objects;

static int last[RT_TASKS_MAX];		/* step of each task, or -1 */
static u32 exited;
static struct dpor_op sequence[DPOR_STEPS_MAX];

/* Objects beyond the table share its last slot: more order than there is
 * would lose races, but sharing only adds dependence between their steps. */
static struct object *object(const void *obj)
{
	u32 at = (u32)(((u64)(size_t)obj * 0x9e3779b97f4a7c15ull) >> 44) %
		 OBJECTS;
	struct object *o;

	while (objects[at].generation == generation && objects[at].obj != obj)
		at = (at + 1) % OBJECTS;
	o = &objects[at];
	if (o->generation == generation)
		return o;
	o->obj = obj;
	o->generation = generation;
	o->write = -1;
	o->nr_acquired = o->readers = 0;
	nr_objects++;
	return o;
}

/* Did step @i come before what @clock knows? */
static bool before(int i, const u32 *clock)
{
	return clock[dpor_step[i].op.task] >= dpor_step[i].nth;
}

static void join(u32 *clock, const u32 *other)
{
	for (u32 i = 0; i < dpor_nr_tasks; i++)
		if (other[i] > clock[i])
			clock[i] = other[i];
}

/* Some continuation that was made from step @s amounts to the sequence. */
static bool asleep(const struct dpor_step *s, u32 n)
{
	for (u32 m = s->sleep; m; m &= m - 1) {
		const struct dpor_op *op = &s->pending[__builtin_ctz(m)];
		u32 i = 0;

		while (i < n && sequence[i].task != op->task &&
		       dpor_independent(op, &sequence[i]))
			i++;
		if (i == n || sequence[i].task == op->task)
			return true;
	}
	return false;
}

/* The other order of step @first and @op, which came after it. */
static void reverse(int first, const struct dpor_op *op)
{
	struct dpor_step *s = &dpor_step[first];
	u32 task = s->op.task, n = 0;

	for (u32 i = (u32)first + 1; i < dpor_nr_steps; i++)
		if (dpor_step[i].clock[task] < s->nth)
			sequence[n++] = dpor_step[i].op;
	sequence[n++] = *op;
	if (!asleep(s, n))
		dpor_tree_insert(&s->todo, sequence, n);
}

/* @first was done by another task; unless something lies between, the two
 * race. @clock: what is known to come before @op, from here on @first too. */
static void candidate(int first, const struct dpor_op *op, u32 *clock)
{
	if (first < 0 || dpor_step[first].op.task == op->task ||
	    before(first, clock))
		return;
	reverse(first, op);
	join(clock, dpor_step[first].clock);
}

/* Newest first: what one candidate comes after is no race of its own. */
static void race_reads(const struct object *o, const struct dpor_op *op,
		       u32 *clock)
{
	u32 left = o->readers;

	while (left) {
		int newest = -1, task = 0;

		for (u32 m = left; m; m &= m - 1) {
			int i = __builtin_ctz(m);

			if (o->read[i] > newest) {
				newest = o->read[i];
				task = i;
			}
		}
		left &= ~(1u << task);
		candidate(newest, op, clock);
	}
}

static void races_of(const struct dpor_op *op, const u32 *known)
{
	const struct object *o;
	u32 clock[RT_TASKS_MAX];

	if (!op->obj)
		return;
	o = object(op->obj);
	memcpy(clock, known, dpor_nr_tasks * sizeof(*clock));
	if (strategy_writes(op->site))
		race_reads(o, op, clock);
	if (op->site->kind != RT_LOCK) {
		candidate(o->write, op, clock);
		return;
	}
	/* Which of several trylocks was the one that got it does not show. */
	for (u32 i = o->nr_acquired; i-- > 0;)
		if (dpor_step[o->acquired[i]].op.task != op->task &&
		    !before(o->acquired[i], clock))
			reverse(o->acquired[i], op);
}

static void did(u32 i)
{
	struct dpor_step *s = &dpor_step[i];
	struct object *o;

	last[s->op.task] = (int)i;
	if (s->op.site->kind == RT_EXIT)
		exited |= 1u << s->op.task;
	if (!s->op.obj)
		return;
	o = object(s->op.obj);
	if (!strategy_writes(s->op.site)) {
		o->read[s->op.task] = (int)i;
		o->readers |= 1u << s->op.task;
		return;
	}
	o->write = (int)i;
	o->readers = 0;
	if (s->op.site->kind == RT_UNLOCK)
		return;
	if (s->op.site->kind == RT_LOCK || o->nr_acquired == TRIES_MAX)
		o->nr_acquired = 0;
	o->acquired[o->nr_acquired++] = (int)i;
}

/* What comes before step @i by its task alone, and by who let it run. */
static void program_order(u32 i, u32 *clock)
{
	const struct dpor_step *s = &dpor_step[i];

	memset(clock, 0, dpor_nr_tasks * sizeof(*clock));
	if (last[s->op.task] >= 0)
		join(clock, dpor_step[last[s->op.task]].clock);
	/* At a lock it is the release; see above. */
	if (s->enabled_by >= 0 && s->op.site->kind != RT_LOCK)
		join(clock, dpor_step[s->enabled_by].clock);
	for (u32 m = s->op.task ? 0 : exited; m; m &= m - 1)
		join(clock, dpor_step[last[__builtin_ctz(m)]].clock);
}

static void clock_of(u32 i)
{
	struct dpor_step *s = &dpor_step[i];
	const struct object *o;

	if (s->enabled_by >= 0)
		join(s->clock, dpor_step[s->enabled_by].clock);
	s->clock[s->op.task] = s->nth;
	if (!s->op.obj)
		return;
	o = object(s->op.obj);
	if (o->write >= 0)
		join(s->clock, dpor_step[o->write].clock);
	for (u32 m = strategy_writes(s->op.site) ? o->readers : 0; m; m &= m - 1)
		join(s->clock, dpor_step[o->read[__builtin_ctz(m)]].clock);
}

static void start_over(void)
{
	generation++;
	nr_objects = 0;
	exited = 0;
	memset(last, -1, sizeof(last));
}

/*
 * Twice over the steps: a race's other order takes along what came later and
 * does not depend on it, so all clocks must be there first.
 */
void dpor_races(const struct dpor_op *blocked, u32 nr_blocked)
{
	u32 known[RT_TASKS_MAX];

	start_over();
	for (u32 i = 0; i < dpor_nr_steps; i++) {
		program_order(i, dpor_step[i].clock);
		clock_of(i);
		did(i);
	}
	start_over();
	for (u32 i = 0; i < dpor_nr_steps; i++) {
		program_order(i, known);
		races_of(&dpor_step[i].op, known);
		did(i);
	}
	for (u32 i = 0; i < nr_blocked; i++) {
		int task = blocked[i].task;

		memset(known, 0, sizeof(known));
		if (last[task] >= 0)
			join(known, dpor_step[last[task]].clock);
		races_of(&blocked[i], known);
	}
}
