/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h: what the files of the shared calls share. ops.c has the address
 * spaces of a program and the table; page_ops.c its files and pages that are
 * taken or moved; story_ops.c what a story claims of its own calls.
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

/* As file_slot_get(); -ENOENT: there is no file of that number. */
struct file *op_file(u32 slot);

/* A call that is a thread of @mm returns to its program. */
long op_leave(struct mm_struct *mm, long ret);

/* Pages past the last one a program can name are left out. */
static inline u32 range_pages(u32 page, u32 count)
{
	return min(count, PROG_PAGES - page);
}

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

/* story_ops.c */
long op_fill(const u32 *arg);
long op_check(const u32 *arg);
long op_check_increment(const u32 *arg);
long op_check_file(const u32 *arg);
long op_expect(const u32 *arg);
long op_expect_value(const u32 *arg);
long op_expect_cpages(const u32 *arg);
long op_expect_faults(const u32 *arg);
long op_expect_bytes(const u32 *arg);
long op_expect_data(const u32 *arg);
long op_expect_nothing(const u32 *arg);
long op_post(const u32 *arg);
long op_await(const u32 *arg);

#endif /* TARGETS_MM_OPS_H */
