/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h: the names of what marked accesses may see of each other
 * (harness/rt/engine.h, enum rt_memory), as options and files spell them.
 */
#ifndef HARNESS_EXEC_MEMORY_H
#define HARNESS_EXEC_MEMORY_H

#include "harness/rt/engine.h"

/* "sc", "tso" or "weak" into *memory. 0, or -1: unknown. */
int memory_parse(const char *text, enum rt_memory *memory);
const char *memory_name(enum rt_memory memory);
/* All words, for messages: "sc, tso or weak". */
extern const char memory_words[];

#endif /* HARNESS_EXEC_MEMORY_H */
