/* SPDX-License-Identifier: GPL-2.0 */
/*
 * internal.h: what the parts of a report share. A part prints its lines of
 * the screen; report.c puts them in order.
 */
#ifndef HARNESS_REPORT_INTERNAL_H
#define HARNESS_REPORT_INTERNAL_H

#include "harness/report/report.h"

#define REPORT_WIDTH	92
#define REPORT_COLUMN	48	/* where the second column begins */
#define STACK_FRAMES_MAX 64

/*
 * Whose code a frame is. The higher, the nearer to what a reader of a title
 * wants: the function of the code under test, not the helper it called.
 */
enum frame_level {
	FRAME_HARNESS,		/* and oracles, and unknown: never shown */
	FRAME_PRIMITIVE,	/* kernel services, and what emits events */
	FRAME_GLUE,		/* ops and target.c */
	FRAME_PORT,
};

/* Logical frames, inlined ones included, innermost first; none of the
 * harness. */
struct stack {
	u32 nr;
	struct frame frame[STACK_FRAMES_MAX];
};

/* stack.c */
enum frame_level frame_level(const struct frame *f);
void stack_of_event(const struct event *e, struct stack *s);
/* Of the raise; or, of a failure nobody raised (deadlock), of the last row of
 * its task. */
void stack_of_failure(const struct failure *f, struct stack *s);
/* Who raised it was M0 and in no port function: it looked at the quiet machine
 * and had no part in what it found. */
bool failure_at_rest(const struct failure *f);
/* Innermost frame of the highest level there is; NULL if the stack is empty. */
const struct frame *stack_function(const struct stack *s);

/* task.c: the two tasks a report is about. */
struct sides {
	int task[2];		/* who failed, and whom it contradicts; or -1 */
	const struct event *event[2];	/* their rows, or NULL */
	bool raised;		/* by one of them: the rows contradict each
				   other, rather than being the newest */
	char name[2][48];	/* "P0 gpu_fault" */
};
void sides_find(const struct report *r, struct sides *s);
/* "P0 gpu_fault" as of row @seq: a program task is called by its call. */
const char *task_name(int task, u32 seq, char *buf, size_t size);
/* What a marked row says, also of a kind that is not shown else. */
const char *row_words(const struct event *e, char *buf, size_t size);
/* The call @task is in at row @seq, or NULL between calls. */
const struct event *task_call(int task, u32 seq);
/* @text speaks of @subject ("page#7") and not of a longer name (page#71). */
bool mentions(const char *text, const char *subject);

/* paragraph.c: words go on the next line, indented, when they do not fit.
 * Begin with *at = where the line stands; the caller ends the line. */
void paragraph_put(FILE *out, int *at, int indent, const char *words);

/* One part of the screen each. */
void columns_print(FILE *out, const struct report *r, const struct sides *s);
void stacks_print(FILE *out, const struct report *r, const struct sides *s);
void locks_print(FILE *out, const struct report *r, const struct sides *s);
void history_print(FILE *out, const struct report *r);

#endif /* HARNESS_REPORT_INTERNAL_H */
