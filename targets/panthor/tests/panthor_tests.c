// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_tests: the list of the unit tests of the Panthor MMU.
 */
#include "targets/cut_test.h"
#include "targets/panthor/tests/bind_tests.h"
#include "targets/panthor/tests/slot_tests.h"

const struct cut_test panthor_tests[] = {
	PANTHOR_SLOT_TESTS,
	PANTHOR_BIND_TESTS,
	{ .name = NULL },
};
