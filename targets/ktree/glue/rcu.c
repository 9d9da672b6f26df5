// SPDX-License-Identifier: GPL-2.0
/*
 * rcu: RCU and SRCU with real grace periods, and task R0 that runs callbacks.
 *
 * RCU is one more SRCU domain whose readers must not sleep. What the tree keeps
 * in a srcu_struct is not used: a domain is found by the struct's address. It
 * has two counts of readers; new readers go where idx points. A grace period
 * waits until the other count is empty, flips idx, and waits until the count it
 * flipped away from is empty. One flip is enough: a reader that picked the old
 * count late, after we saw it empty, entered after we began, and the next grace
 * period waits for it first.
 *
 * R0 takes all callbacks of a domain at once, waits for one grace period and
 * calls them in their order, as a softirq would: they must not sleep.
 */
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include "targets/ktree/glue/glue.h"

#define DOMAINS		16
#define KFREE_MAX	4096	/* a "function" below is kfree_rcu()'s offset */

struct domain {
	const struct srcu_struct *ss;	/* NULL: free, but for RCU's own */
	u32 readers[2];
	u32 idx;
	u32 busy;			/* a grace period is being made */
	u32 waiting;			/* and sleeps */
	u32 pending;			/* callbacks */
	struct rcu_head *first, *last;
};

static struct {
	u32 lock;
	u32 signal;		/* raised for R0: work, or the end */
	u32 queued, done;	/* callbacks ever; done is slept on */
	struct domain domain[DOMAINS];	/* 0: RCU */
	int task;
	bool stop;
} rcu;

static struct domain *domain_of(const struct srcu_struct *ss)
{
	struct domain *free = NULL;
	u32 i;

	kt_raw_lock(&rcu.lock);
	for (i = 1; i < DOMAINS && rcu.domain[i].ss != ss; i++)
		if (!rcu.domain[i].ss && !free)
			free = &rcu.domain[i];
	if (i == DOMAINS && free)
		free->ss = ss;
	else
		free = i < DOMAINS ? &rcu.domain[i] : NULL;
	kt_raw_unlock(&rcu.lock);
	if (!free)
		panic("too many SRCU domains");
	rt_name(ss, kt_lock_words(ss->dep_map.name), -1);
	return free;
}

/* -- readers -- */

static u32 reader_enter(struct domain *d)
{
	u32 idx = kt_read(&d->idx);

	kt_acquire(&d->idx);
	__atomic_fetch_add(&d->readers[idx], 1, __ATOMIC_SEQ_CST);
	return idx;
}

/* The last one out wakes a grace period that sleeps; in sim none does. */
static void reader_leave(struct domain *d, u32 idx)
{
	u32 was;

	kt_release(&d->readers[idx]);
	was = __atomic_fetch_sub(&d->readers[idx], 1, __ATOMIC_SEQ_CST);
	if (was == 1 && kt_read(&d->waiting))
		rt_wake(&d->readers[idx], KT_WAKE_ALL);
}

void __rcu_read_lock(void)
{
	struct kt_task *k = kt_self();

	if (!k->t.rcu_read_lock_nesting) {
		rt_point(RT_SITE(RT_RMW, "rcu_read_lock", ""), &rcu.domain[0]);
		k->rcu_idx = reader_enter(&rcu.domain[0]);
	}
	k->t.rcu_read_lock_nesting++;
}

void __rcu_read_unlock(void)
{
	struct kt_task *k = kt_self();

	if (k->t.rcu_read_lock_nesting <= 0) {
		kt_warn("rcu_read_unlock() without rcu_read_lock()",
			"__rcu_read_unlock", __LINE__);
		return;
	}
	if (k->t.rcu_read_lock_nesting == 1) {
		rt_point(RT_SITE(RT_RMW, "rcu_read_unlock", ""),
			 &rcu.domain[0]);
		reader_leave(&rcu.domain[0], k->rcu_idx);
	}
	k->t.rcu_read_lock_nesting--;
}

int rcu_read_lock_held(void)
{
	return current->rcu_read_lock_nesting > 0;
}

int rcu_read_lock_bh_held(void)
{
	return preempt_count() || rcu_read_lock_held();
}

int rcu_read_lock_sched_held(void)
{
	return preempt_count() != 0;
}

int rcu_read_lock_any_held(void)
{
	return rcu_read_lock_bh_held();
}

int __srcu_read_lock(struct srcu_struct *ss)
{
	struct domain *d = domain_of(ss);

	rt_point(RT_SITE(RT_RMW, "srcu_read_lock", NULL), ss);
	return (int)reader_enter(d);
}

void __srcu_read_unlock(struct srcu_struct *ss, int idx)
{
	struct domain *d = domain_of(ss);

	rt_point(RT_SITE(RT_RMW, "srcu_read_unlock", NULL), ss);
	if ((idx & ~1) || !kt_read(&d->readers[idx])) {
		kt_warn("srcu_read_unlock() without srcu_read_lock()",
			"__srcu_read_unlock", __LINE__);
		return;
	}
	reader_leave(d, (u32)idx);
}

int __init_srcu_struct(struct srcu_struct *ss, const char *name,
		       struct lock_class_key *key)
{
	memset(ss, 0, sizeof(*ss));
	kt_lock_init(&ss->dep_map, ss, name, key);
	return 0;
}

void cleanup_srcu_struct(struct srcu_struct *ss)
{
	struct domain *d = domain_of(ss);

	if (kt_read(&d->readers[0]) || kt_read(&d->readers[1]) ||
	    kt_read(&d->pending))
		kt_warn("SRCU domain still in use", "cleanup_srcu_struct",
			__LINE__);
	kt_raw_lock(&rcu.lock);
	memset(d, 0, sizeof(*d));
	kt_raw_unlock(&rcu.lock);
}

/* -- grace periods -- */

static void wait_readers(struct domain *d, u32 idx, const void *obj,
			 const struct rt_site *site)
{
	u32 *count = &d->readers[idx], seen;

	while (rt_point_lock(site, obj, count, ~0u, 0) == 0) {
		__atomic_store_n(&d->waiting, 1, __ATOMIC_SEQ_CST);
		seen = kt_read(count);
		if (!seen)
			break;
		rt_wait(count, seen, RT_FOREVER, 0);
	}
	__atomic_store_n(&d->waiting, 0, __ATOMIC_SEQ_CST);
	kt_acquire(count);
}

static void grace_period(struct domain *d, const struct rt_site *site)
{
	const void *obj = d->ss ? (const void *)d->ss : d;
	u32 old;

	kt_down(&d->busy, 1, 1, 2, site, obj, 0);
	kt_release(&d->idx);
	old = kt_read(&d->idx);
	if (kt_read(&d->readers[old ^ 1]))
		wait_readers(d, old ^ 1, obj, site);
	__atomic_store_n(&d->idx, old ^ 1, __ATOMIC_SEQ_CST);
	wait_readers(d, old, obj, site);
	kt_up(&d->busy, 1, 2);
}

void synchronize_rcu(void)
{
	kt_sleeps();
	grace_period(&rcu.domain[0], RT_SITE(RT_LOCK, "synchronize_rcu", ""));
}

void synchronize_rcu_expedited(void)
{
	synchronize_rcu();
}

void synchronize_srcu(struct srcu_struct *ss)
{
	struct domain *d = domain_of(ss);

	kt_lock_wait(&ss->dep_map, ss);
	grace_period(d, RT_SITE(RT_LOCK, "synchronize_srcu", NULL));
}

void synchronize_srcu_expedited(struct srcu_struct *ss)
{
	synchronize_srcu(ss);
}

/* -- callbacks -- */

static void enqueue(struct rcu_head *head, rcu_callback_t func,
		    struct domain *d)
{
	head->next = NULL;
	head->func = func;
	kt_release(head);
	kt_raw_lock(&rcu.lock);
	if (d->first)
		d->last->next = head;
	else
		d->first = head;
	d->last = head;
	__atomic_fetch_add(&d->pending, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&rcu.queued, 1, __ATOMIC_RELEASE);
	kt_raw_unlock(&rcu.lock);
	kt_signal(&rcu.signal);
}

void kt_rcu_defer(struct rcu_head *head, rcu_callback_t func)
{
	enqueue(head, func, &rcu.domain[0]);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	rt_point(RT_SITE(RT_RMW, "call_rcu", ""), head);
	enqueue(head, func, &rcu.domain[0]);
}

void call_srcu(struct srcu_struct *ss, struct rcu_head *head,
	       rcu_callback_t func)
{
	struct domain *d = domain_of(ss);

	rt_point(RT_SITE(RT_RMW, "call_srcu", NULL), ss);
	enqueue(head, func, d);
}

/* Without a head the caller can sleep. */
static void kvfree_later(struct rcu_head *head, void *p)
{
	if (!head) {
		synchronize_rcu();
		kvfree(p);
		return;
	}
	rt_point(RT_SITE(RT_RMW, "kfree_rcu", ""), head);
	enqueue(head, (rcu_callback_t)((unsigned long)head - (unsigned long)p),
		&rcu.domain[0]);
}

#if KT_SINCE(6, 4)
void kvfree_call_rcu(struct rcu_head *head, void *p)
{
	kvfree_later(head, p);
}
#else
void kvfree_call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	kvfree_later(head, head ? (char *)head - (unsigned long)func :
				  (char *)func);
}
#endif

static void invoke(struct rcu_head *head)
{
	unsigned long offset = (unsigned long)head->func;

	rt_point(RT_SITE(RT_NOTE, "rcu_do_batch", ""), head);
	kt_acquire(head);
	__preempt_count_add(SOFTIRQ_OFFSET);
	if (offset < KFREE_MAX)
		kvfree((char *)head - offset);
	else
		head->func(head);
	__preempt_count_sub(SOFTIRQ_OFFSET);
}

static bool run_domain(struct domain *d)
{
	struct rcu_head *head;

	kt_raw_lock(&rcu.lock);
	head = d->first;
	d->first = NULL;
	kt_raw_unlock(&rcu.lock);
	if (!head)
		return false;
	grace_period(d, RT_SITE(RT_LOCK, "rcu_gp", ""));
	while (head) {
		struct rcu_head *next = head->next;

		invoke(head);
		__atomic_fetch_sub(&d->pending, 1, __ATOMIC_RELEASE);
		kt_release(&rcu.done);
		kt_signal(&rcu.done);
		head = next;
	}
	return true;
}

/* Starting and waking up are steps already: a point only between batches. */
static void rcu_task(void *arg)
{
	for (;;) {
		u32 seen = kt_read(&rcu.signal), i;
		bool any = false;

		for (i = 0; i < DOMAINS; i++)
			any |= run_domain(&rcu.domain[i]);
		if (any)
			rt_point(RT_SITE(RT_WAIT, "rcu_gp_kthread", ""),
				 &rcu.signal);
		else if (__atomic_load_n(&rcu.stop, __ATOMIC_ACQUIRE))
			return;
		else
			rt_wait(&rcu.signal, seen, RT_FOREVER, 0);
	}
}

/* Waits for every callback of every domain: more than it has to. */
void rcu_barrier(void)
{
	u32 target = __atomic_load_n(&rcu.queued, __ATOMIC_ACQUIRE);

	kt_sleeps();
	for (;;) {
		u32 done;

		rt_point(RT_SITE(RT_WAIT, "rcu_barrier", ""), &rcu.done);
		done = kt_read(&rcu.done);
		if ((s32)(done - target) >= 0) {
			kt_acquire(&rcu.done);
			return;
		}
		rt_wait(&rcu.done, done, RT_FOREVER, 0);
	}
}

void srcu_barrier(struct srcu_struct *ss)
{
	rcu_barrier();
}

bool kt_rcu_idle(void)
{
	return __atomic_load_n(&rcu.queued, __ATOMIC_ACQUIRE) ==
	       kt_read(&rcu.done);
}

void kt_rcu_start(void)
{
	rcu.task = ktree_task_spawn('R', "rcu", rcu_task, NULL);
}

void kt_rcu_halt(void)
{
	__atomic_store_n(&rcu.stop, true, __ATOMIC_RELEASE);
	kt_signal(&rcu.signal);
	rt_join(rcu.task);
}
