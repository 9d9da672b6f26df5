// SPDX-License-Identifier: GPL-2.0
/*
 * shrink_name: the last touches, for the reader: tasks numbered as they first
 * run, and segments that end at names instead of counts.
 *
 * A name is kept only if a strict replay, names and all, fails as it should.
 */
#include <stdio.h>
#include <string.h>

#include "harness/exec/shrink.h"

static struct schedule bent, named;

/* New numbers for the program's tasks, in the order they first run. */
static void first_run(const struct shrinker *sh, u8 map[PROG_TASKS_MAX])
{
	u32 seen = 0, n = 0;

	for (u32 i = 0; i < sh->nr_hops; i++) {
		const struct hop *h = &sh->hop[i];

		if (h->role != 'P' || h->index >= sh->program.nr_tasks ||
		    seen >> h->index & 1)
			continue;
		seen |= 1u << h->index;
		map[h->index] = (u8)n++;
	}
	for (u32 i = 0; i < sh->program.nr_tasks; i++)
		if (!(seen >> i & 1))
			map[i] = (u8)n++;
}

void shrink_renumber(struct shrinker *sh)
{
	static struct program p;
	u8 map[PROG_TASKS_MAX];
	struct rt_result r;
	bool changed = false;

	first_run(sh, map);
	p.nr_tasks = sh->program.nr_tasks;
	for (u32 i = 0; i < p.nr_tasks; i++) {
		p.task[map[i]] = sh->program.task[i];
		changed |= map[i] != i;
	}
	if (!changed || shrink_spent(sh) || shrink_bend(sh, NULL, &bent))
		return;
	for (u32 i = 0; i < bent.nr; i++)
		if (bent.seg[i].role == 'P' && bent.seg[i].index < p.nr_tasks)
			bent.seg[i].index = map[bent.seg[i].index];
	if (shrink_follows(sh, &p, &bent, &r) && r.preemptions <= sh->cost.preemptions)
		shrink_keep(sh, &p, &r);
}

/* Does @s, followed to the letter, fail as it should? */
static bool strictly(struct shrinker *sh, const struct schedule *s)
{
	struct rt_result r;
	struct exec x = {
		.target = sh->svm->target,
		.program = &sh->program,
		.strategy = &strategy_replay,
		.schedule = s,
		.detail = true,
	};

	return shrink_fails(sh, &x, &r) && !r.diverged[0];
}

int shrink_name(struct shrinker *sh)
{
	struct svm *svm = sh->svm;
	struct rt_result r;
	struct exec x;

	svm->program = sh->program;
	svm->expect = sh->class;
	svm->has_schedule = true;
	if (!shrink_repeat(sh, false, &x, &r)) {
		fprintf(stderr, "HARNESS: the shrunk schedule does not fail again\n");
		return -1;
	}
	if (exec_again(&x, &r, &svm->schedule, true))
		return -1;
	rt_export_schedule(&bent, false);
	if (strictly(sh, &svm->schedule))
		return 0;
	/* Not every name was enough: keep those that are, one by one. */
	named = svm->schedule;
	svm->schedule = bent;
	if (!strictly(sh, &bent)) {
		fprintf(stderr, "HARNESS: the shrunk schedule cannot be followed\n");
		return -1;
	}
	for (u32 i = 0; named.nr == bent.nr && i < bent.nr; i++) {
		svm->schedule.seg[i] = named.seg[i];
		if (!strictly(sh, &svm->schedule))
			svm->schedule.seg[i] = bent.seg[i];
	}
	return 0;
}
