// SPDX-License-Identifier: GPL-2.0
/*
 * native_isolate: the child process a native campaign runs in.
 *
 * A thread that deadlocked, crashed or raised a failure in the middle of the
 * code under test cannot be taken out of it. Its process can: the campaign
 * runs in a child, what it learns is in shared memory, and an execution that
 * cannot go on ends the child. The parent reads how it ended and makes a new
 * one. A fork per failure, none per execution.
 *
 * While the child runs, the parent sleeps on a pipe that closes when the child
 * is gone, and now and then looks at the points made. No point by any task for
 * RT_HANG_SECONDS, within an execution, is a hang: the patience is for a
 * machine under load, and no oracle depends on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/rt/native.h"

#define STATUS_HARNESS	3	/* exit code of the same meaning everywhere */

/* The sanitizers print what they caught and end the process themselves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CATCH_SIGNALS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CATCH_SIGNALS 0
#endif
#endif
#ifndef CATCH_SIGNALS
#define CATCH_SIGNALS 1
#endif

u32 native_ending;
static bool isolated;		/* in a child of rt_isolate() */
static u32 claimed;

/* -- in the child ---------------------------------------------------------- */

void native_stand_still(void)
{
	/* The one who ends it may print its report from here. */
	while (native_self && native_self->id == native->result.task &&
	       __atomic_load_n(&native_ending, __ATOMIC_RELAXED) == 2)
		pause();
	for (;;)
		pause();
}

static void fill_result(enum rt_outcome outcome)
{
	struct rt_result *r = &native->result;

	memset(r, 0, sizeof(*r));
	r->outcome = outcome;
	r->nr_tasks = native_nr_tasks();
	r->task = native_self && outcome != RT_DEADLOCK ? native_self->id : -1;
	for (u32 i = 0; i < r->nr_tasks; i++)
		r->steps += (u32)__atomic_load_n(
			&native_task((int)i)->points, __ATOMIC_RELAXED);
	if (outcome == RT_DEADLOCK)
		native_blocked(r);
}

void native_end(enum rt_outcome outcome)
{
	if (!isolated) {
		fprintf(stderr, "HARNESS: an execution ended outside rt_isolate()\n");
		_exit(STATUS_HARNESS);
	}
	if (__atomic_exchange_n(&claimed, 1, __ATOMIC_ACQ_REL))
		native_stand_still();
	fill_result(outcome);
	__atomic_store_n(&native_ending, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&native->ended, 1, __ATOMIC_RELEASE);
	if (rt_on_end)
		rt_on_end(&native->result);
	fflush(NULL);
	_exit(0);
}

void native_trouble(const char *what, int task)
{
	const struct native_task *t = native_task(task);

	fprintf(stderr, "HARNESS: task %c%u (%s) %s\n", t->role, t->index,
		t->title, what);
	fflush(NULL);
	_exit(STATUS_HARNESS);
}
