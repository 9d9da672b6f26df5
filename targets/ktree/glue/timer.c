// SPDX-License-Identifier: GPL-2.0
/*
 * timer: task T0 sleeps until the earliest expiry and calls what is due, as an
 * interrupt would; and delayed works, which are a timer and a work.
 *
 * T0 is spawned when the first timer is armed: an armed timer is a deadline,
 * and a machine with a deadline is never deadlocked, which is a pity to pay for
 * nothing. Timers of one expiry run in the order they were armed.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "targets/ktree/glue/glue.h"

static struct {
	u32 lock;
	u32 signal;		/* raised when the list or stop changed */
	u32 busy;		/* a function runs: slept on */
	struct timer_list *running;
	struct hlist_head list;	/* by expiry */
	bool spawned, stop;
	int task;
} timers;

void init_timer_key(struct timer_list *t, void (*fn)(struct timer_list *),
		    unsigned int flags, const char *name,
		    struct lock_class_key *key)
{
	memset(t, 0, sizeof(*t));
	t->function = fn;
	t->flags = flags;
	kt_lock_init(&t->lockdep_map, t, name, key);
}

/* Needs the lock. */
static bool unlink_timer(struct timer_list *t)
{
	bool pending = !hlist_unhashed(&t->entry);

	if (pending)
		hlist_del_init(&t->entry);
	return pending;
}

/* Behind those of the same expiry. Needs the lock. */
static void insert_timer(struct timer_list *t, unsigned long expires)
{
	struct hlist_node **at = &timers.list.first;

	t->expires = expires;
	while (*at && !time_after(hlist_entry(*at, struct timer_list, entry)->expires,
				  expires))
		at = &(*at)->next;
	t->entry.next = *at;
	t->entry.pprev = at;
	if (*at)
		(*at)->pprev = &t->entry.next;
	*at = &t->entry;
}

/* -- T0 -- */

static void run_timer(struct timer_list *t)
{
	void (*fn)(struct timer_list *) = t->function;

	rt_point(RT_SITE(RT_NOTE, "call_timer_fn", NULL), t);
	kt_acquire(t);
	__preempt_count_add(SOFTIRQ_OFFSET);
	if (fn)
		fn(t);
	__preempt_count_sub(SOFTIRQ_OFFSET);
	kt_raw_lock(&timers.lock);
	timers.running = NULL;
	kt_release(&timers.busy);
	kt_raw_unlock(&timers.lock);
	__atomic_store_n(&timers.busy, 0, __ATOMIC_SEQ_CST);
	rt_wake(&timers.busy, KT_WAKE_ALL);
}

/* The one that is due, off the list; else NULL, and when the next one is. */
static struct timer_list *next_due(u64 *until)
{
	struct timer_list *t = NULL;

	ktree_jiffies_read();
	*until = RT_FOREVER;
	kt_raw_lock(&timers.lock);
	if (timers.list.first)
		t = hlist_entry(timers.list.first, struct timer_list, entry);
	if (t && time_after(t->expires, *ktree_jiffies_word)) {
		*until = (u64)(t->expires - JIFFIES_BOOT) * TICK_NSEC;
		t = NULL;
	}
	if (t) {
		unlink_timer(t);
		timers.running = t;
		__atomic_store_n(&timers.busy, 1, __ATOMIC_SEQ_CST);
	}
	kt_raw_unlock(&timers.lock);
	return t;
}

static void timer_task(void *arg)
{
	for (;;) {
		u32 seen = kt_read(&timers.signal);
		u64 until;
		struct timer_list *t = next_due(&until);

		if (t)
			run_timer(t);
		else if (__atomic_load_n(&timers.stop, __ATOMIC_ACQUIRE))
			return;
		else
			rt_wait(&timers.signal, seen, until, 0);
	}
}

static void arm(struct timer_list *t, unsigned long expires)
{
	bool spawn;

	kt_release(t);
	kt_raw_lock(&timers.lock);
	insert_timer(t, expires);
	spawn = !timers.spawned;
	timers.spawned = true;
	kt_raw_unlock(&timers.lock);
	if (spawn)
		timers.task = ktree_task_spawn('T', "timer", timer_task, NULL);
	kt_signal(&timers.signal);
}

/* -- the tree's entries -- */

int mod_timer(struct timer_list *t, unsigned long expires)
{
	bool pending;

	rt_point(RT_SITE(RT_RMW, "mod_timer", NULL), t);
	kt_raw_lock(&timers.lock);
	pending = unlink_timer(t);
	kt_raw_unlock(&timers.lock);
	if (t->function)
		arm(t, expires);
	return pending;
}

void add_timer(struct timer_list *t)
{
	mod_timer(t, t->expires);
}

int timer_delete(struct timer_list *t)
{
	bool pending;

	rt_point(RT_SITE(RT_RMW, "timer_delete", NULL), t);
	kt_raw_lock(&timers.lock);
	pending = unlink_timer(t);
	kt_raw_unlock(&timers.lock);
	return pending;
}

static bool is_running(struct timer_list *t)
{
	bool running;

	kt_raw_lock(&timers.lock);
	running = timers.running == t;
	kt_raw_unlock(&timers.lock);
	return running;
}

int timer_delete_sync(struct timer_list *t)
{
	int pending = timer_delete(t);

	while (is_running(t)) {
		kt_wait_zero(&timers.busy, t,
			     RT_SITE(RT_LOCK, "timer_delete_sync", NULL));
		pending |= timer_delete(t);
	}
	return pending;
}

/* A timer without a function is never armed again. */
int timer_shutdown_sync(struct timer_list *t)
{
	int pending = timer_delete_sync(t);

	t->function = NULL;
	return pending;
}

void kt_timers_halt(void)
{
	if (!timers.spawned)
		return;
	__atomic_store_n(&timers.stop, true, __ATOMIC_RELEASE);
	kt_signal(&timers.signal);
	rt_join(timers.task);
}

/* -- delayed works -- */

void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *d = container_of(t, struct delayed_work, timer);

	kt_work_insert(&d->work);
}

static void start(struct delayed_work *d, unsigned long delay)
{
	ktree_jiffies_read();
	if (delay)
		arm(&d->timer, *ktree_jiffies_word + delay);
	else
		kt_work_insert(&d->work);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *d, unsigned long delay)
{
	rt_point(RT_SITE(RT_RMW, "queue_delayed_work", NULL), &d->work);
	if (!kt_work_claim(&d->work))
		return false;
	start(d, delay);
	return true;
}

bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *d, unsigned long delay)
{
	bool was = kt_work_grab(&d->work, &d->timer,
				RT_SITE(RT_RMW, "mod_delayed_work", NULL));

	start(d, delay);
	return was;
}

bool cancel_delayed_work(struct delayed_work *d)
{
	bool was = kt_work_grab(&d->work, &d->timer,
				RT_SITE(RT_RMW, "cancel_delayed_work", NULL));

	kt_work_release(&d->work);
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *d)
{
	return kt_work_cancel_sync(&d->work, &d->timer,
			RT_SITE(RT_RMW, "cancel_delayed_work_sync", NULL));
}

bool flush_delayed_work(struct delayed_work *d)
{
	if (timer_delete_sync(&d->timer))
		kt_work_insert(&d->work);
	return flush_work(&d->work);
}
