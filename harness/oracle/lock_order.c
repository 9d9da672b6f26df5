// SPDX-License-Identifier: GPL-2.0
/*
 * lock-order: what lockdep says about taking and keeping locks: a cycle of
 * classes, a lock taken twice, a sleep where none is allowed, an assertion
 * that a lock is held. What is still held when a task is done is lock-leak.
 */
#include "harness/oracle/lockdep.h"

static void lock_order_event(const struct view *v, const struct event *e)
{
	if (!lockdep_is_leak(e))
		lockdep_raise(&oracle_lock_order, e);
}

static const u16 kinds[] = { EV_lockdep, 0 };

const struct oracle oracle_lock_order = {
	.name	= "lock-order",
	.claim	= "locks nest in one order, and nobody sleeps holding a spinlock",
	.spec	= "I-M24",
	.kinds	= kinds,
	.event	= lock_order_event,
	.stateless = true,
};
