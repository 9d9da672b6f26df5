// SPDX-License-Identifier: GPL-2.0
/*
 * front_target: the program as the one target of the harness, so that
 * executions, verdicts, reproducers and reports are those of every other.
 *
 * Its one fixed task is the main thread; the others it makes itself. There are
 * no ops and no mutations.
 */
#include <string.h>

#include "harness/campaign/campaign.h"
#include "harness/rt/pthread/front.h"
#include "harness/rt/pthread/front_run.h"
#include "targets/kernel/kernel.h"
#include "targets/mutation.h"
#include "targets/target.h"

static struct target target_pthread = {
	.name		= "pthread",
	.help		= "a program of POSIX threads",
	.oracles	= front_oracles,
	.nr_fixed	= 1,
	.body		= front_program,
};

void front_steps(u32 max)
{
	target_pthread.steps_max = max;
}

const struct target *const targets[] = { &target_pthread, NULL };

const struct target *target_find(const char *name)
{
	return strcmp(name, target_pthread.name) ? NULL : &target_pthread;
}

const struct op mm_ops[1];
const u32 nr_mm_ops;

void mm_call_returned(long ret)
{
}

/* There is no kernel below whose allocations could fail. */
void kernel_fail_nth(u32 n)
{
}

void kernel_faults(u32 kinds)
{
}

const struct mutation mutations[M_NR] = {
	[M_none] = { .name = "none", .text = "the program as it is" },
};

int mutation_find(const char *name)
{
	return M_none;
}

int mutation_choose(const char *name, const struct target *t)
{
	return strcmp(name, "none") ? -1 : 0;
}
