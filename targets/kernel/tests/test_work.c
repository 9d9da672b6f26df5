// SPDX-License-Identifier: GPL-2.0
/*
 * test_work: works and timers, and what may be done to their memory when.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "targets/kernel/kernel.h"
#include "targets/kernel/tests/kernel_test.h"

struct job {
	struct work_struct work;
	struct delayed_work delayed;
	struct timer_list timer;
	int value;
};

static struct {
	struct work_struct work, other;
	struct workqueue_struct *wq;
	struct mutex mutex;
	struct completion done;
	struct timer_list first, second;
	int running, runs, others, order;
} s __machine;

/* One instance at a time, or this is seen at its switch points. */
static void work_counts(struct work_struct *work)
{
	CUT_CHECK(!READ_ONCE(s.running));
	WRITE_ONCE(s.running, 1);
	cond_resched();
	WRITE_ONCE(s.running, 0);
	WRITE_ONCE(s.runs, s.runs + 1);
}

static void work_other(struct work_struct *work)
{
	WRITE_ONCE(s.others, s.others + 1);
}

void work_boot(void)
{
	INIT_WORK(&s.work, work_counts);
	INIT_WORK(&s.other, work_other);
	mutex_init(&s.mutex);
	init_completion(&s.done);
}

void work_timer_boot(void)
{
	kernel_boot(KERNEL_TIMERS);
	work_boot();
}

void work_timer_late_boot(void)
{
	kernel_boot(KERNEL_TIMERS | KERNEL_FAULT_TIMER);
	work_boot();
}

void work_one_at_a_time(u32 index)
{
	schedule_work(&s.work);
	schedule_work(&s.work);
}

void work_one_at_a_time_halt(void)
{
	CUT_CHECK(s.runs >= 1 && s.runs <= 6);
}

void work_flush(u32 index)
{
	if (index == 1) {
		schedule_work(&s.other);
		return;
	}
	CUT_CHECK(schedule_work(&s.work));
	flush_work(&s.work);
	CUT_CHECK(READ_ONCE(s.runs) == 1);
	CUT_CHECK(!flush_work(&s.work));
}

void work_no_flush(u32 index)
{
	schedule_work(&s.work);
	cond_resched();
	CUT_CHECK(READ_ONCE(s.runs) == 1);
}

static void work_again(struct work_struct *work)
{
	WRITE_ONCE(s.runs, s.runs + 1);
	if (s.runs < 3)
		CUT_CHECK(schedule_work(work));
}

void work_requeues(u32 index)
{
	INIT_WORK(&s.work, work_again);
	schedule_work(&s.work);
	flush_work(&s.work);
	CUT_CHECK(READ_ONCE(s.runs) >= 1);
}

void work_requeues_halt(void)
{
	CUT_CHECK(s.runs == 3);
}

/* -- a work inside memory that is freed -- */

static void work_uses_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	cond_resched();
	WRITE_ONCE(job->value, 1);
}

static struct job *new_job(work_func_t fn)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	INIT_WORK(&job->work, fn);
	return job;
}

void work_cancel(u32 index)
{
	struct job *job = new_job(work_uses_job);

	schedule_work(&job->work);
	cond_resched();
	cancel_work_sync(&job->work);
	CUT_CHECK(!work_pending(&job->work));
	kfree(job);
}

void work_cancel_nosync(u32 index)
{
	struct job *job = new_job(work_uses_job);

	schedule_work(&job->work);
	cond_resched();
	cancel_work(&job->work);
	kfree(job);
}

void work_destroy(u32 index)
{
	s.wq = alloc_workqueue("test", 0, 0);
	CUT_CHECK(s.wq);
	queue_work(s.wq, &s.work);
	queue_work(s.wq, &s.other);
	destroy_workqueue(s.wq);
	CUT_CHECK(s.runs == 1 && s.others == 1);
}

void work_flush_queue(u32 index)
{
	if (index == 1) {
		schedule_work(&s.work);
		return;
	}
	schedule_work(&s.other);
	schedule_work(&s.work);
	flush_workqueue(system_wq);
	CUT_CHECK(READ_ONCE(s.others) == 1);
	CUT_CHECK(READ_ONCE(s.runs) >= 1);
}

static void work_locks(struct work_struct *work)
{
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
}

/* Shown without the deadlock: the work has run before the flush. */
void work_flush_under_lock(u32 index)
{
	INIT_WORK(&s.work, work_locks);
	schedule_work(&s.work);
	flush_work(&s.work);
	mutex_lock(&s.mutex);
	flush_work(&s.work);
	mutex_unlock(&s.mutex);
}

static void work_leaves_locked(struct work_struct *work)
{
	mutex_lock(&s.mutex);
}

void work_keeps_lock(u32 index)
{
	INIT_WORK(&s.work, work_leaves_locked);
	schedule_work(&s.work);
	flush_work(&s.work);
}

/* -- time -- */

static void delayed_completes(struct work_struct *work)
{
	complete(&s.done);
}

void work_delayed(u32 index)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	unsigned long begin = jiffies;

	INIT_DELAYED_WORK(&job->delayed, delayed_completes);
	CUT_CHECK(schedule_delayed_work(&job->delayed, 3));
	CUT_CHECK(!schedule_delayed_work(&job->delayed, 3));
	wait_for_completion(&s.done);
	CUT_CHECK(time_after_eq(jiffies, begin + 3));
	flush_delayed_work(&job->delayed);
	kfree(job);
}

static void delayed_uses_job(struct work_struct *work)
{
	struct job *job = container_of(to_delayed_work(work), struct job,
				       delayed);

	cond_resched();
	WRITE_ONCE(job->value, 1);
}

void work_delayed_cancel(u32 index)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	INIT_DELAYED_WORK(&job->delayed, delayed_uses_job);
	schedule_delayed_work(&job->delayed, 1);
	msleep(4);
	cancel_delayed_work_sync(&job->delayed);
	kfree(job);
}

static void timer_uses_job(struct timer_list *t)
{
	struct job *job = from_timer(job, t, timer);

	CUT_CHECK(in_interrupt());
	for (int i = 0; i < 3; i++)
		WRITE_ONCE(job->value, i);
	CUT_SEEN("timer ran");
}

static struct job *start_timer(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	timer_setup(&job->timer, timer_uses_job, 0);
	mod_timer(&job->timer, jiffies + 1);
	msleep(4);
	return job;
}

void work_timer_sync(u32 index)
{
	struct job *job = start_timer();

	del_timer_sync(&job->timer);
	kfree(job);
}

void work_timer_nosync(u32 index)
{
	struct job *job = start_timer();

	del_timer(&job->timer);
	kfree(job);
}

static void timer_first(struct timer_list *t)
{
	CUT_CHECK(s.order == 0);
	s.order = 1;
}

static void timer_second(struct timer_list *t)
{
	CUT_CHECK(s.order == 1);
	s.order = 2;
	complete(&s.done);
}

void work_timer_order(u32 index)
{
	unsigned long now = jiffies;

	timer_setup(&s.first, timer_first, 0);
	timer_setup(&s.second, timer_second, 0);
	mod_timer(&s.second, now + 4);
	mod_timer(&s.first, now + 6);
	CUT_CHECK(mod_timer(&s.first, now + 2));
	wait_for_completion(&s.done);
	CUT_CHECK(!timer_pending(&s.first) && !del_timer(&s.second));
}

/* Both due at one time: the first armed is first. */
void work_timer_together(u32 index)
{
	unsigned long now = jiffies;

	timer_setup(&s.first, timer_first, 0);
	timer_setup(&s.second, timer_second, 0);
	mod_timer(&s.first, now + 2);
	mod_timer(&s.second, now + 2);
	wait_for_completion(&s.done);
}
