/* SPDX-License-Identifier: GPL-2.0 */
/*
 * engine.h: the side of a runtime that faces the harness: make one execution,
 * say how it ended, hand out its schedule. Both runtimes implement it.
 */
#ifndef HARNESS_RT_ENGINE_H
#define HARNESS_RT_ENGINE_H

#include "harness/prng.h"
#include "harness/schedule.h"
#include "harness/rt/rt.h"

#define RT_STEPS_DEFAULT	20000
#define RT_STEPS_MAX		(1 << 20)

enum rt_outcome {
	RT_DONE,	/* M0 returned */
	RT_STOPPED,	/* rt_stop(): an oracle raised a failure */
	RT_DEADLOCK,	/* tasks wait, none can run, no deadline is left */
	RT_STEP_BOUND,	/* steps_max used up */
	RT_PRUNED,	/* the strategy has no use for the rest of this one */
	RT_DIVERGED,	/* a replay could not follow its schedule */
	RT_CRASH,	/* a signal in the code under test */
	RT_EXHAUSTED,	/* strategy->begin(): nothing is left, nothing was run */
};

struct strategy;

struct rt_config {
	const struct strategy *strategy;	/* NULL in native */
	u64 seed;
	u64 execution;		/* index within the campaign */
	/* Executions in a row with the same number, not 0, are of one program:
	 * what a strategy learnt of one holds for the next. */
	u64 program;
	/* A step touches the one word that its point names: what dpor proves
	 * is then a proof. */
	bool exact;
	/* No oracle keeps anything from one event to the next: the static data
	 * they have need not be put back. */
	bool forgetful;
	u32 steps_max;		/* 0: RT_STEPS_DEFAULT */
	u32 stop_at;		/* raise SIGTRAP at this step; 0: never */
	bool detail;
	const struct schedule *schedule;	/* for replay */
	bool lenient;		/* replay: skip a segment that cannot be followed */
	/* For replay, instead of a schedule: the trace of an rt_result, to be
	 * followed decision by decision (a copy: the next run overwrites it). */
	const u8 *trace;
	u32 trace_len;
};

/* Why a task does not run, for the deadlock report. */
struct rt_blocked {
	int task;
	const struct rt_site *site;
	const void *obj;
	bool sleeping;		/* in rt_wait(), not at a lock */
};

struct rt_result {
	enum rt_outcome outcome;
	u32 steps;
	u32 switches;
	u32 preemptions;	/* switches away from a task that could go on */
	u32 choices;		/* points with more than one enabled task */
	u32 nr_tasks;
	/* One byte a decision: task picked, or RT_TRACE_CHOICE | answer. */
	const u8 *trace;
	u32 trace_len;
	u32 nr_blocked;
	struct rt_blocked blocked[RT_TASKS_MAX];
	bool hung;		/* RT_STEP_BOUND: looped without any point */
	int crash_signal;
	u64 crash_addr;		/* ~0: no canonical one (si_code SI_KERNEL) */
	bool overflow;		/* it was just below a stack (sim) */
	int task;		/* running when it ended, or -1 */
	char diverged[256];	/* segment and reason, for RT_DIVERGED */
};

#define RT_TRACE_CHOICE	0x80

/* What marked accesses may see of each other. */
enum rt_memory {
	RT_MEMORY_SC,	/* every store at once */
	RT_MEMORY_TSO,	/* x86: loads may come before stores to elsewhere */
	RT_MEMORY_WEAK,	/* the LKMM's, but for what weak.c says */
};
/* Between executions; other than SC only if the runtime has more. */
extern enum rt_memory rt_memory;
bool rt_has_memory(void);

/* Once per process, before anything else. 0, or -1 with a message on stderr. */
int rt_engine_init(void);

/*
 * One execution: strategy->begin(), reset the machine, run main_fn(arg) as M0,
 * strategy->end(). What the execution left behind stays readable until the
 * next one. A schedule with names in it runs with detail, asked for or not.
 * main_fn boots in silence (no switching) until it calls rt_go(); from there
 * every point counts.
 */
void rt_engine_run(const struct rt_config *config, void (*main_fn)(void *),
		   void *arg, struct rt_result *result);
void rt_go(void);

/* "sim" or "native"; the seed reproduces the schedule only in sim. */
extern const char rt_runtime_name[];
extern const bool rt_deterministic;

/*
 * The name of a point, "mutex_lock(svmm->mutex)", as schedules spell it.
 * Needs an execution with detail. Returns buf.
 */
const char *rt_point_name(const struct rt_site *site, const void *obj,
			  char *buf, size_t size);
/* The name given by rt_name(), or NULL. */
const char *rt_object_name(const void *obj, char *buf, size_t size);

/*
 * What step i of the last detail execution did: who, and which point it stood
 * before. Steps are numbered as rt_step() and the journal do: 0 is the boot,
 * the first pick is 1. false past the end.
 */
struct rt_step_info {
	u8 task;
	bool preempted;		/* this step's task was not the one running, which could go on */
	const struct rt_site *site;
	const void *obj;
	char name[SCHEDULE_NAME_MAX];
};
bool rt_step_info(u32 step, struct rt_step_info *info);

/*
 * Express the last execution as a schedule. named: segments end at named
 * points where a name is enough to find the place again; that needs an
 * execution with detail, steps do not. s->cut says that it did not fit.
 */
void rt_export_schedule(struct schedule *s, bool named);

/*
 * Memory that a child of rt_isolate() shares with its parent: ask for it
 * before the first rt_isolate(). Zeroed; lives as long as the process. NULL
 * with a message on stderr. The same in both runtimes.
 */
void *rt_shared(size_t size);

/*
 * Call fn(arg) so that the end of an execution which cannot go on is not the
 * end of the program. fn makes executions, in a loop, with rt_engine_run();
 * what it wants to be remembered it keeps in rt_shared() memory.
 *
 * true: fn returned, and *status is what it returned.
 * false: an execution ended fn, and *result says how: RT_STOPPED (an oracle
 * raised), RT_CRASH, RT_DEADLOCK (all asleep, or no point made for
 * RT_HANG_SECONDS) or RT_STEP_BOUND. result->trace is NULL.
 *
 * sim: calls fn, always true, since rt_engine_run() itself returns from all of
 * these. native: fn runs in a child process, which such an execution ends;
 * rt_engine_run() there only ever returns RT_DONE.
 */
#define RT_HANG_SECONDS	30
bool rt_isolate(int (*fn)(void *), void *arg, int *status,
		struct rt_result *result);

/*
 * native: called in the child, once, by the task that ended it, before it
 * does; the journal and its names are still there to be printed. Other tasks
 * stand still at their next point or are asleep; so it makes no point itself.
 * NULL: nothing. sim never calls it.
 */
extern void (*rt_on_end)(const struct rt_result *result);

#endif /* HARNESS_RT_ENGINE_H */
