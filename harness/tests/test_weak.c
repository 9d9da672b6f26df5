// SPDX-License-Identifier: GPL-2.0
/*
 * weak: the litmus tests of the Linux kernel memory model, by their names in
 * tools/memory-model/litmus-tests, and a few more: an outcome that the model
 * forbids never comes, one it allows is found; under tso, what x86 allows.
 * Every schedule is made, of four tasks those with at most four preemptions,
 * with every answer of the memory; then a good number at random. Built in the race preset alone.
 *
 * LB+poonceonces is allowed and never found: see harness/hooks/weak.c.
 */
#include "harness/tests/sim_bed.h"
#include "harness/tests/weak_bodies.h"

bool journal_judged;

#define RANDOM_EXECUTIONS	20000

struct litmus {
	const char *name;
	struct litmus_step task[LITMUS_TASKS][LITMUS_LENGTH + 1];
	bool (*exists)(const struct litmus_world *l);
	bool tso, weak;		/* is it seen? */
};

#define X 0
#define Y 1
#define Z 2
#define WRITE(v, n)	{ OP_STORE, v, n }
#define RELEASE(v, n)	{ OP_RELEASE, v, n }
#define READ(r, v)	{ OP_LOAD, v, r }
#define ACQUIRE(r, v)	{ OP_ACQUIRE, v, r }
#define XCHG(v, n)	{ OP_XCHG, v, n }
#define INCREMENT(v)	{ OP_INC, v, 0 }
#define MB		{ OP_MB, 0, 0 }
#define RMB		{ OP_RMB, 0, 0 }
#define WMB		{ OP_WMB, 0, 0 }
#define SPIN_LOCK	{ OP_LOCK, 0, 0 }
#define SPIN_UNLOCK	{ OP_UNLOCK, 0, 0 }

#define EXISTS(name, expr)						\
static bool name(const struct litmus_world *l) { return expr; }

EXISTS(r01_is_10, l->r[0] == 1 && l->r[1] == 0)
EXISTS(r01_is_00, l->r[0] == 0 && l->r[1] == 0)
EXISTS(r01_is_11, l->r[0] == 1 && l->r[1] == 1)
EXISTS(cowr, l->r[0] == 2 && l->w[X] == 1)
EXISTS(x_is_1, l->w[X] == 1)
EXISTS(corw, l->r[0] == 2 && l->w[X] == 2)
EXISTS(y2_r0_is_0, l->w[Y] == 2 && l->r[0] == 0)
EXISTS(x2_r0_is_1, l->w[X] == 2 && l->r[0] == 1)
EXISTS(x1_y1, l->w[X] == 1 && l->w[Y] == 1)
EXISTS(r012_is_110, l->r[0] == 1 && l->r[1] == 1 && l->r[2] == 0)
EXISTS(iriw, l->r[0] == 1 && l->r[1] == 0 && l->r[2] == 1 && l->r[3] == 0)
EXISTS(rfi, l->r[0] == 1 && l->r[1] == 0 && l->r[2] == 1 && l->r[3] == 0)
EXISTS(z60, l->r[0] == 1 && l->w[Z] == 2 && l->r[1] == 0)

static const struct litmus litmus_tests[] = {
	/* -- one word -- */
	{ "CoRR", { { WRITE(X, 1) }, { READ(0, X), READ(1, X) } },
	  r01_is_10, false, false },
	{ "CoRW", { { READ(0, X), WRITE(X, 1) }, { WRITE(X, 2) } },
	  corw, false, false },
	{ "CoWR", { { WRITE(X, 1), READ(0, X) }, { WRITE(X, 2) } },
	  cowr, false, false },
	{ "CoWW", { { WRITE(X, 1), WRITE(X, 2) } }, x_is_1, false, false },
	/* -- message passing -- */
	{ "MP+poonceonces",
	  { { WRITE(X, 1), WRITE(Y, 1) }, { READ(0, Y), READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+fencewmbonceonce+poonceonce",
	  { { WRITE(X, 1), WMB, WRITE(Y, 1) }, { READ(0, Y), READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+poonceonce+fencermbonceonce",
	  { { WRITE(X, 1), WRITE(Y, 1) }, { READ(0, Y), RMB, READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+fencewmbonceonce+fencermbonceonce",
	  { { WRITE(X, 1), WMB, WRITE(Y, 1) }, { READ(0, Y), RMB, READ(1, X) } },
	  r01_is_10, false, false },
	{ "MP+pooncerelease+poacquireonce",
	  { { WRITE(X, 1), RELEASE(Y, 1) }, { ACQUIRE(0, Y), READ(1, X) } },
	  r01_is_10, false, false },
	{ "MP+pooncerelease+poonceonce",
	  { { WRITE(X, 1), RELEASE(Y, 1) }, { READ(0, Y), READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+poonceonce+poacquireonce",
	  { { WRITE(X, 1), WRITE(Y, 1) }, { ACQUIRE(0, Y), READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+pooncexchg+poacquireonce",
	  { { WRITE(X, 1), XCHG(Y, 1) }, { ACQUIRE(0, Y), READ(1, X) } },
	  r01_is_10, false, false },
	{ "MP+pooncinc+poacquireonce",
	  { { WRITE(X, 1), INCREMENT(Y) }, { ACQUIRE(0, Y), READ(1, X) } },
	  r01_is_10, false, true },
	{ "MP+polocks",
	  { { WRITE(X, 1), SPIN_LOCK, WRITE(Y, 1), SPIN_UNLOCK },
	    { SPIN_LOCK, READ(0, Y), SPIN_UNLOCK, READ(1, X) } },
	  r01_is_10, false, false },
	/* -- store buffering -- */
	{ "SB+poonceonces",
	  { { WRITE(X, 1), READ(0, Y) }, { WRITE(Y, 1), READ(1, X) } },
	  r01_is_00, true, true },
	{ "SB+fencembonceonces",
	  { { WRITE(X, 1), MB, READ(0, Y) }, { WRITE(Y, 1), MB, READ(1, X) } },
	  r01_is_00, false, false },
	{ "SB+fencembonceonce+poonceonce",
	  { { WRITE(X, 1), MB, READ(0, Y) }, { WRITE(Y, 1), READ(1, X) } },
	  r01_is_00, true, true },
	{ "SB+fencewmbrmbonceonces",
	  { { WRITE(X, 1), WMB, RMB, READ(0, Y) },
	    { WRITE(Y, 1), WMB, RMB, READ(1, X) } },
	  r01_is_00, true, true },
	{ "SB+xchgs",
	  { { XCHG(X, 1), READ(0, Y) }, { XCHG(Y, 1), READ(1, X) } },
	  r01_is_00, false, false },
	{ "SB+rfionceonce-poonceonces",
	  { { WRITE(X, 1), READ(0, X), READ(1, Y) },
	    { WRITE(Y, 1), READ(2, Y), READ(3, X) } },
	  rfi, true, true },
	/* -- load buffering -- */
	{ "LB+poonceonces",
	  { { READ(0, X), WRITE(Y, 1) }, { READ(1, Y), WRITE(X, 1) } },
	  r01_is_11, false, false },
	{ "LB+poacquireonce+pooncerelease",
	  { { READ(0, X), RELEASE(Y, 1) }, { ACQUIRE(1, Y), WRITE(X, 1) } },
	  r01_is_11, false, false },
	/* -- stores against stores -- */
	{ "R+poonceonces",
	  { { WRITE(X, 1), WRITE(Y, 1) }, { WRITE(Y, 2), READ(0, X) } },
	  y2_r0_is_0, true, true },
	{ "R+fencembonceonces",
	  { { WRITE(X, 1), MB, WRITE(Y, 1) }, { WRITE(Y, 2), MB, READ(0, X) } },
	  y2_r0_is_0, false, false },
	{ "S+poonceonces",
	  { { WRITE(X, 2), WRITE(Y, 1) }, { READ(0, Y), WRITE(X, 1) } },
	  x2_r0_is_1, false, true },
	{ "S+fencewmbonceonce+poacquireonce",
	  { { WRITE(X, 2), WMB, WRITE(Y, 1) }, { ACQUIRE(0, Y), WRITE(X, 1) } },
	  x2_r0_is_1, false, false },
	{ "2+2W+poonceonces",
	  { { WRITE(X, 1), WRITE(Y, 2) }, { WRITE(Y, 1), WRITE(X, 2) } },
	  x1_y1, false, true },
	{ "2+2W+fencembonceonces",
	  { { WRITE(X, 1), MB, WRITE(Y, 2) }, { WRITE(Y, 1), MB, WRITE(X, 2) } },
	  x1_y1, false, false },
	/* -- three and four tasks -- */
	{ "WRC+poonceonces+Once",
	  { { WRITE(X, 1) }, { READ(0, X), WRITE(Y, 1) },
	    { READ(1, Y), READ(2, X) } },
	  r012_is_110, false, true },
	{ "WRC+pooncerelease+fencermbonceonce+Once",
	  { { WRITE(X, 1) }, { READ(0, X), RELEASE(Y, 1) },
	    { READ(1, Y), RMB, READ(2, X) } },
	  r012_is_110, false, false },
	{ "ISA2+poonceonces",
	  { { WRITE(X, 1), WRITE(Y, 1) }, { READ(0, Y), WRITE(Z, 1) },
	    { READ(1, Z), READ(2, X) } },
	  r012_is_110, false, true },
	{ "ISA2+pooncerelease+poacquirerelease+poacquireonce",
	  { { WRITE(X, 1), RELEASE(Y, 1) }, { ACQUIRE(0, Y), RELEASE(Z, 1) },
	    { ACQUIRE(1, Z), READ(2, X) } },
	  r012_is_110, false, false },
	{ "Z6.0+pooncerelease+poacquirerelease+fencembonceonce",
	  { { WRITE(X, 1), RELEASE(Y, 1) }, { ACQUIRE(0, Y), RELEASE(Z, 1) },
	    { WRITE(Z, 2), MB, READ(1, X) } },
	  z60, false, true },
	{ "IRIW+poonceonces+OnceOnce",
	  { { WRITE(X, 1) }, { READ(0, X), READ(1, Y) }, { WRITE(Y, 1) },
	    { READ(2, Y), READ(3, X) } },
	  iriw, false, true },
	{ "IRIW+fencembonceonces+OnceOnce",
	  { { WRITE(X, 1) }, { READ(0, X), MB, READ(1, Y) }, { WRITE(Y, 1) },
	    { READ(2, Y), MB, READ(3, X) } },
	  iriw, false, false },
};

static const struct litmus *litmus;

static void boot(void)
{
	litmus_world = rt_alloc(sizeof(*litmus_world));
}

static void body0(void) { litmus_run(litmus->task[0]); }
static void body1(void) { litmus_run(litmus->task[1]); }
static void body2(void) { litmus_run(litmus->task[2]); }
static void body3(void) { litmus_run(litmus->task[3]); }

static u32 nr_tasks(void)
{
	u32 nr = 0;

	while (nr < LITMUS_TASKS && litmus->task[nr][0].op != OP_END)
		nr++;
	return nr;
}

/* In how many executions the outcome came; all that @s makes, or some. */
static u32 seen(const struct strategy *s, u64 executions)
{
	struct bed b = { .boot = boot, .nr = nr_tasks(),
			 .body = { body0, body1, body2, body3 } };
	u32 n = 0;

	for (u64 i = 0; i < executions; i++) {
		bed_run(&b, s, i);
		if (result.outcome == RT_EXHAUSTED)
			break;
		CHECK_EQ(result.outcome, RT_DONE);
		n += litmus->exists(litmus_world);
	}
	return n;
}

static void judge(enum rt_memory memory, bool expected)
{
	u32 made, drawn;

	rt_memory = memory;
	bed_setup(&strategy_dfs, nr_tasks() < 4 ? NULL : "4");
	made = seen(&strategy_dfs, ~0ull);
	bed_setup(&strategy_random, NULL);
	drawn = seen(&strategy_random, RANDOM_EXECUTIONS);
	if ((made || drawn) != expected) {
		printf("%s, memory %d: seen in %u and in %u of %u\n",
		       litmus->name, memory, made, drawn, RANDOM_EXECUTIONS);
		CHECK((made || drawn) == expected);
	}
	/* A model that only a search in order can show is of no use. */
	CHECK((drawn > 0) == expected);
}

static void outcomes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(litmus_tests); i++) {
		litmus = &litmus_tests[i];
		judge(RT_MEMORY_SC, false);
		judge(RT_MEMORY_TSO, litmus->tso);
		judge(RT_MEMORY_WEAK, litmus->weak);
	}
	rt_memory = RT_MEMORY_SC;
}

static const struct test suite[] = {
	TEST(outcomes),
	{ NULL, NULL },
};
TEST_MAIN("weak", suite)
