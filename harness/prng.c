// SPDX-License-Identifier: GPL-2.0
/*
 * prng: xoroshiro128+ (Blackman and Vigna), seeded through splitmix64.
 */
#include "harness/prng.h"

static u64 splitmix(u64 *x)
{
	u64 z = (*x += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void prng_seed(struct prng *p, u64 seed, enum prng_stream stream, u64 index)
{
	u64 x = seed;

	x = splitmix(&x) ^ ((u64)stream << 56);
	x = splitmix(&x) ^ index;
	p->s[0] = splitmix(&x);
	/* splitmix64 is a bijection of a counter: two outputs are not both 0. */
	p->s[1] = splitmix(&x);
}

static inline u64 rotl(u64 x, int k)
{
	return (x << k) | (x >> (64 - k));
}

u64 prng_u64(struct prng *p)
{
	u64 s0 = p->s[0], s1 = p->s[1], sum = s0 + s1;

	s1 ^= s0;
	p->s[0] = rotl(s0, 24) ^ s1 ^ (s1 << 16);
	p->s[1] = rotl(s1, 37);
	return sum;
}
