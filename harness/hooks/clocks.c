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
/* Half of all time is enough for one execution. */
#define TIME_LATE	(1u << 31)

/* What was given away at a word. What is left there of an earlier execution all
 * tasks know. */
static struct clock words[WORDS];
static u32 nr_words;

struct hooks_task hooks_task[RT_TASKS_MAX];

/* Eight at a time: of tasks that do not exist nothing is new. */
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

	t->now.at[task] += STAMP_TICK;
	if (t->now.at[task] < STAMP_TICK)
		sim_broken("task %u orders others too often for race.c", task);
	t->stamp = t->now.at[task] | (u64)t->now.at[task] << 32;
}

/* What is known to all of every task: its last stamp before the execution. */
static struct clock start;
static u32 nr_started;		/* tasks of the execution before */

static void start_at(u32 time)
{
	for (u32 i = 0; i < RT_TASKS_MAX; i++)
		start.at[i] = time | i << STAMP_TASK | STAMP_BYTES;
}

void clocks_anew(void)
{
	memset(words, 0, sizeof(words));
	start_at(0);
}

bool clocks_go_on(void)
{
	u32 latest = start.at[0];

	for (u32 i = 0; i < nr_started; i++)
		if (hooks_task[i].now.at[i] > latest)
			latest = hooks_task[i].now.at[i];
	start_at(latest & ~(STAMP_TICK - 1));
	return latest < TIME_LATE;
}

/* A task that knows what @now does, and nothing is given away yet. */
static void start_task(u32 task, const struct clock *now)
{
	struct hooks_task *t = &hooks_task[task];

	t->now = *now;
	memset(&t->released, 0, sizeof(t->released));
	memset(&t->seen, 0, sizeof(t->seen));
	t->fenced = false;
	race_name((int)task);
	tick(task);
	if (task >= nr_started)
		nr_started = task + 1;
}

void clocks_reset(void)
{
	nr_words = 0;
	nr_started = 0;
	start_task(0, &start);
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
	start_task((u32)child, &hooks_task[parent].now);
	tick((u32)parent);
}

void race_join(int task, int exited)
{
	clock_take(&hooks_task[task].now, &hooks_task[exited].now);
}

/* The same as @from: of those tasks that exist. */
static inline void clock_copy(struct clock *to, const struct clock *from)
{
	const u32 nr = sim.view.nr_tasks;

	for (u32 i = 0; i < nr; i += 8)
		memcpy(&to->at[i], &from->at[i], 8 * sizeof(from->at[0]));
}

static inline struct clock *word_of(const struct marked *m, u32 half)
{
	return &words[m->word[half] - 1];
}

const struct clock *word_given(const struct cell *c, u32 half)
{
	const struct marked *m = cell_marked(c);

	return cell_orders(c) && m->word[half] ? word_of(m, half) : NULL;
}

void word_take(const struct cell *c, u32 half, bool acquire)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	const struct marked *m = cell_marked(c);

	if (!cell_orders(c))
		return;
	if (acquire)
		clock_take(&t->now, word_of(m, half));
	else if (!clock_knows(&t->seen, m->given[half]))
		clock_take(&t->seen, word_of(m, half));
}

/* The word to give to, made if need be. */
static struct clock *giving(struct marked *m, u32 half)
{
	if (unlikely(!m->word[half])) {
		if (nr_words == WORDS)
			sim_broken("more than %d words order the tasks of one execution",
				   WORDS);
		m->word[half] = (u16)++nr_words;
	}
	return word_of(m, half);
}

void word_release(struct cell *c, u32 half, bool all)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	struct marked *m = cell_marked(c);
	struct clock *given;

	if (journal_judged || !cell_orders(c))
		return;
	given = giving(m, half);
	if (all && !clock_knows(&t->now, m->given[half])) {
		clock_take(given, &t->now);
		m->given[half] = GIVEN_SEVERAL;
	} else {
		clock_copy(given, &t->now);
		m->given[half] = t->now.at[sim.cur];
	}
	tick((u32)sim.cur);
}

void word_marked_store(struct cell *c, u32 half)
{
	struct marked *m = cell_marked(c);

	if (journal_judged || !cell_orders(c))
		return;
	clock_take(giving(m, half), &hooks_task[sim.cur].released);
	m->given[half] = GIVEN_SEVERAL;
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
