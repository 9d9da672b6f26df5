// SPDX-License-Identifier: GPL-2.0
/*
 * test_wait: sleeping and waking, right and wrong. The wrong ones are the
 * point: a model in which a lost wakeup cannot happen finds none.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/wait.h>
#include "targets/kernel/tests/kernel_test.h"

static struct {
	struct wait_queue_head wq;
	struct completion done;
	struct task_struct *sleeper;
	int flag;
	int queued;		/* sleepers on the queue, their state set */
	int victim;		/* task to be killed, plus one */
} s __machine;

void wait_boot(void)
{
	init_waitqueue_head(&s.wq);
	init_completion(&s.done);
}

static void set_and_wake(void)
{
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.wq);
}

void wait_sees_wakeup(u32 index)
{
	if (index == 0)
		wait_event(s.wq, READ_ONCE(s.flag));
	else
		set_and_wake();
}

void wait_tests_too_early(u32 index)
{
	DEFINE_WAIT(w);

	if (index == 1) {
		set_and_wake();
		return;
	}
	if (READ_ONCE(s.flag))
		return;
	prepare_to_wait(&s.wq, &w, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&s.wq, &w);
}

static void wake_sleeper(void)
{
	struct task_struct *t;

	WRITE_ONCE(s.flag, 1);
	t = READ_ONCE(s.sleeper);
	if (t)
		wake_up_process(t);
}

void wait_state_first(u32 index)
{
	if (index == 1) {
		wake_sleeper();
		return;
	}
	WRITE_ONCE(s.sleeper, current);
	set_current_state(TASK_UNINTERRUPTIBLE);
	if (!READ_ONCE(s.flag))
		schedule();
	__set_current_state(TASK_RUNNING);
}

void wait_state_too_late(u32 index)
{
	if (index == 1) {
		wake_sleeper();
		return;
	}
	WRITE_ONCE(s.sleeper, current);
	if (READ_ONCE(s.flag))
		return;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

void wait_times_out(u32 index)
{
	unsigned long begin = jiffies;

	CUT_CHECK(wait_event_timeout(s.wq, READ_ONCE(s.flag), 5) == 0);
	CUT_CHECK(time_after_eq(jiffies, begin + 5));
}

/* Only a machine with nothing else to do lets a second pass. */
void wait_timeout_wins(u32 index)
{
	long left;

	if (index == 1) {
		set_and_wake();
		return;
	}
	left = wait_event_timeout(s.wq, READ_ONCE(s.flag), HZ);
	CUT_CHECK(left > 0 && left <= HZ);
	CUT_SEEN("woken in time");
}

static void kill_sleeper(void)
{
	int victim;

	while (!(victim = READ_ONCE(s.victim)))
		cpu_relax();
	rt_kill(victim - 1);
}

void wait_is_killed(u32 index)
{
	if (index == 1) {
		kill_sleeper();
		return;
	}
	WRITE_ONCE(s.victim, rt_self() + 1);
	CUT_CHECK(wait_event_killable(s.wq, READ_ONCE(s.flag)) == -ERESTARTSYS);
	CUT_CHECK(fatal_signal_pending(current));
	CUT_SEEN("killed");
}

/* The entry is the waiter's: a wakeup leaves it on the queue. */
void wait_own_entry(u32 index)
{
	DECLARE_WAITQUEUE(w, current);

	if (index == 1) {
		set_and_wake();
		return;
	}
	add_wait_queue(&s.wq, &w);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(s.flag))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	CUT_CHECK(waitqueue_active(&s.wq));
	remove_wait_queue(&s.wq, &w);
	CUT_CHECK(!waitqueue_active(&s.wq));
}

/* P2 wakes one at a time; who is woken is off the queue by then. */
void wait_exclusive(u32 index)
{
	DEFINE_WAIT(w);

	if (index < 2) {
		prepare_to_wait_exclusive(&s.wq, &w, TASK_UNINTERRUPTIBLE);
		__atomic_fetch_add(&s.queued, 1, __ATOMIC_RELAXED);
		schedule();
		finish_wait(&s.wq, &w);
		return;
	}
	while (READ_ONCE(s.queued) < 2)
		cpu_relax();
	wake_up(&s.wq);
	CUT_CHECK(waitqueue_active(&s.wq));
	wake_up(&s.wq);
	CUT_CHECK(!waitqueue_active(&s.wq));
}

void wait_all_wake(u32 index)
{
	if (index < 2) {
		wait_event(s.wq, READ_ONCE(s.flag));
		return;
	}
	WRITE_ONCE(s.flag, 1);
	wake_up_all(&s.wq);
}

void wait_completion(u32 index)
{
	if (index < 2) {
		wait_for_completion(&s.done);
		return;
	}
	complete(&s.done);
	complete(&s.done);
}

void wait_completion_all(u32 index)
{
	if (index < 2) {
		wait_for_completion(&s.done);
		CUT_CHECK(completion_done(&s.done));
		CUT_CHECK(try_wait_for_completion(&s.done));
		return;
	}
	complete_all(&s.done);
}

void wait_completion_short(u32 index)
{
	if (index < 2)
		wait_for_completion(&s.done);
	else
		complete(&s.done);
}

void wait_completion_timeout(u32 index)
{
	CUT_CHECK(!try_wait_for_completion(&s.done));
	CUT_CHECK(wait_for_completion_timeout(&s.done, 3) == 0);
	complete(&s.done);
	CUT_CHECK(wait_for_completion_timeout(&s.done, 3) > 0);
	CUT_CHECK(!completion_done(&s.done));
}

void wait_completion_killed(u32 index)
{
	if (index == 1) {
		kill_sleeper();
		return;
	}
	complete(&s.done);
	CUT_CHECK(wait_for_completion_killable(&s.done) == 0);
	WRITE_ONCE(s.victim, rt_self() + 1);
	CUT_CHECK(wait_for_completion_killable(&s.done) == -ERESTARTSYS);
	CUT_CHECK(!waitqueue_active(&s.done.wait));
	CUT_SEEN("killed");
}

void wait_completion_reinit(u32 index)
{
	complete_all(&s.done);
	CUT_CHECK(completion_done(&s.done));
	reinit_completion(&s.done);
	CUT_CHECK(!try_wait_for_completion(&s.done));
	complete(&s.done);
	wait_for_completion(&s.done);
	CUT_CHECK(!completion_done(&s.done));
}

/* -- kthreads -- */

static int loop_right(void *data)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(*(int *)data, 1);
	return 7;
}

static int loop_wrong(void *data)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	return 7;
}

void wait_kthread_stop(u32 index)
{
	struct task_struct *k = kthread_run(loop_right, &s.flag, "looper");

	CUT_CHECK(!IS_ERR(k));
	CUT_CHECK(kthread_stop(k) == 7);
	CUT_CHECK(s.flag == 1);
}

void wait_kthread_late(u32 index)
{
	struct task_struct *k = kthread_run(loop_wrong, NULL, "looper");

	CUT_CHECK(!IS_ERR(k));
	kthread_stop(k);
}
