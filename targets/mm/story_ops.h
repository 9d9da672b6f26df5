/* SPDX-License-Identifier: GPL-2.0 */
/*
 * story_ops.h: calls with which a story tells an order and claims an outcome,
 * and what other calls do for those.
 */
#ifndef TARGETS_MM_STORY_OPS_H
#define TARGETS_MM_STORY_OPS_H

#include <linux/kernel.h>

#include "harness/prog/op.h"
#include "targets/mm/ground.h"
#include "targets/mm/slots.h"

/* Pages past the last one a program can name are left out. */
static inline u32 range_pages(u32 page, u32 count)
{
	return min(count, PROG_PAGES - page);
}

/*
 * What a task's last call handed to its program beside what it returned, for
 * the expectations of a story: a driver's op begins with op_result(), which
 * gives its task's record cleared, and fills in what the call tells. @value and
 * @byte are of pages first, first + 1 and so on; nr: how many, and 0 if the
 * call copied nothing out.
 */
struct op_result {
	u32 cpages, faults;
	u32 first, nr;
	u32 value[PROG_PAGES];
	u8 byte[PROG_PAGES];
};
struct op_result *op_result(void);

/* story_ops.c: one function a call, see struct op. */
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

#endif /* TARGETS_MM_STORY_OPS_H */
