/* SPDX-License-Identifier: GPL-2.0 */
/*
 * points.h: plain accesses that are switch points: see points.c.
 */
#ifndef HARNESS_HOOKS_POINTS_H
#define HARNESS_HOOKS_POINTS_H

#include "harness/types.h"

/* Any at all: else an access goes its usual way. */
extern bool hooks_points;

/* The access whose call returns to @pc: a point first, if it shall be one. */
void points_access(const void *p, u32 size, u32 flags, const void *pc);

/* Between executions; see struct rt_hooks. */
void points_clear(void);
void points_add(const void *pc);
void points_sites(void (*visit)(const void *pc, bool write));

/* access.c. What the compiler calls before a plain access. */
struct access_hook {
	void (*hook)(void *p);
	bool write;
};
extern const struct access_hook access_hooks[];
extern const u32 nr_access_hooks;

#endif /* HARNESS_HOOKS_POINTS_H */
