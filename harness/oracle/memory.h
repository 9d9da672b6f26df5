/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h: what the oracles of allocations share.
 */
#ifndef HARNESS_ORACLE_MEMORY_H
#define HARNESS_ORACLE_MEMORY_H

#include "harness/oracle/oracle.h"

/* The newest row of @kind (EV_alloc, EV_free) before @seq whose object holds
 * address @addr; NULL if none is kept. */
const struct event *memory_row(u16 kind, u64 addr, u32 seq);

/* Raise with the text of @e; @other is the row of @kind of the same object. */
void memory_raise(const struct oracle *o, const struct event *e, u16 kind)
	__attribute__((noreturn));

#endif /* HARNESS_ORACLE_MEMORY_H */
