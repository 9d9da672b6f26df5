/* SPDX-License-Identifier: GPL-2.0 */
/*
 * weak_bodies.h: litmus tests as tables. A task is a list of instructions; the
 * code that runs them is compiled like code under test.
 */
#ifndef HARNESS_TESTS_WEAK_BODIES_H
#define HARNESS_TESTS_WEAK_BODIES_H

#include "harness/types.h"

#define LITMUS_TASKS	4
#define LITMUS_LENGTH	5

enum litmus_op {
	OP_END,
	OP_STORE,		/* WRITE_ONCE(w[var], value) */
	OP_RELEASE,		/* smp_store_release() */
	OP_LOAD,		/* r[value] = READ_ONCE(w[var]) */
	OP_ACQUIRE,		/* smp_load_acquire() */
	OP_XCHG,		/* xchg(&w[var], value) */
	OP_INC,			/* atomic_inc(), which is relaxed */
	OP_MB, OP_RMB, OP_WMB,
	OP_LOCK, OP_UNLOCK,	/* of the word behind the variables */
	OP_FENCE,		/* __atomic_thread_fence(), of all orders */
	OP_FENCE_BOTH,		/* of acquire and release */
	OP_SYNC,		/* __sync_synchronize() */
};

struct litmus_step {
	u8 op, var, value;
};

/* Variables are 0 before; registers are of all tasks together. */
struct litmus_world {
	u32 w[4];
	u32 lock;
	u32 r[4];
};
extern struct litmus_world *litmus_world;

void litmus_run(const struct litmus_step *s);

#endif /* HARNESS_TESTS_WEAK_BODIES_H */
