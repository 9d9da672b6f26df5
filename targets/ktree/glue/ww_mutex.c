// SPDX-License-Identifier: GPL-2.0
/*
 * ww_mutex: a mutex that a task may take several of, in any order, if all its
 * lockings have a ticket: who waits for somebody older while it holds others of
 * them has to let go and begin anew (-EDEADLK).
 *
 * Of both algorithms this is the one that never preempts a holder (wait-die),
 * which a class of the other may be served by as well: "wounded" is then never
 * set. What a waiter may do depends on who holds the lock, and that can become
 * somebody older while it sleeps; so the high word of the owner counts the
 * changes of holder, and sleepers wait for it.
 *
 * No queue: who comes first after a release has it, as with glue/mutex.c.
 */
#include <linux/ww_mutex.h>
#include "targets/ktree/glue/glue.h"

#define WW_HELD	1u

static inline u32 *word_of(struct ww_mutex *lock)
{
	return (u32 *)&lock->base.owner;
}

static inline u32 *turn_of(struct ww_mutex *lock)
{
	return word_of(lock) + 1;
}

/* Tickets are handed out in order and may wrap. */
static bool older(const struct ww_acquire_ctx *a, const struct ww_acquire_ctx *b)
{
	return (long)(a->stamp - b->stamp) < 0;
}

static bool has_to_die(struct ww_mutex *lock, const struct ww_acquire_ctx *ctx)
{
	const struct ww_acquire_ctx *holder;
	bool die;

	if (!ctx || !ctx->acquired)
		return false;
	/* The holder's ticket is on its stack, and ends when it has let go. */
	kt_raw_lock((u32 *)&lock->base.wait_lock);
	holder = READ_ONCE(lock->ctx);
	die = holder && older(holder, ctx);
	kt_raw_unlock((u32 *)&lock->base.wait_lock);
	return die;
}

static void set_holder(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	kt_raw_lock((u32 *)&lock->base.wait_lock);
	WRITE_ONCE(lock->ctx, ctx);
	kt_raw_unlock((u32 *)&lock->base.wait_lock);
}

static void got(struct ww_mutex *lock, struct ww_acquire_ctx *ctx,
		const char *verb)
{
	set_holder(lock, ctx);
	if (ctx)
		ctx->acquired++;
	/* Who found it held and looked for the ticket too early looks again. */
	kt_signal(turn_of(lock));
	kt_lock_got(&lock->base.dep_map, &lock->base, verb, KT_EXCLUSIVE);
}

/* What the tree's own says of a ticket that is used otherwise than it may. */
static void check_ticket(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	if (ctx->done_acquire)
		kt_warn("locks after ww_acquire_done()", "ww_mutex_lock",
			__LINE__);
	if (ctx->contending_lock && ctx->contending_lock != lock)
		kt_warn("locks another after -EDEADLK", "ww_mutex_lock",
			__LINE__);
	if (ctx->contending_lock && ctx->acquired)
		kt_warn("holds locks after -EDEADLK", "ww_mutex_lock",
			__LINE__);
	ctx->contending_lock = NULL;
}

static int lock_common(struct ww_mutex *lock, struct ww_acquire_ctx *ctx,
		       const struct rt_site *site, unsigned int flags)
{
	kt_sleeps();
	if (ctx && READ_ONCE(lock->ctx) == ctx)
		return -EALREADY;
	if (ctx)
		check_ticket(lock, ctx);
	kt_lock_want(&lock->base.dep_map, &lock->base, ctx ? 1 : 0);
	rt_point(site, &lock->base);
	for (;;) {
		u32 turn = kt_read(turn_of(lock));

		if (kt_try(word_of(lock), WW_HELD, WW_HELD)) {
			got(lock, ctx, site->verb);
			return 0;
		}
		if (has_to_die(lock, ctx)) {
			ctx->contending_lock = lock;
			journal_emit(EV_ww_back_off, (u64)&lock->base, 0, 0);
			return -EDEADLK;
		}
		if (rt_wait(turn_of(lock), turn, RT_FOREVER, flags) == RT_KILLED)
			return -EINTR;
	}
}

int ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	return lock_common(lock, ctx, RT_SITE(RT_LOCK, "ww_mutex_lock", NULL),
			   0);
}

int ww_mutex_lock_interruptible(struct ww_mutex *lock,
				struct ww_acquire_ctx *ctx)
{
	return lock_common(lock, ctx,
			   RT_SITE(RT_LOCK, "ww_mutex_lock_interruptible", NULL),
			   RT_KILLABLE);
}

int ww_mutex_trylock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	const struct rt_site *site = RT_SITE(RT_RMW, "ww_mutex_trylock", NULL);

	rt_point(site, &lock->base);
	if (should_fail_trylock("ww_mutex_trylock") ||
	    !kt_try(word_of(lock), WW_HELD, WW_HELD))
		return 0;
	got(lock, ctx, site->verb);
	return 1;
}

void ww_mutex_unlock(struct ww_mutex *lock)
{
	const struct rt_site *site = RT_SITE(RT_UNLOCK, "ww_mutex_unlock", NULL);
	struct ww_acquire_ctx *ctx;

	rt_point(site, &lock->base);
	ctx = lock->ctx;
	if (ctx) {
		set_holder(lock, NULL);
		ctx->acquired--;
	}
	if (kt_read(word_of(lock)) & WW_HELD)
		kt_up(word_of(lock), WW_HELD, 0);
	kt_signal(turn_of(lock));
	kt_lock_put(&lock->base, site->verb);
}

/* A ticket is made of memory in which no lock is held. */
void debug_check_no_locks_freed(const void *from, unsigned long len)
{
	kt_lock_check_freed(from, len);
}

/* Whether its caller is to complain: always, and not the first time alone. */
int debug_locks_off(void)
{
	return 1;
}
