// SPDX-License-Identifier: GPL-2.0
/*
 * native: a pinned thread per task, every choice the machine's.
 *
 * The same machine as in sim, let loose: a point is where a task may be
 * delayed, not where it must hand over. Nothing here orders tasks among
 * themselves. Counters are per task and relaxed, sleeping is hidden from
 * ThreadSanitizer, and there is no lock; the only edges the runtime adds are
 * those of spawn, join and the start gate. So a race that the port's own locks
 * do not close is a race that TSan sees.
 *
 * An execution is not reproducible. What is: the program, and the plan of
 * delays (native_delay.h). What native finds that sim cannot is reordering by
 * compiler and CPU; what it proves to a sceptic is that sim's findings are not
 * sim's invention.
 *
 * M0 is the thread that called rt_engine_run(). Between executions the pool's
 * threads are parked, memory and machine_data are put back as they were, and
 * nothing of an execution is left.
 */
#include <sched.h>

#include "harness/rt/native.h"
#include "harness/sanitize.h"
#include "harness/rt/statics.h"
#include "harness/rt/strategy.h"

/* A real CPU spends turns in a retry loop while another task is off its CPU,
 * so the bound of sim is taken this many times, and per task. */
#define NATIVE_STEPS_FACTOR	64

const char rt_runtime_name[] = "native";
const bool rt_deterministic;

/*
 * The machine picks here. The shrinker and the byte form name these; both work
 * by replay, ask rt_deterministic first, and never come to call them here.
 */
const struct strategy *const strategies[] = { NULL };
const struct strategy strategy_random, strategy_pct, strategy_replay, strategy_dfs,
	strategy_dfs_sleep, strategy_dpor;

struct native_shared *native;
__thread struct native_task *native_self;
__thread const void *native_stack_end;
u64 native_points_max;

const struct strategy *strategy_find(const char *name)
{
	(void)name;
	return NULL;
}

/* -- points ---------------------------------------------------------------- */

static void spin(u32 turns)
{
	for (u32 i = 0; i < turns; i++)
		__asm__ volatile("");
}

static void delay(struct native_task *t)
{
	u32 turns = delay_next(&t->delay);

	if (likely(!turns))
		return;
	if (turns == DELAY_YIELD)
		sched_yield();
	else
		spin(turns);
}

static inline void stand_still_if_ending(void)
{
	if (unlikely(__atomic_load_n(&native_ending, __ATOMIC_RELAXED)))
		native_stand_still();
}

void rt_point(const struct rt_site *site, const void *obj)
{
	struct native_task *t = native_self;

	__atomic_store_n(&t->site, site, __ATOMIC_RELAXED);
	__atomic_store_n(&t->obj, obj, __ATOMIC_RELAXED);
	stand_still_if_ending();
	if (unlikely(native_count(&t->points) > native_points_max))
		native_end(RT_STEP_BOUND);
	if (t->id)
		delay(t);
}

int rt_point_lock(const struct rt_site *site, const void *obj, const u32 *word,
		  u32 mask, unsigned int flags)
{
	rt_point(site, obj);
	if (!(flags & RT_KILLABLE) || !rt_killed(rt_self()))
		return 0;
	return __atomic_load_n(word, __ATOMIC_RELAXED) & mask ? -1 : 0;
}

void rt_relax(void)
{
	struct native_task *t = native_self;

	stand_still_if_ending();
	/* The one we wait for may need this CPU. */
	if (native_count(&t->relaxes) % 4)
		native_cpu_pause();
	else
		sched_yield();
}

u32 rt_choose(u32 n, const char *why)
{
	struct prng *p = &native_self->faults;

	(void)why;
	if (n < 2 || !prng_chance(p, 1, 16))
		return 0;
	return 1 + prng_below(p, n - 1);
}

#if SANITIZE_THREAD
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#endif

void rt_data_race(bool begin)
{
#if SANITIZE_THREAD
	if (begin)
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	else
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#else
	(void)begin;
#endif
}

void rt_fence(enum rt_fence kind)
{
	switch (kind) {
	case RT_MB:
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		break;
	case RT_RMB:
	case RT_ACQUIRE:
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		break;
	case RT_WMB:
	case RT_RELEASE:
		__atomic_thread_fence(__ATOMIC_RELEASE);
		break;
	}
}

u32 rt_step(void)
{
	return (u32)native_self->points;
}

void rt_stop(void)
{
	native_end(RT_STOPPED);
}

/* -- tasks, as the layer above sees them ----------------------------------- */

int rt_self(void)
{
	return native_self->id;
}

bool rt_exited(int task)
{
	return __atomic_load_n(&native_task(task)->exited, __ATOMIC_ACQUIRE);
}

char rt_role(int task)
{
	return native_task(task)->role;
}

u8 rt_index(int task)
{
	return native_task(task)->index;
}

const char *rt_title(int task)
{
	return native_task(task)->title;
}

void rt_set_daemon(int task)
{
	native_task(task)->daemon = true;
}

void rt_kill(int task)
{
	struct native_task *t = native_task(task);

	__atomic_store_n(&t->killed, 1, __ATOMIC_RELEASE);
	native_wake_killed(t);
}

bool rt_killed(int task)
{
	return __atomic_load_n(&native_task(task)->killed, __ATOMIC_RELAXED);
}

void rt_set_private(void *p)
{
	__atomic_store_n(&native_self->private, p, __ATOMIC_RELEASE);
}

void *rt_private(int task)
{
	return __atomic_load_n(&native_task(task)->private, __ATOMIC_ACQUIRE);
}

void *rt_own_private(void)
{
	return native_self->private;
}

void rt_join(int task)
{
	while (!rt_exited(task)) {
		stand_still_if_ending();
		native_sleep(native_self, &native_task(task)->exited, 0,
			     RT_FOREVER, 0);
	}
}

enum rt_wait rt_wait(const u32 *addr, u32 expected, u64 until,
		     unsigned int flags)
{
	enum rt_wait why = native_sleep(native_self, addr, expected, until,
					flags);

	stand_still_if_ending();
	return why;
}

u32 rt_wake(const u32 *addr, u32 n)
{
	return native_wake(addr, n);
}

enum rt_wait rt_sleep(u64 until, unsigned int flags)
{
	enum rt_wait why;

	do
		why = rt_wait(&native_self->nap, 0, until, flags);
	while (why != RT_TIMEOUT && why != RT_KILLED);
	return why;
}

/* -- one execution --------------------------------------------------------- */

int rt_engine_init(void)
{
	if (native)
		return 0;
	native = rt_shared(sizeof(*native));
	if (!native || native_arena_init() || native_pool_init())
		return -1;
	return statics_init();
}

static void reset(const struct rt_config *config)
{
	u32 steps = config->steps_max ? config->steps_max : RT_STEPS_DEFAULT;

	statics_reset(!config->forgetful);
	native_points_max = (u64)steps * NATIVE_STEPS_FACTOR;
	native_arena_reset();
	native_detail_begin(config->detail);
	native_idle_begin();
	native_pool_begin(config);
}

void rt_engine_run(const struct rt_config *config, void (*main_fn)(void *),
		   void *arg, struct rt_result *result)
{
	struct native_task *m0 = native_task(0);

	reset(config);
	native_count(&native->executions);
	__atomic_store_n(&native->executing, 1, __ATOMIC_RELAXED);
	native_self = m0;
	native_stack_end = __builtin_frame_address(0);
	main_fn(arg);
	native_pool_drain();
	__atomic_store_n(&native->executing, 0, __ATOMIC_RELAXED);
	native_self = NULL;

	*result = (struct rt_result){
		.outcome = RT_DONE,
		.nr_tasks = native_nr_tasks(),
		.task = -1,
	};
	for (u32 i = 0; i < result->nr_tasks; i++)
		result->steps += (u32)native_task((int)i)->points;
}
