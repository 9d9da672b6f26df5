/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz.h: what the parts of a fuzz entry share. A binary is one target's:
 *
 *	entry.c		what engines call; the target is a definition
 *	run.c		an input, executed and judged
 *	finding.c	what is done about one that failed
 *	feedback.c	what is told to the engine beside the edges
 *	verbs.c		what a binary does for scripts instead of fuzzing
 *	main.c		replay, where there is no engine
 *	libfuzzer.c	the mutator for libFuzzer
 *	afl.c		the mutator for AFL++, a library of its own
 *
 * The environment, since engines own the command line:
 *
 *	SVMTORTURE_MUTATE	a known bug to turn on (default: none)
 *	SVMTORTURE_FINDINGS	folder for .svm files and reports of findings; made
 *				if need be
 *	SVMTORTURE_REPORT	"none": a finding is a trap and no more
 *	SVMTORTURE_FEEDBACK	"switches", "reads", both with a comma, or "none"
 *				(default: reads)
 *	SVMTORTURE_FAULTS	what schedules may make go wrong: "all", "alloc"
 *	SVMTORTURE_MUTATOR	"engine": only the engine's own mutations
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "fuzz/form.h"
#include "harness/exec/exec.h"

struct fuzz_entry {
	const char *name;		/* "mm", "ring_window" */
	const struct target *target;
	bool ring;
};
extern const struct fuzz_entry fuzz_entry;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t len);

/* run.c. The form of this binary, its daemons included: boots once. */
const struct form *fuzz_form(void);
/* Execute one input. Does not return from a failure. */
void fuzz_run(const u8 *bytes, size_t len);
/* The same, but for a failure, which is in oracle_failure(). */
void fuzz_execute(const u8 *bytes, size_t len, struct rt_result *r);
/* The execution of the last call. */
extern struct exec fuzz_exec;
extern u32 fuzz_faults;

/* finding.c. Report, .svm, the line engines look for, and a trap. */
void fuzz_finding(const struct exec *x, const struct rt_result *r)
	__attribute__((noreturn));
/* Ends with exit 3 unless findings can be written where they are wanted: asked
 * before the first input, not after hours of them. */
void fuzz_check_findings(void);
/* The harness is broken: exit 3. */
void fuzz_broken(const char *what) __attribute__((noreturn));

/* feedback.c */
extern const struct strategy strategy_fuzz;
/* 0, or -1 with a message if @text is not understood; NULL is the default. */
int feedback_setup(const char *text);
/* Distinct pairs seen since the process began, of each kind. */
void feedback_totals(u32 *switches, u32 *reads);

#define FEEDBACK_COUNTERS	4096	/* of each kind */
/* counters.c or counters_afl.c */
void feedback_count(u32 counter);

/* verbs.c. If argv[1] is one of them, or there is what is none of theirs and no
 * engine's either: does it, or says so, and exits. */
void fuzz_verbs(int argc, char **argv);

#endif /* FUZZ_FUZZ_H */
