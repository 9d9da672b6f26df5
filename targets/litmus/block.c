// SPDX-License-Identifier: GPL-2.0
/*
 * litmus-abba, litmus-lost-wakeup: two ways to wait for ever.
 *
 *	abba		P0: lock a, lock b	P1: lock b, lock a
 *
 *	lost-wakeup	P0: if (!ready)		P1: ready = 1
 *			       sleep on bell	    wake bell
 *
 * In the second the bell's value never changes, so a wake that comes after the
 * test and before the sleep wakes nobody, and nobody comes again. The cure,
 * which is not applied, is to sleep on the word that was tested.
 */
#include "targets/litmus/litmus.h"

static u32 a __machine, b __machine;

static void abba_body(u32 index)
{
	if (index == 0) {
		LITMUS_LOCK(a);
		LITMUS_LOCK(b);
		LITMUS_UNLOCK(b);
		LITMUS_UNLOCK(a);
	} else {
		LITMUS_LOCK(b);
		LITMUS_LOCK(a);
		LITMUS_UNLOCK(a);
		LITMUS_UNLOCK(b);
	}
}

static u32 ready __machine, bell __machine;

static void lost_wakeup_body(u32 index)
{
	if (index == 0) {
		while (!LITMUS_LOAD(ready)) {
			rt_point(RT_SITE(RT_WAIT, "wait", "bell"), &bell);
			rt_wait(&bell, 0, RT_FOREVER, 0);
		}
	} else {
		LITMUS_STORE(ready, 1);
		rt_point(RT_SITE(RT_WAKE, "wake", "bell"), &bell);
		rt_wake(&bell, 1);
	}
}

const struct target target_litmus_abba = {
	.name		= "litmus-abba",
	.help		= "two locks taken in two orders: a deadlock, found",
	.planted	= &oracle_deadlock,
	.oracles	= litmus_oracles,
	.nr_fixed	= 2,
	.body		= abba_body,
};

const struct target target_litmus_lost_wakeup = {
	.name		= "litmus-lost-wakeup",
	.help		= "a wake between the test and the sleep: a deadlock, found",
	.planted	= &oracle_deadlock,
	.oracles	= litmus_oracles,
	.nr_fixed	= 2,
	.body		= lost_wakeup_body,
};
