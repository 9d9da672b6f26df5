// SPDX-License-Identifier: GPL-2.0
/*
 * fiber: the one place where a context is switched.
 *
 * Own assembly for x86-64 and aarch64, because swapcontext() makes two system
 * calls to save a signal mask that never changes here: twenty times the price.
 * A switch saves what the ABI lets a called function rely on, and no more. On
 * x86-64 the compiler does most of that (fiber.h); on aarch64 it includes the
 * low halves of v8 to v15, since a compiler may keep anything there. ucontext
 * serves every other machine, and this one with -DFIBER_UCONTEXT, so that the
 * fallback is tested.
 *
 * A new stack looks as if its fiber had called fiber_jump() from fiber_start.
 * The frame pointer is zero there: a walk along frame pointers ends, and never
 * strays into what an earlier fiber left on the same stack.
 *
 * AddressSanitizer keeps a picture of the stack it is on. It is told before
 * and after each switch; a fiber that is left for good hands in no fake stack,
 * so that ASan frees it; and a stack is unpoisoned when it is given out again,
 * since the frames of an abandoned fiber never returned.
 */
#include "harness/rt/fiber.h"

#if SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* Who switched away last: the only one who knows the host's stack is ASan. */
static struct fiber *fiber_left;

static void before_switch(struct fiber *from, struct fiber *to, bool last)
{
	fiber_left = from;
	__sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->bottom,
				       to->depth);
}

static void after_switch(struct fiber *self)
{
	const void *bottom;
	size_t depth;

	__sanitizer_finish_switch_fiber(self ? self->fake : NULL, &bottom,
					&depth);
	if (!fiber_left->stack) {
		fiber_left->bottom = bottom;
		fiber_left->depth = depth;
	}
}

static void describe(struct fiber *f)
{
	f->bottom = f->stack;
	f->depth = f->size;
	ASAN_UNPOISON_MEMORY_REGION(f->stack, f->size);
}
#else
static void before_switch(struct fiber *from, struct fiber *to, bool last) { }
static void after_switch(struct fiber *self) { }
static void describe(struct fiber *f) { }
#endif

/* The first C function on every new stack. */
void fiber_main(struct fiber *f) __attribute__((noreturn, used));
void fiber_main(struct fiber *f)
{
	after_switch(NULL);
	f->entry();
	__builtin_trap();	/* an entry does not return */
}

#ifdef FIBER_UCONTEXT

static void start(unsigned int high, unsigned int low)
{
	fiber_main((struct fiber *)(((u64)high << 32 | low)));
}

static void jump(struct fiber *from, struct fiber *to)
{
	swapcontext(&from->context, &to->context);
}

static void prepare(struct fiber *f)
{
	u64 self = (u64)(size_t)f;

	getcontext(&f->context);
	f->context.uc_stack.ss_sp = f->stack;
	f->context.uc_stack.ss_size = f->size;
	f->context.uc_link = NULL;
	makecontext(&f->context, (void (*)(void))start, 2,
		    (unsigned int)(self >> 32), (unsigned int)self);
}

#else

void fiber_start(void);

static void jump(struct fiber *from, struct fiber *to)
{
	fiber_jump(&from->sp, &to->sp);
}

#if defined(__x86_64__)

/* What fiber_jump() loads of a new fiber: where to go on, and itself. */
asm(".text\n"
    ".p2align 4\n"
    ".globl fiber_start\n"
    ".type fiber_start, @function\n"
    "fiber_start:\n"
    "	.cfi_startproc\n"
    "	.cfi_undefined rip\n"
    "	popq	%rdi\n"
    "	xorl	%ebp, %ebp\n"
    "	call	fiber_main\n"
    "	ud2\n"
    "	.cfi_endproc\n"
    ".size fiber_start, .-fiber_start\n"
    ".section .note.GNU-stack, \"\", @progbits\n"
    ".text\n");

enum { SAVED = 2, SELF = 1, RETURN = 0 };	/* words */

#elif defined(__aarch64__)

/* save in x0, load in x1; they may be one. A new fiber finds itself in x19. */
asm(".text\n"
    ".p2align 4\n"
    ".globl fiber_jump\n"
    ".type fiber_jump, %function\n"
    "fiber_jump:\n"
    "	sub	sp, sp, #160\n"
    "	stp	x19, x20, [sp, #0]\n"
    "	stp	x21, x22, [sp, #16]\n"
    "	stp	x23, x24, [sp, #32]\n"
    "	stp	x25, x26, [sp, #48]\n"
    "	stp	x27, x28, [sp, #64]\n"
    "	stp	x29, x30, [sp, #80]\n"
    "	stp	d8, d9, [sp, #96]\n"
    "	stp	d10, d11, [sp, #112]\n"
    "	stp	d12, d13, [sp, #128]\n"
    "	stp	d14, d15, [sp, #144]\n"
    "	mov	x9, sp\n"
    "	str	x9, [x0]\n"
    "	ldr	x9, [x1]\n"
    "	mov	sp, x9\n"
    "	ldp	x19, x20, [sp, #0]\n"
    "	ldp	x21, x22, [sp, #16]\n"
    "	ldp	x23, x24, [sp, #32]\n"
    "	ldp	x25, x26, [sp, #48]\n"
    "	ldp	x27, x28, [sp, #64]\n"
    "	ldp	x29, x30, [sp, #80]\n"
    "	ldp	d8, d9, [sp, #96]\n"
    "	ldp	d10, d11, [sp, #112]\n"
    "	ldp	d12, d13, [sp, #128]\n"
    "	ldp	d14, d15, [sp, #144]\n"
    "	add	sp, sp, #160\n"
    "	ret\n"
    ".size fiber_jump, .-fiber_jump\n"
    ".p2align 4\n"
    ".globl fiber_start\n"
    ".type fiber_start, %function\n"
    "fiber_start:\n"
    "	.cfi_startproc\n"
    "	.cfi_undefined x30\n"
    "	mov	x0, x19\n"
    "	bl	fiber_main\n"
    "	brk	#1\n"
    "	.cfi_endproc\n"
    ".size fiber_start, .-fiber_start\n"
    ".section .note.GNU-stack, \"\", %progbits\n"
    ".text\n");

enum { SAVED = 20, SELF = 0, RETURN = 11 };	/* words; x19, x30 */

#endif

/* Both ABIs want the stack pointer a multiple of 16 in fiber_start. */
static void prepare(struct fiber *f)
{
	size_t *top = (size_t *)(f->stack + f->size);
	size_t *sp = top - SAVED;

	for (int i = 0; i < SAVED; i++)
		sp[i] = 0;
	sp[SELF] = (size_t)f;
	sp[RETURN] = (size_t)fiber_start;
	f->sp = sp;
}

#endif /* FIBER_UCONTEXT */

void fiber_init(struct fiber *f, void *stack, size_t size,
		void (*entry)(void))
{
	f->stack = stack;
	f->size = size;
	f->entry = entry;
	describe(f);
	prepare(f);
}

#if defined(FIBER_UCONTEXT) || SANITIZE_ADDRESS
void fiber_switch(struct fiber *from, struct fiber *to)
{
	if (from == to)
		return;
	before_switch(from, to, false);
	jump(from, to);
	after_switch(from);
}
#endif

void fiber_leave(struct fiber *from, struct fiber *to)
{
	before_switch(from, to, true);
	jump(from, to);
	__builtin_trap();	/* nobody comes back */
}
