// SPDX-License-Identifier: GPL-2.0
/*
 * dpor_tree: wakeup trees (Abdulla, Aronsson, Jonsson and Sagonas, POPL 2014).
 *
 * A branch is a sequence of operations to be made from a node of the search. A
 * new sequence goes down the tree as long as a child's operation can be moved
 * to the front of what is left of it: then the two begin alike, up to the
 * order of what commutes. A child that does not occur in the sequence, but
 * commutes with all of it, may come first too. If the way ends in a leaf, what
 * the leaf leads to includes the sequence and nothing is added.
 *
 * An operation that asks something is made with every answer there is; what
 * follows it in a sequence is for the answers that it got there.
 */
#include "harness/rt/dpor.h"

#include <stdlib.h>

static struct dpor_tree *unused;

struct dpor_tree *dpor_tree_new(const struct dpor_op *op)
{
	struct dpor_tree *t = unused;

	if (t)
		unused = t->next;
	else
		t = malloc(sizeof(*t));
	if (!t)
		abort();
	*t = (struct dpor_tree){ .op = *op };
	return t;
}

void dpor_tree_free(struct dpor_tree *t)
{
	while (t) {
		struct dpor_tree *next = t->next;

		dpor_tree_free(t->child);
		t->next = unused;
		unused = t;
		t = next;
	}
}

/* @all, or those that are for @answers. */
static struct dpor_tree *copy(const struct dpor_tree *t, u32 answers, bool all)
{
	struct dpor_tree *first = NULL, **link = &first;

	for (; t; t = t->next) {
		if (!all && t->under != answers)
			continue;
		*link = dpor_tree_new(&t->op);
		(*link)->under = t->under;
		(*link)->child = copy(t->child, 0, true);
		link = &(*link)->next;
	}
	return first;
}

struct dpor_tree *dpor_tree_under(const struct dpor_tree *t, u32 answers)
{
	return copy(t->child, answers, false);
}

static bool commutes(const struct dpor_op *op, const struct dpor_op *w, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (!dpor_independent(op, &w[i]))
			return false;
	return true;
}

/*
 * May @op come first of @w? Then it is taken out of it, if it is there, and
 * *@answers is what it got: how many are left; otherwise -1.
 */
static int take(const struct dpor_op *op, struct dpor_op *w, u32 n,
		u32 *answers)
{
	u32 at = 0;

	while (at < n && w[at].task != op->task)
		at++;
	if (at < n && (w[at].site != op->site || w[at].obj != op->obj))
		return -1;
	if (!commutes(op, w, at))
		return -1;
	*answers = op->answers;
	if (at == n)
		return (int)n;
	*answers = w[at].answers;
	__builtin_memmove(&w[at], &w[at + 1], (n - at - 1) * sizeof(*w));
	return (int)n - 1;
}

static void append(struct dpor_tree **link, const struct dpor_op *w, u32 n,
		   u32 under)
{
	for (u32 i = 0; i < n; i++) {
		*link = dpor_tree_new(&w[i]);
		(*link)->under = under;
		under = w[i].answers;
		link = &(*link)->child;
	}
}

void dpor_tree_insert(struct dpor_tree **list, struct dpor_op *w, u32 n)
{
	struct dpor_tree **link = list;
	u32 under = *list ? (*list)->under : 0, answers;

	while (*link && n) {
		int left = (*link)->under == under ?
			   take(&(*link)->op, w, n, &answers) : -1;

		if (left < 0) {
			link = &(*link)->next;
			continue;
		}
		if (!(*link)->child)
			return;
		link = &(*link)->child;
		under = answers;
		n = (u32)left;
	}
	append(link, w, n, under);
}
