// SPDX-License-Identifier: GPL-2.0
/*
 * front_thread: threads.
 *
 * A thread's end is the release of a lock that it has held since it was made,
 * and a join takes that lock: so a join is a step of its own that no strategy
 * can pick too early, and DPOR knows what it comes after.
 *
 * Creating a thread cannot be noticed by anybody but the thread, whose start
 * is a step. What its creator does next can; the point stands after it.
 *
 * Task numbers are not used again within an execution, so a program can make
 * as many threads as there are tasks, less two.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

static struct front_thread *threads[RT_TASKS_MAX] __machine;

struct front_options front_options;
char **front_arguments;

extern int program_main(int argc, char **argv, char **env);

int front_create(pthread_t *thread, const pthread_attr_t *attr,
		 void *(*fn)(void *), void *arg);
int front_join(pthread_t thread, void **result);
int front_timedjoin_np(pthread_t thread, void **result,
		       const struct timespec *abstime);
int front_tryjoin_np(pthread_t thread, void **result);
int front_detach(pthread_t thread);
void front_thread_exit(void *result) __attribute__((noreturn));
pthread_t front_thread_self(void);
int front_equal(pthread_t a, pthread_t b);
int front_yield(void);

struct front_thread *front_thread_of(int task)
{
	return task >= 0 && task < RT_TASKS_MAX ? threads[task] : NULL;
}

static struct front_thread *thread_new(void)
{
	struct front_thread *t = rt_alloc(sizeof(*t));

	if (!t)
		sim_broken("the program's memory does not fit the arena of %lu MiB",
			   SIM_ARENA_SIZE >> 20);
	t->alive = 1;
	return t;
}

static void end(struct front_thread *t)
{
	front_key_destroy(t);
	front_point(RT_SITE(RT_UNLOCK, "pthread_exit", ""), &t->alive);
	t->alive = 0;
	front_release(&t->alive, false);
}

static void entry(void *arg)
{
	struct front_thread *t = arg;

	rt_set_private(t);
	if (!__builtin_setjmp(t->env))
		t->result = t->fn(t->arg);
	end(t);
}

/* The main thread has left by pthread_exit(): the last of the others ends the
 * program, whichever that is and however many there will be. */
static void wait_for_all(void)
{
	for (int i = 0; i < RT_TASKS_MAX; i++) {
		struct front_thread *t = threads[i];

		if (!t || t == front_self())
			continue;
		front_point_lock(RT_SITE(RT_LOCK, "end of all threads", ""),
				 &t->alive, &t->alive, ~0u);
		front_acquire(&t->alive);
	}
}

void front_program(u32 index)
{
	struct front_thread *t;
	int argc = 0;

	front_memory_reset();
	t = thread_new();
	threads[rt_self()] = t;
	rt_set_private(t);
	while (front_arguments[argc])
		argc++;
	if (!__builtin_setjmp(t->env))
		front_exit(program_main(argc, front_arguments, environ));
	end(t);
	wait_for_all();
	front_exit(0);
}

int front_create(pthread_t *thread, const pthread_attr_t *attr,
		 void *(*fn)(void *), void *arg)
{
	struct front_thread *t = thread_new();
	u32 offset;
	const char *name = rt_detail ? front_symbol((void *)(size_t)fn, &offset) :
				       NULL;
	int task, state = PTHREAD_CREATE_JOINABLE;

	if (attr)
		pthread_attr_getdetachstate(attr, &state);
	t->detached = state == PTHREAD_CREATE_DETACHED;
	t->fn = fn;
	t->arg = arg;
	task = rt_spawn('P', name ? name : "thread", entry, t);
	if (task < 0)
		sim_broken("the program makes more than %d threads in one execution",
			   RT_TASKS_MAX - 1);
	threads[task] = t;
	*thread = (pthread_t)task;
	if (rt_detail)
		rt_name(&t->alive, name ? name : "thread", -1);
	front_point(RT_SITE(RT_NOTE, "pthread_create", ""), NULL);
	return 0;
}

/* The thread that may be joined or detached once. */
static struct front_thread *joinable(pthread_t thread, const char *what)
{
	struct front_thread *t = front_thread_of((int)thread);

	if (!t)
		front_misuse("%s of what is no thread", what);
	if (t->joined || t->detached)
		front_misuse("%s of P%u, which was %s already", what,
			     rt_index((int)thread),
			     t->joined ? "joined" : "detached");
	return t;
}

static void collect(struct front_thread *t, void **result)
{
	t->joined = true;
	front_acquire(&t->alive);
	if (result)
		*result = t->result;
}

int front_join(pthread_t thread, void **result)
{
	struct front_thread *t = joinable(thread, "pthread_join()");

	if (t == front_self())
		return EDEADLK;
	front_point_lock(RT_SITE(RT_LOCK, "pthread_join", NULL), &t->alive,
			 &t->alive, ~0u);
	collect(t, result);
	return 0;
}

int front_tryjoin_np(pthread_t thread, void **result)
{
	struct front_thread *t = joinable(thread, "pthread_tryjoin_np()");

	front_point(RT_SITE(RT_RMW, "pthread_tryjoin_np", NULL), &t->alive);
	if (t->alive) {
		front_idle(__builtin_return_address(0), t, 0);
		return EBUSY;
	}
	collect(t, result);
	return 0;
}

int front_timedjoin_np(pthread_t thread, void **result,
		       const struct timespec *abstime)
{
	struct front_thread *t = joinable(thread, "pthread_timedjoin_np()");

	if (rt_choose(2, "pthread_timedjoin_np times out")) {
		front_point(RT_SITE(RT_RMW, "pthread_timedjoin_np", NULL),
			    &t->alive);
		if (t->alive) {
			front_skip(front_deadline(abstime));
			return ETIMEDOUT;
		}
	} else {
		front_point_lock(RT_SITE(RT_LOCK, "pthread_timedjoin_np", NULL),
				 &t->alive, &t->alive, ~0u);
	}
	collect(t, result);
	return 0;
}

int front_detach(pthread_t thread)
{
	joinable(thread, "pthread_detach()")->detached = true;
	return 0;
}

void front_thread_exit(void *result)
{
	struct front_thread *t = front_self();

	t->result = result;
	__builtin_longjmp(t->env, 1);
}

pthread_t front_thread_self(void)
{
	return (pthread_t)rt_self();
}

int front_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

/* A task that yields in a loop waits for another one. */
int front_yield(void)
{
	front_busy();
	rt_relax();
	return 0;
}

#define IDLE_REANCHOR	8
#define IDLE_TIMES	2	/* it came back so often */

void front_idle(const void *pc, const void *addr, u64 value)
{
	struct front_thread *t = front_self();
	bool back = t->idle_ops && pc == t->idle_pc && addr == t->idle_addr &&
		    value == t->idle_value;

	if (!back) {
		if (t->idle_ops++ % IDLE_REANCHOR)
			return;
		t->idle_pc = pc;
		t->idle_addr = addr;
		t->idle_value = value;
		t->idle_times = 0;
		return;
	}
	t->idle_ops++;
	if (++t->idle_times >= IDLE_TIMES)
		rt_relax();
}

FRONT_ALIAS(front_sched_yield, front_yield);
