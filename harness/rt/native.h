/* SPDX-License-Identifier: GPL-2.0 */
/*
 * native.h: what the files of the native runtime share, and nobody else sees.
 *
 *	native.c		points, tasks as rt.h shows them, one execution
 *	native_pool.c		the threads, the start gate
 *	native_idle.c		sleep, wake, time; the machine with nobody awake
 *	native_arena.c		memory
 *	native_detail.c		names, stacks
 *	native_isolate.c	the child process, and how it ends
 */
#ifndef HARNESS_RT_NATIVE_H
#define HARNESS_RT_NATIVE_H

#include "harness/rt/engine.h"
#include "harness/rt/native_delay.h"

#define NATIVE_NAMES_MAX	8192
#define NATIVE_POINT_NS		1000	/* of rt_now() that a point takes */

enum native_state {
	NATIVE_FREE,		/* no such task in this execution */
	NATIVE_SPAWNED,		/* before rt_go() */
	NATIVE_RUNNING,
	NATIVE_EXITED,		/* its function returned */
	NATIVE_PARKED,		/* and its thread touches nothing any more */
};

/*
 * A task. Written by itself but for what is said; the counters are read by
 * others at any time and are relaxed atomics, one task one cache line or two,
 * so that counting orders nothing between tasks.
 */
struct native_task {
	u64 points;
	u64 relaxes;
	const struct rt_site *site;	/* the point last passed */
	const void *obj;
	struct delay delay;
	struct prng faults;
	void *private;
	u32 killed;			/* by rt_kill() */
	u32 exited;			/* the word rt_join() sleeps on */
	u32 state;			/* enum native_state; spawner, then itself */
	u32 nap;			/* the word rt_sleep() sleeps on; always 0 */

	/* Asleep: native_idle.c alone reads and writes these. */
	const u32 *addr;		/* NULL: awake */
	u32 expected;
	u32 flags;
	u64 until;
	u32 expired;			/* woken because time came */
	u32 moves;			/* calls of native_sleep() */

	/* The spawner's, before it starts. */
	void (*fn)(void *);
	void *arg;
	const char *title;
	int id;
	char role;
	u8 index;
	bool gated;			/* waits at the start gate */
	bool daemon;
} __attribute__((aligned(128)));

struct native_name {
	const void *obj;		/* written last */
	const char *name;
	int index;
};

/* Everything the parent must still see when a child has ended. */
struct native_shared {
	struct native_task task[RT_TASKS_MAX];
	u32 nr_tasks;
	u64 executions;			/* begun */
	u32 executing;
	u32 returned;			/* fn came back with status */
	int status;
	u32 ended;			/* result is filled in */
	struct rt_result result;
	u32 nr_names;
	struct native_name name[NATIVE_NAMES_MAX];
};

/* How patient the runtime is; a test of a hang need not take half a minute. */
struct native_patience {
	int poll_ms;		/* parent looks at its child's counters */
	u32 hang_polls;		/* this often without progress: a hang */
	int idle_ms;		/* M0 looks for a machine with nobody awake */
	u32 idle_polls;		/* this often without a move: a deadlock */
};
extern struct native_patience native_patience;

extern struct native_shared *native;
extern __thread struct native_task *native_self;
/* Where the walk of a stack ends: the frame that called the task's function. */
extern __thread const void *native_stack_end;
extern u32 native_ending;	/* the execution is over; stand still */
extern u64 native_points_max;	/* a task */

static inline struct native_task *native_task(int task)
{
	return &native->task[task];
}

static inline u32 native_nr_tasks(void)
{
	return __atomic_load_n(&native->nr_tasks, __ATOMIC_RELAXED);
}

/* Owner's increment of a counter others read. */
static inline u64 native_count(u64 *counter)
{
	u64 n = __atomic_load_n(counter, __ATOMIC_RELAXED) + 1;

	__atomic_store_n(counter, n, __ATOMIC_RELAXED);
	return n;
}

static inline void native_cpu_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* native_pool.c */
int native_pool_init(void);
void native_pool_forget(void);		/* in a new child: threads are not forked */
void native_pool_begin(const struct rt_config *config);
void native_pool_drain(void);		/* M0 returned: all others must have */

/* native_idle.c */
void native_idle_begin(void);
void native_idle_live(int change);	/* tasks that run or sleep */
enum rt_wait native_sleep(struct native_task *t, const u32 *addr, u32 expected,
			  u64 until, unsigned int flags);
u32 native_wake(const u32 *addr, u32 n);
void native_wake_killed(struct native_task *t);
void native_clock_fold(struct native_task *t);	/* points back to 0, not time */
void native_blocked(struct rt_result *r);

/* native_arena.c */
int native_arena_init(void);
void native_arena_reset(void);

/* native_detail.c */
void native_detail_begin(bool detail);

/* native_isolate.c: ends the child; from a second caller on, stands still. */
void native_end(enum rt_outcome outcome) __attribute__((noreturn));
extern const bool native_catches_signals;	/* not if a sanitizer does */
void native_stand_still(void) __attribute__((noreturn));
/* The layer above broke a rule of rt.h. */
void native_trouble(const char *what, int task) __attribute__((noreturn));

#endif /* HARNESS_RT_NATIVE_H */
