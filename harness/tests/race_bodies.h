/* SPDX-License-Identifier: GPL-2.0 */
/*
 * race_bodies.h: code under test of test_race.c, in a file of its own because
 * it is compiled as such: every access watched.
 */
#ifndef HARNESS_TESTS_RACE_BODIES_H
#define HARNESS_TESTS_RACE_BODIES_H

#include "harness/rt/rt.h"

/* In the arena, made in boot. */
struct race_world {
	u32 lock;
	u32 value, other;
	u32 flag;
	u8 byte[8];
	u32 *made;
	u32 *of_stack;
	u32 *freed;
	u64 wide;
	u32 taken;		/* a flag that is a lock, as PG_lru */
};
extern struct race_world *world;

void race_boot(void);
void plain_increment(void);
void locked_increment(void);
void plain_read(void);
void marked_read(void);
void marked_write(void);
void atomic_increment(void);
void first_byte(void);
void second_byte(void);

/* Message passing: value, then flag. */
void send_plain(void);
void send_release(void);
void send_wmb(void);
void receive_plain(void);
void receive_acquire(void);
void receive_rmb(void);
void receive_once(void);

void make_and_free(void);
void read_made(void);
void past_the_end(void);
void show_stack(void);
void touch_stack(void);
void copy_struct(void);

void plain_then_marked(void);
void wide_write(void);
void half_write(void);

/* Bugs of the code under test in small, each beside what is right. */
void link_locked(void);		/* a list of others' goes through the object */
void copy_links(void);
void copy_links_allowed(void);
void isolate(void);		/* by a flag */
void isolate_relaxed(void);
void leave_readers(void);	/* a count of readers, as RCU's */
void leave_readers_early(void);
void wait_readers(void);
void count_locked(void);
void count_unlocked(void);
void change_once(void);
void look_once(void);
void look_plainly(void);

#endif /* HARNESS_TESTS_RACE_BODIES_H */
