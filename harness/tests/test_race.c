// SPDX-License-Identifier: GPL-2.0
/*
 * race: what is a data race and what is not, over many schedules of each pair
 * of tasks; and memory that is not there. Built in the race preset alone.
 */
#include "harness/tests/race_bodies.h"
#include "harness/tests/sim_bed.h"

bool journal_judged;

#define SCHEDULES 200

/* In how many schedules an event of @kind came. */
static u32 in_schedules(void (*a)(void), void (*b)(void), u16 kind)
{
	struct bed b2 = { .boot = race_boot, .nr = 2, .body = { a, b } };
	u32 n = 0;

	bed_setup(&strategy_random, NULL);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&b2, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		n += events[kind] > 0;
	}
	return n;
}

static u32 races(void (*a)(void), void (*b)(void))
{
	return in_schedules(a, b, EV_data_race);
}

/* An order nothing enforces is missing whichever way it went. */
static void plain_accesses_race_always(void)
{
	CHECK_EQ(races(plain_increment, plain_increment), SCHEDULES);
	CHECK_EQ(races(plain_increment, plain_read), SCHEDULES);
	CHECK_EQ(races(plain_increment, locked_increment), SCHEDULES);
}

static void reads_do_not_race(void)
{
	CHECK_EQ(races(plain_read, plain_read), 0);
}

static void locks_order(void)
{
	CHECK_EQ(races(locked_increment, locked_increment), 0);
}

static void marked_races_with_plain_alone(void)
{
	CHECK_EQ(races(marked_read, marked_write), 0);
	CHECK_EQ(races(marked_write, atomic_increment), 0);
	CHECK_EQ(races(marked_write, plain_read), SCHEDULES);
	CHECK_EQ(races(marked_read, plain_increment), SCHEDULES);
	CHECK_EQ(races(atomic_increment, plain_increment), SCHEDULES);
	CHECK_EQ(races(marked_read, plain_read), 0);
}

static void bytes_are_apart(void)
{
	CHECK_EQ(races(first_byte, second_byte), 0);
	CHECK_EQ(races(first_byte, first_byte), SCHEDULES);
}

static void release_and_acquire_order(void)
{
	CHECK_EQ(races(send_release, receive_acquire), 0);
	CHECK_EQ(races(send_release, receive_plain), SCHEDULES);
	CHECK(races(send_release, receive_once) > 0);
	CHECK(races(send_plain, receive_acquire) > 0);
}

static void barriers_order_in_pairs(void)
{
	CHECK_EQ(races(send_wmb, receive_rmb), 0);
	CHECK_EQ(races(send_wmb, receive_acquire), 0);
	CHECK_EQ(races(send_release, receive_rmb), 0);
	CHECK(races(send_plain, receive_rmb) > 0);
	CHECK(races(send_wmb, receive_once) > 0);
}

static void nothing_ends(void) { }

/* What M0 does after it has joined the others, and before it lets them go. */
static void joined_is_ordered(void)
{
	static const struct bed b = { .boot = race_boot, .nr = 2,
		.body = { locked_increment, locked_increment },
		.halt = plain_increment };
	static const struct bed one = { .boot = race_boot, .nr = 2,
		.body = { plain_increment, nothing_ends },
		.halt = plain_increment };

	bed_setup(&strategy_random, NULL);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&b, &strategy_random, i);
		CHECK_EQ(events[EV_data_race], 0);
		bed_run(&one, &strategy_random, i);
		CHECK_EQ(events[EV_data_race], 0);
	}
}

static void freed_memory_is_seen(void)
{
	CHECK(in_schedules(make_and_free, read_made, EV_use_after_free) > 0);
	CHECK_EQ(in_schedules(make_and_free, nothing_ends, EV_use_after_free),
		 0);
}

static void the_end_is_seen(void)
{
	CHECK_EQ(in_schedules(past_the_end, nothing_ends, EV_out_of_bounds),
		 SCHEDULES);
	CHECK_EQ(in_schedules(copy_struct, nothing_ends, EV_out_of_bounds), 0);
}

static void dead_stacks_are_seen(void)
{
	CHECK(in_schedules(show_stack, touch_stack, EV_use_after_return) > 0);
	CHECK_EQ(in_schedules(show_stack, nothing_ends, EV_use_after_return),
		 0);
}

static void copies_are_accesses(void)
{
	CHECK_EQ(races(copy_struct, plain_increment), SCHEDULES);
	CHECK_EQ(races(copy_struct, plain_read), 0);
}

static void a_mark_hides_nothing(void)
{
	CHECK_EQ(races(plain_then_marked, marked_read), SCHEDULES);
	CHECK_EQ(races(plain_then_marked, plain_then_marked), SCHEDULES);
}

static void widths_may_differ(void)
{
	CHECK_EQ(races(wide_write, wide_write), SCHEDULES);
	CHECK_EQ(races(wide_write, half_write), SCHEDULES);
	CHECK_EQ(races(half_write, half_write), SCHEDULES);
}

/*
 * What was once wrong or is easily left out in the code under test, in small:
 * a lock, a mark, an order, a section, a data_race().
 */
static void planted_bugs_are_seen(void)
{
	CHECK_EQ(races(link_locked, copy_links_allowed), 0);
	CHECK_EQ(races(link_locked, copy_links), SCHEDULES);
	CHECK_EQ(races(isolate, isolate), 0);
	CHECK(races(isolate, isolate_relaxed) > 0);
	CHECK_EQ(races(leave_readers, wait_readers), 0);
	CHECK(races(leave_readers_early, wait_readers) > 0);
	CHECK_EQ(races(count_locked, count_locked), 0);
	CHECK_EQ(races(count_locked, count_unlocked), SCHEDULES);
	CHECK_EQ(races(change_once, look_once), 0);
	CHECK_EQ(races(change_once, look_plainly), SCHEDULES);
}

/* An execution knows nothing of the one before. */
static void worlds_are_apart(void)
{
	static const struct bed alone = { .boot = race_boot, .nr = 1,
		.body = { plain_increment } };

	CHECK_EQ(races(plain_increment, plain_increment), SCHEDULES);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&alone, &strategy_random, i);
		CHECK_EQ(events[EV_data_race], 0);
	}
}

static const struct test tests[] = {
	TEST(plain_accesses_race_always),
	TEST(reads_do_not_race),
	TEST(locks_order),
	TEST(marked_races_with_plain_alone),
	TEST(bytes_are_apart),
	TEST(release_and_acquire_order),
	TEST(barriers_order_in_pairs),
	TEST(joined_is_ordered),
	TEST(freed_memory_is_seen),
	TEST(the_end_is_seen),
	TEST(dead_stacks_are_seen),
	TEST(copies_are_accesses),
	TEST(a_mark_hides_nothing),
	TEST(widths_may_differ),
	TEST(planted_bugs_are_seen),
	TEST(worlds_are_apart),
	{ NULL, NULL },
};
TEST_MAIN("race", tests)
