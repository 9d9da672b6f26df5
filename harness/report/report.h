/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report.h: a failure as one screen a kernel developer can use.
 */
#ifndef HARNESS_REPORT_REPORT_H
#define HARNESS_REPORT_REPORT_H

#include <stdio.h>
#include "harness/exec/exec.h"

struct report {
	const struct target *target;
	const struct program *program;
	const struct failure *failure;
	const struct rt_result *result;
	const char *strategy;	/* "pct:3" */
	const char *mutation;	/* "none" */
	u64 seed, execution;
	const char *path;	/* where the .svm is or will be; NULL: none */
	u32 calls_shrunk_from;	/* 0: not shrunk */
	const char *minimal;	/* what is proven of its schedule, or NULL */
	const char *commit;	/* of the build; NULL: not known, not printed */
};

/*
 * title.c: class and the two functions, sorted, no numbers, no addresses:
 * "stale-pte in munmap / nouveau_range_fault". Needs the detail execution.
 */
const char *report_title(const struct failure *f, char *buf, size_t size);
/* "stale-pte-munmap-nouveau_range_fault" */
const char *report_slug(const struct failure *f, char *buf, size_t size);

/* @path as a shell reads it back: quoted if it has to be. Returns buf, which
 * should have four times the room, and six. */
const char *report_quote(const char *path, char *buf, size_t size);

/*
 * Whether @function is in a stack of either side, of a failure that nobody raised
 * where any task stands, or, if @life, of a row of the object's life that a
 * report shows. After exec_again().
 */
bool report_names(const struct failure *f, const char *function, bool life);

/* After exec_again(). */
void report_print(FILE *out, const struct report *r);

/* What a reader types to run this program again: its name, or the
 * SVMTORTURE_PROGRAM of a script that stands before it. */
const char *report_program(void);

/* Every row of the last detail execution, one a line: step, task, text. */
void report_trace(FILE *out);

/* symbol.c: names of addresses, through one llvm-symbolizer (or addr2line)
 * child. Inlined frames are expanded. Without a tool: "?". */
struct frame {
	char func[64];
	char file[96];		/* relative to the source root */
	u32 line;		/* 0: of none, as what a compiler merged */
};
#define FRAME_WHERE_MAX	112
/* "file:line", or the file alone if there is no line, in @buf. */
const char *frame_where(const struct frame *f, char buf[FRAME_WHERE_MAX]);
u32 symbol_lookup(u64 pc, struct frame *f, u32 max);
/* Ends the child; the next lookup starts another. Also done at exit. */
void symbol_close(void);

#endif /* HARNESS_REPORT_REPORT_H */
