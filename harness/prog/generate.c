// SPDX-License-Identifier: GPL-2.0
/*
 * generate: random programs that collide.
 *
 * A race needs two tasks at one page at one time, and independent random calls
 * hardly ever meet: sixteen pages, four address spaces and thirty ops leave
 * one pair in thousands. So each program is a swarm (Groce and others, "Swarm
 * testing", ISSTA 2012): it first draws a taste, a few ops and one to three
 * hot pages, and then all its calls from that. What one program leaves out,
 * another has to itself.
 *
 * An op comes into the taste by its weight; within a program all that were
 * drawn are equal. Being drawn twice counts twice.
 *
 * A number that names nothing makes a call a no-op. So an mm or a slot beyond
 * what boot made is drawn where the taste has an op that makes one (OP_MAKES),
 * and hardly anywhere else; and slots agree, since a file is worth opening for
 * the channel that joins it and the accesses that channel makes.
 *
 * Some races need three or four rare ops at once, and of those what one makes
 * the others must meet in: a file is mapped, faulted and cut. A mixture draws
 * them together once in thousands. So the target names its themes, and one
 * program in three is a theme's alone, and begins with what the theme is about.
 */
#include <string.h>

#include "harness/prog/draw.h"

#define OP_NAME_MAX	32

struct weights {
	u32 nr, total;
	u8 op[256];
	u32 sum[256];		/* of weights up to and with this op */
};

static void add_weight(struct weights *w, u8 opcode, u32 weight)
{
	w->total += weight;
	w->op[w->nr] = opcode;
	w->sum[w->nr++] = w->total;
}

static void weigh(const struct op_table *t, struct weights *w)
{
	w->nr = 0;
	w->total = 0;
	for (u32 i = 0; i < t->nr_shared; i++)
		if (t->shared[i].weight)
			add_weight(w, (u8)i, t->shared[i].weight);
	for (u32 i = 0; i < t->nr_own; i++)
		if (t->own[i].weight)
			add_weight(w, (u8)(OP_TARGET + i), t->own[i].weight);
	/* A table that never wants to be drawn is drawn from all the same. */
	if (!w->nr)
		add_weight(w, t->nr_shared ? 0 : OP_TARGET, 1);
}

static u8 draw_op(const struct weights *w, struct prng *prng)
{
	u32 at = prng_below(prng, w->total);
	u32 i = 0;

	while (w->sum[i] <= at)
		i++;
	return w->op[i];
}

/* Does some op of the taste make numbers of this kind? */
static bool makes(const struct op_table *t, const struct swarm *s, u8 kind)
{
	for (u32 i = 0; i < s->nr_ops; i++) {
		const struct op *op = op_get(t, s->op[i]);
		u32 n = op_nr_args(op);

		if (n < OP_ARGS_MAX && op->arg[n].def == kind)
			return true;
	}
	return false;
}

static void draw_mixture(const struct op_table *t, struct prng *prng,
			 struct swarm *s)
{
	struct weights w;

	weigh(t, &w);
	s->nr_ops = 2 + prng_below(prng, SWARM_OPS_MAX - 1);
	for (u32 i = 0; i < s->nr_ops; i++)
		s->op[i] = draw_op(&w, prng);
}

/* One of the target's. False: it has none, or none whose ops it has. */
static bool draw_theme(const struct op_table *t, struct prng *prng,
		       struct swarm *s)
{
	char name[OP_NAME_MAX];
	const char *theme;
	u32 nr = 0;

	while (t->themes && t->themes[nr])
		nr++;
	if (!nr)
		return false;
	theme = t->themes[prng_below(prng, nr)];
	s->nr_ops = 0;
	while (*theme && s->nr_ops < SWARM_OPS_MAX) {
		size_t n = strcspn(theme, " ");

		if (n < sizeof(name)) {
			memcpy(name, theme, n);
			name[n] = '\0';
			s->nr_ops += op_find(t, name, &s->op[s->nr_ops]) != NULL;
		}
		theme += n + strspn(theme + n, " ");
	}
	return s->nr_ops > 1;
}

void swarm_draw(const struct op_table *t, struct prng *prng, struct swarm *s)
{
	u32 near;

	s->opens = prng_chance(prng, 1, 3) && draw_theme(t, prng, s);
	if (!s->opens)
		draw_mixture(t, prng, s);
	s->makes_mm = makes(t, s, ARG_MM);
	s->makes_slot = makes(t, s, ARG_SLOT);
	if (s->opens) {
		s->first = s->op[0];
		memmove(s->op, s->op + 1, --s->nr_ops);
	}

	/* Low pages, where targets have their VMAs; neighbours, so that ranges
	 * of two pages overlap in one. */
	s->nr_pages = 1;
	if (!s->opens || prng_chance(prng, 1, 4))
		s->nr_pages += prng_below(prng, s->makes_mm ? 2 :
					  SWARM_PAGES_MAX);
	near = prng_below(prng, prng_chance(prng, 7, 8) ? 6 : PROG_PAGES);
	/* What goes with the last VMA of a table goes in programs like this. */
	s->wide = prng_chance(prng, 1, 8);
	if (s->wide)
		near = 0;
	for (u32 i = 0; i < s->nr_pages; i++) {
		s->page[i] = (u8)near;
		near = prng_chance(prng, 3, 4) ? near + 1 :
						 prng_below(prng, PROG_PAGES);
		near %= PROG_PAGES;
	}
	s->one_mm = prng_chance(prng, s->makes_mm ? 10 : 15, 16);
	s->one_client = prng_chance(prng, 1, 4);
	s->one_slot = !s->makes_slot &&
		      (s->opens || prng_chance(prng, 1, 2));
	/* Of what a program makes there is often but one more. */
	s->slot = s->makes_slot && prng_chance(prng, 1, 2) ? 1 :
		  (u8)prng_below(prng, s->makes_slot ? 4 : 2);
	s->gup = (u8)prng_below(prng, kinds[ARG_GUP].count);
	s->map = PROG_MAP_ANON;
	if (s->opens)
		s->map = (u8)(PROG_MAP_FILE + prng_below(prng, 2));
	else if (prng_chance(prng, 1, 2))
		s->map = (u8)prng_below(prng, 4);
}

/*
 * Words of hardware records: page addresses, small numbers, and flags at the
 * top with fields below, without which a record is not even looked at.
 */
static u32 draw_word(struct prng *prng, u32 def)
{
	switch (prng_below(prng, 8)) {
	case 0:
	case 1:
		return def;
	case 2:
	case 3:
		return prng_below(prng, 32) << 12;
	case 4:
		return prng_below(prng, 256);
	case 5:
	case 6:
		return 1u << 31 | ((u32)prng_u64(prng) & 0x011f0f1f);
	default:
		return (u32)prng_u64(prng);
	}
}

u32 swarm_value(const struct swarm *s, struct prng *prng,
		const struct op_arg *a)
{
	const struct kind *k = &kinds[a->kind];

	switch (a->kind) {
	case ARG_PAGE:
		if (prng_chance(prng, 15, 16))
			return s->page[prng_below(prng, s->nr_pages)];
		break;
	case ARG_COUNT:
		if (s->wide && prng_chance(prng, 1, 2))
			return PROG_PAGES;
		if (prng_chance(prng, 7, 8))
			return 1 + prng_below(prng, 1 + prng_below(prng, 4));
		break;
	case ARG_MM:
		if (s->one_mm)
			return a->def;
		if (prng_chance(prng, 7, 8))
			return prng_below(prng, 2);
		break;
	case ARG_MAP:
		if (prng_chance(prng, 3, 4))
			return s->map;
		break;
	case ARG_GUP:
		if (prng_chance(prng, 1, 2))
			return s->gup;
		break;
	case ARG_OFFSET:
	case ARG_INDEX:
		/* Mappings begin where a file does, so that is where to meet. */
		if (prng_chance(prng, s->opens ? 3 : 2, 4))
			return a->def;
		if (prng_chance(prng, 1, 2))
			return prng_below(prng, 4);
		break;
	case ARG_CLIENT:
		if (s->one_client)
			return a->def;
		break;
	case ARG_SLOT:
		if (s->one_slot || prng_chance(prng, s->makes_slot ? 2 : 3, 4))
			return a->def;
		if (prng_chance(prng, 3, 4))
			return s->slot;
		break;
	case ARG_WORD:
		return draw_word(prng, a->def);
	}
	return k->base + prng_below(prng, k->count);
}

static void draw_call(const struct op_table *t, const struct swarm *s,
		      u8 opcode, struct prng *prng, struct call *c)
{
	const struct op *op = op_get(t, opcode);
	u32 i;

	c->op = opcode;
	for (i = 0; i < OP_ARGS_MAX && op->arg[i].kind != ARG_NONE; i++)
		c->arg[i] = swarm_value(s, prng, &op->arg[i]);
	for (; i < OP_ARGS_MAX; i++)
		c->arg[i] = 0;
}

void swarm_call(const struct op_table *t, const struct swarm *s,
		struct prng *prng, struct call *c)
{
	draw_call(t, s, s->op[prng_below(prng, s->nr_ops)], prng, c);
}

/* Mostly two or three: bugs of more tasks are rare, and dearer to search. */
static u32 draw_nr_tasks(struct prng *prng)
{
	u32 n = prng_below(prng, 64);

	if (n < 32)
		return 2;
	if (n < 54)
		return 3;
	if (n < 62)
		return 4;
	return n == 62 ? 5 : PROG_TASKS_MAX;
}

void prog_generate(const struct op_table *t, struct prng *prng,
		   struct program *p)
{
	bool fixed = !t->nr_shared && !t->nr_own;
	struct swarm s = { 0 };
	u32 longest;

	p->nr_tasks = draw_nr_tasks(prng);
	if (!fixed)
		swarm_draw(t, prng, &s);
	/* One in two programs has short tasks only. But what fork is about takes
	 * three calls in order: a page is written, shared, and written again. */
	longest = !s.makes_mm && prng_chance(prng, 1, 2) ? 2 : 6;
	for (u32 i = 0; i < p->nr_tasks; i++) {
		struct prog_task *k = &p->task[i];

		k->nr_calls = fixed ? 0 : 1 + prng_below(prng, longest);
		for (u32 j = 0; j < k->nr_calls; j++)
			swarm_call(t, &s, prng, &k->call[j]);
	}
	if (s.opens)
		draw_call(t, &s, s.first, prng, &p->task[0].call[0]);
}
