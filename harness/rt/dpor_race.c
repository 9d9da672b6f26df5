// SPDX-License-Identifier: GPL-2.0
/*
 * dpor_race: the races of an execution.
 *
 * Happens-before is the order of dependent steps: of one task, on one object
 * unless both read or both share it, and of a step that made a task runnable
 * before that task's next. A race is a pair of dependent steps of two tasks with nothing between
 * them in that order. Its other order begins with all that does not come after
 * the first of the two, and then the second.
 *
 * A lock that is held keeps its other takers from being runnable at all, so
 * between two acquires stands the release, which no other order can precede.
 * What races is the acquires: the release is passed over when looking for the
 * step that an acquire races with.
 *
 * Which of several trylocks was the one that got it does not show, nor which of
 * several that gave a unit to a semaphore (RT_RMW, since who gives one need not
 * have it) let the waiter go. So an acquire races with each of these back to
 * the acquire before, at which there was something to be had; where it turns
 * out that there is no such order, the branch is given up (choose_branch()).
 *
 * Who wants a lock that several share has one race with each of them. All of
 * them may be in it at once, and those who are when one is passed over keep it
 * held: they are passed over with it, with all that came after.
 *
 * A deadline comes when nobody can go on: after all that was done until then.
 *
 * M0 joins its tasks without a step; all that a task did which has exited
 * comes before what M0 does next.
 */
#include "harness/rt/dpor.h"

#include <string.h>

#define OBJECTS		1024	/* power of two; past 3/4 full: see object() */

struct latest {
	u32 tasks;
	int step[RT_TASKS_MAX];		/* the latest of each of those */
};

/* What was done to an object so far; steps, -1 for none. */
static struct object {
	const void *obj;
	u32 generation;
	int write;			/* the latest change; releases too */
	/* By what is no change: who did since. Apart from these, who took a
	 * shared lock since the latest that was not. */
	struct latest since[DPOR_CHANGE];
	struct latest shared;
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
	o->shared.tasks = 0;
	o->since[DPOR_READ].tasks = o->since[DPOR_SHARE].tasks = 0;
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

/* Step @i is @first or comes after it. */
static bool after(u32 i, int first)
{
	const struct dpor_step *s = &dpor_step[first];

	return dpor_step[i].clock[s->op.task] >= s->nth;
}

/* Is step @i left out, if all that came after one of @out is? */
static bool left_out(u32 i, const int *out, u32 nr_out)
{
	while (nr_out-- > 0)
		if (after(i, out[nr_out]))
			return true;
	return false;
}

/*
 * Without @out and what came after, who shares @obj still when all others are
 * through? The step at which it began to, or -1.
 */
static int still_shared(const void *obj, const int *out, u32 nr_out)
{
	int since[RT_TASKS_MAX];
	u32 held[RT_TASKS_MAX] = { 0 };

	for (u32 i = 0; i < dpor_nr_steps; i++) {
		const struct dpor_op *op = &dpor_step[i].op;

		if (op->obj != obj || dpor_access(op->site) != DPOR_SHARE ||
		    left_out(i, out, nr_out))
			continue;
		if (op->site->kind == RT_LOCK_SHARED) {
			if (!held[op->task]++)
				since[op->task] = (int)i;
		} else if (held[op->task]) {
			held[op->task]--;
		}
	}
	for (u32 i = 0; i < dpor_nr_tasks; i++)
		if (held[i])
			return since[i];
	return -1;
}

/*
 * The other order of step @first and @op, which came after it. @known: what
 * comes before @op by its task alone. If that keeps the lock shared, there is
 * no other order.
 */
static void reverse(int first, const struct dpor_op *op, const u32 *known)
{
	int out[RT_TASKS_MAX] = { first }, more = -1;
	u32 nr_out = 1, n = 0;

	if (op->site->kind == RT_LOCK)
		more = still_shared(op->obj, out, nr_out);
	while (more >= 0 && nr_out < RT_TASKS_MAX) {
		if (before(more, known))
			return;
		out[nr_out++] = more;
		if (more < first)
			first = more;
		more = still_shared(op->obj, out, nr_out);
	}
	for (u32 i = (u32)first + 1; i < dpor_nr_steps; i++)
		if (!left_out(i, out, nr_out) &&
		    dpor_step[i].op.site->kind != RT_END)
			sequence[n++] = dpor_step[i].op;
	sequence[n++] = *op;
	if (!asleep(&dpor_step[first], n))
		dpor_tree_insert(&dpor_step[first].todo, sequence, n);
}

/* @first was done by another task; unless something lies between, the two
 * race. @clock: what is known to come before @op, from here on @first too. */
static void candidate(int first, const struct dpor_op *op, const u32 *known,
		      u32 *clock)
{
	if (first < 0 || dpor_step[first].op.task == op->task ||
	    before(first, clock))
		return;
	reverse(first, op, known);
	join(clock, dpor_step[first].clock);
}

static int newest_of(const struct latest *l, u32 tasks)
{
	int newest = -1;

	for (u32 m = tasks; m; m &= m - 1)
		if (l->step[__builtin_ctz(m)] > newest)
			newest = l->step[__builtin_ctz(m)];
	return newest;
}

/* Newest first: what one candidate comes after is no race of its own. */
static void race_latest(const struct latest *a, const struct latest *b,
			const struct dpor_op *op, const u32 *known, u32 *clock)
{
	u32 left[2] = { a ? a->tasks : 0, b ? b->tasks : 0 };

	while (left[0] | left[1]) {
		int newest[2] = { newest_of(a, left[0]), newest_of(b, left[1]) };
		u32 which = newest[1] > newest[0];

		left[which] &= ~(1u << dpor_step[newest[which]].op.task);
		candidate(newest[which], op, known, clock);
	}
}

static void races_of(const struct dpor_op *op, const u32 *known)
{
	enum dpor_access how = dpor_access(op->site);
	const struct object *o;
	u32 clock[RT_TASKS_MAX];

	if (!op->obj)
		return;
	o = object(op->obj);
	memcpy(clock, known, dpor_nr_tasks * sizeof(*clock));
	race_latest(how != DPOR_READ ? &o->since[DPOR_READ] : NULL,
		    op->site->kind == RT_LOCK ? &o->shared :
		    how != DPOR_SHARE ? &o->since[DPOR_SHARE] : NULL,
		    op, known, clock);
	if (!rt_is_lock(op->site->kind)) {
		candidate(o->write, op, known, clock);
		return;
	}
	for (int i = o->write; i >= 0; i = dpor_step[i].previous) {
		const struct dpor_op *first = &dpor_step[i].op;
		bool lock = first->site->kind == RT_LOCK;

		if (first->site->kind != RT_UNLOCK &&
		    first->task != op->task &&
		    !before(i, lock ? clock : known))
			reverse(i, op, known);
		if (lock)
			break;
	}
}

static void did(u32 i)
{
	struct dpor_step *s = &dpor_step[i];
	enum dpor_access how = dpor_access(s->op.site);
	u32 task = s->op.task;
	struct object *o;

	last[task] = (int)i;
	if (s->op.site->kind == RT_EXIT)
		exited |= 1u << task;
	if (!s->op.obj)
		return;
	o = object(s->op.obj);
	if (s->op.site->kind == RT_LOCK_SHARED) {
		o->shared.step[task] = (int)i;
		o->shared.tasks |= 1u << task;
	}
	if (how != DPOR_CHANGE) {
		o->since[how].step[task] = (int)i;
		o->since[how].tasks |= 1u << task;
		return;
	}
	s->previous = o->write;
	o->write = (int)i;
	o->since[DPOR_READ].tasks = o->since[DPOR_SHARE].tasks = 0;
	if (s->op.site->kind == RT_LOCK)
		o->shared.tasks = 0;
}

/* All that was done up to step @i. */
static void all_until(int i, u32 *clock)
{
	for (; i >= 0; i--)
		if (!before(i, clock))
			clock[dpor_step[i].op.task] = dpor_step[i].nth;
}

/* What comes before step @i by its task alone, and by who let it run. */
static void program_order(u32 i, u32 *clock)
{
	const struct dpor_step *s = &dpor_step[i];

	memset(clock, 0, dpor_nr_tasks * sizeof(*clock));
	if (last[s->op.task] >= 0)
		join(clock, dpor_step[last[s->op.task]].clock);
	/* At a lock it is the release; see above. */
	if (s->enabled_by >= 0 && !rt_is_lock(s->op.site->kind))
		join(clock, dpor_step[s->enabled_by].clock);
	if (s->late)
		all_until(s->enabled_by, clock);
	for (u32 m = s->op.task ? 0 : exited; m; m &= m - 1)
		join(clock, dpor_step[last[__builtin_ctz(m)]].clock);
}

static void clock_of(u32 i)
{
	struct dpor_step *s = &dpor_step[i];
	enum dpor_access how = dpor_access(s->op.site);
	const struct object *o;

	if (s->enabled_by >= 0)
		join(s->clock, dpor_step[s->enabled_by].clock);
	s->clock[s->op.task] = s->nth;
	if (!s->op.obj)
		return;
	o = object(s->op.obj);
	if (o->write >= 0)
		join(s->clock, dpor_step[o->write].clock);
	for (u32 k = DPOR_READ; k < DPOR_CHANGE; k++)
		for (u32 m = k != how ? o->since[k].tasks : 0; m; m &= m - 1)
			join(s->clock,
			     dpor_step[o->since[k].step[__builtin_ctz(m)]].clock);
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
