// SPDX-License-Identifier: GPL-2.0
/*
 * schedule_mutate: change a schedule of counted steps a little, or cross two.
 *
 * Most races need one to three preemptions, each at the right step, and a
 * schedule that is used up goes on without any. So the change that matters most
 * is to cut a segment in two and put a stretch of another task between; counts
 * are drawn short more often than long, since windows are short.
 *
 * Pure in its arguments, as mutate.c is. The result is made to be followed as
 * far as it goes: that a task can run where a segment says so is not known here.
 */
#include <string.h>

#include "harness/prog/prog.h"

/* One to 128: every power of two is as likely as the next. */
static u32 draw_count(struct prng *prng)
{
	return 1 + prng_below(prng, 1u << prng_below(prng, 8));
}

static void draw_task(const struct schedule_tasks *t, struct prng *prng,
		      struct segment *g)
{
	u32 n = prng_below(prng, t->nr);

	g->role = t->task[n].role;
	g->index = t->task[n].index;
}

static void draw_steps(const struct schedule_tasks *t, struct prng *prng,
		       struct segment *g)
{
	g->kind = SEGMENT_STEPS;
	g->name[0] = 0;
	g->count = draw_count(prng);
	draw_task(t, prng, g);
}

/* Room for @n segments at @at; false if there is none. */
static bool open_gap(struct schedule *s, u32 at, u32 n)
{
	if (s->nr + n > SCHEDULE_DRAWN_MAX)
		return false;
	memmove(&s->seg[at + n], &s->seg[at],
		(s->nr - at) * sizeof(s->seg[0]));
	s->nr += n;
	return true;
}

static void remove_at(struct schedule *s, u32 at)
{
	s->nr--;
	memmove(&s->seg[at], &s->seg[at + 1],
		(s->nr - at) * sizeof(s->seg[0]));
}

static bool add(const struct schedule_tasks *t, struct prng *prng,
		struct schedule *s)
{
	u32 at = prng_below(prng, s->nr + 1);

	if (!open_gap(s, at, 1))
		return false;
	draw_steps(t, prng, &s->seg[at]);
	return true;
}

static bool preempt(const struct schedule_tasks *t, struct prng *prng,
		    struct schedule *s)
{
	u32 at = s->nr ? prng_below(prng, s->nr) : 0;
	u32 first;

	if (!s->nr || s->seg[at].kind != SEGMENT_STEPS ||
	    s->seg[at].count < 2 || !open_gap(s, at + 1, 2))
		return false;
	first = 1 + prng_below(prng, s->seg[at].count - 1);
	s->seg[at + 2] = s->seg[at];
	s->seg[at + 2].count -= first;
	s->seg[at].count = first;
	draw_steps(t, prng, &s->seg[at + 1]);
	return true;
}

static bool drop(const struct schedule_tasks *t, struct prng *prng,
		 struct schedule *s)
{
	if (!s->nr)
		return false;
	remove_at(s, prng_below(prng, s->nr));
	return true;
}

static bool cut(const struct schedule_tasks *t, struct prng *prng,
		struct schedule *s)
{
	if (s->nr < 2)
		return false;
	s->nr = 1 + prng_below(prng, s->nr - 1);
	return true;
}

static bool change_count(const struct schedule_tasks *t, struct prng *prng,
			 struct schedule *s)
{
	struct segment *g = s->nr ? &s->seg[prng_below(prng, s->nr)] : NULL;
	u32 by = 1 + prng_below(prng, 4);

	if (!g || g->kind != SEGMENT_STEPS)
		return false;
	switch (prng_below(prng, 3)) {
	case 0:
		g->count = draw_count(prng);
		break;
	case 1:
		g->count += g->count < SCHEDULE_COUNT_DRAWN ? by : 0;
		break;
	default:
		g->count = g->count > by ? g->count - by : 1;
	}
	return true;
}

static bool change_task(const struct schedule_tasks *t, struct prng *prng,
			struct schedule *s)
{
	struct segment *g = s->nr ? &s->seg[prng_below(prng, s->nr)] : NULL;

	if (!g || g->kind != SEGMENT_STEPS)
		return false;
	draw_task(t, prng, g);
	return true;
}

static bool swap(const struct schedule_tasks *t, struct prng *prng,
		 struct schedule *s)
{
	struct segment g;
	u32 at;

	if (s->nr < 2)
		return false;
	at = prng_below(prng, s->nr - 1);
	g = s->seg[at];
	s->seg[at] = s->seg[at + 1];
	s->seg[at + 1] = g;
	return true;
}

/* Something unusual at the next rt_choose(), whatever it is about. */
static bool choose(const struct schedule_tasks *t, struct prng *prng,
		   struct schedule *s)
{
	u32 at = prng_below(prng, s->nr + 1);

	if (!open_gap(s, at, 1))
		return false;
	s->seg[at] = (struct segment){
		.kind = SEGMENT_CHOOSE,
		.count = 1 + prng_below(prng, 3),
		.name = "any",
	};
	return true;
}

/* From some place on, a walk. */
static bool walk(const struct schedule_tasks *t, struct prng *prng,
		 struct schedule *s)
{
	u32 longest = 1u << prng_below(prng, 5);
	u32 n = 4 + prng_below(prng, 28);

	s->nr = prng_below(prng, s->nr + 1);
	while (n-- && s->nr < SCHEDULE_DRAWN_MAX) {
		struct segment *g = &s->seg[s->nr++];

		draw_steps(t, prng, g);
		g->count = 1 + prng_below(prng, longest);
	}
	return true;
}

typedef bool (*change)(const struct schedule_tasks *t, struct prng *prng,
		       struct schedule *s);

/* One of them, evenly. */
static const change changes[] = {
	preempt, preempt, preempt, preempt, add, add, change_count, change_count,
	change_count, change_task, change_task, drop, drop, swap, cut, walk,
	choose,
};

void schedule_mutate(const struct schedule_tasks *t, struct prng *prng,
		     struct schedule *s)
{
	if (s->nr > SCHEDULE_DRAWN_MAX)
		s->nr = SCHEDULE_DRAWN_MAX;
	/* A change that does not apply is drawn again, within reason. */
	for (u32 tries = 0; tries < 16; tries++)
		if (changes[prng_below(prng, ARRAY_SIZE(changes))](t, prng, s) &&
		    !prng_chance(prng, 1, 3))
			return;
}

void schedule_splice(struct prng *prng, struct schedule *s,
		     const struct schedule *other)
{
	u32 from = prng_below(prng, other->nr + 1);
	u32 n;

	s->nr = prng_below(prng, s->nr + 1);
	if (s->nr > SCHEDULE_DRAWN_MAX)
		s->nr = SCHEDULE_DRAWN_MAX;
	n = other->nr - from;
	if (n > SCHEDULE_DRAWN_MAX - s->nr)
		n = SCHEDULE_DRAWN_MAX - s->nr;
	memcpy(&s->seg[s->nr], &other->seg[from], n * sizeof(s->seg[0]));
	s->nr += n;
}
