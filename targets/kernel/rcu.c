// SPDX-License-Identifier: GPL-2.0
/*
 * rcu: RCU and SRCU with real grace periods, and task R0 that runs callbacks.
 *
 * RCU is one more SRCU domain whose readers must not sleep. A domain has two
 * counts of readers; new readers go where idx points. A grace period waits
 * until the other count is empty, flips idx, and waits until the count it
 * flipped away from is empty. One flip is enough: a reader that picked the old
 * count late, after we saw it empty, entered after we began, and the next
 * grace period waits for it first.
 *
 * call_rcu() and call_srcu() share one queue in order of the calls. R0 takes
 * all of it, makes one grace period for each run of callbacks of one domain,
 * and calls them as an interrupt would: they must not sleep. Hence
 * srcu_barrier() is rcu_barrier(): it waits for more than it has to.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/preempt.h>
#include "targets/kernel/internal.h"

static DEFINE_SRCU(rcu_domain);

static struct {
	u32 lock;
	u32 signal;		/* raised for R0: work, or the end */
	u32 queued, done;	/* callbacks ever; done is slept on */
	struct rcu_head *first, *last;
	int task;
	bool stop;
} rcu __machine;

/* -- readers -- */

static u32 reader_enter(struct srcu_struct *ss)
{
	u32 idx = __atomic_load_n(&ss->idx, __ATOMIC_SEQ_CST);

	__atomic_fetch_add(&ss->readers[idx], 1, __ATOMIC_SEQ_CST);
	return idx;
}

/* The last one out wakes a grace period that sleeps; in sim none does. */
static void reader_leave(struct srcu_struct *ss, u32 idx)
{
	u32 was = __atomic_fetch_sub(&ss->readers[idx], 1, __ATOMIC_SEQ_CST);

	if (was == 1 && __atomic_load_n(&ss->waiting, __ATOMIC_SEQ_CST))
		rt_wake(&ss->readers[idx], WAKE_ALL);
}

void __rcu_read_lock(void)
{
	struct task_struct *t = current;

	if (!t->rcu_read_lock_nesting++)
		t->rcu_idx = reader_enter(&rcu_domain);
}

void __rcu_read_unlock(void)
{
	struct task_struct *t = current;

	if (!WARN_ON(!t->rcu_read_lock_nesting) && !--t->rcu_read_lock_nesting)
		reader_leave(&rcu_domain, t->rcu_idx);
}

void rcu_read_lock(void)
{
	if (!current->rcu_read_lock_nesting)
		rt_point(RT_SITE(RT_RMW, "rcu_read_lock", ""), &rcu_domain);
	__rcu_read_lock();
}

void rcu_read_unlock(void)
{
	if (current->rcu_read_lock_nesting == 1)
		rt_point(RT_SITE(RT_RMW, "rcu_read_unlock", ""), &rcu_domain);
	__rcu_read_unlock();
}

bool rcu_read_lock_held(void)
{
	return current->rcu_read_lock_nesting;
}

/* Asked for before the domain's first point, which is spelt by its name. */
static u32 domain_class(struct srcu_struct *ss)
{
	u32 class = LOCK_CLASS(__atomic_load_n(&ss->word, __ATOMIC_RELAXED));

	return class ? class : lockdep_class_static(&ss->word, ss, ss->name);
}

int __init_srcu_struct(struct srcu_struct *ss, struct lock_class_key *key)
{
	*ss = (struct srcu_struct){
		.word = lockdep_init_word(ss, key),
		.name = key->name,
	};
	return 0;
}

void cleanup_srcu_struct(struct srcu_struct *ss)
{
	WARN_ON(signal_read(&ss->readers[0]) || signal_read(&ss->readers[1]));
	WARN_ON(__atomic_load_n(&ss->pending, __ATOMIC_ACQUIRE));
}

int srcu_read_lock(struct srcu_struct *ss)
{
	u32 class = domain_class(ss);

	rt_point(RT_SITE(RT_RMW, "srcu_read_lock", NULL), ss);
	lockdep_push(class, ss, "srcu_read_lock", LOCKDEP_RECURSIVE);
	return (int)reader_enter(ss);
}

void srcu_read_unlock(struct srcu_struct *ss, int idx)
{
	rt_point(RT_SITE(RT_RMW, "srcu_read_unlock", NULL), ss);
	WARN_ON(idx & ~1);
	if (WARN_ON(!lockdep_pop(ss)))
		return;
	reader_leave(ss, (u32)idx & 1);
}

bool srcu_read_lock_held(const struct srcu_struct *ss)
{
	return lock_is_held(ss);
}

/* -- grace periods -- */

static void wait_readers(struct srcu_struct *ss, u32 idx,
			 const struct rt_site *site)
{
	u32 *count = &ss->readers[idx], seen;

	while (rt_point_lock(site, ss, count, ~0u, 0) == 0) {
		__atomic_store_n(&ss->waiting, 1, __ATOMIC_SEQ_CST);
		seen = signal_read(count);
		if (!seen)
			break;
		rt_wait(count, seen, RT_FOREVER, 0);
	}
	__atomic_store_n(&ss->waiting, 0, __ATOMIC_SEQ_CST);
}

static void grace_period(struct srcu_struct *ss, const struct rt_site *site)
{
	u32 old;

	word_lock(&ss->busy, ss, site, 0);
	old = __atomic_load_n(&ss->idx, __ATOMIC_SEQ_CST);
	if (signal_read(&ss->readers[old ^ 1]))
		wait_readers(ss, old ^ 1, site);
	__atomic_store_n(&ss->idx, old ^ 1, __ATOMIC_SEQ_CST);
	wait_readers(ss, old, site);
	word_unlock(&ss->busy);
}

void synchronize_rcu(void)
{
	might_sleep();
	grace_period(&rcu_domain, RT_SITE(RT_LOCK, "synchronize_rcu", ""));
}

void synchronize_srcu(struct srcu_struct *ss)
{
	lockdep_wait(domain_class(ss), ss);
	grace_period(ss, RT_SITE(RT_LOCK, "synchronize_srcu", NULL));
}

/* -- callbacks -- */

static void enqueue(struct rcu_head *head, rcu_callback_t func,
		    struct srcu_struct *ss)
{
	head->next = NULL;
	head->func = func;
	head->domain = ss;
	__atomic_fetch_add(&ss->pending, 1, __ATOMIC_RELAXED);
	raw_lock(&rcu.lock);
	if (rcu.first)
		rcu.last->next = head;
	else
		rcu.first = head;
	rcu.last = head;
	__atomic_fetch_add(&rcu.queued, 1, __ATOMIC_RELEASE);
	raw_unlock(&rcu.lock);
	signal_raise(&rcu.signal);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	rt_point(RT_SITE(RT_RMW, "call_rcu", NULL), head);
	enqueue(head, func, &rcu_domain);
}

void call_srcu(struct srcu_struct *ss, struct rcu_head *head,
	       rcu_callback_t func)
{
	domain_class(ss);
	rt_point(RT_SITE(RT_RMW, "call_srcu", NULL), ss);
	enqueue(head, func, ss);
}

static void invoke(struct rcu_head *head)
{
	size_t offset = (size_t)head->func;

	__atomic_fetch_sub(&head->domain->pending, 1, __ATOMIC_RELEASE);
	if (offset < KFREE_RCU_OFFSET_MAX) {
		kfree_at((char *)head - offset,
			 RT_SITE(RT_STORE, "kfree_rcu", ""));
		return;
	}
	rt_point(RT_SITE(RT_NOTE, "rcu_do_batch", ""), head);
	irq_enter();
	head->func(head);
	irq_exit();
}

static void run_batch(struct rcu_head *head)
{
	struct srcu_struct *waited = NULL;

	while (head) {
		struct rcu_head *next = head->next;

		if (head->domain != waited) {
			waited = head->domain;
			grace_period(waited, RT_SITE(RT_LOCK, "rcu_gp", ""));
		}
		invoke(head);
		signal_raise(&rcu.done);
		head = next;
	}
}

/* Where its points are: see worker_thread(). */
static void rcu_task(void *arg)
{
	for (;;) {
		u32 seen = signal_read(&rcu.signal);
		struct rcu_head *batch;

		raw_lock(&rcu.lock);
		batch = rcu.first;
		rcu.first = NULL;
		raw_unlock(&rcu.lock);
		if (batch) {
			run_batch(batch);
			rt_point(RT_SITE(RT_WAIT, "rcu_gp_kthread", ""),
				 &rcu.signal);
		} else if (__atomic_load_n(&rcu.stop, __ATOMIC_ACQUIRE)) {
			return;
		} else {
			rt_wait(&rcu.signal, seen, RT_FOREVER, 0);
		}
	}
}

void rcu_barrier(void)
{
	u32 target = __atomic_load_n(&rcu.queued, __ATOMIC_ACQUIRE);

	might_sleep();
	for (;;) {
		u32 done;

		rt_point(RT_SITE(RT_WAIT, "rcu_barrier", ""), &rcu.done);
		done = signal_read(&rcu.done);
		if ((s32)(done - target) >= 0)
			return;
		rt_wait(&rcu.done, done, RT_FOREVER, 0);
	}
}

void srcu_barrier(struct srcu_struct *ss)
{
	rcu_barrier();
}

bool rcu_idle(void)
{
	return __atomic_load_n(&rcu.queued, __ATOMIC_ACQUIRE) ==
	       signal_read(&rcu.done);
}

void rcu_boot(void)
{
	rcu.task = task_spawn('R', "rcu", rcu_task, NULL);
}

void rcu_halt(void)
{
	__atomic_store_n(&rcu.stop, true, __ATOMIC_RELEASE);
	signal_raise(&rcu.signal);
	rt_join(rcu.task);
}
