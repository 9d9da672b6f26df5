// SPDX-License-Identifier: GPL-2.0
/*
 * lanes: what the journal is in native, where tasks emit at the same time.
 *
 * A lock here would order the tasks that emit, and hide the very races that
 * native is run for. So every task has a lane that it alone writes: its own
 * counts, and a ring of its newest rows. Rows of different lanes are ordered
 * by a ticket, taken right after the change the row tells of and under the
 * lock that protects the change, so that two changes of one object have their
 * tickets in the order they were made in. The ticket is relaxed: it adds no
 * happens-before edge, neither in C nor in ThreadSanitizer's eyes. (On x86
 * the increment drains the store buffer all the same; what a missing barrier
 * would do between two events is for the points in between to show.)
 *
 * There is no second execution to repeat with detail on, since the order was
 * the machine's. Hence rows are always kept; a ring holds the newest ROWS_MAX.
 *
 * The lanes are shared with the parent process, which prints the report of
 * a child that has died. Nothing here is instrumented: a lane has one writer,
 * and is read when that writer is gone.
 */
#include <string.h>

#include "harness/journal/lanes.h"
#include "harness/rt/engine.h"

#define ROWS_MAX	2048	/* a power of two */
#define uninstrumented	__attribute__((no_sanitize("thread")))

struct lane {
	u64 count[EV_NR];
	u32 nr;			/* rows ever; the newest are kept */
	struct event row[ROWS_MAX];
	u64 pc[ROWS_MAX][RT_STACK_MAX];
} __attribute__((aligned(64)));

static struct lanes {
	u32 ticket;
	struct lane lane[RT_TASKS_MAX];
} *lanes;

int lanes_setup(void)
{
	if (!lanes)
		lanes = rt_shared(sizeof(*lanes));
	return lanes ? 0 : -1;
}

void lanes_begin(void)
{
	if (lanes_setup())
		return;
	__atomic_store_n(&lanes->ticket, 0, __ATOMIC_RELAXED);
	for (u32 i = 0; i < RT_TASKS_MAX; i++)
		lanes->lane[i].nr = 0;
}

uninstrumented void lanes_record(struct event *e)
{
	struct lane *l;
	u32 slot;

	if (!lanes)
		return;
	l = &lanes->lane[e->task];
	slot = l->nr++ & (ROWS_MAX - 1);
	l->count[e->kind]++;
	e->seq = __atomic_add_fetch(&lanes->ticket, 1, __ATOMIC_RELAXED);
	e->stack = slot;
	e->depth = unlikely(rt_detail) ? rt_stack(l->pc[slot], RT_STACK_MAX) : 0;
	l->row[slot] = *e;
}

u32 lanes_seq(void)
{
	return lanes ? __atomic_load_n(&lanes->ticket, __ATOMIC_RELAXED) : 0;
}

/* A task's tickets rise, so its ring is sorted. */
static const struct event *lane_find(const struct lane *l, u32 seq)
{
	u32 low = l->nr > ROWS_MAX ? l->nr - ROWS_MAX : 0, high = l->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		const struct event *e = &l->row[mid & (ROWS_MAX - 1)];

		if (e->seq == seq)
			return e;
		if (e->seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct event *lanes_event(u32 seq)
{
	for (u32 i = 0; lanes && seq && i < RT_TASKS_MAX; i++) {
		const struct event *e = lane_find(&lanes->lane[i], seq);

		if (e)
			return e;
	}
	return NULL;
}

u32 lanes_stack(const struct event *e, const u64 **pc)
{
	*pc = lanes->lane[e->task].pc[e->stack];
	return e->depth;
}

void lanes_merge(u64 *count)
{
	for (u32 i = 0; lanes && i < RT_TASKS_MAX; i++) {
		struct lane *l = &lanes->lane[i];

		for (u32 k = 0; k < EV_NR; k++)
			count[k] += l->count[k];
		memset(l->count, 0, sizeof(l->count));
	}
}
