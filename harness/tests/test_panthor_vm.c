// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_vm: properties of Panthor's VM_BIND over all small inputs, in boot,
 * where nothing but the operation itself runs.
 *
 * Every call is judged by the target's own oracles too: that a reserve was not
 * enough is class op-reserve, that tree and tables disagree is vm-tree.
 */
#include "harness/oracle/oracle.h"
#include "harness/rt/engine.h"
#include "harness/rt/strategy.h"
#include "harness/sanitize.h"
#include "harness/tests/test.h"
#include "targets/kernel/kernel.h"
#include "targets/mutation.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/panthor/tests/property/property.h"
#include "targets/target.h"

/* A million in all; where every access is instrumented, a tenth. */
#define SPLIT_ROUNDS	(SANITIZE_ADDRESS || SANITIZE_THREAD ? 10u : 100u)
#define SPLIT_OPS	10000u

extern const struct target target_panthor;
extern const struct strategy strategy_random;

static u64 input;
static u32 output;
static struct rt_result result;

static void split_main(void *arg)
{
	kernel_boot(0);
	output = panthor_property_split(input, SPLIT_OPS);
	rt_go();
	kernel_halt();
}

static void reserve_main(void *arg)
{
	kernel_boot(0);
	panthor_property_boot();
	output = panthor_property_reserve((u32)input);
	rt_go();
	panthor_property_halt();
	kernel_halt();
}

/* A machine of its own; the failure, or NULL. */
static const struct failure *run(void (*machine)(void *), u64 in)
{
	struct rt_config config = { .strategy = &strategy_random, .seed = 1 };

	input = in;
	output = 0;
	oracle_begin();
	journal_begin();
	rt_engine_run(&config, machine, NULL, &result);
	oracle_outcome(&result);
	return oracle_failure();
}

static void begin(void)
{
	CHECK_EQ(rt_engine_init(), 0);
	memset(mutation_on, 0, M_NR);
	oracle_setup(target_panthor.oracles, target_panthor.view);
}

static void passes(void (*machine)(void *), u64 in, u32 ops)
{
	const struct failure *f = run(machine, in);

	CHECK_STR(f ? f->text : "", "");
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(output, ops);
}

static void split_and_merge_agree_with_a_flat_model(void)
{
	begin();
	for (u64 seed = 1; seed <= SPLIT_ROUNDS; seed++)
		passes(split_main, seed, SPLIT_OPS);
}

static void a_wrong_offset_behind_a_cut_is_noticed(void)
{
	begin();
	mutation_on[M_gpuvm_next_keeps_offset] = true;
	run(split_main, 1);
	CHECK(output < SPLIT_OPS);
}

static void what_is_reserved_is_enough_for_every_shape(void)
{
	begin();
	for (u32 prior = 0; prior < PANTHOR_SHAPES; prior++)
		passes(reserve_main, prior, PANTHOR_SHAPES);
}

/* Some shape needs each table and each mapping that is reserved. */
static u32 exhausted(int mutation)
{
	u32 nr = 0;

	begin();
	mutation_on[mutation] = true;
	for (u32 prior = 0; prior < PANTHOR_SHAPES; prior++) {
		const struct failure *f = run(reserve_main, prior);

		if (f)
			CHECK_STR(f->oracle->name, oracle_op_reserve.name);
		nr += f != NULL;
	}
	return nr;
}

static void one_less_is_not_enough_for_some(void)
{
	CHECK(exhausted(M_pan_reserve_ends_short));
	CHECK(exhausted(M_pan_unmap_one_vma));
	CHECK(exhausted(M_pan_v2_unmap_no_vmas));
}

static const struct test tests[] = {
	TEST(split_and_merge_agree_with_a_flat_model),
	TEST(a_wrong_offset_behind_a_cut_is_noticed),
	TEST(what_is_reserved_is_enough_for_every_shape),
	TEST(one_less_is_not_enough_for_some),
	{ NULL, NULL },
};
TEST_MAIN("panthor_vm", tests)
