/* SPDX-License-Identifier: GPL-2.0 */
/*
 * journal.h: the record of one execution, and the one door events go through.
 *
 * A row is (sequence number, step, task, kind, a, b, c) and, in detail, a call
 * stack. In search nothing is stored: an event is counted and handed to the
 * oracles that asked for its kind. On a failure the same execution is made
 * again with rt_detail on; it is deterministic, so sequence numbers agree.
 *
 * Kinds are rows of two .def files: the engine's own here (events.def) and
 * those of memory management and devices (targets/events.def).
 *
 * Free of libc.
 */
#ifndef HARNESS_JOURNAL_JOURNAL_H
#define HARNESS_JOURNAL_JOURNAL_H

#include "harness/rt/rt.h"

#define EVENT(name, text) EV_##name,
enum event_kind {
	EV_none,
#include "harness/journal/events.def"
#include "targets/events.def"
	EV_NR
};
#undef EVENT

/* Per kind: name, and text with $a $b $c; see events.def for the form. */
struct event_def {
	const char *name;
	const char *text;
};
extern const struct event_def event_defs[EV_NR];

struct event {
	u32 seq;		/* from 1; 0 means "no event" */
	u32 step;
	u16 kind;
	u8 task;
	u8 depth;		/* frames in the stack, detail only */
	u64 a, b, c;
	u32 stack;		/* index for journal_stack(), detail only */
};

/*
 * The door. Counts, records when rt_detail, then calls the oracles of this
 * kind in the caller's context (sim) or only records (native). Returns seq.
 * Never blocks and is not a switch point: emit right after the change it
 * tells of, with no point in between.
 */
u32 journal_emit(u16 kind, u64 a, u64 b, u64 c);

/* sim: set while oracles look at the machine. Nothing runs meanwhile, so what
 * they read without a lock is no access of the code under test. */
extern bool journal_judged;

/* The number of the newest row, without making one. */
u32 journal_seq(void);

/* Row by number in the last detail execution; NULL if not kept. */
const struct event *journal_event(u32 seq);
/* Frames of a row, innermost first. */
u32 journal_stack(const struct event *e, const u64 **pc);

/* Text of a row with its $ arguments filled in. Returns buf. */
const char *journal_text(const struct event *e, char *buf, size_t size);

/* "plain write of 8 bytes": @flags are 1 write, 2 marked. Returns buf. */
const char *journal_access(u64 bytes, u64 flags, char *buf, size_t size);

/* Events of each kind; a campaign moves them to its tally now and then. */
extern u64 journal_count[EV_NR];
/* sim: of the kinds of this execution's events, in order; the same in every build. */
extern u64 journal_hash;

/* The harness calls these; targets do not. */
int journal_setup(void);		/* once, before any child; 0 or -1 */
void journal_begin(void);		/* before each execution */
typedef void (*journal_sink)(const struct event *e);
void journal_listen(u16 kind, journal_sink sink);	/* at setup; one a kind */
void journal_listen_none(void);

/*
 * Letters of an event text that the engine does not know ("$c:p") are spelt
 * by this, which a target's setup sets: the length written, or -1 if the
 * letter is unknown to it too. NULL: none are known.
 */
extern int (*journal_format)(char letter, u64 value, char *buf, size_t size);

/*
 * native: the tasks count for themselves, in memory shared with the child
 * that ran them. Adds what was counted since the last call to journal_count.
 * Call it when no task runs. sim: nothing to do.
 */
void journal_merge(void);

#endif /* HARNESS_JOURNAL_JOURNAL_H */
