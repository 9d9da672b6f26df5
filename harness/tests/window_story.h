/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window_story.h: what the stories of test_windows.c are made of: task 1 is in
 * the window, task 3 enters it.
 */
#ifndef HARNESS_TESTS_WINDOW_STORY_H
#define HARNESS_TESTS_WINDOW_STORY_H

#include "targets/oracle/svm_oracles.h"

static const struct oracle *const ledger_alone[] = { &oracle_ledger, NULL };
#define WORLD_LISTS ledger_alone
#include "harness/tests/svm_world_pages.h"
#include "targets/windows.h"

#define DPAGE	130u
#define HERE	0		/* the page that it is about */
#define ELSEWHERE 9

/* Which task is the intruder, when, and on which page. */
static enum { IN_TIME, LATE, APART } when;
static u32 at(void) { return when == APART ? ELSEWHERE : HERE; }

static void handler(void)
{
	gpu_base();
	emit(EV_batch_begin, 1, 0, 0);
}
static void interval_at(u32 first, u32 end)
{
	emit(EV_itree_change, 0, SUB, VIEW_ITREE(first, end));
	emit(EV_mni_insert, 0, SUB, 1);
}
static void other_pte(void) { task = 3; set(0, at(), word(8, RO)); task = 1; }
static void other_inv(u32 what)
{
	task = 3;
	inv_open(inv(5, 0, what), at(), 1);
	inv_close(inv(5, 0, what));
	task = 1;
}
static void other_gpu(u16 kind, u32 space)
{
	task = 3;
	emit(kind, space, VIEW_VA(at()), VIEW_DATA(8, 1));
	task = 1;
}

/* Open, enter in time, close, enter late. */
#define WHEN(close, enter) do {						\
	if (when != LATE)						\
		enter;							\
	close;								\
	if (when == LATE)						\
		enter;							\
} while (0)

#endif /* HARNESS_TESTS_WINDOW_STORY_H */
