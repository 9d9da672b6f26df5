// SPDX-License-Identifier: GPL-2.0
/*
 * shrink_record: the best failing execution, and how it is bent.
 *
 * It is kept as its list of decisions, each marked with the call it was part
 * of. When a call is taken out of the program its decisions are taken out of
 * the list, so that the rest still meets where it met before; what then does
 * not fit, a lenient replay skips. Whatever fails is recorded as it ran, so
 * nothing lenient survives in the result.
 */
#include <stdio.h>
#include <string.h>

#include "harness/exec/shrink.h"

static u8 trace[EXEC_TRACE_MAX];	/* a copy of the best's */
static struct schedule written;		/* what must be said of the last one */

bool shrink_spent(const struct shrinker *sh)
{
	return sh->tries >= sh->tries_max;
}

/* One execution of @x; whether it failed, and with the class. */
bool shrink_fails(struct shrinker *sh, const struct exec *x,
		  struct rt_result *r)
{
	sh->tries++;
	exec_run(x, r);
	return r->outcome != RT_DIVERGED && oracle_failure() &&
	       (!sh->class || oracle_failure()->oracle == sh->class);
}

bool shrink_follows(struct shrinker *sh, const struct program *p,
		    const struct schedule *s, struct rt_result *r)
{
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = &strategy_replay,
		.schedule = s,
		.lenient = true,
	};

	return shrink_fails(sh, &x, r);
}

/* Which step each call began and ended at; 0: it did not. */
struct spans {
	u32 begin[PROG_TASKS_MAX][PROG_CALLS_MAX];
	u32 end[PROG_TASKS_MAX][PROG_CALLS_MAX];
};

static void read_spans(struct spans *spans)
{
	memset(spans, 0, sizeof(*spans));
	for (u32 seq = 1; seq <= journal_seq(); seq++) {
		const struct event *e = journal_event(seq);
		u32 index;

		if (!e || (e->kind != EV_call_begin && e->kind != EV_call_end) ||
		    rt_role(e->task) != 'P')
			continue;
		index = rt_index(e->task);
		if (index >= PROG_TASKS_MAX || e->c >= PROG_CALLS_MAX)
			continue;
		if (e->kind == EV_call_begin)
			spans->begin[index][e->c] = e->step + 1;
		else
			spans->end[index][e->c] = e->step;
	}
}

/* The call that step @step of P<index> was part of. */
static u8 call_of(const struct spans *spans, u32 index, u32 step)
{
	for (u32 i = 0; i < PROG_CALLS_MAX && spans->begin[index][i]; i++)
		if (step >= spans->begin[index][i] &&
		    (!spans->end[index][i] || step <= spans->end[index][i]))
			return (u8)i;
	return NO_CALL;
}

bool shrink_repeat(struct shrinker *sh, bool detail, struct exec *x,
		   struct rt_result *r)
{
	*x = (struct exec){
		.target = sh->svm->target,
		.program = &sh->program,
		.strategy = &strategy_replay,
		.trace = trace,
		.trace_len = sh->nr_hops,
		.detail = detail,
	};
	return shrink_fails(sh, x, r);
}

/* Make the best once more with the journal on, and mark its decisions. */
static void mark_calls(struct shrinker *sh)
{
	static struct spans spans;
	struct rt_result r;
	struct exec x;
	u32 step = 0;

	if (!shrink_repeat(sh, true, &x, &r))
		return;
	read_spans(&spans);
	for (u32 i = 0; i < sh->nr_hops; i++) {
		struct hop *h = &sh->hop[i];

		if (!h->role)
			continue;
		step++;
		if (h->role == 'P' && h->index < PROG_TASKS_MAX)
			h->call = call_of(&spans, h->index, step);
	}
}

/* Of the execution just made; what is to be written of it is in written. */
struct cost shrink_measure(const struct rt_result *r)
{
	rt_export_schedule(&written, false);
	return (struct cost){ r->preemptions, written.nr, r->steps };
}

bool shrink_less(const struct cost *a, const struct cost *b)
{
	if (a->preemptions != b->preemptions)
		return a->preemptions < b->preemptions;
	if (a->segments != b->segments)
		return a->segments < b->segments;
	return a->steps < b->steps;
}

/* What just failed becomes the best; false if it is too long to be kept. */
bool shrink_keep(struct shrinker *sh, const struct program *p,
		 const struct rt_result *r)
{
	if (r->trace_len > EXEC_TRACE_MAX)
		return false;
	sh->class = oracle_failure()->oracle;
	snprintf(sh->text, sizeof(sh->text), "%s", oracle_failure()->text);
	if (p != &sh->program)
		sh->program = *p;
	sh->cost = shrink_measure(r);
	sh->needed = 0;
	for (u32 i = 0; i < written.nr; i++)
		if (written.seg[i].kind == SEGMENT_STEPS)
			sh->needed += written.seg[i].count;
	sh->nr_hops = r->trace_len;
	memcpy(trace, r->trace, r->trace_len);
	for (u32 i = 0; i < sh->nr_hops; i++) {
		u8 t = trace[i];
		bool choice = t & RT_TRACE_CHOICE;

		sh->hop[i] = (struct hop){
			.role = choice ? 0 : rt_role(t),
			.index = choice ? t & ~RT_TRACE_CHOICE : rt_index(t),
			.call = NO_CALL,
		};
	}
	mark_calls(sh);
	return true;
}

/* -- the best, bent to another program ----------------------------------- */

static u64 all_calls(const struct shrinker *sh, u32 task)
{
	return (1ull << sh->program.task[task].nr_calls) - 1;
}

/* Whether a decision went with the calls that are gone. */
static bool is_gone(const struct shrinker *sh, const struct hop *h,
		    const u64 *gone)
{
	if (!gone || h->role != 'P' || h->index >= PROG_TASKS_MAX ||
	    !gone[h->index])
		return false;
	return gone[h->index] == all_calls(sh, h->index) ||
	       (h->call != NO_CALL && gone[h->index] >> h->call & 1);
}

/* The number of P<index> once the tasks without calls have closed up. */
static u8 moved_up(const struct shrinker *sh, u8 index, const u64 *gone)
{
	u8 to = index;

	for (u32 t = 0; gone && t < index && t < PROG_TASKS_MAX; t++)
		to -= gone[t] && gone[t] == all_calls(sh, t);
	return to;
}

/* A usual answer is said only if the same step had an unusual one after it. */
static bool answer_matters(const struct shrinker *sh, u32 at)
{
	for (; at < sh->nr_hops && !sh->hop[at].role; at++)
		if (sh->hop[at].index)
			return true;
	return false;
}

/* The best as segments, without what is gone. -1: too many segments. */
int shrink_bend(const struct shrinker *sh, const u64 *gone, struct schedule *s)
{
	u32 steps = 0;

	s->nr = 0;
	for (u32 i = 0; i < sh->nr_hops; i++) {
		const struct hop *h = &sh->hop[i];
		struct segment *last = s->nr ? &s->seg[s->nr - 1] : NULL;
		u8 index = h->index;

		if (h->role && ++steps > sh->needed)
			break;
		if (h->role ? is_gone(sh, h, gone) : !answer_matters(sh, i))
			continue;
		if (h->role == 'P')
			index = moved_up(sh, index, gone);
		if (h->role && last && last->kind == SEGMENT_STEPS &&
		    last->role == h->role && last->index == index) {
			last->count++;
			continue;
		}
		if (s->nr == SCHEDULE_SEGMENTS_MAX)
			return -1;
		last = &s->seg[s->nr++];
		last->kind = h->role ? SEGMENT_STEPS : SEGMENT_CHOOSE;
		last->role = h->role;
		last->index = h->role ? index : 0;
		last->count = h->role ? 1 : index;
		strcpy(last->name, h->role ? "" : "any");
	}
	return 0;
}
