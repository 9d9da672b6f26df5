// SPDX-License-Identifier: GPL-2.0
/*
 * lock-leak: a call returns to user space, and a task exits, without a lock.
 */
#include "harness/oracle/lockdep.h"

static void lock_leak_event(const struct view *v, const struct event *e)
{
	if (lockdep_is_leak(e))
		lockdep_raise(&oracle_lock_leak, e);
}

static const u16 kinds[] = { EV_lockdep, 0 };

const struct oracle oracle_lock_leak = {
	.name	= "lock-leak",
	.claim	= "no lock is held when a call returns or a task exits",
	.spec	= "I-M24",
	.kinds	= kinds,
	.event	= lock_leak_event,
	.stateless = true,
};
