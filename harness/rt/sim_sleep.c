// SPDX-License-Identifier: GPL-2.0
/*
 * sim_sleep: waiting for a word or a time, and the time itself.
 *
 * Time is virtual and stands still while tasks work. It moves
 *
 *   - to the next deadline, when no task can run;
 *   - by RT_SPIN_NS, when a task reads it twice and nobody else ran between
 *     the two: a loop with a timeout must end;
 *   - to the next deadline (RT_SPIN_NS if there is none), when every task that
 *     can run has shown, by calling rt_relax() SPINS times since time moved,
 *     that it waits for something. Two tasks that spin for a third one's timer
 *     would keep each other running for ever.
 *
 * So a timeout is never the fault of a slow machine, and always the same.
 */
#include "harness/rt/sim.h"

#include "harness/rt/hooks.h"

#define SPINS	4

void sim_wake(int task, enum rt_wait why)
{
	sim.task[task].why = why;
	sim.sleeping &= ~SIM_BIT(task);
	sim.timed &= ~SIM_BIT(task);
	sim.ready |= SIM_BIT(task);
}

static void advance(u64 now)
{
	sim.now = now;
	sim.view.spinning = 0;
	for (u32 m = sim.live; m; m &= m - 1)
		sim.task[__builtin_ctz(m)].relaxes = 0;
	for (u32 m = sim.timed; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (sim.task[i].until <= now)
			sim_wake(i, RT_TIMEOUT);
	}
}

static u64 next_deadline(void)
{
	u64 first = RT_FOREVER;

	for (u32 m = sim.timed; m; m &= m - 1) {
		u64 until = sim.task[__builtin_ctz(m)].until;

		if (until < first)
			first = until;
	}
	return first;
}

static void advance_for_spinners(void)
{
	advance(sim.timed ? next_deadline() : sim.now + RT_SPIN_NS);
}

u32 sim_idle(void)
{
	for (;;) {
		u32 enabled, timed = sim.timed;

		if (sim.view.relaxed && !sim.timed) {
			/* The only one that can run spins. */
			advance_for_spinners();
			return sim_enabled();
		}
		if (!sim.timed)
			sim_finish(RT_DEADLOCK);
		advance(next_deadline());
		sim.view.late |= timed & ~sim.timed;
		enabled = sim_enabled() & ~sim.view.relaxed;
		if (enabled)
			return enabled;
	}
}

/* Fall asleep as @site on @addr; why it woke. */
static enum rt_wait sleep_on(const struct rt_site *site, const u32 *addr,
			     u64 until, unsigned int flags)
{
	struct sim_task *t = &sim.task[sim.cur];

	if ((flags & RT_KILLABLE) && rt_killed(sim.cur))
		return RT_KILLED;
	if (until <= sim.now)
		return RT_TIMEOUT;
	sim_publish(site, addr);
	sim.ready &= ~SIM_BIT(sim.cur);
	sim.sleeping |= SIM_BIT(sim.cur);
	if (!sim.going)
		sim_finish(RT_DEADLOCK);
	t->addr = addr;
	t->until = until;
	t->killable = flags & RT_KILLABLE;
	t->since = sim.sleeps++;
	if (until != RT_FOREVER)
		sim.timed |= SIM_BIT(sim.cur);
	sim_next();
	RT_HOOK(slept);
	return t->why;
}

enum rt_wait rt_wait(const u32 *addr, u32 expected, u64 until,
		     unsigned int flags)
{
	if (__atomic_load_n(addr, __ATOMIC_RELAXED) != expected)
		return RT_CHANGED;
	return sleep_on(&sim_site_wakeup, addr, until, flags);
}

enum rt_wait rt_sleep(u64 until, unsigned int flags)
{
	return sleep_on(&sim_site_sleep, NULL, until, flags);
}

/* The sleeper of addr that has slept longest, or -1. */
static int oldest(const u32 *addr)
{
	int first = -1;

	for (u32 m = sim.sleeping; m; m &= m - 1) {
		int i = __builtin_ctz(m);

		if (sim.task[i].addr == addr &&
		    (first < 0 || sim.task[i].since < sim.task[first].since))
			first = i;
	}
	return first;
}

u32 rt_wake(const u32 *addr, u32 n)
{
	u32 woken = 0;

	while (woken < n) {
		int i = oldest(addr);

		if (i < 0)
			break;
		sim_wake(i, RT_WOKEN);
		woken++;
	}
	return woken;
}

u64 rt_now(void)
{
	u32 switches = sim.running ? sim.switches : 0;

	if (sim.going && sim.now_reader == sim.cur &&
	    sim.now_switches == switches)
		advance(sim.now + RT_SPIN_NS);
	sim.now_reader = sim.cur;
	sim.now_switches = switches;
	return sim.now;
}

u64 rt_peek_now(void)
{
	return sim.now;
}

void rt_relax(void)
{
	if (!sim.going)
		return;
	if (++sim.task[sim.cur].relaxes >= SPINS) {
		sim.view.spinning |= SIM_BIT(sim.cur);
		if (!(sim_enabled() & ~sim.view.spinning))
			advance_for_spinners();
	}
	sim_publish(&sim_site_relax, NULL);
	sim.pending[sim.cur].relaxed = true;
	sim.view.relaxed |= SIM_BIT(sim.cur);
	sim_next();
}
