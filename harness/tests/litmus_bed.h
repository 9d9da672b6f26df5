/* SPDX-License-Identifier: GPL-2.0 */
/*
 * litmus_bed.h: executions of the litmus targets, for their tests.
 */
#ifndef HARNESS_TESTS_LITMUS_BED_H
#define HARNESS_TESTS_LITMUS_BED_H

#include "harness/exec/exec.h"
#include "harness/tests/test.h"
#include "targets/litmus/litmus.h"

static struct rt_result result;

static inline void setup(const struct target *t, const struct strategy *s)
{
	char err[128];

	CHECK_EQ(exec_setup(t), 0);
	if (s->setup)
		CHECK_EQ(s->setup(NULL, err, sizeof(err)), 0);
}

static inline void run(const struct target *t, const struct strategy *s, u64 index)
{
	static struct program program;
	struct exec x = { .target = t, .program = &program, .strategy = s,
			  .seed = 1, .index = index };

	program.nr_tasks = t->nr_fixed;
	exec_run(&x, &result);
}

#endif /* HARNESS_TESTS_LITMUS_BED_H */
