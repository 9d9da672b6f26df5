/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cells.h: the path of every watched access, which happens some 10^8 times a
 * second: most of it has to be a few instructions.
 *
 * A cell stands for eight bytes, in two halves. Of each half it knows the last
 * read and the last write, plain ones in struct cell and marked ones, which few
 * cells have, beside it in struct marked. An access is one word, a stamp: by
 * whom, when in that task's own time, and to which of the bytes. What is done
 * to all eight bytes reads and writes the stamps of both halves as one.
 *
 * What one task alone has used is its own: when it comes again nothing is to be
 * judged, and only its time is noted. Elsewhere, if it has done the same since
 * it last gave anything away, that is one comparison, and whatever came between
 * was judged against it already. All else is race.c's.
 *
 * Time goes on from one execution to the next: what is left in a cell of an
 * earlier one is known to all tasks, and a reset clears nothing. When time
 * comes to its end, all cells are emptied and it starts again.
 *
 * Boot leaves nothing in the cells, since it comes before everything.
 */
#ifndef HARNESS_HOOKS_CELLS_H
#define HARNESS_HOOKS_CELLS_H

#include "harness/hooks/hooks.h"
#include "harness/journal/journal.h"

/* A stamp: time << 9 | task << 4 | bytes; 0: none. */
#define STAMP_TIME	9
#define STAMP_TASK	4
#define STAMP_TASK_MASK	31
#define STAMP_BYTES	15
#define STAMP_TICK	(1u << STAMP_TIME)
_Static_assert(RT_TASKS_MAX <= STAMP_TASK_MASK + 1, "a stamp holds a task");

/* Of the halves of a cell; [0] is what lies lower in both. */
union two {
	u32 half[2];
	u64 both;
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "so it is there");

/* [0]: of reads, [ACCESS_WRITE]: of writes. */
struct cell {
	union two last[2];
	union two whose;	/* generation << 6 | task or WHOSE_* */
	u16 readers[2];		/* 1 + index of several, plain or marked, or 0 */
	bool marked;		/* there is more to it in struct marked */
} __attribute__((aligned(32)));

/*
 * While all that was given away at a word is what one task knew at one time, who
 * knows that time knows all of it: no clock has to be looked at.
 */
struct marked {
	union two last[2];
	u32 given[2];		/* the stamp of that time, or 0; GIVEN_SEVERAL */
	u16 word[2];		/* 1 + index of all that was, or 0 */
	u16 place[2];		/* 1 + index of its past in weak.c, or 0 */
} __attribute__((aligned(32)));

#define GIVEN_SEVERAL	(~0u)	/* nobody knows it */

#define CELL_SIZE	8	/* bytes that a cell stands for */
#define CELL_HALF	4

#define WHOSE_BITS	6
#define WHOSE_NOBODY	62
#define WHOSE_SEVERAL	63
#define WHOSE_MAX	((1u << (32 - WHOSE_BITS)) - 1)

/* Address space for so many; touched ones cost. They are those of the arena, of
 * the stacks behind it, and of the statics. */
#define CELLS		(1ul << 26)
extern struct cell *hooks_cells;	/* struct marked of all come before */
extern struct cell *hooks_statics;	/* their part of them */
extern u32 hooks_generation;
/* sim_arena; before the first execution an address that is nobody's. */
extern const u8 *hooks_arena;
/* So much of it is where accesses may go the short way. */
extern size_t hooks_short;

static inline struct marked *cell_marked(const struct cell *c)
{
	return (struct marked *)((size_t)c - CELLS * sizeof(struct marked));
}

static inline u32 cell_half(const void *p)
{
	return (u32)((size_t)p / CELL_HALF % 2);
}

/* Does it know of this execution? */
static inline bool cell_used(const struct cell *c)
{
	return c->whose.half[0] >> WHOSE_BITS == hooks_generation;
}

/* As cells have it; in both halves. */
static inline u64 whose(u32 who)
{
	u32 half = hooks_generation << WHOSE_BITS | who;

	return half | (u64)half << 32;
}

static inline void cell_begin(struct cell *c)
{
	*c = (struct cell){ .whose.both = whose(WHOSE_NOBODY) };
}

/* It is of this execution, and has a struct marked that is. */
static inline void cell_mark(struct cell *c)
{
	if (!cell_used(c))
		cell_begin(c);
	if (c->marked)
		return;
	*cell_marked(c) = (struct marked){ .word = { 0 } };
	c->marked = true;
}

static inline bool cell_is_static(const void *p)
{
	return (size_t)p - (size_t)__start_machine_data <
	       (size_t)__stop_machine_data - (size_t)__start_machine_data;
}

/* What cells divide by eight, they divide where it is. */
static inline struct cell *cell_static(const void *p)
{
	return &hooks_statics[((size_t)p - (size_t)__start_machine_data / 8 * 8) /
			      CELL_SIZE];
}

/* Of the running task. */
static inline bool cell_on_stack(const void *p)
{
	const struct fiber *f = &sim.task[sim.cur].fiber;

	return (size_t)((const u8 *)p - f->stack) < f->size;
}

/* cells.c. The cell of @p after a look at its mark; NULL: it is not of the
 * machine. */
struct cell *hooks_find(const void *p, u32 size);

/* Is it in the arena, or on a stack? */
static inline bool cell_is_near(const void *p)
{
	return (size_t)p - (size_t)hooks_arena < sim_arena_whole;
}

static inline struct cell *cell_near(const void *p)
{
	return &hooks_cells[((size_t)p - (size_t)hooks_arena) / CELL_SIZE];
}

/* All eight bytes around are memory of the arena that was given out: that is the
 * short way to their cell. */
static inline bool cell_is_short(const void *p)
{
	size_t offset = (size_t)p - (size_t)hooks_arena;

	return offset < hooks_short &&
	       hooks_marks[offset / HOOKS_GRAIN] == HOOKS_GRAIN;
}

static inline struct cell *cell_find(const void *p, u32 size)
{
	if (likely(cell_is_short(p)))
		return cell_near(p);
	return cell_is_static(p) ? cell_static(p) : hooks_find(p, size);
}

/*
 * race.c. What cannot go the short way. In their names are the bytes: eight, or
 * all or some of one half.
 */
void hooks_read_8(struct cell *c, const void *p);
void hooks_write_8(struct cell *c, const void *p);
void hooks_marked_read_8(struct cell *c, const void *p);
void hooks_marked_write_8(struct cell *c, const void *p);
void hooks_read_4(struct cell *c, const void *p);
void hooks_write_4(struct cell *c, const void *p);
void hooks_marked_read_4(struct cell *c, const void *p);
void hooks_marked_write_4(struct cell *c, const void *p);
void hooks_some(struct cell *c, const void *p, u32 size, u32 flags);

static inline __attribute__((always_inline)) void
cell_changed(struct cell *c, const void *p, u32 size, u32 flags)
{
	if (size < CELL_HALF)
		hooks_some(c, p, size, flags);
	else if (flags == 0)
		(size == CELL_SIZE ? hooks_read_8 : hooks_read_4)(c, p);
	else if (flags == ACCESS_WRITE)
		(size == CELL_SIZE ? hooks_write_8 : hooks_write_4)(c, p);
	else if (flags == ACCESS_MARKED)
		(size == CELL_SIZE ? hooks_marked_read_8 :
				     hooks_marked_read_4)(c, p);
	else
		(size == CELL_SIZE ? hooks_marked_write_8 :
				     hooks_marked_write_4)(c, p);
}

/* @size is 1, 2, 4 or 8, and @p aligned to it. */
static inline __attribute__((always_inline)) void
cell_access(struct cell *c, const void *p, u32 size, u32 flags)
{
	const struct hooks_task *t = &hooks_task[sim.cur];
	u32 half = cell_half(p), write = flags & ACCESS_WRITE;
	union two *last = &c->last[write];
	bool is_own;

	if (size == CELL_SIZE)
		is_own = c->whose.both == t->me;
	else
		is_own = c->whose.half[half] == (u32)t->me;
	is_own = is_own && !journal_judged;
	if (flags & ACCESS_MARKED) {
		last = &cell_marked(c)->last[write];
		is_own = is_own && c->marked;
	}
	if (size == CELL_SIZE) {
		if (likely(is_own))
			last->both = t->stamp;
		else if (last->both != t->stamp)
			cell_changed(c, p, size, flags);
	} else if (size == CELL_HALF) {
		if (likely(is_own))
			last->half[half] = (u32)t->stamp;
		else if (last->half[half] != (u32)t->stamp)
			cell_changed(c, p, size, flags);
	} else {
		u32 bytes = ((1u << size) - 1) << (size_t)p % CELL_HALF;

		if ((last->half[half] | (STAMP_BYTES ^ bytes)) != (u32)t->stamp)
			cell_changed(c, p, size, flags);
	}
}

/* Returns the cell. */
static inline __attribute__((always_inline)) struct cell *
hooks_access(const void *p, u32 size, u32 flags)
{
	struct cell *c = cell_find(p, size);

	if (likely(c))
		cell_access(c, p, size, flags);
	return c;
}

/* Of the task whose stamp it is, that time is known. */
static inline bool clock_knows(const struct clock *c, u32 stamp)
{
	return stamp <= c->at[stamp >> STAMP_TASK & STAMP_TASK_MASK];
}

/* Has it had marked accesses in this execution? */
static inline bool cell_orders(const struct cell *c)
{
	return c->marked && cell_used(c);
}

/*
 * clocks.c: orders by the word at @p, whose cell is @c. NULL orders nothing, nor
 * does a cell without marked accesses in this execution: what is left there of
 * another is known, or GIVEN_SEVERAL, which is looked at more closely.
 */
void word_take(const struct cell *c, u32 half, bool acquire);
void word_release(struct cell *c, u32 half, bool all);
void word_marked_store(struct cell *c, u32 half);
/* What was given away there, or NULL. */
const struct clock *word_given(const struct cell *c, u32 half);

/* @acquire: or else by the next fence. */
static inline void cell_take(const struct cell *c, const void *p, bool acquire)
{
	u32 half = cell_half(p);

	if (likely(c) && unlikely(!clock_knows(&hooks_task[sim.cur].now,
					       cell_marked(c)->given[half])))
		word_take(c, half, acquire);
}

/* @all: what came before, too. */
static inline void cell_release(struct cell *c, const void *p, bool all)
{
	if (likely(c))
		word_release(c, cell_half(p), all);
}

static inline void cell_marked_store(struct cell *c, const void *p)
{
	if (likely(c) && hooks_task[sim.cur].fenced)
		word_marked_store(c, cell_half(p));
}

#endif /* HARNESS_HOOKS_CELLS_H */
