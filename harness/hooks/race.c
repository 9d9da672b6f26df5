// SPDX-License-Identifier: GPL-2.0
/*
 * race.c: data races, by happens-before (FastTrack: Flanagan and Freund, PLDI
 * 2009), with the kernel's rule of what a race is (KCSAN): two accesses of one
 * place by two tasks, one of them a write and one of them plain, with nothing
 * that orders them. Two marked accesses never race.
 *
 * Nothing has to collide for that: whatever the schedule, an order that no
 * lock, no atomic and no barrier enforces is missing.
 *
 * What a cell remembers is in cells.h. Plain and marked accesses are remembered
 * apart, so that a WRITE_ONCE() does not hide the plain store before it. Fields
 * that share a cell share its records: of two single bytes, the older access
 * may be forgotten for the other's. A cell that was last used in another
 * execution is as good as new, so a reset clears nothing. Reads by several
 * tasks, unordered among themselves, move to a list by task.
 *
 * A cell that only one task has used has nothing to be judged, and most have.
 * A plain write makes it the writer's alone again: what does not come after the
 * accesses before it does not come after it, and races with it.
 *
 * The journal has a row of each access that changed a cell, in detail only: in
 * search nobody asks where the other access was.
 */
#include <string.h>
#include <sys/mman.h>

#include "harness/hooks/cells.h"
#include "harness/journal/journal.h"

#define CELLS	(1u << 25)	/* address space; touched ones cost */
#define SHARED	4096		/* cells read by several at once */

struct cell *hooks_cells;
const u8 *hooks_arena = (const u8 *)(1ul << 62);
u32 hooks_generation;

/* Rows of the journal, of each stamp of each cell and of each reader. */
static struct rows {
	u32 of[4];
} *rows;

static struct readers {
	u32 stamp[RT_TASKS_MAX], row[RT_TASKS_MAX];
} shared[SHARED];
static u32 nr_shared;

static bool allowed;	/* in data_race(): looked at by nobody */
static bool known;	/* its race was reported before */

/* The access that is judged, cell by cell; and its row, in detail. */
struct access {
	const void *p;
	u32 size, bytes, flags;
};
static u32 row_now;

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		sim_broken("no address space for the cells of race.c");
	return p;
}

void race_reset(void)
{
	size_t statics = (size_t)__stop_machine_data -
			 (size_t)__start_machine_data;

	if (!hooks_cells) {
		if ((sim_arena_whole + statics) / HOOKS_CELL >= CELLS)
			sim_broken("the machine has more cells than race.c");
		hooks_cells = reserve(CELLS * sizeof(*hooks_cells));
		rows = reserve(CELLS * sizeof(*rows));
		hooks_arena = sim_arena;
	}
	allowed = known = false;
	hooks_generation++;
	nr_shared = 0;
}

void race_allowed(bool begin)
{
	allowed = begin;
}

bool race_is_allowed(void)
{
	return allowed;
}

void race_known(bool begin)
{
	known = begin;
}

/* Did the running task know of it? Then what it does comes after. */
static inline bool ordered(u32 stamp)
{
	return stamp >> STAMP_TIME <= hooks_task[sim.cur].now.at[
			stamp >> STAMP_TASK & STAMP_TASK_MASK];
}

static inline void judge(const struct access *a, u32 stamp, u32 flags, u32 row)
{
	if (likely(ordered(stamp) || !(stamp & a->bytes)) || known)
		return;
	journal_emit(EV_data_race, (u64)(size_t)a->p, row,
		     a->flags | (u64)flags << 8 |
		     (u64)a->size << 16);
}

static void judge_last(const struct cell *c, const struct access *a, u32 flags)
{
	u32 row = 0;

	if (unlikely(rt_detail))
		row = rows[c - hooks_cells].of[flags];
	judge(a, c->last[flags], flags, row);
}

static void judge_reads(const struct cell *c, const struct access *a,
			bool marked)
{
	u32 flags = marked ? ACCESS_MARKED : 0;
	const struct readers *r;

	if (likely(!c->shared[marked])) {
		judge_last(c, a, flags);
		return;
	}
	r = &shared[c->shared[marked] - 1];
	for (u32 i = 0; i < sim.view.nr_tasks; i++)
		judge(a, r->stamp[i], flags, r->row[i]);
}

/* The newest read stands in the cell whether or not there are others. */
static void add_read(struct cell *c, const struct access *a, u32 stamp)
{
	u16 *index = &c->shared[!!(a->flags & ACCESS_MARKED)];
	u32 last = c->last[a->flags];
	u32 task = last >> STAMP_TASK & STAMP_TASK_MASK;
	struct readers *r;

	if (likely(!*index)) {
		if (ordered(last) || nr_shared == SHARED)
			return;
		r = &shared[nr_shared++];
		memset(r, 0, sizeof(*r));
		r->stamp[task] = last;
		if (unlikely(rt_detail))
			r->row[task] = rows[c - hooks_cells].of[a->flags];
		*index = (u16)nr_shared;
	}
	r = &shared[*index - 1];
	r->stamp[sim.cur] = stamp;
	r->row[sim.cur] = row_now;
}

static void judge_all(const struct cell *c, const struct access *a)
{
	judge_last(c, a, ACCESS_WRITE);
	if (!(a->flags & ACCESS_MARKED))
		judge_last(c, a, ACCESS_WRITE | ACCESS_MARKED);
	if (!(a->flags & ACCESS_WRITE))
		return;
	judge_reads(c, a, false);
	if (!(a->flags & ACCESS_MARKED))
		judge_reads(c, a, true);
}

/* Of a cell that others have used, too. */
static __attribute__((noinline)) void
others_changed(struct cell *c, const void *p, u32 size, u32 bytes, u32 flags,
	       u32 stamp)
{
	const struct access a = { p, size, bytes, flags };

	judge_all(c, &a);
	c->owner = CELL_SEVERAL;
	if (!(flags & ACCESS_WRITE)) {
		add_read(c, &a, stamp);
	} else if (flags == ACCESS_WRITE && bytes == STAMP_BYTES) {
		c->owner = (u8)sim.cur;
		memset(c->shared, 0, sizeof(c->shared));
		memset(c->last, 0, sizeof(c->last));
	}
	c->last[flags] = stamp;
}

static inline void changed(struct cell *c, const void *p, u32 size, u32 bytes,
			   u32 flags)
{
	u32 stamp = hooks_task[sim.cur].stamp | bytes;

	if (c->generation != hooks_generation)
		*c = (struct cell){
			.generation = hooks_generation,
			.owner = (u8)sim.cur,
		};
	/* Of one time, both stand. */
	else if ((c->last[flags] ^ stamp) <= STAMP_BYTES)
		stamp |= c->last[flags];
	if (likely(c->owner == sim.cur))
		c->last[flags] = stamp;
	else
		others_changed(c, p, size, bytes, flags, stamp);
}

static __attribute__((noinline)) void
changed_in_detail(struct cell *c, const void *p, u32 size, u32 bytes, u32 flags)
{
	row_now = journal_emit(EV_access, (u64)(size_t)p, size, flags);
	changed(c, p, size, bytes, flags);
	rows[c - hooks_cells].of[flags] = row_now;
}

static inline bool watched(void)
{
	return likely(sim.going && !journal_judged && !allowed);
}

void hooks_changed(struct cell *c, const void *p, u32 size, u32 flags)
{
	u32 bytes = cell_bytes(p, size);

	if (!watched())
		return;
	if (unlikely(rt_detail))
		changed_in_detail(c, p, size, bytes, flags);
	else
		changed(c, p, size, bytes, flags);
}

void hooks_changed_two(struct cell *c, const void *p, u32 flags)
{
	const u32 size = 2 * HOOKS_CELL;

	if (!watched())
		return;
	for (u32 i = 0; i < 2; i++) {
		if (unlikely(rt_detail))
			changed_in_detail(c + i, p, size, STAMP_BYTES, flags);
		else
			changed(c + i, p, size, STAMP_BYTES, flags);
	}
}
