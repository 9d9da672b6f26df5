/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sim.h: what the files of the deterministic runtime share; nobody else
 * includes it.
 *
 *	sim.c		points and picks
 *	sim_task.c	tasks
 *	sim_run.c	one execution after the other
 *	sim_sleep.c	waiting, waking, virtual time, spinning
 *	sim_arena.c	the memory of an execution and its reset
 *	sim_names.c	names and steps, in detail executions
 *	sim_export.c	the execution as a schedule
 *	sim_crash.c	signals of the code under test
 *	fiber.c		the switch itself
 */
#ifndef HARNESS_RT_SIM_H
#define HARNESS_RT_SIM_H

#include "harness/rt/engine.h"
#include "harness/rt/fiber.h"
#include "harness/rt/strategy.h"

#define SIM_CHOICES_MAX	RT_STEPS_MAX
#define SIM_TRACE_MAX	(RT_STEPS_MAX + SIM_CHOICES_MAX)	/* never full */
#define SIM_BIT(task)	(1u << (task))

struct sim_task {
	struct fiber fiber;
	void (*fn)(void *);
	void *arg;
	/* At rt_point_lock(): runnable once these bits are clear. */
	const u32 *word;
	u32 mask;
	bool killable;		/* there, or in rt_wait() */
	/* In rt_wait() or rt_sleep(). */
	const u32 *addr;	/* NULL: sleeps for a time only */
	u64 until;
	u32 since;		/* order of falling asleep */
	enum rt_wait why;	/* it woke */
	u32 *alive;		/* in the arena: 1 until it exited */
	u32 joiners;		/* tasks in rt_join() of this one */
	u32 relaxes;		/* rt_relax() calls since time moved */
	void *private;
	const char *title;
	char role;
	u8 index;
};

/*
 * The machine. A task that did not exit is in exactly one of ready, testing,
 * sleeping and joining; ready and testing ones can be picked.
 */
struct sim {
	u32 ready;		/* may run as it stands */
	u32 testing;		/* at a lock: see sim_enabled() */
	u32 sleeping;
	u32 timed;		/* of the sleeping: those with a deadline */
	u32 joining;
	u32 slide;		/* their task exited; to be moved on at once */
	u32 live;		/* did not exit */
	u32 killed;
	u32 daemon;
	int cur;		/* whose fiber runs */
	bool running;		/* an execution is in progress */
	bool going;		/* and past its boot */
	bool every_step;	/* the strategy's */
	bool watched;		/* somebody follows the steps: detail, stop_at */
	u32 steps, steps_max, stop_at;
	u32 trace_len, nr_choices;
	u32 switches, preemptions, choices;	/* for the result */
	u32 sleeps;		/* numbers the sleepers */
	u32 ticked;		/* steps + 1 at the last tick of the watchdog */
	u32 ticks;		/* with no step between them */
	u64 now;
	int now_reader;		/* who read the time last, */
	u32 now_switches;	/* after how many switches */
	const struct strategy *strategy;
	struct strategy_view view;
	struct prng prng;
	struct rt_result *result;
	struct fiber host;
	struct strategy_task pending[RT_TASKS_MAX];
	struct sim_task task[RT_TASKS_MAX];
};
extern struct sim sim;

/* Records of the last execution. enabled[] and step_pos[] by step, from 0. */
extern u8 sim_trace[SIM_TRACE_MAX];
extern u32 sim_enabled_at[RT_STEPS_MAX];
extern const char *sim_choice_why[SIM_CHOICES_MAX];

/* The points that are the engine's own. */
extern const struct rt_site sim_site_boot, sim_site_start, sim_site_exit,
	sim_site_join, sim_site_relax, sim_site_wakeup, sim_site_sleep;

/* Was p freed in this execution? As rt_is_freed(), for the hot path. */
extern u8 *sim_arena, *sim_freed;
extern bool sim_any_freed;
extern size_t sim_arena_used;
static inline bool sim_is_freed(const void *p)
{
	size_t offset = (size_t)((const u8 *)p - sim_arena);

	return offset < sim_arena_used && sim_freed[offset >> 4];
}

/* The tasks that can be picked, those that relax included. Looks at the words of
 * freed locks, too: it is for their waiters to complain. */
__attribute__((no_sanitize("address")))
static inline u32 sim_enabled(void)
{
	u32 enabled = sim.ready;

	for (u32 m = sim.testing; m; m &= m - 1) {
		int i = __builtin_ctz(m);
		const struct sim_task *t = &sim.task[i];

		/* A freed lock never opens: its waiter runs into the check. */
		if (!(__atomic_load_n(t->word, __ATOMIC_RELAXED) & t->mask) ||
		    (t->killable && (sim.killed & SIM_BIT(i))) ||
		    sim_is_freed(t->word))
			enabled |= SIM_BIT(i);
	}
	return enabled;
}

/* sim.c. Publish what the running task is about to do. */
void sim_publish(const struct rt_site *site, const void *obj);
/* Let the strategy pick; returns when the caller is the one picked. */
void sim_next(void);
/* The same for a task that has exited: nobody comes back to it. */
void sim_leave(void) __attribute__((noreturn));

/* sim_run.c. End the execution here and now. */
void sim_finish(enum rt_outcome outcome) __attribute__((noreturn, cold));
/* The harness itself is wrong: a HARNESS: line and exit 3. */
void sim_broken(const char *fmt, ...)
	__attribute__((noreturn, cold, format(printf, 1, 2)));

/* sim_sleep.c. No task can be picked: let time pass until one can, and return
 * the set. Does not return from a deadlock. */
u32 sim_idle(void);
void sim_wake(int task, enum rt_wait why);

/* sim_arena.c. Reserve once; bring everything back to its boot state. */
int sim_arena_init(void);
void sim_arena_reset(bool oracles);
void *sim_stack(int task, size_t *size);
/* Bytes from sim_arena on: of the arena, and with the stacks behind it. */
#define SIM_ARENA_SIZE	(64ul << 20)
extern size_t sim_arena_whole;
/* Whose stack @p points into; -1: nobody's. */
int sim_stack_owner(const void *p);
/* Is it just below one, where nobody may be? */
bool sim_stack_guards(const void *p);
/* Bytes of each, and of what is below; 0: a page. Before rt_engine_init(). */
extern size_t sim_stack_size, sim_stack_guard;

/* sim_names.c; in detail executions only. */
void sim_names_reset(void);
void sim_names_publish(int task);
void sim_names_step(u32 step, int task, bool preempted);
/* The point task stands before; of step, counted from 0. */
const char *sim_pending_name(int task);
const char *sim_step_name(u32 step);
/* A static word for what obj is, for an event's argument. */
const char *sim_object_word(const struct rt_site *site, const void *obj);

/* sim_crash.c */
int sim_crash_init(void);

#endif /* HARNESS_RT_SIM_H */
