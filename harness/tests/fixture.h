/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fixture.h: an execution of a few bodies under sim, for the suites of the
 * journal, the oracles and the report.
 */
#ifndef HARNESS_TESTS_FIXTURE_H
#define HARNESS_TESTS_FIXTURE_H

#include "harness/oracle/oracle.h"
#include "harness/rt/engine.h"
#include "harness/rt/strategy.h"

#define BODIES_MAX 4

struct fixture {
	void (*boot)(void);		/* in M0; may be NULL */
	void (*body[BODIES_MAX])(void);	/* P0, P1, ... up to a NULL */
	void (*halt)(void);		/* in M0, after all bodies; may be NULL */
	const struct schedule *schedule;	/* NULL: random */
	bool detail;
	u64 seed;
	u32 steps_max;
	struct rt_result result;
};

static void fixture_task(void *arg)
{
	((void (*)(void))arg)();
}

static void fixture_main(void *arg)
{
	const struct fixture *x = arg;
	int task[BODIES_MAX], nr = 0;

	if (x->boot)
		x->boot();
	for (; nr < BODIES_MAX && x->body[nr]; nr++)
		task[nr] = rt_spawn('P', "body", fixture_task, x->body[nr]);
	rt_go();
	for (int i = 0; i < nr; i++)
		rt_join(task[i]);
	if (x->halt)
		x->halt();
}

/* The oracles must be set up. What failed is in oracle_failure(). */
static inline void fixture_run(struct fixture *x)
{
	static bool started;
	struct rt_config config = {
		.strategy = x->schedule ? &strategy_replay : &strategy_random,
		.seed = x->seed,
		.detail = x->detail,
		.schedule = x->schedule,
		.steps_max = x->steps_max,
	};

	if (!started)
		rt_engine_init();
	started = true;
	journal_begin();
	oracle_begin();
	rt_engine_run(&config, fixture_main, x, &x->result);
	oracle_outcome(&x->result);
}

#endif /* HARNESS_TESTS_FIXTURE_H */
