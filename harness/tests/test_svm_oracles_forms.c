// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracle of a handler that serves a fault of a page it has lent, in
 * both directions; see test_svm_oracles.c.
 */
#define WORLD_LISTS svm_oracles_nouveau_exclusive
#include "harness/tests/svm_world_pages.h"

#define A	VIEW_A
#define CALLBACK(b)	clear_callback(b, 0, 0, 1)

/* Page 0, page#7, is lent, and GPU space 0 has it for its atomics. A batch. */
static void granted(void)
{
	gpu_base();
	lend();
	lent();
	driver_map(0, 0, word(7, RW | A));
	unlock_lent();
	emit(EV_batch_begin, 1, 0, 0);
}
static void batch_over(void) { emit(EV_batch_end, 1, 0, 0); quiesce(); }
static void ra_kept(void) { granted(); batch_over(); }
static void ra_unmapped(void) { granted(); gpu_set(0, 0, 0); }
/* By somebody who is not the handler: a file that is closed. */
static void ra_closed(void)
{
	u32 handler = task;

	granted();
	task = handler + 1;
	gpu_set(0, 0, 0);
	emit(EV_gpu_flush, 0, VIEW_VA(0), VIEW_VA(1));
	task = handler;
	batch_over();
}
/* The handler itself invalidates, to get the page another time. */
static void ra_invalidated(void)
{
	u64 b = inv(10, 0, LEDGER_EXCLUSIVE);

	granted();
	inv_begin(b, 0, 1);
	CALLBACK(b);
	emit(EV_inv_open, b, 0, 0);
	inv_close(b);
	batch_over();
}

static void revoked_atomic(void)
{
	SILENT(ra_kept);
	SILENT(ra_closed);
	SILENT(ra_invalidated);
	RAISES("revoked-atomic", ra_unmapped);
}

static const struct test tests[] = {
	TEST(revoked_atomic),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_forms", tests)
