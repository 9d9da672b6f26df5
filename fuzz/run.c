// SPDX-License-Identifier: GPL-2.0
/*
 * run: an input, executed in the deterministic runtime and judged.
 *
 * A schedule is followed as far as it goes (lenient): most of what engines make
 * names tasks that cannot run there, and that is no reason to stop. What it
 * leads to is exact all the same: the same input is the same execution.
 *
 * The engine is set up by the first input and not before, so that the signal
 * handlers of libFuzzer are there first: ours, which turn a signal in the code
 * under test into a finding, hand on what is not in an execution.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "harness/exec/faults.h"
#include "targets/kernel/kernel.h"

struct exec fuzz_exec;
u32 fuzz_faults;

static struct program program;
static struct schedule schedule;
static struct form form;

/* What the target spawns at boot is there in every execution of it. */
static void find_daemons(void)
{
	struct rt_result r;

	prog_decode(&form.ops, (const u8 *)"", 0, &program, NULL);
	exec_run(&fuzz_exec, &r);
	if (r.outcome != RT_DONE)
		fuzz_broken("one call alone does not come to its end");
	for (u32 i = 0; i < r.nr_tasks; i++) {
		struct schedule_tasks *d = &form.daemons;

		if (rt_role((int)i) == 'P' || rt_role((int)i) == 'M')
			continue;
		d->task[d->nr].role = rt_role((int)i);
		d->task[d->nr++].index = rt_index((int)i);
	}
}

static void setup(void)
{
	const char *mutate = getenv("SVMTORTURE_MUTATE");
	const char *faults = getenv("SVMTORTURE_FAULTS");

	form.name = fuzz_entry.name;
	form.ring = fuzz_entry.ring;
	form.ops = target_ops(fuzz_entry.target);
	fuzz_exec = (struct exec){
		.target = fuzz_entry.target,
		.program = &program,
		.strategy = &strategy_fuzz,
		.schedule = &schedule,
		.steps_max = RT_STEPS_MAX,
		.lenient = true,
	};
	if (feedback_setup(getenv("SVMTORTURE_FEEDBACK")) || form_init(&form) ||
	    exec_setup(fuzz_entry.target))
		fuzz_broken("cannot be set up");
	if (faults && faults_parse(faults, &fuzz_faults))
		fuzz_broken("SVMTORTURE_FAULTS has an unknown word");
	mutation_choose("none", fuzz_entry.target);
	find_daemons();
	if (mutate && mutation_choose(mutate, fuzz_entry.target))
		fuzz_broken("SVMTORTURE_MUTATE is no mutation of this target");
	kernel_faults(fuzz_faults);
}

const struct form *fuzz_form(void)
{
	if (!form.name)
		setup();
	return &form;
}

void fuzz_execute(const u8 *bytes, size_t len, struct rt_result *r)
{
	form_decode(fuzz_form(), bytes, len, &program, &schedule);
	fuzz_exec.index++;
	exec_run(&fuzz_exec, r);
}

void fuzz_run(const u8 *bytes, size_t len)
{
	struct rt_result r;

	fuzz_execute(bytes, len, &r);
	if (oracle_failure())
		fuzz_finding(&fuzz_exec, &r);
	if (r.outcome != RT_DONE)
		fuzz_broken("an execution did not come to its end");
}
