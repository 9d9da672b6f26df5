// SPDX-License-Identifier: GPL-2.0
/*
 * dpor: it makes every trace there is, and each once.
 *
 * What a trace is, is worked out here a second time, from the steps alone and
 * in the plainest way: two executions are the same trace if they order the
 * same dependent steps alike. Random small programs are then explored by dfs,
 * which reduces nothing, and by dpor; both must see the same set of traces.
 */
#include "harness/tests/sim_bed.h"

enum verb { V_LOAD, V_STORE, V_INC, V_LOCK, V_UNLOCK, V_TRY, V_WAIT, V_WAKE,
	    V_CHOOSE, V_NR, V_SHARE = V_NR, V_UNSHARE, V_TRY_SHARE, V_ALL };

#define TASKS_MAX	3
#define OPS_MAX		5

/* A program: per task its operations, each on word 0 or 1. */
static struct plan {
	u32 nr_tasks, nr_ops;
	u8 verb[TASKS_MAX][OPS_MAX];
	u8 word[TASKS_MAX][OPS_MAX];
} plan;

static struct done {
	u8 task, verb, word, answer;
} done[64];
static u32 nr_done;
static bool holds[TASKS_MAX][2];	/* a lock is let go by its holder alone */
static u32 shares[TASKS_MAX][2];	/* and so is a shared one, each time */

#define WRITER	(1u << 31)		/* else the word counts who share it */

static void did(u32 t, u32 verb, u32 word, u32 answer)
{
	done[nr_done++] = (struct done){ (u8)t, (u8)verb, (u8)word, (u8)answer };
}

/* The word of a lock is 4 or 5. What there was to be done, or -1: nothing. */
static int lock_operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site lock = { RT_LOCK, "lock", "w" };
	static const struct rt_site unlock = { RT_UNLOCK, "unlock", "w" };
	static const struct rt_site try = { RT_RMW, "trylock", "w" };
	static const struct rt_site share = { RT_LOCK_SHARED, "share", "w" };
	static const struct rt_site unshare = { RT_UNLOCK_SHARED, "unshare", "w" };
	u32 *held = &w[4 + i];
	int answer = 0;

	switch (verb) {
	case V_LOCK:
		rt_point_lock(&lock, held, held, ~0u, 0);
		*held = WRITER;
		holds[t][i] = true;
		break;
	case V_UNLOCK:
		if (!holds[t][i])
			return -1;
		rt_point(&unlock, held);
		*held = 0;
		holds[t][i] = false;
		break;
	case V_TRY:
		rt_point(&try, held);
		answer = !*held;
		*held |= answer ? WRITER : 0;
		holds[t][i] |= answer;
		break;
	case V_SHARE:
		rt_point_lock(&share, held, held, WRITER, 0);
		++*held;
		shares[t][i]++;
		break;
	case V_TRY_SHARE:
		rt_point(&try, held);
		answer = !(*held & WRITER);
		*held += (u32)answer;
		shares[t][i] += (u32)answer;
		break;
	case V_UNSHARE:
		if (!shares[t][i])
			return -1;
		rt_point(&unshare, held);
		--*held;
		shares[t][i]--;
		break;
	}
	return answer;
}

/* A sleeper's word is 6 or 7: apart from the data, too. */
static void operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site load = { RT_LOAD, "load", "w" };
	static const struct rt_site store = { RT_STORE, "store", "w" };
	static const struct rt_site inc = { RT_RMW, "inc", "w" };
	static const struct rt_site wait = { RT_WAIT, "wait", "w" };
	static const struct rt_site wake = { RT_WAKE, "wake", "w" };
	u32 *data = &w[i], *event = &w[6 + i];
	int answer = 0;

	switch (verb) {
	case V_LOAD:
		rt_point(&load, data);
		answer = (int)*data;
		break;
	case V_STORE:
		rt_point(&store, data);
		*data = t + 1;
		break;
	case V_INC:
		rt_point(&inc, data);
		++*data;
		break;
	case V_WAIT:
		rt_point(&wait, event);
		did(t, verb, i, *event);
		if (*event)
			return;
		answer = 1 + (int)rt_wait(event, 0, RT_FOREVER, 0);
		break;
	case V_WAKE:
		rt_point(&wake, event);
		*event = 1;
		did(t, verb, i, 0);
		rt_wake(event, ~0u);
		return;
	case V_CHOOSE:
		answer = (int)rt_choose(2, "either");
		break;
	default:
		answer = lock_operation(t, verb, i);
		break;
	}
	if (answer >= 0)
		did(t, verb, i, (u32)answer);
}

static void body(u32 t)
{
	for (u32 i = 0; i < plan.nr_ops; i++)
		operation(t, plan.verb[t][i], plan.word[t][i]);
}

static void body0(void) { body(0); }
static void body1(void) { body(1); }
static void body2(void) { body(2); }

static void nothing_done(void)
{
	nr_done = 0;
	memset(holds, 0, sizeof(holds));
	memset(shares, 0, sizeof(shares));
}

static struct bed planned = { .boot = nothing_done,
			      .body = { body0, body1, body2 } };

static u32 object_of(const struct done *d)
{
	if (d->verb == V_CHOOSE)
		return ~0u;
	if (d->verb <= V_INC)
		return d->word;
	return d->verb <= V_TRY || d->verb >= V_SHARE ? 4u + d->word :
							6u + d->word;
}

static bool is_share(const struct done *d)
{
	return d->verb == V_SHARE || d->verb == V_UNSHARE;
}

static bool depend(const struct done *a, const struct done *b)
{
	if (a->task == b->task)
		return true;
	return object_of(a) != ~0u && object_of(a) == object_of(b) &&
	       !(a->verb == V_LOAD && b->verb == V_LOAD) &&
	       !(is_share(a) && is_share(b));
}

static u64 mixed(u64 x)
{
	x = (x + 0x9e3779b97f4a7c15ull) * 0xff51afd7ed558ccdull;
	x = (x ^ x >> 29) * 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 32;
}

/*
 * Of all pairs of dependent steps, in the order they were made. A step is
 * named by its task and its number there, so that the order of the others
 * does not show.
 */
static u64 trace_of(void)
{
	u32 nth[64], made[TASKS_MAX] = { 0 };
	u64 sum = result.outcome;

	for (u32 i = 0; i < nr_done; i++)
		nth[i] = made[done[i].task]++;
	for (u32 j = 0; j < nr_done; j++) {
		u64 self = done[j].task * 64u + nth[j];

		sum += mixed(self << 8 | done[j].answer);
		for (u32 i = 0; i < j; i++) {
			u64 other = done[i].task * 64u + nth[i];

			if (depend(&done[i], &done[j]))
				sum += mixed(other << 32 | self << 8 | 0xff);
		}
	}
	return sum;
}

#define SET 65536
struct set {
	u64 trace[SET];		/* 0: empty */
	u32 nr;
};
static struct set by_dfs, by_dpor;

static bool add(struct set *s, u64 trace)
{
	u32 at = (u32)(trace >> 20) % SET;

	trace |= 1;
	for (; s->trace[at]; at = (at + 1) % SET)
		if (s->trace[at] == trace)
			return false;
	s->trace[at] = trace;
	s->nr++;
	CHECK(s->nr < SET / 2);
	return true;
}

static bool has(const struct set *s, u64 trace)
{
	for (u32 at = (u32)(trace >> 20) % SET; s->trace[at];
	     at = (at + 1) % SET)
		if (s->trace[at] == (trace | 1))
			return true;
	return false;
}

/* How many executions; *again: how many of them were a trace seen before. */
static u32 explore(const struct strategy *s, struct set *set, u32 *again)
{
	u32 n = 0;

	planned.nr = plan.nr_tasks;
	bed_setup(s, NULL);
	memset(set, 0, sizeof(*set));
	*again = 0;
	for (bed_run(&planned, s, 0); result.outcome != RT_EXHAUSTED;
	     bed_run(&planned, s, ++n)) {
		CHECK(!s->broken());
		if (result.outcome != RT_PRUNED)
			*again += !add(set, trace_of());
	}
	return n;
}

static void print_plan(void)
{
	static const char *const word[V_ALL] = { "load", "store", "inc", "lock",
		"unlock", "trylock", "wait", "wake", "choose", "share",
		"unshare", "tryshare" };

	for (u32 t = 0; t < plan.nr_tasks; t++) {
		printf("P%u:", t);
		for (u32 i = 0; i < plan.nr_ops; i++)
			printf(" %s %u", word[plan.verb[t][i]],
			       plan.word[t][i]);
		printf("\n");
	}
}

static bool has_trylock(void)
{
	for (u32 t = 0; t < plan.nr_tasks; t++)
		for (u32 i = 0; i < plan.nr_ops; i++)
			if (plan.verb[t][i] == V_TRY ||
			    plan.verb[t][i] == V_TRY_SHARE)
				return true;
	return false;
}

static void same_traces(void)
{
	u32 again, executions;

	explore(&strategy_dfs, &by_dfs, &again);
	executions = explore(&strategy_dpor, &by_dpor, &again);
	/* A trylock hides which step took the lock: see dpor_race.c. */
	if (by_dpor.nr != by_dfs.nr || again ||
	    (executions != by_dfs.nr && !has_trylock())) {
		print_plan();
		printf("dfs saw %u traces; dpor %u in %u executions, %u of them twice\n",
		       by_dfs.nr, by_dpor.nr, executions, again);
	}
	CHECK_EQ(by_dpor.nr, by_dfs.nr);
	for (u32 i = 0; i < SET; i++)
		CHECK(!by_dfs.trace[i] || has(&by_dpor, by_dfs.trace[i]));
	CHECK_EQ(again, 0);
	CHECK(executions == by_dfs.nr || has_trylock());
	CHECK(strstr(strategy_dpor.summary(), "complete") ==
	      strategy_dpor.summary());
}

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

/* Of the first so many of these; sharing is what most do. */
static void explore_readers(u32 tasks, u32 ops, u32 verbs, u32 plans)
{
	static const u8 verb[] = { V_SHARE, V_UNSHARE, V_SHARE, V_UNSHARE,
				   V_LOCK, V_UNLOCK, V_INC, V_LOAD, V_TRY,
				   V_TRY_SHARE };
	struct prng prng;

	prng_seed(&prng, 7, PRNG_PROGRAM, 9000 + tasks * 100 + ops * 10 + verbs);
	for (u32 i = 0; i < plans; i++) {
		draw_plan(&prng, tasks, ops, verbs);
		for (u32 t = 0; t < tasks; t++)
			for (u32 k = 0; k < ops; k++)
				plan.verb[t][k] = verb[plan.verb[t][k]];
		same_traces();
	}
}

static void readers_of_two(void) { explore_readers(2, 4, 8, 200); }
static void readers_of_three(void) { explore_readers(3, 2, 6, 30); }
static void readers_who_try(void) { explore_readers(2, 4, 10, 100); }

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
	TEST(nested_locks),
	TEST(readers_of_two),
	TEST(readers_of_three),
	TEST(readers_who_try),
	TEST(readers_commute),
	TEST(sleepers),
	TEST(choices),
	{ NULL, NULL },
};
TEST_MAIN("dpor", tests)
