// SPDX-License-Identifier: GPL-2.0
/*
 * selftest: targets without an mm, which use the glue as the tree's code does.
 *
 * Those with a planted bug must fail as the class they name, in some schedule;
 * the others must pass in all. They hold the services to what kernel code
 * relies on: exclusion, grace periods, flushes and wakeups.
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/ww_mutex.h>
#include "targets/ktree/glue/glue.h"
#include "targets/target.h"

#define MUST(what) do {							\
	if (!(what))							\
		kt_warn(#what, __func__, __LINE__);			\
} while (0)

static void boot(void)
{
	if (ktree_image_sealed()) {
		ktree_image_reset();
	} else {
		ktree_kernel_boot();
		ktree_image_seal();
	}
	ktree_kernel_start();
}

static void task_begin(u32 index)
{
	ktree_task_begin("program");
}

static void task_end(u32 index)
{
	ktree_task_end();
}

/* Another task may run here. */
static void window(void)
{
	rt_point(RT_SITE(RT_NOTE, "window", ""), NULL);
}

/* -- locks: what is read in a critical section is not changed by others -- */

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spin);
static DECLARE_RWSEM(rwsem);
static u32 under_mutex, under_spin, under_rwsem;

static void count_up(u32 *word)
{
	u32 old = *word;

	window();
	MUST(*word == old);
	*word = old + 1;
}

static void body_locks(u32 index)
{
	mutex_lock(&mutex);
	count_up(&under_mutex);
	mutex_unlock(&mutex);

	spin_lock(&spin);
	count_up(&under_spin);
	spin_unlock(&spin);

	if (index) {
		down_write(&rwsem);
		count_up(&under_rwsem);
		downgrade_write(&rwsem);
		window();
		up_read(&rwsem);
	} else {
		u32 seen;

		down_read(&rwsem);
		seen = under_rwsem;
		window();
		MUST(under_rwsem == seen);
		up_read(&rwsem);
	}
}

static void quiesce_locks(void)
{
	ktree_kernel_quiesce();
	MUST(under_mutex == 2 && under_spin == 2 && under_rwsem == 1);
}

/* -- locks with a ticket: in any order, and each gets both in the end -- */

static DEFINE_WD_CLASS(tickets);
static struct ww_mutex ww[2];
static u32 under_ww;

static void boot_ww(void)
{
	boot();
	ww_mutex_init(&ww[0], &tickets);
	ww_mutex_init(&ww[1], &tickets);
}

static void body_ww(u32 index)
{
	struct ww_mutex *held = &ww[index], *wanted = &ww[!index];
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &tickets);
	/* Who holds none waits, whoever has it. */
	MUST(!ww_mutex_lock(held, &ctx));
	MUST(ww_mutex_lock(held, &ctx) == -EALREADY);
	while (ww_mutex_lock(wanted, &ctx) == -EDEADLK) {
		ww_mutex_unlock(held);
		ww_mutex_lock_slow(wanted, &ctx);
		swap(held, wanted);
	}
	ww_acquire_done(&ctx);
	count_up(&under_ww);
	ww_mutex_unlock(held);
	ww_mutex_unlock(wanted);
	ww_acquire_fini(&ctx);
}

static void quiesce_ww(void)
{
	ktree_kernel_quiesce();
	MUST(under_ww == 2);
}

/* -- RCU: what a reader found is there until it leaves -- */

struct thing {
	u32 alive;
	struct rcu_head rcu;
};

static struct thing __rcu *thing;
DEFINE_STATIC_SRCU(domain);

static void forget(struct rcu_head *rcu)
{
	struct thing *t = container_of(rcu, struct thing, rcu);

	t->alive = 0;
	kfree(t);
}

static void read_thing(void)
{
	struct thing *t;

	rcu_read_lock();
	t = rcu_dereference(thing);
	window();
	if (t) {
		rt_point(RT_SITE(RT_LOAD, "thing->alive", ""), t);
		/* By the tree's code too: on threads only that is watched. */
		MUST(!memchr_inv(&t->alive, 1, 1));
	}
	rcu_read_unlock();
}

static void make_thing(void)
{
	struct thing *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	t->alive = 1;
	rcu_assign_pointer(thing, t);
	window();
}

static struct thing *take_thing(void)
{
	struct thing *t = rcu_dereference_protected(thing, 1);

	RCU_INIT_POINTER(thing, NULL);
	return t;
}

static void body_rcu(u32 index)
{
	struct thing *t;

	if (index) {
		read_thing();
		return;
	}
	make_thing();
	t = take_thing();
	if (t)
		call_rcu(&t->rcu, forget);
	make_thing();
	t = take_thing();
	synchronize_rcu();
	kfree(t);
}

/* The same without a grace period. */
static void body_rcu_early(u32 index)
{
	if (index) {
		read_thing();
		return;
	}
	make_thing();
	kfree(take_thing());
}

static void body_srcu(u32 index)
{
	struct thing *t;
	int idx;

	if (index) {
		idx = srcu_read_lock(&domain);
		t = srcu_dereference(thing, &domain);
		window();
		if (t)
			MUST(t->alive);
		srcu_read_unlock(&domain, idx);
		return;
	}
	make_thing();
	t = take_thing();
	if (t)
		call_srcu(&domain, &t->rcu, forget);
	make_thing();
	t = take_thing();
	synchronize_srcu(&domain);
	kfree(t);
}

/* -- work, completion, wait queue -- */

static u32 works_begun, works_done;
static struct completion completion;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static u32 condition;

static void work_fn(struct work_struct *work)
{
	works_begun++;
	window();
	works_done++;
}

static DECLARE_WORK(work, work_fn);

static void body_work(u32 index)
{
	if (!index) {
		schedule_work(&work);
		flush_work(&work);
		MUST(works_begun == works_done);
		return;
	}
	window();
	cancel_work_sync(&work);
	MUST(works_begun == works_done);
}

static void body_wait(u32 index)
{
	if (!index) {
		wait_for_completion(&completion);
		WRITE_ONCE(condition, 1);
		wake_up(&queue);
		return;
	}
	complete(&completion);
	wait_event(queue, READ_ONCE(condition));
	MUST(condition);
}

/* A delayed work runs after its time, once, unless it was cancelled before. */
static DECLARE_DELAYED_WORK(delayed, work_fn);

static void body_delayed(u32 index)
{
	unsigned long begun;

	if (!index) {
		ktree_jiffies_read();
		begun = *ktree_jiffies_word;
		schedule_delayed_work(&delayed, 3);
		while (!READ_ONCE(works_done) && !READ_ONCE(condition)) {
			schedule_timeout_uninterruptible(1);
			ktree_jiffies_read();
		}
		MUST(READ_ONCE(condition) ||
		     time_after_eq(*ktree_jiffies_word, begun + 3));
		return;
	}
	schedule_timeout_uninterruptible(3);
	if (cancel_delayed_work_sync(&delayed))
		WRITE_ONCE(condition, 1);
	MUST(works_begun == works_done && works_done <= 1);
}

/* The condition is tested before the state is set: the wakeup can be lost. */
static void body_lost_wakeup(u32 index)
{
	struct wait_queue_entry w;

	if (!index) {
		WRITE_ONCE(condition, 1);
		wake_up(&queue);
		return;
	}
	init_wait_entry(&w, 0);
	if (!READ_ONCE(condition)) {
		prepare_to_wait_event(&queue, &w, TASK_UNINTERRUPTIBLE);
		schedule();
	}
	finish_wait(&queue, &w);
}

static void boot_wait(void)
{
	boot();
	init_completion(&completion);
}

/* -- what must be complained about -- */

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void body_order(u32 index)
{
	struct mutex *a = index ? &second : &first;
	struct mutex *b = index ? &first : &second;

	mutex_lock(a);
	mutex_lock(b);
	mutex_unlock(b);
	mutex_unlock(a);
}

static void body_atomic(u32 index)
{
	if (index)
		return;
	spin_lock(&spin);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&spin);
}

/* Allocates under a lock that an invalidation callback takes. */
extern struct lockdep_map __mmu_notifier_invalidate_range_start_map;

static void body_reclaim(u32 index)
{
	if (index) {
		lock_map_acquire(&__mmu_notifier_invalidate_range_start_map);
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
		lock_map_release(&__mmu_notifier_invalidate_range_start_map);
		return;
	}
	mutex_lock(&mutex);
	kfree(kmalloc(24, GFP_KERNEL));
	mutex_unlock(&mutex);
}

static void body_held(u32 index)
{
	if (!index)
		mutex_lock(&mutex);
	ktree_task_idle_check();
}

static void body_leak(u32 index)
{
	if (!index)
		MUST(kmalloc(24, GFP_KERNEL));
}

static void body_page_leak(u32 index)
{
	if (!index)
		MUST(__get_free_page(GFP_KERNEL));
}

static void body_double_free(u32 index)
{
	void *p = index ? NULL : kmalloc(24, GFP_KERNEL);

	kfree(p);
	kfree(p);
}

static void body_late_write(u32 index)
{
	u32 *p = index ? NULL : kmalloc(24, GFP_KERNEL);

	kfree(p);
	if (p)
		*(volatile u32 *)p = 1;
}

#define SELFTEST(name_, help_, planted_, boot_, quiesce_, fn_)	\
	const struct target target_selftest_##fn_ = {			\
		.name = "kernel-" name_,				\
		.help = help_,						\
		.planted = planted_,					\
		.nr_fixed = 2,						\
		.boot = boot_,						\
		.task_begin = task_begin,				\
		.task_end = task_end,					\
		.quiesce = quiesce_,					\
		.halt = ktree_kernel_halt,				\
		.body = body_##fn_,					\
	}

SELFTEST("locks", "mutex, spinlock and rwsem exclude", NULL, boot,
	 quiesce_locks, locks);
SELFTEST("ww-mutex", "who is younger lets go, and both get both", NULL, boot_ww,
	 quiesce_ww, ww);
SELFTEST("rcu", "RCU waits for its readers", NULL, boot,
	 ktree_kernel_quiesce, rcu);
SELFTEST("rcu-early", "planted: freed without a grace period",
	 &oracle_use_after_free, boot, ktree_kernel_quiesce, rcu_early);
SELFTEST("srcu", "SRCU waits for its readers", NULL, boot,
	 ktree_kernel_quiesce, srcu);
SELFTEST("work", "a flush and a cancel wait for the work", NULL, boot,
	 ktree_kernel_quiesce, work);
SELFTEST("wait", "completions and wait queues wake", NULL, boot_wait,
	 ktree_kernel_quiesce, wait);
SELFTEST("delayed", "timers expire in time, and a cancel waits", NULL, boot,
	 ktree_kernel_quiesce, delayed);
SELFTEST("lost-wakeup", "planted: tests its condition too early",
	 &oracle_deadlock, boot, ktree_kernel_quiesce, lost_wakeup);
SELFTEST("order", "planted: two locks in both orders", &oracle_lock_order,
	 boot, ktree_kernel_quiesce, order);
SELFTEST("atomic", "planted: sleeps under a spinlock", &oracle_lock_order,
	 boot, ktree_kernel_quiesce, atomic);
SELFTEST("reclaim", "planted: allocates under a callback's lock",
	 &oracle_lock_order, boot, ktree_kernel_quiesce, reclaim);
SELFTEST("held", "planted: returns with a lock", &oracle_lock_leak, boot,
	 ktree_kernel_quiesce, held);
SELFTEST("leak", "planted: leaks an object", &oracle_leak, boot,
	 ktree_kernel_quiesce, leak);
SELFTEST("page-leak", "planted: leaks a page", &oracle_leak, boot,
	 ktree_kernel_quiesce, page_leak);
SELFTEST("double-free", "planted: frees twice", &oracle_bad_free, boot,
	 ktree_kernel_quiesce, double_free);
SELFTEST("late-write", "planted: writes to what it freed",
	 &oracle_use_after_free, boot, ktree_kernel_quiesce, late_write);
