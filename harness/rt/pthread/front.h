/* SPDX-License-Identifier: GPL-2.0 */
/*
 * front.h: what the files of the pthread front share.
 *
 * The front runs an ordinary C program that uses POSIX threads on the sim
 * runtime: every thread is a task, every pthread call is a switch point and
 * then one step. The program is not changed. Once it is compiled, the symbols
 * it calls are renamed in its object (symbols.txt): pthread_mutex_lock becomes
 * front_mutex_lock, and so on. A header of macros would do that too, but it
 * would have to bring in every header before the program's own feature macros,
 * and would rename whatever else of the program has one of those names.
 *
 *	front_thread.c	create, join, exit, and the main thread
 *	front_mutex.c	front_spin.c	front_rwlock.c	locks
 *	front_cond.c	front_sem.c	front_barrier.c	waiting for others
 *	front_once.c	front_key.c	front_tls.c	once; values of one thread
 *	front_time.c	a clock that costs nothing
 *	front_memory.c	malloc() on the arena of the execution
 *	front_exit.c	how programs fail: assert, abort, exit, misuse
 *	front_libc.c	what must not speak, or differ from run to run
 *	front_atomic.c	front_access.c	shared variables, as the compiler tells
 *	front_share.c	which of the plain ones are worth a point
 *	front_names.c	words for objects
 *	front_target.c	the program as a target of the harness
 *	front_main.c	front_finding.c	executions, and what comes of them
 *
 * A lock, a semaphore or a barrier lives in the program's own object, in the
 * words that glibc uses for its own. All of them are good when all zero, as
 * the static initialisers leave them.
 *
 * What orders two tasks is told to harness/hooks by front_acquire() and
 * front_release(): this code is not instrumented, so its atomics are not seen.
 */
#ifndef HARNESS_RT_PTHREAD_FRONT_H
#define HARNESS_RT_PTHREAD_FRONT_H

#include "harness/rt/engine.h"
#include "harness/journal/journal.h"
#include "harness/oracle/oracle.h"
#include "harness/rt/rt.h"

/* Chosen once, on the command line. */
struct front_options {
	bool races;		/* a data race is a failure */
	bool plain_points;	/* plain accesses that may race are points */
	bool spurious;		/* pthread_cond_wait() may wake for nothing */
	bool fail_malloc;	/* malloc() may return NULL */
	bool output;		/* the program's words go to stderr in detail */
};
extern struct front_options front_options;

/* harness/hooks is to be told what orders what. */
static inline bool front_watched(void)
{
	return front_options.races || rt_memory != RT_MEMORY_SC;
}

/* A thread; zeroed memory of the arena. Its pthread_t is its task number. */
struct front_thread {
	u32 alive;		/* 1 until it has ended: joiners wait at it */
	u32 woken;		/* of a condition variable; sleeps while 0 */
	u32 since;		/* order of falling asleep there */
	bool detached, joined;
	void *(*fn)(void *);
	void *arg, *result;
	void *env[5];		/* where pthread_exit() goes */
	void **value;		/* by key; NULL: it never set one */
	void **local;		/* its thread-local variables, likewise */
	u64 held;		/* locks, as front_share.c numbers them */
	/* What it read last in vain: see front_idle(). */
	const void *idle_pc, *idle_addr;
	u64 idle_value;
	u32 idle_times, idle_ops;
};

/* The thread of task @task; NULL if it never was one. */
struct front_thread *front_thread_of(int task);
static inline struct front_thread *front_self(void)
{
	return rt_own_private();
}

/* A second name: objcopy renames no two symbols to one. */
#define FRONT_ALIAS(new, old) \
	extern __typeof__(old) new __attribute__((alias(#old)))

/* -- points -- */

/* front_names.c; in detail only: the word for @obj, which is for ever, or NULL;
 * and give it that name. */
const char *front_word(const void *obj);
void front_name(const void *obj);

/* The running task is about to do what @site says: it does not spin. */
static inline void front_busy(void)
{
	front_self()->idle_times = front_self()->idle_ops = 0;
}

/*
 * front_memory.c. Of each 16 bytes of the arena, which words points named (its
 * low bits), and whether the memory is about to be freed. A free is one step
 * that depends on all of them: see front_free().
 */
#define FRONT_SHADOW	(64ul << 20 >> 4)
#define FRONT_DYING	0x80
extern u8 *front_shadow;
extern size_t front_marked;	/* bytes of the arena, from the first on */
extern u8 *sim_arena;
void front_used_dying(const struct rt_site *site, const void *obj);

static inline u8 *front_mark(const void *obj)
{
	size_t offset = (size_t)((const u8 *)obj - sim_arena);

	if (offset >> 4 >= FRONT_SHADOW)
		return NULL;
	if (offset >= front_marked)
		front_marked = offset + 1;
	front_shadow[offset >> 4] |= (u8)(1 << (offset >> 2 & 3));
	return &front_shadow[offset >> 4];
}

static inline void front_step(const struct rt_site *site, const void *obj)
{
	u8 *mark = front_mark(obj);

	rt_point(site, obj);
	if (mark && unlikely(*mark & FRONT_DYING))
		front_used_dying(site, obj);
}

static inline void front_point(const struct rt_site *site, const void *obj)
{
	if (unlikely(rt_detail))
		front_name(obj);
	front_busy();
	front_step(site, obj);
}

/* The same, and wait for @mask of @word to be clear. */
static inline void front_point_lock(const struct rt_site *site, const void *obj,
				    const u32 *word, u32 mask)
{
	u8 *mark = front_mark(obj);

	if (unlikely(rt_detail))
		front_name(obj);
	front_busy();
	rt_point_lock(site, obj, word, mask, 0);
	if (mark && unlikely(*mark & FRONT_DYING))
		front_used_dying(site, obj);
}

/*
 * The running task came here from @pc, read @value of @addr, and changed
 * nothing. When it does only that, over and over, it spins, and another task
 * must run before it is worth while to look again. Of a loop over several
 * words every eighth read is taken for the one that comes back.
 */
void front_idle(const void *pc, const void *addr, u64 value);

/*
 * -- happens-before, for harness/hooks, in the words a compiler would use: an
 * object that orders tasks is an atomic word to them, its first. --
 */
extern u32 __tsan_atomic32_load(const volatile u32 *p, int order)
	__attribute__((weak));
extern void __tsan_atomic32_store(volatile u32 *p, u32 v, int order)
	__attribute__((weak));
extern u32 __tsan_atomic32_fetch_or(volatile u32 *p, u32 v, int order)
	__attribute__((weak));

/* To take a lock is an update: it sees what was released there last, however
 * late loads may be. */
static inline void front_acquire(void *p)
{
	if (likely(!front_watched()))
		return;
	if (rt_memory == RT_MEMORY_SC)
		__tsan_atomic32_load(p, __ATOMIC_ACQUIRE);
	else
		__tsan_atomic32_fetch_or(p, 0, __ATOMIC_ACQUIRE);
}

/* @all: what others gave away before stays known, as of a semaphore. */
static inline void front_release(void *p, bool all)
{
	u32 *word = p;

	if (likely(!front_watched()))
		return;
	if (all)
		__tsan_atomic32_fetch_or(word, 0, __ATOMIC_RELEASE);
	else
		__tsan_atomic32_store(word, *word, __ATOMIC_RELEASE);
}

/* -- locks: rows of the journal, and what front_share.c must know -- */
void front_locked(const char *verb, const void *lock, bool exclusive);
void front_unlocked(const char *verb, const void *lock);

/* front_mutex.c, for condition variables. */
bool front_mutex_is_mine(const void *mutex);
void front_mutex_release(void *mutex, const struct rt_site *site);
void front_mutex_retake(void *mutex, const struct rt_site *site);

/* front_time.c: a deadline of the program's clock in rt_now() units. */
struct timespec;
u64 front_deadline(const struct timespec *abstime);
void front_skip(u64 ns);

/* front_exit.c. The program did what POSIX leaves undefined. */
void front_misuse(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void front_exit(int code) __attribute__((noreturn));
extern const struct oracle *const front_oracles[];

/* front_key.c: the destructors of a thread that ends. */
void front_key_destroy(struct front_thread *t);

/*
 * front_main.c: the program did @what, which depends on what others did, but
 * at no point that names anything. DPOR does not look at every order of that.
 */
void front_inexact(const char *what);

/* front_thread.c: the program, on its main thread. */
void front_program(u32 index);
extern char **front_arguments;		/* of main(), NULL-terminated */
extern u64 front_outlived;	/* executions that ended with threads alive */

/* front_memory.c: an execution begins. */
void front_memory_reset(void);
/* Which allocation @p is in, from 1; 0: none. Detail only. */
u32 front_block(const void *p, u32 *offset);

/* front_names.c: of a function or a static object; NULL if not known. */
const char *front_symbol(const void *p, u32 *offset);

/* front_share.c: which plain accesses are points. */
extern bool front_learning;
void front_share_reset(void);
void front_share_access(const void *p, u32 size, bool write, const void *pc);
void front_share_free(const void *p, size_t size);
void front_share_lock(const void *lock);
void front_share_unlock(const void *lock);
void front_share_end(void);		/* of an execution */
bool front_share_is_point(const void *pc);
u32 front_share_points(void);		/* how many places there are */

#endif /* HARNESS_RT_PTHREAD_FRONT_H */
