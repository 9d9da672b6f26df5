/* SPDX-License-Identifier: GPL-2.0 */
/*
 * native_delay.h: the plan of delays that widens windows on real threads.
 *
 * Free-running threads keep pace with each other and meet in the same places
 * again and again. At each point a task therefore mostly does nothing,
 * sometimes spins for 2^k turns, and seldom gives its CPU away. How often and
 * how long is drawn per execution, from never to nearly always, because what
 * widens one window closes another.
 *
 * The plan is a function of (seed, execution, task). The order that comes of
 * it is the machine's.
 */
#ifndef HARNESS_RT_NATIVE_DELAY_H
#define HARNESS_RT_NATIVE_DELAY_H

#include "harness/prng.h"
#include "harness/rt/rt.h"

#define DELAY_YIELD	(~0u)
#define DELAY_SHIFT_MAX	12		/* 4096 turns, a microsecond or two */

struct delay {
	struct prng prng;
	u32 mask;		/* a point delays if these bits are all 0 */
	u32 shifts;		/* spins are of 2^0 to 2^(shifts - 1) turns */
};

static inline void delay_begin(struct delay *d, u64 seed, u64 execution,
			       int task)
{
	/* Index 0 of an execution's block belongs to M0, which never delays. */
	u64 block = execution * RT_TASKS_MAX;
	static const u32 masks[] = { ~0u, 255, 63, 31, 15, 7, 3, 1 };
	struct prng shared;

	prng_seed(&shared, seed, PRNG_SCHEDULE, block);
	d->mask = masks[prng_below(&shared, ARRAY_SIZE(masks))];
	d->shifts = 1 + prng_below(&shared, DELAY_SHIFT_MAX + 1);
	prng_seed(&d->prng, seed, PRNG_SCHEDULE, block + (u32)task);
}

/* At a point: 0, a number of turns to spin, or DELAY_YIELD. */
static inline u32 delay_next(struct delay *d)
{
	u64 r = prng_u64(&d->prng) >> 8;

	if (likely(r & d->mask))
		return 0;
	r >>= 32;
	if ((r & 31) == 0)
		return DELAY_YIELD;
	return 1u << ((r >> 5) % d->shifts);
}

/* Once past the start gate: tasks set off apart, by up to a full window. */
static inline u32 delay_start(struct delay *d)
{
	return prng_below(&d->prng, 1u << (d->shifts - 1));
}

#endif /* HARNESS_RT_NATIVE_DELAY_H */
