/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/workqueue.h>: each workqueue has one worker task, W0 for
 * system_wq, and runs its works one at a time in the order they were queued.
 * A work is pending at most once, may queue itself again while it runs, and
 * never runs twice at once. Not modelled: concurrency within a queue, rescuers
 * (a work that waits for another of its own queue hangs), CPUs.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/timer.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	u32 pending;		/* queued, or somebody is about to, or cancels */
	struct list_head entry;	/* empty: not on a list */
	work_func_t func;
	struct workqueue_struct *wq;	/* where it was queued last */
	struct lock_class_key *key;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
};

#define WQ_UNBOUND		0x02u
#define WQ_FREEZABLE		0x04u
#define WQ_MEM_RECLAIM		0x08u
#define WQ_HIGHPRI		0x10u

void init_work_(struct work_struct *work, work_func_t fn,
		struct lock_class_key *key);
void init_delayed_work_(struct delayed_work *d, work_func_t fn,
			struct lock_class_key *key);
#define INIT_WORK(w, fn) do {						\
	LOCK_CLASS_KEY(key_, w);					\
									\
	init_work_(w, fn, &key_);					\
} while (0)
#define INIT_DELAYED_WORK(d, fn) do {					\
	LOCK_CLASS_KEY(key_, d);					\
									\
	init_delayed_work_(d, fn, &key_);				\
} while (0)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

struct workqueue_struct *kernel_system_wq(void);
#define system_wq		kernel_system_wq()
#define system_unbound_wq	kernel_system_wq()
#define system_long_wq		kernel_system_wq()

/* At most one queue a name; @name static. NULL if there is no task left. */
struct workqueue_struct *workqueue_create(const char *name);
#define alloc_workqueue(name, flags, max, ...)	workqueue_create(name)
#define alloc_ordered_workqueue(name, flags, ...) workqueue_create(name)
#define create_singlethread_workqueue(name)	workqueue_create(name)
/* Drains it, then ends its worker. */
void destroy_workqueue(struct workqueue_struct *wq);

/* False if it was pending already. */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool schedule_work(struct work_struct *work);
bool flush_work(struct work_struct *work);	/* false: it was idle */
bool cancel_work(struct work_struct *work);	/* true: it was pending */
bool cancel_work_sync(struct work_struct *work);
void flush_workqueue(struct workqueue_struct *wq);
void drain_workqueue(struct workqueue_struct *wq);
#define flush_scheduled_work()	flush_workqueue(system_wq)
bool work_pending(struct work_struct *work);

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *d,
			unsigned long delay);
bool schedule_delayed_work(struct delayed_work *d, unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *d,
		      unsigned long delay);
bool cancel_delayed_work(struct delayed_work *d);
bool cancel_delayed_work_sync(struct delayed_work *d);
bool flush_delayed_work(struct delayed_work *d);

#endif /* _LINUX_WORKQUEUE_H */
