// SPDX-License-Identifier: GPL-2.0
/*
 * oracle: who is called when, that the first failure wins, and each of the
 * engine's own oracles in both directions: raised by its event or outcome,
 * silent at the nearest thing that is allowed.
 */
#include <signal.h>

#include "harness/tests/fixture.h"
#include "harness/tests/test.h"

#define U(p) ((u64)(unsigned long)(p))

static char calls[64];
static bool raise_first, raise_second;

static void note(char c)
{
	size_t n = strlen(calls);

	calls[n] = c;
	calls[n + 1] = 0;
}

static const struct oracle oracle_first, oracle_second;

static void first_event(const struct view *v, const struct event *e)
{
	note('a');
	if (raise_first)
		oracle_raise(&oracle_first, e->seq - 1, "page#7", "seen %s %d",
			     "twice", 2);
}

static void second_event(const struct view *v, const struct event *e)
{
	note('b');
	if (raise_second)
		oracle_raise(&oracle_second, 0, NULL, "second");
}

static void first_quiesce(const struct view *v) { note('q'); }
static void second_end(const struct view *v) { note('e'); }

static const u16 both_kinds[] = { EV_page_free, EV_page_alloc, 0 };
static const u16 one_kind[] = { EV_page_free, 0 };

static const struct oracle oracle_first = {
	.name = "first", .claim = "one comes first", .kinds = both_kinds,
	.event = first_event, .quiesce = first_quiesce,
};

static const struct oracle oracle_second = {
	.name = "second", .claim = "two comes second", .kinds = one_kind,
	.event = second_event, .end = second_end,
};

static const struct oracle *const own[] = {
	&oracle_first, &oracle_second, NULL,
};

static void body_frees(void)
{
	rt_point(RT_SITE(RT_NOTE, "window", NULL), NULL);
	journal_emit(EV_page_alloc, 7, 1, 0);
	journal_emit(EV_page_free, 7, 0, 0);
	note('z');
}

static void halt(void)
{
	oracle_quiesce();
	oracle_end();
}

static struct fixture frees = { .body = { body_frees }, .halt = halt };

static void setup(bool first, bool second)
{
	calls[0] = 0;
	raise_first = first;
	raise_second = second;
	oracle_setup(own, NULL);
}

static void listeners_are_called_in_order(void)
{
	setup(false, false);
	fixture_run(&frees);
	CHECK_EQ(frees.result.outcome, RT_DONE);
	CHECK_STR(calls, "aabzqe");
	CHECK(!oracle_failure());
}

static void setup_replaces_the_last_one(void)
{
	setup(false, false);
	oracle_setup(NULL, NULL);
	fixture_run(&frees);
	CHECK_STR(calls, "z");
}

static void raise_ends_the_execution_with_its_failure(void)
{
	const struct failure *f;

	setup(true, false);
	fixture_run(&frees);
	CHECK_EQ(frees.result.outcome, RT_STOPPED);
	CHECK_STR(calls, "a");
	f = oracle_failure();
	CHECK(f && f->oracle == &oracle_first);
	CHECK_EQ(f->other, f->seq - 1);
	CHECK_EQ(rt_role(f->task), 'P');
	CHECK_STR(f->subject, "page#7");
	CHECK_STR(f->text, "seen twice 2");
	CHECK_EQ(f->nr_pc, 0);
	frees.detail = true;
	fixture_run(&frees);
	frees.detail = false;
	CHECK(oracle_failure()->nr_pc > 2);
}

static void first_failure_wins(void)
{
	setup(false, true);
	fixture_run(&frees);
	CHECK_STR(calls, "aab");
	CHECK(oracle_failure()->oracle == &oracle_second);
	oracle_record(&oracle_crash, "too late");
	CHECK(oracle_failure()->oracle == &oracle_second);
	oracle_begin();
	CHECK(!oracle_failure());
	oracle_record(&oracle_crash, "in %s", "time");
	CHECK(oracle_failure()->oracle == &oracle_crash);
	CHECK_STR(oracle_failure()->text, "in time");
}

/* -- the engine's own -- */

static u16 emit_kind;
static u64 emit_a, emit_b, emit_c;

static void body_emits(void)
{
	rt_point(RT_SITE(RT_NOTE, "window", NULL), NULL);
	journal_emit(emit_kind, emit_a, emit_b, emit_c);
}

/* The class raised when a task emits this; NULL for none. */
static const struct oracle *raised(u16 kind, const char *a, const char *b,
				   const char *c)
{
	struct fixture x = { .body = { body_emits } };

	emit_kind = kind;
	emit_a = U(a);
	emit_b = U(b);
	emit_c = U(c);
	oracle_setup(NULL, NULL);
	fixture_run(&x);
	return oracle_failure() ? oracle_failure()->oracle : NULL;
}

static void complaints_are_raised_as_their_class(void)
{
	CHECK(raised(EV_warn, "x", "f", NULL) == &oracle_warn);
	CHECK_STR(oracle_failure()->text, "P0: WARNING: x at f:0.");
	CHECK(raised(EV_bug, "x", "f", NULL) == &oracle_bug);
	CHECK(raised(EV_lockdep, "circular order", NULL, NULL) ==
	      &oracle_lock_order);
	CHECK_STR(oracle_failure()->text, "P0: circular order.");
	CHECK(raised(EV_lockdep, "held at return", NULL, "lock") ==
	      &oracle_lock_leak);
	CHECK_STR(oracle_failure()->text, "P0: held at return.");
	CHECK(raised(EV_use_after_free, NULL, NULL, "svmm") ==
	      &oracle_use_after_free);
	CHECK_STR(oracle_failure()->text, "P0: use-after-free.");
	CHECK_STR(oracle_failure()->subject, "svmm");
	CHECK(raised(EV_bad_free, NULL, "double free", "svmm") ==
	      &oracle_bad_free);
	CHECK(raised(EV_leak, NULL, NULL, "svmm") == &oracle_leak);
}

/* Repeating a failure in detail compares the text, and adds the words. */
static void text_is_the_same_in_detail(void)
{
	static const u16 kind[] = { EV_lockdep, EV_use_after_free, EV_leak };
	struct fixture x = { .body = { body_emits } };
	char text[256];

	oracle_setup(NULL, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(kind); i++) {
		emit_kind = kind[i];
		emit_a = U("complaint");
		emit_b = U(&emit_kind);
		emit_c = U(kind[i] == EV_lockdep ? NULL : "svmm");
		x.detail = false;
		fixture_run(&x);
		CHECK_STR(oracle_failure()->words, "");
		strcpy(text, oracle_failure()->text);
		x.detail = true;
		fixture_run(&x);
		CHECK_STR(oracle_failure()->text, text);
		CHECK(strlen(oracle_failure()->words) > strlen(text));
	}
}

static void ordinary_events_raise_nothing(void)
{
	CHECK(!raised(EV_alloc, NULL, NULL, "svmm"));
	CHECK(!raised(EV_free, NULL, NULL, "svmm"));
	CHECK(!raised(EV_lock, "mutex_lock", NULL, NULL));
	CHECK(!raised(EV_unlock, "mutex_unlock", NULL, NULL));
	CHECK(!raised(EV_mutation_hit, "x", NULL, NULL));
	CHECK(!raised(EV_page_free, NULL, NULL, NULL));
}

static void body_uses_memory(void)
{
	char *p = (char *)0x1000;

	rt_point(RT_SITE(RT_NOTE, "window", NULL), NULL);
	journal_emit(EV_alloc, U(p), 64, U("svmm"));
	journal_emit(EV_free, U(p), 64, U("svmm"));
	journal_emit(EV_alloc, U(p + 64), 64, U("svmm"));
	journal_emit(EV_use_after_free, U(p + 8), U(p + 8), U("svmm"));
}

static void use_after_free_contradicts_the_free(void)
{
	struct fixture x = { .body = { body_uses_memory }, .detail = true };
	const struct event *other;

	oracle_setup(NULL, NULL);
	fixture_run(&x);
	CHECK(oracle_failure()->oracle == &oracle_use_after_free);
	other = journal_event(oracle_failure()->other);
	CHECK(other && other->kind == EV_free && other->a == 0x1000);
}

/* -- outcomes -- */

static u32 lock_a, lock_b;

static void lock_both(u32 *first, u32 *second)
{
	rt_name(&lock_a, "a->lock", -1);
	rt_name(&lock_b, "b->lock", -1);
	rt_point_lock(RT_SITE(RT_LOCK, "mutex_lock", NULL), first, first, 1, 0);
	*first = 1;
	journal_emit(EV_lock, U("mutex_lock"), U(first), 1);
	rt_point_lock(RT_SITE(RT_LOCK, "mutex_lock", NULL), second, second, 1, 0);
	*second = 1;
	journal_emit(EV_lock, U("mutex_lock"), U(second), 1);
	*second = *first = 0;
	journal_emit(EV_unlock, U("mutex_unlock"), U(second), 1);
	journal_emit(EV_unlock, U("mutex_unlock"), U(first), 1);
}

static void boot_locks(void) { lock_a = lock_b = 0; }
static void body_ab(void) { lock_both(&lock_a, &lock_b); }
static void body_ba(void) { lock_both(&lock_b, &lock_a); }

static void deadlock_tells_who_waits_for_whom(void)
{
	static const struct schedule s = { .nr = 2, .seg = {
		{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
		  .name = "mutex_lock(b->lock)" },
		{ .kind = SEGMENT_BLOCK, .role = 'P', .index = 1 },
	} };
	struct fixture x = { .boot = boot_locks, .body = { body_ab, body_ba },
			     .schedule = &s, .detail = true };
	const struct failure *f;

	oracle_setup(NULL, NULL);
	fixture_run(&x);
	CHECK_EQ(x.result.outcome, RT_DEADLOCK);
	f = oracle_failure();
	CHECK(f && f->oracle == &oracle_deadlock);
	CHECK_STR(f->text, "P0 waits in mutex_lock; P1 waits in mutex_lock.");
	CHECK(strstr(f->words, "P0 waits in mutex_lock(b->lock), held by P1;"));
	CHECK(strstr(f->words, "P1 waits in mutex_lock(a->lock), held by P0."));
	CHECK_EQ(rt_index(f->task), 0);
	CHECK_EQ(rt_index(journal_event(f->other)->task), 1);
}

static void one_order_is_no_deadlock(void)
{
	struct fixture x = { .boot = boot_locks, .body = { body_ab, body_ab } };

	oracle_setup(NULL, NULL);
	for (x.seed = 1; x.seed <= 50; x.seed++) {
		fixture_run(&x);
		CHECK_EQ(x.result.outcome, RT_DONE);
		CHECK(!oracle_failure());
	}
}

static u32 *freed_lock;

static void boot_freed(void)
{
	freed_lock = rt_alloc(64);
}

static void body_frees_lock(void)
{
	rt_free(freed_lock, 64);
}

/* The end of an execution is made up: under AddressSanitizer the runtime could
 * not look at such a lock itself. */
static const struct oracle *blocked_at(const void *lock)
{
	struct rt_result r = { .outcome = RT_DEADLOCK, .nr_blocked = 1, .task = -1 };

	r.blocked[0] = (struct rt_blocked){ .task = 1, .obj = lock,
		.site = RT_SITE(RT_LOCK, "mutex_lock", NULL) };
	oracle_begin();
	oracle_outcome(&r);
	return oracle_failure()->oracle;
}

static void waiting_for_a_freed_lock_is_use_after_free(void)
{
	struct fixture x = { .boot = boot_freed, .body = { body_frees_lock } };

	oracle_setup(NULL, NULL);
	fixture_run(&x);
	CHECK(!oracle_failure());
	CHECK(blocked_at(freed_lock) == &oracle_use_after_free);
	CHECK_STR(oracle_failure()->text,
		  "P0 waits in mutex_lock for a lock that was freed.");
	CHECK(blocked_at(&lock_a) == &oracle_deadlock);
}

/* P0 takes a then b; P1, holding b, is told it may not take a. */
static void body_complains(void)
{
	journal_emit(EV_lock, U("mutex_lock"), U(&lock_b), 1);
	journal_emit(EV_lockdep, U("circular"), U(&lock_a), U(&lock_b));
}

static void lock_order_contradicts_the_other_order(void)
{
	static const struct schedule s = { .nr = 1, .seg = {
		{ .kind = SEGMENT_EXIT, .role = 'P', .index = 0 },
	} };
	struct fixture x = { .boot = boot_locks, .schedule = &s, .detail = true,
			     .body = { body_ab, body_complains } };
	const struct event *other;

	oracle_setup(NULL, NULL);
	fixture_run(&x);
	CHECK(oracle_failure()->oracle == &oracle_lock_order);
	other = journal_event(oracle_failure()->other);
	CHECK(other && other->kind == EV_lock && other->b == U(&lock_b));
	CHECK_EQ(rt_index(other->task), 0);
	CHECK_STR(oracle_failure()->words,
		  "P1: circular, wants a->lock, holds b->lock.");
}

static u32 nr_spins;

static void body_spins(void)
{
	for (u32 i = 0; i < nr_spins; i++)
		rt_point(RT_SITE(RT_NOTE, "spin", NULL), NULL);
}

static void step_bound_is_no_progress(void)
{
	struct fixture x = { .body = { body_spins }, .steps_max = 100 };

	oracle_setup(NULL, NULL);
	nr_spins = 50;
	fixture_run(&x);
	CHECK(!oracle_failure());
	nr_spins = 500;
	fixture_run(&x);
	CHECK_EQ(x.result.outcome, RT_STEP_BOUND);
	CHECK(oracle_failure()->oracle == &oracle_progress);
	CHECK_STR(oracle_failure()->text,
		  "100 steps and no end; P0 was running.");
}

static const struct oracle *crash_at(int sig, u64 addr)
{
	struct rt_result r = { .outcome = RT_CRASH, .crash_signal = sig,
			       .crash_addr = addr, .task = -1 };

	oracle_begin();
	oracle_outcome(&r);
	return oracle_failure()->oracle;
}

static void crash_at_poison_is_use_after_free(void)
{
	CHECK(crash_at(SIGSEGV, 0x6b6b6b6b6b6b6b6bull) == &oracle_use_after_free);
	CHECK(crash_at(SIGSEGV, 0x6b6b6b6b6b6b6c83ull) == &oracle_use_after_free);
	/* A member so far in that adding its offset carries. */
	CHECK(crash_at(SIGSEGV, 0x6b6b6b6b6c000010ull) == &oracle_use_after_free);
	CHECK(crash_at(SIGSEGV, 0x18) == &oracle_crash);
	CHECK_STR(oracle_failure()->text,
		  "A task dereferenced NULL, at offset 0x18 (SIGSEGV).");
	CHECK(crash_at(SIGSEGV, 0x7f0012345678ull) == &oracle_crash);
	CHECK(!strstr(oracle_failure()->text, "0x"));
	CHECK(crash_at(SIGFPE, 0x6b) == &oracle_crash);
}

static void other_outcomes_are_no_failure(void)
{
	static const enum rt_outcome benign[] = {
		RT_DONE, RT_STOPPED, RT_PRUNED, RT_DIVERGED,
	};

	for (u32 i = 0; i < ARRAY_SIZE(benign); i++) {
		struct rt_result r = { .outcome = benign[i], .task = -1 };

		oracle_begin();
		oracle_outcome(&r);
		CHECK(!oracle_failure());
	}
}

static void every_engine_oracle_has_name_and_claim(void)
{
	u32 n = 0;

	for (; oracles_engine[n]; n++) {
		CHECK(oracles_engine[n]->name && oracles_engine[n]->claim);
		CHECK(!oracles_engine[n]->event || oracles_engine[n]->stateless);
	}
	CHECK_EQ(n, 12);
}

static const struct test tests[] = {
	TEST(listeners_are_called_in_order),
	TEST(setup_replaces_the_last_one),
	TEST(raise_ends_the_execution_with_its_failure),
	TEST(first_failure_wins),
	TEST(complaints_are_raised_as_their_class),
	TEST(text_is_the_same_in_detail),
	TEST(ordinary_events_raise_nothing),
	TEST(use_after_free_contradicts_the_free),
	TEST(deadlock_tells_who_waits_for_whom),
	TEST(one_order_is_no_deadlock),
	TEST(waiting_for_a_freed_lock_is_use_after_free),
	TEST(lock_order_contradicts_the_other_order),
	TEST(step_bound_is_no_progress),
	TEST(crash_at_poison_is_use_after_free),
	TEST(other_outcomes_are_no_failure),
	TEST(every_engine_oracle_has_name_and_claim),
	{ NULL, NULL },
};
TEST_MAIN("oracle", tests)
