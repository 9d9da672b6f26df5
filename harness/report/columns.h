/* SPDX-License-Identifier: GPL-2.0 */
/*
 * columns.h: the interleaving as lines, before they are laid out: lines.c
 * makes them, fit.c drops those a reader can do without, columns.c prints.
 */
#ifndef HARNESS_REPORT_COLUMNS_H
#define HARNESS_REPORT_COLUMNS_H

#include "harness/report/internal.h"

#define LINES_MAX	30	/* of columns, so that a report is one screen */
#define LINES_MADE_MAX	4096	/* before fitting: the newest are kept */

enum line_kind {
	LINE_EVENT,
	LINE_LOCK,		/* lock or unlock; lock says of what */
	LINE_FREE,		/* of an allocation */
	LINE_CALL,		/* a call begins */
	LINE_RETURN,
	LINE_FUNCTION,		/* entry of a port function */
	LINE_SWITCH,		/* "--- preempted before ... ---" */
};

struct line {
	u8 kind;
	u8 column;		/* 0, 1: the sides; 2: everybody else */
	u8 depth;
	bool marked;		/* one of the two rows that contradict */
	bool subject;		/* speaks of the subject */
	bool dropped;
	bool gap;		/* dropped to make room: shown as "..." */
	u32 step;		/* 0: none is shown */
	u64 lock;
	char text[120];
};

struct lines {
	u32 nr;
	struct line line[LINES_MADE_MAX];
};

void lines_make(const struct report *r, const struct sides *s,
		struct lines *lines);
void lines_fit(const struct report *r, const struct sides *s,
	       struct lines *lines);

#endif /* HARNESS_REPORT_COLUMNS_H */
