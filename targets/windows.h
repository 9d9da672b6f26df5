/* SPDX-License-Identifier: GPL-2.0 */
/*
 * windows.h: the intervals in which the spec says that a race can happen, as
 * events tell of them. The rows are in windows.def.
 */
#ifndef TARGETS_WINDOWS_H
#define TARGETS_WINDOWS_H

#include "harness/oracle/window.h"

/* What the intruder's event must have in common with the opener's. What one of
 * them does not tell is taken to match. */
enum {
	MATCH_MM	= 1 << 0,
	MATCH_PAGES	= 1 << 1,	/* the ranges overlap */
	MATCH_SPACE	= 1 << 2,
	MATCH_PFN	= 1 << 3,
	MATCH_OBJECT	= 1 << 4,	/* a notifier; else the event's a */
	/* And how it is told. */
	CLOSED_BY_ANY	= 1 << 5,	/* whose event matches; else by the opener */
	BY_ANY		= 1 << 6,	/* the opener may be the intruder */
};

/* What an event is about; UNKNOWN where it does not say. */
struct window_key {
	u64 object;
	u32 pfn;			/* 0: not said */
	u8 mm, space;
	u8 first, end;			/* program pages */
};

struct window {
	const char *name;		/* "W-A3" */
	u8 match;
	u16 open[3], close[5], by[6];	/* kinds of events; 0 ends each */
	/* Of which only those that open it, and those that enter it; NULL: all. */
	bool (*opens)(const struct event *e);
	bool (*enters)(const struct event *e, const struct window_key *opened);
	u16 confirm;		/* entered only if it closes with this; or 0 */
	const char *targets;	/* where it is, with blanks */
	const char *source;	/* where the spec tells of it */
	const char *text;
	const char *drivers;	/* what takes tasks into it, with blanks */
};

#define WINDOW(id, ...) WINDOW_##id,
enum window_id {
#include "targets/windows.def"
	WINDOW_NR
};
#undef WINDOW

extern const struct window windows[WINDOW_NR];

/* Watches; never raises. Stands after the ledger, which it asks. */
extern const struct oracle oracle_windows;

#endif /* TARGETS_WINDOWS_H */
