/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h: what a program can do with the test_hmm devices: ops.def's rows, with
 * the functions of ops.c, on any ground that has the driver.
 */
#ifndef TARGETS_DMIRROR_OPS_H
#define TARGETS_DMIRROR_OPS_H

#include "harness/prog/op.h"

enum {
	NR_DMIRROR_OPS = 0
#define OP(...)	+ 1
#include "targets/dmirror/ops.def"
#undef OP
};
extern const struct op dmirror_ops[NR_DMIRROR_OPS];

/* What a target that has them wants besides: see struct target. */
extern const char *const dmirror_themes[];
extern const u16 dmirror_must_see[], dmirror_counters[];

#endif /* TARGETS_DMIRROR_OPS_H */
