// SPDX-License-Identifier: GPL-2.0
/*
 * kinds: what an argument can be, and how a table of ops is looked up.
 *
 * Each kind is a range of values base..base+count-1, a spelling and a width
 * in the byte form. Nothing else in prog/ knows one kind from another except
 * generate.c, which gives some of them a taste.
 */
#include <string.h>

#include "harness/prog/prog.h"

static const char *const prot_words[] = { "none", "r", "rw" };
static const char *const access_words[] = {
	"read", "write", "atomic", "prefetch",
};
static const char *const map_words[] = { "anon", "shared", "file", "private" };
static const char *const gup_words[] = {
	"get", "get_fast", "pin", "pin_fast", "pin_longterm",
	"pin_fast_longterm",
};
static const char *const bool_words[] = { "no", "yes" };

#define ERRNO_WORD(e)		"-" #e,
#define SNAP_WORD(word, byte)	word,
static const char *const errno_words[] = { "0", PROG_ERRNOS(ERRNO_WORD) };
static const char *const snap_words[] = { PROG_SNAPS(SNAP_WORD) };

/*
 * name: as error messages and `list ops` show it; base, count: the values;
 * words: their spelling; bytes: groups of seven bits (see bytes.c), so a
 * VALUE of eight bits has two and a WORD of 32 has five. written: shown even
 * when it is the default. Where a call reaches is what a reader compares
 * between the tasks of a race, so it is never left to be looked up; the rest
 * is said only if it is unusual.
 */
const struct kind kinds[] = {
	/*		  name	    base count		 words	       bytes written */
	[ARG_NONE]	= { "none",	0, 1,		 NULL,		0, false },
	[ARG_PAGE]	= { "page",	0, PROG_PAGES,	 NULL,		1, true },
	[ARG_COUNT]	= { "count",	1, PROG_PAGES,	 NULL,		1, true },
	[ARG_PROT]	= { "prot",	0, 3,		 prot_words,	1, false },
	[ARG_MM]	= { "mm",	0, PROG_MMS,	 NULL,		1, false },
	[ARG_ACCESS]	= { "access",	0, 4,		 access_words,	1, false },
	[ARG_CLIENT]	= { "client",	0, 8,		 NULL,		1, false },
	[ARG_SLOT]	= { "slot",	0, 4,		 NULL,		1, false },
	[ARG_VALUE]	= { "value",	0, 256,		 NULL,		2, false },
	[ARG_WORD]	= { "word",	0, 0,		 NULL,		5, true },
	[ARG_MAP]	= { "map",	0, 4,		 map_words,	1, false },
	[ARG_GUP]	= { "gup",	0, 6,		 gup_words,	1, false },
	[ARG_BOOL]	= { "bool",	0, 2,		 bool_words,	1, false },
	[ARG_OFFSET]	= { "offset",	0, PROG_PAGES,	 NULL,		1, false },
	[ARG_ERRNO]	= { "errno",	0, ARRAY_SIZE(errno_words),
						 errno_words,	1, true },
	[ARG_SNAP]	= { "snap",	0, ARRAY_SIZE(snap_words),
						 snap_words,	1, true },
	[ARG_INDEX]	= { "index",	0, PROG_PAGES,	 NULL,		1, true },
};

bool kind_valid(u8 kind, u32 value)
{
	const struct kind *k;

	if (kind >= ARG_KINDS)
		return false;
	k = &kinds[kind];
	return !k->count || value - k->base < k->count;
}

const struct op *op_get(const struct op_table *t, u8 opcode)
{
	if (opcode < OP_TARGET)
		return opcode < t->nr_shared ? &t->shared[opcode] : NULL;
	opcode -= OP_TARGET;
	return opcode < t->nr_own ? &t->own[opcode] : NULL;
}

const struct op *op_find(const struct op_table *t, const char *name, u8 *opcode)
{
	for (u32 i = 0; i < t->nr_shared; i++) {
		if (!strcmp(t->shared[i].name, name)) {
			*opcode = (u8)i;
			return &t->shared[i];
		}
	}
	for (u32 i = 0; i < t->nr_own; i++) {
		if (!strcmp(t->own[i].name, name)) {
			*opcode = (u8)(OP_TARGET + i);
			return &t->own[i];
		}
	}
	return NULL;
}

u32 op_nr_args(const struct op *op)
{
	u32 n = 0;

	while (n < OP_ARGS_MAX && op->arg[n].kind != ARG_NONE)
		n++;
	return n;
}
