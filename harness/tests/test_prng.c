// SPDX-License-Identifier: GPL-2.0
/*
 * prng: streams are functions of their seed and do not follow one another.
 */
#include "harness/prng.h"
#include "harness/tests/test.h"

static void same_seed_is_same_stream(void)
{
	struct prng a, b;

	prng_seed(&a, 42, PRNG_SCHEDULE, 7);
	prng_seed(&b, 42, PRNG_SCHEDULE, 7);
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(prng_u64(&a), prng_u64(&b));
}

static void streams_and_indices_differ(void)
{
	struct prng a, b, c, d;

	prng_seed(&a, 42, PRNG_PROGRAM, 0);
	prng_seed(&b, 42, PRNG_SCHEDULE, 0);
	prng_seed(&c, 42, PRNG_PROGRAM, 1);
	prng_seed(&d, 43, PRNG_PROGRAM, 0);
	u64 x = prng_u64(&a);
	CHECK(x != prng_u64(&b));
	CHECK(x != prng_u64(&c));
	CHECK(x != prng_u64(&d));
}

static void below_is_in_range_and_reaches_all(void)
{
	struct prng p;
	unsigned int seen = 0;

	prng_seed(&p, 1, PRNG_FAULTS, 0);
	for (int i = 0; i < 1000; i++) {
		u32 v = prng_below(&p, 5);

		CHECK(v < 5);
		seen |= 1u << v;
	}
	CHECK_EQ(seen, 31);
	CHECK_EQ(prng_below(&p, 1), 0);
}

static void chance_is_about_right(void)
{
	struct prng p;
	int hits = 0;

	prng_seed(&p, 9, PRNG_FAULTS, 3);
	for (int i = 0; i < 10000; i++)
		hits += prng_chance(&p, 1, 4);
	CHECK(hits > 2200 && hits < 2800);
	CHECK(!prng_chance(&p, 0, 4));
	CHECK(prng_chance(&p, 4, 4));
}

static const struct test tests[] = {
	TEST(same_seed_is_same_stream),
	TEST(streams_and_indices_differ),
	TEST(below_is_in_range_and_reaches_all),
	TEST(chance_is_about_right),
	{ NULL, NULL },
};
TEST_MAIN("prng", tests)
