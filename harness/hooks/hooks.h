/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h: what the files of this folder share.
 *
 *	hooks.c		the runtime's side
 *	access.c	the compiler's calls: __tsan_read4() and its kin
 *	atomic.c	the same of atomics, which order tasks
 *	cells.h		what both do first: has the task done this already?
 *	race.c		happens-before, and what breaks it
 *	clocks.c	who knows how much of whose past
 *	memory.c	use after free and out of bounds, by shadow
 *	weak.c		marked accesses that see less than the newest
 *	points.c	plain accesses that are switch points
 *
 * clang's ThreadSanitizer pass is used for its calls alone: code under test is
 * compiled with -fsanitize=thread and linked without it, against these. They
 * run on the task that makes the access; nothing here is a switch point but in
 * points.c, of what it was told.
 *
 * This code is not instrumented, and neither is the engine, the oracles, or a
 * view, which look at everything without a lock because nothing runs meanwhile.
 */
#ifndef HARNESS_HOOKS_HOOKS_H
#define HARNESS_HOOKS_HOOKS_H

#include "harness/rt/hooks.h"
#include "harness/rt/sim.h"

enum {
	ACCESS_WRITE	= 1,
	ACCESS_MARKED	= 2,	/* volatile or atomic: its author knew */
};

/* Clocks of tasks: [i] is how much of task i's past is known. */
struct clock {
	u32 at[RT_TASKS_MAX];
} __attribute__((aligned(32)));

/* What is known to task @i, and what its next fences take and give. */
struct hooks_task {
	struct clock now;
	struct clock released;	/* at its last fence before stores */
	struct clock seen;	/* through marked loads, not yet fenced */
	u32 stamp;		/* itself now, see cells.h */
	bool fenced;		/* released is worth something */
};
extern struct hooks_task hooks_task[RT_TASKS_MAX];

/* memory.c: the memory is not all there, or part of a stack: complain if it
 * should be. */
void hooks_check(const void *p, u32 size);
/* access.c: any number of bytes, anywhere. */
void hooks_range(const void *p, size_t size, u32 flags);

/* clocks.c: orders by the word at @p, which is part of the machine. */
void hooks_acquire(const void *p);
void hooks_release(const void *p, bool all);	/* all: what came before too */

/* atomic.c. The atomics of the program are its marked accesses. */
extern bool hooks_atomics_marked;

/* clocks.c. *to knows what *from does, too; what was given away at @c, or NULL. */
void clock_take(struct clock *to, const struct clock *from);
struct cell;
const struct clock *cell_given(const struct cell *c);

/* weak.c */
void weak_reset(void);
void weak_fence(enum rt_fence kind);
void weak_drain(void);		/* TSO: an instruction that waits for stores */
void weak_slept(void);

void clocks_reset(void);
void race_reset(void);
void race_go(void);
void race_spawn(int parent, int child);
void race_join(int task, int exited);
void race_fence(enum rt_fence kind);
void race_allowed(bool begin);
bool race_is_allowed(void);
void race_known(bool begin);	/* the access is not judged */
void memory_reset(void);
void memory_alloc(const void *p, size_t size);
void memory_free(const void *p, size_t size);

/*
 * memory.c. How many bytes are there of each eight of the arena, from their
 * start; below 0: they were freed.
 */
#define HOOKS_GRAIN	8
#define HOOKS_CELL	4	/* bytes that race.c keeps one record of */
extern s8 *hooks_marks;

/* The cells are those of the arena, of the stacks, then of the statics. */
extern u8 __start_machine_data[] __attribute__((weak));
extern u8 __stop_machine_data[] __attribute__((weak));

/* ~0: @p is not part of the machine. */
static inline u32 hooks_cell(const void *p)
{
	size_t offset = (size_t)((const u8 *)p - sim_arena);

	if (likely(offset < sim_arena_whole))
		return (u32)(offset / HOOKS_CELL);
	offset = (size_t)p - (size_t)__start_machine_data;
	if (offset < (size_t)__stop_machine_data - (size_t)__start_machine_data)
		return (u32)((sim_arena_whole + offset) / HOOKS_CELL);
	return ~0u;
}

#endif /* HARNESS_HOOKS_HOOKS_H */
