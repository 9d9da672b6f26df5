// SPDX-License-Identifier: GPL-2.0
/*
 * points: which plain accesses "dmirror_do_fault:write" stands for.
 *
 * An access has the name of the function in whose text it stands, whatever that
 * was inlined into, and so the same in every build. It is a function of a port
 * or of its glue: the primitives below them, and the kernel's services, are one
 * step to everybody else, and stay one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/journal/journal.h"
#include "harness/report/internal.h"
#include "harness/report/points.h"
#include "harness/rt/hooks.h"

#define SITES_MAX	65536
#define FRAMES		8

/* All accesses of the program, named at the first question. */
static struct site {
	const void *pc;
	bool write;
	char func[64];			/* empty: can be no point */
} *sites;
static u32 nr_sites;

static const char *const words[] = { "read", "write" };

/* The length of the next name of the list, and where its word begins. */
static size_t next_name(const char *text, const char **word)
{
	size_t n = strcspn(text, ",");

	*word = memchr(text, ':', n);
	return n;
}

const char *points_bad(const char *text)
{
	static const char why[] =
		"expected FUNCTION:read or FUNCTION:write, with commas";
	const char *word;

	if (&points_ground)
		return points_ground.bad(text);
	if (strlen(text) >= POINTS_TEXT_MAX)
		return "too many to remember";
	for (;;) {
		size_t n = next_name(text, &word), len;

		if (!word || word == text)
			return why;
		len = n - (size_t)(++word - text);
		if ((len != 4 || memcmp(word, words[0], len)) &&
		    (len != 5 || memcmp(word, words[1], len)))
			return why;
		if (!text[n])
			return NULL;
		text += n + 1;
	}
}

/* The function in whose text @pc stands. */
static void name_access(const void *pc, char func[64])
{
	const struct frame *best = NULL;
	struct frame f[FRAMES];
	u32 n = symbol_lookup((u64)(size_t)pc, f, FRAMES);

	for (u32 i = 0; i < n; i++)
		if (!best || frame_level(&f[i]) > frame_level(best))
			best = &f[i];
	if (best && frame_level(best) >= FRAME_GLUE)
		strcpy(func, best->func);
	else
		func[0] = 0;
}

static void note_site(const void *pc, bool write)
{
	if (nr_sites < SITES_MAX)
		sites[nr_sites++] = (struct site){ .pc = pc, .write = write };
}

static int find_sites(void)
{
	if (sites)
		return 0;
	sites = malloc(SITES_MAX * sizeof(*sites));
	if (!sites)
		return -1;
	rt_hooks.points_sites(note_site);
	for (u32 i = 0; i < nr_sites; i++)
		name_access(sites[i].pc, sites[i].func);
	return 0;
}

/* How many accesses have this name. */
static u32 set_name(const char *name, const char *word)
{
	size_t len = (size_t)(word - 1 - name);
	bool write = *word == 'w';
	u32 found = 0;

	for (u32 i = 0; i < nr_sites; i++) {
		if (sites[i].write != write || strlen(sites[i].func) != len ||
		    memcmp(sites[i].func, name, len))
			continue;
		rt_hooks.points_add(sites[i].pc);
		found++;
	}
	return found;
}

int points_set(const char *text)
{
	const char *word;

	if (&points_ground) {
		points_ground.set(text);
		return 0;
	}
	if (&rt_hooks)
		rt_hooks.points_clear();
	if (!text[0])
		return 0;
	if (!&rt_hooks || find_sites()) {
		fprintf(stderr, "HARNESS: points %s: this build watches no plain accesses\n",
			text);
		return -1;
	}
	for (;;) {
		size_t n = next_name(text, &word);

		if (!set_name(text, word + 1)) {
			fprintf(stderr, "HARNESS: points: there is no %.*s in this program\n",
				(int)n, text);
			return -1;
		}
		if (!text[n])
			return 0;
		text += n + 1;
	}
}

static bool has(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *word;

	while (*text) {
		size_t n = next_name(text, &word);

		if (n == len && !memcmp(text, name, n))
			return true;
		text += n + (text[n] == ',');
	}
	return false;
}

static bool add_name(const struct event *e, char text[POINTS_TEXT_MAX])
{
	char func[64], name[80];
	const u64 *pc = NULL;
	u32 n = e ? journal_stack(e, &pc) : 0, at = 0;
	struct frame f;
	size_t len = strlen(text);

	/* The hooks' own frames stand before the access. */
	while (at < n && symbol_lookup(pc[at], &f, 1) &&
	       frame_level(&f) == FRAME_HARNESS)
		at++;
	if (at == n || e->c & 2)
		return false;
	name_access((const void *)(size_t)pc[at], func);
	snprintf(name, sizeof(name), "%s:%s", func, words[e->c & 1]);
	if (!func[0] || has(text, name) ||
	    len + strlen(name) + 2 > POINTS_TEXT_MAX)
		return false;
	sprintf(text + len, "%s%s", len ? "," : "", name);
	return true;
}

bool points_of_race(const struct failure *f, char text[POINTS_TEXT_MAX])
{
	const struct event *here = journal_event(f->seq);
	const struct event *there = journal_event(f->other);
	bool new = add_name(there, text);

	return add_name(here, text) || new;
}

bool points_without(const char *text, u32 nr, char to[POINTS_TEXT_MAX])
{
	bool left_out = false;
	const char *word;

	to[0] = 0;
	for (u32 i = 0; *text; i++) {
		size_t n = next_name(text, &word);

		if (i == nr)
			left_out = true;
		else
			sprintf(to + strlen(to), "%s%.*s", to[0] ? "," : "",
				(int)n, text);
		text += n + (text[n] == ',');
	}
	return left_out;
}
