/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h: what a program can do to a GPU that shares its address space: the
 * functions of ops.def's rows, one a call, see struct op.
 */
#ifndef TARGETS_NOUVEAU_OPS_H
#define TARGETS_NOUVEAU_OPS_H

#include "harness/prog/op.h"

enum {
	NOUVEAU_NR_OPS = 0
#define OP(...)	+ 1
#include "targets/nouveau/ops.def"
#undef OP
};

#define OP(weight, name, ...)	long op_##name(const u32 *arg);
#include "targets/nouveau/ops.def"
#undef OP

#endif /* TARGETS_NOUVEAU_OPS_H */
