/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fiber.h: stacks and the switch between them; what sim's tasks stand on.
 *
 * The caller owns the memory of a stack. Nothing is freed and nothing needs to
 * be finished: a fiber that is not wanted any more is simply never switched to
 * again, and its stack may be given to the next fiber_init().
 */
#ifndef HARNESS_RT_FIBER_H
#define HARNESS_RT_FIBER_H

#include "harness/sanitize.h"
#include "harness/types.h"

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(FIBER_UCONTEXT)
#define FIBER_UCONTEXT
#endif

#ifdef FIBER_UCONTEXT
#include <ucontext.h>
#endif

struct fiber {
	void *sp;		/* while it does not run */
	u8 *stack;		/* lowest byte; NULL: the host's stack */
	size_t size;
	void (*entry)(void);
#if SANITIZE_ADDRESS
	const void *bottom;	/* what ASan is told of the stack */
	size_t depth;
	void *fake;
#endif
#ifdef FIBER_UCONTEXT
	ucontext_t context;
#endif
};

/*
 * Make @f ready to run @entry from the top of @stack at its first switch.
 * @entry must not return. @size is a multiple of 16, @stack aligned alike.
 */
void fiber_init(struct fiber *f, void *stack, size_t size,
		void (*entry)(void));

#if !defined(FIBER_UCONTEXT) && defined(__x86_64__)
/*
 * The switch itself, in line: the function around it has to save what it was
 * called with, whether it switches or not, and need not do so twice. The jump
 * is to label 1 of another of these, nearly always the same one, and so well
 * predicted. First it goes below the 128 bytes that a function may use without
 * moving the stack pointer.
 *
 * The control words of the floating point units are left alone: nobody changes
 * them.
 */
static inline __attribute__((always_inline))
void fiber_jump(void **save, void **load)
{
	__asm__ __volatile__(
		"leaq	-128(%%rsp), %%rsp\n"
		"	pushq	%%rbp\n"
		"	leaq	1f(%%rip), %%rax\n"
		"	pushq	%%rax\n"
		"	movq	%%rsp, (%0)\n"
		"	movq	(%1), %%rsp\n"
		"	popq	%%rax\n"
		"	jmpq	*%%rax\n"
		"1:	popq	%%rbp\n"
		"	leaq	128(%%rsp), %%rsp\n"
		: "+D"(save), "+S"(load) :
		: "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
		  "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
		  "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
		  "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
}
#elif !defined(FIBER_UCONTEXT)
void fiber_jump(void **save, void **load);
#endif

/*
 * Leave the running fiber, which is @from, for @to. Returns when somebody
 * switches back to @from, at once if that is @to. The host's own stack is a
 * fiber, too: a zeroed struct that is never initialised and is first used as
 * @from.
 */
#if defined(FIBER_UCONTEXT) || SANITIZE_ADDRESS
void fiber_switch(struct fiber *from, struct fiber *to);
#else
static inline void fiber_switch(struct fiber *from, struct fiber *to)
{
	fiber_jump(&from->sp, &to->sp);
}
#endif

/* The same, and nobody will ever switch back to @from. */
void fiber_leave(struct fiber *from, struct fiber *to)
	__attribute__((noreturn));

#endif /* HARNESS_RT_FIBER_H */
