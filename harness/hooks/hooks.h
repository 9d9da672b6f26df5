/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h: what the files of this folder share.
 *
 *	hooks.c		the runtime's side
 *	access.c	the compiler's calls: __tsan_read4() and its kin
 *	atomic.c	the same of atomics, which order tasks
 *	cells.h		what both do first: is the place the task's own?
 *	cells.c		where what they remember is
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

/* Clocks of tasks: [i] is how much of task i's past is known, as the last stamp
 * (see cells.h) that it can have left there. */
struct clock {
	u32 at[RT_TASKS_MAX];
} __attribute__((aligned(32)));

/* What is known to task @i, and what its next fences take and give. */
struct hooks_task {
	struct clock now;
	struct clock released;	/* at its last fence before stores */
	struct clock seen;	/* through marked loads, not yet fenced */
	u64 stamp;		/* itself now, in both halves of a cell */
	u64 name;		/* as whose a cell is */
	u64 me;			/* the same; ~0: nothing goes the short way */
	bool fenced;		/* released is worth something */
} __attribute__((aligned(512)));
extern struct hooks_task hooks_task[RT_TASKS_MAX];

/* memory.c: the memory is not all there, or part of a stack: complain if it
 * should be. */
void hooks_check(const void *p, u32 size);
/* access.c: any number of bytes, anywhere. */
void hooks_range(const void *p, size_t size, u32 flags);

/* cells.c: orders by the word at @p, which is part of the machine. */
void hooks_acquire(const void *p);
void hooks_release(const void *p, bool all);	/* all: what came before too */

/* atomic.c. The atomics of the program are its marked accesses. */
extern bool hooks_atomics_marked;

/* clocks.c. *to knows what *from does, too. */
void clock_take(struct clock *to, const struct clock *from);

/* weak.c */
void weak_reset(void);
void weak_fence(enum rt_fence kind);
void weak_drain_all(void);
/* TSO: an instruction that waits for stores. */
static inline void weak_drain(void)
{
	if (unlikely(rt_memory == RT_MEMORY_TSO))
		weak_drain_all();
}
void weak_slept(void);

void cells_reset(void);
void clocks_reset(void);
/* To where the last execution came; false: it is late, and clocks_anew() is to
 * start it again, with all cells empty. */
bool clocks_go_on(void);
void clocks_anew(void);
void race_reset(void);
void race_go(void);
void race_spawn(int parent, int child);
void race_join(int task, int exited);
void race_fence(enum rt_fence kind);
void race_allowed(bool begin);
bool race_is_allowed(void);
void race_known(bool begin);	/* the access is not judged */
void race_name(int task);	/* its name in the cells is as it should be */
void memory_reset(void);
void memory_alloc(const void *p, size_t size);
void memory_free(const void *p, size_t size);

/*
 * memory.c. How many bytes are there of each eight of the arena, from their
 * start; below 0: they were freed.
 */
#define HOOKS_GRAIN	8
extern s8 *hooks_marks;

/* The statics that are part of the machine. */
extern u8 __start_machine_data[] __attribute__((weak));
extern u8 __stop_machine_data[] __attribute__((weak));

#endif /* HARNESS_HOOKS_HOOKS_H */
