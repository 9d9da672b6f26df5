// SPDX-License-Identifier: GPL-2.0
/*
 * wait: the one way to sleep, wait queues, and completions.
 *
 * A sleeper sets its state and calls schedule(), which sleeps on that word; a
 * waker sets it back. Whoever tests its condition before it sets its state
 * sleeps through a wakeup in between, exactly as in the kernel.
 */
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/swait.h>
#include <linux/wait.h>
#include "targets/ktree/glue/glue.h"

void kt_sleeps(void)
{
	if (likely(!preempt_count() && !current->rcu_read_lock_nesting))
		return;
	kt_lock_complain("sleeping function called from invalid context", NULL,
			 NULL);
}

void __might_sleep(const char *file, int line)
{
	kt_sleeps();
}

void __might_resched(const char *file, int line, unsigned int offsets)
{
	kt_sleeps();
}

static inline u32 *state_of(struct task_struct *t)
{
	return (u32 *)&t->__state;
}

static void sleep_until(u64 until)
{
	struct task_struct *t = current;
	u32 state;

	kt_sleeps();
	rt_point(RT_SITE(RT_WAIT, "schedule", NULL), state_of(t));
	if (should_wake_early())
		WRITE_ONCE(t->__state, TASK_RUNNING);
	while ((state = kt_read(state_of(t))) != TASK_RUNNING) {
		bool killable = state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL);
		enum rt_wait why = rt_wait(state_of(t), state, until,
					   killable ? RT_KILLABLE : 0);

		if (why == RT_TIMEOUT || why == RT_KILLED)
			WRITE_ONCE(t->__state, TASK_RUNNING);
	}
	kt_acquire(state_of(t));
}

void schedule(void)
{
	sleep_until(RT_FOREVER);
}

void io_schedule(void)
{
	schedule();
}

signed long schedule_timeout(signed long timeout)
{
	u64 until;
	s64 left;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	until = rt_now() + (u64)timeout * TICK_NSEC;
	sleep_until(until);
	left = (s64)(until - rt_now());
	return left > 0 ? (long)DIV_ROUND_UP((u64)left, TICK_NSEC) : 0;
}

signed long schedule_timeout_uninterruptible(signed long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

signed long schedule_timeout_killable(signed long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}

signed long schedule_timeout_interruptible(signed long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

signed long schedule_timeout_idle(signed long timeout)
{
	__set_current_state(TASK_IDLE);
	return schedule_timeout(timeout);
}

/* No point here: the callers made theirs. */
int kt_wake_task(struct task_struct *t, unsigned int state)
{
	u32 old = kt_read(state_of(t));

	while (old & state) {
		if (!__atomic_compare_exchange_n(state_of(t), &old,
						 TASK_RUNNING, false,
						 __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue;
		kt_release(state_of(t));
		rt_wake(state_of(t), KT_WAKE_ALL);
		return 1;
	}
	return 0;
}

int wake_up_state(struct task_struct *t, unsigned int state)
{
	rt_point(RT_SITE(RT_WAKE, "wake_up_state", NULL), state_of(t));
	return kt_wake_task(t, state);
}

int wake_up_process(struct task_struct *t)
{
	rt_point(RT_SITE(RT_WAKE, "wake_up_process", NULL), state_of(t));
	return kt_wake_task(t, TASK_NORMAL);
}

int default_wake_function(struct wait_queue_entry *w, unsigned int mode,
			  int flags, void *key)
{
	return kt_wake_task(w->private, mode);
}

int autoremove_wake_function(struct wait_queue_entry *w, unsigned int mode,
			     int flags, void *key)
{
	int woken = default_wake_function(w, mode, flags, key);

	if (woken)
		list_del_init_careful(&w->entry);
	return woken;
}

/* -- wait queues -- */

/* The queue's own lock word guards the list; no point is made while it is held. */
static inline u32 *queue_word(struct wait_queue_head *wq)
{
	return (u32 *)&wq->lock.rlock.raw_lock;
}

static inline void lock_queue(struct wait_queue_head *wq)
{
	kt_raw_lock(queue_word(wq));
	kt_acquire(queue_word(wq));
}

static inline void unlock_queue(struct wait_queue_head *wq)
{
	kt_release(queue_word(wq));
	kt_raw_unlock(queue_word(wq));
}

void __init_waitqueue_head(struct wait_queue_head *wq, const char *name,
			   struct lock_class_key *key)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
	rt_name(wq, kt_lock_words(name), -1);
}

void init_wait_entry(struct wait_queue_entry *w, int flags)
{
	w->flags = (unsigned int)flags;
	w->private = current;
	w->func = autoremove_wake_function;
	INIT_LIST_HEAD(&w->entry);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	rt_point(RT_SITE(RT_RMW, "add_wait_queue", NULL), wq);
	lock_queue(wq);
	w->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	__add_wait_queue(wq, w);
	unlock_queue(wq);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w)
{
	rt_point(RT_SITE(RT_RMW, "remove_wait_queue", NULL), wq);
	lock_queue(wq);
	__remove_wait_queue(wq, w);
	unlock_queue(wq);
}

/* Exclusive waiters stand behind all others. */
static void prepare(struct wait_queue_head *wq, struct wait_queue_entry *w,
		    int state)
{
	rt_point(RT_SITE(RT_RMW, "prepare_to_wait", NULL), wq);
	lock_queue(wq);
	if (list_empty(&w->entry)) {
		if (w->flags & WQ_FLAG_EXCLUSIVE)
			__add_wait_queue_entry_tail(wq, w);
		else
			__add_wait_queue(wq, w);
	}
	__atomic_store_n(state_of(current), (u32)state, __ATOMIC_SEQ_CST);
	unlock_queue(wq);
}

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *w,
		     int state)
{
	w->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	prepare(wq, w, state);
}

bool prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *w, int state)
{
	bool first = list_empty(&wq->head);

	w->flags |= WQ_FLAG_EXCLUSIVE;
	prepare(wq, w, state);
	return first;
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
	lock_queue(wq);
	list_del_init(&w->entry);
	unlock_queue(wq);
}

static int wake_queue(struct wait_queue_head *wq, unsigned int mode, int nr,
		      void *key)
{
	struct wait_queue_entry *w, *next;
	int woken = 0;

	lock_queue(wq);
	list_for_each_entry_safe(w, next, &wq->head, entry) {
		bool exclusive = w->flags & WQ_FLAG_EXCLUSIVE;

		if (!w->func(w, mode, 0, key))
			continue;
		woken++;
		if (exclusive && --nr == 0)
			break;
	}
	unlock_queue(wq);
	return woken;
}

int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	rt_point(RT_SITE(RT_WAKE, "wake_up", NULL), wq);
	return wake_queue(wq, mode, nr, key);
}

/* By who holds the queue's lock: up to the first that waits alone, or that says
 * no more (a negative answer). */
static void wake_locked(struct wait_queue_head *wq, unsigned int mode, void *key)
{
	struct wait_queue_entry *w, *next;
	int woken;

	list_for_each_entry_safe(w, next, &wq->head, entry) {
		bool exclusive = w->flags & WQ_FLAG_EXCLUSIVE;

		woken = w->func(w, mode, 0, key);
		if (woken < 0 || (woken && exclusive))
			break;
	}
}

#if KT_SINCE(6, 7)
void __wake_up_locked_key(struct wait_queue_head *wq, unsigned int mode, void *key)
{
	wake_locked(wq, mode, key);
}
#else
void __wake_up_locked_key_bookmark(struct wait_queue_head *wq, unsigned int mode,
				   void *key, struct wait_queue_entry *bookmark)
{
	wake_locked(wq, mode, key);
}
#endif

/* -- completion: done is a number of permits, or UINT_MAX for ever -- */

void __init_swait_queue_head(struct swait_queue_head *q, const char *name,
			     struct lock_class_key *key)
{
	raw_spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->task_list);
	rt_name(q, kt_lock_words(name), -1);
}

static inline u32 *completion_word(struct completion *x)
{
	return (u32 *)&x->wait.lock.raw_lock;
}

/* Use up one permit if there is one; no point. */
static bool take(struct completion *x)
{
	bool taken;

	kt_raw_lock(completion_word(x));
	taken = x->done;
	if (taken)
		kt_acquire(completion_word(x));
	if (taken && x->done != UINT_MAX)
		x->done--;
	kt_raw_unlock(completion_word(x));
	return taken;
}

/* Sleeps on the number itself. @state as the tree's: may a kill end it? */
static int wait_common(struct completion *x, bool killable,
		       const struct rt_site *site)
{
	kt_sleeps();
	rt_point(site, x);
	while (!take(x)) {
		enum rt_wait why = rt_wait(&x->done, 0, RT_FOREVER,
					   killable ? RT_KILLABLE : 0);

		if (why == RT_KILLED)
			return -ERESTARTSYS;
	}
	return 0;
}

void wait_for_completion(struct completion *x)
{
	wait_common(x, false, RT_SITE(RT_WAIT, "wait_for_completion", NULL));
}

int wait_for_completion_killable(struct completion *x)
{
	return wait_common(x, true, RT_SITE(RT_WAIT,
					    "wait_for_completion_killable", NULL));
}

int wait_for_completion_state(struct completion *x, unsigned int state);
int wait_for_completion_state(struct completion *x, unsigned int state)
{
	return wait_common(x, state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL),
			   RT_SITE(RT_WAIT, "wait_for_completion", NULL));
}

void complete(struct completion *x)
{
	rt_point(RT_SITE(RT_WAKE, "complete", NULL), x);
	kt_raw_lock(completion_word(x));
	kt_release(completion_word(x));
	if (x->done != UINT_MAX)
		x->done++;
	kt_raw_unlock(completion_word(x));
	rt_wake(&x->done, 1);
}

void complete_all(struct completion *x)
{
	rt_point(RT_SITE(RT_WAKE, "complete_all", NULL), x);
	kt_raw_lock(completion_word(x));
	kt_release(completion_word(x));
	x->done = UINT_MAX;
	kt_raw_unlock(completion_word(x));
	rt_wake(&x->done, KT_WAKE_ALL);
}
