// SPDX-License-Identifier: GPL-2.0
/*
 * sim: one host thread, many fibers, every choice ours.
 *
 * A task runs until its next switch point, which comes just before it does
 * something another task could notice: takes a lock, reads a shared word,
 * walks a page table. There the strategy picks who goes on. Nothing else may
 * choose: no clock, no address, no rand(). An execution is therefore a
 * function of its program and its schedule, and a schedule is no more than
 * the list of those picks. twice.c holds us to that.
 *
 * Points come before operations and not after, so that a strategy can see
 * what each task is about to do, and so that "P0 until mutex_lock(m)" means
 * P0 has not got the lock yet.
 *
 * Two things are not steps, since no other task can tell when they happen. A
 * task in rt_join() moves on to its next point as soon as the one it waits for
 * has exited; a step there would only multiply the schedules. And M0's boot,
 * before rt_go(), runs in one piece.
 *
 * What sim cannot find: reordering by the compiler; and by the CPU, but where
 * harness/hooks is linked in (the race preset) and asked for it. Else every
 * store is seen by all tasks at once. Run native under TSan for those.
 *
 * At the end of an execution nothing is torn down: fibers are abandoned where
 * they stand, and the next execution begins with a reset in bulk (sim_run.c).
 */
#include "harness/rt/sim.h"

#include <signal.h>

#include "harness/journal/journal.h"
#include "harness/rt/hooks.h"

struct sim sim;
u8 sim_trace[SIM_TRACE_MAX];
u32 sim_enabled_at[RT_STEPS_MAX];
const char *sim_choice_why[SIM_CHOICES_MAX];

const struct rt_site sim_site_boot = { RT_NOTE, "boot", "" };
const struct rt_site sim_site_start = { RT_START, "start", NULL };
const struct rt_site sim_site_exit = { RT_EXIT, "exit", NULL };
const struct rt_site sim_site_join = { RT_WAIT, "join", NULL };
const struct rt_site sim_site_relax = { RT_NOTE, "cpu_relax", NULL };
const struct rt_site sim_site_wakeup = { RT_WAIT, "wakeup", NULL };
const struct rt_site sim_site_sleep = { RT_SLEEP, "sleep", NULL };

static inline void publish(const struct rt_site *site, const void *obj)
{
	sim.pending[sim.cur].site = site;
	sim.pending[sim.cur].obj = obj;
	if (unlikely(rt_detail))
		sim_names_publish(sim.cur);
}

void sim_publish(const struct rt_site *site, const void *obj)
{
	publish(site, obj);
}

static void __attribute__((noreturn, cold)) bad_pick(int n)
{
	if (n < 0)
		sim_finish(n == STRATEGY_END ? RT_PRUNED : RT_DIVERGED);
	sim_broken("strategy %s picked task %d, which cannot run",
		   sim.strategy->name, n);
}

/* Ask the strategy; a set of one is only shown to those who want it. */
static inline int pick(u32 enabled)
{
	struct strategy_view *v = &sim.view;
	int n;

	if (likely(enabled & (enabled - 1)))
		sim.choices++;
	else if (likely(!sim.every_step))
		return __builtin_ctz(enabled);
	v->enabled = enabled;
	v->step = sim.steps;
	n = sim.strategy->pick(v, &sim.prng);
	if (unlikely((u32)n >= RT_TASKS_MAX || !(enabled & SIM_BIT(n))))
		bad_pick(n);
	return n;
}

static void clear_relaxed(void)
{
	for (u32 m = sim.view.relaxed; m; m &= m - 1)
		sim.pending[__builtin_ctz(m)].relaxed = false;
	sim.view.relaxed = 0;
}

static int next(void) __attribute__((noinline));

/*
 * Choose who takes the next step and write the step down. What a task stands
 * at when it is picked is over: it becomes ready.
 *
 * Most steps are @plain ones: somebody can run, nobody relaxes or was late,
 * and nobody looks on. The compiler makes those a function without the rest.
 */
static inline __attribute__((always_inline)) int step(bool plain)
{
	u32 enabled = sim_enabled();
	int last = sim.view.current;
	bool preempted;
	int n;

	if (!plain)
		enabled &= ~sim.view.relaxed;
	if (unlikely(!enabled)) {
		if (plain)
			return next();
		enabled = sim_idle();
	}
	if (unlikely(sim.steps >= sim.steps_max))
		sim_finish(RT_STEP_BOUND);
	n = pick(enabled);
	/* No branch on the pick: it would be mispredicted every other time. */
	preempted = (enabled & ~SIM_BIT(n)) >> (last & 31) & 1;
	sim.preemptions += preempted;
	sim_trace[sim.trace_len++] = (u8)n;
	sim_enabled_at[sim.steps] = enabled;
	if (!plain && rt_detail)
		sim_names_step(sim.steps, n, preempted);
	sim.steps++;
	if (!plain && sim.steps == sim.stop_at)
		raise(SIGTRAP);
	sim.view.current = n;
	sim.ready |= SIM_BIT(n);
	sim.testing &= ~SIM_BIT(n);
	if (!plain) {
		clear_relaxed();
		sim.view.late &= ~SIM_BIT(n);
	}
	return n;
}

/* Who runs next: a task that only has to be moved on, or the one picked. */
static int next(void)
{
	int n;

	if (!sim.slide)
		return step(false);
	n = __builtin_ctz(sim.slide);
	sim.slide &= ~SIM_BIT(n);
	sim.joining &= ~SIM_BIT(n);
	sim.ready |= SIM_BIT(n);
	return n;
}

/*
 * Switch even if it is to oneself: whether it is cannot be predicted, either,
 * and costs more than a switch. The one misprediction that is left is that of
 * the return to whoever was picked.
 */
static inline __attribute__((always_inline)) void handover(bool leave)
{
	int from = sim.cur, to;

	if (unlikely(sim.slide | sim.view.relaxed | sim.view.late | sim.watched))
		to = next();
	else
		to = step(true);
	sim.switches += to != from;
	sim.cur = to;
	if (leave)
		fiber_leave(&sim.task[from].fiber, &sim.task[to].fiber);
	fiber_switch(&sim.task[from].fiber, &sim.task[to].fiber);
}

void sim_next(void)
{
	handover(false);
}

void sim_leave(void)
{
	handover(true);
	__builtin_unreachable();
}

/*
 * The picked task is about to touch obj. Freed memory is never given out again
 * within an execution, so the shadow is right however long ago it was freed.
 */
static inline void check_freed(const struct rt_site *site, const void *obj)
{
	if (unlikely(sim_any_freed) && sim_is_freed(obj))
		journal_emit(EV_use_after_free, (u64)(size_t)obj,
			     (u64)(size_t)obj,
			     (u64)(size_t)sim_object_word(site, obj));
}

void rt_point(const struct rt_site *site, const void *obj)
{
	if (unlikely(!sim.going))
		return;
	publish(site, obj);
	handover(false);
	check_freed(site, obj);
}

int rt_point_lock(const struct rt_site *site, const void *obj, const u32 *word,
		  u32 mask, unsigned int flags)
{
	struct sim_task *t = &sim.task[sim.cur];

	if (likely(sim.going)) {
		publish(site, obj);
		t->word = word;
		t->mask = mask;
		t->killable = flags & RT_KILLABLE;
		sim.ready &= ~SIM_BIT(sim.cur);
		sim.testing |= SIM_BIT(sim.cur);
		handover(false);
		check_freed(site, obj);
	}
	if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & mask))
		return 0;
	if (sim.going)
		return -1;
	/* In boot nobody else will ever open it. */
	publish(site, obj);
	sim_finish(RT_DEADLOCK);
}

u32 rt_choose(u32 n, const char *why)
{
	const struct strategy *s = sim.strategy;
	int answer = 0;

	if (n < 2 || !sim.going)
		return 0;
	if (sim.nr_choices == SIM_CHOICES_MAX)
		sim_finish(RT_STEP_BOUND);
	if (s->choose)
		answer = s->choose(n, why, &sim.prng);
	if (answer == STRATEGY_LOST)
		sim_finish(RT_DIVERGED);
	if (answer < 0 || (u32)answer >= n || answer >= RT_TRACE_CHOICE)
		sim_broken("strategy %s answered %d to a choice of %u", s->name,
			   answer, n);
	sim_choice_why[sim.nr_choices++] = why;
	sim_trace[sim.trace_len++] = (u8)(RT_TRACE_CHOICE | answer);
	return (u32)answer;
}

/* One task at a time: the compiler is all there is, unless somebody watches. */
void rt_fence(enum rt_fence kind)
{
	__asm__ __volatile__("" : : : "memory");
	RT_HOOK(fence, kind);
}

void rt_data_race(bool begin)
{
	RT_HOOK(data_race, begin);
}

u32 rt_step(void)
{
	return sim.steps;
}
