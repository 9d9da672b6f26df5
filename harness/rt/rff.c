// SPDX-License-Identifier: GPL-2.0
/*
 * rff: reads-from feedback (Wolff, Shi, Duck, Mathur and Roychoudhury, ASPLOS
 * 2024).
 *
 * What decides over the outcome of a schedule is which write each read finds.
 * An event is a site with an object, whichever task is there; a pair is an
 * event that writes an object, or its first value, and one that reads it in
 * another task. An execution is steered by a few constraints, "r finds w" or "r
 * does not find w", of any tasks or of two of them, enforced softly:
 *
 *	r finds w		r is held until w has run; then whoever else
 *				writes that object is held until r has run
 *	r finds the first value	whoever writes that object is held until r has
 *				run
 *	r does not find w	w is held until r has run
 *	... the first value	r is held until somebody has written
 *
 * What is held too long, or alone, is let go; among those that are not held
 * pos decides. Which pairs came, and how often that set of them has been seen,
 * is learnt from each execution: one with a pair or a set that is new has its
 * constraints kept as a seed. The next takes the rarer of two seeds and adds,
 * drops, negates or replaces a constraint; every fourth is pos alone.
 *
 * That an event is of any task makes the pairs few: where ten tasks do the
 * same, a read may find two things, not eleven. Half of the constraints are
 * drawn of these few, and name no tasks where many do the same; the other half
 * are drawn as if each two tasks were a pair of their own, and name them.
 *
 * Learnt for one program at a time: where a campaign makes a handful of
 * schedules of each, this is little more than pos. Objects are compared by
 * address and numbered as they come: nothing that is drawn depends on where the
 * linker put them. A lock is a write that reads.
 */
#include "harness/rt/profile.h"

#include <stdio.h>
#include <string.h>

#define PAIRS		4096	/* of a program; later ones are not learnt */
#define SEEDS		256	/* then the oldest goes */
#define CONSTRAINTS	4
#define PLACES		1024	/* objects of an execution, by hash: half as many */
#define EVENTS		12	/* of one object, of each kind */
#define COMBINATIONS	(1u << 14)
#define MANY		6	/* pairs of tasks: it matters less which */
#define HELD_MAX	200	/* picks, of an execution */

struct event {
	const void *obj;
	const struct rt_site *site;	/* NULL: the object's first value */
	u32 tasks;			/* by bit; of what is about to happen: one */
};

struct pair {
	struct event w, r;
	u32 last;			/* execution in which it came; 0: none */
	bool drawn;			/* it is among the choices */
};

struct constraint {
	u16 pair;
	bool negative;
	u32 writers, readers;		/* tasks */
};

struct seed {
	struct constraint of[CONSTRAINTS];
	u32 nr;
	u32 combination;
};

/* An object, as this execution meets it. */
struct place {
	const void *obj;
	struct event last;		/* who wrote it */
	u32 nr_w, nr_r;
	struct event w[EVENTS], r[EVENTS];
};

enum { WAITS, WRITTEN, OVER };

static u64 program;
static struct pair pairs[PAIRS];
static u32 nr_pairs;
static u16 choices[PAIRS];		/* pairs that need not have come so */
static u32 nr_choices;
static u16 pair_at[2 * PAIRS];		/* by hash: 1 + index */
static struct seed seeds[SEEDS];
static u32 nr_seeds;			/* ever */
static u16 combinations[COMBINATIONS];	/* how often each was seen */

static struct seed now;			/* of this execution */
static u8 state[CONSTRAINTS];
static struct place place[PLACES];
static u16 place_used[PLACES];
static u32 nr_used;
static u32 held, combination;
static u32 execution;			/* of the program, from 1 */
static bool is_new;

static u64 mix(u64 hash, u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static bool same(const struct event *a, const struct event *b)
{
	return a->obj == b->obj && a->site == b->site;
}

/* Two tasks, one of each. */
static bool of_two(u32 a, u32 b)
{
	return a && b && (a != b || (a & (a - 1)));
}

static bool reads(const struct rt_site *site)
{
	return site->kind == RT_LOAD || site->kind == RT_RMW ||
	       rt_is_lock(site->kind);
}

static bool writes(const struct rt_site *site)
{
	return site->kind == RT_STORE || site->kind == RT_RMW ||
	       rt_is_lock(site->kind);
}

static u64 hash_event(u64 hash, const struct event *e)
{
	return mix(mix(hash, (u64)(size_t)e->obj), (u64)(size_t)e->site);
}

/* Its index, made if it was not there, with these tasks; -1: no room. */
static int pair_of(const struct event *w, const struct event *r)
{
	u32 at = (u32)hash_event(hash_event(0, w), r) % ARRAY_SIZE(pair_at);

	for (; pair_at[at]; at = (at + 1) % ARRAY_SIZE(pair_at)) {
		struct pair *p = &pairs[pair_at[at] - 1];

		if (!same(&p->w, w) || !same(&p->r, r))
			continue;
		p->w.tasks |= w->tasks;
		p->r.tasks |= r->tasks;
		return pair_at[at] - 1;
	}
	if (nr_pairs == PAIRS)
		return -1;
	pairs[nr_pairs++] = (struct pair){ *w, *r, 0, false };
	pair_at[at] = (u16)nr_pairs;
	return (int)nr_pairs - 1;
}

static void forget(u64 next)
{
	program = next;
	nr_pairs = nr_choices = nr_seeds = execution = 0;
	memset(pair_at, 0, sizeof(pair_at));
	memset(combinations, 0, sizeof(combinations));
}

static int rff_setup(const char *arg, char *err, size_t size)
{
	forget(0);
	strategy_pos.setup(NULL, err, size);
	if (!arg)
		return 0;
	snprintf(err, size, "rff takes no argument, got \"%s\"", arg);
	return -1;
}

static void drop(struct seed *s, u32 i)
{
	s->of[i] = s->of[--s->nr];
}

/* One bit of @tasks, which has some. */
static u32 draw_task(u32 tasks, struct prng *prng)
{
	u32 n = prng_below(prng, (u32)__builtin_popcount(tasks));

	while (n--)
		tasks &= tasks - 1;
	return tasks & -tasks;
}

/* How many pairs of tasks it stands for. */
static u32 weight(const struct pair *p)
{
	u32 writers = (u32)__builtin_popcount(p->w.tasks);

	return (writers ? writers : 1) * (u32)__builtin_popcount(p->r.tasks);
}

/* A choice, by the pairs of tasks that each stands for. */
static u16 draw_weighted(struct prng *prng)
{
	u32 sum = 0, i, at;

	for (i = 0; i < nr_choices; i++)
		sum += weight(&pairs[choices[i]]);
	at = prng_below(prng, sum);
	for (i = 0; at >= weight(&pairs[choices[i]]); i++)
		at -= weight(&pairs[choices[i]]);
	return choices[i];
}

static struct constraint draw(struct prng *prng)
{
	struct constraint c = {
		.pair = choices[prng_below(prng, nr_choices)],
		.negative = !prng_below(prng, 4),
		.writers = ~0u,
		.readers = ~0u,
	};

	if (prng_below(prng, 2))
		c.pair = draw_weighted(prng);
	else if (weight(&pairs[c.pair]) >= MANY)
		return c;
	c.readers = draw_task(pairs[c.pair].r.tasks, prng);
	if (pairs[c.pair].w.tasks)
		c.writers = draw_task(pairs[c.pair].w.tasks, prng);
	return c;
}

static void mutate(struct seed *s, struct prng *prng)
{
	u32 what = s->nr ? prng_below(prng, 4) : 0;
	u32 i = s->nr ? prng_below(prng, s->nr) : 0;

	if (what == 0 && s->nr < CONSTRAINTS)
		s->of[s->nr++] = draw(prng);
	else if (what == 1)
		drop(s, i);
	else if (what == 2)
		s->of[i].negative = !s->of[i].negative;
	else
		s->of[i] = draw(prng);
}

static const struct seed *draw_seed(struct prng *prng)
{
	u32 nr = nr_seeds < SEEDS ? nr_seeds : SEEDS;
	const struct seed *a = &seeds[prng_below(prng, nr)];
	const struct seed *b = &seeds[prng_below(prng, nr)];

	return combinations[a->combination] <= combinations[b->combination] ?
	       a : b;
}

static bool rff_begin(const struct rt_config *config, struct prng *prng)
{
	if (!config->program || config->program != program)
		forget(config->program);
	while (nr_used)
		place[place_used[--nr_used]].obj = NULL;
	memset(state, WAITS, sizeof(state));
	now.nr = 0;
	held = combination = 0;
	execution++;
	is_new = false;
	if (nr_choices && prng_below(prng, 4)) {
		if (nr_seeds)
			now = *draw_seed(prng);
		mutate(&now, prng);
	}
	return strategy_pos.begin(config, prng);
}

/* Of @obj; made if @make, or else NULL as well as when there is no room. */
static struct place *place_of(const void *obj, bool make)
{
	u32 at = (u32)mix(0, (u64)(size_t)obj) % PLACES;
	struct place *p;

	for (; place[at].obj; at = (at + 1) % PLACES)
		if (place[at].obj == obj)
			return &place[at];
	if (!make || nr_used == PLACES / 2)
		return NULL;
	p = &place[at];
	p->obj = obj;
	p->last = (struct event){ .obj = obj };
	p->nr_w = p->nr_r = 0;
	place_used[nr_used++] = (u16)at;
	return p;
}

static void remember(struct event *of, u32 *nr, const struct event *e)
{
	for (u32 i = 0; i < *nr; i++)
		if (same(&of[i], e)) {
			of[i].tasks |= e->tasks;
			return;
		}
	if (*nr < EVENTS)
		of[(*nr)++] = *e;
}

/* @e, of one task, is what constraint @c says of a read; of a write. */
static bool is_reader(const struct constraint *c, const struct event *e)
{
	return same(e, &pairs[c->pair].r) && (c->readers & e->tasks);
}

static bool is_writer(const struct constraint *c, const struct event *e)
{
	return same(e, &pairs[c->pair].w) && (c->writers & e->tasks);
}

/* What the event is to the constraints. */
static void follow(const struct event *e)
{
	for (u32 i = 0; i < now.nr; i++) {
		if (is_reader(&now.of[i], e))
			state[i] = OVER;
		else if (state[i] == WAITS && is_writer(&now.of[i], e))
			state[i] = WRITTEN;
	}
}

static void found(const struct event *w, const struct event *r)
{
	int i = pair_of(w, r);

	if (i < 0)
		return;
	is_new |= !pairs[i].last;
	pairs[i].last = execution;
	combination += (u32)mix(0, (u64)i + 1);
}

static void note(const struct strategy_view *v, int n)
{
	const struct strategy_task *t = &v->task[n];
	const struct event e = { t->obj, t->site, 1u << n };
	struct place *p;

	if (!t->obj || !(reads(t->site) || writes(t->site)))
		return;
	p = place_of(t->obj, true);
	if (!p)
		return;
	follow(&e);
	if (reads(t->site)) {
		remember(p->r, &p->nr_r, &e);
		found(&p->last, &e);
	}
	if (writes(t->site)) {
		remember(p->w, &p->nr_w, &e);
		p->last = e;
	}
}

/* Does constraint @i want @e, which is about to happen, to wait? */
static bool wants_held(u32 i, const struct event *e)
{
	const struct constraint *c = &now.of[i];
	const struct pair *p = &pairs[c->pair];
	const bool first = !p->w.site;
	const struct place *at;

	if (state[i] == OVER)
		return false;
	if (!c->negative) {
		if (is_reader(c, e))
			return !first && state[i] == WAITS;
		return (first || state[i] == WRITTEN) && e->obj == p->r.obj &&
		       writes(e->site);
	}
	if (!first)
		return is_writer(c, e);
	at = place_of(e->obj, false);
	return is_reader(c, e) && (!at || !at->last.site);
}

static bool is_held(const struct strategy_task *t, u32 n)
{
	const struct event e = { t->obj, t->site, 1u << n };

	for (u32 i = 0; t->obj && i < now.nr; i++)
		if (wants_held(i, &e))
			return true;
	return false;
}

static int rff_pick(const struct strategy_view *v, struct prng *prng)
{
	struct strategy_view free = *v;
	int n;

	if (now.nr && held < HELD_MAX && (v->enabled & (v->enabled - 1))) {
		for (u32 m = v->enabled; m; m &= m - 1) {
			u32 i = (u32)__builtin_ctz(m);

			if (is_held(&v->task[i], i))
				free.enabled &= ~(1u << i);
		}
		held += free.enabled != v->enabled;
		if (!free.enabled)
			free.enabled = v->enabled;
	}
	n = strategy_pos.pick(&free, prng);
	note(v, n);
	return n;
}

static void may_come(const struct event *w, const struct event *r)
{
	int i = pair_of(w, r);

	if (i < 0 || pairs[i].drawn)
		return;
	pairs[i].drawn = true;
	choices[nr_choices++] = (u16)i;
}

/* Whoever wrote an object might have been found by whoever read it, but for
 * what one task alone does: that has one order. */
static void learn(const struct place *p)
{
	const struct event first = { .obj = p->obj };

	for (u32 r = 0; r < p->nr_r; r++) {
		bool any = false;

		for (u32 w = 0; w < p->nr_w; w++)
			if (of_two(p->w[w].tasks, p->r[r].tasks)) {
				may_come(&p->w[w], &p->r[r]);
				any = true;
			}
		if (any)
			may_come(&first, &p->r[r]);
	}
}

static void rff_end(const struct rt_result *result)
{
	u16 *seen;

	for (u32 i = 0; i < nr_used; i++)
		learn(&place[place_used[i]]);
	combination %= COMBINATIONS;
	seen = &combinations[combination];
	if (is_new || !*seen) {
		now.combination = combination;
		seeds[nr_seeds++ % SEEDS] = now;
	}
	if (*seen < 0xffff)
		++*seen;
}

static int rff_choose(u32 n, const char *why, struct prng *prng)
{
	return (int)strategy_rare(n, prng);
}

const struct strategy strategy_rff = {
	.name	= "rff",
	.help	= "steered to rare pairs of a write and the read that finds it (Wolff 2024)",
	.setup	= rff_setup,
	.begin	= rff_begin,
	.pick	= rff_pick,
	.draws	= STRATEGY_DRAWS_BY_PROGRAM,
	.every_step = true,
	.choose	= rff_choose,
	.end	= rff_end,
};
