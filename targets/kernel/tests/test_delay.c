// SPDX-License-Identifier: GPL-2.0
/*
 * test_delay: what happens later, and how it is hastened, put off or called
 * off. FAR is a time that a machine with anything else to do does not reach.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "targets/kernel/kernel.h"
#include "targets/kernel/tests/kernel_test.h"

#define FAR	(4 * HZ)

static struct {
	struct delayed_work delayed;
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	struct completion done;
	int runs;
	int victim;		/* task to be killed, plus one */
} s __machine;

static void delayed_runs(struct work_struct *work)
{
	WRITE_ONCE(s.runs, s.runs + 1);
	complete(&s.done);
}

static void timer_runs(struct timer_list *t)
{
	complete(&s.done);
}

void delay_boot(void)
{
	kernel_boot(KERNEL_TIMERS);
	INIT_DELAYED_WORK(&s.delayed, delayed_runs);
	timer_setup(&s.timer, timer_runs, 0);
	init_completion(&s.done);
}

/* P1 kills P0, which has time left then, whenever that was. */
static void timeout_ends(u32 index, long (*wait)(long timeout))
{
	unsigned long begin = jiffies;
	int victim;

	if (index == 1) {
		while (!(victim = READ_ONCE(s.victim)))
			cpu_relax();
		rt_kill(victim - 1);
		return;
	}
	CUT_CHECK(wait(2) == 0);
	CUT_CHECK(time_after_eq(jiffies, begin + 2));
	WRITE_ONCE(s.victim, rt_self() + 1);
	CUT_CHECK(wait(FAR) > 0);
}

void delay_interruptible(u32 index)
{
	timeout_ends(index, schedule_timeout_interruptible);
}

void delay_killable(u32 index)
{
	timeout_ends(index, schedule_timeout_killable);
}

void delay_usleep(u32 index)
{
	u64 begin = rt_now();

	usleep_range(2000, 3000);
	CUT_CHECK(rt_now() - begin >= 2000 * NSEC_PER_USEC);
}

void delay_work_cancel(u32 index)
{
	CUT_CHECK(schedule_delayed_work(&s.delayed, FAR));
	CUT_CHECK(cancel_delayed_work(&s.delayed));
	CUT_CHECK(!timer_pending(&s.delayed.timer));
	CUT_CHECK(!cancel_delayed_work(&s.delayed));
	CUT_CHECK(schedule_delayed_work(&s.delayed, 0));
	flush_delayed_work(&s.delayed);
	CUT_CHECK(READ_ONCE(s.runs) == 1);
}

void delay_work_mod(u32 index)
{
	unsigned long begin = jiffies;

	CUT_CHECK(schedule_delayed_work(&s.delayed, FAR));
	CUT_CHECK(mod_delayed_work(system_wq, &s.delayed, 2));
	wait_for_completion(&s.done);
	CUT_CHECK(time_after_eq(jiffies, begin + 2));
	CUT_CHECK(time_before(jiffies, begin + FAR));
	CUT_CHECK(!mod_delayed_work(system_wq, &s.delayed, 1));
	wait_for_completion(&s.done);
	flush_delayed_work(&s.delayed);
	CUT_CHECK(READ_ONCE(s.runs) == 2);
}

static void work_again(struct work_struct *work)
{
	WRITE_ONCE(s.runs, s.runs + 1);
	if (s.runs < 3)
		CUT_CHECK(queue_work(s.wq, work));
}

/* A flush waits for the one that is queued, not for those it queues. */
void delay_drain(u32 index)
{
	INIT_WORK(&s.work, work_again);
	s.wq = alloc_workqueue("test", 0, 0);
	CUT_CHECK(s.wq);
	queue_work(s.wq, &s.work);
	drain_workqueue(s.wq);
	CUT_CHECK(READ_ONCE(s.runs) == 3);
	destroy_workqueue(s.wq);
}

void delay_add_timer(u32 index)
{
	unsigned long begin = jiffies;

	s.timer.expires = begin + 2;
	add_timer(&s.timer);
	wait_for_completion(&s.done);
	CUT_CHECK(time_after_eq(jiffies, begin + 2));
	CUT_CHECK(!timer_pending(&s.timer));
}

void delay_add_timer_twice(u32 index)
{
	s.timer.expires = jiffies + FAR;
	add_timer(&s.timer);
	add_timer(&s.timer);
}
