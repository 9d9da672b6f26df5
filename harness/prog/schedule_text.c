// SPDX-License-Identifier: GPL-2.0
/*
 * schedule_text: a schedule as people read it, one segment a line.
 *
 *	P0 until mutex_lock(svmm->mutex) #2
 *	P1 until exit
 *	W0 until blocked
 *	P0 12 steps
 *	choose kmalloc 1
 *
 * "until X" ends a segment when its task stands before the point named X, "#2"
 * before the second such. A name is whatever the runtime says it is, blanks
 * included, up to the end of the line; only exit and blocked mean themselves.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/prog/say.h"

static int print_segment(const struct segment *g, char *buf, size_t size)
{
	switch (g->kind) {
	case SEGMENT_STEPS:
		return snprintf(buf, size, "%c%u %u step%s\n", g->role, g->index,
				g->count, g->count == 1 ? "" : "s");
	case SEGMENT_UNTIL:
		if (g->count > 1)
			return snprintf(buf, size, "%c%u until %s #%u\n",
					g->role, g->index, g->name, g->count);
		return snprintf(buf, size, "%c%u until %s\n", g->role, g->index,
				g->name);
	case SEGMENT_EXIT:
		return snprintf(buf, size, "%c%u until exit\n", g->role, g->index);
	case SEGMENT_BLOCK:
		return snprintf(buf, size, "%c%u until blocked\n", g->role,
				g->index);
	default:
		return snprintf(buf, size, "choose %s %u\n", g->name, g->count);
	}
}

int schedule_print(const struct schedule *s, char *buf, size_t size)
{
	size_t len = 0;

	if (size)
		buf[0] = 0;
	for (u32 i = 0; i < s->nr && len < size; i++)
		len += (size_t)print_segment(&s->seg[i], buf + len, size - len);
	return len < size ? (int)len : -1;
}

/* A number from @at that ends at in->end or a blank; NULL if it does not. */
static const char *number(const struct in *in, const char *at, u32 *value)
{
	u64 v = 0;

	if (at == in->end || !isdigit((u8)*at))
		return NULL;
	for (; at < in->end && isdigit((u8)*at); at++) {
		v = v * 10 + (u64)(*at - '0');
		if (v > 0xffffffffull)
			return NULL;
	}
	if (at < in->end && *at != ' ')
		return NULL;
	*value = (u32)v;
	return at;
}

static bool is(const struct in *in, const char *at, const char *word)
{
	return (size_t)(in->end - at) == strlen(word) &&
	       !memcmp(at, word, strlen(word));
}

/* Whether @word and a blank stand at @at. */
static bool begins(const struct in *in, const char *at, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(in->end - at) > n && !memcmp(at, word, n) && at[n] == ' ';
}

static const char *skip(const struct in *in, const char *at)
{
	while (at < in->end && *at == ' ')
		at++;
	return at;
}

static int take_name(const struct in *in, const char *at, const char *end,
		     struct segment *g)
{
	while (end > at && end[-1] == ' ')
		end--;
	if (at == end)
		return prog_refuse(in, at, "expected the name of a point");
	if (end - at >= SCHEDULE_NAME_MAX)
		return prog_refuse(in, at, "a name has at most %d characters",
				   SCHEDULE_NAME_MAX - 1);
	for (const char *c = at; c < end; c++)
		if ((u8)*c < ' ' || (u8)*c > '~')
			return prog_refuse(in, c, "a name is plain ASCII");
	memcpy(g->name, at, (size_t)(end - at));
	g->name[end - at] = 0;
	return 0;
}

/* The start of the last word before in->end, after @at. */
static const char *last_word(const struct in *in, const char *at)
{
	const char *w = in->end;

	while (w > at && w[-1] != ' ')
		w--;
	return w;
}

static int parse_choose(const struct in *in, struct segment *g)
{
	const char *name = skip(in, in->at + strlen("choose"));
	const char *value = last_word(in, name);

	g->kind = SEGMENT_CHOOSE;
	g->role = 0;
	g->index = 0;
	if (!number(in, value, &g->count) || g->count > 63)
		return prog_refuse(in, value,
				   "expected an answer from 0 to 63, as in \"choose kmalloc 1\"");
	return take_name(in, name, value, g);
}

static int parse_until(const struct in *in, const char *at, struct segment *g)
{
	const char *last = last_word(in, at), *end = in->end;

	g->name[0] = 0;
	g->count = 0;
	if (is(in, at, "exit")) {
		g->kind = SEGMENT_EXIT;
		return 0;
	}
	if (is(in, at, "blocked")) {
		g->kind = SEGMENT_BLOCK;
		return 0;
	}
	g->kind = SEGMENT_UNTIL;
	g->count = 1;
	if (last > at && *last == '#') {
		if (!number(in, last + 1, &g->count) || !g->count)
			return prog_refuse(in, last,
					   "expected an occurrence, #2 or more");
		end = last;
	}
	return take_name(in, at, end, g);
}

static int parse_task_segment(const struct in *in, struct segment *g)
{
	const char *at = in->at, *rest;
	u32 index;

	rest = isupper((u8)*at) ? number(in, at + 1, &index) : NULL;
	if (!rest || index >= 32)
		return prog_refuse(in, at,
				   "expected a segment: \"P0 until POINT\", \"P0 until exit\", \"P0 until blocked\", \"P0 12 steps\" or \"choose WHY N\"");
	g->role = *at;
	g->index = (u8)index;
	rest = skip(in, rest);
	if (begins(in, rest, "until"))
		return parse_until(in, skip(in, rest + strlen("until")), g);
	g->kind = SEGMENT_STEPS;
	g->name[0] = 0;
	at = number(in, rest, &g->count);
	if (!at)
		return prog_refuse(in, rest,
				   "expected \"until\" or a number of steps");
	if (!g->count)
		return prog_refuse(in, rest, "expected at least one step");
	at = skip(in, at);
	if (!is(in, at, "steps") && !is(in, at, "step"))
		return prog_refuse(in, at, "expected \"steps\"");
	return 0;
}

int schedule_parse_line(const char *line, u32 lineno, struct schedule *s,
			struct prog_error *err)
{
	struct in in = { line, line, line + strcspn(line, "\n"), lineno, err };
	struct segment *g = &s->seg[s->nr];

	in.at += strspn(line, " \t");
	while (in.end > in.at && (in.end[-1] == ' ' || in.end[-1] == '\t'))
		in.end--;
	if (s->nr == SCHEDULE_SEGMENTS_MAX)
		return prog_refuse(&in, in.at, "more than %d segments",
				   SCHEDULE_SEGMENTS_MAX);
	if (begins(&in, in.at, "choose") ? parse_choose(&in, g) :
					   parse_task_segment(&in, g))
		return -1;
	s->nr++;
	return 0;
}
