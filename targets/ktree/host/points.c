// SPDX-License-Identifier: GPL-2.0
/*
 * points: which accesses of the tree's code are switch points.
 *
 * The port's plain accesses are chosen by name, few at a time. Here there are
 * too many to name, and a set of them is chosen for a whole campaign:
 *
 *	locks	none, the locks' own are all there is
 *	marked	READ_ONCE(), WRITE_ONCE() and atomics (the default)
 *	all	plain accesses as well
 *
 * It is a reproducer's "points:" as the names are, so that what was found with
 * one is replayed with it.
 */
#include "targets/ktree/host/host_private.h"

#include <string.h>

#include "harness/report/points.h"

enum access_points access_points = POINTS_MARKED;

static const char *const names[] = {
	[POINTS_LOCKS] = "locks", [POINTS_MARKED] = "marked",
	[POINTS_ALL] = "all",
};

static const char *bad(const char *text)
{
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i]))
			return NULL;
	return "expected locks, marked or all";
}

static void set(const char *text)
{
	access_points = POINTS_MARKED;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i]))
			access_points = (enum access_points)i;
}

const struct points_ground points_ground = { .bad = bad, .set = set };
