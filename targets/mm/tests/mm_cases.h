/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm_cases.h: how the lists of the mm's unit tests are written.
 */
#ifndef TARGETS_MM_TESTS_MM_CASES_H
#define TARGETS_MM_TESTS_MM_CASES_H

#include "targets/mm/tests/mm_test.h"
#include "targets/oracle/svm_oracles.h"

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define HOLDS(name_, nr, body_, boot_, halt_, seen_) {			\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .seen = EV_##seen_,				\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

/* A known bug that some schedule shows, as one class and no other. */
#define CAUGHT(mutation_, oracle_name, nr, body_, boot_, halt_) {	\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = halt_,					\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

/* The same of a lock that is waited for in memory that goes. */
#define CAUGHT_FREED(mutation_, nr, body_, boot_, halt_) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = halt_,					\
	.expect = &oracle_use_after_free, .mutation = M_##mutation_,	\
	.asan_first = true, .oracles = svm_oracles_mm,			\
	.view = &view_mm,						\
}

/* A misuse that every tester of the mm must hear of. */
#define RAISES(name_, oracle_name, nr, body_, boot_, halt_) {		\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = halt_, .expect = &oracle_##oracle_name,			\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

/* What a program does wrong by itself, every schedule tells. */
#define RAISED(name_, oracle_name, body_) {				\
	.name = name_, .nr_tasks = 1, .boot = mm_test_boot,		\
	.body = body_, .halt = mm_test_halt,				\
	.expect = &oracle_##oracle_name,				\
	.oracles = svm_oracles_mm, .view = &view_mm,			\
}

#define BOOT	mm_test_boot
#define HALT	mm_test_halt

#endif /* TARGETS_MM_TESTS_MM_CASES_H */
