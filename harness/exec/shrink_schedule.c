// SPDX-License-Identifier: GPL-2.0
/*
 * shrink_schedule: schedules for a program that is changing under them.
 *
 * The best failing execution is kept as its list of decisions, each marked
 * with the call it was part of. When a call is taken out of the program its
 * decisions are taken out of the list, so that the rest still meets where it
 * met before. What then does not fit is skipped by a lenient replay, and what
 * has shifted is sought by nudging segments at random; only then is the
 * schedule drawn afresh. Whatever fails is recorded as it ran, so nothing
 * lenient survives in the result.
 */
#include <stdio.h>
#include <string.h>

#include "harness/exec/shrink.h"

static struct schedule bent, nudged;
static u8 trace[EXEC_TRACE_MAX];	/* a copy of the best's */

bool shrink_spent(const struct shrinker *sh)
{
	return sh->tries >= sh->tries_max;
}

/* One execution of @x; whether it failed, and with the class. */
static bool fails(struct shrinker *sh, const struct exec *x,
		  struct rt_result *r)
{
	sh->tries++;
	exec_run(x, r);
	return r->outcome != RT_DIVERGED && oracle_failure() &&
	       (!sh->class || oracle_failure()->oracle == sh->class);
}

static bool follows(struct shrinker *sh, const struct program *p,
		    const struct schedule *s, struct rt_result *r)
{
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = &strategy_replay,
		.schedule = s,
		.lenient = true,
	};

	return fails(sh, &x, r);
}

/* -- the best, as decisions ---------------------------------------------- */

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

/* Make the best once more with the journal on, and mark its decisions. */
static void mark_calls(struct shrinker *sh)
{
	static struct spans spans;
	struct rt_result r;
	struct exec x = {
		.target = sh->svm->target,
		.program = &sh->program,
		.strategy = &strategy_replay,
		.trace = trace,
		.trace_len = sh->nr_hops,
		.detail = true,
	};
	u32 step = 0;

	if (!fails(sh, &x, &r))
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

/* What just failed becomes the best; false if it is too long to be kept. */
static bool keep(struct shrinker *sh, const struct program *p,
		 const struct rt_result *r)
{
	if (r->trace_len > EXEC_TRACE_MAX)
		return false;
	sh->class = oracle_failure()->oracle;
	if (p != &sh->program)
		sh->program = *p;
	sh->preemptions = r->preemptions;
	sh->steps = r->steps;
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

/* The best as segments, without what is gone. -1: too many segments. */
static int bend(const struct shrinker *sh, const u32 *gone, struct schedule *s)
{
	s->nr = 0;
	for (u32 i = 0; i < sh->nr_hops; i++) {
		const struct hop *h = &sh->hop[i];
		struct segment *last = s->nr ? &s->seg[s->nr - 1] : NULL;
		u8 index = h->index;

		if (gone && h->role == 'P' && h->index < PROG_TASKS_MAX) {
			u32 all = (1u << sh->program.task[h->index].nr_calls) - 1;

			if (gone[h->index] == all ? all != 0 :
			    h->call != NO_CALL && gone[h->index] >> h->call & 1)
				continue;
			for (u32 t = 0; t < h->index; t++) {
				all = (1u << sh->program.task[t].nr_calls) - 1;
				index -= all && gone[t] == all;
			}
		}
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
		last->count = h->role ? 1 : h->index;
		strcpy(last->name, h->role ? "" : "any");
	}
	return 0;
}

/* -- trying a program ---------------------------------------------------- */

static void copy_schedule(struct schedule *to, const struct schedule *from)
{
	to->nr = from->nr;
	memcpy(to->seg, from->seg, from->nr * sizeof(from->seg[0]));
}

static void drop_segment(struct schedule *s, u32 at)
{
	s->nr--;
	memmove(&s->seg[at], &s->seg[at + 1],
		(s->nr - at) * sizeof(s->seg[0]));
}

/* One to three small changes of counts and of the order. */
static void nudge(struct shrinker *sh, struct schedule *s)
{
	u32 times = 1 + prng_below(&sh->prng, 3);

	for (; times && s->nr > 1; times--) {
		u32 at = prng_below(&sh->prng, s->nr);
		struct segment *g = &s->seg[at], saved = *g;
		u32 by = 1 + prng_below(&sh->prng, 8);

		if (g->kind != SEGMENT_STEPS)
			continue;
		switch (prng_below(&sh->prng, 5)) {
		case 0:
			g->count += by;
			break;
		case 1:
			g->count = g->count > by ? g->count - by : 1;
			break;
		case 2:
			g->count = 1 + prng_below(&sh->prng, g->count);
			break;
		case 3:
			drop_segment(s, at);
			break;
		default:
			if (at + 1 < s->nr) {
				*g = g[1];
				g[1] = saved;
			}
		}
	}
}

/* A fresh schedule: random and pct by turns. */
static bool search(struct shrinker *sh, const struct program *p,
		   struct rt_result *r)
{
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = sh->tries & 1 ? &strategy_random : &strategy_pct,
		.seed = 1,
		.index = sh->tries,
	};

	return fails(sh, &x, r);
}

bool shrink_try(struct shrinker *sh, const struct program *p,
		const u32 gone[PROG_TASKS_MAX])
{
	struct rt_result r;

	if (shrink_spent(sh) || bend(sh, gone, &bent))
		return false;
	if (follows(sh, p, &bent, &r))
		return keep(sh, p, &r);
	for (u32 i = 0; i < sh->tries_each && !shrink_spent(sh); i++) {
		if (i < sh->tries_each / 2) {
			copy_schedule(&nudged, &bent);
			nudge(sh, &nudged);
			if (follows(sh, p, &nudged, &r))
				return keep(sh, p, &r);
		} else if (search(sh, p, &r)) {
			return keep(sh, p, &r);
		}
	}
	return false;
}

bool shrink_first(struct shrinker *sh)
{
	const struct program *p = &sh->svm->program;
	struct rt_result r;
	struct exec x = {
		.target = sh->svm->target,
		.program = p,
		.strategy = &strategy_replay,
		.schedule = &sh->svm->schedule,
		.detail = true,
	};

	/* A file that has rotted may still fail near its schedule. */
	if (sh->svm->has_schedule) {
		if (fails(sh, &x, &r) || follows(sh, p, &sh->svm->schedule, &r))
			return keep(sh, p, &r);
	}
	while (!shrink_spent(sh))
		if (search(sh, p, &r))
			return keep(sh, p, &r);
	return false;
}

/* -- preemptions --------------------------------------------------------- */

/* Follow @s; if that fails with less to explain than the best, it is the best. */
static bool simpler(struct shrinker *sh, const struct schedule *s)
{
	struct rt_result r;

	if (!follows(sh, &sh->program, s, &r) ||
	    r.preemptions > sh->preemptions ||
	    (r.preemptions == sh->preemptions && r.steps >= sh->steps))
		return false;
	return keep(sh, &sh->program, &r);
}

/* The next segment of the task of segment @at, or 0. */
static u32 next_of_task(const struct schedule *s, u32 at)
{
	for (u32 i = at + 1; i < s->nr; i++)
		if (s->seg[i].kind == SEGMENT_STEPS &&
		    s->seg[i].role == s->seg[at].role &&
		    s->seg[i].index == s->seg[at].index)
			return i;
	return 0;
}

/* Let segment @at run on into its task's next one, or wait for it. */
static bool merge(struct shrinker *sh, u32 at, bool wait)
{
	u32 next;

	if (bend(sh, NULL, &nudged) || at >= nudged.nr ||
	    nudged.seg[at].kind != SEGMENT_STEPS)
		return false;
	next = next_of_task(&nudged, at);
	if (!next)
		return false;
	if (wait) {
		nudged.seg[next].count += nudged.seg[at].count;
		drop_segment(&nudged, at);
	} else {
		nudged.seg[at].count += nudged.seg[next].count;
		drop_segment(&nudged, next);
	}
	return simpler(sh, &nudged);
}

/*
 * Answers to rt_choose() that need not be unusual. The last first: a usual
 * answer is not written unless an unusual one follows it.
 */
static bool drop_choices(struct shrinker *sh)
{
	bool progress = false;

	for (u32 i = sh->nr_hops; i-- > 0 && !shrink_spent(sh); ) {
		struct rt_result r;
		u8 answer;

		if (i >= sh->nr_hops || sh->hop[i].role || !sh->hop[i].index)
			continue;
		answer = sh->hop[i].index;
		sh->hop[i].index = 0;
		if (!bend(sh, NULL, &nudged) &&
		    follows(sh, &sh->program, &nudged, &r) &&
		    r.preemptions <= sh->preemptions &&
		    keep(sh, &sh->program, &r))
			progress = true;
		else
			sh->hop[i].index = answer;
	}
	return progress;
}

void shrink_preemptions(struct shrinker *sh)
{
	bool progress = true;

	/* Nothing that follows preempts less than a schedule drawn afresh may. */
	for (u32 i = 0; i < sh->tries_each && !shrink_spent(sh); i++) {
		struct rt_result r;

		if (search(sh, &sh->program, &r) &&
		    r.preemptions < sh->preemptions)
			keep(sh, &sh->program, &r);
	}
	while (progress && !shrink_spent(sh)) {
		progress = drop_choices(sh);
		if (bend(sh, NULL, &bent))
			return;
		for (u32 at = 0; at < bent.nr && !shrink_spent(sh); ) {
			if (merge(sh, at, false) || merge(sh, at, true)) {
				progress = true;
				if (bend(sh, NULL, &bent))
					return;
			} else {
				at++;
			}
		}
	}
}

/* -- names --------------------------------------------------------------- */

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
	if (!changed || shrink_spent(sh) || bend(sh, NULL, &bent))
		return;
	for (u32 i = 0; i < bent.nr; i++)
		if (bent.seg[i].role == 'P' && bent.seg[i].index < p.nr_tasks)
			bent.seg[i].index = map[bent.seg[i].index];
	if (follows(sh, &p, &bent, &r) && r.preemptions <= sh->preemptions)
		keep(sh, &p, &r);
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

	return fails(sh, &x, &r) && !r.diverged[0];
}

int shrink_name(struct shrinker *sh)
{
	struct svm *svm = sh->svm;
	struct rt_result r;
	struct exec x = {
		.target = svm->target,
		.program = &sh->program,
		.strategy = &strategy_replay,
		.schedule = &bent,
	};

	svm->program = sh->program;
	svm->expect = sh->class;
	svm->has_schedule = true;
	if (bend(sh, NULL, &bent) || !fails(sh, &x, &r)) {
		fprintf(stderr, "HARNESS: the shrunk schedule does not fail again\n");
		return -1;
	}
	if (exec_again(&x, &r, &svm->schedule, true))
		return -1;
	copy_schedule(&nudged, &svm->schedule);
	rt_export_schedule(&bent, false);
	if (strictly(sh, &svm->schedule))
		return 0;
	/* Not every name was enough: keep those that are, one by one. */
	copy_schedule(&svm->schedule, &bent);
	if (!strictly(sh, &bent)) {
		fprintf(stderr, "HARNESS: the shrunk schedule cannot be followed\n");
		return -1;
	}
	for (u32 i = 0; nudged.nr == bent.nr && i < bent.nr; i++) {
		svm->schedule.seg[i] = nudged.seg[i];
		if (!strictly(sh, &svm->schedule))
			svm->schedule.seg[i] = bent.seg[i];
	}
	return 0;
}
