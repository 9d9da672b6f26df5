/* SPDX-License-Identifier: GPL-2.0 */
/*
 * windows_watch.h: between windows.c and windows_about.c: what is known of the
 * windows in this execution.
 */
#ifndef TARGETS_ORACLE_WINDOWS_WATCH_H
#define TARGETS_ORACLE_WINDOWS_WATCH_H

#include "targets/oracle/ledger.h"
#include "targets/windows.h"

#define INSTANCES	4	/* of a window, open at a time; else the oldest goes */
#define WORDS		((WINDOW_NR + 63) / 64)

struct instance {
	struct window_key key;
	bool open, entered;
	u8 task;
};

struct windows_watch {
	/* Which rows a kind opens, closes or enters: bit by row. */
	u64 interest[EV_NR][WORDS];
	struct instance instance[WINDOW_NR][INSTANCES];
	u8 next[WINDOW_NR];
	struct window_key moving[RT_TASKS_MAX];	/* of migrate_setup */
	u64 bind_end[RT_TASKS_MAX];	/* of SVM_BIND */
	u8 moved_by[VIEW_PFNS];		/* space + 1 whose SVM_BIND brought it */
};
/* NULL until the first event. */
extern struct windows_watch *windows_watch;

static inline const struct ledger_bracket *windows_bracket(void)
{
	return ledger.bracket == LEDGER_UNKNOWN ? NULL :
	       &ledger.brackets[ledger.bracket];
}

/* The interval notifier at @object, or NULL. */
const struct ledger_sub *windows_interval(u64 object);
/* What @e is about. */
struct window_key windows_about(const struct event *e);

#endif /* TARGETS_ORACLE_WINDOWS_WATCH_H */
