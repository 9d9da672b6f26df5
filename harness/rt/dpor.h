/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dpor.h: what the files of the dpor strategy share. Nobody else includes it,
 * but dfs_sleep.c for which steps are independent of each other.
 *
 *	dpor.c		the stack of decisions, and what is left to do at each
 *	dpor_race.c	happens-before of the execution made, and its races
 *	dpor_tree.c	wakeup trees
 */
#ifndef HARNESS_RT_DPOR_H
#define HARNESS_RT_DPOR_H

#include "harness/rt/profile.h"

#define DPOR_STEPS_MAX	4096	/* of an execution that can be explored */

/* What a task did or is about to do. */
struct dpor_op {
	const struct rt_site *site;
	const void *obj;
	u8 task;
	u32 answers;		/* that it got of rt_choose(), mixed; 0: none */
};

/* A continuation worth making; siblings in the order to be made. */
struct dpor_tree {
	struct dpor_op op;
	u32 under;		/* which answers, where the parent asked */
	struct dpor_tree *child, *next;
};

/* One step of the execution, and the node of the tree it was taken from. */
struct dpor_step {
	struct dpor_op op;
	u32 nth;		/* of its task's steps, from 1 */
	int enabled_by;		/* the step that made its task runnable, or -1 */
	bool late;		/* no step did: nobody could go on after that one */
	int previous;		/* that changed its object, or -1; of a change */
	u32 enabled;		/* when it was picked */
	u32 sleep;		/* tasks whose continuations were all made */
	bool made, any;		/* was one, by the branch taken; by any */
	struct dpor_tree *todo;	/* the one taken is first */
	struct dpor_op pending[RT_TASKS_MAX];	/* of all tasks; those of sleep are used */
	u32 clock[RT_TASKS_MAX];	/* by task: its steps that came before this */
};

extern struct dpor_step dpor_step[DPOR_STEPS_MAX];
extern u32 dpor_nr_steps;	/* of the execution just made */
extern u32 dpor_nr_tasks;

/* Who does the same at once does not notice: readers of a word, and those who
 * take a lock beside each other or let go of it. */
enum dpor_access { DPOR_READ, DPOR_SHARE, DPOR_CHANGE };

static inline enum dpor_access dpor_access(const struct rt_site *site)
{
	switch (site->kind) {
	case RT_LOAD:
		return DPOR_READ;
	case RT_LOCK_SHARED:
	case RT_UNLOCK_SHARED:
		return DPOR_SHARE;
	default:
		return DPOR_CHANGE;
	}
}

/* The two cannot tell in which order they were done. */
static inline bool dpor_independent(const struct dpor_op *a,
				    const struct dpor_op *b)
{
	enum dpor_access how = dpor_access(a->site);

	if (a->task == b->task)
		return false;
	return !a->obj || a->obj != b->obj ||
	       (how != DPOR_CHANGE && how == dpor_access(b->site));
}

/*
 * Who may take the next step. What others do before the execution ends can be
 * made before it is ended: less than all of that is no other trace. Who ends it
 * makes a difference.
 */
static inline u32 dpor_enabled(const struct strategy_view *v)
{
	u32 end = 0;

	for (u32 m = v->enabled; m; m &= m - 1)
		if (v->task[__builtin_ctz(m)].site->kind == RT_END)
			end |= m & -m;
	return v->enabled == end ? end : v->enabled & ~end;
}

static inline struct dpor_op dpor_pending(const struct strategy_view *v, int task)
{
	static const char end;
	const struct strategy_task *t = &v->task[task];

	return (struct dpor_op){ t->site, t->site->kind == RT_END ? &end : t->obj,
				 (u8)task, 0 };
}

/*
 * dpor_race.c. For each race of the execution made, see to it that the other
 * order will be made too, unless it was, or is going to be. @blocked: what the
 * tasks that could not go on stand at.
 */
void dpor_races(const struct dpor_op *blocked, u32 nr_blocked);

/* dpor_tree.c */
struct dpor_tree *dpor_tree_new(const struct dpor_op *op);
void dpor_tree_free(struct dpor_tree *t);	/* and all below and beside it */
/* Of the children of @t, those for when its operation gets @answers. */
struct dpor_tree *dpor_tree_under(const struct dpor_tree *t, u32 answers);
/*
 * Have @w, @n operations in order, made from where @list is taken. Nothing is
 * added if some continuation in the tree amounts to it. @w is overwritten.
 */
void dpor_tree_insert(struct dpor_tree **list, struct dpor_op *w, u32 n);

#endif /* HARNESS_RT_DPOR_H */
