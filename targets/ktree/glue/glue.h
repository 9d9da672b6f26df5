/* SPDX-License-Identifier: GPL-2.0 */
/*
 * glue.h: what the files of the glue share. Kernel world: the tree's headers
 * come first, and the harness' own types are the tree's.
 *
 * The glue stands where the tree's kernel/, mm/page_alloc.c and the like would:
 * it implements the tree's functions over the waist. All of it is weak, so what
 * the tree's own objects define wins.
 */
#ifndef TARGETS_KTREE_GLUE_GLUE_H
#define TARGETS_KTREE_GLUE_GLUE_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "targets/ktree/glue/world.h"
#include "targets/ktree/glue/compat.h"
#include "targets/ktree/ktree.h"
#include "targets/kernel/fault_inject.h"
#include "harness/journal/journal.h"

#define KT_WAKE_ALL	(~0u)
#define KT_HELD_MAX	40	/* mm_take_all_locks() takes one a mapping */

enum kt_mode { KT_EXCLUSIVE, KT_SHARED, KT_RECURSIVE };

struct kt_held {
	const void *lock;		/* as events name it */
	const struct lockdep_map *map;
	const char *verb;
	u32 since;
	u8 class, mode;
};

/* What the glue knows of a task, around what the tree knows of it. */
struct kt_task {
	struct task_struct t;
	const char *name;
	int preempt;		/* its preempt_count, while others run */
	u32 rcu_idx;		/* which count this RCU reader is in */
	u32 nest;		/* the next lock has a subclass */
	u32 nr_held;
	struct kt_held held[KT_HELD_MAX];
};

static inline struct kt_task *kt_task_of(struct task_struct *t)
{
	return container_of(t, struct kt_task, t);
}

static inline struct kt_task *kt_self(void)
{
	return kt_task_of(current);
}

/*
 * The lock inside a service. Never held over a switch point, so sim never
 * finds it taken and no schedule knows of it; nor does it order anything for who
 * looks for races, to whom what the service does by way of the tree's inlines is
 * no access of the tree's.
 */
static inline void kt_raw_lock(u32 *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
	ktree_quiet += !!ktree_order;
}

static inline void kt_raw_unlock(u32 *lock)
{
	ktree_quiet -= !!ktree_order;
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static inline u32 kt_read(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* A word that counts what its sleepers wait for; read it before the test. */
static inline void kt_signal(u32 *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	rt_wake(word, KT_WAKE_ALL);
}

/* What races.c is told; see ktree_order. */
static inline void kt_acquire(const void *p)
{
	if (unlikely(ktree_order))
		ktree_order(p, false);
}

static inline void kt_release(const void *p)
{
	if (unlikely(ktree_order))
		ktree_order(p, true);
}

/* -- lock.c -- */

/*
 * Add @add to *word once none of @mask is set; @waiters is how native's
 * sleepers mark it. Makes the point @site. 0, or -EINTR with RT_KILLABLE.
 */
int kt_down(u32 *word, u32 mask, u32 add, u32 waiters,
	    const struct rt_site *site, const void *obj, unsigned int flags);
bool kt_try(u32 *word, u32 mask, u32 add);
/* Take @sub away and wake who waits. */
void kt_up(u32 *word, u32 sub, u32 waiters);
/* Sleep until *word is 0. Makes the point @site. */
void kt_wait_zero(const u32 *word, const void *obj, const struct rt_site *site);

/* -- lockdep.c -- */

/* "svmm->mutex" of "&svmm->mutex", in the words of the port. */
const char *kt_lock_words(const char *name);
void kt_lock_init(struct lockdep_map *map, const void *lock, const char *name,
		  struct lock_class_key *key);
/* About to wait for it; has it; let it go. */
void kt_lock_want(struct lockdep_map *map, const void *lock, u32 subclass);
void kt_lock_got(struct lockdep_map *map, const void *lock, const char *verb,
		 enum kt_mode mode);
void kt_lock_put(const void *lock, const char *verb);
/* About to wait until nobody is inside @map. */
void kt_lock_wait(struct lockdep_map *map, const void *lock);
/* A work runs: as if it held what its flusher waits for. */
void kt_lock_enter(struct lockdep_map *map);
void kt_lock_leave(struct lockdep_map *map);
/* Judges an allocation that may wait against what is held. */
void kt_might_alloc(gfp_t gfp);
void kt_lock_complain(const char *complaint, const void *wanted, const void *held);
void kt_lock_check_none(struct kt_task *k, const char *when);
void kt_lock_check_freed(const void *p, size_t size);

/* -- work.c, for timer.c -- */

struct timer_list;
struct work_struct;
/* Become the owner of pending: false if somebody is. */
bool kt_work_claim(struct work_struct *work);
void kt_work_release(struct work_struct *work);
/* Queue what the caller is the owner of. */
void kt_work_insert(struct work_struct *work);
/*
 * Become the owner: true if that took the work from its timer (or NULL) or off
 * the queue. If another canceller is, wait for that to be over.
 */
bool kt_work_grab(struct work_struct *work, struct timer_list *timer,
		  const struct rt_site *site);
bool kt_work_cancel_sync(struct work_struct *work, struct timer_list *timer,
			 const struct rt_site *site);

/* -- the rest, in order of boot -- */

/* jiffies at rt_now() 0: neither 0 nor near the wrap. */
#define JIFFIES_BOOT	100000ul

void kt_warn(const char *expr, const char *func, int line);
void kt_sleeps(void);			/* complains in an atomic context */
int kt_wake_task(struct task_struct *t, unsigned int state);
void kt_current_boot(void);
void kt_page_alloc_boot(void);
void kt_task_start(void);		/* M0's, for this execution */
void kt_work_boot(void);
void kt_work_start(void);
void kt_rcu_start(void);
bool kt_rcu_idle(void);
bool kt_work_idle(void);
void kt_work_wait_idle(void);
void kt_work_halt(void);
void kt_rcu_halt(void);
void kt_timers_halt(void);
void kt_pages_start(void);
void kt_pages_halt(void);
/* call_rcu() without a point: for what the tree does not call itself. */
void kt_files_put(void);		/* vfs.c */
void kt_rcu_defer(struct rcu_head *head, void (*fn)(struct rcu_head *));

#endif /* TARGETS_KTREE_GLUE_GLUE_H */
