/* SPDX-License-Identifier: GPL-2.0 */
/*
 * op.h: what a call of a program can be. Free of libc: targets declare ops.
 *
 * An op declares its arguments once, by name and kind; decode, text, generate,
 * mutate, shrink, help and the fuzzers' dictionary are driven by that. Its
 * opcode is its index in its table (shared mm ops from 0, a target's own from
 * OP_TARGET): append, never reorder.
 */
#ifndef HARNESS_PROG_OP_H
#define HARNESS_PROG_OP_H

#include "harness/types.h"

/* Limits of a program; asserted, and printed by `svmtorture list ops`. */
#define PROG_TASKS_MAX	6
#define PROG_CALLS_MAX	16	/* a task */
#define PROG_PAGES	16	/* virtual pages an mm's programs can name */
#define PROG_MMS	4
#define OP_ARGS_MAX	9
#define OP_TARGET	128

/* Kinds of argument; what each looks like in text is in prog/kinds.c. */
enum arg_kind {
	ARG_NONE,
	ARG_PAGE,	/* virtual page 0..PROG_PAGES-1 */
	ARG_COUNT,	/* 1..PROG_PAGES pages; stored as the number itself */
	ARG_PROT,	/* none | r | rw: PROG_PROT_* */
	ARG_MM,		/* mm slot 0..PROG_MMS-1 */
	ARG_ACCESS,	/* read | write | atomic | prefetch: 0, 1, 2, 3 */
	ARG_CLIENT,	/* GPU client 0..7 */
	ARG_SLOT,	/* a small table index 0..3: svmm, instance, variable */
	ARG_VALUE,	/* 0..255 */
	ARG_WORD,	/* a literal u32, 0x%08x */
};

enum { PROG_PROT_NONE, PROG_PROT_R, PROG_PROT_RW };

struct op_arg {
	const char *name;
	u8 kind;
	/* What it is when a text leaves it out. Whether a text that is written
	 * leaves it out is its kind's: see prog/kinds.c. */
	u8 def;
};

struct op {
	const char *name;
	struct op_arg arg[OP_ARGS_MAX];	/* ends at ARG_NONE */
	u8 weight;			/* in random programs; 0: never drawn */
	/* One call by the current task. On return no lock is held. Returns 0
	 * or a value, or minus an errno as the system call would. */
	long (*run)(const u32 *arg);
	const char *help;		/* one sentence */
};

/*
 * In place of the end of an op's arguments: a call brings a number of this kind
 * to life. In a program that has no such call, only those that boot made are
 * worth naming.
 */
#define OP_MAKES(kind_)		{ NULL, ARG_NONE, (kind_) }

#endif /* HARNESS_PROG_OP_H */
