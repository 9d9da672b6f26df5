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
#define PROG_CALLS_MAX	48	/* a task */
#define PROG_CALLS_DRAWN 16	/* a task that chance makes longer stops there */
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
	ARG_MAP,	/* anon | shared | file | private: PROG_MAP_* */
	ARG_GUP,	/* get | get_fast | pin | pin_fast | pin_longterm |
			 * pin_fast_longterm: PROG_GUP_* */
	ARG_BOOL,	/* no | yes: 0, 1 */
	ARG_OFFSET,	/* page of a file where a mapping begins */
	ARG_ERRNO,	/* 0 | -EPERM ...: an index of PROG_ERRNOS, 0 is 0 */
	ARG_SNAP,	/* what a snapshot says of a page: an index of PROG_SNAPS */
	ARG_INDEX,	/* page of a file, or so many: 0..PROG_PAGES-1 */
	ARG_KINDS,
};

enum { PROG_PROT_NONE, PROG_PROT_R, PROG_PROT_RW };
enum { PROG_MAP_ANON, PROG_MAP_SHARED, PROG_MAP_FILE, PROG_MAP_PRIVATE };
enum {
	PROG_GUP_GET, PROG_GUP_GET_FAST, PROG_GUP_PIN, PROG_GUP_PIN_FAST,
	PROG_GUP_PIN_LONGTERM, PROG_GUP_PIN_FAST_LONGTERM,
};

/* The errors a call can be expected to return: append, never reorder. */
#define PROG_ERRNOS(X) \
	X(EPERM) X(ENOENT) X(ESRCH) X(EAGAIN) X(ENOMEM) X(EFAULT) X(EBUSY) \
	X(EINVAL) X(ENFILE) X(EBADF) X(ENODEV)

/* What a snapshot says of a page, and the byte it says it with. Append. */
#define PROG_SNAPS(X) \
	X("none", 0x00) X("r", 0x01) X("w", 0x02) X("zero", 0x11) \
	X("dev_r", 0x21) X("dev_w", 0x22) X("error", 0xff) X("r_pmd", 0x05) \
	X("w_pmd", 0x06)

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
/* In a table's row: it has none. */
#define OP_NO_ARGS		{ NULL, ARG_NONE, 0 }

#endif /* HARNESS_PROG_OP_H */
