/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rt.h: the waist. Everything above is written once over these functions;
 * below stand two runtimes, chosen at link time:
 *
 *   sim.c      one host thread, a fiber per task, every choice the strategy's
 *   native.c   one pinned pthread per task, every choice the machine's
 *
 * Free of libc and pthreads. Locks are words: a lock is a u32 that is zero
 * when free, acquired with an atomic after rt_point_lock(), slept on with
 * rt_wait(). No runtime object is embedded anywhere.
 *
 * The idiom of every blocking acquire, the same text for both runtimes:
 *
 *	while (rt_point_lock(site, l, &l->word, HELD, flags) == 0) {
 *		if (try_acquire(l))
 *			return 0;		// sim: always, first time
 *		rt_wait(&l->word, seen, RT_FOREVER, flags);	// native only
 *	}
 *	return -EINTR;
 *
 * In sim a task whose lock is held is not enabled, so no strategy can pick it
 * and a picked acquire always succeeds.
 */
#ifndef HARNESS_RT_RT_H
#define HARNESS_RT_RT_H

#include "harness/types.h"

#define RT_TASKS_MAX	32		/* all tasks of an execution, M0 included */
#define RT_FOREVER	(~0ull)
#define RT_STACK_MAX	24		/* frames kept of a call stack */

/* What is about to happen; strategies and DPOR judge dependence by it. */
enum rt_kind {
	RT_START,	/* a task's first step */
	RT_LOCK,	/* acquire, for oneself alone */
	RT_UNLOCK,
	RT_LOAD,	/* marked load */
	RT_STORE,	/* marked store */
	RT_RMW,		/* atomic read-modify-write, trylock included */
	RT_WAIT,	/* about to sleep on a word */
	RT_WAKE,
	RT_SLEEP,	/* about to sleep for a time */
	RT_FENCE,
	RT_NOTE,	/* no shared word of its own: a named window */
	RT_EXIT,	/* the task is done */
	RT_LOCK_SHARED,	/* acquire, beside others that share it */
	RT_UNLOCK_SHARED,
	RT_END,		/* of the execution, with whatever others still had to do */
};

/* It takes a lock, and has to wait for it. */
static inline bool rt_is_lock(u8 kind)
{
	return kind == RT_LOCK || kind == RT_LOCK_SHARED;
}

/*
 * A place in the code where another task may run. Static and const; the name
 * of a switch point is verb(arg), or verb(name of the object) if arg is NULL:
 * "mutex_lock(svmm->mutex)". Two sites with one name are one point to a
 * schedule, so verbs are the names a kernel developer would grep for.
 */
struct rt_site {
	u8 kind;
	const char *verb;
	const char *arg;
};

#define RT_SITE(kind_, verb_, arg_) ({					\
	static const struct rt_site rt_site_ = { (kind_), (verb_), (arg_) }; \
	&rt_site_;							\
})

/*
 * Another task may run here; call it BEFORE the operation that @site names on
 * @obj. In sim, @obj (and its allocation) is checked for use after free once
 * the task is picked: a freed @obj is a finding of class use-after-free.
 * Nothing happens in M0's boot, and while only one task can run it is a
 * counted step without a choice.
 */
void rt_point(const struct rt_site *site, const void *obj);

enum {
	RT_KILLABLE	= 1,	/* give up when the task was killed */
};

/*
 * As rt_point(), and the task is not runnable before (*word & mask) == 0,
 * or, with RT_KILLABLE, before it was killed. Returns 0, or -1 if killed
 * while the bits were still set. native: never blocks, returns -1 only for a
 * killed task; the caller tries, then sleeps in rt_wait().
 */
int rt_point_lock(const struct rt_site *site, const void *obj, const u32 *word,
		  u32 mask, unsigned int flags);

enum rt_wait {
	RT_WOKEN,	/* by rt_wake(), or spuriously: test your condition again */
	RT_CHANGED,	/* *addr was not expected; did not sleep */
	RT_TIMEOUT,	/* rt_now() reached until */
	RT_KILLED,	/* with RT_KILLABLE */
};

/*
 * Sleep while nobody wakes @addr, if *addr == expected at the call. Put an
 * rt_point(RT_WAIT) before the caller's own test of its condition, not between
 * that test and this call. @until in rt_now() units, or RT_FOREVER.
 */
enum rt_wait rt_wait(const u32 *addr, u32 expected, u64 until,
		     unsigned int flags);

/* Wake at most @n sleepers of @addr, longest asleep first. Returns how many. */
u32 rt_wake(const u32 *addr, u32 n);

/*
 * Nanoseconds since boot. sim: virtual; jumps to the next deadline when no
 * task can run, and by RT_SPIN_NS when a task reads it twice and no other task
 * ran in between, so that a loop with a timeout ends. native: a program clock
 * that advances with the steps made, never the wall.
 */
u64 rt_now(void);
/* The same, as it stands: a look for oracles, that moves no clock. */
u64 rt_peek_now(void);
#define RT_SPIN_NS	20000000ull

/* Sleep until rt_now() >= until; RT_TIMEOUT or RT_KILLED. */
enum rt_wait rt_sleep(u64 until, unsigned int flags);

/*
 * I spin: let another task run first. sim: the caller is not picked again
 * before another task took a step, or time advanced when there is none.
 */
void rt_relax(void);

/*
 * Tasks. A task's schedule name is a role letter and an index: M0 boots and
 * halts the machine, P0.. are the program's, and a target spawns its own at
 * boot in fixed order: W0 worker, I0 interrupt, T0 timer, R0 RCU, G0 GPU.
 * @title is shown in reports ("kworker"); static storage. Returns the task
 * number, 0 to RT_TASKS_MAX-1 in order of creation (M0 is 0), or -1 if full.
 */
int rt_spawn(char role, const char *title, void (*fn)(void *), void *arg);
void rt_join(int task);			/* until it exited */
int rt_self(void);
bool rt_exited(int task);
char rt_role(int task);
u8 rt_index(int task);
const char *rt_title(int task);

/* A task parked for work that never comes does not count as deadlocked. */
void rt_set_daemon(int task);

void rt_kill(int task);			/* wakes RT_KILLABLE sleepers */
bool rt_killed(int task);

/* A word per task for the layer above (struct task_struct *). */
void rt_set_private(void *p);
void *rt_private(int task);
void *rt_own_private(void);		/* the same of rt_self(): current */

/*
 * The arena of the execution: zeroed memory, 16-byte aligned, never reused
 * within an execution, so a stale pointer stays detectable. NULL when the
 * arena is full (a harness limit, not an injected failure). rt_free() poisons
 * and marks; @size as allocated.
 */
void *rt_alloc(size_t size);
void rt_free(void *p, size_t size);
bool rt_is_freed(const void *p);
u32 rt_arena_offset(const void *p);	/* build-independent name of an address */

/*
 * Any other choice: 0 to n-1, n <= 64. 0 is "nothing unusual"; strategies may
 * answer 0 always. @why is the name in the schedule: "kmalloc".
 */
u32 rt_choose(u32 n, const char *why);

/*
 * From begin to end the caller's plain accesses may race, as the kernel's
 * data_race() says. No switch point in between. Counts for who looks for races.
 */
void rt_data_race(bool begin);

enum rt_fence { RT_MB, RT_RMB, RT_WMB, RT_RELEASE, RT_ACQUIRE };
void rt_fence(enum rt_fence kind);

/*
 * Marked accesses of code that is compiled with RT_MARKED (the race preset),
 * after their point: there a load may find an older value than the newest, see
 * harness/hooks/weak.c. @size is 1, 2, 4 or 8, and @p aligned to it. update:
 * an atomic has just been applied to @old at @p; @ordered: a full barrier.
 */
u64 rt_marked_load(const void *p, u32 size, bool acquire);
void rt_marked_store(void *p, u32 size, u64 value, bool release);
void rt_marked_update(const void *p, u32 size, u64 old, bool ordered);
/* In this execution a load may do so, and who makes it is not at fault: a look
 * for oracles that hold a task to what another one did. */
bool rt_loads_lag(void);

/*
 * End the execution now; the failure was recorded by the caller. sim: every
 * task is abandoned where it stands. native: the child process ends.
 */
void rt_stop(void) __attribute__((noreturn));

/*
 * Detail: words and stacks are kept only when an execution is repeated for a
 * report or replayed by names. The flag never changes within an execution.
 */
extern bool rt_detail;

/* Name an object for points and reports: "svmm->mutex"; index < 0 for none,
 * else "page#7". Static storage. Costs a test when rt_detail is off. */
void rt_name_slow(const void *obj, const char *name, int index);
static inline void rt_name(const void *obj, const char *name, int index)
{
	if (unlikely(rt_detail))
		rt_name_slow(obj, name, index);
}

/* Return addresses of the calling task, innermost first; how many. 0 unless
 * rt_detail. Follows frame pointers, so callers are built with them. */
unsigned int rt_stack(u64 *pc, unsigned int max);

/* Steps taken so far in this execution, 0 in boot. */
u32 rt_step(void);

#endif /* HARNESS_RT_RT_H */
