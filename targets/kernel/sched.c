// SPDX-License-Identifier: GPL-2.0
/*
 * sched: tasks as the kernel sees them, and the one way to sleep.
 *
 * A sleeper sets its state and calls schedule(), which sleeps on that word; a
 * waker sets it back. Whoever tests its condition before it sets its state
 * sleeps through a wakeup in between, exactly as in the kernel.
 */
#include <linux/delay.h>
#include <linux/fault-inject.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "targets/kernel/internal.h"
#include "targets/kernel/kernel.h"

/* One more than the highest number of a task that has a task_struct. */
static int nr_tasks __machine;

int sched_nr_tasks(void)
{
	return __atomic_load_n(&nr_tasks, __ATOMIC_ACQUIRE);
}

struct task_struct *task_new(const char *name, unsigned int flags)
{
	struct task_struct *t = rt_alloc(sizeof(*t));

	BUG_ON(!t);
	t->comm = name;
	t->flags = flags;
	rt_name(&t->__state, name, -1);
	return t;
}

int task_number(int task)
{
	int nr = sched_nr_tasks();

	while (nr <= task &&
	       !__atomic_compare_exchange_n(&nr_tasks, &nr, task + 1, false,
					    __ATOMIC_RELEASE, __ATOMIC_ACQUIRE))
		;
	return task;
}

void task_enter(struct task_struct *t)
{
	t->pid = task_number(rt_self());
	rt_set_private(t);
}

void task_leave(void)
{
	struct task_struct *t = current;

	lockdep_check_none(t, "held at exit");
	WARN_ON(t->preempt_count || t->rcu_read_lock_nesting);
	t->flags |= PF_EXITING;
}

void kernel_task_begin(const char *name)
{
	task_enter(task_new(name, 0));
}

void kernel_task_end(void)
{
	task_leave();
}

void kernel_task_idle_check(void)
{
	struct task_struct *t = current;

	lockdep_check_none(t, "held at return");
	WARN_ON(t->preempt_count || t->rcu_read_lock_nesting);
}

/* What a system task is to run, until it does. */
struct birth {
	struct task_struct *t;
	void (*fn)(void *arg);
	void *arg;
};

static void system_task(void *arg)
{
	const struct birth *b = arg;

	task_enter(b->t);
	b->fn(b->arg);
	task_leave();
}

int task_spawn(char role, const char *name, void (*fn)(void *arg), void *arg)
{
	struct birth *b = rt_alloc(sizeof(*b));
	int task;

	BUG_ON(!b);
	b->t = task_new(name, PF_KTHREAD);
	b->fn = fn;
	b->arg = arg;
	task = rt_spawn(role, name, system_task, b);
	if (task >= 0)
		rt_set_daemon(task);
	return task_number(task);
}

/* -- sleeping -- */

void might_sleep(void)
{
	struct task_struct *t = current;

	if (likely(!t->preempt_count && !t->rcu_read_lock_nesting))
		return;
	lockdep_complain("sleeping function called from invalid context", NULL,
			 t->nr_held ? t->held[t->nr_held - 1].lock : NULL);
}

static void sleep_until(u64 until)
{
	struct task_struct *t = current;
	u32 state;

	might_sleep();
	rt_point(RT_SITE(RT_WAIT, "schedule", NULL), &t->__state);
	if (should_wake_early())
		__set_current_state(TASK_RUNNING);
	while ((state = signal_read(&t->__state)) != TASK_RUNNING) {
		bool killable = state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL);
		enum rt_wait why = rt_wait(&t->__state, state, until,
					   killable ? RT_KILLABLE : 0);

		if (why == RT_TIMEOUT || why == RT_KILLED)
			__set_current_state(TASK_RUNNING);
	}
}

void schedule(void)
{
	sleep_until(RT_FOREVER);
}

long schedule_timeout(long timeout)
{
	u64 until;
	long left;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	until = rt_now() + (u64)timeout * NSEC_PER_JIFFY;
	sleep_until(until);
	left = (long)(until - rt_now());
	return left > 0 ? (long)DIV_ROUND_UP((u64)left, NSEC_PER_JIFFY) : 0;
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_killable(long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

/* No point here: the callers made theirs. */
int wake_up_state(struct task_struct *p, unsigned int state)
{
	u32 old = signal_read(&p->__state);

	while (old & state) {
		if (!__atomic_compare_exchange_n(&p->__state, &old, TASK_RUNNING,
						 false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue;
		rt_wake(&p->__state, WAKE_ALL);
		return 1;
	}
	return 0;
}

int wake_up_process(struct task_struct *p)
{
	rt_point(RT_SITE(RT_WAKE, "wake_up_process", NULL), &p->__state);
	return wake_up_state(p, TASK_NORMAL);
}

int cond_resched(void)
{
	might_sleep();
	rt_point(RT_SITE(RT_NOTE, "cond_resched", ""), NULL);
	return 0;
}

void yield(void)
{
	rt_relax();
}

void msleep(unsigned int ms)
{
	might_sleep();
	rt_point(RT_SITE(RT_SLEEP, "msleep", ""), NULL);
	rt_sleep(rt_now() + ms * NSEC_PER_MSEC, 0);
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	might_sleep();
	rt_point(RT_SITE(RT_SLEEP, "usleep_range", ""), NULL);
	rt_sleep(rt_now() + min_us * NSEC_PER_USEC, 0);
}
