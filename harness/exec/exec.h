/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exec.h: one execution, from a program and a strategy to a verdict.
 */
#ifndef HARNESS_EXEC_EXEC_H
#define HARNESS_EXEC_EXEC_H

#include "targets/mutation.h"
#include "targets/target.h"
#include "harness/prog/prog.h"
#include "harness/report/points.h"
#include "harness/rt/engine.h"
#include "harness/rt/strategy.h"

/* Exit codes, everywhere. */
enum exit_code {
	EXIT_PASS	= 0,
	EXIT_FINDING	= 1,
	EXIT_USAGE	= 2,
	EXIT_HARNESS	= 3,	/* the harness or its machine is broken */
	EXIT_VACUOUS	= 4,	/* or skipped */
	EXIT_CUT	= 5,	/* cut short */
};

/* Decisions of one execution: a pick a step, and the answers to choices. */
#define EXEC_TRACE_MAX	(2 * RT_STEPS_MAX)

struct exec {
	const struct target *target;
	const struct program *program;
	const struct strategy *strategy;
	/* For strategy replay, one of: a schedule, or a copy of the trace of
	 * an rt_result. near needs the trace. */
	const struct schedule *schedule;
	const u8 *trace;
	u32 trace_len;
	u64 seed, index;
	u64 program_nr;		/* rt_config.program */
	u32 steps_max, stop_at;
	bool detail;
	/* With a schedule: skip a segment that cannot be followed, instead of
	 * ending in RT_DIVERGED. For shrinking, and for runs with the
	 * mutation off, where the code takes another way. */
	bool lenient;
};

struct op_table target_ops(const struct target *t);
/* A failure class of the engine or of the target's own; NULL if there is none. */
const struct oracle *target_class(const struct target *t, const char *name);

/* Once per process and target: engine, oracles, journal. 0 or -1 with a
 * message on stderr. */
int exec_setup(const struct target *t);

/*
 * Boot, run, quiesce, halt, judge. What was wrong is in oracle_failure()
 * afterwards (NULL: nothing), engine outcomes that are failures (deadlock,
 * progress, crash) included. RT_DIVERGED and RT_PRUNED are left to the caller.
 */
void exec_run(const struct exec *x, struct rt_result *r);

/*
 * Make the failing execution again, from its recorded schedule, with
 * rt_detail on. 0, or -1 with a message if it is not the same failure: then
 * the harness is not deterministic. *s is its schedule, named if asked.
 */
int exec_again(const struct exec *x, const struct rt_result *r,
	       struct schedule *s, bool named);

/* svm.c: the reproducer file. */
#define SVM_STORY_MAX	4096
#define FAIL_ALLOC_MAX	1000000	/* no execution has as many allocations */
#define SVM_TEXT_MAX	(4 << 20)	/* of a file */
/* Does a schedule with fewer preemptions fail, too? */
enum svm_minimal {
	SVM_NOT_TRIED,
	SVM_PROVEN,	/* none does: all there are were made */
	SVM_UNPROVEN,	/* the search was stopped before its end */
};
struct svm {
	char story[SVM_STORY_MAX];	/* comment lines, without "# " */
	const struct target *target;
	int mutation;			/* M_none if none */
	bool original;			/* mutation: original */
	const struct oracle *expect;	/* NULL: pass (a clean story) */
	char needs[32];			/* "race", or empty */
	u32 fail_alloc;			/* kernel_fail_nth() */
	u32 faults;			/* kernel_faults() */
	enum rt_memory memory;		/* rt_memory */
	char points[POINTS_TEXT_MAX];	/* points_set() */
	enum svm_minimal minimal;	/* as the shrinker left the file, */
	u32 schedules;			/* after so many with fewer preemptions */
	struct program program;
	bool has_schedule;
	struct schedule schedule;
};
/* Executions from now on are as the file says: what may go wrong, what memory
 * is like, which plain accesses are points. 0, or -1 with a message. */
int svm_conditions(const struct svm *svm);
/* What was proven of the file, as a sentence; NULL if nothing was tried. */
#define SVM_MINIMAL_TEXT_MAX	128
extern const char *const svm_minimal_words[];	/* as files spell it */
const char *svm_minimal_text(const struct svm *svm, char *buf);
/* 0, or -1 with "file:line: message" printed to stderr. */
int svm_read(const char *path, struct svm *svm);
int svm_parse(const char *name, const char *text, struct svm *svm);
/* Length or -1 if it does not fit. svm_text is to be freed, or NULL with errno.
 * svm_write makes the file whole or not at all; -1 with errno and a message. */
int svm_print(const struct svm *svm, char *buf, size_t size);
char *svm_text(const struct svm *svm, size_t *len);
int svm_write(const char *path, const struct svm *svm);

/* shrink.c */
struct shrink_stats {
	u32 tries;
	u32 calls_before, calls_after;
	u32 preemptions_before, preemptions_after;
	u32 steps_before, steps_after;
};
/*
 * Minimise what may go wrong, calls, arguments and preemptions of a failing
 * reproducer, keeping the failure class; then see with at most @prove_max
 * schedules that there is none with fewer; then name the segments. Result in
 * *svm, with what was proven of it; its conditions are in force. 0, or -1
 * if it does not fail to begin with, or -2 with a message if the harness is
 * broken: what failed does not fail again.
 */
int shrink(struct svm *svm, u32 tries_max, u32 prove_max,
	   struct shrink_stats *st);

#endif /* HARNESS_EXEC_EXEC_H */
