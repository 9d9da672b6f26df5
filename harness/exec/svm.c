// SPDX-License-Identifier: GPL-2.0
/*
 * svm: reading a reproducer.
 *
 *	# The story: what happens and why it matters, for people.
 *
 *	target:    nouveau-onepage
 *	mutation:  nv_skip_retry	a name, original or none (the default)
 *	expect:    stale-pte		the failure class, or pass
 *	needs:     race			optional: only this flavour can show it
 *	fail-alloc: 3			optional: the third allocation fails
 *	faults:    alloc,wake		optional: what the schedule may let go wrong
 *	memory:    weak			optional: what marked accesses may see
 *	points:    f:read,g:write	optional: plain accesses that are points
 *	minimal:   proven:1234		optional: see svm_minimal_words[]
 *
 *	P0  gpu_write  page=0
 *	P1  munmap     page=0 count=1
 *
 *	schedule:			optional: without it, search
 *	    P0 until mutex_lock(svmm->mutex)
 *	    P1 until exit
 *
 * The parts come in this order. The story is the comment lines before anything
 * else; later ones are allowed, but only the story survives a rewrite. A file
 * is refused whole, with "file:line:column: what was wrong"; nothing in it is
 * guessed. That includes carriage returns: git and diff show them badly, and a
 * name that ends in one is no name.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/exec/exec.h"
#include "harness/exec/faults.h"
#include "harness/exec/memory.h"
#include "targets/kernel/kernel.h"

#define LINE_MAX	1024
#define WORD_MAX	POINTS_TEXT_MAX
#define SCHEDULES_MAX	1000000000

enum key {
	KEY_TARGET, KEY_MUTATION, KEY_EXPECT, KEY_NEEDS, KEY_FAIL_ALLOC,
	KEY_FAULTS, KEY_MEMORY, KEY_POINTS, KEY_MINIMAL, KEY_SCHEDULE, KEY_NR
};

static const char *const keys[KEY_NR] = {
	"target", "mutation", "expect", "needs", "fail-alloc", "faults", "memory",
	"points", "minimal", "schedule",
};

/* Flavours of the build that `needs:` can ask for. */
static const char *const flavours[] = { "race" };

enum part { PART_STORY, PART_HEADER, PART_PROGRAM, PART_SCHEDULE };

struct parser {
	const char *name;	/* of the file, for messages */
	u32 lineno;
	enum part part;
	u32 seen;		/* bit per key */
	size_t story_len;
	char mutation[WORD_MAX], expect[WORD_MAX];
	u32 mutation_line, expect_line;
	struct op_table ops;
	struct svm *svm;
};

/* "file:line:column: message" on stderr; column 0 is left out. Returns -1. */
__attribute__((format(printf, 4, 5)))
static int refuse(const struct parser *p, u32 line, u32 column,
		  const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:", p->name);
	if (line)
		fprintf(stderr, "%u:", line);
	if (column)
		fprintf(stderr, "%u:", column);
	fputc(' ', stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

static int refuse_error(const struct parser *p, const struct prog_error *err)
{
	return refuse(p, err->line ? err->line : p->lineno, err->column, "%s",
		      err->text);
}

/* -- the header ---------------------------------------------------------- */

static int set_target(struct parser *p, const char *word)
{
	p->svm->target = target_find(word);
	if (!p->svm->target && !strcmp(word, "pthread"))
		return refuse(p, p->lineno, 0,
			      "a finding of a C program; 'svmtorture explore-pthread SOURCE.c --replay FILE' follows it, as its report says in full");
	if (!p->svm->target)
		return refuse(p, p->lineno, 0,
			      "unknown target \"%s\"; `list targets` names them",
			      word);
	p->ops = target_ops(p->svm->target);
	return 0;
}

static int set_needs(struct parser *p, const char *word)
{
	for (u32 i = 0; i < ARRAY_SIZE(flavours); i++) {
		if (!strcmp(word, flavours[i])) {
			strcpy(p->svm->needs, word);
			return 0;
		}
	}
	return refuse(p, p->lineno, 0, "unknown flavour \"%s\"; expected race",
		      word);
}

/* A number up to @max into *n. 0, or -1. */
static int number(const char *word, u32 max, u32 *n)
{
	*n = 0;
	for (const char *at = word; *at; at++) {
		if (*at < '0' || *at > '9' || *n > max / 10)
			return -1;
		*n = *n * 10 + (u32)(*at - '0');
	}
	return *word && *n <= max ? 0 : -1;
}

static int set_fail_alloc(struct parser *p, const char *word)
{
	u32 n;

	if (number(word, FAIL_ALLOC_MAX, &n) || !n)
		return refuse(p, p->lineno, 0,
			      "fail-alloc: \"%s\": expected a number from 1 to %d",
			      word, FAIL_ALLOC_MAX);
	p->svm->fail_alloc = n;
	return 0;
}

static int set_minimal(struct parser *p, const char *word)
{
	for (u32 m = SVM_PROVEN; m <= SVM_UNPROVEN; m++) {
		size_t n = strlen(svm_minimal_words[m]);

		if (strncmp(word, svm_minimal_words[m], n) || word[n] != ':' ||
		    number(word + n + 1, SCHEDULES_MAX, &p->svm->schedules))
			continue;
		p->svm->minimal = (enum svm_minimal)m;
		return 0;
	}
	return refuse(p, p->lineno, 0,
		      "minimal: \"%s\": expected %s:N or %s:N", word,
		      svm_minimal_words[SVM_PROVEN],
		      svm_minimal_words[SVM_UNPROVEN]);
}

static int set_key(struct parser *p, enum key key, const char *word)
{
	switch (key) {
	case KEY_TARGET:
		return set_target(p, word);
	case KEY_MUTATION:
		strcpy(p->mutation, word);
		p->mutation_line = p->lineno;
		return 0;
	case KEY_EXPECT:
		strcpy(p->expect, word);
		p->expect_line = p->lineno;
		return 0;
	case KEY_FAIL_ALLOC:
		return set_fail_alloc(p, word);
	case KEY_FAULTS:
		if (!faults_parse(word, &p->svm->faults))
			return 0;
		return refuse(p, p->lineno, 0,
			      "faults: \"%s\": expected %s, with commas",
			      word, faults_words);
	case KEY_MEMORY:
		if (!memory_parse(word, &p->svm->memory))
			return 0;
		return refuse(p, p->lineno, 0, "memory: \"%s\": expected %s",
			      word, memory_words);
	case KEY_POINTS:
		if (points_bad(word))
			return refuse(p, p->lineno, 0, "points: \"%s\": %s",
				      word, points_bad(word));
		strcpy(p->svm->points, word);
		return 0;
	case KEY_MINIMAL:
		return set_minimal(p, word);
	default:
		return set_needs(p, word);
	}
}

/* All keys are in: look up what could not be before the target was known. */
static int end_header(struct parser *p)
{
	struct svm *svm = p->svm;

	p->part = PART_PROGRAM;
	if (!svm->target)
		return refuse(p, p->lineno, 0,
			      "no target; expected \"target: NAME\" before this");
	if (!(p->seen & 1u << KEY_EXPECT))
		return refuse(p, p->lineno, 0,
			      "no expectation; expected \"expect: CLASS\" or \"expect: pass\" before this");
	svm->original = !strcmp(p->mutation, "original");
	if (!svm->original && p->mutation[0] && strcmp(p->mutation, "none")) {
		svm->mutation = mutation_find(p->mutation);
		if (svm->mutation == M_none)
			return refuse(p, p->mutation_line, 0,
				      "unknown mutation \"%s\"; `list mutations` names them",
				      p->mutation);
	}
	if (!strcmp(p->expect, "pass"))
		return 0;
	svm->expect = target_class(svm->target, p->expect);
	if (!svm->expect)
		return refuse(p, p->expect_line, 0,
			      "unknown failure class \"%s\"; `list oracles` names them, or pass",
			      p->expect);
	return 0;
}

static int parse_key(struct parser *p, const char *line, enum key key)
{
	const char *at = line + strlen(keys[key]) + 1;
	size_t n;
	char word[WORD_MAX];

	at += strspn(at, " \t");
	n = strcspn(at, " \t");
	if (p->seen & 1u << key)
		return refuse(p, p->lineno, 1, "%s is given twice", keys[key]);
	p->seen |= 1u << key;
	if (at[n + strspn(at + n, " \t")] || (key == KEY_SCHEDULE && n))
		return refuse(p, p->lineno, (u32)(at - line) + 1,
			      "expected one word after %s:, and no more",
			      keys[key]);
	if (key == KEY_SCHEDULE) {
		if (p->part < PART_PROGRAM && end_header(p))
			return -1;
		p->part = PART_SCHEDULE;
		p->svm->has_schedule = true;
		return 0;
	}
	if (p->part > PART_HEADER)
		return refuse(p, p->lineno, 1, "%s: belongs before the program",
			      keys[key]);
	p->part = PART_HEADER;
	if (!n || n >= WORD_MAX)
		return refuse(p, p->lineno, (u32)(at - line) + 1,
			      "expected a name after %s:", keys[key]);
	memcpy(word, at, n);
	word[n] = 0;
	return set_key(p, key, word);
}

/* -- lines --------------------------------------------------------------- */

static int add_story(struct parser *p, const char *line)
{
	size_t n;

	line += line[1] == ' ' ? 2 : 1;
	n = strlen(line);
	if (p->story_len + n + 2 > SVM_STORY_MAX)
		return refuse(p, p->lineno, 0,
			      "the story is longer than %d characters",
			      SVM_STORY_MAX - 1);
	memcpy(p->svm->story + p->story_len, line, n);
	p->story_len += n;
	p->svm->story[p->story_len++] = '\n';
	p->svm->story[p->story_len] = 0;
	return 0;
}

/* The key at the start of "key: word", KEY_NR if it is none we know, or -1 if
 * the line is not of that form. */
static int find_key(const char *line)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz-");

	if (!n || line[n] != ':')
		return -1;
	for (int k = 0; k < KEY_NR; k++)
		if (strlen(keys[k]) == n && !memcmp(line, keys[k], n))
			return k;
	return KEY_NR;
}

static int parse_line(struct parser *p, const char *line)
{
	const char *first = line + strspn(line, " \t");
	struct prog_error err = { 0 };
	int key;

	if (*first == '#')
		return p->part == PART_STORY && first == line ?
		       add_story(p, line) : 0;
	if (!*first) {
		/* A blank line ends a story that has begun. */
		if (p->part == PART_STORY && p->story_len)
			p->part = PART_HEADER;
		return 0;
	}
	key = find_key(line);
	if (key == KEY_NR)
		return refuse(p, p->lineno, 1,
			      "unknown key; expected target:, mutation:, expect:, needs:, fail-alloc:, faults:, memory:, points:, minimal: or schedule:");
	if (key >= 0)
		return parse_key(p, line, (enum key)key);
	if (p->part == PART_SCHEDULE)
		return schedule_parse_line(line, p->lineno, &p->svm->schedule,
					   &err) ? refuse_error(p, &err) : 0;
	if (p->part < PART_PROGRAM && end_header(p))
		return -1;
	return prog_parse_line(&p->ops, line, p->lineno, &p->svm->program,
			       &err) ? refuse_error(p, &err) : 0;
}

/* Copy the line at @text into @line, without its end; its length, or -1. */
static int take_line(const struct parser *p, const char *text, char *line)
{
	size_t n = strcspn(text, "\n");

	if (n >= LINE_MAX)
		return refuse(p, p->lineno, 0, "longer than %d characters",
			      LINE_MAX - 1);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\r')
			return refuse(p, p->lineno, (u32)i + 1,
				      "a carriage return; save the file with Unix line ends");
		if (((u8)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return refuse(p, p->lineno, (u32)i + 1,
				      "a control character (0x%02x); a reproducer is text",
				      (u8)text[i]);
	}
	memcpy(line, text, n);
	line[n] = 0;
	return (int)n;
}

/* A target with fixed bodies has no program text, and still its tasks. */
static int end_file(struct parser *p)
{
	struct program *program = &p->svm->program;
	struct prog_error err = { 0 };

	if (p->part < PART_PROGRAM && end_header(p))
		return -1;
	if (p->svm->target->body) {
		if (program->nr_tasks)
			return refuse(p, p->lineno, 0,
				      "%s has a fixed program of its own; expected none here",
				      p->svm->target->name);
		while (program->nr_tasks < p->svm->target->nr_fixed)
			program->task[program->nr_tasks++].nr_calls = 0;
		return 0;
	}
	return prog_valid(&p->ops, program, &err) ? 0 : refuse_error(p, &err);
}

int svm_parse(const char *name, const char *text, struct svm *svm)
{
	struct parser p = { .name = name, .svm = svm };
	char line[LINE_MAX];

	svm->story[0] = 0;
	svm->target = NULL;
	svm->mutation = M_none;
	svm->original = false;
	svm->expect = NULL;
	svm->needs[0] = 0;
	svm->fail_alloc = 0;
	svm->faults = 0;
	svm->memory = RT_MEMORY_SC;
	svm->points[0] = 0;
	svm->minimal = SVM_NOT_TRIED;
	svm->schedules = 0;
	svm->program.nr_tasks = 0;
	svm->has_schedule = false;
	svm->schedule.nr = 0;
	while (*text) {
		int n;

		p.lineno++;
		n = take_line(&p, text, line);
		if (n < 0 || parse_line(&p, line))
			return -1;
		text += n;
		text += *text == '\n';
	}
	return end_file(&p);
}

int svm_read(const char *path, struct svm *svm)
{
	struct parser p = { .name = path };
	FILE *f = fopen(path, "r");
	char *text = f ? malloc(SVM_TEXT_MAX + 1) : NULL;
	size_t n = text ? fread(text, 1, SVM_TEXT_MAX + 1, f) : 0;
	int result = -1;

	if (!text || ferror(f))
		refuse(&p, 0, 0, "%s", strerror(errno));
	else if (n > SVM_TEXT_MAX)
		refuse(&p, 0, 0, "larger than %d bytes; no reproducer is",
		       SVM_TEXT_MAX);
	else if (memchr(text, 0, n))
		refuse(&p, 0, 0, "not a text file; bytes are turned into text by `convert`");
	else {
		text[n] = 0;
		result = svm_parse(path, text, svm);
	}
	free(text);
	if (f)
		fclose(f);
	return result;
}

int svm_conditions(const struct svm *svm)
{
	kernel_fail_nth(svm->fail_alloc);
	kernel_faults(svm->faults);
	rt_memory = svm->memory;
	return points_set(svm->points);
}
