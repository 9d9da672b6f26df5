// SPDX-License-Identifier: GPL-2.0
/*
 * work: work items, and task W0 that runs them, one at a time in the order
 * they were queued. All workqueues share it: two works of different queues
 * never run at once here, which is less than the kernel allows.
 *
 * Bit 0 of a work's data is the tree's own pending bit. It is dropped before
 * the function runs, so that a work can be queued again while it runs.
 *
 * A flush puts a barrier, an entry that only wakes the flusher, behind the work
 * it waits for; so a work that queues itself again is waited for once. lockdep:
 * while a work runs its class is held, and a flush waits for it.
 */
#include <linux/mm.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "targets/ktree/glue/glue.h"

#define PENDING		1u

struct workqueue_struct {
	const char *name;
};

struct barrier {
	struct work_struct work;
	u32 busy;		/* slept on */
};

static struct {
	u32 lock;
	u32 signal;		/* raised for the worker: work, or the end */
	struct list_head works;
	struct work_struct *running;
	int task;
	bool stop;
} worker;

static struct workqueue_struct events = { "events" };

struct workqueue_struct *system_wq = &events;
struct workqueue_struct *system_highpri_wq = &events;
struct workqueue_struct *system_long_wq = &events;
struct workqueue_struct *system_unbound_wq = &events;
struct workqueue_struct *system_freezable_wq = &events;
struct workqueue_struct *system_power_efficient_wq = &events;
extern struct workqueue_struct *system_percpu_wq, *system_dfl_wq;
struct workqueue_struct *system_percpu_wq = &events;
struct workqueue_struct *system_dfl_wq = &events;

static inline u32 *data_of(struct work_struct *work)
{
	return (u32 *)&work->data;
}

bool kt_work_claim(struct work_struct *work)
{
	return !(__atomic_fetch_or(data_of(work), PENDING, __ATOMIC_ACQ_REL) &
		 PENDING);
}

void kt_work_release(struct work_struct *work)
{
	__atomic_fetch_and(data_of(work), ~PENDING, __ATOMIC_RELEASE);
	rt_wake(data_of(work), KT_WAKE_ALL);
}

/* -- the worker -- */

static struct work_struct *next_work(void)
{
	struct work_struct *work;

	kt_raw_lock(&worker.lock);
	work = list_first_entry_or_null(&worker.works, struct work_struct,
					entry);
	if (work) {
		list_del_init(&work->entry);
		worker.running = work;
		kt_work_release(work);
	}
	kt_raw_unlock(&worker.lock);
	if (work)
		kt_acquire(work);
	return work;
}

static void barrier_done(struct work_struct *work)
{
	struct barrier *b = container_of(work, struct barrier, work);

	kt_release(&b->busy);
	__atomic_store_n(&b->busy, 0, __ATOMIC_RELEASE);
	rt_wake(&b->busy, KT_WAKE_ALL);
}

/* The function may free the work: of its lockdep_map a copy is held. */
static void process_one_work(struct work_struct *work)
{
	struct lockdep_map map = work->lockdep_map;

	if (work->func == barrier_done) {
		barrier_done(work);
	} else {
		rt_name(work, kt_lock_words(map.name), -1);
		if (ktree_work_begin)
			ktree_work_begin(work);
		kt_lock_enter(&map);
		work->func(work);
		kt_lock_leave(&map);
		if (ktree_work_end)
			ktree_work_end(work);
		ktree_task_idle_check();
	}
	kt_raw_lock(&worker.lock);
	kt_release(&worker.running);
	worker.running = NULL;
	kt_raw_unlock(&worker.lock);
}

/* Starting and waking up are steps already: a point only between two works. */
static void worker_thread(void *arg)
{
	for (;;) {
		u32 seen = kt_read(&worker.signal);
		struct work_struct *work = next_work();

		if (work) {
			process_one_work(work);
			rt_point(RT_SITE(RT_WAIT, "worker_thread", ""),
				 &worker);
		} else if (__atomic_load_n(&worker.stop, __ATOMIC_ACQUIRE)) {
			return;
		} else {
			rt_wait(&worker.signal, seen, RT_FOREVER, 0);
		}
	}
}

void kt_work_boot(void)
{
	INIT_LIST_HEAD(&worker.works);
}

void kt_work_start(void)
{
	worker.task = ktree_task_spawn('W', "kworker", worker_thread, NULL);
}

/* -- queueing -- */

bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work)
{
	bool ours;

	rt_name(work, kt_lock_words(work->lockdep_map.name), -1);
	rt_point(RT_SITE(RT_RMW, "queue_work", NULL), work);
	kt_release(work);
	kt_raw_lock(&worker.lock);
	/* In one with the insertion: a flush finds what a refusal promised. */
	ours = kt_work_claim(work);
	if (ours)
		list_add_tail(&work->entry, &worker.works);
	kt_raw_unlock(&worker.lock);
	if (ours)
		kt_signal(&worker.signal);
	return ours;
}

void kt_work_insert(struct work_struct *work)
{
	kt_release(work);
	kt_raw_lock(&worker.lock);
	list_add_tail(&work->entry, &worker.works);
	kt_raw_unlock(&worker.lock);
	kt_signal(&worker.signal);
}

/* -- waiting -- */

/*
 * Wait until the instance of @work that runs or (@queued) is queued is done;
 * false if there is none. @work may be gone by the time we return.
 */
static bool wait_for_work(struct work_struct *work, bool queued,
			  const struct rt_site *site)
{
	struct barrier b = { .work.func = barrier_done, .busy = 1 };
	bool found = true;

	kt_raw_lock(&worker.lock);
	kt_acquire(&worker.running);
	if (queued && !list_empty(&work->entry))
		list_add(&b.work.entry, &work->entry);
	else if (worker.running == work)
		list_add(&b.work.entry, &worker.works);
	else
		found = false;
	kt_raw_unlock(&worker.lock);
	if (!found)
		return false;
	kt_signal(&worker.signal);
	kt_wait_zero(&b.busy, &worker, site);
	return true;
}

bool flush_work(struct work_struct *work)
{
	kt_lock_wait(&work->lockdep_map, work);
	rt_point(RT_SITE(RT_LOAD, "flush_work", NULL), work);
	return wait_for_work(work, true, RT_SITE(RT_LOCK, "flush_work", ""));
}

bool kt_work_grab(struct work_struct *work, struct timer_list *timer,
		  const struct rt_site *site)
{
	for (;;) {
		bool queued = false, ours;
		u32 seen;

		rt_point(site, work);
		if (timer && timer_delete(timer))
			return true;
		kt_raw_lock(&worker.lock);
		ours = kt_work_claim(work);
		if (!ours && !list_empty(&work->entry)) {
			list_del_init(&work->entry);
			queued = true;
		}
		kt_raw_unlock(&worker.lock);
		if (ours || queued)
			return queued;
		seen = kt_read(data_of(work));
		if (seen & PENDING)
			rt_wait(data_of(work), seen, RT_FOREVER, 0);
	}
}

bool kt_work_cancel_sync(struct work_struct *work, struct timer_list *timer,
			 const struct rt_site *site)
{
	bool was_pending;

	kt_lock_wait(&work->lockdep_map, work);
	was_pending = kt_work_grab(work, timer, site);
	wait_for_work(work, false, RT_SITE(RT_LOCK, "cancel_work_sync", ""));
	kt_work_release(work);
	return was_pending;
}

bool cancel_work_sync(struct work_struct *work)
{
	return kt_work_cancel_sync(work, NULL,
				   RT_SITE(RT_RMW, "cancel_work_sync", NULL));
}

bool cancel_work(struct work_struct *work)
{
	bool was = kt_work_grab(work, NULL,
				RT_SITE(RT_RMW, "cancel_work", NULL));

	kt_work_release(work);
	return was;
}

bool kt_work_idle(void)
{
	bool idle;

	kt_raw_lock(&worker.lock);
	idle = list_empty(&worker.works) && !worker.running;
	kt_acquire(&worker.running);
	kt_raw_unlock(&worker.lock);
	return idle;
}

/* Of all queues: it waits for more than it has to. */
void __flush_workqueue(struct workqueue_struct *wq)
{
	struct barrier b = { .work.func = barrier_done, .busy = 1 };

	kt_sleeps();
	rt_point(RT_SITE(RT_LOAD, "flush_workqueue", ""), &worker);
	if (kt_work_idle())
		return;
	kt_raw_lock(&worker.lock);
	list_add_tail(&b.work.entry, &worker.works);
	kt_raw_unlock(&worker.lock);
	kt_signal(&worker.signal);
	kt_wait_zero(&b.busy, &worker, RT_SITE(RT_LOCK, "flush_workqueue", ""));
}

void drain_workqueue(struct workqueue_struct *wq)
{
	do {
		__flush_workqueue(wq);
	} while (!kt_work_idle());
}

void kt_work_wait_idle(void)
{
	if (!kt_work_idle())
		drain_workqueue(&events);
}

void kt_work_halt(void)
{
	__atomic_store_n(&worker.stop, true, __ATOMIC_RELEASE);
	kt_signal(&worker.signal);
	rt_join(worker.task);
}
