// SPDX-License-Identifier: GPL-2.0
/*
 * native_idle: sleeping on words, time, and the machine with nobody awake.
 *
 * A sleeper sleeps in futex(2) on the caller's own word. Time is a program
 * clock, the points all tasks have made: a slow machine makes few, so it does
 * not look like a timeout. When every task sleeps no point will ever come, and
 * the clock is moved to the earliest deadline, as sim does.
 *
 * Who is asleep is exact, not guessed. A sleeper counts itself asleep before
 * it calls futex(2), and uncounts itself if it returns for any reason but
 * FUTEX_WAKE; a waker uncounts those it woke. Between the wake and the
 * uncounting the waker itself is awake, so "all asleep" is never seen by
 * mistake there. Between the counting and the futex a word may have changed:
 * hence a sleeper only counts if its word still has the value it sleeps on.
 *
 * With nobody awake and no deadline the execution is stuck. M0 must be asleep
 * then too; it looks every few milliseconds and says so once nothing has moved
 * for idle_polls looks in a row.
 *
 * This file is compiled without -fsanitize=thread: its atomics would otherwise
 * be seen as synchronisation between tasks that have none.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/rt/native.h"

#define POLL_MS	1	/* a sleeper with a deadline, or that can be killed */

struct native_patience native_patience = {
	.poll_ms = 1000,
	.hang_polls = RT_HANG_SECONDS,
	.idle_ms = 10,
	.idle_polls = 50,
};

static u64 clock_skipped;	/* of rt_now(), by an idle machine */
static s32 nr_live, nr_asleep;
static u32 passing;		/* a lock: see let_time_pass() */

void native_idle_begin(void)
{
	__atomic_store_n(&passing, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&clock_skipped, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&nr_live, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&nr_asleep, 0, __ATOMIC_RELAXED);
}

/* -- time ------------------------------------------------------------------ */

static u64 now(void)
{
	u64 points = 0, skipped;
	u32 nr = native_nr_tasks();

	skipped = __atomic_load_n(&clock_skipped, __ATOMIC_ACQUIRE);
	for (u32 i = 0; i < nr; i++) {
		const struct native_task *t = native_task((int)i);

		points += __atomic_load_n(&t->points, __ATOMIC_RELAXED) +
			  __atomic_load_n(&t->relaxes, __ATOMIC_RELAXED);
	}
	return skipped + points * NATIVE_POINT_NS;
}

/* Reading the clock is how a loop with a timeout comes to its end. */
u64 rt_now(void)
{
	native_count(&native_self->relaxes);
	return now();
}

u64 rt_peek_now(void)
{
	return now();
}

void native_clock_fold(struct native_task *t)
{
	u64 points = __atomic_exchange_n(&t->points, 0, __ATOMIC_RELAXED);

	__atomic_fetch_add(&clock_skipped, points * NATIVE_POINT_NS,
			   __ATOMIC_RELAXED);
}

/* -- futex(2) -------------------------------------------------------------- */

static long futex_wait(const u32 *addr, u32 expected, int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000,
			       .tv_nsec = (long)(ms % 1000) * 1000000 };

	if (syscall(SYS_futex, addr, FUTEX_WAIT_PRIVATE, expected,
		    ms ? &ts : NULL, NULL, 0) == 0)
		return 0;
	return errno;
}

static u32 futex_wake(const u32 *addr, u32 n)
{
	long woken = syscall(SYS_futex, addr, FUTEX_WAKE_PRIVATE,
			     n > INT_MAX ? INT_MAX : n, NULL, NULL, 0);

	if (woken <= 0)
		return 0;
	__atomic_fetch_sub(&nr_asleep, (s32)woken, __ATOMIC_SEQ_CST);
	return (u32)woken;
}

/*
 * A sleeper publishes its address before the kernel compares its word, and a
 * waker changes the word before it looks for sleepers: with both orders
 * sequentially consistent one of the two sees the other.
 */
u32 native_wake(const u32 *addr, u32 n)
{
	u32 nr = native_nr_tasks();

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 i = 0; i < nr; i++)
		if (__atomic_load_n(&native_task((int)i)->addr,
				    __ATOMIC_RELAXED) == addr)
			return futex_wake(addr, n);
	return 0;
}

void native_wake_killed(struct native_task *t)
{
	const u32 *addr;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	addr = __atomic_load_n(&t->addr, __ATOMIC_ACQUIRE);
	/* Whoever else sleeps there finds nothing changed and sleeps again. */
	if (addr)
		futex_wake(addr, INT_MAX);
}

/* -- nobody awake ---------------------------------------------------------- */

static bool is_asleep(const struct native_task *t)
{
	const u32 *addr = __atomic_load_n(&t->addr, __ATOMIC_ACQUIRE);

	if (!addr || __atomic_load_n(addr, __ATOMIC_RELAXED) != t->expected)
		return false;
	return !(t->flags & RT_KILLABLE) || !t->killed;
}

static u32 all_moves(void)
{
	u32 nr = native_nr_tasks(), moves = 0;

	for (u32 i = 0; i < nr; i++)
		moves += __atomic_load_n(&native_task((int)i)->moves,
					 __ATOMIC_RELAXED);
	return moves;
}

/*
 * Can nobody run any more, but for time? *@first: the earliest deadline of who
 * sleeps. It is of the same look, because one whose deadline is over comes awake
 * at any moment: a second look would miss it, and jump to another's deadline
 * while it has work to do. Whoever went to sleep since the look began may have
 * woken somebody who was looked at before; hence the moves.
 */
static bool all_asleep(u64 *first)
{
	u32 nr = native_nr_tasks(), moves = all_moves();
	s32 asleep = 0;

	*first = RT_FOREVER;
	for (u32 i = 0; i < nr; i++) {
		const struct native_task *t = native_task((int)i);

		if (!is_asleep(t))
			continue;
		asleep++;
		if (t->until < *first)
			*first = t->until;
	}
	return asleep == __atomic_load_n(&nr_live, __ATOMIC_SEQ_CST) &&
	       asleep == __atomic_load_n(&nr_asleep, __ATOMIC_SEQ_CST) &&
	       moves == all_moves();
}

/* All sleep; @passing is held. false: that time passes would not help. */
static bool pass_time(u64 first)
{
	u32 nr = native_nr_tasks();
	u64 t = now();

	if (first == RT_FOREVER)
		return false;
	if (first > t)
		__atomic_fetch_add(&clock_skipped, first - t, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < nr; i++) {
		struct native_task *s = native_task((int)i);

		if (is_asleep(s) && s->until <= first) {
			__atomic_store_n(&s->expired, 1, __ATOMIC_SEQ_CST);
			futex_wake(s->addr, INT_MAX);
		}
	}
	return true;
}

/*
 * If all sleep, let time pass; one at a time, since whoever goes to sleep looks
 * while it counts as asleep already, and two may find all asleep at once.
 *
 * @known: the caller knows that all sleep. false: time would not help.
 */
static bool let_time_pass(bool known)
{
	bool helps = true;
	u64 first;

	if (!known && __atomic_load_n(&nr_asleep, __ATOMIC_SEQ_CST) !=
		      __atomic_load_n(&nr_live, __ATOMIC_SEQ_CST))
		return true;
	while (__atomic_exchange_n(&passing, 1, __ATOMIC_SEQ_CST))
		sched_yield();
	if (all_asleep(&first) || known)
		helps = pass_time(first);
	__atomic_store_n(&passing, 0, __ATOMIC_SEQ_CST);
	return helps;
}

void native_idle_live(int change)
{
	__atomic_fetch_add(&nr_live, change, __ATOMIC_SEQ_CST);
	if (change < 0)
		let_time_pass(false);
}

void native_blocked(struct rt_result *r)
{
	u32 nr = native_nr_tasks();

	for (u32 i = 0; i < nr; i++) {
		const struct native_task *t = native_task((int)i);
		const struct rt_site *site = t->site;

		if (t->exited || t->daemon || t->state == NATIVE_FREE)
			continue;
		r->blocked[r->nr_blocked++] = (struct rt_blocked){
			.task = t->id,
			.site = site,
			.obj = t->obj,
			.sleeping = !site || !rt_is_lock(site->kind),
		};
	}
}

/* -- sleep ----------------------------------------------------------------- */

/* M0's looks at an idle machine, since it went to sleep. */
struct looks {
	u32 polls;
	u32 moves;
};

/*
 * A word may change with no wake, as a rwsem's does when a reader joins readers
 * that a writer waits for. Who slept on it before sleeps on; and who still
 * counts as asleep a look later is no longer on the way to futex(2).
 */
static void look(struct looks *l)
{
	u32 moves = all_moves();
	bool still = moves == l->moves &&
		     __atomic_load_n(&nr_asleep, __ATOMIC_SEQ_CST) ==
		     __atomic_load_n(&nr_live, __ATOMIC_SEQ_CST);

	if (let_time_pass(still) || !still) {
		l->polls = 0;
		l->moves = moves;
	} else if (++l->polls == native_patience.idle_polls) {
		native_end(RT_DEADLOCK);
	}
}

static long sleep_once(struct native_task *t, const u32 *addr, u32 expected,
		       struct looks *looks)
{
	bool polls = t->until != RT_FOREVER || (t->flags & RT_KILLABLE);
	long error;

	__atomic_store_n(&t->expired, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&t->addr, addr, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&nr_asleep, 1, __ATOMIC_SEQ_CST);
	let_time_pass(false);
	/* Woken by ourselves just now: nobody sleeps, nobody was uncounted. */
	error = __atomic_load_n(&t->expired, __ATOMIC_SEQ_CST) ? ETIMEDOUT :
		futex_wait(addr, expected,
			   polls ? POLL_MS : t->id ? 0 : native_patience.idle_ms);
	if (error == ETIMEDOUT && !t->id)
		look(looks);	/* while we still count as asleep */
	if (error)
		__atomic_fetch_sub(&nr_asleep, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&t->addr, NULL, __ATOMIC_SEQ_CST);
	return error;
}

/*
 * Sleep as rt_wait() says. The caller is the task @t. Returns also when it was
 * woken for another's sake: RT_WOKEN promises nothing.
 */
enum rt_wait native_sleep(struct native_task *t, const u32 *addr, u32 expected,
			  u64 until, unsigned int flags)
{
	struct looks looks = { 0, 0 };
	long error;

	/* A poll is no move: it comes back here and sleeps on. */
	__atomic_store_n(&t->moves, t->moves + 1, __ATOMIC_RELAXED);
	t->expected = expected;
	t->flags = flags;
	t->until = until;
	for (;;) {
		if ((flags & RT_KILLABLE) && rt_killed(t->id))
			return RT_KILLED;
		if (until != RT_FOREVER && now() >= until)
			return RT_TIMEOUT;
		if (__atomic_load_n(&native_ending, __ATOMIC_RELAXED))
			native_stand_still();
		error = sleep_once(t, addr, expected, &looks);
		if (!error)
			return t->expired ? RT_TIMEOUT : RT_WOKEN;
		if (error == EAGAIN)
			return RT_CHANGED;
	}
}
