// SPDX-License-Identifier: GPL-2.0
/*
 * test_prog: programs and schedules as bytes and text.
 *
 * The table of ops here has every kind of argument; the round trips over the
 * tables of real targets are in test_svm.c.
 */
#include "harness/prog/prog.h"
#include "harness/tests/prog_same.h"
#include "harness/tests/test.h"

static const struct op shared[] = {
	{ "mmap", { { "page", ARG_PAGE, 0 }, { "count", ARG_COUNT, 1 },
		    { "prot", ARG_PROT, PROG_PROT_RW } }, 20, NULL, "" },
	{ "munmap", { { "page", ARG_PAGE, 0 }, { "count", ARG_COUNT, 1 } }, 10,
	  NULL, "" },
	{ "fork", { { "mm", ARG_MM, 0 } }, 5, NULL, "" },
	{ "sync", { { NULL, ARG_NONE, 0 } }, 1, NULL, "" },
	{ "never", { { "value", ARG_VALUE, 7 } }, 0, NULL, "" },
};

static const struct op own[] = {
	{ "gpu", { { "page", ARG_PAGE, 0 }, { "access", ARG_ACCESS, 1 },
		   { "client", ARG_CLIENT, 0 }, { "svmm", ARG_SLOT, 0 },
		   { "value", ARG_VALUE, 255 } }, 30, NULL, "" },
	{ "ring", { { "w0", ARG_WORD, 0 }, { "w1", ARG_WORD, 0 },
		    { "w2", ARG_WORD, 0 }, { "w3", ARG_WORD, 0 },
		    { "w4", ARG_WORD, 0 }, { "w5", ARG_WORD, 0 },
		    { "w6", ARG_WORD, 0 }, { "w7", ARG_WORD, 0 },
		    { "page", ARG_PAGE, 3 } }, 5, NULL, "" },
	{ "claim", { { "kind", ARG_MAP, PROG_MAP_ANON },
		     { "how", ARG_GUP, PROG_GUP_PIN_LONGTERM },
		     { "write", ARG_BOOL, 1 }, { "offset", ARG_OFFSET, 0 },
		     { "ret", ARG_ERRNO, 0 }, { "byte", ARG_SNAP, 0 } }, 2,
	  NULL, "" },
};

static const char *const themes[] = { "mmap munmap load", "claim gpu_read", NULL };
static const struct op_table table = { shared, 5, own, 3, themes };
static const struct op_table only_own = { NULL, 0, own, 3, NULL };
static const struct op_table only_shared = { shared, 5, NULL, 0, NULL };
static const struct op_table no_ops;

static struct program p, q;
static struct schedule s, z;
static char buf[1 << 16];
static u8 raw[1 << 14];
static struct prog_error err;

static void text_is_as_people_write_it(void)
{
	const char *text =
		"# a comment\n"
		"\n"
		"P0  munmap     page=3 count=2\n"
		"P1\tgpu  access=atomic\tvalue=0x10\n"
		"P0 sync\n"
		"  P1  ring  w1=66 page=0\n"
		"P1  mmap prot=none page=0";

	CHECK_EQ(prog_parse(&table, text, &p, &err), 0);
	CHECK(prog_print(&table, &p, buf, sizeof(buf)) > 0);
	CHECK_STR(buf,
		  "P0  munmap     page=3 count=2\n"
		  "P0  sync\n"
		  "P1  gpu        page=0 access=atomic value=16\n"
		  "P1  ring       w0=0x00000000 w1=0x00000042 w2=0x00000000 "
		  "w3=0x00000000 w4=0x00000000 w5=0x00000000 w6=0x00000000 "
		  "w7=0x00000000 page=0\n"
		  "P1  mmap       page=0 count=1 prot=none\n");
	CHECK(prog_print_call(&table, &p.task[0].call[0], buf, sizeof(buf)) > 0);
	CHECK_STR(buf, "munmap page=3 count=2");
}

/* Reading, a default may be left out; writing, where a call reaches is said. */
static void where_a_call_reaches_is_always_written(void)
{
	CHECK_EQ(prog_parse(&table, "P0 munmap\nP0 mmap\nP0 gpu\nP0 fork\n", &p,
			    &err), 0);
	CHECK(prog_print(&table, &p, buf, sizeof(buf)) > 0);
	CHECK_STR(buf,
		  "P0  munmap     page=0 count=1\n"
		  "P0  mmap       page=0 count=1\n"
		  "P0  gpu        page=0\n"
		  "P0  fork\n");
	CHECK_EQ(prog_parse(&table, buf, &q, &err), 0);
	CHECK(prog_same(&p, &q));
}

/* What a story claims is spelled as a kernel developer spells it. */
static void words_are_read_and_written(void)
{
	CHECK_EQ(prog_parse(&table, "P0 claim\n"
			    "P0 claim kind=private how=pin_fast write=no "
			    "offset=15 ret=-EPERM byte=dev_w\n"
			    "P0 claim ret=-ENODEV byte=error\n", &p, &err), 0);
	CHECK_EQ(p.task[0].call[0].arg[4], 0);
	CHECK_EQ(p.task[0].call[1].arg[4], 1);
	CHECK(prog_print(&table, &p, buf, sizeof(buf)) > 0);
	CHECK_STR(buf,
		  "P0  claim      ret=0 byte=none\n"
		  "P0  claim      kind=private how=pin_fast write=no offset=15 "
		  "ret=-EPERM byte=dev_w\n"
		  "P0  claim      ret=-ENODEV byte=error\n");
}

static void refused(const char *text, u32 line, u32 column, const char *why)
{
	memset(&err, 0, sizeof(err));
	CHECK_EQ(prog_parse(&table, text, &p, &err), -1);
	CHECK_STR(err.text, why);
	CHECK_EQ(err.line, line);
	CHECK_EQ(err.column, column);
}

static void bad_text_is_refused_where_it_is_bad(void)
{
	refused("P0 sync\nP1 munmop", 2, 4,
		"unknown op \"munmop\"; did you mean \"munmap\"?");
	refused("P0 zzzzzz", 1, 4, "unknown op \"zzzzzz\"; `list ops` names them");
	refused("P0 munmap pag=1", 1, 11,
		"munmap has no argument \"pag\"; did you mean \"page\"?");
	refused("P0 munmap zzzz=1", 1, 11,
		"munmap has no argument \"zzzz\"; its first is \"page\"");
	refused("P0 sync x=1", 1, 9, "sync takes no arguments");
	refused("P0 munmap page", 1, 15, "expected = after page");
	refused("P0 munmap page=", 1, 16, "expected a value");
	refused("P0 munmap page=16", 1, 16,
		"page=16: expected a number from 0 to 15");
	refused("P0 munmap count=0", 1, 17,
		"count=0: expected a number from 1 to 16");
	refused("P0 munmap page=4294967296", 1, 16,
		"page=4294967296: expected a number from 0 to 15");
	refused("P0 munmap page=0x", 1, 16,
		"page=0x: expected a number from 0 to 15");
	refused("P0 munmap page=-1", 1, 16,
		"page=-1: expected a number from 0 to 15");
	refused("P0 ring w0=0x100000000", 1, 12,
		"w0=0x100000000: expected a number of 32 bits, such as 0x00010000");
	refused("P0 mmap prot=rwx", 1, 14,
		"\"rwx\" is no prot; expected none, r or rw");
	refused("P0 munmap page=1 page=1", 1, 18, "page is given twice");
	refused("P0 munmap page=1,count=1", 1, 17,
		"expected a blank after a value, not ','");
	refused("P6 sync", 1, 1,
		"expected a task, P0 to P5; a program has no more");
	refused("P01 sync", 1, 1,
		"expected a task, P0 to P5; a program has no more");
	refused("W0 sync", 1, 1, "expected a task, P0 to P5");
	refused("P0", 1, 3, "expected an op");
	refused("P0 claim ret=EPERM", 1, 14,
		"\"EPERM\" is no errno; expected 0, -EPERM, -ENOENT, -ESRCH, -EAGAIN, -ENOMEM, -EFAULT, -EBUSY, -EINVAL, -ENFILE, -EBADF or -ENODEV");
	refused("P1 sync", 0, 0,
		"P0 has no call, and a task of a higher number does");
	refused("# nothing\n", 0, 0,
		"the program is empty; expected at least one call, such as \"P0  op\"");
}

static void forty_nine_calls_are_too_many(void)
{
	char text[49 * 8 + 1] = "";

	for (int i = 0; i < 49; i++)
		strcat(text, "P0 sync\n");
	refused(text, 49, 1, "P0 has more than 48 calls");
}

static void round_trips(const struct op_table *t)
{
	size_t used;
	int n;

	CHECK(prog_valid(t, &p, &err));
	n = prog_encode(t, &p, raw, sizeof(raw));
	CHECK(n > 0);
	raw[n] = 0x85;
	prog_decode(t, raw, (size_t)n + 1, &q, &used);
	CHECK_EQ(used, n);
	CHECK(prog_same(&p, &q));
	CHECK(prog_print(t, &p, buf, sizeof(buf)) >= 0);
	q.nr_tasks = 99;
	CHECK_EQ(prog_parse(t, buf, &q, &err), 0);
	CHECK(prog_same(&p, &q));
}

static void generated_programs_round_trip(void)
{
	static const struct op_table *const tables[] = {
		&table, &only_own, &only_shared,
	};
	struct prng prng;

	for (u64 i = 0; i < 100000; i++) {
		const struct op_table *t = tables[i % 3];

		/* Nobody may rely on what a program held before. */
		if (i % 100 == 0)
			memset(&p, 0xa5, sizeof(p));
		prng_seed(&prng, 1, PRNG_PROGRAM, i);
		prog_generate(t, &prng, &p);
		round_trips(t);
	}
}

static void generated_programs_collide(void)
{
	struct prng prng;
	u32 tasks[PROG_TASKS_MAX + 1] = { 0 }, ops[256] = { 0 }, met = 0;

	for (u64 i = 0; i < 10000; i++) {
		u32 pages[2] = { 0, 0 };

		prng_seed(&prng, 2, PRNG_PROGRAM, i);
		prog_generate(&table, &prng, &p);
		tasks[p.nr_tasks]++;
		for (u32 k = 0; k < p.nr_tasks; k++) {
			for (u32 j = 0; j < p.task[k].nr_calls; j++) {
				const struct call *c = &p.task[k].call[j];

				ops[c->op]++;
				if (k < 2 && op_get(&table, c->op)->arg[0].kind == ARG_PAGE)
					pages[k] |= 1u << c->arg[0];
			}
		}
		met += (pages[0] & pages[1]) != 0;
	}
	CHECK(tasks[2] > 4000 && tasks[3] > 2500 && tasks[4] > 500);
	CHECK(tasks[5] && tasks[6] && !tasks[1]);
	CHECK(met > 4000);
	CHECK(ops[0] && ops[1] && ops[2] && ops[3] && ops[128] && ops[129]);
	CHECK_EQ(ops[4], 0);
	CHECK(ops[128] > ops[129]);
}

static void a_theme_begins_with_what_it_is_about(void)
{
	struct prng prng;
	u32 pure = 0;

	for (u64 i = 0; i < 10000; i++) {
		bool theme = true;

		prng_seed(&prng, 5, PRNG_PROGRAM, i);
		prog_generate(&table, &prng, &p);
		for (u32 k = 0; k < p.nr_tasks; k++)
			for (u32 j = 0; j < p.task[k].nr_calls; j++)
				theme &= k || j ? p.task[k].call[j].op == 1 :
						  p.task[k].call[j].op == 0;
		pure += theme;
	}
	/* One in three; the second theme has no op but its first. */
	CHECK(pure > 1200 && pure < 2500);
}

static void generating_is_a_function_of_the_stream(void)
{
	struct prng a, b;

	for (u64 i = 0; i < 1000; i++) {
		prng_seed(&a, 3, PRNG_PROGRAM, i);
		prng_seed(&b, 3, PRNG_PROGRAM, i);
		memset(&p, 0x11, sizeof(p));
		memset(&q, 0x22, sizeof(q));
		prog_generate(&table, &a, &p);
		prog_generate(&table, &b, &q);
		CHECK(prog_same(&p, &q));
		prog_mutate(&table, &a, &p);
		prog_mutate(&table, &b, &q);
		CHECK(prog_same(&p, &q));
	}
}

static void mutants_and_crosses_are_valid(void)
{
	struct prng prng;
	u32 changed = 0;

	prng_seed(&prng, 4, PRNG_PROGRAM, 0);
	prog_generate(&table, &prng, &p);
	for (u32 i = 0; i < 100000; i++) {
		struct program before = p;

		if (i % 8 == 7) {
			prog_generate(&table, &prng, &q);
			prog_splice(&table, &prng, &p, &q);
		} else {
			prog_mutate(&table, &prng, &p);
		}
		CHECK(prog_valid(&table, &p, &err));
		for (u32 k = 0; k < p.nr_tasks; k++)
			CHECK(p.task[k].nr_calls <= PROG_CALLS_DRAWN);
		changed += !prog_same(&p, &before);
		if (i % 64 == 0)
			prog_generate(&table, &prng, &p);
	}
	CHECK(changed > 90000);
}

static void any_bytes_are_a_program_and_a_schedule(void)
{
	static const struct op_table *const tables[] = {
		&table, &only_own, &only_shared, &no_ops,
	};
	u8 bytes[64];
	struct prng prng;

	prng_seed(&prng, 5, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < 1000000; i++) {
		const struct op_table *t = tables[i % 4];
		u32 len = prng_below(&prng, sizeof(bytes) + 1);
		/* A block of its own size, so that ASan sees a byte too far. */
		u8 *exact = i % 64 ? bytes : malloc(len ? len : 1);
		size_t used;

		for (u32 j = 0; j < len; j++)
			exact[j] = (u8)prng_u64(&prng);
		prog_decode(t, exact, len, &p, &used);
		CHECK(used <= len);
		CHECK(prog_valid(t, &p, &err));
		schedule_decode(exact, len, &s);
		CHECK(s.nr <= len);
		if (i % 64 == 0) {
			round_trips(t);
			free(exact);
		}
	}
}

/* Data never looks like a head: damage stays where it is done. */
static void a_lost_byte_spoils_two_calls_at_most(void)
{
	struct prng prng;
	u32 trials = 0;

	for (u64 i = 0; i < 300; i++) {
		int n;

		prng_seed(&prng, 6, PRNG_PROGRAM, i);
		prog_generate(&table, &prng, &p);
		n = prog_encode(&table, &p, raw, sizeof(raw));
		for (int gone = 0; gone < n - 1; gone++) {
			u8 less[1 << 12];
			u32 kept = 0;

			memcpy(less, raw, (size_t)gone);
			memcpy(less + gone, raw + gone + 1, (size_t)(n - gone - 1));
			prog_decode(&table, less, (size_t)n - 1, &q, NULL);
			if (q.nr_tasks != p.nr_tasks)
				continue;
			for (u32 k = 0; k < p.nr_tasks; k++) {
				const struct prog_task *a = &p.task[k], *b = &q.task[k];
				u32 head = 0, tail = 0, least = a->nr_calls < b->nr_calls ?
							a->nr_calls : b->nr_calls;

				while (head < least && call_same(&a->call[head],
								 &b->call[head]))
					head++;
				while (tail < least - head &&
				       call_same(&a->call[a->nr_calls - 1 - tail],
						 &b->call[b->nr_calls - 1 - tail]))
					tail++;
				kept += head + tail;
			}
			CHECK(kept + 2 >= prog_nr_calls(&p));
			trials++;
		}
	}
	CHECK(trials > 1000);
}

static void random_schedule(struct prng *prng, bool named)
{
	static const char *const names[] = {
		"mutex_lock(svmm->mutex)", "start", "READ_ONCE(a + 1)",
		"lock_page(page#7)", "x",
	};

	s.nr = prng_below(prng, 40);
	for (u32 i = 0; i < s.nr; i++) {
		struct segment *g = &s.seg[i];

		g->kind = (u8)prng_below(prng, SEGMENT_CHOOSE + 1);
		if (!named && g->kind != SEGMENT_CHOOSE)
			g->kind = SEGMENT_STEPS;
		g->role = "PWITRGM"[prng_below(prng, 7)];
		g->index = (u8)prng_below(prng, 32);
		g->count = 1 + prng_below(prng, 1u << prng_below(prng, 31));
		g->name[0] = 0;
		if (g->kind == SEGMENT_UNTIL || g->kind == SEGMENT_CHOOSE)
			strcpy(g->name, names[prng_below(prng, 5)]);
		if (g->kind == SEGMENT_EXIT || g->kind == SEGMENT_BLOCK)
			g->count = 0;
		if (g->kind == SEGMENT_CHOOSE) {
			g->role = 0;
			g->index = 0;
			g->count = prng_below(prng, 64);
		}
	}
}

static void schedules_round_trip(void)
{
	struct prng prng;

	for (u64 i = 0; i < 20000; i++) {
		prng_seed(&prng, 7, PRNG_SCHEDULE, i);
		random_schedule(&prng, i & 1);
		CHECK(schedule_print(&s, buf, sizeof(buf)) >= 0);
		z.nr = 0;
		for (char *line = buf; *line; line = strchr(line, '\n') + 1)
			CHECK_EQ(schedule_parse_line(line, 1, &z, &err), 0);
		CHECK(schedule_same(&s, &z));
		if (!(i & 1)) {
			int n = schedule_encode(&s, raw, sizeof(raw));

			CHECK(n >= 0);
			schedule_decode(raw, (size_t)n, &z);
			CHECK(schedule_same(&s, &z));
		}
	}
}

static void names_have_no_byte_form(void)
{
	z.nr = 0;
	CHECK_EQ(schedule_parse_line("P0 until exit", 1, &z, &err), 0);
	CHECK_EQ(schedule_encode(&z, raw, sizeof(raw)), -1);
}

static void segment_refused(const char *line, u32 column, const char *why)
{
	z.nr = 0;
	memset(&err, 0, sizeof(err));
	CHECK_EQ(schedule_parse_line(line, 9, &z, &err), -1);
	CHECK_STR(err.text, why);
	CHECK_EQ(err.column, column);
	CHECK_EQ(err.line, 9);
	CHECK_EQ(z.nr, 0);
}

static void bad_segments_are_refused(void)
{
	static const char expected[] =
		"expected a segment: \"P0 until POINT\", \"P0 until exit\", \"P0 until blocked\", \"P0 12 steps\" or \"choose WHY N\"";

	segment_refused("", 1, expected);
	segment_refused("  hello", 3, expected);
	segment_refused("P", 1, expected);
	segment_refused("P32 1 steps", 1, expected);
	segment_refused("P0", 3, "expected \"until\" or a number of steps");
	segment_refused("P0 until", 4, "expected \"until\" or a number of steps");
	segment_refused("P0 -1 steps", 4, "expected \"until\" or a number of steps");
	segment_refused("P0 0 steps", 4, "expected at least one step");
	segment_refused("P0 3 miles", 6, "expected \"steps\"");
	segment_refused("P0 99999999999 steps", 4,
			"expected \"until\" or a number of steps");
	segment_refused("P0 until f() #0", 14, "expected an occurrence, #2 or more");
	segment_refused("P0 until f() #x", 14, "expected an occurrence, #2 or more");
	segment_refused("P0 until f\x01", 11, "a name is plain ASCII");
	segment_refused("choose kmalloc 64", 16,
			"expected an answer from 0 to 63, as in \"choose kmalloc 1\"");
	segment_refused("choose 1", 8, "expected the name of a point");
}

static void removing_a_call_closes_up(void)
{
	CHECK_EQ(prog_parse(&table, "P0 sync\nP1 fork\nP1 fork mm=2\n", &p, &err), 0);
	CHECK(!prog_remove_call(&p, 2, 0));
	CHECK(!prog_remove_call(&p, 0, 1));
	CHECK(prog_remove_call(&p, 0, 0));
	CHECK_EQ(p.nr_tasks, 1);
	CHECK(prog_remove_call(&p, 0, 0));
	CHECK_EQ(p.task[0].call[0].arg[0], 2);
	CHECK(!prog_remove_call(&p, 0, 0));
	CHECK(prog_valid(&table, &p, &err));
}

static void too_small_a_buffer_is_told(void)
{
	CHECK_EQ(prog_parse(&table, "P0 munmap page=1\n", &p, &err), 0);
	for (size_t n = 0; n < 30; n++)
		CHECK_EQ(prog_print(&table, &p, buf, n), -1);
	CHECK_EQ(prog_print(&table, &p, buf, 31), 30);
	for (size_t n = 0; n < 5; n++)
		CHECK_EQ(prog_encode(&table, &p, raw, n), -1);
	CHECK_EQ(prog_encode(&table, &p, raw, 5), 5);
}

static const struct test tests[] = {
	TEST(text_is_as_people_write_it),
	TEST(where_a_call_reaches_is_always_written),
	TEST(bad_text_is_refused_where_it_is_bad),
	TEST(words_are_read_and_written),
	TEST(forty_nine_calls_are_too_many),
	TEST(generated_programs_round_trip),
	TEST(generated_programs_collide),
	TEST(a_theme_begins_with_what_it_is_about),
	TEST(generating_is_a_function_of_the_stream),
	TEST(mutants_and_crosses_are_valid),
	TEST(any_bytes_are_a_program_and_a_schedule),
	TEST(a_lost_byte_spoils_two_calls_at_most),
	TEST(schedules_round_trip),
	TEST(names_have_no_byte_form),
	TEST(bad_segments_are_refused),
	TEST(removing_a_call_closes_up),
	TEST(too_small_a_buffer_is_told),
	{ NULL, NULL },
};

TEST_MAIN("prog", tests)
