// SPDX-License-Identifier: GPL-2.0
/*
 * clocks.c: who knows how much of whose past, and what tells them.
 *
 * A task's time moves on when it gives something away: at a release, a fence
 * before stores, a spawn. What was given away at a word stays with the word.
 *
 * Barriers, after the kernel's model: what came before an smp_wmb(), smp_mb()
 * or release fence is given away by the next marked store; what a marked load
 * saw is taken by the next smp_rmb(), smp_mb() or acquire fence. Dependencies
 * from a load to what its value leads to are not seen: rcu_dereference() and
 * ptep_get_lockless() are acquires here.
 */
#include <string.h>

#include "harness/hooks/cells.h"
#include "harness/journal/journal.h"

#define WORDS		4096	/* that order tasks, in one execution */
#define TIME_MAX	((1u << (32 - STAMP_TIME)) - 1)

/*
 * What was given away at a word. While all of it is what one task knew at one
 * time, who knows that time knows all of it: no clock has to be looked at.
 */
static struct word {
	struct clock given;
	u32 task, time;		/* of whom; task SEVERAL: of nobody alone */
} words[WORDS];
static u32 nr_words;

#define SEVERAL		RT_TASKS_MAX

struct hooks_task hooks_task[RT_TASKS_MAX];

/* Eight at a time: those of tasks that do not exist are all 0. */
void clock_take(struct clock *to, const struct clock *from)
{
	const u32 nr = sim.view.nr_tasks;

	for (u32 i = 0; i < nr; i += 8)
		for (u32 k = i; k < i + 8; k++)
			to->at[k] = from->at[k] > to->at[k] ? from->at[k] :
							      to->at[k];
}

static void tick(u32 task)
{
	struct hooks_task *t = &hooks_task[task];

	if (++t->now.at[task] > TIME_MAX)
		sim_broken("task %u orders others too often for race.c", task);
	t->stamp = t->now.at[task] << STAMP_TIME | task << STAMP_TASK;
}

void clocks_reset(void)
{
	nr_words = 0;
	memset(&hooks_task[0], 0, sizeof(hooks_task[0]));
	tick(0);
}

/* Boot comes before everything that any task does. */
void race_go(void)
{
	for (u32 i = 1; i < sim.view.nr_tasks; i++)
		clock_take(&hooks_task[i].now, &hooks_task[0].now);
	tick(0);
}

void race_spawn(int parent, int child)
{
	memset(&hooks_task[child], 0, sizeof(hooks_task[child]));
	hooks_task[child].now = hooks_task[parent].now;
	tick((u32)child);
	tick((u32)parent);
}

void race_join(int task, int exited)
{
	clock_take(&hooks_task[task].now, &hooks_task[exited].now);
}

static bool knows(const struct clock *c, const struct word *w)
{
	return w->task != SEVERAL && c->at[w->task] >= w->time;
}

/* What was released at @c; NULL: nothing. */
static const struct word *released(const struct cell *c)
{
	if (!c || c->generation != hooks_generation || !c->word)
		return NULL;
	return &words[c->word - 1];
}

const struct clock *cell_given(const struct cell *c)
{
	const struct word *w = released(c);

	return w ? &w->given : NULL;
}

/* The same to give to; made if need be. NULL outside of an execution. */
static struct word *giving(struct cell *c)
{
	if (!c || c->generation != hooks_generation || !sim.going ||
	    journal_judged)
		return NULL;
	if (!c->word) {
		if (nr_words == WORDS)
			sim_broken("more than %d words order the tasks of one execution",
				   WORDS);
		memset(&words[nr_words], 0, sizeof(words[0]));
		c->word = (u16)++nr_words;
	}
	return &words[c->word - 1];
}

void cell_acquire(const struct cell *c)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	const struct word *w = released(c);

	if (w && !knows(&t->now, w))
		clock_take(&t->now, &w->given);
}

void cell_release(struct cell *c, bool all)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	struct word *w = giving(c);

	if (!w)
		return;
	if (all && !knows(&t->now, w)) {
		clock_take(&w->given, &t->now);
		w->task = SEVERAL;
	} else {
		w->given = t->now;
		w->task = (u32)sim.cur;
		w->time = t->now.at[sim.cur];
	}
	tick((u32)sim.cur);
}

void cell_marked_load(const struct cell *c)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	const struct word *w = released(c);

	if (w && !knows(&t->now, w) && !knows(&t->seen, w))
		clock_take(&t->seen, &w->given);
}

void cell_marked_store(struct cell *c)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	struct word *w = t->fenced ? giving(c) : NULL;

	if (!w)
		return;
	clock_take(&w->given, &t->released);
	w->task = SEVERAL;
}

/* Of who keeps no accesses of it: the cell may be of another execution. */
static struct cell *cell_of(const void *p)
{
	u32 at = hooks_cell(p);
	struct cell *c;

	if (!sim.going)
		return NULL;
	if (at == ~0u)
		sim_broken("a word that orders tasks is not of the machine");
	c = &hooks_cells[at];
	if (c->generation != hooks_generation)
		*c = (struct cell){
			.generation = hooks_generation,
			.owner = CELL_SEVERAL,
		};
	return c;
}

void hooks_acquire(const void *p)
{
	cell_acquire(cell_of(p));
}

void hooks_release(const void *p, bool all)
{
	cell_release(cell_of(p), all);
}

void race_fence(enum rt_fence kind)
{
	struct hooks_task *t = &hooks_task[sim.cur];

	if (!sim.going || journal_judged)
		return;
	if (kind == RT_MB || kind == RT_RMB || kind == RT_ACQUIRE)
		clock_take(&t->now, &t->seen);
	if (kind == RT_MB || kind == RT_WMB || kind == RT_RELEASE) {
		t->released = t->now;
		t->fenced = true;
		tick((u32)sim.cur);
	}
}
