// SPDX-License-Identifier: GPL-2.0
/*
 * bytes: the byte form of a program, which fuzzers mutate.
 *
 * It is built like MIDI. A byte of 0x80 and above is a head and begins a call;
 * a byte below is data of the call before it:
 *
 *	head	1 tttttt o	task t, o is 1 for the target's own ops
 *	data	0 ooooooo	which op of that table
 *	data	0 vvvvvvv ...	its arguments, in order, as many groups of
 *				seven bits as their kind has, lowest first
 *	0xff			the end; a schedule's bytes may follow
 *
 * Every byte string means a program. A task, op or value out of range is taken
 * modulo what there is; data without a head and data left over are skipped;
 * arguments that a new head cuts off are their defaults, and groups cut off
 * are 0; calls of a full task are dropped; a task without calls is closed up;
 * and if nothing at all is left, the program is one call of the first op.
 *
 * Since data never looks like a head, taking a byte out or putting one in
 * changes one call, at most two, and never how the rest is read. Bytes that
 * prog_encode() wrote are read back exactly.
 */
#include "harness/prog/prog.h"

#define HEAD	0x80
#define END	0xff

struct reader {
	const u8 *at, *end;
};

/* The next data byte, or -1 before a head and at the end. */
static int read_data(struct reader *r)
{
	if (r->at == r->end || *r->at >= HEAD)
		return -1;
	return *r->at++;
}

/* A value of @groups seven-bit groups; -1 if not even one is there. */
static s64 read_groups(struct reader *r, u32 groups)
{
	s64 value = 0;
	int b = read_data(r);

	if (b < 0)
		return -1;
	for (u32 i = 0; b >= 0; b = read_data(r)) {
		value |= (s64)b << (7 * i);
		if (++i == groups)
			break;
	}
	return value;
}

static void decode_args(const struct op *op, struct reader *r, struct call *c)
{
	u32 i, n = op_nr_args(op);

	for (i = 0; i < n; i++) {
		const struct kind *k = &kinds[op->arg[i].kind];
		s64 v = read_groups(r, k->bytes);

		if (v < 0)
			c->arg[i] = op->arg[i].def;
		else
			c->arg[i] = k->count ? k->base + (u32)v % k->count :
					       (u32)v;
	}
	for (; i < OP_ARGS_MAX; i++)
		c->arg[i] = 0;
}

/* One call after its head; false if there is none or its task is full. */
static bool decode_call(const struct op_table *t, u8 head, struct reader *r,
			struct program *p)
{
	struct prog_task *k = &p->task[(head >> 1 & 63) % PROG_TASKS_MAX];
	bool own = t->nr_own && (head & 1 || !t->nr_shared);
	int index = read_data(r);
	struct call *c;

	if (index < 0 || k->nr_calls == PROG_CALLS_MAX)
		return false;
	c = &k->call[k->nr_calls++];
	c->op = own ? (u8)(OP_TARGET + (u32)index % t->nr_own) :
		      (u8)((u32)index % t->nr_shared);
	decode_args(op_get(t, c->op), r, c);
	return true;
}

/* Tasks without calls are taken out, later ones move up. */
static void close_up(struct program *p)
{
	u32 n = 0;

	for (u32 i = 0; i < PROG_TASKS_MAX; i++) {
		if (!p->task[i].nr_calls)
			continue;
		if (n != i)
			p->task[n] = p->task[i];
		n++;
	}
	p->nr_tasks = n;
}

void prog_decode(const struct op_table *t, const u8 *bytes, size_t len,
		 struct program *p, size_t *used)
{
	/* Nothing at all may be NULL, from which nothing can be counted. */
	struct reader r = { bytes, len ? bytes + len : bytes };
	struct reader nothing = { bytes, bytes };
	bool fixed = !t->nr_shared && !t->nr_own;

	for (u32 i = 0; i < PROG_TASKS_MAX; i++)
		p->task[i].nr_calls = 0;
	while (r.at < r.end) {
		u8 head = *r.at++;

		if (head == END)
			break;
		if (head >= HEAD && !fixed)
			decode_call(t, head, &r, p);
	}
	if (used)
		*used = (size_t)(r.at - bytes);
	close_up(p);
	if (p->nr_tasks)
		return;
	p->nr_tasks = 1;
	if (fixed)
		return;
	p->task[0].nr_calls = 1;
	p->task[0].call[0].op = t->nr_shared ? 0 : OP_TARGET;
	decode_args(op_get(t, p->task[0].call[0].op), &nothing,
		    &p->task[0].call[0]);
}

struct writer {
	u8 *at, *end;
	bool full;
};

static void put(struct writer *w, u32 byte)
{
	if (w->at == w->end)
		w->full = true;
	else
		*w->at++ = (u8)byte;
}

int prog_encode(const struct op_table *t, const struct program *p, u8 *bytes,
		size_t size)
{
	struct writer w = { bytes, bytes + size, false };

	for (u32 i = 0; i < p->nr_tasks; i++) {
		for (u32 j = 0; j < p->task[i].nr_calls; j++) {
			const struct call *c = &p->task[i].call[j];
			const struct op *op = op_get(t, c->op);
			u32 n = op_nr_args(op);

			put(&w, HEAD | i << 1 | (c->op >= OP_TARGET));
			put(&w, c->op & (OP_TARGET - 1));
			for (u32 a = 0; a < n; a++) {
				const struct kind *k = &kinds[op->arg[a].kind];
				u32 v = c->arg[a] - k->base;

				for (u32 g = 0; g < k->bytes; g++, v >>= 7)
					put(&w, v & 0x7f);
			}
		}
	}
	put(&w, END);
	return w.full ? -1 : (int)(w.at - bytes);
}
