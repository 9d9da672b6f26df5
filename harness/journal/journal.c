// SPDX-License-Identifier: GPL-2.0
/*
 * journal: counts every event, hands it to whoever listens, and in detail
 * keeps it with its call stack.
 *
 * In search an event nobody listens to costs two increments and two tests:
 * it happens some hundred times an execution, 10^5 times a second. Rows are
 * kept only in a detail execution, which makes a report; they stay until the
 * next detail execution begins, so that a report may be printed after others
 * have run.
 *
 * native is another matter (lanes.c): many tasks are in here at once, and
 * nothing that orders them may be shared but a ticket.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/journal/journal.h"
#include "harness/journal/lanes.h"
#include "harness/rt/engine.h"

u64 journal_count[EV_NR];
u64 journal_hash;

static u32 seq;
bool journal_judged;
static journal_sink sinks[EV_NR];	/* NULL: nobody listens */

/* The last detail execution. Row of seq n is row[n - 1]. */
static struct event *row;
static u32 nr_rows, rows_max;
static u64 *frame;
static u32 nr_frames, frames_max;

static void *grow(void *p, u32 *max, size_t size)
{
	*max = *max ? *max * 2 : 1024;
	p = realloc(p, *max * size);
	if (!p) {
		fprintf(stderr, "HARNESS: no memory for the journal\n");
		abort();
	}
	return p;
}

/* The caller's own frames are on the stack too; the report drops them. */
static void keep(struct event *e)
{
	if (e->seq == 1)
		nr_rows = nr_frames = 0;
	if (nr_rows == rows_max)
		row = grow(row, &rows_max, sizeof(*row));
	if (nr_frames + RT_STACK_MAX > frames_max)
		frame = grow(frame, &frames_max, sizeof(*frame));
	e->stack = nr_frames;
	e->depth = rt_stack(frame + nr_frames, RT_STACK_MAX);
	nr_frames += e->depth;
	assert(nr_rows == e->seq - 1);
	row[nr_rows++] = *e;
}

/* Apart, so that an event nobody listens to does not pay for its registers. */
static __attribute__((noinline)) void hand_out(u16 kind, u64 a, u64 b, u64 c)
{
	struct event e = {
		.seq = seq,
		.step = rt_step(),
		.kind = kind,
		.task = rt_self(),
		.a = a, .b = b, .c = c,
	};

	if (unlikely(rt_detail))
		keep(&e);
	if (!sinks[kind])
		return;
	journal_judged = true;
	sinks[kind](&e);
	journal_judged = false;
}

static u32 emit_native(u16 kind, u64 a, u64 b, u64 c)
{
	struct event e = {
		.step = rt_step(),
		.kind = kind,
		.task = rt_self(),
		.a = a, .b = b, .c = c,
	};

	lanes_record(&e);
	if (sinks[kind])
		sinks[kind](&e);
	return e.seq;
}

u32 journal_emit(u16 kind, u64 a, u64 b, u64 c)
{
	u32 n;

	if (!rt_deterministic)
		return emit_native(kind, a, b, c);
	journal_count[kind]++;
	journal_hash = (journal_hash ^ kind) * 0x9e3779b97f4a7c15ull;
	n = ++seq;
	if (sinks[kind] || unlikely(rt_detail))
		hand_out(kind, a, b, c);
	return n;
}

u32 journal_seq(void)
{
	return rt_deterministic ? seq : lanes_seq();
}

const struct event *journal_event(u32 n)
{
	if (!rt_deterministic)
		return lanes_event(n);
	return n && n <= nr_rows ? &row[n - 1] : NULL;
}

u32 journal_stack(const struct event *e, const u64 **pc)
{
	if (!rt_deterministic)
		return lanes_stack(e, pc);
	*pc = frame + e->stack;
	return e->depth;
}

int journal_setup(void)
{
	return rt_deterministic ? 0 : lanes_setup();
}

void journal_begin(void)
{
	seq = 0;
	journal_hash = 0;
	journal_judged = false;
	if (!rt_deterministic)
		lanes_begin();
}

void journal_merge(void)
{
	if (!rt_deterministic)
		lanes_merge(journal_count);
}

void journal_listen(u16 kind, journal_sink sink)
{
	assert(kind < EV_NR && !sinks[kind]);
	sinks[kind] = sink;
}

void journal_listen_none(void)
{
	memset(sinks, 0, sizeof(sinks));
}
