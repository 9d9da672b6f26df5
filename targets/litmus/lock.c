// SPDX-License-Identifier: GPL-2.0
/*
 * litmus-lock: a counter under a lock, and no mark at its accesses. Never fails
 * with the lock, which is a mutation.
 *
 *	P0, P1: lock(guard); n++; unlock(guard)
 *		n == 1 at the end is impossible [never]
 *
 * Without the lock it is a data race, which the race preset sees in any
 * schedule. That an update is lost takes a switch between the load and the
 * store of n++, and there is no point: only where that plain store is made one
 * (--points).
 */
#include "targets/litmus/litmus.h"
#include "targets/mutation.h"

static u32 guard __machine, n __machine, finished __machine;

static void lock_boot(void)
{
	rt_name(&n, "n", -1);
}

static void count_up(void)
{
	n++;
}

static void lock_body(u32 index)
{
	bool locked = !mutated(lm_skip_lock);

	if (locked)
		LITMUS_LOCK(guard);
	count_up();
	if (locked)
		LITMUS_UNLOCK(guard);
	/* No point: the last of the two looks, whoever that is. */
	if (__atomic_add_fetch(&finished, 1, __ATOMIC_ACQ_REL) < 2)
		return;
	litmus_seen("both have counted");
	if (n != 2)
		litmus_bad("an update of the counter was lost", n, 2);
}

const struct target target_litmus_lock = {
	.name		= "litmus-lock",
	.help		= "a counter under a lock; never fails",
	.oracles	= litmus_oracles,
	.must_see	= litmus_must_see,
	.counters	= litmus_must_see,
	.nr_fixed	= 2,
	.boot		= lock_boot,
	.body		= lock_body,
};
