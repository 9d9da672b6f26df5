/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h: what the files of the shared calls share. ops.c has the calls on ranges
 * of pages, and the table; page_ops.c those on pages that move, and truncate().
 * slots.c, file_ops.c, taken_ops.c and story_ops.c have the rest, on any ground.
 *
 * One function a call: see struct op in harness/prog/op.h. Each says its
 * arguments, in order.
 */
#ifndef TARGETS_MM_OPS_H
#define TARGETS_MM_OPS_H

#include <linux/kernel.h>
#include <linux/mm.h>

#include "harness/prog/op.h"
#include "targets/mm/file_ops.h"
#include "targets/mm/mm.h"
#include "targets/mm/story_ops.h"
#include "targets/mm/taken_ops.h"

static inline unsigned long range_len(u32 page, u32 count)
{
	return range_pages(page, count) * PAGE_SIZE;
}

/* page_ops.c */
long op_move(const u32 *arg);
long op_offline(const u32 *arg);

#endif /* TARGETS_MM_OPS_H */
