// SPDX-License-Identifier: GPL-2.0
/*
 * timer: task T0 sleeps until the earliest expiry and calls what is due, as an
 * interrupt would. Timers of one expiry run in the order they were armed; with
 * KERNEL_FAULT_TIMER whatever is due runs in any order, as a tick that comes
 * late finds it on several levels of the wheel.
 *
 * T0 is only spawned if asked for: an armed timer is a deadline, and a machine
 * with a deadline is never deadlocked, which is a pity to pay for nothing.
 */
#include <linux/preempt.h>
#include <linux/timer.h>
#include "targets/kernel/internal.h"

static struct {
	u32 lock;
	u32 signal;		/* raised when the list or stop changed */
	u32 busy;		/* a function runs: slept on */
	struct timer_list *running;
	struct list_head list;	/* by expiry */
	int task;
	bool spawned, stop;
} timers __machine;

void timer_init_(struct timer_list *t, void (*fn)(struct timer_list *),
		 const char *name)
{
	INIT_LIST_HEAD(&t->entry);
	t->expires = 0;
	t->function = fn;
	rt_name(t, name, -1);
}

static bool unlink_timer(struct timer_list *t)
{
	bool pending = !list_empty(&t->entry);

	list_del_init(&t->entry);
	return pending;
}

static void insert(struct timer_list *t, unsigned long expires)
{
	struct list_head *at = &timers.list;

	t->expires = expires;
	while (at->prev != &timers.list &&
	       time_after(list_entry(at->prev, struct timer_list, entry)->expires,
			  expires))
		at = at->prev;
	list_add_tail(&t->entry, at);
}

int mod_timer(struct timer_list *t, unsigned long expires)
{
	bool pending;

	BUG_ON(!timers.spawned);
	rt_point(RT_SITE(RT_RMW, "mod_timer", NULL), t);
	raw_lock(&timers.lock);
	pending = unlink_timer(t);
	insert(t, expires);
	raw_unlock(&timers.lock);
	signal_raise(&timers.signal);
	return pending;
}

void add_timer(struct timer_list *t)
{
	BUG_ON(timer_pending(t));
	mod_timer(t, t->expires);
}

int timer_delete(struct timer_list *t)
{
	bool pending;

	rt_point(RT_SITE(RT_RMW, "timer_delete", NULL), t);
	raw_lock(&timers.lock);
	pending = unlink_timer(t);
	raw_unlock(&timers.lock);
	return pending;
}

static bool is_running(struct timer_list *t)
{
	bool running;

	raw_lock(&timers.lock);
	running = timers.running == t;
	raw_unlock(&timers.lock);
	return running;
}

/* Not from atomic context that the function might wait for; we let it wait. */
int timer_delete_sync(struct timer_list *t)
{
	int pending = timer_delete(t);

	while (is_running(t)) {
		word_wait_zero(&timers.busy, t,
			       RT_SITE(RT_LOCK, "timer_delete_sync", NULL));
		pending |= timer_delete(t);
	}
	return pending;
}

bool timer_pending(const struct timer_list *t)
{
	bool pending;

	rt_point(RT_SITE(RT_LOAD, "timer_pending", NULL), t);
	raw_lock(&timers.lock);
	pending = !list_empty(&t->entry);
	raw_unlock(&timers.lock);
	return pending;
}

static u32 count_due(unsigned long now)
{
	struct timer_list *t;
	u32 nr = 0;

	raw_lock(&timers.lock);
	list_for_each_entry(t, &timers.list, entry)
		nr += time_after_eq(now, t->expires);
	raw_unlock(&timers.lock);
	return nr;
}

/* The first timer but @skip; the list is by expiry. */
static struct timer_list *first_timer(u32 skip)
{
	struct timer_list *t, *last = NULL;

	list_for_each_entry(t, &timers.list, entry) {
		last = t;
		if (!skip--)
			break;
	}
	return last;
}

/* Take a timer that is due; NULL: say when one will be. */
static struct timer_list *next_due(u64 *until)
{
	unsigned long now = jiffies;	/* once: a second look would spin */
	u32 skip = timer_out_of_order(count_due, now);
	struct timer_list *t;

	*until = RT_FOREVER;
	raw_lock(&timers.lock);
	t = first_timer(skip);
	if (t && time_after_eq(now, t->expires)) {
		list_del_init(&t->entry);
		timers.running = t;
		__atomic_store_n(&timers.busy, 1, __ATOMIC_RELAXED);
	} else if (t) {
		*until = t->expires * NSEC_PER_JIFFY;
		t = NULL;
	}
	raw_unlock(&timers.lock);
	return t;
}

/* The function may free the timer: it is not touched after. */
static void run(struct timer_list *t)
{
	irq_enter();
	t->function(t);
	irq_exit();
	raw_lock(&timers.lock);
	timers.running = NULL;
	raw_unlock(&timers.lock);
	__atomic_store_n(&timers.busy, 0, __ATOMIC_RELEASE);
	rt_wake(&timers.busy, WAKE_ALL);
}

/* Where its points are: see worker_thread(). */
static void timer_task(void *arg)
{
	for (;;) {
		u32 seen = signal_read(&timers.signal);
		struct timer_list *t;
		u64 until;

		if (__atomic_load_n(&timers.stop, __ATOMIC_ACQUIRE))
			return;
		t = next_due(&until);
		if (t) {
			run(t);
			rt_point(RT_SITE(RT_WAIT, "run_timers", ""),
				 &timers.signal);
		} else {
			rt_wait(&timers.signal, seen, until, 0);
		}
	}
}

void timers_boot(bool spawn)
{
	INIT_LIST_HEAD(&timers.list);
	timers.spawned = spawn;
	if (spawn)
		timers.task = task_spawn('T', "timer", timer_task, NULL);
}

void timers_halt(void)
{
	if (!timers.spawned)
		return;
	__atomic_store_n(&timers.stop, true, __ATOMIC_RELEASE);
	signal_raise(&timers.signal);
	rt_join(timers.task);
}
