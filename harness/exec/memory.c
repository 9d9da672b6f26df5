// SPDX-License-Identifier: GPL-2.0
/*
 * memory: see memory.h.
 */
#include <string.h>

#include "harness/exec/memory.h"

static const char *const names[] = {
	[RT_MEMORY_SC]	= "sc",
	[RT_MEMORY_TSO]	= "tso",
	[RT_MEMORY_WEAK] = "weak",
};

const char memory_words[] = "sc, tso or weak";

int memory_parse(const char *text, enum rt_memory *memory)
{
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(text, names[i])) {
			*memory = (enum rt_memory)i;
			return 0;
		}
	}
	return -1;
}

const char *memory_name(enum rt_memory memory)
{
	return names[memory];
}
