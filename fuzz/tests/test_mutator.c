// SPDX-License-Identifier: GPL-2.0
/*
 * test_mutator: the bytes of an entry and what changes them. Under libFuzzer a
 * mutator that writes one byte too many is found as a crash of libFuzzer, if at
 * all, so these run under AddressSanitizer in that flavour: every buffer is of
 * exactly the length that is promised.
 */
#include "fuzz/mutator.h"
#include "harness/exec/exec.h"
#include "harness/tests/test.h"
#include "targets/target.h"

extern const struct target target_nouveau_window;

#define ROUNDS	20000
#define SIZE	600

static struct form plain = { .name = "plain" }, ring = { .name = "ring" };
static struct mutator *of_plain, *of_ring;
static struct program p;
static struct schedule s, t;

static void setup(void)
{
	struct form *forms[] = { &plain, &ring };

	if (of_plain)
		return;
	for (u32 i = 0; i < 2; i++) {
		struct form *f = forms[i];

		f->ops = (struct op_table){ mm_ops, nr_mm_ops,
			target_nouveau_window.ops, target_nouveau_window.nr_ops,
			target_nouveau_window.themes };
		f->ring = f == &ring;
		f->daemons.nr = 2;
		f->daemons.task[0].role = 'W';
		f->daemons.task[1].role = 'R';
		CHECK(!form_init(f));
	}
	of_plain = mutator_new(&plain);
	of_ring = mutator_new(&ring);
	CHECK(of_plain && of_ring);
}

/* Bytes like those that engines make: anything, with heads among them. */
static size_t draw_bytes(struct prng *prng, u8 *bytes, size_t max)
{
	size_t len = 1 + prng_below(prng, (u32)max);
	u32 ends = prng_below(prng, 3);

	for (size_t i = 0; i < len; i++)
		bytes[i] = ends && prng_chance(prng, 1, 40) ? 0xff :
			   prng_chance(prng, 1, 3) ? 0x80 | prng_below(prng, 64) :
			   (u8)prng_below(prng, 128);
	return len;
}

/* A copy that ends where its memory does. */
static u8 *exact(const u8 *bytes, size_t len)
{
	u8 *copy = malloc(len);

	CHECK(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static void check_valid(const struct form *f, const u8 *bytes, size_t len)
{
	struct prog_error err;

	form_decode(f, bytes, len, &p, &s);
	CHECK(prog_valid(&f->ops, &p, &err));
	for (u32 i = 0; i < p.nr_tasks; i++)
		CHECK(p.task[i].nr_calls <= PROG_CALLS_DRAWN);
	for (u32 i = 0; i < p.nr_tasks; i++)
		for (u32 j = 0; j < p.task[i].nr_calls; j++)
			CHECK(op_get(&f->ops, p.task[i].call[j].op)->weight);
}

static void any_bytes_are_a_program_that_claims_nothing(void)
{
	struct form *forms[] = { &plain, &ring };
	struct prng prng;
	u8 bytes[SIZE];

	setup();
	prng_seed(&prng, 1, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < ROUNDS; i++) {
		size_t len = draw_bytes(&prng, bytes, SIZE);
		u8 *copy = exact(bytes, len);

		check_valid(forms[i % 2], copy, len);
		free(copy);
	}
	check_valid(&plain, bytes, 0);
	check_valid(&ring, bytes, 0);
}

static void canonical_bytes_are_read_back_exactly(void)
{
	static u8 bytes[SIZE], once[1 << 15], twice[1 << 15];
	struct prng prng;

	setup();
	prng_seed(&prng, 2, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < ROUNDS; i++) {
		struct mutator *m = i % 2 ? of_ring : of_plain;
		size_t len = draw_bytes(&prng, bytes, SIZE);
		size_t n = mutator_canonical(m, bytes, len, once, sizeof(once));

		CHECK_EQ(mutator_canonical(m, once, n, twice, sizeof(twice)), n);
		CHECK(!memcmp(once, twice, n));
		/* And as a program and a schedule it is the same. */
		form_decode(m->form, bytes, len, &p, &s);
		form_decode(m->form, once, n, &m->other_p, &t);
		CHECK_EQ(p.nr_tasks, m->other_p.nr_tasks);
		CHECK_EQ(prog_nr_calls(&p), prog_nr_calls(&m->other_p));
		CHECK_EQ(s.nr, t.nr);
		for (u32 k = 0; k < s.nr; k++)
			CHECK(s.seg[k].kind == t.seg[k].kind &&
			      s.seg[k].role == t.seg[k].role &&
			      s.seg[k].count == t.seg[k].count &&
			      s.seg[k].index == t.seg[k].index &&
			      (s.seg[k].kind == SEGMENT_STEPS ||
			       !strcmp(s.seg[k].name, t.seg[k].name)));
	}
}

/* mutate, splice and canonical into @max bytes that end there. */
static void round_within(struct mutator *m, struct prng *prng, const u8 *bytes,
			 size_t len, size_t max, u64 seed)
{
	u8 *in = exact(bytes, len), *out = malloc(max), *again = malloc(max);
	u32 which = prng_below(prng, 3);
	size_t n[2];

	CHECK(out && again);
	for (u32 i = 0; i < 2; i++) {
		u8 *to = i ? again : out;

		if (which == 0)
			n[i] = mutator_mutate(m, in, len, to, max, seed);
		else if (which == 1)
			n[i] = mutator_splice(m, in, len, bytes, len / 2, to,
					      max, seed);
		else
			n[i] = mutator_canonical(m, in, len, to, max);
	}
	CHECK(n[0] >= 1 && n[0] <= max);
	CHECK_EQ(n[0], n[1]);
	CHECK(!memcmp(out, again, n[0]));
	check_valid(m->form, out, n[0]);
	free(in);
	free(out);
	free(again);
}

static void a_seed_is_one_change_within_its_room(void)
{
	struct prng prng;
	u8 bytes[SIZE];

	setup();
	prng_seed(&prng, 3, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < ROUNDS; i++) {
		size_t len = draw_bytes(&prng, bytes, SIZE);
		/* Now and then hardly any room at all. */
		size_t max = 1 + prng_below(&prng, i % 4 ? 2 * SIZE : 8);

		round_within(i % 2 ? of_ring : of_plain, &prng, bytes, len, max,
			     prng_u64(&prng));
	}
}

/* libFuzzer has the mutator write over what it reads. */
static void changes_in_place(void)
{
	struct prng prng;
	u8 bytes[SIZE];

	setup();
	prng_seed(&prng, 4, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < ROUNDS; i++) {
		struct mutator *m = i % 2 ? of_ring : of_plain;
		size_t len = draw_bytes(&prng, bytes, SIZE);
		u8 *apart = malloc(SIZE), *place = malloc(SIZE);
		size_t n, k;

		CHECK(apart && place);
		memcpy(place, bytes, len);
		n = mutator_mutate(m, bytes, len, apart, SIZE, i);
		k = mutator_mutate(m, place, len, place, SIZE, i);
		CHECK_EQ(n, k);
		CHECK(!memcmp(apart, place, n));
		free(apart);
		free(place);
	}
}

/*
 * A corpus as an engine's grows: what comes of a change is changed again, and
 * crossed with others, for many generations. A length is now and then the
 * longest that is worth keeping, and now and then next to nothing.
 */
#define BRED	100000
#define HERD	32

struct herd {
	struct { u8 *bytes; size_t len; } input[HERD];
};

static void herd_put(struct herd *h, u32 at, const u8 *bytes, size_t len)
{
	free(h->input[at].bytes);
	h->input[at].bytes = exact(bytes, len);
	h->input[at].len = len;
}

static size_t draw_room(struct prng *prng)
{
	switch (prng_below(prng, 64)) {
	case 0:
		return 1 + prng_below(prng, 8);
	case 1:
		return 1 + prng_below(prng, SIZE);
	case 2:
	case 3:
		return FORM_BYTES_MAX;
	default:
		return 4096;
	}
}

/* One of what adapters ask for, into memory that ends with the room. */
static void breed(struct mutator *m, struct prng *prng, struct herd *h)
{
	u32 a = prng_below(prng, HERD), b = prng_below(prng, HERD);
	size_t max = draw_room(prng), n, len = h->input[a].len;
	const u8 *in = h->input[a].bytes;
	u8 *out = malloc(max);

	CHECK(out);
	switch (prng_below(prng, 8)) {
	case 0:
		n = mutator_canonical(m, in, len, out, max);
		break;
	case 1:
		n = mutator_without(m, in, len, prng_below(prng,
				    mutator_parts(m, in, len)), out, max);
		break;
	case 2:
	case 3:
		n = mutator_splice(m, in, len, h->input[b].bytes,
				   h->input[b].len, out, max, prng_u64(prng));
		break;
	default:
		n = mutator_mutate(m, in, len, out, max, prng_u64(prng));
	}
	CHECK(n <= max);
	if (n) {
		check_valid(m->form, out, n);
		herd_put(h, prng_below(prng, HERD), out, n);
	}
	free(out);
}

static void breed_target(const struct target *target, bool is_ring, u32 times)
{
	static struct herd h;
	struct form f = { .name = "bred", .ops = target_ops(target),
			  .ring = is_ring };
	struct mutator *m = mutator_new(&f);
	static u8 bytes[FORM_BYTES_MAX];
	struct prng prng;

	CHECK(m && !form_init(&f));
	prng_seed(&prng, 7, PRNG_PROGRAM, is_ring);
	for (u32 i = 0; i < HERD; i++)
		herd_put(&h, i, bytes, draw_bytes(&prng, bytes, SIZE));
	while (times--) {
		breed(m, &prng, &h);
		/* What is trimmed gets short: new blood, of any length. */
		if (prng_chance(&prng, 1, 32))
			herd_put(&h, prng_below(&prng, HERD), bytes,
				 draw_bytes(&prng, bytes, 1u <<
					    prng_below(&prng, 17)));
	}
	for (u32 i = 0; i < HERD; i++)
		herd_put(&h, i, bytes, 0);
	free(m);
}

static void what_is_bred_stays_a_program_in_its_room(void)
{
	u32 nr = 0;

	for (const struct target *const *t = targets; *t; t++)
		nr += !(*t)->nr_fixed;
	for (const struct target *const *t = targets; *t; t++)
		if (!(*t)->nr_fixed)
			breed_target(*t, false, BRED / nr);
	breed_target(&target_nouveau_window, true, BRED / 10);
}

static void every_kind_of_change_comes(void)
{
	u32 programs = 0, schedules = 0, longer = 0, shorter = 0;
	u8 out[SIZE], in[SIZE];
	size_t len;

	setup();
	/* One store, and P0 for two steps. */
	len = mutator_canonical(of_plain, (const u8 *)"\x80\x07\x00\x00\xff\x80\x01",
				7, in, SIZE);
	form_decode(&plain, in, len, &p, &t);
	CHECK_EQ(prog_nr_calls(&p), 1);
	CHECK_EQ(t.nr, 1);
	for (u64 seed = 0; seed < 500; seed++) {
		size_t n = mutator_mutate(of_plain, in, len, out, SIZE, seed);

		form_decode(&plain, out, n, &p, &s);
		programs += prog_nr_calls(&p) != 1;
		schedules += s.nr != 1;
		longer += n > len;
		shorter += n < len;
	}
	CHECK(programs > 50);
	CHECK(schedules > 50);
	CHECK(longer > 50);
	CHECK(shorter > 5);
}

/* Each part, taken out, leaves less; all of them, taken out, one call. */
static void trims_to_one_call(void)
{
	static u8 bytes[1 << 15], out[1 << 15];
	struct prng prng;

	setup();
	prng_seed(&prng, 5, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < 300; i++) {
		struct mutator *m = i % 2 ? of_ring : of_plain;
		size_t len = draw_bytes(&prng, bytes, SIZE);
		u32 parts;

		len = mutator_canonical(m, bytes, len, bytes, sizeof(bytes));
		parts = mutator_parts(m, bytes, len);
		CHECK(parts >= 1);
		CHECK_EQ(mutator_without(m, bytes, len, parts, out,
					 sizeof(out)), 0);
		while (parts > 1) {
			u32 part = prng_below(&prng, parts);
			size_t n = mutator_without(m, bytes, len, part, out,
						   sizeof(out));

			/* The last call stays, whatever else is there. */
			if (!n) {
				CHECK_EQ(part, parts - 1);
				n = mutator_without(m, bytes, len, 0, out,
						    sizeof(out));
			}
			CHECK(n > 0 && n < len);
			CHECK_EQ(mutator_parts(m, out, n), parts - 1);
			memcpy(bytes, out, n);
			len = n;
			parts--;
		}
		CHECK_EQ(mutator_without(m, bytes, len, 0, out, sizeof(out)), 0);
	}
}

static void a_ring_keeps_its_other_tasks(void)
{
	struct prng prng;
	u8 bytes[SIZE];

	setup();
	prng_seed(&prng, 6, PRNG_PROGRAM, 0);
	for (u32 i = 0; i < 2000; i++) {
		size_t len = draw_bytes(&prng, bytes, SIZE);

		len = mutator_mutate(of_ring, bytes, len, bytes, SIZE, i);
		form_decode(&ring, bytes, len, &p, &s);
		CHECK_EQ(p.nr_tasks, ring.racing.nr_tasks);
		CHECK(p.task[0].nr_calls <= FORM_ENTRIES);
		for (u32 k = 1; k < p.nr_tasks; k++)
			CHECK_EQ(p.task[k].nr_calls, ring.racing.task[k].nr_calls);
	}
}

/* An entry's words are the bytes as they lie in memory, all of them. */
static void entries_are_what_a_device_writes(void)
{
	u8 bytes[1 + FORM_ENTRY] = { 0 };
	u8 out[SIZE];

	setup();
	for (u32 i = 0; i < FORM_ENTRY; i++)
		bytes[1 + i] = (u8)(0x11 + i);
	form_decode(&ring, bytes, sizeof(bytes), &p, &s);
	CHECK_EQ(p.task[0].nr_calls, 1);
	CHECK_EQ(p.task[0].call[0].arg[0], 0x14131211);
	CHECK_EQ(p.task[0].call[0].arg[2], 0x1c1b1a19);
	CHECK_EQ(p.task[0].call[0].arg[6], 0x2c2b2a29);
	CHECK_EQ(p.task[0].call[0].arg[7], 0x302f2e2d);
	CHECK_EQ(form_encode(&ring, &p, &s, out, sizeof(out)),
		 sizeof(bytes));
	CHECK(!memcmp(out, bytes, sizeof(bytes)));
	CHECK_EQ(form_encode(&ring, &p, &s, out, sizeof(bytes) - 1), -1);
}

static const struct test tests[] = {
	TEST(any_bytes_are_a_program_that_claims_nothing),
	TEST(canonical_bytes_are_read_back_exactly),
	TEST(a_seed_is_one_change_within_its_room),
	TEST(changes_in_place),
	TEST(what_is_bred_stays_a_program_in_its_room),
	TEST(every_kind_of_change_comes),
	TEST(trims_to_one_call),
	TEST(a_ring_keeps_its_other_tasks),
	TEST(entries_are_what_a_device_writes),
	{ NULL, NULL },
};
TEST_MAIN("mutator", tests)
