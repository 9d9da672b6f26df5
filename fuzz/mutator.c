// SPDX-License-Identifier: GPL-2.0
/*
 * mutator: the core that both engines' custom mutators adapt.
 *
 * An input is read as a program and a schedule, one or both of these change,
 * and the result is written in the one way it can be. A schedule changes more
 * often than a program: each program has thousands of schedules, and a program
 * that changed is mostly another story, for which its schedule means little.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutator.h"

struct mutator *mutator_new(const struct form *f)
{
	struct mutator *m = calloc(1, sizeof(*m));

	if (m)
		m->form = f;
	return m;
}

/* As much of m->p and m->s as fits. */
static size_t encode(struct mutator *m, u8 *out, size_t max)
{
	int n = form_encode(m->form, &m->p, &m->s, out, max);

	while (n < 0 && m->s.nr) {
		m->s.nr /= 2;
		n = form_encode(m->form, &m->p, &m->s, out, max);
	}
	while (n < 0 && !m->form->ring && prog_nr_calls(&m->p) > 1) {
		u32 last = m->p.nr_tasks - 1;

		prog_remove_call(&m->p, last, m->p.task[last].nr_calls - 1);
		n = form_encode(m->form, &m->p, &m->s, out, max);
	}
	while (n < 0 && m->form->ring && m->p.task[0].nr_calls > 1) {
		m->p.task[0].nr_calls--;
		n = form_encode(m->form, &m->p, &m->s, out, max);
	}
	if (n > 0)
		return (size_t)n;
	/* Not even one call fits: no bytes are one call, too. */
	out[0] = 0;
	return 1;
}

/* -- entries of a ring -- */

/* Entries a client of the device could have written, or nearly. */
static void draw_entry(struct prng *prng, struct call *c)
{
	u32 hub = prng_below(prng, 2);

	for (u32 w = 0; w < FORM_ENTRY / 4; w++)
		c->arg[w] = 0;
	c->arg[0] = (1 + prng_below(prng, 3)) << 12;
	c->arg[2] = 0x10000 | prng_below(prng, 5) << 12;
	c->arg[7] = 1u << 31 | prng_below(prng, 4) << 16 | hub << 20 |
		    prng_below(prng, 3) << 8;
	if (!hub)
		c->arg[7] |= prng_below(prng, 2) << 24;
}

static void change_entry(struct prng *prng, struct call *c)
{
	u32 *word = &c->arg[prng_below(prng, FORM_ENTRY / 4)];
	struct call fresh;

	switch (prng_below(prng, 4)) {
	case 0:
		*word ^= 1u << prng_below(prng, 32);
		break;
	case 1:
		*word = (u32)prng_u64(prng);
		break;
	default:
		draw_entry(prng, &fresh);
		*word = fresh.arg[word - c->arg];
	}
}

static void mutate_ring(const struct form *f, struct prng *prng,
			struct program *p)
{
	struct prog_task *k = &p->task[0];
	struct call *c = &k->call[prng_below(prng, k->nr_calls)];

	switch (prng_below(prng, 6)) {
	case 0:
		if (k->nr_calls < FORM_ENTRIES) {
			c = &k->call[k->nr_calls++];
			*c = (struct call){ .op = f->ring_op };
		}
		draw_entry(prng, c);
		break;
	case 1:
		if (k->nr_calls < FORM_ENTRIES)
			k->call[k->nr_calls++] = *c;
		break;
	case 2:
		if (k->nr_calls > 1)
			*c = k->call[--k->nr_calls];
		break;
	default:
		change_entry(prng, c);
	}
}

static void splice_ring(struct prng *prng, struct program *p,
			const struct program *other)
{
	struct prog_task *k = &p->task[0];
	const struct prog_task *o = &other->task[0];
	u32 cut = prng_below(prng, k->nr_calls + 1);
	u32 rest = prng_below(prng, o->nr_calls);

	while (rest < o->nr_calls && cut < FORM_ENTRIES)
		k->call[cut++] = o->call[rest++];
	if (cut)
		k->nr_calls = cut;
}

/* -- both kinds -- */

static void mutate_program(struct mutator *m, struct prng *prng)
{
	if (m->form->ring) {
		mutate_ring(m->form, prng, &m->p);
		return;
	}
	/* Now and then another program altogether: the engines' corpora are
	 * poor in what takes three calls to come together. */
	if (prng_chance(prng, 1, 16))
		prog_generate(&m->form->ops, prng, &m->p);
	else
		prog_mutate(&m->form->ops, prng, &m->p);
}

size_t mutator_mutate(struct mutator *m, const u8 *in, size_t len, u8 *out,
		      size_t max, u64 seed)
{
	struct schedule_tasks tasks;
	struct prng prng;
	u32 which;

	prng_seed(&prng, seed, PRNG_PROGRAM, 0);
	form_decode(m->form, in, len, &m->p, &m->s);
	which = prng_below(&prng, 8);
	m->what = which < 3 ? "program" : which < 7 ? "schedule" : "both";
	if (which < 3 || which == 7)
		mutate_program(m, &prng);
	form_tasks(m->form, &m->p, &tasks);
	if (which >= 3)
		schedule_mutate(&tasks, &prng, &m->s);
	return encode(m, out, max);
}

size_t mutator_splice(struct mutator *m, const u8 *in, size_t len,
		      const u8 *other, size_t other_len, u8 *out, size_t max,
		      u64 seed)
{
	struct prng prng;
	u32 which;

	prng_seed(&prng, seed, PRNG_PROGRAM, 1);
	form_decode(m->form, in, len, &m->p, &m->s);
	form_decode(m->form, other, other_len, &m->other_p, &m->other_s);
	m->what = "splice";
	which = prng_below(&prng, 4);
	if (which == 0 && m->form->ring)
		splice_ring(&prng, &m->p, &m->other_p);
	else if (which == 0)
		prog_splice(&m->form->ops, &prng, &m->p, &m->other_p);
	else if (which == 1)
		m->p = m->other_p;
	if (which >= 2)
		schedule_splice(&prng, &m->s, &m->other_s);
	return encode(m, out, max);
}

size_t mutator_canonical(struct mutator *m, const u8 *in, size_t len, u8 *out,
			 size_t max)
{
	form_decode(m->form, in, len, &m->p, &m->s);
	return encode(m, out, max);
}

u32 mutator_parts(struct mutator *m, const u8 *in, size_t len)
{
	form_decode(m->form, in, len, &m->p, &m->s);
	return m->s.nr + (m->form->ring ? m->p.task[0].nr_calls :
					  prog_nr_calls(&m->p));
}

static bool remove_call(struct program *p, u32 from_end)
{
	for (u32 i = p->nr_tasks; i-- > 0; ) {
		u32 n = p->task[i].nr_calls;

		if (from_end < n)
			return prog_remove_call(p, i, n - 1 - from_end);
		from_end -= n;
	}
	return false;
}

/* The other tasks of a ring are fixed. */
static bool remove_entry(struct prog_task *k, u32 from_end)
{
	if (from_end >= k->nr_calls || k->nr_calls == 1)
		return false;
	for (u32 i = k->nr_calls - 1 - from_end; i + 1 < k->nr_calls; i++)
		k->call[i] = k->call[i + 1];
	k->nr_calls--;
	return true;
}

size_t mutator_without(struct mutator *m, const u8 *in, size_t len, u32 part,
		       u8 *out, size_t max)
{
	struct schedule *s = &m->s;

	form_decode(m->form, in, len, &m->p, s);
	m->what = "trim";
	if (part < s->nr) {
		u32 at = --s->nr - part;

		memmove(&s->seg[at], &s->seg[at + 1],
			(s->nr - at) * sizeof(s->seg[0]));
	} else if (m->form->ring ?
		   !remove_entry(&m->p.task[0], part - s->nr) :
		   !remove_call(&m->p, part - s->nr)) {
		return 0;
	}
	return encode(m, out, max);
}
