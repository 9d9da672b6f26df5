/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h: what the files of the shared calls share. ops.c has the address
 * spaces of a program and the table; page_ops.c its files and pages that are
 * taken or moved; story_ops.c, over story_ops.h, what a story claims of its own
 * calls.
 *
 * One function a call: see struct op in harness/prog/op.h. Each says its
 * arguments, in order.
 */
#ifndef TARGETS_MM_OPS_H
#define TARGETS_MM_OPS_H

#include <linux/kernel.h>
#include <linux/mm.h>

#include "harness/prog/op.h"
#include "targets/mm/mm.h"

static inline unsigned long range_len(u32 page, u32 count)
{
	return range_pages(page, count) * PAGE_SIZE;
}

/* page_ops.c; halt: what is still kept is given back. In M0. */
long op_truncate(const u32 *arg);
long op_file_read(const u32 *arg);
long op_file_write(const u32 *arg);
long op_gup(const u32 *arg);
long op_pin_keep(const u32 *arg);
long op_unpin(const u32 *arg);
long op_move(const u32 *arg);
long op_offline(const u32 *arg);
void page_ops_halt(void);
/* For the view: the weight of the references that are kept to @page. */
s32 page_ops_taken(const struct page *page);

#endif /* TARGETS_MM_OPS_H */
