/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prng: the only randomness there is.
 *
 * One generator type, integers only, and one stream per purpose, so that a
 * shrinker that removes a call does not shift the schedule. A stream is a
 * function of (seed, stream, index): executions of a campaign are independent
 * of each other and of the order they are made in.
 */
#ifndef HARNESS_PRNG_H
#define HARNESS_PRNG_H

#include "harness/types.h"

enum prng_stream {
	PRNG_PROGRAM,
	PRNG_SCHEDULE,
	PRNG_FAULTS,
};

struct prng {
	u64 s[2];
};

/* Never fails; any seed, any index. */
void prng_seed(struct prng *p, u64 seed, enum prng_stream stream, u64 index);
u64 prng_u64(struct prng *p);

/* Uniform in [0, n); n > 0. */
static inline u32 prng_below(struct prng *p, u32 n)
{
	return (u32)(((prng_u64(p) >> 32) * n) >> 32);
}

/* True num times in den. */
static inline bool prng_chance(struct prng *p, u32 num, u32 den)
{
	return prng_below(p, den) < num;
}

#endif /* HARNESS_PRNG_H */
