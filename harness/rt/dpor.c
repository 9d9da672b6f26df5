// SPDX-License-Identifier: GPL-2.0
/*
 * dpor: every execution that differs in more than the order of steps nobody
 * can tell apart, each of them once: optimal dynamic partial order reduction
 * (Abdulla, Aronsson, Jonsson and Sagonas, POPL 2014; JACM 2017).
 *
 * An execution is made to its end. For each of its races the other order is
 * noted where the two ways part (dpor_race.c), as a sequence in the wakeup tree
 * of that step (dpor_tree.c). Then the deepest step with another branch takes
 * it. A task whose branch was made to its end goes to sleep there, and stays
 * so further down until something it depends on is done: what it would lead
 * to was seen already.
 *
 * Two steps are taken to depend on each other if they name one object, unless
 * both read it or both take or let go of it beside others (dpor_access()). That
 * is exact for litmus targets, where a step is one access to the word it names.
 * Code under test does more between two points, under locks; where it touches
 * without one what no point names, an order that matters may be taken for one
 * that does not. "complete" is a proof for litmus targets alone; for others the
 * end line says what was assumed.
 *
 * rt_choose() is explored in full: each answer, at each place it is asked.
 *
 * A task that spins (rt_relax()) cannot go on before another did. That is no
 * dependence between two steps, so an order that was wanted may not be had
 * there, though it could be elsewhere: the end line then says that not all of
 * these were seen.
 *
 * What ends an execution early (a failure, the step bound) hides the races
 * that were to come: the end line then does not say "complete".
 */
#include "harness/rt/dpor.h"

#include <stdio.h>
#include <string.h>

#define CHOICES_MAX	1024

struct dpor_step dpor_step[DPOR_STEPS_MAX];
u32 dpor_nr_steps, dpor_nr_tasks;

/* Answers to rt_choose(), each asked after so many steps. */
static struct choice {
	u32 at_step;
	u32 n;
	u32 answer;
} choices[CHOICES_MAX];
static u32 nr_choices;

static u32 kept;		/* steps of the stack to be made again */
static u32 kept_choices, at_choice;
static bool started, complete, cut;
static u32 nth[RT_TASKS_MAX];
static int enabled_by[RT_TASKS_MAX];
static u32 late;		/* of those: by time */
static u32 was_enabled;
static const struct strategy_view *view;
static u64 traces, blocked_runs, lost;
static bool spun;		/* a task called rt_relax() */
static bool exact;		/* rt_config.exact */
static bool pruned;
static char wrong[160], text[256];

static int dpor_setup(const char *arg, char *err, size_t size)
{
	started = complete = cut = spun = false;
	traces = blocked_runs = lost = 0;
	wrong[0] = 0;
	if (!arg)
		return 0;
	snprintf(err, size, "dpor takes no argument, got \"%s\"", arg);
	return -1;
}

static void drop_steps(u32 from)
{
	for (u32 i = from; i < dpor_nr_steps; i++) {
		dpor_tree_free(dpor_step[i].todo);
		dpor_step[i].todo = NULL;
	}
	dpor_nr_steps = from;
}

static void drop_branch(struct dpor_step *s)
{
	struct dpor_tree *first = s->todo;

	s->todo = first->next;
	first->next = NULL;
	dpor_tree_free(first);
}

/* The branch taken from @s was made to its end: its task goes to sleep, unless
 * it led to no execution since there is no such order. True if another is left. */
static bool next_branch(struct dpor_step *s)
{
	if (s->made)
		s->sleep |= 1u << s->todo->op.task;
	s->any |= s->made;
	s->made = false;
	if (s->todo)
		drop_branch(s);
	return s->todo;
}

/* Go on to what is to be made next; false if that is nothing. */
static bool backtrack(void)
{
	while (dpor_nr_steps || nr_choices) {
		struct choice *c = nr_choices ? &choices[nr_choices - 1] : NULL;
		u32 top = dpor_nr_steps - 1;

		if (c && c->at_step >= dpor_nr_steps) {
			if (++c->answer < c->n)
				return true;
			nr_choices--;
			continue;
		}
		if (next_branch(&dpor_step[top]))
			return true;
		if (top)
			dpor_step[top - 1].made |= dpor_step[top].any;
		drop_steps(top);
	}
	return false;
}

static bool dpor_begin(const struct rt_config *config, struct prng *prng)
{
	exact = config->exact;
	if (complete)
		return false;
	if (started && !backtrack()) {
		complete = true;
		return false;
	}
	if (!started)
		drop_steps(0), nr_choices = 0;
	started = true;
	kept = dpor_nr_steps;
	kept_choices = nr_choices;
	dpor_nr_steps = at_choice = 0;
	dpor_nr_tasks = was_enabled = late = 0;
	pruned = false;
	memset(nth, 0, sizeof(nth));
	memset(enabled_by, -1, sizeof(enabled_by));
	return true;
}

/* What the step before leaves for this one: branches and sleepers. */
static void inherit(struct dpor_step *s, const struct strategy_view *v)
{
	struct dpor_step *p = s - 1;

	s->todo = NULL;
	s->sleep = 0;
	s->made = s->any = false;
	s->enabled = v->enabled;
	if (!dpor_nr_steps)
		return;
	if (p->op.answers) {
		s->todo = dpor_tree_under(p->todo, p->op.answers);
	} else {
		s->todo = p->todo->child;
		p->todo->child = NULL;
	}
	for (u32 m = p->sleep; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (!dpor_independent(&p->pending[i], &p->op))
			continue;
		s->sleep |= 1u << i;
		s->pending[i] = p->pending[i];
	}
}

/*
 * The first branch noted for @s that can be taken. A task that stands where it
 * should but is not runnable was to take a lock before its holder, which a
 * trylock that fails makes look possible: there is no such order. If it spins,
 * there may be, after a step of another one. A task that stands elsewhere is
 * another matter. Where nothing was noted for a @fresh one, anyone awake will
 * do; if all are asleep, all that might follow was made before.
 */
static bool choose_branch(struct dpor_step *s, const struct strategy_view *v,
			  bool fresh)
{
	u32 awake = dpor_enabled(v) & ~s->sleep;
	struct dpor_op op;

	fresh &= !s->todo;
	s->any |= fresh && !awake;
	while (s->todo) {
		op = dpor_pending(v, s->todo->op.task);
		if (op.obj != s->todo->op.obj || op.site != s->todo->op.site)
			lost++;
		else if (awake & 1u << op.task)
			return true;
		fresh |= v->relaxed >> op.task & 1;
		drop_branch(s);
	}
	if (!awake || !fresh)
		return false;
	op = dpor_pending(v, awake & 1u << v->current ? v->current :
		     __builtin_ctz(awake));
	s->todo = dpor_tree_new(&op);
	return true;
}

static void note_enabled(const struct strategy_view *v)
{
	u32 now = v->enabled | v->relaxed;
	u32 new = (now & ~was_enabled) | v->late;

	for (u32 m = dpor_nr_steps ? new : 0; m; m &= m - 1) {
		int i = __builtin_ctz(m);
		bool self = i == dpor_step[dpor_nr_steps - 1].op.task;

		if (self ? v->late >> i & 1 : !(late >> i & 1))
			enabled_by[i] = (int)dpor_nr_steps - 1;
	}
	late = v->late;
	was_enabled = now;
}

static int dpor_pick(const struct strategy_view *v, struct prng *prng)
{
	struct dpor_step *s = &dpor_step[dpor_nr_steps];

	view = v;
	spun |= v->relaxed != 0;
	dpor_nr_tasks = v->nr_tasks;
	if (dpor_nr_steps == DPOR_STEPS_MAX) {
		cut = pruned = true;
		return STRATEGY_END;
	}
	note_enabled(v);
	if (dpor_nr_steps >= kept)
		inherit(s, v);
	/* The last step kept takes a branch that was only noted so far. */
	if (dpor_nr_steps + 1 >= kept &&
	    !choose_branch(s, v, dpor_nr_steps >= kept)) {
		dpor_nr_steps++;	/* it is on the stack, with nothing left */
		pruned = true;
		return STRATEGY_END;
	}
	if (s->enabled != v->enabled) {
		snprintf(wrong, sizeof(wrong),
			 "step %u of execution %llu is not what it was in the execution before",
			 dpor_nr_steps + 1, traces + blocked_runs + 1);
		return STRATEGY_END;
	}
	s->op = dpor_pending(v, s->todo->op.task);
	s->pending[s->op.task] = s->op;
	s->nth = ++nth[s->op.task];
	s->enabled_by = enabled_by[s->op.task];
	s->late = late >> s->op.task & 1;
	enabled_by[s->op.task] = -1;
	dpor_nr_steps++;
	return s->op.task;
}

static int dpor_choose(u32 n, const char *why, struct prng *prng)
{
	u32 answer = 0;

	if (at_choice < kept_choices) {
		answer = choices[at_choice++].answer;
	} else if (nr_choices == CHOICES_MAX) {
		cut = true;
	} else {
		choices[nr_choices++] = (struct choice){ dpor_nr_steps, n, 0 };
		at_choice = kept_choices = nr_choices;
	}
	if (dpor_nr_steps) {
		struct dpor_op *op = &dpor_step[dpor_nr_steps - 1].op;

		op->answers = ((op->answers ^ answer) + 1) * 0x9e3779b1u | 1;
	}
	return (int)answer;
}

/* The tasks that would have ended the execution had not another one. */
static u32 too_late(struct dpor_op *op)
{
	const struct dpor_step *s = &dpor_step[dpor_nr_steps - 1];
	u32 nr = 0;

	if (!dpor_nr_steps || s->op.site->kind != RT_END)
		return 0;
	for (u32 m = s->enabled & ~(1u << s->op.task); m; m &= m - 1)
		if (view->task[__builtin_ctz(m)].site->kind == RT_END)
			op[nr++] = dpor_pending(view, __builtin_ctz(m));
	return nr;
}

static void dpor_end(const struct rt_result *result)
{
	struct dpor_op stuck[RT_TASKS_MAX];
	u32 nr = 0;

	if (wrong[0])
		return;
	if (result->outcome != RT_DONE && result->outcome != RT_DEADLOCK &&
	    !pruned)
		cut = true;
	if (pruned)
		blocked_runs++;
	else
		traces++;
	for (u32 i = 0; i < result->nr_blocked; i++)
		if (!result->blocked[i].sleeping)
			stuck[nr++] = (struct dpor_op){
				result->blocked[i].site,
				result->blocked[i].obj,
				(u8)result->blocked[i].task, 0 };
	if (!pruned && dpor_nr_steps)
		dpor_step[dpor_nr_steps - 1].made = true;
	nr += too_late(&stuck[nr]);
	if (!pruned)
		dpor_races(stuck, nr);
}

static void dpor_next(void)
{
	started = complete = false;
}

static const char *dpor_broken(void)
{
	return wrong[0] ? wrong : NULL;
}

static const char *dpor_summary(void)
{
	bool all = complete && !cut && !lost;
	int n = snprintf(text, sizeof(text), "%scomplete%s: %llu traces",
			 all ? "" : "not ",
			 all && spun ? " but for orders of tasks that spin" : "",
			 traces);

	if (complete && !exact)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      " (assuming no shared word that a point does not name)");
	if (blocked_runs)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      ", %llu executions given up", blocked_runs);
	if (lost)
		snprintf(text + n, sizeof(text) - (size_t)n,
			 ", %llu branches that could not be taken", lost);
	return text;
}

const struct strategy strategy_dpor = {
	.name	= "dpor",
	.help	= "every execution that differs in more than the order of independent steps, once (Abdulla 2014)",
	.setup	= dpor_setup,
	.begin	= dpor_begin,
	.next	= dpor_next,
	.pick	= dpor_pick,
	.every_step = true,
	.choose	= dpor_choose,
	.end	= dpor_end,
	.broken	= dpor_broken,
	.summary = dpor_summary,
};
