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

/*
 * Leave the running fiber, which is @from, for @to. Returns when somebody
 * switches back to @from. The host's own stack is a fiber, too: a zeroed
 * struct that is never initialised and is first used as @from.
 */
#if defined(FIBER_UCONTEXT) || SANITIZE_ADDRESS
void fiber_switch(struct fiber *from, struct fiber *to);
#else
void fiber_jump(void **save, void *load);
static inline void fiber_switch(struct fiber *from, struct fiber *to)
{
	fiber_jump(&from->sp, to->sp);
}
#endif

/* The same, and nobody will ever switch back to @from. */
void fiber_leave(struct fiber *from, struct fiber *to)
	__attribute__((noreturn));

#endif /* HARNESS_RT_FIBER_H */
