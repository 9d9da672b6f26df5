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

#ifndef FIBER_UCONTEXT
/*
 * The same, register by register: fill all that a called function must keep
 * from v[], call fn, write them back.
 */
void probe(u64 *v, void (*fn)(void));

#if defined(__x86_64__)
#define KEPT 6
asm(".text\n"
    ".globl probe\n"
    ".type probe, @function\n"
    "probe:\n"
    "	pushq	%rbp\n"
    "	pushq	%rbx\n"
    "	pushq	%r12\n"
    "	pushq	%r13\n"
    "	pushq	%r14\n"
    "	pushq	%r15\n"
    "	pushq	%rdi\n"
    "	movq	0(%rdi), %rbx\n"
    "	movq	8(%rdi), %rbp\n"
    "	movq	16(%rdi), %r12\n"
    "	movq	24(%rdi), %r13\n"
    "	movq	32(%rdi), %r14\n"
    "	movq	40(%rdi), %r15\n"
    "	call	*%rsi\n"
    "	popq	%rdi\n"
    "	movq	%rbx, 0(%rdi)\n"
    "	movq	%rbp, 8(%rdi)\n"
    "	movq	%r12, 16(%rdi)\n"
    "	movq	%r13, 24(%rdi)\n"
    "	movq	%r14, 32(%rdi)\n"
    "	movq	%r15, 40(%rdi)\n"
    "	popq	%r15\n"
    "	popq	%r14\n"
    "	popq	%r13\n"
    "	popq	%r12\n"
    "	popq	%rbx\n"
    "	popq	%rbp\n"
    "	ret\n"
    ".size probe, .-probe\n");
#else
#define KEPT 18
#define KEEP(op, at)							\
	"	" op "	x19, x20, [" at ", #0]\n"			\
	"	" op "	x21, x22, [" at ", #16]\n"			\
	"	" op "	x23, x24, [" at ", #32]\n"			\
	"	" op "	x25, x26, [" at ", #48]\n"			\
	"	" op "	x27, x28, [" at ", #64]\n"			\
	"	" op "	d8, d9, [" at ", #80]\n"			\
	"	" op "	d10, d11, [" at ", #96]\n"			\
	"	" op "	d12, d13, [" at ", #112]\n"			\
	"	" op "	d14, d15, [" at ", #128]\n"
asm(".text\n"
    ".globl probe\n"
    ".type probe, %function\n"
    "probe:\n"
    "	sub	sp, sp, #176\n"
    KEEP("stp", "sp")
    "	stp	x30, x0, [sp, #144]\n"
    "	str	x29, [sp, #160]\n"
    KEEP("ldp", "x0")
    "	blr	x1\n"
    "	ldp	x30, x0, [sp, #144]\n"
    "	ldr	x29, [sp, #160]\n"
    KEEP("stp", "x0")
    KEEP("ldp", "sp")
    "	add	sp, sp, #176\n"
    "	ret\n"
    ".size probe, .-probe\n");
#endif

static u64 kept[NR][KEPT];

static void keep(void)
{
	int self = running;

	for (int i = 0; i < KEPT; i++)
		kept[self][i] = (u64)self * 1000 + (u64)i;
	probe(kept[self], pause_here);
	fiber_leave(&fiber[self], &host);
}

static void every_kept_register_is_kept(void)
{
	for (int i = 0; i < NR; i++) {
		start(i, keep);
		resume(i);
	}
	for (int i = 0; i < NR; i++) {
		resume(i);
		for (int j = 0; j < KEPT; j++)
			CHECK_EQ(kept[i][j], i * 1000 + j);
	}
}
#endif

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
#ifndef FIBER_UCONTEXT
	TEST(every_kept_register_is_kept),
#endif
	TEST(the_first_frame_is_aligned),
#ifndef FIBER_UCONTEXT
	TEST(frame_pointers_end_at_the_entry),
#endif
	TEST(stacks_are_used_again),
	TEST(fibers_switch_to_each_other),
	{ NULL, NULL },
};
TEST_MAIN("fiber", tests)
