// SPDX-License-Identifier: GPL-2.0
/*
 * cells: which bytes of a word a race is about, and how long what was done to
 * them is remembered: not for the next execution. Built in the race preset alone.
 */
#include "harness/hooks/cells.h"
#include "harness/tests/cell_bodies.h"
#include "harness/tests/sim_bed.h"

bool journal_judged;

#define SCHEDULES 100

static u32 seen[EV_NR];		/* in how many schedules */

static u32 races(void (*a)(void), void (*b)(void))
{
	struct bed two = { .boot = cells_boot, .nr = 2, .body = { a, b } };

	memset(seen, 0, sizeof(seen));
	bed_setup(&strategy_random, NULL);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&two, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		for (u32 kind = 0; kind < EV_NR; kind++)
			seen[kind] += events[kind] > 0;
	}
	return seen[EV_data_race];
}

static void (*const writes[])(void) = {
	write_1_at_0, write_1_at_3, write_2_at_2, write_4_at_0, write_4_at_4,
	write_8_at_0, write_8_at_4, write_8_at_8, write_16_at_0,
	write_3_bytes_at_3,
};

/* The bytes of each, a bit for each byte. */
static const u32 bytes[] = {
	0x0001, 0x0008, 0x000c, 0x000f, 0x00f0,
	0x00ff, 0x0ff0, 0xff00, 0xffff,
	0x000e,
};

/* Whatever their width, and whichever comes first. */
static void writes_race_where_they_overlap(void)
{
	for (u32 a = 0; a < ARRAY_SIZE(writes); a++)
		for (u32 b = 0; b < ARRAY_SIZE(writes); b++)
			CHECK_EQ(races(writes[a], writes[b]),
				 bytes[a] & bytes[b] ? SCHEDULES : 0);
}

static void reads_race_where_they_overlap(void)
{
	static void (*const reads[])(void) = {
		read_1_at_1, read_4_at_0, read_8_at_0, read_16_at_0,
	};
	static const u32 read_bytes[] = { 0x0002, 0x000f, 0x00ff, 0xffff };

	for (u32 a = 0; a < ARRAY_SIZE(reads); a++) {
		for (u32 b = 0; b < ARRAY_SIZE(writes); b++)
			CHECK_EQ(races(reads[a], writes[b]),
				 read_bytes[a] & bytes[b] ? SCHEDULES : 0);
		for (u32 b = 0; b < ARRAY_SIZE(reads); b++)
			CHECK_EQ(races(reads[a], reads[b]), 0);
	}
}

static void statics_are_apart(void)
{
	CHECK_EQ(races(write_first_static, write_second_static), 0);
	CHECK_EQ(races(write_first_static, write_first_static), SCHEDULES);
	CHECK_EQ(races(write_second_static, write_second_static), SCHEDULES);
}

/* What is given away at a lock is not taken at its neighbour. */
static void locks_are_apart(void)
{
	CHECK_EQ(races(count_by_first_lock, count_by_first_lock), 0);
	CHECK_EQ(races(count_by_second_lock, count_by_second_lock), 0);
	CHECK_EQ(races(count_by_first_lock, count_by_second_lock), SCHEDULES);
}

static void stacks_are_watched(void)
{
	CHECK(races(lend_stack, use_lent_stack) > 0);
	CHECK(seen[EV_data_race] < SCHEDULES);
	CHECK_EQ(races(lend_stack, write_1_at_0), 0);
}

/* A write after several reads races with each of them that it does not follow. */
static void all_readers_are_remembered(void)
{
	static const struct bed b = { .boot = cells_boot, .nr = 4,
		.body = { read_8_at_0, read_8_at_0, read_4_at_0, write_8_at_0 } };
	u32 most = 0;

	bed_setup(&strategy_random, NULL);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&b, &strategy_random, i);
		CHECK(events[EV_data_race] >= 3);
		if (events[EV_data_race] > most)
			most = events[EV_data_race];
	}
	/* Of the last case of all, both halves are told of. */
	CHECK_EQ(most, 5);
}

/* That others read the neighbour does not hide what one task alone reads. */
static void a_neighbours_readers_hide_nothing(void)
{
	CHECK(races(write_half_then_read, write_half) > 0);
	CHECK_EQ(races(write_half, write_half), 0);
}

/* An execution knows nothing of what another did in the same place. */
static void memory_is_new(void)
{
	for (u32 i = 0; i < 3; i++) {
		CHECK_EQ(races(make_use_free, make_use_free), 0);
		CHECK_EQ(seen[EV_use_after_free], 0);
		CHECK_EQ(races(make_use, make_use), 0);
		CHECK_EQ(seen[EV_use_after_free], 0);
		CHECK_EQ(seen[EV_out_of_bounds], 0);
	}
}

/* Stamps come to their end after some four million; then all begins again. */
static void time_may_end(void)
{
	static const struct bed long_ones = { .boot = cells_boot, .nr = 2,
		.body = { give_often, write_8_at_0 } };

	for (u32 i = 0; i < 12; i++) {
		bed_run(&long_ones, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(events[EV_data_race], 0);
		CHECK_EQ(races(write_8_at_0, write_4_at_4), SCHEDULES);
		CHECK_EQ(races(read_8_at_0, read_16_at_0), 0);
		CHECK_EQ(races(count_by_first_lock, count_by_first_lock), 0);
		CHECK_EQ(races(write_4_at_0, write_4_at_4), 0);
	}
}

/* What was of the first execution of one time is not of that of another. */
static void times_are_apart(void)
{
	static const struct bed b = { .boot = cells_boot, .nr = 2,
		.body = { write_in_even_times, write_in_odd_times } };

	cells_times = 0;
	for (u32 i = 0; cells_times < 4; i++) {
		CHECK(i < 40);
		bed_run(&b, &strategy_random, i);
		CHECK_EQ(events[EV_data_race], 0);
		cells_times += hooks_generation == 1;
	}
}

static const struct test tests[] = {
	TEST(writes_race_where_they_overlap),
	TEST(reads_race_where_they_overlap),
	TEST(statics_are_apart),
	TEST(locks_are_apart),
	TEST(stacks_are_watched),
	TEST(all_readers_are_remembered),
	TEST(a_neighbours_readers_hide_nothing),
	TEST(memory_is_new),
	TEST(time_may_end),
	TEST(times_are_apart),
	{ NULL, NULL },
};
TEST_MAIN("cells", tests)
