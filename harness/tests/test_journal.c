// SPDX-License-Identifier: GPL-2.0
/*
 * journal: rows, counts, listeners, the language of event texts, the locks
 * told from rows, and the lanes of native (which are plain data: a test can
 * be every task by itself).
 */
#include "harness/journal/held.h"
#include "harness/journal/lanes.h"
#include "harness/tests/fixture.h"
#include "harness/tests/test.h"

#define U(p) ((u64)(unsigned long)(p))

static u32 word[2];

static struct event event(u16 kind, u64 a, u64 b, u64 c)
{
	return (struct event){ .kind = kind, .a = a, .b = b, .c = c };
}

static void check_text(u16 kind, u64 a, u64 b, u64 c, const char *expected)
{
	struct event e = event(kind, a, b, c);
	char buf[128];

	CHECK_STR(journal_text(&e, buf, sizeof(buf)), expected);
}

static int format_p(char letter, u64 value, char *buf, size_t size)
{
	return letter == 'p' ? snprintf(buf, size, "page#%llu", value) : -1;
}

static void text_spells_engine_letters(void)
{
	check_text(EV_call_begin, U("munmap"), U(" page=1"), 0, "munmap page=1");
	check_text(EV_call_end, U("munmap"), 0, 0, "munmap = 0");
	check_text(EV_call_end, U("munmap"), (u64)-16ll, 0, "munmap = -EBUSY");
	check_text(EV_call_end, U("load"), 7, 0, "load = 7");
	check_text(EV_warn, U("x > 0"), U("f"), 12, "WARNING: x > 0 at f:12");
	check_text(EV_mm_new, 0, 2, 0, "mm2 created");
	check_text(EV_gpu_flush, 0, 0x10000, 0x11000,
		   "gpu_tlb_flush(0x10000..0x11000)");
	check_text(EV_task_start, 1, 0, 0, "");
}

static void text_asks_the_target_for_other_letters(void)
{
	journal_format = NULL;
	check_text(EV_gpu_map, 0, 0x10000, 7, "gpu_map(0x10000 -> ?p)");
	journal_format = format_p;
	check_text(EV_gpu_map, 0, 0x10000, 7, "gpu_map(0x10000 -> page#7)");
	check_text(EV_hmm_range_fault, 0, 0x10000, 0,
		   "hmm_range_fault(0x10000) = 0");
	check_text(EV_fault_raised, 0, 0x10000, 1, "gpu fault: ?f 0x10000");
}

static void text_fits_the_buffer(void)
{
	struct event e = event(EV_call_begin, U("munmap"), U(" page=1"), 0);
	char buf[9];

	CHECK_STR(journal_text(&e, buf, sizeof(buf)), "munmap p");
	CHECK_STR(journal_text(&e, buf, 1), "");
}

static void kinds_have_names(void)
{
	CHECK_STR(event_defs[EV_page_free].name, "page_free");
	CHECK_STR(event_defs[EV_lock].name, "lock");
	for (int i = 0; i < EV_NR; i++) {
		const char *open;

		CHECK(event_defs[i].name && event_defs[i].text);
		open = strchr(event_defs[i].text, '[');
		CHECK(!open || strchr(open, ']'));
	}
}

/* -- an execution -- */

static void body_locks(void)
{
	rt_name(&word[0], "a->mutex", -1);
	rt_name(&word[1], "page", 7);
	rt_point(RT_SITE(RT_NOTE, "window", "x"), NULL);
	journal_emit(EV_lock, U("mutex_lock"), U(&word[0]), 1);
	journal_emit(EV_lock, U("down_read"), U(&word[1]), 0);
	journal_emit(EV_unlock, U("up_read"), U(&word[1]), 0);
}

static void body_reads(void)
{
	rt_point(RT_SITE(RT_NOTE, "window", "y"), NULL);
	journal_emit(EV_lock, U("down_read"), U(&word[1]), 0);
}

static struct fixture locks = {
	.body = { body_locks, body_reads },
	.detail = true,
};

static void body_maps(void)
{
	journal_emit(EV_gpu_map, 1, 0x10000, 7);
	journal_emit(EV_gpu_unmap, 1, 0x10000, 7);
}

static void body_maps_elsewhere(void)
{
	journal_emit(EV_gpu_load, 2, 0x10000, 7);
}

/* The text of its gpu_map row. */
static void check_map_text(struct fixture *f, const char *expected)
{
	const struct event *e;
	char buf[64];
	u32 i = 1;

	journal_format = format_p;
	oracle_setup(NULL, NULL);
	fixture_run(f);
	while ((e = journal_event(i)) && e->kind != EV_gpu_map)
		i++;
	CHECK(e);
	CHECK_STR(journal_text(e, buf, sizeof(buf)), expected);
}

static void brackets_are_shown_where_rows_differ(void)
{
	struct fixture one = { .body = { body_maps }, .detail = true };
	struct fixture two = {
		.body = { body_maps, body_maps_elsewhere },
		.detail = true,
	};

	check_map_text(&one, "gpu_map(0x10000 -> page#7)");
	check_map_text(&two, "gpu_map(vmm#1, 0x10000 -> page#7)");
}

static u32 nr_heard;
static struct event heard;

static void count_event(const struct event *e)
{
	nr_heard++;
	heard = *e;
}

static void rows_have_task_step_and_stack(void)
{
	const struct event *e;
	const u64 *pc;
	char buf[64];
	u32 i = 1;

	oracle_setup(NULL, NULL);
	fixture_run(&locks);
	CHECK_EQ(locks.result.outcome, RT_DONE);
	while ((e = journal_event(i)) && e->kind != EV_unlock)
		i++;
	CHECK(e);
	CHECK_EQ(e->seq, i);
	CHECK(e->step > 0 && e->step <= locks.result.steps);
	CHECK_EQ(rt_role(e->task), 'P');
	CHECK_EQ(rt_index(e->task), 0);
	CHECK(journal_stack(e, &pc) >= 2 && pc[0]);
	CHECK_STR(journal_text(e, buf, sizeof(buf)), "up_read(page#7)");
	CHECK(!journal_event(0));
	CHECK(!journal_event(journal_seq() + 1));
}

static void rows_are_kept_in_detail_only(void)
{
	struct fixture search = locks;
	u32 seq;

	oracle_setup(NULL, NULL);
	fixture_run(&locks);
	seq = journal_seq();
	search.detail = false;
	search.body[1] = NULL;
	fixture_run(&search);
	CHECK(journal_seq() < seq);
	/* The last detail execution is still there to be told about. */
	CHECK(journal_event(seq) && !journal_event(seq + 1));
}

static void counts_and_listeners_agree(void)
{
	struct fixture search = locks;
	u64 before = journal_count[EV_lock], others = journal_count[EV_warn];

	oracle_setup(NULL, NULL);
	journal_listen(EV_lock, count_event);
	nr_heard = 0;
	search.detail = false;
	fixture_run(&search);
	CHECK_EQ(nr_heard, 3);
	CHECK_EQ(journal_count[EV_lock] - before, 3);
	CHECK_EQ(journal_count[EV_warn], others);
	CHECK_EQ(heard.kind, EV_lock);
	CHECK(heard.seq > 0 && heard.seq <= journal_seq());
	journal_listen_none();
	fixture_run(&search);
	CHECK_EQ(nr_heard, 3);
}

static void held_locks_are_told_from_rows(void)
{
	struct held held[HELD_MAX];
	const struct event *owner;
	int p0 = 1, p1 = 2;

	oracle_setup(NULL, NULL);
	fixture_run(&locks);
	CHECK_EQ(held_by(p0, journal_seq(), held, HELD_MAX), 1);
	CHECK_EQ(held[0].row->b, U(&word[0]));
	CHECK_EQ(held_by(p1, journal_seq(), held, HELD_MAX), 1);
	CHECK_EQ(held[0].row->b, U(&word[1]));
	CHECK_EQ(held_by(p0, 0, held, HELD_MAX), 0);
	owner = held_owner(&word[0], journal_seq());
	CHECK(owner && owner->task == p0);
	owner = held_owner(&word[1], journal_seq());
	CHECK(owner && owner->task == p1);
	CHECK(!held_owner(&nr_heard, journal_seq()));
}

/* -- lanes -- */

static u32 record(u8 task, u16 kind)
{
	struct event e = { .task = task, .kind = kind };

	lanes_record(&e);
	return e.seq;
}

static void lanes_order_rows_by_ticket(void)
{
	CHECK_EQ(lanes_setup(), 0);
	lanes_begin();
	CHECK_EQ(record(1, EV_lock), 1);
	CHECK_EQ(record(2, EV_warn), 2);
	CHECK_EQ(record(1, EV_unlock), 3);
	CHECK_EQ(lanes_seq(), 3);
	CHECK_EQ(lanes_event(2)->kind, EV_warn);
	CHECK_EQ(lanes_event(3)->task, 1);
	CHECK(!lanes_event(0) && !lanes_event(4));
	lanes_begin();
	CHECK(!lanes_event(1));
	CHECK_EQ(lanes_seq(), 0);
}

static void lanes_keep_the_newest_rows(void)
{
	u32 last = 0;

	CHECK_EQ(lanes_setup(), 0);
	lanes_begin();
	record(2, EV_warn);
	for (int i = 0; i < 5000; i++)
		last = record(1, EV_lock);
	for (u32 seq = last - 2047; seq <= last; seq++)
		CHECK(lanes_event(seq) && lanes_event(seq)->seq == seq);
	CHECK(!lanes_event(last - 2048));
	/* Another task's lane is its own. */
	CHECK_EQ(lanes_event(1)->kind, EV_warn);
}

static void lanes_merge_counts_once(void)
{
	u64 count[EV_NR] = { 0 };

	CHECK_EQ(lanes_setup(), 0);
	lanes_merge(count);
	memset(count, 0, sizeof(count));
	record(1, EV_lock);
	record(2, EV_lock);
	record(2, EV_warn);
	lanes_merge(count);
	lanes_merge(count);
	CHECK_EQ(count[EV_lock], 2);
	CHECK_EQ(count[EV_warn], 1);
	CHECK_EQ(count[EV_unlock], 0);
}

static const struct test tests[] = {
	TEST(text_spells_engine_letters),
	TEST(text_asks_the_target_for_other_letters),
	TEST(text_fits_the_buffer),
	TEST(kinds_have_names),
	TEST(brackets_are_shown_where_rows_differ),
	TEST(rows_have_task_step_and_stack),
	TEST(rows_are_kept_in_detail_only),
	TEST(counts_and_listeners_agree),
	TEST(held_locks_are_told_from_rows),
	TEST(lanes_order_rows_by_ticket),
	TEST(lanes_keep_the_newest_rows),
	TEST(lanes_merge_counts_once),
	{ NULL, NULL },
};
TEST_MAIN("journal", tests)
