/* SPDX-License-Identifier: GPL-2.0 */
/*
 * points.h: names of plain accesses that are switch points (harness/hooks,
 * points.c): "FUNCTION:read" and "FUNCTION:write", with commas.
 */
#ifndef HARNESS_REPORT_POINTS_H
#define HARNESS_REPORT_POINTS_H

#include "harness/oracle/oracle.h"

#define POINTS_TEXT_MAX	512

/*
 * A ground that has sets of accesses instead of names says so by this, which is
 * weak: its address is NULL elsewhere. bad() is as points_bad(); set() takes a
 * name that is not bad, or "" for what is usual.
 */
struct points_ground {
	const char *(*bad)(const char *text);
	void (*set)(const char *text);
};
extern const struct points_ground points_ground __attribute__((weak));

/* NULL, or why @text is no such list; static. */
const char *points_bad(const char *text);
/*
 * Between executions: these and no others are points from now on; "": none.
 * 0, or -1 with a message if this program has no such access.
 */
int points_set(const char *text);
/* Add what the two sides of data race @f have done to the list @text. True if
 * one of them is new. Needs the detail execution. */
bool points_of_race(const struct failure *f, char text[POINTS_TEXT_MAX]);
/* @text without its @nr-th name into @to; false: there is none. */
bool points_without(const char *text, u32 nr, char to[POINTS_TEXT_MAX]);

#endif /* HARNESS_REPORT_POINTS_H */
