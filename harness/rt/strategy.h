/* SPDX-License-Identifier: GPL-2.0 */
/*
 * strategy.h: what decides who runs next. One file each, a row in strategies.c.
 *
 * A strategy sees the set of runnable tasks and what each is about to do, and
 * picks. Its only state is its own and the schedule stream of the prng, so an
 * execution is a function of (program, strategy, seed, execution index).
 */
#ifndef HARNESS_RT_STRATEGY_H
#define HARNESS_RT_STRATEGY_H

#include "harness/rt/engine.h"

/* A task's pending operation. */
struct strategy_task {
	const struct rt_site *site;
	const void *obj;
	bool relaxed;		/* it called rt_relax() and waits its turn */
};

struct strategy_view {
	u32 enabled;		/* bit per task; never 0 in pick */
	int current;		/* the task that ran last, or -1 */
	u32 step;
	const struct strategy_task *task;
	u32 nr_tasks;
	u32 relaxed;		/* bit per task: .relaxed of all of them */
	u32 spinning;		/* bit per task: often relaxed since time moved */
	u32 late;		/* bit per task: woke because nobody could go on */
};

enum {
	STRATEGY_END	= -1,	/* from pick: prune this execution */
	STRATEGY_LOST	= -2,	/* from pick or choose: replay diverged */
};

#define STRATEGY_WORTH_MAX	1024

/* How an execution is drawn of all those of its program. */
enum strategy_draws {
	STRATEGY_DRAWS_NOT,		/* or summary() says what that is worth */
	STRATEGY_DRAWS_ALIKE,		/* whatever came before it */
	STRATEGY_DRAWS_BY_PROGRAM,	/* by what others of the same program did */
	STRATEGY_DRAWS_BY_ALL,		/* by what any others did */
};

struct strategy {
	const char *name;
	const char *help;	/* one sentence with the source */
	/* Parse ARG of --strategy name:ARG (NULL if none); -1 with a message
	 * in err if it is not understood. Called once per campaign. */
	int (*setup)(const char *arg, char *err, size_t size);
	/* Before each execution. false: nothing is left to explore. */
	bool (*begin)(const struct rt_config *config, struct prng *prng);
	int (*pick)(const struct strategy_view *v, struct prng *prng);
	/* Call pick at steps with one runnable task, too. */
	bool every_step;
	bool profiles;		/* begin and pick fill the profile (profile.h) */
	enum strategy_draws draws;
	/* NULL: always 0. */
	int (*choose)(u32 n, const char *why, struct prng *prng);
	/* After each execution, with what it came to. NULL: nothing to learn. */
	void (*end)(const struct rt_result *result);
	/* After end(): the name of the strategy this execution was left to.
	 * NULL: this one. It has none to tell before the first one of a process. */
	const char *(*ran)(void);
	/* Runs of each execution index, 0 meaning 1; twice has 2. */
	unsigned int repeat;
	/* For a strategy whose executions build on each other: the next program
	 * comes, forget the last one's. The campaign keeps to one program until
	 * begin() is false. NULL: any program at any execution. */
	void (*next)(void);
	/* After end(): why this execution proves the harness nondeterministic,
	 * or NULL. The campaign stops with exit code 3. */
	const char *(*broken)(void);
	/* After end(): why this execution is not the one that was asked for, or
	 * NULL. Fills rt_result.diverged; an execution that passed becomes
	 * RT_DIVERGED, one that failed stays the failure it is. */
	const char *(*lost)(void);
	/* A sentence for the end line ("complete: 3150 schedules"), or NULL. */
	const char *(*summary)(void);
	/*
	 * If that speaks of executions that several processes make: what it is
	 * drawn from, at most STRATEGY_WORTH_MAX bytes; and for a process that
	 * made none, add what another one did. NULL: one process makes all.
	 */
	const void *(*worth)(size_t *size);
	void (*add_worth)(const void *worth);
};

extern const struct strategy *const strategies[];	/* NULL-terminated */
const struct strategy *strategy_find(const char *name);

extern const struct strategy strategy_random, strategy_pct, strategy_dfs,
	strategy_replay, strategy_near, strategy_twice, strategy_pos,
	strategy_urw, strategy_surw, strategy_rff, strategy_mix, strategy_dpor,
	strategy_dfs_sleep;

/*
 * 0 seven times in eight, else one of the others alike: an answer to
 * rt_choose() that leaves most of an execution usual.
 */
u32 strategy_rare(u32 n, struct prng *prng);

/* The first task of the system (W0, R0 ...) that is about to start, or -1. It
 * goes to sleep until there is work: nobody can tell when it started. */
int strategy_starting(const struct strategy_view *v);

/* Why the last pick of a replay was STRATEGY_LOST; NULL if none was. */
const char *strategy_replay_lost(void);

#endif /* HARNESS_RT_STRATEGY_H */
