// SPDX-License-Identifier: GPL-2.0
/*
 * dpor: it makes every trace there is, and each once.
 *
 * Random small programs are explored by dfs, which reduces nothing, by
 * dfs-sleep, which leaves out only what sleep sets say was seen, and by dpor;
 * all must see the same set of traces, the latter two each of them once.
 */
#include "harness/tests/dpor_bed.h"

static void draw_plan(struct prng *prng, u32 tasks, u32 ops, u32 verbs)
{
	plan.nr_tasks = tasks;
	plan.nr_ops = ops;
	for (u32 t = 0; t < tasks; t++)
		for (u32 i = 0; i < ops; i++) {
			plan.verb[t][i] = (u8)prng_below(prng, verbs);
			plan.word[t][i] = (u8)prng_below(prng, 2);
		}
}

static void explore_plans(u32 tasks, u32 ops, u32 verbs, u32 plans)
{
	struct prng prng;

	prng_seed(&prng, 7, PRNG_PROGRAM, tasks * 1000 + ops * 100 + verbs);
	for (u32 i = 0; i < plans; i++) {
		draw_plan(&prng, tasks, ops, verbs);
		same_traces();
	}
}

/* A plan of the first @verbs of @verb; what is there twice is more likely. */
static void draw_of(struct prng *prng, u32 tasks, u32 ops, const u8 *verb,
		    u32 verbs)
{
	draw_plan(prng, tasks, ops, verbs);
	for (u32 t = 0; t < tasks; t++)
		for (u32 k = 0; k < ops; k++)
			plan.verb[t][k] = verb[plan.verb[t][k]];
}

static void explore_of(u32 tasks, u32 ops, const u8 *verb, u32 verbs, u32 plans)
{
	struct prng prng;

	prng_seed(&prng, 7, PRNG_PROGRAM,
		  verb[0] * 1000 + tasks * 100 + ops * 10 + verbs);
	for (u32 i = 0; i < plans; i++) {
		draw_of(&prng, tasks, ops, verb, verbs);
		if (tasks * ops > 8)
			same_as_sleep();
		else
			same_traces();
	}
}

static const u8 tries[] = { V_LOCK, V_UNLOCK, V_TRY, V_INC };

static void trylocks_more(void) { explore_of(3, 3, tries, 4, 60); }

static const u8 sharing[] = { V_SHARE, V_UNSHARE, V_SHARE, V_UNSHARE, V_LOCK,
			     V_UNLOCK, V_INC, V_LOAD, V_TRY, V_TRY_SHARE };

static void readers_of_two(void) { explore_of(2, 4, sharing, 8, 200); }
static void readers_of_three(void) { explore_of(3, 2, sharing, 6, 30); }
static void readers_who_try(void) { explore_of(2, 4, sharing, 10, 100); }

static const u8 units[] = { V_SEM, V_POST, V_SEM, V_POST, V_INC, V_TRY_SEM };

static void semaphores_of_two(void) { explore_of(2, 4, units, 5, 60); }
static void semaphores_of_three(void) { explore_of(3, 2, units, 4, 10); }
static void semaphores_tried(void) { explore_of(2, 4, units, 6, 40); }
static void semaphores_more(void) { explore_of(3, 3, units, 6, 60); }

static const u8 deadlines[] = { V_TIMED_SEM, V_POST, V_INC, V_TIMED_COND,
				V_SIGNAL };

static void deadlines_of_two(void) { explore_of(2, 3, deadlines, 5, 40); }
static void deadlines_of_three(void) { explore_of(3, 2, deadlines, 5, 4); }
static void deadlines_more(void) { explore_of(3, 3, deadlines, 5, 30); }

static const u8 meetings[] = { V_ONCE, V_BARRIER, V_INC, V_LOAD };

static void once_and_barriers(void) { explore_of(2, 4, meetings, 4, 20); }
static void barriers_of_three(void) { explore_of(3, 3, meetings, 4, 30); }

/* Critical sections of three tasks on one lock; bit @i of @writers: it writes.
 * @inside: and all count up a word there. */
static u32 sections(u32 writers, bool inside)
{
	u32 again;

	plan.nr_tasks = 3;
	plan.nr_ops = 2 + inside;
	memset(plan.word, 0, sizeof(plan.word));
	for (u32 t = 0; t < 3; t++) {
		bool write = writers >> t & 1;

		plan.verb[t][0] = write ? V_LOCK : V_SHARE;
		plan.verb[t][1] = V_INC;
		plan.verb[t][1 + inside] = write ? V_UNLOCK : V_UNSHARE;
	}
	return explore(&strategy_dpor, &by_dpor, &again);
}

/* Readers are one trace; a writer comes before or after each of them. */
static void readers_commute(void)
{
	CHECK_EQ(sections(0, false), 1);
	CHECK_EQ(sections(1, false), 4);
	CHECK_EQ(sections(3, false), 6);
	CHECK_EQ(sections(7, false), 6);
	CHECK_EQ(sections(0, true), 6);
	CHECK_EQ(sections(1, true), 6);
}

static void accesses_of_two(void) { explore_plans(2, 4, V_INC + 1, 60); }
static void accesses_of_three(void) { explore_plans(3, 2, V_INC + 1, 10); }
static void locks_of_two(void) { explore_plans(2, 4, V_TRY + 1, 100); }
static void locks_of_three(void) { explore_plans(3, 2, V_TRY + 1, 10); }
static void sleepers(void) { explore_plans(2, 4, V_WAKE + 1, 100); }
static void choices(void) { explore_plans(2, 3, V_NR, 60); }

/*
 * A task that spins goes on after another one did, which is no order of two
 * steps. What is not seen for that is said.
 */
static void spinning_is_told(void)
{
	static const u8 verb[] = { V_RELAX, V_INC, V_LOAD, V_STORE, V_TIMED_SEM,
				   V_POST };
	u32 missed = 0, again;
	struct prng prng;

	prng_seed(&prng, 7, PRNG_PROGRAM, 99);
	for (u32 i = 0; i < 20; i++) {
		draw_of(&prng, 3, 2, verb, ARRAY_SIZE(verb));
		explore(&strategy_dfs, &by_dfs, &again);
		explore(&strategy_dpor, &by_dpor, &again);
		if (!missing(&by_dfs, &by_dpor))
			continue;
		missed++;
		CHECK(strstr(strategy_dpor.summary(),
			     "complete but for orders of tasks that spin: ") ==
		      strategy_dpor.summary());
	}
	CHECK(missed);
}

/* Critical sections as code has them, and one within the other. */
static void nested_locks(void)
{
	static const u8 verb[OPS_MAX] = { V_LOCK, V_LOCK, V_INC, V_UNLOCK,
					  V_UNLOCK };
	static const u8 word[2][OPS_MAX] = { { 0, 1, 0, 1, 0 },
					     { 1, 0, 0, 0, 1 } };

	plan.nr_tasks = 2;
	plan.nr_ops = OPS_MAX;
	for (u32 second = 0; second < 2; second++) {
		for (u32 t = 0; t < 2; t++) {
			memcpy(plan.verb[t], verb, sizeof(verb));
			memcpy(plan.word[t], word[t & second], sizeof(word[0]));
		}
		same_traces();
	}
}

static const struct test tests[] = {
	TEST(accesses_of_two),
	TEST(accesses_of_three),
	TEST(locks_of_two),
	TEST(locks_of_three),
	TEST(trylocks_more),
	TEST(nested_locks),
	TEST(readers_of_two),
	TEST(readers_of_three),
	TEST(readers_who_try),
	TEST(readers_commute),
	TEST(semaphores_of_two),
	TEST(semaphores_of_three),
	TEST(semaphores_tried),
	TEST(semaphores_more),
	TEST(deadlines_of_two),
	TEST(deadlines_of_three),
	TEST(deadlines_more),
	TEST(once_and_barriers),
	TEST(barriers_of_three),
	TEST(spinning_is_told),
	TEST(sleepers),
	TEST(choices),
	{ NULL, NULL },
};
TEST_MAIN("dpor", tests)
