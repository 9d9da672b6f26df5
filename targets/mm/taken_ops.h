/* SPDX-License-Identifier: GPL-2.0 */
/*
 * taken_ops.h: calls on pages that a driver or a system call has taken (GUP).
 */
#ifndef TARGETS_MM_TAKEN_OPS_H
#define TARGETS_MM_TAKEN_OPS_H

#include "harness/prog/op.h"

/* What a reference of @kind (PROG_GUP_*) is. */
static inline bool gup_is_pin(u32 kind)
{
	return kind != PROG_GUP_GET && kind != PROG_GUP_GET_FAST;
}

static inline bool gup_is_longterm(u32 kind)
{
	return kind == PROG_GUP_PIN_LONGTERM ||
	       kind == PROG_GUP_PIN_FAST_LONGTERM;
}

/* For the view: the weight of the references that are kept to @frame. */
s32 taken_weight(u32 frame);
/* In M0: what is still kept is given back. */
void taken_halt(void);

/* One function a call, see struct op. */
long op_gup(const u32 *arg);
long op_pin_keep(const u32 *arg);
long op_unpin(const u32 *arg);

#endif /* TARGETS_MM_TAKEN_OPS_H */
