/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle.h: a property, and how its violation is raised.
 *
 * One oracle, one file, one property. An oracle reads: it never locks, blocks,
 * is a switch point, or writes anything but its own __machine statics. It
 * sees events as they happen (sim), the quiescent points and the end (both
 * runtimes), and raises at most one failure an execution: the first wins and
 * the execution stops there.
 *
 * Free of libc, since oracles of targets/ are built without it.
 */
#ifndef HARNESS_ORACLE_ORACLE_H
#define HARNESS_ORACLE_ORACLE_H

#include "harness/journal/journal.h"

struct view;

struct oracle {
	const char *name;	/* the failure class: "stale-pte" */
	const char *claim;	/* one sentence, what must hold */
	const char *spec;	/* "I-M3 I-A15", or NULL for the engine's own */
	/* Kinds to hear, zero-terminated, and the ear. Runs inside
	 * journal_emit() on the emitting task. NULL: none. */
	const u16 *kinds;
	void (*event)(const struct view *v, const struct event *e);
	/* No task inside an operation. Full scans are allowed. */
	void (*quiesce)(const struct view *v);
	/* All mms exited, all files closed. */
	void (*end)(const struct view *v);
	/* event() keeps no state and looks at nothing but its event, so that
	 * any number of tasks may be in it: it is called in native too. Right
	 * for events that are themselves complaints. */
	bool stateless;
	/* It says what the ground cannot do, and nothing of the code under
	 * test: neither a pass nor a finding, EXIT_HARNESS. */
	bool uncovered;
};

/* Lists, NULL-terminated. A target adds its own to the engine's. */
extern const struct oracle *const oracles_engine[];

/*
 * Raise a failure of class @o->name. @other is the seq of the event it
 * contradicts (0: none): the report shows both stacks and both columns.
 * @subject is the object it is about, as it is spelt in event texts
 * ("page#7"); its history is told. Then a sentence of what was seen. Ends the
 * execution: does not return.
 */
void oracle_raise(const struct oracle *o, u32 other, const char *subject,
		  const char *fmt, ...)
	__attribute__((noreturn, cold, format(printf, 4, 5)));

/* What was raised in the last execution. */
struct failure {
	const struct oracle *oracle;
	int task;		/* who raised it, or -1 */
	u32 seq;		/* newest event when it was raised */
	u32 other;
	char subject[32];
	char text[256];		/* the same in search and in detail */
	char words[256];	/* as text, with the names that only a detail
				   execution knows; empty if text says it all */
	u64 pc[RT_STACK_MAX];	/* stack of the raise, detail only */
	u32 nr_pc;
};
/* NULL if nothing failed. */
const struct failure *oracle_failure(void);

/* The harness: forget the last failure; wire up a target's oracles once. */
void oracle_begin(void);
void oracle_setup(const struct oracle *const *own, const struct view *v);
/* Of those wired up, does any keep something from one call to the next? */
bool oracle_remembers(void);
/* The first is called by M0 when all is idle, the second after halt. */
void oracle_quiesce(void);
void oracle_end(void);
/* Engine outcomes that are failures (deadlock, progress, crash): record one
 * without a running task. Does not stop anything. */
void oracle_record(const struct oracle *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Map an engine outcome to a failure: RT_DEADLOCK, RT_STEP_BOUND and RT_CRASH
 * are recorded as deadlock, progress and crash (use-after-free if the fault
 * address is poison); the other outcomes are left alone. Call it right after
 * rt_engine_run(), while names and rows are those of that execution.
 */
struct rt_result;
void oracle_outcome(const struct rt_result *r);

/* The engine's own, one file each. */
extern const struct oracle oracle_deadlock, oracle_progress, oracle_crash,
	oracle_lock_order, oracle_lock_leak, oracle_leak, oracle_use_after_free,
	oracle_bad_free, oracle_warn, oracle_bug, oracle_data_race,
	oracle_out_of_bounds;

#endif /* HARNESS_ORACLE_ORACLE_H */
