/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hooks.h: what the deterministic runtime tells those who watch plain accesses
 * (harness/hooks), if they are linked in: only the race preset does.
 *
 * An edge of happens-before is told where the runtime itself makes it. Those
 * of locks need no telling: a lock is a word, and the atomics on it are seen.
 */
#ifndef HARNESS_RT_HOOKS_H
#define HARNESS_RT_HOOKS_H

#include "harness/rt/rt.h"

struct rt_hooks {
	bool memory;			/* marked accesses go by way of weak.c */
	void (*reset)(void);		/* the machine is empty */
	void (*go)(void);		/* boot is over; M0 runs */
	void (*spawn)(int parent, int child);
	void (*join)(int task, int exited);
	void (*alloc)(const void *p, size_t size);
	void (*free)(const void *p, size_t size);
	void (*fence)(enum rt_fence kind);
	void (*slept)(void);	/* the running task did, and goes on */
	void (*data_race)(bool begin);
	/* Between executions. Plain accesses that are switch points, each known
	 * by the address after its call: none; one more; all that there are. */
	void (*points_clear)(void);
	void (*points_add)(const void *pc);
	void (*points_sites)(void (*visit)(const void *pc, bool write));
};

/* A weak symbol: its address is NULL where no hooks are linked. */
extern const struct rt_hooks rt_hooks __attribute__((weak));

#define RT_HOOK(call, ...) do {						\
	if (unlikely(&rt_hooks != NULL))				\
		rt_hooks.call(__VA_ARGS__);				\
} while (0)

#endif /* HARNESS_RT_HOOKS_H */
