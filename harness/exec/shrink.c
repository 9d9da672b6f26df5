// SPDX-License-Identifier: GPL-2.0
/*
 * shrink: a failing reproducer made as small as a person wants to read it.
 *
 * In this order, as each step makes the next cheaper:
 *
 *   conditions	faults, or a memory, that it fails without
 *   calls		whole tasks, halves of a task, single calls
 *   arguments		renamed towards 0, then each to its default or least
 *   preemptions	fewest first, then fewest steps
 *   fewer		every schedule with fewer preemptions, to see that none
 *			fails
 *   names		"P0 until mutex_lock(svmm->mutex)" for "P0 12 steps"
 *
 * The first three are repeated until none helps. A change is kept if some
 * schedule still fails with the same class: the policy is all in shrink_try(),
 * and a smaller program whose failure it cannot find again within its tries is
 * left alone, so the result always fails but need not be the smallest. Seeds
 * are fixed: the same file shrinks to the same file.
 */
#include <stdio.h>
#include <string.h>

#include "harness/exec/shrink.h"

/* Try the program without the calls of @task that @mask names. */
static bool without(struct shrinker *sh, u32 task, u64 mask)
{
	static struct program p;
	u64 gone[PROG_TASKS_MAX] = { 0 };

	p = sh->program;
	gone[task] = mask;
	for (u32 i = PROG_CALLS_MAX; i-- > 0; )
		if (mask >> i & 1 && !prog_remove_call(&p, task, i))
			return false;
	return shrink_try(sh, &p, gone);
}

static bool drop_tasks(struct shrinker *sh)
{
	bool progress = false;

	for (u32 i = sh->program.nr_tasks; i-- > 0; )
		if (sh->program.nr_tasks > 1 && sh->program.task[i].nr_calls)
			progress |= without(sh, i, (1ull << sh->program.task[i].nr_calls) - 1);
	return progress;
}

#define LONGEST_RUN	32	/* a power of two; a task may have more calls */

/* Runs of @length calls, from the last to the first. */
static bool drop_runs(struct shrinker *sh, u32 length)
{
	bool progress = false;

	for (u32 i = sh->program.nr_tasks; i-- > 0; ) {
		for (u32 at = sh->program.task[i].nr_calls; at-- > 0; ) {
			u32 tasks = sh->program.nr_tasks;

			if (at + length > sh->program.task[i].nr_calls)
				continue;
			progress |= without(sh, i, ((1ull << length) - 1) << at);
			/* The task itself may be gone now. */
			if (sh->program.nr_tasks < tasks)
				break;
		}
	}
	return progress;
}

static bool drop_calls(struct shrinker *sh)
{
	bool progress = drop_tasks(sh);

	for (u32 length = LONGEST_RUN; length; length /= 2)
		progress |= drop_runs(sh, length);
	return progress;
}

/* -- arguments ----------------------------------------------------------- */

static const u64 nothing_gone[PROG_TASKS_MAX];

/* Every argument of @kind that is @from becomes @to: those that met, meet. */
static bool rename_value(struct shrinker *sh, u8 kind, u32 from, u32 to)
{
	struct op_table ops = target_ops(sh->svm->target);
	static struct program p;
	bool changed = false;

	p = sh->program;
	for (u32 i = 0; i < p.nr_tasks; i++) {
		for (u32 j = 0; j < p.task[i].nr_calls; j++) {
			struct call *c = &p.task[i].call[j];
			const struct op *op = op_get(&ops, c->op);

			for (u32 a = 0; a < op_nr_args(op); a++) {
				if (op->arg[a].kind != kind || c->arg[a] != from)
					continue;
				c->arg[a] = to;
				changed = true;
			}
		}
	}
	return changed && shrink_try(sh, &p, nothing_gone);
}

static bool rename_values(struct shrinker *sh)
{
	static const u8 names[] = {
		ARG_PAGE, ARG_MM, ARG_CLIENT, ARG_SLOT,
	};
	bool progress = false;

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		for (u32 from = 1; from < kinds[names[i]].count; from++)
			for (u32 to = 0; to < from; to++)
				if (rename_value(sh, names[i], from, to)) {
					progress = true;
					break;
				}
	return progress;
}

static bool set_arg(struct shrinker *sh, u32 task, u32 call, u32 arg, u32 value)
{
	static struct program p;

	if (sh->program.task[task].call[call].arg[arg] == value)
		return false;
	p = sh->program;
	p.task[task].call[call].arg[arg] = value;
	return shrink_try(sh, &p, nothing_gone);
}

/* One argument: its default; else the least of its kind; else a half. */
static bool lower(struct shrinker *sh, u32 task, u32 call, u32 arg)
{
	struct op_table ops = target_ops(sh->svm->target);
	const struct call *c = &sh->program.task[task].call[call];
	const struct op_arg *a = &op_get(&ops, c->op)->arg[arg];
	u32 base = kinds[a->kind].base, value = c->arg[arg];

	if (value == a->def)
		return false;
	if (set_arg(sh, task, call, arg, a->def))
		return true;
	if (value == base)
		return false;
	if (set_arg(sh, task, call, arg, base))
		return true;
	return kinds[a->kind].words == NULL && value / 2 > base &&
	       set_arg(sh, task, call, arg, value / 2);
}

static bool lower_args(struct shrinker *sh)
{
	struct op_table ops = target_ops(sh->svm->target);
	bool progress = false;

	for (u32 i = 0; i < sh->program.nr_tasks; i++) {
		for (u32 j = 0; j < sh->program.task[i].nr_calls; j++) {
			u8 opcode = sh->program.task[i].call[j].op;
			u32 n = op_nr_args(op_get(&ops, opcode));

			for (u32 a = 0; a < n; a++)
				progress |= lower(sh, i, j, a);
		}
	}
	return progress;
}

/* -- what may go wrong ---------------------------------------------------- */

struct conditions {
	u32 fail_alloc, faults;
	enum rt_memory memory;
	char points[POINTS_TEXT_MAX];
};

static void impose(struct svm *svm, const struct conditions *c)
{
	svm->fail_alloc = c->fail_alloc;
	svm->faults = c->faults;
	svm->memory = c->memory;
	strcpy(svm->points, c->points);
	svm_conditions(svm);
}

static struct conditions conditions_of(const struct svm *svm)
{
	struct conditions c = { svm->fail_alloc, svm->faults, svm->memory, "" };

	strcpy(c.points, svm->points);
	return c;
}

/* Does it still fail where no more than this may go wrong? */
static bool spared(struct shrinker *sh, const struct conditions *c)
{
	struct conditions had = conditions_of(sh->svm);

	impose(sh->svm, c);
	if (shrink_try(sh, &sh->program, nothing_gone))
		return true;
	impose(sh->svm, &had);
	return false;
}

/* One fault and one point after the other; the strongest memory that will do. */
static bool drop_conditions(struct shrinker *sh)
{
	struct conditions now = conditions_of(sh->svm), c = now;
	bool progress = false;

	c.fail_alloc = 0;
	if (now.fail_alloc)
		progress |= spared(sh, &c);
	for (u32 kind = 1; kind && kind <= now.faults; kind <<= 1) {
		c = conditions_of(sh->svm);
		c.faults &= ~kind;
		if (now.faults & kind)
			progress |= spared(sh, &c);
	}
	for (u32 m = RT_MEMORY_SC; m < (u32)sh->svm->memory; m++) {
		c = conditions_of(sh->svm);
		c.memory = (enum rt_memory)m;
		progress |= spared(sh, &c);
	}
	c = conditions_of(sh->svm);
	for (u32 i = 0; points_without(sh->svm->points, i, c.points); ) {
		if (spared(sh, &c))
			progress = true;
		else
			i++;
	}
	return progress;
}

/* -- all of it ----------------------------------------------------------- */

/*
 * The first line of a story that a machine wrote is what was seen; it is said
 * anew of the smaller program. A story somebody wrote is left alone.
 */
static void retell(struct svm *svm, const char *before, const char *after)
{
	char rest[SVM_STORY_MAX];
	size_t n = strlen(before);

	if (strncmp(svm->story, before, n) || svm->story[n] != '\n')
		return;
	strcpy(rest, svm->story + n);
	if (snprintf(svm->story, SVM_STORY_MAX, "%s%s", after, rest) >= SVM_STORY_MAX)
		svm->story[SVM_STORY_MAX - 2] = '\n';
}

/*
 * Tries for one candidate, next time round. Few at first, while there is much
 * to take away; when nothing goes any more, what is left is tried harder. 0:
 * that would cost more than there is.
 */
static u32 tries_next(const struct shrinker *sh)
{
	u32 candidates = 8 * (prog_nr_calls(&sh->program) + 1);
	u32 left = shrink_spent(sh) ? 0 : sh->tries_max - sh->tries;
	u32 most = left / candidates;

	if (!sh->tries_each)
		return most < 25 ? most + 1 : 25;
	return 4 * sh->tries_each <= most ? 4 * sh->tries_each : 0;
}

static void shrink_all(struct shrinker *sh)
{
	bool fixed = sh->svm->target->body;
	bool progress;

	while ((sh->tries_each = tries_next(sh)) != 0) {
		do {
			progress = drop_conditions(sh);
			progress |= !fixed && drop_calls(sh);
			progress |= !fixed && rename_values(sh);
			progress |= !fixed && lower_args(sh);
			shrink_preemptions(sh);
		} while (progress && !shrink_spent(sh));
	}
	if (!fixed)
		shrink_renumber(sh);
}

int shrink(struct svm *svm, u32 tries_max, u32 prove_max,
	   struct shrink_stats *st)
{
	static struct shrinker sh;
	char err[96], before[sizeof(sh.text)];

	sh.svm = svm;
	sh.class = svm->expect;
	sh.tries = 0;
	sh.tries_max = tries_max;
	sh.tries_each = 0;
	prng_seed(&sh.prng, 1, PRNG_SCHEDULE, 0);
	if (svm_conditions(svm))
		return -2;
	if (mutation_choose(svm->original ? "original" :
			    mutations[svm->mutation].name, svm->target) ||
	    strategy_pct.setup(NULL, err, sizeof(err)) || !shrink_first(&sh))
		return -1;
	strcpy(before, sh.text);
	st->calls_before = prog_nr_calls(&sh.program);
	st->preemptions_before = sh.cost.preemptions;
	st->steps_before = sh.cost.steps;
	shrink_all(&sh);
	shrink_minimal(&sh, prove_max);
	if (shrink_name(&sh))
		return -2;
	retell(svm, before, sh.text);
	st->tries = sh.tries;
	st->calls_after = prog_nr_calls(&sh.program);
	st->preemptions_after = sh.cost.preemptions;
	st->steps_after = sh.cost.steps;
	return 0;
}
