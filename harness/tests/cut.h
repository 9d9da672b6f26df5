/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cut.h: what the two runners of the unit tests of the code under test
 * (targets/cut_test.h) share: the machine a test runs on, and the tests.
 *
 *	test_cut.c		on many schedules, in sim
 *	test_cut_native.c	the tests that must hold, on threads
 */
#ifndef HARNESS_TESTS_CUT_H
#define HARNESS_TESTS_CUT_H

#include "harness/exec/exec.h"
#include "harness/rt/engine.h"
#include "targets/cut_test.h"

#define CUT_SEED	0x5eed

enum cut_verdict { CUT_PASS, CUT_FAIL, CUT_SKIP };

/* Turns on the test's mutation and its oracles; the executions that follow
 * are this test's. */
void cut_choose(const struct cut_test *t);

/* One execution of the chosen test, up to its outcome as a failure. */
void cut_execute(const struct rt_config *config, struct rt_result *r);

/*
 * "PROGRAM kernel|mm|nouveau [name]": runs one folder's tests, or one of them,
 * and counts what became of them. @run prints its line. Returns an exit code.
 */
int cut_main(int argc, char **argv,
	     enum cut_verdict (*run)(const struct cut_test *t));

#endif /* HARNESS_TESTS_CUT_H */
