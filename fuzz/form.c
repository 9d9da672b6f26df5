// SPDX-License-Identifier: GPL-2.0
/*
 * form: bytes to a program and a schedule, and back, for both kinds of entry.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz/form.h"

/*
 * What races with the entries of a ring: pages that are there, go, come back
 * and change their protection, and a client of the GPU whose own faults stand
 * between the raw ones. P0 is who writes these.
 */
static const char racing[] =
	"P0 ring inst_lo=0 inst_hi=0 addr_lo=0 addr_hi=0 time_lo=0 time_hi=0 engine=0 info=0\n"
	"P1 store page=1\n"
	"P1 munmap page=1 count=2\n"
	"P1 mmap page=1 count=2\n"
	"P1 store page=1\n"
	"P2 mprotect page=0 count=4 prot=r\n"
	"P2 dontneed page=0 count=3\n"
	"P2 mprotect page=0 count=4 prot=rw\n"
	"P3 gpu_write page=1\n"
	"P3 gpu_read page=2 client=5\n";

int form_init(struct form *f)
{
	struct prog_error err;

	if (!f->ring)
		return 0;
	if (prog_parse(&f->ops, racing, &f->racing, &err)) {
		fprintf(stderr, "HARNESS: fuzz_%s: line %u: %s\n", f->name,
			err.line, err.text);
		return -1;
	}
	f->ring_op = f->racing.task[0].call[0].op;
	return 0;
}

/* Calls of stories go, and what makes a task too long. */
static void keep_drawn(const struct form *f, struct program *p)
{
	for (u32 i = p->nr_tasks; i-- > 0; ) {
		struct prog_task *k = &p->task[i];
		u32 n = 0;

		for (u32 j = 0; j < k->nr_calls && n < PROG_CALLS_DRAWN; j++)
			if (op_get(&f->ops, k->call[j].op)->weight)
				k->call[n++] = k->call[j];
		k->nr_calls = n;
		if (n)
			continue;
		p->nr_tasks--;
		for (u32 j = i; j < p->nr_tasks; j++)
			p->task[j] = p->task[j + 1];
	}
	/* Nothing is left: what no bytes at all mean. */
	if (!p->nr_tasks)
		prog_decode(&f->ops, (const u8 *)"", 0, p, NULL);
}

static u32 get_word(const u8 *at, const u8 *end)
{
	u32 w = 0;

	for (u32 i = 0; i < 4 && at + i < end; i++)
		w |= (u32)at[i] << (8 * i);
	return w;
}

/* Entries that are cut off are filled up with zeroes. */
static size_t decode_ring(const struct form *f, const u8 *bytes, size_t len,
			  struct program *p)
{
	u32 n = len ? 1 + bytes[0] % FORM_ENTRIES : 1;
	size_t used = 1 + (size_t)n * FORM_ENTRY;

	*p = f->racing;
	p->task[0].nr_calls = n;
	for (u32 i = 0; i < n; i++) {
		struct call *c = &p->task[0].call[i];
		size_t at = 1 + (size_t)i * FORM_ENTRY;

		*c = (struct call){ .op = f->ring_op };
		for (u32 w = 0; w < FORM_ENTRY / 4; w++, at += 4)
			c->arg[w] = at < len ? get_word(bytes + at, bytes + len) :
					       0;
	}
	return used < len ? used : len;
}

void form_decode(const struct form *f, const u8 *bytes, size_t len,
		 struct program *p, struct schedule *s)
{
	size_t used;

	if (f->ring) {
		used = decode_ring(f, bytes, len, p);
	} else {
		prog_decode(&f->ops, bytes, len, p, &used);
		keep_drawn(f, p);
	}
	s->cut = false;
	schedule_decode(bytes + used, len - used, s);
}

static int encode_ring(const struct program *p, u8 *bytes, size_t size)
{
	const struct prog_task *k = &p->task[0];
	u8 *at = bytes;

	if (size < 1 + (size_t)k->nr_calls * FORM_ENTRY)
		return -1;
	*at++ = (u8)(k->nr_calls - 1);
	for (u32 i = 0; i < k->nr_calls; i++)
		for (u32 w = 0; w < FORM_ENTRY / 4; w++)
			for (u32 b = 0; b < 4; b++)
				*at++ = (u8)(k->call[i].arg[w] >> (8 * b));
	return (int)(at - bytes);
}

int form_encode(const struct form *f, const struct program *p,
		const struct schedule *s, u8 *bytes, size_t size)
{
	int n = f->ring ? encode_ring(p, bytes, size) :
			  prog_encode(&f->ops, p, bytes, size);
	int m = 0;

	if (n >= 0 && s->nr)
		m = schedule_encode(s, bytes + n, size - (size_t)n);
	return n < 0 || m < 0 ? -1 : n + m;
}

void form_tasks(const struct form *f, const struct program *p,
		struct schedule_tasks *t)
{
	t->nr = 0;
	for (u32 i = 0; i < p->nr_tasks; i++) {
		t->task[t->nr].role = 'P';
		t->task[t->nr++].index = (u8)i;
	}
	for (u32 i = 0; i < f->daemons.nr && t->nr < SCHEDULE_TASKS_MAX; i++)
		t->task[t->nr++] = f->daemons.task[i];
}
