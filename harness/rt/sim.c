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
 * What sim cannot find: reordering by the CPU or the compiler. Here every
 * store is seen by all tasks at once. Run native under TSan for those.
 *
 * At the end of an execution nothing is torn down: fibers are abandoned where
 * they stand, and the next execution begins with a reset in bulk (sim_arena.c).
 */
#include "harness/rt/sim.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/journal/journal.h"

struct sim sim;
u8 sim_trace[SIM_TRACE_MAX];
u32 sim_enabled_at[RT_STEPS_MAX];
const char *sim_choice_why[SIM_CHOICES_MAX];

const char rt_runtime_name[] = "sim";
const bool rt_deterministic = true;
bool rt_detail;

const struct rt_site sim_site_boot = { RT_NOTE, "boot", "" };
const struct rt_site sim_site_start = { RT_START, "start", NULL };
const struct rt_site sim_site_exit = { RT_EXIT, "exit", NULL };
const struct rt_site sim_site_join = { RT_WAIT, "join", NULL };
const struct rt_site sim_site_relax = { RT_NOTE, "cpu_relax", NULL };
const struct rt_site sim_site_wakeup = { RT_WAIT, "wakeup", NULL };
const struct rt_site sim_site_sleep = { RT_SLEEP, "sleep", NULL };

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

/* -- points ------------------------------------------------------------- */

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

/* Ask the strategy; a set of one is only shown to those who want it. */
static int pick(u32 enabled)
{
	const struct strategy *s = sim.strategy;
	struct strategy_view *v = &sim.view;
	int n = __builtin_ctz(enabled);

	if (enabled & (enabled - 1))
		sim.result->choices++;
	else if (likely(!s->every_step))
		return n;
	v->enabled = enabled;
	v->step = sim.steps;
	n = s->pick(v, &sim.prng);
	if (unlikely(n < 0))
		sim_finish(n == STRATEGY_END ? RT_PRUNED : RT_DIVERGED);
	if (unlikely(n >= RT_TASKS_MAX || !(enabled & SIM_BIT(n))))
		sim_broken("strategy %s picked task %d, which cannot run",
			   s->name, n);
	return n;
}

static void clear_relaxed(void)
{
	for (u32 m = sim.view.relaxed; m; m &= m - 1)
		sim.pending[__builtin_ctz(m)].relaxed = false;
	sim.view.relaxed = 0;
}

/*
 * Choose who takes the next step and write the step down. What a task stands
 * at when it is picked is over: it becomes ready.
 */
static int step(void)
{
	u32 enabled = sim_enabled() & ~sim.view.relaxed;
	int last = sim.view.current;
	bool preempted;
	int n;

	if (unlikely(!enabled))
		enabled = sim_idle();
	if (unlikely(sim.steps >= sim.steps_max ||
		     sim.trace_len == SIM_TRACE_MAX))
		sim_finish(RT_STEP_BOUND);
	n = pick(enabled);
	preempted = n != last && (enabled & SIM_BIT(last));
	sim.result->preemptions += preempted;
	sim_trace[sim.trace_len++] = (u8)n;
	sim_enabled_at[sim.steps] = enabled;
	if (unlikely(rt_detail))
		sim_names_step(sim.steps, n, preempted);
	sim.steps++;
	if (unlikely(sim.steps == sim.stop_at))
		raise(SIGTRAP);
	sim.view.current = n;
	sim.ready |= SIM_BIT(n);
	sim.testing &= ~SIM_BIT(n);
	if (unlikely(sim.view.relaxed))
		clear_relaxed();
	return n;
}

/* Who runs next: a task that only has to be moved on, or the one picked. */
static int next(void)
{
	int n;

	if (likely(!sim.slide))
		return step();
	n = __builtin_ctz(sim.slide);
	sim.slide &= ~SIM_BIT(n);
	sim.joining &= ~SIM_BIT(n);
	sim.ready |= SIM_BIT(n);
	return n;
}

static inline void handover(void)
{
	int from = sim.cur, to = next();

	if (to == from)
		return;
	sim.result->switches++;
	sim.cur = to;
	fiber_switch(&sim.task[from].fiber, &sim.task[to].fiber);
}

void sim_next(void)
{
	handover();
}

/*
 * The picked task is about to touch obj. Freed memory is never given out again
 * within an execution, so the shadow is right however long ago it was freed.
 */
static inline void check_freed(const struct rt_site *site, const void *obj)
{
	if (unlikely(sim_is_freed(obj)))
		journal_emit(EV_use_after_free, (u64)(size_t)obj,
			     (u64)(size_t)obj,
			     (u64)(size_t)sim_object_word(site, obj));
}

void rt_point(const struct rt_site *site, const void *obj)
{
	if (unlikely(!sim.going))
		return;
	publish(site, obj);
	handover();
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
		handover();
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
	if (sim.nr_choices == SIM_CHOICES_MAX || sim.trace_len == SIM_TRACE_MAX)
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

/* One task at a time and no store buffers: the compiler is all there is. */
void rt_fence(enum rt_fence kind)
{
	__asm__ __volatile__("" : : : "memory");
}

/* -- tasks -------------------------------------------------------------- */

static void task_exit(void) __attribute__((noreturn));
static void task_exit(void)
{
	struct sim_task *t = &sim.task[sim.cur];
	int self = sim.cur;

	publish(&sim_site_exit, t->alive);
	handover();
	*t->alive = 0;
	journal_emit(EV_task_exit, (u64)self, 0, 0);
	sim.live &= ~SIM_BIT(self);
	sim.ready &= ~SIM_BIT(self);
	sim.slide |= t->joiners;
	sim.cur = next();
	sim.result->switches++;
	fiber_leave(&t->fiber, &sim.task[sim.cur].fiber);
}

static void task_entry(void)
{
	struct sim_task *t = &sim.task[sim.cur];

	if (!sim.cur) {
		t->fn(t->arg);
		sim_finish(RT_DONE);
	}
	journal_emit(EV_task_start, (u64)sim.cur, 0, 0);
	t->fn(t->arg);
	task_exit();
}

int rt_spawn(char role, const char *title, void (*fn)(void *), void *arg)
{
	int id = (int)sim.view.nr_tasks;
	struct sim_task *t = &sim.task[id];
	size_t size;
	void *stack;

	if (id == RT_TASKS_MAX)
		return -1;
	t->fn = fn;
	t->arg = arg;
	t->private = NULL;
	t->joiners = 0;
	t->relaxes = 0;
	t->title = title;
	t->role = role;
	t->index = 0;
	for (int i = 0; i < id; i++)
		t->index += sim.task[i].role == role;
	/* The words of the tasks are neighbours: see sim_begin(). */
	t->alive = sim.task[0].alive + id;
	*t->alive = 1;
	stack = sim_stack(id, &size);
	fiber_init(&t->fiber, stack, size, task_entry);
	sim.pending[id] = (struct strategy_task){ .site = &sim_site_start };
	sim.view.nr_tasks++;
	sim.live |= SIM_BIT(id);
	sim.ready |= SIM_BIT(id);
	if (unlikely(rt_detail))
		sim_names_publish(id);
	return id;
}

void rt_join(int task)
{
	if (!(sim.live & SIM_BIT(task)))
		return;
	publish(&sim_site_join, sim.task[task].alive);
	if (!sim.going)
		sim_finish(RT_DEADLOCK);
	sim.task[task].joiners |= SIM_BIT(sim.cur);
	sim.ready &= ~SIM_BIT(sim.cur);
	sim.joining |= SIM_BIT(sim.cur);
	handover();
}

int rt_self(void)
{
	return sim.cur;
}

bool rt_exited(int task)
{
	return !(sim.live & SIM_BIT(task));
}

char rt_role(int task)
{
	return sim.task[task].role;
}

u8 rt_index(int task)
{
	return sim.task[task].index;
}

const char *rt_title(int task)
{
	return sim.task[task].title;
}

void rt_set_daemon(int task)
{
	sim.daemon |= SIM_BIT(task);
}

void rt_kill(int task)
{
	sim.killed |= SIM_BIT(task);
	if ((sim.sleeping & SIM_BIT(task)) && sim.task[task].killable)
		sim_wake(task, RT_KILLED);
}

bool rt_killed(int task)
{
	return sim.killed & SIM_BIT(task);
}

void rt_set_private(void *p)
{
	sim.task[sim.cur].private = p;
}

void *rt_private(int task)
{
	return sim.task[task].private;
}

u32 rt_step(void)
{
	return sim.steps;
}

/* -- the execution ------------------------------------------------------ */

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
	sim_arena_reset();
	memset(&sim, 0, offsetof(struct sim, strategy));
	memset(&sim.view, 0, sizeof(sim.view));
	sim.view.task = sim.pending;
	sim.strategy = c->strategy;
	sim.result = r;
	sim.now_reader = -1;
	sim.steps_max = c->steps_max ? c->steps_max : RT_STEPS_DEFAULT;
	if (sim.steps_max > RT_STEPS_MAX)
		sim.steps_max = RT_STEPS_MAX;
	sim.stop_at = c->stop_at;
	rt_detail = c->detail || has_names(c->schedule);
	if (rt_detail)
		sim_names_reset();
	sim.task[0].alive = rt_alloc(RT_TASKS_MAX * sizeof(u32));
	rt_spawn('M', "main", main_fn, arg);
}

static void result_reset(struct rt_result *r)
{
	r->steps = r->switches = r->preemptions = r->choices = 0;
	r->nr_tasks = r->nr_blocked = 0;
	r->trace = sim_trace;
	r->trace_len = 0;
	r->crash_signal = 0;
	r->crash_addr = 0;
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
	result->nr_tasks = sim.view.nr_tasks;
	result->trace_len = sim.trace_len;
	if (s->end)
		s->end(result);
	ask_lost(s, result);
}
