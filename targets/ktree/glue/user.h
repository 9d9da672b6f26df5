/* SPDX-License-Identifier: GPL-2.0 */
/*
 * user.h: what an ioctl's caller has for memory; see uaccess.c.
 */
#ifndef TARGETS_KTREE_GLUE_USER_H
#define TARGETS_KTREE_GLUE_USER_H

#include "harness/types.h"

#define KTREE_USER	0x7e0000000000ull
#define KTREE_USER_SIZE	0x100000ull

/* @value or @byte: as @bytes says, by page from the window's begin. @nr: how
 * many pages were written to. @fault: it cannot be accessed. */
struct ktree_user {
	u32 *value;
	u8 *byte;
	u32 nr;
	bool bytes, fault;
};

/* For what the running task calls from now on; NULL: no window. */
void ktree_user_set(struct ktree_user *u);

#endif /* TARGETS_KTREE_GLUE_USER_H */
