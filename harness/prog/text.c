// SPDX-License-Identifier: GPL-2.0
/*
 * text: the form of a program that people read, commit and mail.
 *
 *	P0  munmap     page=0 count=2
 *	P1  gpu_write  page=0 client=3
 *	P1  ring       w0=0x00000001 w1=0x00000000
 *
 * One call a line: its task, its op, its arguments by name. Reading, any may be
 * left out and is its op's default. Writing, a default is left out except where
 * a call reaches: pages, counts and literal words are always shown, so that two
 * calls can be compared at a glance. Calls of one task stand in the order they
 * are made; lines of different tasks may be mixed. Blank lines and lines that
 * begin with # say nothing.
 *
 * A text is refused with the line, the column and what was expected there. An
 * unknown name is answered with the nearest known one.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/prog/say.h"

#define NAME_SIZE	64

/* -- printing ------------------------------------------------------------ */

static void say_args(struct out *o, const struct op *op, const struct call *c)
{
	u32 n = op_nr_args(op);

	for (u32 i = 0; i < n; i++) {
		const struct op_arg *a = &op->arg[i];
		const struct kind *k = &kinds[a->kind];
		u32 v = c->arg[i];

		if (v == a->def && !k->written)
			continue;
		if (!k->count)
			prog_say(o, " %s=0x%08x", a->name, v);
		else if (k->words)
			prog_say(o, " %s=%s", a->name, k->words[v - k->base]);
		else
			prog_say(o, " %s=%u", a->name, v);
	}
}

int prog_print_call(const struct op_table *t, const struct call *c, char *buf,
		    size_t size)
{
	const struct op *op = op_get(t, c->op);
	struct out o = { buf, size, 0 };

	prog_say(&o, "%s", op->name);
	say_args(&o, op, c);
	return prog_said(&o);
}

int prog_print(const struct op_table *t, const struct program *p, char *buf,
	       size_t size)
{
	struct out o = { buf, size, 0 };

	if (size)
		buf[0] = 0;
	for (u32 i = 0; i < p->nr_tasks; i++) {
		for (u32 j = 0; j < p->task[i].nr_calls; j++) {
			const struct call *c = &p->task[i].call[j];
			const struct op *op = op_get(t, c->op);
			char args[512];
			struct out a = { args, sizeof(args), 0 };

			args[0] = 0;
			say_args(&a, op, c);
			if (a.len)
				prog_say(&o, "P%u  %-10s%s\n", i, op->name, args);
			else
				prog_say(&o, "P%u  %s\n", i, op->name);
		}
	}
	return prog_said(&o);
}

/* -- parsing ------------------------------------------------------------- */

/* Changes of one letter that make @a into @b; both shorter than NAME_SIZE. */
static u32 distance(const char *a, const char *b)
{
	u32 row[NAME_SIZE + 1];
	u32 n = (u32)strlen(b);

	for (u32 j = 0; j <= n; j++)
		row[j] = j;
	for (u32 i = 0; a[i]; i++) {
		u32 corner = row[0];

		row[0] = i + 1;
		for (u32 j = 0; j < n; j++) {
			u32 best = corner + (a[i] != b[j]);

			corner = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (corner + 1 < best)
				best = corner + 1;
			row[j + 1] = best;
		}
	}
	return row[n];
}

/* The better of @best and @name as what the writer of @word meant. */
static const char *nearer(const char *word, const char *best, const char *name)
{
	if (strlen(name) >= NAME_SIZE || distance(word, name) > 1 + strlen(word) / 3)
		return best;
	return best && distance(word, best) <= distance(word, name) ? best : name;
}

static const char *nearest_op(const struct op_table *t, const char *word)
{
	const char *best = NULL;

	for (u32 i = 0; i < t->nr_shared; i++)
		best = nearer(word, best, t->shared[i].name);
	for (u32 i = 0; i < t->nr_own; i++)
		best = nearer(word, best, t->own[i].name);
	return best;
}

static void skip_blanks(struct in *in)
{
	while (*in->at == ' ' || *in->at == '\t')
		in->at++;
}

static bool at_end(const struct in *in)
{
	return !*in->at || *in->at == '\n';
}

/* A name of letters, digits, _ and -; -1 if there is none or it is too long. */
static int take_name(struct in *in, char *name, const char *what)
{
	const char *start = in->at;
	size_t n = 0;

	while (isalnum((u8)start[n]) || start[n] == '_' || start[n] == '-')
		n++;
	if (!n)
		return prog_refuse(in, start, "expected %s", what);
	if (n >= NAME_SIZE)
		return prog_refuse(in, start, "expected %s, this is %zu letters long",
				   what, n);
	memcpy(name, start, n);
	name[n] = 0;
	in->at += n;
	return 0;
}

static int expect_blank(struct in *in, const char *after)
{
	if (!at_end(in) && *in->at != ' ' && *in->at != '\t')
		return prog_refuse(in, in->at, "expected a blank after %s, not '%c'",
				   after, *in->at);
	skip_blanks(in);
	return 0;
}

/* "0x10" or "16", the whole of @word, within a u32. */
static bool to_number(const char *word, u32 *value)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	u64 v = 0;

	word += hex ? 2 : 0;
	if (!*word)
		return false;
	for (; *word; word++) {
		if (!(hex ? isxdigit((u8)*word) : isdigit((u8)*word)))
			return false;
		v = v * (hex ? 16 : 10) + (u32)(isdigit((u8)*word) ? *word - '0' :
						tolower((u8)*word) - 'a' + 10);
		if (v > 0xffffffffull)
			return false;
	}
	*value = (u32)v;
	return true;
}

/* One of the words of a kind: "none, r or rw" is said if it is not. */
static int parse_word(const struct in *in, const char *at, const char *text,
		      const struct kind *k, u32 *value)
{
	char list[128];
	struct out o = { list, sizeof(list), 0 };

	for (u32 i = 0; i < k->count; i++) {
		if (!strcmp(text, k->words[i])) {
			*value = k->base + i;
			return 0;
		}
		prog_say(&o, "%s%s", !i ? "" : i + 1 < k->count ? ", " : " or ",
			 k->words[i]);
	}
	return prog_refuse(in, at, "\"%s\" is no %s; expected %s", text, k->name, list);
}

static int parse_value(struct in *in, const struct op_arg *a, u32 *value)
{
	const struct kind *k = &kinds[a->kind];
	const char *at = in->at;
	char text[NAME_SIZE];

	if (take_name(in, text, "a value"))
		return -1;
	if (k->words)
		return parse_word(in, at, text, k, value);
	if (!to_number(text, value) || !kind_valid(a->kind, *value)) {
		if (!k->count)
			return prog_refuse(in, at, "%s=%s: expected a number of 32 bits, such as 0x%08x",
					   a->name, text, 0x10000);
		return prog_refuse(in, at, "%s=%s: expected a number from %u to %u",
				   a->name, text, k->base, k->base + k->count - 1);
	}
	return 0;
}

/* One "name=value"; @seen has a bit for each argument that was given. */
static int parse_arg(struct in *in, const struct op *op, struct call *c,
		     u32 *seen)
{
	const char *at = in->at, *best = NULL;
	char name[NAME_SIZE];
	u32 n = op_nr_args(op);

	if (take_name(in, name, "an argument, name=value"))
		return -1;
	for (u32 i = 0; i < n; i++) {
		best = nearer(name, best, op->arg[i].name);
		if (strcmp(name, op->arg[i].name))
			continue;
		if (*seen & 1u << i)
			return prog_refuse(in, at, "%s is given twice", name);
		*seen |= 1u << i;
		if (*in->at != '=')
			return prog_refuse(in, in->at, "expected = after %s", name);
		in->at++;
		return parse_value(in, &op->arg[i], &c->arg[i]) ||
		       expect_blank(in, "a value") ? -1 : 0;
	}
	if (!n)
		return prog_refuse(in, at, "%s takes no arguments", op->name);
	if (best)
		return prog_refuse(in, at, "%s has no argument \"%s\"; did you mean \"%s\"?",
				   op->name, name, best);
	return prog_refuse(in, at, "%s has no argument \"%s\"; its first is \"%s\"",
			   op->name, name, op->arg[0].name);
}

/* The number of the task, or -1. */
static int parse_task(struct in *in)
{
	const char *at = in->at;
	u32 n = 0, digits = 0;

	if (*at != 'P' || !isdigit((u8)at[1]))
		return prog_refuse(in, at, "expected a task, P0 to P%d",
				   PROG_TASKS_MAX - 1);
	for (in->at++; isdigit((u8)*in->at); in->at++, digits++)
		n = n * 10 + (u32)(*in->at - '0');
	if (n >= PROG_TASKS_MAX || digits > 1)
		return prog_refuse(in, at, "expected a task, P0 to P%d; a program has no more",
				   PROG_TASKS_MAX - 1);
	return expect_blank(in, "a task") ? -1 : (int)n;
}

static int parse_op(const struct op_table *t, struct in *in, struct call *c,
		    const struct op **op)
{
	const char *at = in->at, *best;
	char name[NAME_SIZE];

	if (take_name(in, name, "an op"))
		return -1;
	*op = op_find(t, name, &c->op);
	if (*op)
		return expect_blank(in, "an op");
	best = nearest_op(t, name);
	if (best)
		return prog_refuse(in, at, "unknown op \"%s\"; did you mean \"%s\"?",
				   name, best);
	return prog_refuse(in, at, "unknown op \"%s\"; `list ops` names them", name);
}

int prog_parse_line(const struct op_table *t, const char *line, u32 lineno,
		    struct program *p, struct prog_error *err)
{
	struct in in = { .line = line, .at = line, .lineno = lineno, .err = err };
	const struct op *op;
	struct prog_task *k;
	struct call c;
	u32 seen = 0;
	int task;

	skip_blanks(&in);
	task = parse_task(&in);
	if (task < 0 || parse_op(t, &in, &c, &op))
		return -1;
	for (u32 i = 0; i < OP_ARGS_MAX; i++)
		c.arg[i] = i < op_nr_args(op) ? op->arg[i].def : 0;
	while (!at_end(&in))
		if (parse_arg(&in, op, &c, &seen))
			return -1;
	while (p->nr_tasks <= (u32)task)
		p->task[p->nr_tasks++].nr_calls = 0;
	k = &p->task[task];
	if (k->nr_calls == PROG_CALLS_MAX)
		return prog_refuse(&in, line, "P%d has more than %d calls", task,
				   PROG_CALLS_MAX);
	k->call[k->nr_calls++] = c;
	return 0;
}

int prog_parse(const struct op_table *t, const char *text, struct program *p,
	       struct prog_error *err)
{
	u32 lineno = 0;

	p->nr_tasks = 0;
	for (const char *line = text; *line; ) {
		const char *end = strchr(line, '\n');
		const char *first = line + strspn(line, " \t");

		lineno++;
		if (*first && *first != '\n' && *first != '#' &&
		    prog_parse_line(t, line, lineno, p, err))
			return -1;
		if (!end)
			break;
		line = end + 1;
	}
	/* Fixed bodies: no op, no call, and still a task. */
	if (!p->nr_tasks && !t->nr_shared && !t->nr_own) {
		p->nr_tasks = 1;
		p->task[0].nr_calls = 0;
	}
	return prog_valid(t, p, err) ? 0 : -1;
}
