// SPDX-License-Identifier: GPL-2.0
/*
 * wait: wait queues, and completions made of them.
 *
 * A waiter is on the queue and has its state set before it tests its
 * condition for the last time, so that a wakeup after that test finds it.
 */
#include <linux/completion.h>
#include <linux/wait.h>
#include "targets/kernel/internal.h"

void __init_waitqueue_head(struct wait_queue_head *wq, const char *name)
{
	wq->lock = 0;
	INIT_LIST_HEAD(&wq->head);
	rt_name(wq, name, -1);
}

void init_wait_entry(struct wait_queue_entry *w, int flags)
{
	w->flags = (unsigned int)flags;
	w->private = current;
	INIT_LIST_HEAD(&w->entry);
	w->autoremove = true;
}

/* Exclusive waiters stand behind all others. */
static void enqueue(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	if (!list_empty(&w->entry))
		return;
	if (w->flags & WQ_FLAG_EXCLUSIVE)
		list_add_tail(&w->entry, &wq->head);
	else
		list_add(&w->entry, &wq->head);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	rt_point(RT_SITE(RT_RMW, "add_wait_queue", NULL), wq);
	raw_lock(&wq->lock);
	enqueue(wq, w);
	raw_unlock(&wq->lock);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	rt_point(RT_SITE(RT_RMW, "remove_wait_queue", NULL), wq);
	raw_lock(&wq->lock);
	list_del_init(&w->entry);
	raw_unlock(&wq->lock);
}

static void prepare(struct wait_queue_head *wq, struct wait_queue_entry *w,
		    int state)
{
	rt_point(RT_SITE(RT_RMW, "prepare_to_wait", NULL), wq);
	raw_lock(&wq->lock);
	enqueue(wq, w);
	__atomic_store_n(&current->__state, (u32)state, __ATOMIC_SEQ_CST);
	raw_unlock(&wq->lock);
}

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *w,
		     int state)
{
	w->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	prepare(wq, w, state);
}

void prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *w, int state)
{
	w->flags |= WQ_FLAG_EXCLUSIVE;
	prepare(wq, w, state);
}

long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *w, int state)
{
	prepare(wq, w, state);
	return signal_pending_state((unsigned int)state, current) ?
	       -ERESTARTSYS : 0;
}

/* No point: the queue is the sleeper's own business by now. */
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	__set_current_state(TASK_RUNNING);
	raw_lock(&wq->lock);
	list_del_init(&w->entry);
	raw_unlock(&wq->lock);
}

bool waitqueue_active(struct wait_queue_head *wq)
{
	bool active;

	rt_point(RT_SITE(RT_LOAD, "waitqueue_active", NULL), wq);
	raw_lock(&wq->lock);
	active = !list_empty(&wq->head);
	raw_unlock(&wq->lock);
	return active;
}

static void wake_queue(struct wait_queue_head *wq, unsigned int mode, int nr)
{
	struct wait_queue_entry *w, *next;

	raw_lock(&wq->lock);
	list_for_each_entry_safe(w, next, &wq->head, entry) {
		bool exclusive = w->flags & WQ_FLAG_EXCLUSIVE;

		if (!wake_up_state(w->private, mode))
			continue;
		if (w->autoremove)
			list_del_init(&w->entry);
		if (exclusive && --nr == 0)
			break;
	}
	raw_unlock(&wq->lock);
}

void wake_up_at(struct wait_queue_head *wq, unsigned int mode, int nr,
		const struct rt_site *site)
{
	rt_point(site, wq);
	wake_queue(wq, mode, nr);
}

/* -- completion: done is a number of permits, or UINT_MAX for ever -- */

void __init_completion(struct completion *x, const char *name)
{
	x->done = 0;
	__init_waitqueue_head(&x->wait, name);
	rt_name(x, name, -1);
}

void reinit_completion(struct completion *x)
{
	rt_point(RT_SITE(RT_STORE, "reinit_completion", NULL), x);
	__WRITE_ONCE(x->done, 0);
}

/* Use up one permit if there is one; no point. */
static bool take(struct completion *x)
{
	bool taken;

	raw_lock(&x->wait.lock);
	taken = x->done;
	if (taken && x->done != UINT_MAX)
		x->done--;
	raw_unlock(&x->wait.lock);
	return taken;
}

static bool take_at(struct completion *x, const struct rt_site *site)
{
	rt_point(site, x);
	return take(x);
}

#define TAKE(x, verb)	take_at(x, RT_SITE(RT_RMW, verb, NULL))

void wait_for_completion(struct completion *x)
{
	might_sleep();
	if (!TAKE(x, "wait_for_completion"))
		(void)___wait_event(x->wait, take(x), TASK_UNINTERRUPTIBLE,
				    WQ_FLAG_EXCLUSIVE, schedule());
}

int wait_for_completion_killable(struct completion *x)
{
	might_sleep();
	if (TAKE(x, "wait_for_completion_killable"))
		return 0;
	return (int)___wait_event(x->wait, take(x), TASK_KILLABLE,
				  WQ_FLAG_EXCLUSIVE, schedule());
}

unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
{
	long left = (long)timeout;
	bool taken;

	might_sleep();
	taken = TAKE(x, "wait_for_completion_timeout");
	if (!taken)
		(void)___wait_event(x->wait, (taken = take(x)) || !left,
				    TASK_UNINTERRUPTIBLE, WQ_FLAG_EXCLUSIVE,
				    left = schedule_timeout(left));
	if (!taken)
		return 0;
	return left > 0 ? (unsigned long)left : 1;
}

bool try_wait_for_completion(struct completion *x)
{
	return TAKE(x, "try_wait_for_completion");
}

bool completion_done(struct completion *x)
{
	rt_point(RT_SITE(RT_LOAD, "completion_done", NULL), x);
	return __READ_ONCE(x->done);
}

void complete(struct completion *x)
{
	rt_point(RT_SITE(RT_WAKE, "complete", NULL), x);
	raw_lock(&x->wait.lock);
	if (x->done != UINT_MAX)
		__WRITE_ONCE(x->done, x->done + 1);
	raw_unlock(&x->wait.lock);
	wake_queue(&x->wait, TASK_NORMAL, 1);
}

void complete_all(struct completion *x)
{
	rt_point(RT_SITE(RT_WAKE, "complete_all", NULL), x);
	raw_lock(&x->wait.lock);
	__WRITE_ONCE(x->done, UINT_MAX);
	raw_unlock(&x->wait.lock);
	wake_queue(&x->wait, TASK_NORMAL, 0);
}
