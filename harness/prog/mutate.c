// SPDX-License-Identifier: GPL-2.0
/*
 * mutate: change a program a little, or cross two of them.
 *
 * Pure in its arguments: the same program and stream always give the same
 * change, which the custom mutators of fuzz engines rely on. A new call is
 * drawn from a taste whose pages are those the program already uses, since a
 * call that touches nothing anybody else does changes nothing.
 */
#include "harness/prog/draw.h"

static struct prog_task *any_task(struct program *p, struct prng *prng)
{
	return &p->task[prng_below(prng, p->nr_tasks)];
}

static void insert(struct prog_task *k, u32 at, const struct call *c)
{
	for (u32 i = k->nr_calls++; i > at; i--)
		k->call[i] = k->call[i - 1];
	k->call[at] = *c;
}

/* A taste for this program: fresh ops, and half the time its own pages. */
static void taste(const struct op_table *t, struct prng *prng,
		  const struct program *p, struct swarm *s)
{
	const struct prog_task *k = &p->task[prng_below(prng, p->nr_tasks)];
	const struct call *c = &k->call[prng_below(prng, k->nr_calls)];
	const struct op *op = op_get(t, c->op);

	swarm_draw(t, prng, s);
	for (u32 i = 0; i < OP_ARGS_MAX && op->arg[i].kind != ARG_NONE; i++)
		if (op->arg[i].kind == ARG_PAGE)
			s->page[prng_below(prng, s->nr_pages)] = (u8)c->arg[i];
}

static bool add(const struct op_table *t, struct prng *prng, struct program *p)
{
	struct prog_task *k;
	struct swarm s;
	struct call c;

	taste(t, prng, p, &s);
	swarm_call(t, &s, prng, &c);
	if (p->nr_tasks < PROG_TASKS_MAX && prng_chance(prng, 1, 8)) {
		p->task[p->nr_tasks].nr_calls = 1;
		p->task[p->nr_tasks++].call[0] = c;
		return true;
	}
	k = any_task(p, prng);
	if (k->nr_calls >= PROG_CALLS_DRAWN)
		return false;
	insert(k, prng_below(prng, k->nr_calls + 1), &c);
	return true;
}

static bool drop(const struct op_table *t, struct prng *prng, struct program *p)
{
	u32 task = prng_below(prng, p->nr_tasks);

	return prog_remove_call(p, task,
				prng_below(prng, p->task[task].nr_calls));
}

static bool replace(const struct op_table *t, struct prng *prng,
		    struct program *p)
{
	struct prog_task *k = any_task(p, prng);
	struct swarm s;

	taste(t, prng, p, &s);
	swarm_call(t, &s, prng, &k->call[prng_below(prng, k->nr_calls)]);
	return true;
}

static bool change_arg(const struct op_table *t, struct prng *prng,
		       struct program *p)
{
	struct prog_task *k = any_task(p, prng);
	struct call *c = &k->call[prng_below(prng, k->nr_calls)];
	const struct op *op = op_get(t, c->op);
	u32 n = op_nr_args(op), a, old;
	struct swarm s;

	if (!n)
		return false;
	a = prng_below(prng, n);
	old = c->arg[a];
	taste(t, prng, p, &s);
	if (op->arg[a].kind == ARG_WORD && prng_chance(prng, 1, 2))
		c->arg[a] ^= 1u << prng_below(prng, 32);
	else
		c->arg[a] = swarm_value(&s, prng, &op->arg[a]);
	return c->arg[a] != old;
}

static bool swap(const struct op_table *t, struct prng *prng, struct program *p)
{
	struct prog_task *k = any_task(p, prng), *l = any_task(p, prng);
	struct call *a = &k->call[prng_below(prng, k->nr_calls)];
	struct call *b = &l->call[prng_below(prng, l->nr_calls)];
	struct call c = *a;

	*a = *b;
	*b = c;
	return a != b;
}

static bool move(const struct op_table *t, struct prng *prng, struct program *p)
{
	u32 from = prng_below(prng, p->nr_tasks);
	u32 to = prng_below(prng, p->nr_tasks);
	u32 call = prng_below(prng, p->task[from].nr_calls);
	struct prog_task *k = &p->task[to];

	if (from == to || k->nr_calls >= PROG_CALLS_DRAWN)
		return false;
	insert(k, prng_below(prng, k->nr_calls + 1), &p->task[from].call[call]);
	return prog_remove_call(p, from, call);
}

static bool duplicate(const struct op_table *t, struct prng *prng,
		      struct program *p)
{
	struct prog_task *k = any_task(p, prng), *l = any_task(p, prng);
	struct call c = k->call[prng_below(prng, k->nr_calls)];

	if (l->nr_calls >= PROG_CALLS_DRAWN)
		return false;
	insert(l, prng_below(prng, l->nr_calls + 1), &c);
	return true;
}

typedef bool (*change)(const struct op_table *t, struct prng *prng,
		       struct program *p);

/* One of them, evenly; an argument is the most likely to matter. */
static const change changes[] = {
	change_arg, change_arg, change_arg, add, add, drop, replace, swap, move,
	duplicate,
};

void prog_mutate(const struct op_table *t, struct prng *prng, struct program *p)
{
	if (!t->nr_shared && !t->nr_own)
		return;
	/* A change that does not apply is drawn again, within reason. */
	for (u32 tries = 0; tries < 16; tries++)
		if (changes[prng_below(prng, ARRAY_SIZE(changes))](t, prng, p) &&
		    !prng_chance(prng, 1, 4))
			return;
}

void prog_splice(const struct op_table *t, struct prng *prng,
		 struct program *p, const struct program *other)
{
	if (!t->nr_shared && !t->nr_own)
		return;
	for (u32 i = 0; i < other->nr_tasks; i++) {
		const struct prog_task *o = &other->task[i];
		struct prog_task *k = &p->task[i];
		u32 cut, rest;

		if (i == p->nr_tasks) {
			if (prng_chance(prng, 1, 2))
				break;
			*k = *o;
			p->nr_tasks++;
			continue;
		}
		/* This one's head, the other's tail; never nothing at all. */
		cut = prng_below(prng, k->nr_calls + 1);
		rest = prng_below(prng, o->nr_calls + (cut ? 1 : 0));
		k->nr_calls = cut;
		while (rest < o->nr_calls && k->nr_calls < PROG_CALLS_DRAWN)
			k->call[k->nr_calls++] = o->call[rest++];
	}
}
