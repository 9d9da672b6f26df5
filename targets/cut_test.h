/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cut_test.h: a unit test of code under test: a handful of tasks with fixed
 * bodies, explored on many schedules by harness/tests/test_cut.c.
 *
 * With expect NULL every schedule must pass and event @seen (if any) must have
 * happened at least once: a test that never reached its race is VACUOUS and
 * fails. With expect set, some schedule must raise exactly that class, and
 * none another: the test of a checker. Free of libc.
 *
 * The runner calls kernel_boot(0) before @boot, makes each body a task of the
 * kernel, and after @halt calls kernel_halt(), which does nothing if @halt did.
 */
#ifndef TARGETS_CUT_TEST_H
#define TARGETS_CUT_TEST_H

#include "harness/oracle/oracle.h"
#include "targets/mutation.h"

struct cut_test {
	const char *name;		/* "mutex.unlock_wakes_one" */
	u32 nr_tasks;
	void (*boot)(void);		/* in M0; may be NULL */
	void (*body)(u32 index);	/* task index */
	void (*halt)(void);		/* in M0, after all bodies; may be NULL */
	const struct oracle *expect;
	u16 seen;			/* EV_none: nothing asked */
	u16 mutation;			/* M_none, or the row to turn on */
	bool asan_first;		/* AddressSanitizer sees it before @expect */
	const char *sim_only;		/* why threads cannot run it, or NULL */
	const struct oracle *const *oracles;	/* besides the engine's; NULL: none */
	const struct view *view;
};

/* Fails the execution with oracle "bug" unless cond holds. */
#define CUT_CHECK(cond) do {						\
	if (!(cond))							\
		cut_check_failed(#cond, __func__, __LINE__);		\
} while (0)
void cut_check_failed(const char *expr, const char *func, int line)
	__attribute__((noreturn));

/* One array per folder, and one for each part of mm, ending at a NULL name. */
extern const struct cut_test kernel_tests[], mm_tests[], mm_page_tests[],
	mm_notifier_tests[], mm_migrate_tests[], mm_huge_tests[],
	nouveau_tests[], svm_atomic_tests[], dmirror_tests[],
	hmm_mirror_tests[], panthor_tests[];

#endif /* TARGETS_CUT_TEST_H */
