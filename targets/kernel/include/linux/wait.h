/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/wait.h>. A waiter queues itself and sets its state, tests
 * the condition, and sleeps; between the last two stands schedule()'s switch
 * point, so that a protocol which tests before it queues does lose wakeups.
 * Not modelled: custom wake functions with keys, priority waiters.
 */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

struct wait_queue_head {
	u32 lock;		/* internal: never held over a switch point */
	struct list_head head;
};
typedef struct wait_queue_head wait_queue_head_t;

#define WQ_FLAG_EXCLUSIVE	0x01

struct wait_queue_entry {
	unsigned int flags;
	struct task_struct *private;
	struct list_head entry;
	bool autoremove;	/* taken off the queue by the wakeup */
};
typedef struct wait_queue_entry wait_queue_entry_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ 0, LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name __machine = __WAIT_QUEUE_HEAD_INITIALIZER(name)

void __init_waitqueue_head(struct wait_queue_head *wq, const char *name);
#define init_waitqueue_head(wq) \
	__init_waitqueue_head(wq, kernel_name(#wq))

#define DEFINE_WAIT(name)						\
	struct wait_queue_entry name = {				\
		.private = current,					\
		.entry = LIST_HEAD_INIT((name).entry),			\
		.autoremove = true,					\
	}
#define DECLARE_WAITQUEUE(name, task)					\
	struct wait_queue_entry name = {				\
		.private = (task),					\
		.entry = LIST_HEAD_INIT((name).entry),			\
	}

void init_wait_entry(struct wait_queue_entry *w, int flags);
void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w);
void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *w);
void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *w,
		     int state);
void prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *w, int state);
/* As prepare_to_wait(); -ERESTARTSYS if a signal forbids to sleep in @state. */
long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *w, int state);
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *w);
bool waitqueue_active(struct wait_queue_head *wq);
#define wq_has_sleeper(wq)	waitqueue_active(wq)

/* Wake sleepers in @mode, at most @nr of the exclusive ones (0: all). */
void wake_up_at(struct wait_queue_head *wq, unsigned int mode, int nr,
		const struct rt_site *site);
#define WAKE_UP_SITE(verb, wq)	RT_SITE(RT_WAKE, verb, kernel_name(#wq))
#define wake_up(wq) \
	wake_up_at(wq, TASK_NORMAL, 1, WAKE_UP_SITE("wake_up", wq))
#define wake_up_nr(wq, nr) \
	wake_up_at(wq, TASK_NORMAL, nr, WAKE_UP_SITE("wake_up_nr", wq))
#define wake_up_all(wq) \
	wake_up_at(wq, TASK_NORMAL, 0, WAKE_UP_SITE("wake_up_all", wq))
#define wake_up_interruptible(wq) \
	wake_up_at(wq, TASK_INTERRUPTIBLE, 1, \
		   WAKE_UP_SITE("wake_up_interruptible", wq))
#define wake_up_interruptible_all(wq) \
	wake_up_at(wq, TASK_INTERRUPTIBLE, 0, \
		   WAKE_UP_SITE("wake_up_interruptible_all", wq))

/* The loop of every wait_event: 0, or what prepare_to_wait_event() said. */
#define ___wait_event(wq, condition, state, flag, cmd) ({		\
	struct wait_queue_entry wait_;					\
	long wait_ret_ = 0;						\
									\
	init_wait_entry(&wait_, flag);					\
	for (;;) {							\
		long wait_sig_ = prepare_to_wait_event(&(wq), &wait_, state); \
									\
		if (condition)						\
			break;						\
		if (wait_sig_) {					\
			wait_ret_ = wait_sig_;				\
			break;						\
		}							\
		cmd;							\
	}								\
	finish_wait(&(wq), &wait_);					\
	wait_ret_;							\
})

#define wait_event(wq, condition) do {					\
	might_sleep();							\
	if (!(condition))						\
		(void)___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, \
				    schedule());			\
} while (0)

#define wait_event_killable(wq, condition) ({				\
	int wait_rc_ = 0;						\
									\
	might_sleep();							\
	if (!(condition))						\
		wait_rc_ = (int)___wait_event(wq, condition, TASK_KILLABLE, 0, \
					      schedule());		\
	wait_rc_;							\
})

#define wait_event_interruptible(wq, condition) ({			\
	int wait_rc_ = 0;						\
									\
	might_sleep();							\
	if (!(condition))						\
		wait_rc_ = (int)___wait_event(wq, condition, TASK_INTERRUPTIBLE, \
					      0, schedule());		\
	wait_rc_;							\
})

/* 0 if it timed out and the condition is false, else what was left, at least 1. */
#define ___wait_event_timeout(wq, condition, timeout, state) ({		\
	long wait_left_ = (timeout);					\
	long wait_rc_ = 0;						\
									\
	might_sleep();							\
	if (!(condition))						\
		wait_rc_ = ___wait_event(wq,				\
			(condition) || !wait_left_, state, 0,		\
			wait_left_ = schedule_timeout(wait_left_));	\
	if (!wait_rc_)							\
		wait_rc_ = wait_left_ ? wait_left_ : !!(condition);	\
	wait_rc_;							\
})
#define wait_event_timeout(wq, condition, timeout) \
	___wait_event_timeout(wq, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_killable_timeout(wq, condition, timeout) \
	___wait_event_timeout(wq, condition, timeout, TASK_KILLABLE)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	___wait_event_timeout(wq, condition, timeout, TASK_INTERRUPTIBLE)

#endif /* _LINUX_WAIT_H */
