// SPDX-License-Identifier: GPL-2.0
/*
 * text: the names of event kinds, and a row as the words a report shows.
 *
 * The language of the $ arguments is described in events.def. A letter that
 * is not of that list belongs to the targets and is spelt by journal_format.
 * Nothing here prints an address: an object without a name is told by its
 * place in the arena, which is the same on every machine.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/journal/journal.h"
#include "harness/rt/engine.h"

#define EVENT(name, text) [EV_##name] = { #name, text },
const struct event_def event_defs[EV_NR] = {
	[EV_none] = { "none", "" },
#include "harness/journal/events.def"
#include "targets/events.def"
};
#undef EVENT

#define ELEMENT_MAX	128	/* bytes of an array's element that has a name */

int (*journal_format)(char letter, u64 value, char *buf, size_t size);

/* The program image, from its first byte to the end of its .bss. */
extern const char __executable_start[], _end[];

/*
 * In native the row may come from a child that is gone, and with it whatever
 * was not static.
 */
static const char *string_of(u64 value)
{
	const char *s = (const char *)(unsigned long)value;

	if (!s)
		return "";
	if (!rt_deterministic && (s < __executable_start || s >= _end))
		return "?";
	return s;
}

/* The allocation that @addr points into: its newest row, or NULL. */
static const struct event *alloc_of(u64 addr)
{
	for (u32 i = rt_deterministic ? journal_seq() : 0; i > 0; i--) {
		const struct event *e = journal_event(i);

		if (e && e->kind == EV_alloc && addr - e->a < e->b)
			return e;
	}
	return NULL;
}

/*
 * What is in the middle of something is told by that: "vma+0x40", "page#7+0x18".
 * Of no allocation with a row, an array's element may have the name.
 */
static bool inside_of(u64 addr, char *buf, size_t size)
{
	const struct event *e = alloc_of(addr);
	u64 base = e ? e->a : addr;
	char name[64];
	bool named;

	for (named = e != NULL; !named && addr - base < ELEMENT_MAX; )
		named = rt_object_name((void *)(unsigned long)(base -= 8),
				       name, sizeof(name));
	if (!named)
		return false;
	if (e && !rt_object_name((void *)(unsigned long)base, name,
				 sizeof(name)))
		snprintf(name, sizeof(name), "%s", string_of(e->c));
	snprintf(buf, size, addr == base ? "%s" : "%s+0x%llx", name,
		 addr - base);
	return true;
}

static void object_of(u64 value, char *buf, size_t size)
{
	const void *obj = (const void *)(unsigned long)value;

	if (!obj)
		snprintf(buf, size, "NULL");
	else if (!rt_object_name(obj, buf, size) &&
		 !inside_of(value, buf, size))
		snprintf(buf, size, "unnamed+0x%x", rt_arena_offset(obj));
}

const char *journal_access(u64 bytes, u64 flags, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s of %llu byte%s",
		 flags & 2 ? "marked" : "plain", flags & 1 ? "write" : "read",
		 bytes, bytes == 1 ? "" : "s");
	return buf;
}

static void errno_of(u64 value, char *buf, size_t size)
{
	s64 err = -(s64)value;
	const char *name = NULL;

	if (err > 0 && err < 4096)
		name = strerrorname_np((int)err);
	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%lld", (s64)value);
}

static void spell(char letter, u64 value, char *buf, size_t size)
{
	switch (letter) {
	case 0:
		snprintf(buf, size, "%lld", (s64)value);
		return;
	case 'x':
		snprintf(buf, size, "0x%llx", value);
		return;
	case 's':
		snprintf(buf, size, "%s", string_of(value));
		return;
	case 'o':
		object_of(value, buf, size);
		return;
	case 't':
		snprintf(buf, size, "%c%u", rt_role(value), rt_index(value));
		return;
	case 'e':
		errno_of(value, buf, size);
		return;
	case 'a':
		journal_access(value >> 16, value, buf, size);
		return;
	}
	if (!journal_format || journal_format(letter, value, buf, size) < 0)
		snprintf(buf, size, "?%c", letter);
}

/* "$b:x" at p: which argument, which letter (0: none), and where it ends. */
static const char *parse(const char *p, const struct event *e, char *letter,
			 u64 *value)
{
	*value = p[1] == 'a' ? e->a : p[1] == 'b' ? e->b : e->c;
	*letter = 0;
	p += 2;
	if (p[0] == ':' && islower((unsigned char)p[1]) &&
	    !isalnum((unsigned char)p[2])) {
		*letter = p[1];
		p += 2;
	}
	return p;
}

/* Write what stands at @p for @e, up to @end or the end of the text. */
static void fill(const char *p, char end, const struct event *e, char *buf,
		 size_t size);

/*
 * Does a row with the same words in brackets, of whatever kind, say something
 * else there? Only then do they tell a reader anything.
 */
static bool says_otherwise(const char *group, size_t len, const char *here)
{
	char there[64];

	for (u32 i = 1; i <= journal_seq(); i++) {
		const struct event *e = journal_event(i);
		const char *p = e ? strchr(event_defs[e->kind].text, '[') : NULL;

		if (!p || strncmp(p, group, len))
			continue;
		fill(p + 1, ']', e, there, sizeof(there));
		if (strcmp(there, here))
			return true;
	}
	return false;
}

static void fill(const char *p, char end, const struct event *e, char *buf,
		 size_t size)
{
	size_t n = 0;

	buf[0] = 0;
	while (*p && *p != end && n + 1 < size) {
		char letter, group[64];
		const char *open = p;
		u64 value;

		if (p[0] == '[') {
			fill(p + 1, ']', e, group, sizeof(group));
			p = strchr(p, ']') + 1;
			if (says_otherwise(open, (size_t)(p - open), group))
				snprintf(buf + n, size - n, "%s", group);
			n += strlen(buf + n);
		} else if (p[0] == '$' && p[1] >= 'a' && p[1] <= 'c') {
			p = parse(p, e, &letter, &value);
			spell(letter, value, buf + n, size - n);
			n += strlen(buf + n);
		} else {
			buf[n++] = *p++;
			buf[n] = 0;
		}
	}
}

const char *journal_text(const struct event *e, char *buf, size_t size)
{
	fill(event_defs[e->kind].text, 0, e, buf, size);
	return buf;
}
