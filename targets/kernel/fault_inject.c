// SPDX-License-Identifier: GPL-2.0
/*
 * fault_inject: what may go wrong without anybody being to blame.
 *
 * Two ways to ask for it. kernel_faults() lets the strategy choose, each time,
 * as it chooses who runs: an allocation that fails, a trylock that finds the
 * lock taken, a sleeper woken for no reason, a timer that runs before an earlier
 * one. The answer is part of the schedule. kernel_fail_nth() has one allocation
 * fail, by its number.
 *
 * M0 boots and halts the machine, which must work: it is spared.
 *
 * Not covered: on the ground of a kernel tree timers run in their order.
 */
#include <linux/compiler.h>
#include "harness/journal/journal.h"
#include "targets/kernel/fault_inject.h"
#include "targets/kernel/kernel.h"

/* Chosen from outside, between executions: not machine state. */
static u32 kinds __attribute__((section("mutation_data")));
static u32 fail_nth __attribute__((section("mutation_data")));
/* By the number of its bit. No update of one word: that is a barrier. */
static u8 offered[8] __attribute__((section("mutation_data")));

static u32 booted_kinds __machine;	/* a target or a test asked itself */
static u32 nr_failable __machine;	/* counted only if fail_nth is set */

#define TIMERS_MAX	16	/* that may come before the first */

void fault_inject_boot(u32 asked)
{
	booted_kinds |= asked;
}

void kernel_faults(u32 asked)
{
	kinds = asked;
}

u32 kernel_faults_offered(void)
{
	u32 all = 0;

	for (u32 i = 0; i < ARRAY_SIZE(offered); i++)
		all |= (u32)__atomic_load_n(&offered[i], __ATOMIC_RELAXED) << i;
	return all;
}

/* The strategy chooses; and that it could is written down. */
static u32 offer(u32 kind, u32 nr, const char *why)
{
	__atomic_store_n(&offered[__builtin_ctz(kind)], 1, __ATOMIC_RELAXED);
	return rt_choose(nr, why);
}

void kernel_fail_nth(u32 n)
{
	fail_nth = n;
}

u32 kernel_alloc_count(void)
{
	return __atomic_load_n(&nr_failable, __ATOMIC_RELAXED);
}

bool kernel_alloc_failed(void)
{
	return unlikely(fail_nth) && kernel_alloc_count() >= fail_nth;
}

static inline bool chosen(u32 kind, const char *why)
{
	if (likely(!((kinds | booted_kinds) & kind)) || !rt_self() ||
	    !offer(kind, 2, why))
		return false;
	journal_emit(EV_fault_injected, (u64)(size_t)why, 0, 0);
	return true;
}

static bool counted_out(void)
{
	return fail_nth && fail_nth == __atomic_add_fetch(&nr_failable, 1,
							  __ATOMIC_RELAXED);
}

bool should_fail_alloc(gfp_t gfp, const char *why)
{
	if (likely(!fail_nth && !((kinds | booted_kinds) & KERNEL_FAULT_ALLOC)))
		return false;
	if ((gfp & __GFP_NOFAIL) || !rt_self())
		return false;
	if (!counted_out() && !chosen(KERNEL_FAULT_ALLOC, why))
		return false;
	journal_emit(EV_alloc, 0, 0, (u64)(size_t)why);
	return true;
}

bool should_fail_trylock(const char *why)
{
	return chosen(KERNEL_FAULT_TRYLOCK, why);
}

bool should_wake_early(void)
{
	return chosen(KERNEL_FAULT_WAKE, "wake for no reason");
}

u32 timer_out_of_order(u32 (*due)(unsigned long now), unsigned long now)
{
	static const char why[] = "timer out of order";
	u32 nr, n;

	if (likely(!((kinds | booted_kinds) & KERNEL_FAULT_TIMER)))
		return 0;
	nr = due(now);
	if (nr < 2)
		return 0;
	n = offer(KERNEL_FAULT_TIMER, nr < TIMERS_MAX ? nr : TIMERS_MAX, why);
	if (n)
		journal_emit(EV_fault_injected, (u64)(size_t)why, 0, 0);
	return n;
}
