/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cells.h: the path of every watched access, which happens some 10^8 times a
 * second and mostly repeats what its task has just done.
 *
 * A cell stands for four bytes. It knows the last access of each of four kinds,
 * plain and marked, read and write, as one word: by whom, when in that task's
 * own time, and to which of the bytes. If the running task has done the same
 * since it last gave anything away, that is one comparison, and whatever came
 * between was judged against it already; all else is race.c's.
 *
 * Boot is not watched, since it comes before everything.
 */
#ifndef HARNESS_HOOKS_CELLS_H
#define HARNESS_HOOKS_CELLS_H

#include "harness/hooks/hooks.h"

/* A stamp: time << 9 | task << 4 | bytes; 0: none. */
#define STAMP_TIME	9
#define STAMP_TASK	4
#define STAMP_TASK_MASK	31
#define STAMP_BYTES	15
_Static_assert(RT_TASKS_MAX <= STAMP_TASK_MASK + 1, "a stamp holds a task");

struct cell {
	u32 generation;		/* of another: as good as new */
	u16 word;		/* 1 + index of what was released here, or 0 */
	u16 shared[2];		/* 1 + index of several readers, by marked */
	u8 owner;		/* whose all of it is, or CELL_SEVERAL */
	u16 place;		/* 1 + index of its past in weak.c, or 0 */
	u32 last[4];		/* stamps, by the flags of the access */
} __attribute__((aligned(32)));

#define CELL_SEVERAL	0xff

extern struct cell *hooks_cells;
extern u32 hooks_generation;
/* sim_arena; before the first execution an address that is nobody's. */
extern const u8 *hooks_arena;

/* What is not the same as before: @size bytes of one cell. */
void hooks_changed(struct cell *c, const void *p, u32 size, u32 flags);
/* All of two cells, or else of one of them. */
void hooks_changed_two(struct cell *c, const void *p, u32 flags);

static inline bool cell_same(const struct cell *c, u32 stamp, u32 bytes,
			     u32 flags)
{
	u32 known = c->last[flags] ^ stamp;

	return c->generation == hooks_generation && known <= STAMP_BYTES &&
	       (known & bytes) == bytes;
}

/* clocks.c: orders by the word at @c. NULL orders nothing, nor does a cell that
 * was not accessed in this execution. */
void cell_acquire(const struct cell *c);
void cell_release(struct cell *c, bool all);	/* all: what came before too */
void cell_marked_load(const struct cell *c);
void cell_marked_store(struct cell *c);

/* The cell of @p after a look at its mark; NULL: it is not of the machine, or
 * that is in boot. */
static inline struct cell *cell_find(const void *p, u32 size)
{
	size_t offset = (size_t)p - (size_t)hooks_arena;

	if (likely(offset < SIM_ARENA_SIZE)) {
		u32 last = (u32)(offset % HOOKS_GRAIN) + size;

		if (unlikely(hooks_marks[offset / HOOKS_GRAIN] < (s8)last))
			hooks_check(p, size);
	} else if (offset < sim_arena_whole) {
		const struct fiber *f = &sim.task[sim.cur].fiber;

		if (unlikely((size_t)((const u8 *)p - f->stack) >= f->size))
			hooks_check(p, size);
	} else {
		u32 at = hooks_cell(p);

		if (at == ~0u)
			return NULL;
		offset = (size_t)at * HOOKS_CELL;
	}
	return sim.going ? &hooks_cells[offset / HOOKS_CELL] : NULL;
}

/* @size is 1, 2, 4 or 8, and @p aligned to it. */
static inline u32 cell_bytes(const void *p, u32 size)
{
	return ((1u << size) - 1) << (size_t)p % HOOKS_CELL & STAMP_BYTES;
}

static inline bool cells_same(const struct cell *c, const void *p, u32 stamp,
			      u32 size, u32 flags)
{
	return cell_same(c, stamp, cell_bytes(p, size), flags) &&
	       (size <= HOOKS_CELL ||
		cell_same(c + 1, stamp, STAMP_BYTES, flags));
}

static inline void cells_changed(struct cell *c, const void *p, u32 size,
				 u32 flags)
{
	if (size > HOOKS_CELL)
		hooks_changed_two(c, p, flags);
	else
		hooks_changed(c, p, size, flags);
}

/* Returns the first cell. */
static inline __attribute__((always_inline)) struct cell *
hooks_access(const void *p, u32 size, u32 flags)
{
	struct cell *c = cell_find(p, size);

	if (c && !cells_same(c, p, hooks_task[sim.cur].stamp, size, flags))
		cells_changed(c, p, size, flags);
	return c;
}

#endif /* HARNESS_HOOKS_CELLS_H */
