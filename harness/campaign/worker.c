// SPDX-License-Identifier: GPL-2.0
/*
 * worker: the loop over executions, in one process.
 *
 * Workers share nothing, on this machine or between shards on many. Programs
 * are a function of (seed, index), and so are the schedules of a strategy that
 * does not learn: random and pos make the same executions with any number of
 * jobs and shards. So do those that learn of one program, as long as programs
 * are random, since a program's executions are all made by one process. Of one
 * program throughout, and if they learn of any, they make the same with the
 * same number of processes, jobs times shards, wherever these run. Which of
 * several failures is met first may differ.
 *
 * With --points races a data race does not end the campaign: it is written like
 * any finding, and its accesses are points of the executions that follow, to
 * see what it leads to. The worst comes last, and names the campaign's end.
 *
 * The loop runs under rt_isolate(): in native an execution that fails ends the
 * child it runs in, after on_end() wrote the finding from inside it.
 */
#include <stdio.h>
#include <string.h>

#include "harness/campaign/campaign.h"
#include "harness/report/report.h"
#include "targets/kernel/kernel.h"

static struct worker {
	const struct campaign *c;
	u32 job;
	struct tally *tally;
	const volatile int *stop;
	struct exec x;
	bool raced;		/* a data race was found, and passed over */
	u64 explored;		/* programs that the strategy is through with */
	struct program storage;
} worker;

const struct program *campaign_program(const struct campaign *c, u64 number,
				       struct program *storage)
{
	struct op_table ops = target_ops(c->target);
	struct prng prng;

	if (c->program)
		return c->program;
	if (c->target->body) {
		storage->nr_tasks = c->target->nr_fixed;
		for (u32 i = 0; i < storage->nr_tasks; i++)
			storage->task[i].nr_calls = 0;
		return storage;
	}
	prng_seed(&prng, c->seed, PRNG_PROGRAM, number);
	prog_generate(&ops, &prng, storage);
	return storage;
}

/*
 * The parent's progress line reads the counts while the worker runs. No task
 * may run: in native each has counts of its own. They are moved, not copied:
 * native's worker and the process it is isolated in both call this.
 */
static void share_counts(struct tally *t)
{
	journal_merge();
	for (u32 k = 0; k < EV_NR; k++)
		t->count[k] += journal_count[k];
	memset(journal_count, 0, sizeof(journal_count));
	for (u32 i = 0; i < WINDOWS_MAX; i++) {
		t->window[i].opened += window_count[i].opened;
		t->window[i].entered += window_count[i].entered;
	}
	memset(window_count, 0, sizeof(window_count));
}

/* Of all that was decided and all that was told, whoever made the execution. */
static u64 story(u64 index, const struct rt_result *r)
{
	u64 hash = index ^ journal_hash;

	for (u32 i = 0; i < r->trace_len; i++)
		hash = (hash ^ r->trace[i]) * 0x100000001b3ull;
	hash *= 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static void add_up(struct tally *t, const struct rt_result *r)
{
	if (rt_deterministic)
		t->story += story(t->index, r);
	t->executions++;
	t->steps += r->steps;
	t->switches += r->switches;
	t->preemptions += r->preemptions;
	t->choices += r->choices;
	t->faults_offered |= kernel_faults_offered();
	if (kernel_alloc_failed()) {
		t->failed++;
		t->fail_last = t->fail_alloc;
	}
	if (!(t->executions & 255))
		share_counts(t);
}

/*
 * The first of its kind is a finding; and whatever its accesses are, they are
 * points from now on. EXIT_PASS to go on.
 */
static int promote(struct worker *w, const struct rt_result *r)
{
	static struct schedule again;
	struct tally *t = w->tally;
	int code = EXIT_FINDING;

	if (!w->raced)
		code = campaign_finding(w->c, &w->x, r, t);
	else if (exec_again(&w->x, r, &again, false))
		code = EXIT_HARNESS;
	if (code != EXIT_FINDING)
		return code;
	w->raced = true;
	if (!points_of_race(oracle_failure(), t->points))
		return EXIT_PASS;
	fprintf(stderr, "points: %s\n", t->points);
	return points_set(t->points) ? EXIT_HARNESS : EXIT_PASS;
}

/* Judge one execution: EXIT_PASS to go on. */
static int judge(struct worker *w, const struct rt_result *r)
{
	const struct strategy *s = w->c->strategy;
	const char *why;
	int passed;

	if (r->outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: %s\n", r->diverged);
		return EXIT_HARNESS;
	}
	if (oracle_failure() && oracle_failure()->oracle == &oracle_data_race &&
	    w->c->points && !strcmp(w->c->points, CAMPAIGN_POINTS_RACES))
		return promote(w, r);
	if (oracle_failure() && w->c->only &&
	    oracle_failure()->oracle != w->c->only)
		return EXIT_PASS;
	if (oracle_failure() && w->c->known) {
		passed = campaign_pass_over(&w->x, r, w->tally);
		if (passed)
			return passed < 0 ? EXIT_HARNESS : EXIT_PASS;
	}
	if (oracle_failure())
		return campaign_finding(w->c, &w->x, r, w->tally);
	why = s && s->broken ? s->broken() : NULL;
	if (why) {
		fprintf(stderr, "HARNESS: execution %llu: %s\n", w->x.index, why);
		return EXIT_HARNESS;
	}
	return EXIT_PASS;
}

/*
 * The strategy has nothing left for this program. One that explores a program
 * to its end goes on to the next, if there are others.
 */
static int exhausted(struct worker *w)
{
	const struct strategy *s = w->c->strategy;

	w->tally->exhausted = !s->next || w->c->program || w->c->target->body;
	if (!w->tally->exhausted) {
		s->next();
		w->explored++;
	}
	return EXIT_PASS;
}

static int run_index(struct worker *w, u64 index)
{
	const struct strategy *s = w->c->strategy;
	u32 repeat = s && s->repeat ? s->repeat : 1;
	struct rt_result r;
	int code;

	w->tally->index = index;
	w->tally->program = s && s->next ? w->explored :
			    index / CAMPAIGN_PART;
	w->x.index = index;
	/* One program throughout is one number throughout. */
	w->x.program_nr = w->c->program || w->c->target->body ? 1 :
			  w->tally->program + 1;
	w->x.program = campaign_program(w->c, w->tally->program, &w->storage);
	for (u32 k = 0; k < repeat; k++) {
		exec_run(&w->x, &r);
		if (r.outcome == RT_EXHAUSTED)
			return exhausted(w);
		add_up(w->tally, &r);
		code = judge(w, &r);
		if (code)
			return code;
	}
	return EXIT_PASS;
}

static int run_all(struct worker *w)
{
	int code = EXIT_PASS;
	u64 i = CAMPAIGN_PART * (w->c->shard + w->c->shards * (u64)w->job);

	for (; i < w->c->executions && !*w->stop; i = campaign_next(w->c, i)) {
		code = run_index(w, i);
		if (code || w->tally->exhausted)
			break;
	}
	return code;
}

/*
 * The same executions again and again, a later allocation failing each time,
 * until none of them has that many.
 */
static int fail_all(struct worker *w)
{
	struct tally *t = w->tally;
	int code = EXIT_PASS;

	do {
		t->fail_alloc++;
		kernel_fail_nth(t->fail_alloc);
		code = run_all(w);
	} while (!code && !*w->stop && t->fail_last == t->fail_alloc);
	return code;
}

/* What this process has to say in the end line; see campaign_worth(). */
static void say_worth(const struct strategy *s, struct tally *t)
{
	const void *worth;
	size_t size;

	if (s->worth) {
		worth = s->worth(&size);
		memcpy(t->worth, worth, size);
		t->has_worth = true;
	} else if (s->summary && s->summary()) {
		snprintf(t->summary, sizeof(t->summary), "(%s)", s->summary());
	}
}

static int loop(void *arg)
{
	struct worker *w = arg;
	const struct strategy *s = w->c->strategy;
	int code;

	kernel_faults(w->c->faults);
	rt_memory = w->c->memory;
	if (w->c->points && strcmp(w->c->points, CAMPAIGN_POINTS_RACES))
		strcpy(w->tally->points, w->c->points);
	if (points_set(w->tally->points))
		return EXIT_HARNESS;
	if (w->c->fail_alloc == CAMPAIGN_FAIL_ALL) {
		code = fail_all(w);
	} else {
		w->tally->fail_alloc = w->c->fail_alloc;
		kernel_fail_nth(w->c->fail_alloc);
		code = run_all(w);
	}
	share_counts(w->tally);
	if (!code && w->raced)
		code = EXIT_FINDING;
	if (s)
		say_worth(s, w->tally);
	return code;
}

/* native: in the child, on the task that failed, with the journal in reach. */
static void on_end(const struct rt_result *r)
{
	oracle_outcome(r);
	worker.tally->ended_known = worker.c->known &&
		campaign_pass_over(&worker.x, r, worker.tally) > 0;
	if (!worker.tally->ended_known)
		campaign_finding(worker.c, &worker.x, r, worker.tally);
	symbol_close();		/* this process has no exit() before it */
}

static int lost(const struct worker *w, const struct rt_result *r)
{
	if (w->tally->ended_known) {
		w->tally->executions++;
		return EXIT_PASS;
	}
	if (w->tally->title[0])		/* on_end() has written it */
		return w->tally->written && !oracle_failure()->oracle->uncovered ?
		       EXIT_FINDING : EXIT_HARNESS;
	oracle_outcome(r);
	return campaign_lost_finding(w->c, w->tally, oracle_failure() ?
				     oracle_failure()->oracle : &oracle_crash,
				     oracle_failure() ? oracle_failure()->text :
				     "The process ended without a word.");
}

int campaign_worker(const struct campaign *c, u32 job, struct tally *tally,
		    const volatile int *stop)
{
	struct rt_result r;
	bool ended;
	int code;

	worker.c = c;
	worker.job = job;
	worker.tally = tally;
	worker.stop = stop;
	worker.x = (struct exec){
		.target = c->target,
		.strategy = c->strategy,
		.seed = c->seed,
		.steps_max = c->steps_max,
		/* Threads do not do it again: what a report needs is kept. */
		.detail = !rt_deterministic,
	};
	rt_on_end = on_end;
	ended = !rt_isolate(loop, &worker, &code, &r);
	share_counts(tally);
	return ended ? lost(&worker, &r) : code;
}
