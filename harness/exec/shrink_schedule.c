// SPDX-License-Identifier: GPL-2.0
/*
 * shrink_schedule: schedules for a program that is changing under them.
 *
 * A changed program is tried with the best schedule bent to it, then with
 * segments of that nudged at random, since a call less shifts what comes after
 * it; only then with schedules drawn afresh. For the best program itself,
 * segments are dropped, cut off and merged while it still fails at less cost.
 */
#include <string.h>

#include "harness/exec/shrink.h"

static struct schedule bent, nudged;

static void copy_schedule(struct schedule *to, const struct schedule *from)
{
	to->nr = from->nr;
	memcpy(to->seg, from->seg, from->nr * sizeof(from->seg[0]));
}

static void drop_segment(struct schedule *s, u32 at)
{
	s->nr--;
	memmove(&s->seg[at], &s->seg[at + 1],
		(s->nr - at) * sizeof(s->seg[0]));
}

/* One to three small changes of counts and of the order. */
static void nudge(struct shrinker *sh, struct schedule *s)
{
	u32 times = 1 + prng_below(&sh->prng, 3);

	for (; times && s->nr > 1; times--) {
		u32 at = prng_below(&sh->prng, s->nr);
		struct segment *g = &s->seg[at], saved = *g;
		u32 by = 1 + prng_below(&sh->prng, 8);

		if (g->kind != SEGMENT_STEPS)
			continue;
		switch (prng_below(&sh->prng, 5)) {
		case 0:
			g->count += by;
			break;
		case 1:
			g->count = g->count > by ? g->count - by : 1;
			break;
		case 2:
			g->count = 1 + prng_below(&sh->prng, g->count);
			break;
		case 3:
			drop_segment(s, at);
			break;
		default:
			if (at + 1 < s->nr) {
				*g = g[1];
				g[1] = saved;
			}
		}
	}
}

/* A fresh schedule: random and pct by turns. */
static bool search(struct shrinker *sh, const struct program *p,
		   struct rt_result *r)
{
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = sh->tries & 1 ? &strategy_random : &strategy_pct,
		.seed = 1,
		.index = sh->tries,
	};

	return shrink_fails(sh, &x, r);
}

bool shrink_try(struct shrinker *sh, const struct program *p,
		const u64 gone[PROG_TASKS_MAX])
{
	struct rt_result r;

	if (shrink_spent(sh) || shrink_bend(sh, gone, &bent))
		return false;
	if (shrink_follows(sh, p, &bent, &r))
		return shrink_keep(sh, p, &r);
	for (u32 i = 0; i < sh->tries_each && !shrink_spent(sh); i++) {
		if (i < sh->tries_each / 2) {
			copy_schedule(&nudged, &bent);
			nudge(sh, &nudged);
			if (shrink_follows(sh, p, &nudged, &r))
				return shrink_keep(sh, p, &r);
		} else if (search(sh, p, &r)) {
			return shrink_keep(sh, p, &r);
		}
	}
	return false;
}

bool shrink_first(struct shrinker *sh)
{
	const struct program *p = &sh->svm->program;
	struct rt_result r;
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = &strategy_replay,
		.schedule = &sh->svm->schedule,
		.detail = true,
	};

	/* A file that has rotted may still fail near its schedule. */
	if (sh->svm->has_schedule) {
		if (shrink_fails(sh, &x, &r) || shrink_follows(sh, p, &sh->svm->schedule, &r))
			return shrink_keep(sh, p, &r);
	}
	while (!shrink_spent(sh))
		if (search(sh, p, &r))
			return shrink_keep(sh, p, &r);
	return false;
}

/* -- less to read -------------------------------------------------------- */

/* Follow @s; if that fails at less cost than the best does, it is the best. */
static bool simpler(struct shrinker *sh, const struct schedule *s)
{
	struct rt_result r;
	struct cost cost;

	if (!shrink_follows(sh, &sh->program, s, &r))
		return false;
	cost = shrink_measure(&r);
	return shrink_less(&cost, &sh->cost) && shrink_keep(sh, &sh->program, &r);
}

/* The next segment of the task of segment @at; 0 if none, or no task. */
static u32 next_of_task(const struct schedule *s, u32 at)
{
	if (s->seg[at].kind != SEGMENT_STEPS)
		return 0;
	for (u32 i = at + 1; i < s->nr; i++)
		if (s->seg[i].kind == SEGMENT_STEPS &&
		    s->seg[i].role == s->seg[at].role &&
		    s->seg[i].index == s->seg[at].index)
			return i;
	return 0;
}

enum edit {
	DROP,		/* the segment; of a choice, the usual answer */
	CUT,		/* it and all after it */
	RUN_ON,		/* into its task's next segment */
	WAIT,		/* for its task's next segment */
	EDITS
};

static bool try_edit(struct shrinker *sh, u32 at, enum edit edit)
{
	u32 next;

	if (shrink_bend(sh, NULL, &nudged) || at >= nudged.nr)
		return false;
	next = next_of_task(&nudged, at);
	if (edit >= RUN_ON && !next)
		return false;
	switch (edit) {
	case DROP:
		drop_segment(&nudged, at);
		break;
	case CUT:
		nudged.nr = at;
		break;
	case RUN_ON:
		nudged.seg[at].count += nudged.seg[next].count;
		drop_segment(&nudged, next);
		break;
	default:
		nudged.seg[next].count += nudged.seg[at].count;
		drop_segment(&nudged, at);
	}
	return simpler(sh, &nudged);
}

static bool edit_segments(struct shrinker *sh)
{
	bool progress = false, changed;

	for (u32 at = 0; at < sh->cost.segments && !shrink_spent(sh); ) {
		changed = false;
		for (u32 edit = 0; edit < EDITS && !changed; edit++)
			changed = try_edit(sh, at, edit);
		progress |= changed;
		at += !changed;
	}
	return progress;
}

void shrink_preemptions(struct shrinker *sh)
{
	bool progress = true;

	/* One drawn afresh may be simpler than any that edits lead to. */
	for (u32 i = 0; i < sh->tries_each && !shrink_spent(sh); i++) {
		struct rt_result r;
		struct cost cost;

		if (!search(sh, &sh->program, &r) ||
		    r.preemptions > sh->cost.preemptions)
			continue;
		cost = shrink_measure(&r);
		if (shrink_less(&cost, &sh->cost))
			shrink_keep(sh, &sh->program, &r);
	}
	while (progress && !shrink_spent(sh))
		progress = edit_segments(sh);
}
