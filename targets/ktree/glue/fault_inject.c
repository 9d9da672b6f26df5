// SPDX-License-Identifier: GPL-2.0
/*
 * fault_inject: what may go wrong without anybody being to blame.
 *
 * The engine asks for it as on the port, in two ways. kernel_faults() lets the
 * strategy choose, each time: an allocation that fails, a trylock that finds
 * the lock taken, a sleeper woken for no reason. kernel_fail_nth() has one
 * allocation fail, by its number. M0 is spared: it boots and halts.
 */
#include <linux/gfp.h>
#include "targets/kernel/kernel.h"
#include "targets/ktree/glue/glue.h"

/* Chosen from outside, between executions: no part of the image. */
static u32 kinds __attribute__((section("mutation_data")));
static u32 fail_nth __attribute__((section("mutation_data")));

static u32 nr_failable;		/* counted only if fail_nth is set */

void kernel_faults(u32 asked)
{
	kinds = asked;
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
	if (likely(!(kinds & kind)) || ktree_booting || !rt_self() ||
	    !rt_choose(2, why))
		return false;
	journal_emit(EV_fault_injected, (u64)why, 0, 0);
	return true;
}

static bool counted_out(void)
{
	return fail_nth && fail_nth == __atomic_add_fetch(&nr_failable, 1,
							  __ATOMIC_RELAXED);
}

bool kt_fail_alloc(gfp_t gfp, const char *why)
{
	if (likely(!fail_nth && !(kinds & KERNEL_FAULT_ALLOC)))
		return false;
	if ((gfp & __GFP_NOFAIL) || ktree_booting || !rt_self())
		return false;
	if (!counted_out() && !chosen(KERNEL_FAULT_ALLOC, why))
		return false;
	journal_emit(EV_alloc, 0, 0, (u64)why);
	return true;
}

bool kt_fail_trylock(const char *why)
{
	return chosen(KERNEL_FAULT_TRYLOCK, why);
}

bool kt_wake_early(void)
{
	return chosen(KERNEL_FAULT_WAKE, "wake for no reason");
}
