// SPDX-License-Identifier: GPL-2.0
/*
 * workqueue: a list of works and one worker task for each queue.
 *
 * work->pending is owned by whoever set it: queueing, cancelling, or a delayed
 * work's timer. The worker clears it before it calls the function, so that a
 * work can be queued again while it runs; and since there is one worker, it
 * still never runs twice at once.
 *
 * A flush puts a barrier, an entry that only wakes the flusher, behind the
 * work it waits for; so a work that queues itself again is waited for once.
 *
 * lockdep: while a work runs its class is held, and a flush waits for it. A
 * flush under a lock that the work takes is found without the deadlock.
 */
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "targets/kernel/internal.h"
#include "targets/kernel/kernel.h"

struct workqueue_struct {
	const char *name;
	struct workqueue_struct *next;	/* all of the machine */
	u32 lock;
	u32 signal;		/* raised for the worker: work, or the end */
	struct list_head works;
	struct work_struct *running;
	u32 inserted;		/* works, ever; lock */
	int task;
	bool stop;
};

struct barrier {
	struct work_struct work;
	u32 busy;		/* slept on */
};

static struct workqueue_struct *queues __machine;
static struct workqueue_struct *system_queue __machine;

struct workqueue_struct *kernel_system_wq(void)
{
	return system_queue;
}

void init_work_(struct work_struct *work, work_func_t fn,
		struct lock_class_key *key)
{
	work->pending = 0;
	INIT_LIST_HEAD(&work->entry);
	work->func = fn;
	work->wq = NULL;
	work->key = key;
	rt_name(work, key->name, -1);
}

static void delayed_fire(struct timer_list *t);

void init_delayed_work_(struct delayed_work *d, work_func_t fn,
			struct lock_class_key *key)
{
	init_work_(&d->work, fn, key);
	timer_init_(&d->timer, delayed_fire, key->name);
	d->wq = NULL;
}

/* -- the worker -- */

static struct work_struct *next_work(struct workqueue_struct *wq)
{
	struct work_struct *work;

	raw_lock(&wq->lock);
	work = list_first_entry_or_null(&wq->works, struct work_struct, entry);
	if (work) {
		list_del_init(&work->entry);
		wq->running = work;
		__atomic_store_n(&work->pending, 0, __ATOMIC_RELEASE);
	}
	raw_unlock(&wq->lock);
	if (work)
		rt_wake(&work->pending, WAKE_ALL);
	return work;
}

/* The function may free the work: it is not touched after. */
static void process_one_work(struct workqueue_struct *wq,
			     struct work_struct *work)
{
	struct lock_class_key *key = work->key;

	if (key)
		lockdep_push(lockdep_class(key), key, "process_one_work",
			     LOCKDEP_RECURSIVE);
	work->func(work);
	if (key)
		lockdep_pop(key);
	kernel_task_idle_check();
	raw_lock(&wq->lock);
	wq->running = NULL;
	raw_unlock(&wq->lock);
}

/*
 * Starting and waking up are steps already, so a point of our own is only
 * needed between two works.
 */
static void worker_thread(void *arg)
{
	struct workqueue_struct *wq = arg;

	for (;;) {
		u32 seen = signal_read(&wq->signal);
		struct work_struct *work = next_work(wq);

		if (work) {
			process_one_work(wq, work);
			rt_point(RT_SITE(RT_WAIT, "worker_thread", NULL), wq);
		} else if (__atomic_load_n(&wq->stop, __ATOMIC_ACQUIRE)) {
			return;
		} else {
			rt_wait(&wq->signal, seen, RT_FOREVER, 0);
		}
	}
}

struct workqueue_struct *workqueue_create(const char *name)
{
	struct workqueue_struct *wq = rt_alloc(sizeof(*wq));

	if (!wq)
		return NULL;
	wq->name = name;
	INIT_LIST_HEAD(&wq->works);
	rt_name(wq, name, -1);
	wq->task = task_spawn('W', "kworker", worker_thread, wq);
	if (wq->task < 0)
		return NULL;
	wq->next = queues;
	queues = wq;
	return wq;
}

void workqueue_boot(void)
{
	system_queue = workqueue_create("events");
}

/* -- queueing -- */

/* @work->pending is ours already. */
static void insert(struct workqueue_struct *wq, struct work_struct *work,
		   struct list_head *before)
{
	__atomic_store_n(&work->wq, wq, __ATOMIC_RELEASE);
	list_add_tail(&work->entry, before);
	wq->inserted++;
}

static void insert_last(struct workqueue_struct *wq, struct work_struct *work)
{
	WARN_ON(__atomic_load_n(&wq->stop, __ATOMIC_ACQUIRE));
	raw_lock(&wq->lock);
	insert(wq, work, &wq->works);
	raw_unlock(&wq->lock);
	signal_raise(&wq->signal);
}

static bool set_pending(struct work_struct *work)
{
	return !__atomic_exchange_n(&work->pending, 1, __ATOMIC_ACQ_REL);
}

/* In one with the insertion, so that a flush finds what a refusal promised. */
static bool queue_at(struct workqueue_struct *wq, struct work_struct *work,
		     const struct rt_site *site)
{
	bool ours;

	rt_point(site, work);
	WARN_ON(__atomic_load_n(&wq->stop, __ATOMIC_ACQUIRE));
	raw_lock(&wq->lock);
	ours = set_pending(work);
	if (ours)
		insert(wq, work, &wq->works);
	raw_unlock(&wq->lock);
	if (ours)
		signal_raise(&wq->signal);
	return ours;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_at(wq, work, RT_SITE(RT_RMW, "queue_work", NULL));
}

bool schedule_work(struct work_struct *work)
{
	return queue_at(system_queue, work,
			RT_SITE(RT_RMW, "schedule_work", NULL));
}

bool work_pending(struct work_struct *work)
{
	rt_point(RT_SITE(RT_LOAD, "work_pending", NULL), work);
	return __atomic_load_n(&work->pending, __ATOMIC_ACQUIRE);
}

/* -- waiting -- */

static void barrier_done(struct work_struct *work)
{
	struct barrier *b = container_of(work, struct barrier, work);

	__atomic_store_n(&b->busy, 0, __ATOMIC_RELEASE);
	rt_wake(&b->busy, WAKE_ALL);
}

/*
 * Wait until the instance of @work that runs or (@queued) is queued is done;
 * false if there is none. @work may be gone by the time we return.
 */
static bool wait_for_work(struct work_struct *work, bool queued,
			  const struct rt_site *site)
{
	struct workqueue_struct *wq = __atomic_load_n(&work->wq,
						      __ATOMIC_ACQUIRE);
	struct barrier b = {
		.work = { .pending = 1, .func = barrier_done },
		.busy = 1,
	};
	bool found = true;

	if (!wq)
		return false;
	raw_lock(&wq->lock);
	if (queued && !list_empty(&work->entry))
		insert(wq, &b.work, work->entry.next);
	else if (wq->running == work)
		insert(wq, &b.work, wq->works.next);
	else
		found = false;
	raw_unlock(&wq->lock);
	if (!found)
		return false;
	signal_raise(&wq->signal);
	word_wait_zero(&b.busy, wq, site);
	return true;
}

bool flush_work(struct work_struct *work)
{
	lockdep_wait(lockdep_class(work->key), work);
	rt_point(RT_SITE(RT_LOAD, "flush_work", NULL), work);
	return wait_for_work(work, true,
			     RT_SITE(RT_LOCK, "flush_work", NULL));
}

/* Take @work off its list if it is on one. */
static bool dequeue(struct work_struct *work)
{
	struct workqueue_struct *wq = __atomic_load_n(&work->wq,
						      __ATOMIC_ACQUIRE);
	bool queued = false;

	if (!wq)
		return false;
	raw_lock(&wq->lock);
	if (!list_empty(&work->entry)) {
		list_del_init(&work->entry);
		queued = true;
	}
	raw_unlock(&wq->lock);
	return queued;
}

/*
 * Become the owner of pending: true if that took it from a queue or a timer.
 * If another canceller has it, wait for that to be over.
 */
static bool grab_pending(struct work_struct *work, struct timer_list *timer,
			 const struct rt_site *site)
{
	for (;;) {
		rt_point(site, work);
		if (timer && timer_delete(timer))
			return true;
		if (set_pending(work))
			return false;
		if (dequeue(work))
			return true;
		word_wait_zero(&work->pending, work, site);
	}
}

static void drop_pending(struct work_struct *work)
{
	__atomic_store_n(&work->pending, 0, __ATOMIC_RELEASE);
	rt_wake(&work->pending, WAKE_ALL);
}

static bool cancel_sync(struct work_struct *work, struct timer_list *timer,
			const struct rt_site *site)
{
	bool was_pending;

	lockdep_wait(lockdep_class(work->key), work);
	was_pending = grab_pending(work, timer, site);
	wait_for_work(work, false, site);
	drop_pending(work);
	return was_pending;
}

bool cancel_work(struct work_struct *work)
{
	bool was = grab_pending(work, NULL,
				RT_SITE(RT_RMW, "cancel_work", NULL));

	drop_pending(work);
	return was;
}

bool cancel_work_sync(struct work_struct *work)
{
	return cancel_sync(work, NULL,
			   RT_SITE(RT_RMW, "cancel_work_sync", NULL));
}

static bool wq_idle(struct workqueue_struct *wq)
{
	bool idle;

	raw_lock(&wq->lock);
	idle = list_empty(&wq->works) && !wq->running;
	raw_unlock(&wq->lock);
	return idle;
}

void flush_workqueue(struct workqueue_struct *wq)
{
	struct barrier b = {
		.work = { .pending = 1, .func = barrier_done },
		.busy = 1,
	};

	might_sleep();
	rt_point(RT_SITE(RT_LOAD, "flush_workqueue", NULL), wq);
	if (wq_idle(wq))
		return;
	raw_lock(&wq->lock);
	insert(wq, &b.work, &wq->works);
	raw_unlock(&wq->lock);
	signal_raise(&wq->signal);
	word_wait_zero(&b.busy, wq, RT_SITE(RT_LOCK, "flush_workqueue", NULL));
}

void drain_workqueue(struct workqueue_struct *wq)
{
	do {
		flush_workqueue(wq);
	} while (!wq_idle(wq));
}

static void stop(struct workqueue_struct *wq)
{
	__atomic_store_n(&wq->stop, true, __ATOMIC_RELEASE);
	signal_raise(&wq->signal);
	rt_join(wq->task);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	struct workqueue_struct **at = &queues;

	drain_workqueue(wq);
	while (*at != wq)
		at = &(*at)->next;
	*at = wq->next;
	stop(wq);
	rt_free(wq, sizeof(*wq));
}

/* -- delayed works -- */

static void delayed_fire(struct timer_list *t)
{
	struct delayed_work *d = from_timer(d, t, timer);

	insert_last(d->wq, &d->work);
}

/* pending is ours. */
static void arm(struct workqueue_struct *wq, struct delayed_work *d,
		unsigned long delay)
{
	d->wq = wq;
	if (delay)
		mod_timer(&d->timer, jiffies + delay);
	else
		insert_last(wq, &d->work);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *d,
			unsigned long delay)
{
	rt_point(RT_SITE(RT_RMW, "queue_delayed_work", NULL), &d->work);
	if (!set_pending(&d->work))
		return false;
	arm(wq, d, delay);
	return true;
}

bool schedule_delayed_work(struct delayed_work *d, unsigned long delay)
{
	return queue_delayed_work(system_queue, d, delay);
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *d,
		      unsigned long delay)
{
	bool was = grab_pending(&d->work, &d->timer,
				RT_SITE(RT_RMW, "mod_delayed_work", NULL));

	arm(wq, d, delay);
	return was;
}

bool cancel_delayed_work(struct delayed_work *d)
{
	bool was = grab_pending(&d->work, &d->timer,
				RT_SITE(RT_RMW, "cancel_delayed_work", NULL));

	drop_pending(&d->work);
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *d)
{
	return cancel_sync(&d->work, &d->timer,
			   RT_SITE(RT_RMW, "cancel_delayed_work_sync", NULL));
}

bool flush_delayed_work(struct delayed_work *d)
{
	if (timer_delete_sync(&d->timer))
		insert_last(d->wq, &d->work);
	return flush_work(&d->work);
}

/* -- quiesce and halt -- */

u32 workqueue_inserted(void)
{
	u32 nr = 0;

	for (struct workqueue_struct *wq = queues; wq; wq = wq->next) {
		raw_lock(&wq->lock);
		nr += wq->inserted;
		raw_unlock(&wq->lock);
	}
	return nr;
}

bool workqueue_idle(void)
{
	for (struct workqueue_struct *wq = queues; wq; wq = wq->next)
		if (!wq_idle(wq))
			return false;
	return true;
}

void workqueue_wait_idle(void)
{
	for (struct workqueue_struct *wq = queues; wq; wq = wq->next)
		if (!wq_idle(wq))
			drain_workqueue(wq);
}

void workqueue_halt(void)
{
	for (struct workqueue_struct *wq = queues; wq; wq = wq->next)
		stop(wq);
}
