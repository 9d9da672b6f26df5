// SPDX-License-Identifier: GPL-2.0
/*
 * sim_run: one execution after the other: reset, run, say how it ended.
 *
 * The result is filled in on the way; what only the machine knows (words,
 * names, who is blocked) stays as it was left until the next reset.
 */
#include "harness/rt/hooks.h"
#include "harness/rt/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char rt_runtime_name[] = "sim";
const bool rt_deterministic = true;
bool rt_detail;

void sim_broken(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("HARNESS: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(3);
}

/* Daemons that sleep wait for work; everybody else is stuck. */
static void list_blocked(struct rt_result *r)
{
	u32 stuck = sim.live & ~(sim.daemon & sim.sleeping);

	for (; stuck; stuck &= stuck - 1) {
		int i = __builtin_ctz(stuck);

		r->blocked[r->nr_blocked++] = (struct rt_blocked){
			.task = i,
			.site = sim.pending[i].site,
			.obj = sim.pending[i].obj,
			.sleeping = sim.sleeping & SIM_BIT(i),
		};
	}
}

void sim_finish(enum rt_outcome outcome)
{
	struct rt_result *r = sim.result;
	int self = sim.cur;

	if (!sim.running)
		sim_broken("the end of an execution outside of any");
	r->outcome = outcome;
	if (outcome == RT_STOPPED || outcome == RT_CRASH)
		r->task = self;
	if (outcome == RT_STEP_BOUND)
		r->task = sim.view.current;
	if (outcome == RT_DEADLOCK)
		list_blocked(r);
	sim.running = sim.going = false;
	fiber_leave(&sim.task[self].fiber, &sim.host);
}

void rt_stop(void)
{
	sim_finish(RT_STOPPED);
}

void rt_go(void)
{
	sim.going = true;
	RT_HOOK(go);
}

static bool has_names(const struct schedule *s)
{
	for (u32 i = 0; s && i < s->nr; i++)
		if (s->seg[i].kind == SEGMENT_UNTIL)
			return true;
	return false;
}

int rt_engine_init(void)
{
	static bool done;

	if (done)
		return 0;
	if (sim_arena_init() || sim_crash_init())
		return -1;
	done = true;
	return 0;
}

/* The empty machine, with M0 about to start. */
static void machine_reset(const struct rt_config *c, struct rt_result *r,
			  void (*main_fn)(void *), void *arg)
{
	sim_arena_reset(!c->forgetful);
	memset(&sim, 0, offsetof(struct sim, strategy));
	memset(&sim.view, 0, sizeof(sim.view));
	sim.view.task = sim.pending;
	sim.strategy = c->strategy;
	sim.every_step = c->strategy->every_step;
	sim.result = r;
	sim.now_reader = -1;
	sim.steps_max = c->steps_max ? c->steps_max : RT_STEPS_DEFAULT;
	if (sim.steps_max > RT_STEPS_MAX)
		sim.steps_max = RT_STEPS_MAX;
	sim.stop_at = c->stop_at;
	rt_detail = c->detail || has_names(c->schedule);
	sim.watched = rt_detail || sim.stop_at;
	if (rt_detail)
		sim_names_reset();
	RT_HOOK(reset);
	sim.task[0].alive = rt_alloc(RT_TASKS_MAX * sizeof(u32));
	rt_spawn('M', "main", main_fn, arg);
}

static void result_reset(struct rt_result *r)
{
	r->steps = r->switches = r->preemptions = r->choices = 0;
	r->nr_tasks = r->nr_blocked = 0;
	r->trace = sim_trace;
	r->trace_len = 0;
	r->hung = false;
	r->crash_signal = 0;
	r->crash_addr = 0;
	r->overflow = false;
	r->task = -1;
	r->diverged[0] = 0;
}

static void ask_lost(const struct strategy *s, struct rt_result *r)
{
	const char *why = s->lost ? s->lost() : NULL;

	if (!why)
		return;
	snprintf(r->diverged, sizeof(r->diverged), "%s", why);
	if (r->outcome == RT_DONE)
		r->outcome = RT_DIVERGED;
}

void rt_engine_run(const struct rt_config *config, void (*main_fn)(void *),
		   void *arg, struct rt_result *result)
{
	const struct strategy *s = config->strategy;

	result_reset(result);
	prng_seed(&sim.prng, config->seed, PRNG_SCHEDULE, config->execution);
	if (!s->begin(config, &sim.prng)) {
		result->outcome = RT_EXHAUSTED;
		return;
	}
	machine_reset(config, result, main_fn, arg);
	sim.running = true;
	fiber_switch(&sim.host, &sim.task[0].fiber);
	result->steps = sim.steps;
	result->switches = sim.switches;
	result->preemptions = sim.preemptions;
	result->choices = sim.choices;
	result->nr_tasks = sim.view.nr_tasks;
	result->trace_len = sim.trace_len;
	if (s->end)
		s->end(result);
	ask_lost(s, result);
}
