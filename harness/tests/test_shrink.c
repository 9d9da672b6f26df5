// SPDX-License-Identifier: GPL-2.0
/*
 * test_shrink: a target of its own with one small race buried in noise.
 *
 * Tasks count up shared counters with a load, a point and a store; two of the
 * same counter at once lose an update. A second class lies in wait for a
 * shrinker that goes too far: a lone increment fails too, as something else.
 */
#include "harness/exec/convert.h"
#include "harness/exec/exec.h"
#include "harness/tests/prog_same.h"
#include "harness/tests/test.h"
#include "targets/kernel/kernel.h"

bool should_fail_trylock(const char *why);

#define COUNTERS	4

static u32 counter[COUNTERS] __machine;
static u32 asked[COUNTERS] __machine;
static u32 noise __machine;
static u32 refused __machine;
static u32 pulled __machine;

static long op_count_up(const u32 *arg)
{
	u32 seen;

	rt_point(RT_SITE(RT_LOAD, "load", "counter"), &counter[arg[0]]);
	seen = counter[arg[0]];
	rt_point(RT_SITE(RT_STORE, "store", "counter"), &counter[arg[0]]);
	counter[arg[0]] = seen + 1;
	asked[arg[0]]++;
	return 0;
}

static long op_noise(const u32 *arg)
{
	for (u32 i = 0; i < arg[1]; i++) {
		rt_point(RT_SITE(RT_RMW, "inc", "noise"), &noise);
		noise++;
	}
	return 0;
}

static long op_allocate(const u32 *arg)
{
	rt_point(RT_SITE(RT_NOTE, "kmalloc", NULL), NULL);
	refused |= rt_choose(2, "kmalloc");
	refused |= rt_choose(2, "kmalloc");
	return 0;
}

static long op_depend(const u32 *arg)
{
	rt_point(RT_SITE(RT_LOAD, "load", "refused"), &refused);
	if (refused)
		asked[3]++;
	return 0;
}

/* Fails if exactly seven pulls were made between its looks, both times. */
static long op_needle(const u32 *arg)
{
	u32 seen[3];

	for (u32 i = 0; i < 3; i++) {
		rt_point(RT_SITE(RT_LOAD, "look", "pulled"), &pulled);
		seen[i] = pulled;
		noise += rt_choose(2, "kmalloc");
	}
	if (seen[1] - seen[0] == 7 && seen[2] - seen[1] == 7)
		asked[3]++;
	return 0;
}

static long op_pull(const u32 *arg)
{
	for (u32 i = 0; i < arg[0]; i++) {
		rt_point(RT_SITE(RT_RMW, "pull", "pulled"), &pulled);
		pulled++;
	}
	return 0;
}

/* Fails if it cannot get what it tries for. */
static long op_jam(const u32 *arg)
{
	rt_point(RT_SITE(RT_RMW, "trylock", "noise"), &noise);
	if (should_fail_trylock("trylock"))
		asked[3]++;
	return 0;
}

static const struct op ops[] = {
	{ "count_up", { { "slot", ARG_SLOT, 0 }, { "value", ARG_VALUE, 0 } },
	  10, op_count_up, "adds one" },
	{ "noise", { { "page", ARG_PAGE, 0 }, { "count", ARG_COUNT, 1 } },
	  10, op_noise, "makes points" },
	{ "allocate", { { NULL, ARG_NONE, 0 } }, 0, op_allocate, "may fail" },
	{ "depend", { { NULL, ARG_NONE, 0 } }, 0, op_depend, "on that" },
	{ "needle", { { NULL, ARG_NONE, 0 } }, 0, op_needle, "is hard to hit" },
	{ "pull", { { "count", ARG_COUNT, 1 } }, 0, op_pull, "the thread" },
	{ "jam", { { NULL, ARG_NONE, 0 } }, 0, op_jam, "may be refused" },
};

static void lost_update_quiesce(const struct view *v);
static const struct oracle oracle_lost_update = {
	.name = "lost-update",
	.claim = "a counter is what was asked of it",
	.quiesce = lost_update_quiesce,
};

static void lost_update_quiesce(const struct view *v)
{
	for (u32 i = 0; i < COUNTERS; i++)
		if (counter[i] < asked[i])
			oracle_raise(&oracle_lost_update, 0, "counter",
				     "%u updates lost", asked[i] - counter[i]);
}

static void lonely_quiesce(const struct view *v);
static const struct oracle oracle_lonely = {
	.name = "lonely",
	.claim = "nobody counts alone",
	.quiesce = lonely_quiesce,
};

static void lonely_quiesce(const struct view *v)
{
	u32 total = 0;

	for (u32 i = 0; i < COUNTERS; i++)
		total += asked[i];
	if (total == 1)
		oracle_raise(&oracle_lonely, 0, "counter", "counted once");
}

static const struct oracle *const oracles[] = {
	&oracle_lost_update, &oracle_lonely, NULL,
};

static const struct target target = {
	.name = "counters",
	.ops = ops,
	.nr_ops = ARRAY_SIZE(ops),
	.oracles = oracles,
};

static struct svm svm, again;
static struct shrink_stats st;
static char text[1 << 16];

static void load(const char *program, const struct oracle *expect)
{
	struct op_table table = target_ops(&target);
	struct prog_error err;

	CHECK_EQ(prog_parse(&table, program, &svm.program, &err), 0);
	svm.story[0] = 0;
	svm.target = &target;
	svm.mutation = M_none;
	svm.original = false;
	svm.expect = expect;
	svm.needs[0] = 0;
	svm.fail_alloc = svm.faults = 0;
	svm.memory = RT_MEMORY_SC;
	svm.has_schedule = false;
	CHECK_EQ(exec_setup(&target), 0);
}

static const char *program_text(void)
{
	struct op_table table = target_ops(&target);

	CHECK(prog_print(&table, &svm.program, text, sizeof(text)) > 0);
	return text;
}

static const char *schedule_text(void)
{
	CHECK(schedule_print(&svm.schedule, text, sizeof(text)) >= 0);
	return text;
}

/* Whether svm, followed to the letter, fails as it expects. */
static bool replays(const struct svm *s)
{
	struct rt_result r;
	struct exec x = {
		.target = &target,
		.program = &s->program,
		.strategy = &strategy_replay,
		.schedule = &s->schedule,
		.detail = true,
	};

	exec_run(&x, &r);
	return r.outcome != RT_DIVERGED && !r.diverged[0] &&
	       oracle_failure() && oracle_failure()->oracle == s->expect;
}

static const char *const buried =
	"P0 noise page=3 count=4\nP0 count_up slot=2 value=77\nP0 noise\n"
	"P1 noise count=9\nP1 noise page=7\n"
	"P2 noise\nP2 count_up slot=1\nP2 count_up slot=2\nP2 noise count=3\n"
	"P3 count_up slot=3\nP3 noise count=2\n";

static void follow(const char *line)
{
	struct prog_error err;

	CHECK_EQ(schedule_parse_line(line, 1, &svm.schedule, &err), 0);
}

static void calls_arguments_and_preemptions_go(void)
{
	load(buried, &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
	CHECK_STR(program_text(), "P0  count_up\nP1  count_up\n");
	CHECK_EQ(st.calls_before, 11);
	CHECK_EQ(st.calls_after, 2);
	CHECK_EQ(st.preemptions_after, 1);
	CHECK(st.preemptions_before > 1);
	CHECK(st.steps_after < st.steps_before);
	CHECK(st.tries <= 20000 + 100);
	CHECK(svm.expect == &oracle_lost_update);
	CHECK(replays(&svm));
}

/* Named, and the task that runs first is P0, whoever it was. */
static void segments_are_named(void)
{
	load("P0 count_up\nP1 count_up\n", &oracle_lost_update);
	svm.has_schedule = true;
	svm.schedule.nr = 0;
	follow("P1 until store(counter)");
	follow("P0 until exit");
	CHECK(replays(&svm));
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(schedule_text(),
		  "P0 until store(counter)\n"
		  "P1 until exit\n");

	load("P0 count_up\nP1 count_up\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(schedule_text(),
		  "P0 until store(counter)\n"
		  "P1 until exit\n");
	CHECK(replays(&svm));
}

static void the_class_stays(void)
{
	/* Any class will do: the first found is kept. */
	load("P0 noise\nP0 count_up\nP1 noise\n", NULL);
	CHECK_EQ(shrink(&svm, 2000, 0, &st), 0);
	CHECK(svm.expect == &oracle_lonely);
	CHECK_STR(program_text(), "P0  count_up\n");
	CHECK_EQ(st.preemptions_after, 0);
	/* One call less would be a failure of another class. */
	load(buried, &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
	CHECK(svm.expect == &oracle_lost_update);
}

static void an_unusual_answer_stays_only_if_needed(void)
{
	load("P0 allocate\nP0 depend\nP1 noise count=3\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(program_text(), "P0  allocate\nP0  depend\n");
	CHECK(strstr(schedule_text(), "choose kmalloc 1\n"));
	CHECK(replays(&svm));

	/* One of two such answers is enough. */
	load("P0 allocate\nP0 depend\n", &oracle_lost_update);
	svm.has_schedule = true;
	svm.schedule.nr = 0;
	follow("P0 2 steps");
	follow("choose kmalloc 1");
	follow("choose kmalloc 1");
	CHECK(replays(&svm));
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(strstr(schedule_text(), "choose"), "choose kmalloc 1\n");
	CHECK(replays(&svm));

	load("P0 allocate\nP0 count_up\nP0 allocate\nP1 count_up\n",
	     &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK(!strstr(schedule_text(), "choose"));
}

static void what_does_not_fail_is_not_shrunk(void)
{
	load("P0 noise\nP1 noise\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 500, 0, &st), -1);
	/* It fails, but not so. */
	load("P0 count_up\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 500, 0, &st), -1);
}

static void shrinking_is_deterministic(void)
{
	load(buried, &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
	again = svm;
	load(buried, &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
	CHECK(prog_same(&svm.program, &again.program));
	CHECK(schedule_same(&svm.schedule, &again.schedule));
}

static void a_found_story_is_told_anew(void)
{
	load("P0 count_up\nP1 count_up\nP2 count_up\n", &oracle_lost_update);
	svm.has_schedule = true;
	svm.schedule.nr = 0;
	follow("P0 until store(counter)");
	follow("P1 until store(counter)");
	follow("P2 until exit");
	strcpy(svm.story, "2 updates lost\n\nFound by execution 9.\n");
	CHECK(replays(&svm));
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(svm.story, "1 updates lost\n\nFound by execution 9.\n");
	/* What a person wrote is left alone. */
	strcpy(svm.story, "Two writers, one counter.\n");
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(svm.story, "Two writers, one counter.\n");
}

/* A story's task has more calls than a word of 32 bits has. */
static void long_tasks_shrink(void)
{
	char text_of[(PROG_CALLS_MAX + 1) * 16] = "";

	for (u32 i = 0; i + 1 < PROG_CALLS_MAX; i++)
		strcat(text_of, "P0 noise\n");
	strcat(text_of, "P0 count_up\nP1 count_up\n");
	load(text_of, &oracle_lost_update);
	CHECK_EQ(svm.program.task[0].nr_calls, PROG_CALLS_MAX);
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_STR(program_text(), "P0  count_up\nP1  count_up\n");
	CHECK_EQ(st.calls_before, PROG_CALLS_MAX + 1);
	CHECK(replays(&svm));
}

/*
 * No search finds this again: the schedule has to be kept through all that is
 * taken away around it.
 */
static void a_rare_failure_keeps_its_schedule(void)
{
	load("P0 noise count=16\nP0 noise count=16\nP0 needle\nP0 noise count=2\n"
	     "P1 noise\nP2 noise count=5\nP2 pull count=16\nP3 noise\n",
	     &oracle_lost_update);
	svm.has_schedule = true;
	svm.schedule.nr = 0;
	follow("P3 2 steps");
	follow("P0 34 steps");
	follow("choose kmalloc 1");
	follow("P1 1 step");
	follow("P2 until pull(pulled) #8");
	follow("P0 1 step");
	follow("P2 until pull(pulled) #7");
	follow("P0 until exit");
	CHECK(replays(&svm));
	CHECK_EQ(shrink(&svm, 1000, 0, &st), 0);
	CHECK_STR(program_text(), "P0  needle\nP1  pull       count=16\n");
	CHECK_STR(schedule_text(),
		  "P0 until look(pulled) #2\n"
		  "P1 until pull(pulled) #8\n"
		  "P0 until look(pulled)\n"
		  "P1 until pull(pulled) #7\n"
		  "P0 until exit\n");
	CHECK(replays(&svm));
}

/* A lost update needs one preemption: of two tasks, not one after the other. */
static void fewer_preemptions_are_ruled_out(void)
{
	load(buried, &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 10000, &st), 0);
	CHECK_EQ(st.preemptions_after, 1);
	CHECK_EQ(svm.minimal, SVM_PROVEN);
	CHECK(svm.schedules > 0 && svm.schedules < 100);
	CHECK(replays(&svm));
	/* Too few to look at them all. */
	load("P0 count_up\nP1 count_up\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 1, &st), 0);
	CHECK_EQ(svm.minimal, SVM_UNPROVEN);
	CHECK_EQ(svm.schedules, 1);
	/* None asked for. */
	load("P0 count_up\nP1 count_up\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
	CHECK_EQ(svm.minimal, SVM_UNPROVEN);
	CHECK_EQ(svm.schedules, 0);
}

/* With no tries to drop any, the search finds what dropping would have. */
static void a_schedule_with_fewer_is_taken(void)
{
	u32 tries = 0;

	do
		load("P0 noise count=9\nP0 count_up\nP1 noise count=9\nP1 count_up\n",
		     &oracle_lost_update);
	while (shrink(&svm, ++tries, 100000, &st));
	CHECK(st.preemptions_before > 1);
	CHECK_EQ(st.preemptions_after, 1);
	CHECK_EQ(svm.minimal, SVM_PROVEN);
	CHECK(replays(&svm));
}

/* What need not go wrong is not said to. */
static void unneeded_conditions_go(void)
{
	load("P0 jam\nP0 count_up\nP1 count_up\n", &oracle_lost_update);
	svm.fail_alloc = 3;
	svm.faults = KERNEL_FAULT_ALLOC | KERNEL_FAULT_TRYLOCK |
		     KERNEL_FAULT_TIMER;
	svm.memory = RT_MEMORY_WEAK;
	CHECK_EQ(shrink(&svm, 5000, 1000, &st), 0);
	CHECK_EQ(svm.fail_alloc, 0);
	CHECK_EQ(svm.memory, RT_MEMORY_SC);
	/* Two shorter ways to fail, each without the other's. */
	if (svm.faults)
		CHECK_STR(program_text(), "P0  jam\n");
	else
		CHECK_STR(program_text(), "P0  count_up\nP1  count_up\n");
	CHECK(replays(&svm));
	svm_conditions(&svm);
}

static void needed_conditions_stay(void)
{
	load("P0 noise\nP0 jam\n", &oracle_lost_update);
	svm.faults = KERNEL_FAULT_ALLOC | KERNEL_FAULT_TRYLOCK |
		     KERNEL_FAULT_WAKE;
	CHECK_EQ(shrink(&svm, 5000, 1000, &st), 0);
	CHECK_EQ(svm.faults, KERNEL_FAULT_TRYLOCK);
	CHECK_STR(program_text(), "P0  jam\n");
	CHECK(replays(&svm));
	svm.faults = 0;
	svm_conditions(&svm);
	CHECK(!replays(&svm));
}

/* Every generated program that fails shrinks to the same two calls. */
static void found_failures_shrink(void)
{
	struct op_table table = target_ops(&target);
	u32 shrunk = 0;

	for (u64 i = 0; shrunk < 30 && i < 3000; i++) {
		struct prng prng;
		struct rt_result r;
		struct exec x = {
			.target = &target,
			.program = &svm.program,
			.strategy = &strategy_random,
			.seed = 7,
			.index = i,
		};

		load("P0 noise\n", &oracle_lost_update);
		prng_seed(&prng, 7, PRNG_PROGRAM, i);
		prog_generate(&table, &prng, &svm.program);
		exec_run(&x, &r);
		if (!oracle_failure() ||
		    oracle_failure()->oracle != &oracle_lost_update)
			continue;
		CHECK_EQ(exec_again(&x, &r, &svm.schedule, false), 0);
		svm.has_schedule = true;
		CHECK_EQ(shrink(&svm, 20000, 0, &st), 0);
		CHECK_STR(program_text(), "P0  count_up\nP1  count_up\n");
		CHECK_EQ(st.preemptions_after, 1);
		CHECK(replays(&svm));
		shrunk++;
	}
	CHECK_EQ(shrunk, 30);
}

static void names_are_resolved_to_steps(void)
{
	static u8 bytes[CONVERT_BYTES_MAX];
	int n;

	load("P0 count_up\nP1 count_up\n", &oracle_lost_update);
	CHECK_EQ(shrink(&svm, 5000, 0, &st), 0);
	CHECK_EQ(convert_to_bytes(&svm, bytes, sizeof(bytes)), -1);
	CHECK_EQ(convert_resolve(&svm), 0);
	CHECK(replays(&svm));
	n = convert_to_bytes(&svm, bytes, sizeof(bytes));
	CHECK(n > 0);
	convert_from_bytes(&target, bytes, (size_t)n, &again);
	CHECK(prog_same(&svm.program, &again.program));
	CHECK(schedule_same(&svm.schedule, &again.schedule));
	again.expect = &oracle_lost_update;
	CHECK(replays(&again));
}

static const struct test tests[] = {
	TEST(calls_arguments_and_preemptions_go),
	TEST(segments_are_named),
	TEST(the_class_stays),
	TEST(an_unusual_answer_stays_only_if_needed),
	TEST(what_does_not_fail_is_not_shrunk),
	TEST(shrinking_is_deterministic),
	TEST(a_found_story_is_told_anew),
	TEST(long_tasks_shrink),
	TEST(a_rare_failure_keeps_its_schedule),
	TEST(fewer_preemptions_are_ruled_out),
	TEST(a_schedule_with_fewer_is_taken),
	TEST(unneeded_conditions_go),
	TEST(needed_conditions_stay),
	TEST(found_failures_shrink),
	TEST(names_are_resolved_to_steps),
	{ NULL, NULL },
};

TEST_MAIN("shrink", tests)
