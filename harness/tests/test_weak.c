// SPDX-License-Identifier: GPL-2.0
/*
 * weak: the litmus tests of the Linux kernel memory model, by their names in
 * tools/memory-model/litmus-tests, and a few more: an outcome that the model
 * forbids never comes, one it allows is found; under tso, what x86 allows.
 * Every schedule is made, of four tasks those with at most four preemptions,
 * with every answer of the memory; then a good number at random. Built in the race preset alone.
 *
 *	test_weak --table	what was seen, as results/litmus.md
 */
#include "harness/tests/sim_bed.h"
#include "harness/tests/weak_bodies.h"

bool journal_judged;

#define RANDOM_EXECUTIONS	20000

struct litmus {
	const char *name;
	struct litmus_step task[LITMUS_TASKS][LITMUS_LENGTH + 1];
	bool (*exists)(const struct litmus_world *l);
	u8 tso, weak;		/* is it seen? false, true or UNSEEN */
};

/* Allowed and never seen: see harness/hooks/weak.c. */
#define UNSEEN	2

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
#define FENCE		{ OP_FENCE, 0, 0 }
#define FENCE_BOTH	{ OP_FENCE_BOTH, 0, 0 }
#define SYNC		{ OP_SYNC, 0, 0 }
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
	  r01_is_11, false, UNSEEN },
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
	/* -- fences of the compiler's -- */
	{ "SB+fences", { { WRITE(X, 1), FENCE, READ(0, Y) },
			 { WRITE(Y, 1), FENCE, READ(1, X) } },
	  r01_is_00, false, false },
	{ "SB+syncs", { { WRITE(X, 1), SYNC, READ(0, Y) },
			{ WRITE(Y, 1), SYNC, READ(1, X) } },
	  r01_is_00, false, false },
	{ "SB+acqrels", { { WRITE(X, 1), FENCE_BOTH, READ(0, Y) },
			  { WRITE(Y, 1), FENCE_BOTH, READ(1, X) } },
	  r01_is_00, true, true },
	{ "MP+acqrels", { { WRITE(X, 1), FENCE_BOTH, WRITE(Y, 1) },
			  { READ(0, Y), FENCE_BOTH, READ(1, X) } },
	  r01_is_10, false, false },
	{ "R+fences", { { WRITE(X, 1), FENCE, WRITE(Y, 1) },
			{ WRITE(Y, 2), FENCE, READ(0, X) } },
	  y2_r0_is_0, false, false },
	{ "2+2W+fences", { { WRITE(X, 1), FENCE, WRITE(Y, 2) },
			   { WRITE(Y, 1), FENCE, WRITE(X, 2) } },
	  x1_y1, false, false },
	{ "IRIW+fences",
	  { { WRITE(X, 1) }, { READ(0, X), FENCE, READ(1, Y) }, { WRITE(Y, 1) },
	    { READ(2, Y), FENCE, READ(3, X) } },
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

struct sight {
	u64 made;		/* executions: all that the strategy makes, or some */
	u64 seen;		/* of those, with the outcome */
	u64 first;		/* of them; none: 0 */
};

static struct sight look(const struct strategy *s, u64 executions)
{
	struct bed b = { .boot = boot, .nr = nr_tasks(),
			 .body = { body0, body1, body2, body3 } };
	struct sight at = { 0 };

	for (u64 i = 0; i < executions; i++) {
		bed_run(&b, s, i);
		if (result.outcome == RT_EXHAUSTED)
			break;
		CHECK_EQ(result.outcome, RT_DONE);
		at.made++;
		if (litmus->exists(litmus_world) && !at.seen++)
			at.first = at.made;
	}
	return at;
}

/* What is seen of the test, in order and at random. */
static void search(enum rt_memory memory, struct sight *all, struct sight *drawn)
{
	rt_memory = memory;
	bed_setup(&strategy_dfs, nr_tasks() < 4 ? NULL : "4");
	*all = look(&strategy_dfs, ~0ull);
	bed_setup(&strategy_random, NULL);
	*drawn = look(&strategy_random, RANDOM_EXECUTIONS);
	rt_memory = RT_MEMORY_SC;
}

static void judge(enum rt_memory memory, u8 outcome)
{
	bool expected = outcome == true;
	struct sight all, drawn;

	search(memory, &all, &drawn);
	if ((all.seen || drawn.seen) != expected) {
		printf("%s, memory %d: seen in %llu and in %llu of %u\n",
		       litmus->name, memory, all.seen, drawn.seen,
		       RANDOM_EXECUTIONS);
		CHECK((all.seen || drawn.seen) == expected);
	}
	/* A model that only a search in order can show is of no use. */
	CHECK((drawn.seen > 0) == expected);
}

static void outcomes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(litmus_tests); i++) {
		litmus = &litmus_tests[i];
		judge(RT_MEMORY_SC, false);
		judge(RT_MEMORY_TSO, litmus->tso);
		judge(RT_MEMORY_WEAK, litmus->weak);
	}
}

/* -- the table ------------------------------------------------------------- */

/* What orders the accesses of the test, each once. */
static void print_order(void)
{
	static const char *const name[] = {
		[OP_RELEASE] = "release", [OP_ACQUIRE] = "acquire",
		[OP_XCHG] = "xchg", [OP_MB] = "mb", [OP_RMB] = "rmb",
		[OP_WMB] = "wmb", [OP_LOCK] = "lock",
		[OP_FENCE] = "fence", [OP_FENCE_BOTH] = "fence(acq_rel)",
		[OP_SYNC] = "__sync_synchronize",
	};
	const char *sep = "";

	for (u32 op = 0; op < ARRAY_SIZE(name); op++) {
		bool has = false;

		for (u32 i = 0; i < nr_tasks(); i++)
			for (u32 j = 0; litmus->task[i][j].op != OP_END; j++)
				has |= litmus->task[i][j].op == op;
		if (!has || !name[op])
			continue;
		printf("%s%s", sep, name[op]);
		sep = " ";
	}
	printf("%s", *sep ? "" : "none");
}

static void print_row(const char *model, enum rt_memory memory, u8 outcome)
{
	struct sight all, drawn;

	search(memory, &all, &drawn);
	printf("| %s | ", litmus->name);
	print_order();
	printf(" | %s | %s | ", model, outcome ? "allowed" : "forbidden");
	if (drawn.seen)
		printf("%llu | ", drawn.first);
	else
		printf("not in %llu | ", drawn.made);
	printf("%llu of %llu%s |\n", all.seen, all.made,
	       nr_tasks() < 4 ? "" : " (4 preemptions)");
}

static void print_table(void)
{
	puts("# litmus tests: `build/race/harness/tests/test_weak --table`\n\n"
	     "The outcome that a test of the kernel's memory model asks about, by each model\n"
	     "of `--memory`. \"order\" is what orders the accesses, \"random\" the executions\n"
	     "of the random walk until the outcome came, \"all\" in how many of all executions\n"
	     "it comes: every schedule, of four tasks those with at most four preemptions, with\n"
	     "every answer of the memory. What is forbidden is never seen, what is allowed is;\n"
	     "but for LB+poonceonces, since tasks run in program order and a load is answered\n"
	     "at once.\n\n"
	     "| test | order | memory | outcome | random | all |\n"
	     "|---|---|---|---|---:|---:|");
	for (u32 i = 0; i < ARRAY_SIZE(litmus_tests); i++) {
		litmus = &litmus_tests[i];
		print_row("sc", RT_MEMORY_SC, false);
		print_row("tso", RT_MEMORY_TSO, litmus->tso);
		print_row("weak", RT_MEMORY_WEAK, litmus->weak);
	}
}

static const struct test suite[] = {
	TEST(outcomes),
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "--table"))
		return test_main("weak", suite, argc, argv);
	if (setjmp(test_failed))
		return 1;
	print_table();
	return fflush(stdout) || ferror(stdout);
}
