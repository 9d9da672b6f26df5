// SPDX-License-Identifier: GPL-2.0
/*
 * native_pool: the threads behind the tasks, and the start gate.
 *
 * Thread n carries task n of every execution; it is created when task n is
 * first needed and parks on a word in between. Program tasks are released
 * together by a flag they spin on: behind a barrier or a futex they would
 * start one after the other, a few microseconds apart, which is longer than
 * most programs run, and nothing would ever collide.
 *
 * Where program tasks run goes round the pair classes this machine has
 * (topology.h), PLACE_EXECUTIONS at a time since moving a thread is dear.
 * System tasks may run anywhere.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/journal/journal.h"
#include "harness/rt/native.h"
#include "harness/rt/topology.h"

#define PLACE_EXECUTIONS	64
#define STACK_SIZE		(1u << 20)
#define SPINS			64	/* of a parked thread, before futex(2) */
#define DRAIN_POLLS		2000	/* milliseconds a straggler gets */

/* A thread; index is its task's number. */
struct thread {
	bool created;
	int pu;			/* where it is pinned, TOPOLOGY_ANYWHERE if not */
	u32 go;			/* one more for each task it is to run */
};

static struct thread threads[RT_TASKS_MAX];
static struct topology topology;
static u32 place[RT_TASKS_MAX];	/* PU of program task i */
static u64 placed = ~0ull;	/* turn of which place[] is */

static const struct rt_config *config;
static bool going;
static u32 nr_gated, gate_arrived, gate_open;
static u32 nr_of_role[32];	/* by letter */

int native_pool_init(void)
{
	if (topology_init(&topology))
		return -1;
	native_pool_forget();
	return 0;
}

void native_pool_forget(void)
{
	memset(threads, 0, sizeof(threads));
	for (int i = 0; i < RT_TASKS_MAX; i++)
		threads[i].pu = TOPOLOGY_ANYWHERE;
}

/* -- a task's thread ------------------------------------------------------- */

static void wait_for_go(u32 *go, u32 seen)
{
	for (u32 i = 0; i < SPINS; i++) {
		if (__atomic_load_n(go, __ATOMIC_ACQUIRE) != seen)
			return;
		native_cpu_pause();
	}
	while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == seen)
		syscall(SYS_futex, go, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void pass_gate(struct native_task *t)
{
	u32 spins = 0;

	__atomic_fetch_add(&gate_arrived, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&gate_open, __ATOMIC_ACQUIRE))
		if (++spins % 256 == 0)
			sched_yield();	/* the others may share our CPU */
		else
			native_cpu_pause();
	for (u32 i = delay_start(&t->delay); i; i--)
		__asm__ volatile("");
}

static void run_task(struct native_task *t)
{
	native_self = t;
	native_stack_end = __builtin_frame_address(0);
	delay_begin(&t->delay, config->seed, config->execution, t->id);
	prng_seed(&t->faults, config->seed, PRNG_FAULTS,
		  config->execution * RT_TASKS_MAX + (u32)t->id);
	if (t->gated)
		pass_gate(t);
	rt_point(RT_SITE(RT_START, "start", NULL), NULL);
	journal_emit(EV_task_start, (u64)t->id, 0, 0);
	t->fn(t->arg);
	rt_point(RT_SITE(RT_EXIT, "exit", NULL), NULL);
	journal_emit(EV_task_exit, (u64)t->id, 0, 0);

	__atomic_store_n(&t->exited, 1, __ATOMIC_RELEASE);
	native_wake(&t->exited, INT_MAX);
	native_idle_live(-1);
	native_self = NULL;
}

static void *thread_main(void *arg)
{
	struct native_task *t = arg;
	struct thread *th = &threads[t->id];
	u32 seen = 0;

	for (;;) {
		int pu;

		wait_for_go(&th->go, seen);
		seen++;
		pu = t->role == 'P' ? (int)place[t->index] : TOPOLOGY_ANYWHERE;
		if (pu != th->pu)
			topology_pin(&topology, pu);
		th->pu = pu;
		run_task(t);
		/* From here on the next execution may take everything. */
		__atomic_store_n(&t->state, NATIVE_PARKED, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void create(struct thread *th, struct native_task *t)
{
	pthread_attr_t attr;
	pthread_t id;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (error) {
		fprintf(stderr, "HARNESS: cannot create a thread: %s\n",
			strerror(error));
		native_trouble("has no thread", t->id);
	}
	th->created = true;
}

static void start(struct native_task *t)
{
	struct thread *th = &threads[t->id];

	__atomic_store_n(&t->state, NATIVE_RUNNING, __ATOMIC_RELAXED);
	native_idle_live(1);
	if (!th->created)
		create(th, t);
	__atomic_fetch_add(&th->go, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &th->go, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* -- spawning and the gate ------------------------------------------------- */

int rt_spawn(char role, const char *title, void (*fn)(void *), void *arg)
{
	u32 id = native_nr_tasks();
	struct native_task *t;

	do {
		if (id == RT_TASKS_MAX)
			return -1;
	} while (!__atomic_compare_exchange_n(&native->nr_tasks, &id, id + 1,
					      false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	t = native_task((int)id);
	t->id = (int)id;
	t->role = role;
	t->index = (u8)__atomic_fetch_add(&nr_of_role[(role - 'A') & 31], 1,
					  __ATOMIC_RELAXED);
	t->title = title;
	t->fn = fn;
	t->arg = arg;
	t->state = NATIVE_SPAWNED;
	if (going) {
		start(t);
	} else if (role == 'P') {
		t->gated = true;
		nr_gated++;
	}
	return (int)id;
}

void rt_go(void)
{
	u32 nr = native_nr_tasks();

	native_clock_fold(native_task(0));
	going = true;
	for (u32 i = 1; i < nr; i++)
		start(native_task((int)i));
	/* Yields: those on their way to the gate may need this CPU. */
	while (__atomic_load_n(&gate_arrived, __ATOMIC_RELAXED) != nr_gated)
		sched_yield();
	__atomic_store_n(&gate_open, 1, __ATOMIC_RELEASE);
}

static void choose_places(u64 turn)
{
	u32 classes[TOPOLOGY_CLASSES], nr;

	if (turn == placed)
		return;
	placed = turn;
	nr = topology_classes(&topology, classes);
	topology_choose(&topology, classes[turn % nr], turn / nr, place,
			RT_TASKS_MAX);
}

/* All threads of the last execution are parked: its tasks are ours. */
void native_pool_begin(const struct rt_config *c)
{
	u32 nr = native_nr_tasks();

	config = c;
	going = false;
	nr_gated = 0;
	gate_arrived = 0;
	gate_open = 0;
	memset(nr_of_role, 0, sizeof(nr_of_role));
	choose_places(c->execution / PLACE_EXECUTIONS);
	for (u32 i = 0; i < (nr ? nr : 1); i++)
		memset(native_task((int)i), 0, sizeof(struct native_task));
	native->nr_tasks = 1;
	*native_task(0) = (struct native_task){
		.role = 'M',
		.title = "main",
		.state = NATIVE_RUNNING,
	};
	prng_seed(&native_task(0)->faults, c->seed, PRNG_FAULTS,
		  c->execution * RT_TASKS_MAX);
}

/*
 * M0 returned. What it joined is on its way to the park. A daemon left behind,
 * asleep for work that never comes, would be left behind in the next execution
 * too: the target's halt forgot it.
 */
void native_pool_drain(void)
{
	u32 nr = native_nr_tasks();

	for (u32 i = 1; i < nr; i++) {
		struct native_task *t = native_task((int)i);

		for (u32 polls = 0; __atomic_load_n(&t->state, __ATOMIC_ACQUIRE)
				    != NATIVE_PARKED; polls++) {
			sched_yield();
			if (polls > 1000)
				usleep(1000);
			if (polls > 1000 + DRAIN_POLLS)
				native_trouble("is still there after M0 returned",
					       t->id);
		}
	}
}
