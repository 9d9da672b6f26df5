// SPDX-License-Identifier: GPL-2.0
/*
 * sim_export: the execution just made, as a schedule.
 *
 * A segment is a run of steps of one task. Counted, it is its length. Named,
 * it ends
 *
 *	until exit		its task exited
 *	until blocked		its task cannot go on: the lock it stands before
 *				is held, or it sleeps, or it relaxes
 *	until NAME #n		its task stands before NAME for the n-th time in
 *				this segment; where the segment began is not
 *				counted
 *
 * The default rule of schedule.h is applied to what is left: segments at the
 * end that it makes by itself are not written.
 *
 * Answers to rt_choose() other than 0 are written after the step that asked,
 * which ends its segment there. Answers of 0 are written only if the same step
 * was also given another one after them: replay hands written answers, in
 * order, to whoever asks for that name next.
 */
#include "harness/rt/sim.h"

#include <string.h>

struct cursor {
	u32 pos;		/* in sim_trace */
	u32 step;		/* of that position */
	u32 choice;
};

static u32 trace_len;

static int task_at(const struct cursor *c)
{
	return sim_trace[c->pos];
}

/* How many of the choices made in the step at c are to be written. */
static u32 answers(const struct cursor *c)
{
	u32 last = 0;

	for (u32 i = 1; c->pos + i < trace_len; i++) {
		u8 byte = sim_trace[c->pos + i];

		if (!(byte & RT_TRACE_CHOICE))
			break;
		if (byte != RT_TRACE_CHOICE)
			last = i;
	}
	return last;
}

static void advance(struct cursor *c)
{
	c->pos++;
	c->step++;
	while (c->pos < trace_len && (sim_trace[c->pos] & RT_TRACE_CHOICE)) {
		c->pos++;
		c->choice++;
	}
}

static bool at_end(const struct cursor *c)
{
	return c->pos >= trace_len;
}

/* The steps that must be written: those after it follow the default rule. */
static u32 steps_needed(void)
{
	struct cursor c = { 0 };
	int last = 0;			/* M0 ran before the first step */
	u32 needed = 0;

	for (; !at_end(&c); advance(&c)) {
		u32 enabled = sim_enabled_at[c.step];
		int by_default = __builtin_ctz(enabled);

		if (enabled & SIM_BIT(last))
			by_default = last;
		if (task_at(&c) != by_default || answers(&c))
			needed = c.step + 1;
		last = task_at(&c);
	}
	return needed;
}

static struct segment *append(struct schedule *s, int kind, int task, u32 count)
{
	struct segment *g;

	if (s->nr == SCHEDULE_SEGMENTS_MAX) {
		s->cut = true;
		return NULL;
	}
	g = &s->seg[s->nr++];
	g->kind = (u8)kind;
	g->role = task < 0 ? 0 : sim.task[task].role;
	g->index = task < 0 ? 0 : sim.task[task].index;
	g->count = count;
	g->name[0] = 0;
	return g;
}

static void append_choices(struct schedule *s, const struct cursor *c, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u8 byte = sim_trace[c->pos + 1 + i];
		struct segment *g = append(s, SEGMENT_CHOOSE, -1,
					   byte & ~RT_TRACE_CHOICE);

		if (g)
			strncat(g->name, sim_choice_why[c->choice + i],
				SCHEDULE_NAME_MAX - 1);
	}
}

/* What task stood before when it was left: its next step's point. */
static const char *left_before(const struct cursor *next, int task)
{
	struct cursor c = *next;

	for (; !at_end(&c); advance(&c))
		if (task_at(&c) == task)
			return sim_step_name(c.step);
	return sim_pending_name(task);
}

static bool exits_at(u32 step)
{
	struct rt_step_info info;

	return rt_step_info(step + 1, &info) && info.site == &sim_site_exit;
}

/* Steps from..next.step - 1 of task, without a choice, by their end. */
static void append_named(struct schedule *s, u32 from,
			 const struct cursor *next, int task)
{
	const char *name;
	struct segment *g;
	u32 count = 1;

	if (exits_at(next->step - 1)) {
		append(s, SEGMENT_EXIT, task, 0);
		return;
	}
	if (at_end(next) || !(sim_enabled_at[next->step] & SIM_BIT(task))) {
		append(s, SEGMENT_BLOCK, task, 0);
		return;
	}
	name = left_before(next, task);
	for (u32 i = from + 1; i < next->step; i++)
		count += !strcmp(sim_step_name(i), name);
	g = append(s, SEGMENT_UNTIL, task, count);
	if (g)
		strcpy(g->name, name);
}

/*
 * One segment from c on; leaves c behind it. A step that answers a choice ends
 * its segment: counted it is the last of it, named it stands alone.
 */
static void append_segment(struct schedule *s, struct cursor *c, bool named)
{
	int task = task_at(c);
	u32 from = c->step;
	struct cursor last = *c;
	u32 n = answers(c);

	if (n && named) {
		advance(c);
		append(s, SEGMENT_STEPS, task, 1);
		append_choices(s, &last, n);
		return;
	}
	do {
		last = *c;
		n = answers(c);
		if (n && named)
			break;
		advance(c);
	} while (!n && !at_end(c) && task_at(c) == task);
	if (named) {
		append_named(s, from, c, task);
		return;
	}
	append(s, SEGMENT_STEPS, task, c->step - from);
	append_choices(s, &last, n);
}

void rt_export_schedule(struct schedule *s, bool named)
{
	struct cursor c = { 0 };
	u32 needed;

	s->nr = 0;
	s->cut = false;
	trace_len = sim.trace_len;
	needed = steps_needed();
	while (!at_end(&c) && c.step < needed)
		append_segment(s, &c, named && rt_detail);
}
