// SPDX-License-Identifier: GPL-2.0
/*
 * fiber: a switch keeps what the ABI promises, and stacks begin and end well.
 *
 * Compiled three times: as it is, with -DFIBER_UCONTEXT, and for aarch64 (see
 * fiber.cmake).
 */
#include "harness/rt/fiber.h"
#include "harness/tests/test.h"

#define STACK (64 * 1024)
#define NR 8

static struct fiber host, fiber[NR];
static u8 stacks[NR][STACK] __attribute__((aligned(64)));
static int running;
static u32 result;

static void start(int i, void (*entry)(void))
{
	fiber_init(&fiber[i], stacks[i], STACK, entry);
}

static void resume(int i)
{
	running = i;
	fiber_switch(&host, &fiber[i]);
}

static void pause_here(void)
{
	fiber_switch(&fiber[running], &host);
}

/* More live values than there are callee-saved registers. */
static void churn(void)
{
	u64 a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
	u64 salt = (u64)running;
	double x = 0.5 + running;

	for (;;) {
		a += b ^ salt;
		b += c * 3;
		c ^= d + a;
		d += e;
		e = e * 5 + f;
		f ^= g;
		g += h;
		h += a;
		x *= 1.0000001;
		pause_here();
		result = (u32)(a ^ b ^ c ^ d ^ e ^ f ^ g ^ h) + (u32)(x * 1e6);
	}
}

static void registers_survive_a_switch(void)
{
	u32 alone[NR];

	for (int i = 0; i < NR; i++) {
		start(i, churn);
		for (int round = 0; round < 100; round++)
			resume(i);
		alone[i] = result;
	}
	for (int i = 0; i < NR; i++)
		start(i, churn);
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < NR; i++) {
			resume(i);
			if (round == 99)
				CHECK_EQ(result, alone[i]);
		}
	}
	CHECK(alone[0] != alone[1]);
}

static size_t frame;

static void look(void)
{
	frame = (size_t)__builtin_frame_address(0);
	pause_here();
	fiber_leave(&fiber[running], &host);
}

/* Both ABIs: the frame record lies on a multiple of 16. */
static void the_first_frame_is_aligned(void)
{
	for (int i = 0; i < NR; i++) {
		start(i, look);
		resume(i);
		CHECK_EQ(frame % 16, 0);
		CHECK(frame > (size_t)stacks[i]);
		CHECK(frame < (size_t)stacks[i] + STACK);
		resume(i);
	}
}

#ifndef FIBER_UCONTEXT
static int depth;

__attribute__((noinline)) static void nest(int n)
{
	if (n) {
		nest(n - 1);
		__asm__ __volatile__("");	/* not a tail call */
		return;
	}
	depth = 0;
	for (const size_t *fp = __builtin_frame_address(0); fp[0];
	     fp = (const size_t *)fp[0])
		if (++depth == 1000)
			return;
}

static void walk(void)
{
	nest(5);
	fiber_leave(&fiber[0], &host);
}

/* nest x 6, walk and fiber_main, whose caller's frame is the end. */
static void frame_pointers_end_at_the_entry(void)
{
	memset(stacks[0], 0x5a, STACK);
	start(0, walk);
	resume(0);
	CHECK_EQ(depth, 7);
}
#endif

static u32 sum(u32 n)
{
	volatile u8 room[256];

	room[0] = (u8)n;
	return n ? room[0] + sum(n - 1) : 0;
}

static void deep(void)
{
	pause_here();
	result = sum(50);
	fiber_leave(&fiber[running], &host);
}

static void stacks_are_used_again(void)
{
	for (int round = 0; round < 1000; round++) {
		result = 0;
		start(0, deep);		/* abandoned, half way down */
		resume(0);
		start(0, deep);
		resume(0);
		resume(0);
		CHECK_EQ(result, 1275);
	}
}

static void hand_on(void)
{
	int self = running;

	result = result * 10 + (u32)self;
	if (self == NR - 1)
		fiber_leave(&fiber[self], &host);
	running = self + 1;
	fiber_switch(&fiber[self], &fiber[self + 1]);
	__builtin_trap();
}

static void fibers_switch_to_each_other(void)
{
	result = 0;
	for (int i = 0; i < NR; i++)
		start(i, hand_on);
	resume(0);
	CHECK_EQ(result, 1234567);
}

static const struct test tests[] = {
	TEST(registers_survive_a_switch),
	TEST(the_first_frame_is_aligned),
#ifndef FIBER_UCONTEXT
	TEST(frame_pointers_end_at_the_entry),
#endif
	TEST(stacks_are_used_again),
	TEST(fibers_switch_to_each_other),
	{ NULL, NULL },
};
TEST_MAIN("fiber", tests)
