/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel.h: the life of the kernel services within one execution, for targets.
 *
 *	boot	kernel_boot(flags)	in M0, before rt_go()
 *	a task	kernel_task_begin() ... kernel_task_idle_check() after each
 *		call ... kernel_task_end()
 *	idle	kernel_quiesce()	in M0: works and callbacks are drained
 *	halt	kernel_halt()		in M0: system tasks end, memory is checked
 */
#ifndef TARGETS_KERNEL_KERNEL_H
#define TARGETS_KERNEL_KERNEL_H

#include "harness/types.h"

enum {
	KERNEL_TIMERS		= 1,	/* spawn T0: timers and delayed works */
	/* What the strategy may choose to go wrong: an allocation fails, */
	KERNEL_FAULT_ALLOC	= 2,
	KERNEL_FAULT_TRYLOCK	= 4,	/* a trylock finds its lock taken, */
	KERNEL_FAULT_WAKE	= 8,	/* schedule() returns with no reason */
	KERNEL_FAULT_TIMER	= 16,	/* of those due a later one runs first */
};

/*
 * Systematic failure: the @n-th allocation that may fail (kmalloc family and
 * pages, __GFP_NOFAIL left out) made by a task other than M0 fails, once; M0
 * boots and halts the machine, which has to work. 0: none fails and none is
 * counted; ~0u: they are only counted. Set between executions, and kept until
 * it is set again.
 */
void kernel_fail_nth(u32 n);

/* How many there were so far in the execution, or in the one that ended; the
 * failure was delivered if they are @n or more. */
u32 kernel_alloc_count(void);
bool kernel_alloc_failed(void);		/* it was delivered */

/*
 * Makes M0's task_struct and spawns W0, R0 and, with KERNEL_TIMERS, T0, in
 * that order; they park at once. Everything in <linux/...> works from here on.
 * A second call only adds what its flags ask for and the first did not.
 */
void kernel_boot(unsigned int flags);

/*
 * Wait until nothing is left to do: no work queued or running, no RCU or SRCU
 * callback pending. Timers that are armed stay so. Holds no lock.
 */
void kernel_quiesce(void);

/*
 * As kernel_quiesce(), then end the system tasks and join them; then every
 * live allocation is a leak (EV_leak), and every freed one must still be as
 * kfree() left it (EV_use_after_free if not). Nothing if halted already.
 */
void kernel_halt(void);

/*
 * The calling task becomes one of the kernel's: it has a current from here to
 * kernel_task_end(), which checks that it holds nothing. @name is static.
 */
void kernel_task_begin(const char *name);
void kernel_task_end(void);

/* A call returns to its program: a lock still held is reported (EV_lockdep
 * "held at return"), as is a task left atomic or in an RCU reader. */
void kernel_task_idle_check(void);

/*
 * Between executions, like a mutation: KERNEL_FAULT_* that the strategy may
 * choose from now on, whatever the target asks for at boot. 0: none.
 */
void kernel_faults(u32 kinds);
/* Which of them a strategy has had to choose about, in this process. */
u32 kernel_faults_offered(void);

#endif /* TARGETS_KERNEL_KERNEL_H */
