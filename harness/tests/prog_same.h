/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prog_same.h: whether two programs or schedules are one, field by field;
 * what lies past the end of either is nobody's.
 */
#ifndef HARNESS_TESTS_PROG_SAME_H
#define HARNESS_TESTS_PROG_SAME_H

#include <string.h>

#include "harness/prog/prog.h"

static inline bool call_same(const struct call *a, const struct call *b)
{
	return a->op == b->op && !memcmp(a->arg, b->arg, sizeof(a->arg));
}

static inline bool prog_same(const struct program *a, const struct program *b)
{
	if (a->nr_tasks != b->nr_tasks)
		return false;
	for (u32 i = 0; i < a->nr_tasks; i++) {
		if (a->task[i].nr_calls != b->task[i].nr_calls)
			return false;
		for (u32 j = 0; j < a->task[i].nr_calls; j++)
			if (!call_same(&a->task[i].call[j], &b->task[i].call[j]))
				return false;
	}
	return true;
}

static inline bool schedule_same(const struct schedule *a,
				 const struct schedule *b)
{
	if (a->nr != b->nr)
		return false;
	for (u32 i = 0; i < a->nr; i++) {
		const struct segment *g = &a->seg[i], *h = &b->seg[i];

		if (g->kind != h->kind || g->role != h->role ||
		    g->index != h->index || g->count != h->count ||
		    strcmp(g->name, h->name))
			return false;
	}
	return true;
}

#endif /* HARNESS_TESTS_PROG_SAME_H */
