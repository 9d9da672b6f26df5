// SPDX-License-Identifier: GPL-2.0
/*
 * tables: the target's ops, told to those who cannot link them.
 *
 * The dictionary has each call of the target with usual arguments, by two
 * tasks, and a stretch of each task for schedules; for a ring, the words that
 * its driver looks for. The mutator's library gets the tables as C, without
 * the functions: the names, kinds, weights and themes that programs are drawn
 * by, and who a schedule can name.
 */
#include <stdio.h>

#include "fuzz/verbs.h"

static void put_token(const char *name, u32 nr, const u8 *bytes, int len)
{
	printf("%s_%u=\"", name, nr);
	for (int i = 0; i < len; i++)
		printf("\\x%02x", bytes[i]);
	puts("\"");
}

static void put_call(const struct op_table *t, const struct op *op, u8 opcode)
{
	struct program p = { .nr_tasks = 2 };
	u8 bytes[128];
	int n;

	if (!op->weight)
		return;
	for (u32 i = 0; i < 2; i++) {
		struct call *c = &p.task[i].call[0];

		p.task[i].nr_calls = 1;
		*c = (struct call){ .op = opcode };
		for (u32 a = 0; a < op_nr_args(op); a++)
			c->arg[a] = op->arg[a].def;
		/* A count that is left out is 1, whatever its default says. */
		for (u32 a = 0; a < op_nr_args(op); a++)
			if (!kind_valid(op->arg[a].kind, c->arg[a]))
				c->arg[a] = kinds[op->arg[a].kind].base;
	}
	/* Two calls of one length, and the end. */
	n = prog_encode(t, &p, bytes, sizeof(bytes));
	for (u32 i = 0; n > 1 && i < 2; i++)
		put_token(op->name, i, bytes + i * (u32)(n - 1) / 2, (n - 1) / 2);
}

static void put_ring_words(void)
{
	static const u8 valid_hub[] = { 0x00, 0x00, 0x10, 0x80 };
	static const u8 valid_write[] = { 0x00, 0x00, 0x01, 0x80 };

	for (u8 i = 1; i < 6; i++) {
		const u8 inst[] = { 0x00, (u8)(i << 4), 0x00, 0x00 };
		const u8 addr[] = { 0x00, (u8)(i << 4), 0x01, 0x00 };

		put_token("inst", i, inst, sizeof(inst));
		put_token("addr", i, addr, sizeof(addr));
	}
	put_token("info", 0, valid_hub, sizeof(valid_hub));
	put_token("info", 1, valid_write, sizeof(valid_write));
}

int verbs_dictionary(int argc, char **argv)
{
	const struct form *f = fuzz_form();
	const struct op_table *t = &f->ops;
	struct schedule_tasks tasks;
	static struct schedule s;
	u8 bytes[16];

	printf("# Tokens of fuzz_%s, made from its tables of ops.\n", f->name);
	for (u32 i = 0; !f->ring && i < t->nr_shared; i++)
		put_call(t, &t->shared[i], (u8)i);
	for (u32 i = 0; !f->ring && i < t->nr_own; i++)
		put_call(t, &t->own[i], (u8)(OP_TARGET + i));
	if (f->ring)
		put_ring_words();
	form_tasks(f, &f->racing, &tasks);
	for (u32 i = 0; i < tasks.nr; i++) {
		s.nr = 1;
		s.seg[0] = (struct segment){
			.kind = SEGMENT_STEPS, .role = tasks.task[i].role,
			.index = tasks.task[i].index, .count = 8,
		};
		put_token("steps", i, bytes,
			  schedule_encode(&s, bytes, sizeof(bytes)));
	}
	return EXIT_PASS;
}

static void put_ops(const char *name, const struct op *op, u32 nr)
{
	printf("static const struct op %s[] = {\n", name);
	for (u32 i = 0; i < nr; i++) {
		u32 n = op_nr_args(&op[i]);

		printf("\t{ \"%s\", {", op[i].name);
		for (u32 a = 0; a < n; a++)
			printf(" { \"%s\", %u, %u },", op[i].arg[a].name,
			       op[i].arg[a].kind, op[i].arg[a].def);
		/* The row after the last one may be OP_MAKES(). */
		if (n < OP_ARGS_MAX)
			printf(" { NULL, ARG_NONE, %u }", op[i].arg[n].def);
		printf(" }, %u, NULL, NULL },\n", op[i].weight);
	}
	puts("\t{ NULL, { { NULL, 0, 0 } }, 0, NULL, NULL }\n};");
}

int verbs_tables(int argc, char **argv)
{
	const struct form *f = fuzz_form();
	const struct op_table *t = &f->ops;

	printf("/* Made by fuzz_%s --tables. */\n#include \"fuzz/form.h\"\n\n",
	       f->name);
	put_ops("shared", t->shared, t->nr_shared);
	put_ops("own", t->own, t->nr_own);
	puts("static const char *const themes[] = {");
	for (const char *const *theme = t->themes; theme && *theme; theme++)
		printf("\t\"%s\",\n", *theme);
	puts("\tNULL\n};");
	printf("extern struct form form_table;\n"
	       "struct form form_table = {\n\t.name = \"%s\",\n\t.ring = %u,\n"
	       "\t.ops = { shared, %u, own, %u, themes },\n"
	       "\t.daemons = { %u, {", f->name, f->ring, t->nr_shared, t->nr_own,
	       f->daemons.nr);
	for (u32 i = 0; i < f->daemons.nr; i++)
		printf(" { '%c', %u },", f->daemons.task[i].role,
		       f->daemons.task[i].index);
	puts(" } },\n};");
	return EXIT_PASS;
}
