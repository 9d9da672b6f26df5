// SPDX-License-Identifier: GPL-2.0
/*
 * test_lockdep: every complaint of lockdep, its nearest innocent neighbour,
 * and the small checkers (WARN, BUG, refcount) that belong to no other file.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "harness/journal/locks.h"
#include "targets/kernel/kernel.h"
#include "targets/kernel/tests/kernel_test.h"

static struct {
	struct mutex a, b, c;
	struct mutex pair[2];
	struct rw_semaphore sem;
	spinlock_t spin, other;
	struct completion done;
	refcount_t refs;
	int last;
} s __machine;

void lockdep_test_boot(void)
{
	mutex_init(&s.a);
	mutex_init(&s.b);
	mutex_init(&s.c);
	for (int i = 0; i < 2; i++)
		mutex_init(&s.pair[i]);
	init_rwsem(&s.sem);
	spin_lock_init(&s.spin);
	spin_lock_init(&s.other);
	init_completion(&s.done);
}

static void both(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
}

void lockdep_abba(u32 index)
{
	if (index == 0)
		both(&s.a, &s.b);
	else
		both(&s.b, &s.a);
}

static void both_spin(spinlock_t *first, spinlock_t *second)
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

void lockdep_spin_abba(u32 index)
{
	if (index == 0)
		both_spin(&s.spin, &s.other);
	else
		both_spin(&s.other, &s.spin);
}

void lockdep_one_order(u32 index)
{
	both(&s.a, &s.b);
	both(&s.b, &s.c);
	both(&s.a, &s.c);
}

void lockdep_trylock_order(u32 index)
{
	if (index == 0) {
		both(&s.a, &s.b);
		return;
	}
	mutex_lock(&s.b);
	if (mutex_trylock(&s.a))
		mutex_unlock(&s.a);
	mutex_unlock(&s.b);
}

void lockdep_three(u32 index)
{
	if (index == 0)
		both(&s.a, &s.b);
	else if (index == 1)
		both(&s.b, &s.c);
	else
		both(&s.c, &s.a);
}

void lockdep_recursion(u32 index)
{
	both(&s.a, &s.a);
}

void lockdep_read_recursion(u32 index)
{
	down_read(&s.sem);
	down_read(&s.sem);
	up_read(&s.sem);
	up_read(&s.sem);
}

void lockdep_same_class(u32 index)
{
	both(&s.pair[0], &s.pair[1]);
}

void lockdep_nested(u32 index)
{
	mutex_lock(&s.pair[0]);
	mutex_lock_nested(&s.pair[1], SINGLE_DEPTH_NESTING);
	mutex_unlock(&s.pair[1]);
	mutex_unlock(&s.pair[0]);
}

void lockdep_sleep_in_spinlock(u32 index)
{
	spin_lock(&s.spin);
	msleep(1);
	spin_unlock(&s.spin);
}

/* It is done already: that it could sleep is enough. */
void lockdep_completion_in_spinlock(u32 index)
{
	complete(&s.done);
	spin_lock(&s.spin);
	wait_for_completion(&s.done);
	spin_unlock(&s.spin);
}

void lockdep_mutex_in_rcu(u32 index)
{
	rcu_read_lock();
	mutex_lock(&s.a);
	mutex_unlock(&s.a);
	rcu_read_unlock();
}

void lockdep_held_at_return(u32 index)
{
	mutex_lock(&s.a);
	kernel_task_idle_check();
	mutex_unlock(&s.a);
}

void lockdep_held_at_exit(u32 index)
{
	down_read(&s.sem);
}

void lockdep_freed_while_held(u32 index)
{
	struct mutex *m = kzalloc(sizeof(*m), GFP_KERNEL);

	mutex_init(m);
	mutex_lock(m);
	kfree(m);
}

void lockdep_stray_unlock(u32 index)
{
	mutex_unlock(&s.a);
}

void lockdep_assert_fails(u32 index)
{
	mutex_lock(&s.a);
	lockdep_assert_held(&s.a);
	mutex_unlock(&s.a);
	lockdep_assert_held(&s.a);
}

void lockdep_introspection(u32 index)
{
	struct lockdep_held_info held[4];

	if (index == 1) {
		mutex_lock(&s.a);
		mutex_unlock(&s.a);
		return;
	}
	down_read(&s.sem);
	mutex_lock(&s.a);
	CUT_CHECK(lockdep_held(rt_self(), held, 4) == 2);
	CUT_CHECK(held[0].lock == &s.sem && held[0].shared);
	CUT_CHECK(held[1].lock == &s.a && !held[1].shared);
	CUT_CHECK(!strcmp(held[1].name, "s.a"));
	CUT_CHECK(!strcmp(held[1].verb, "mutex_lock"));
	CUT_CHECK(lock_owner(&s.a) == rt_self());
	CUT_CHECK(lock_owner(&s.sem) == rt_self());
	CUT_CHECK(!strcmp(lock_name(&s.sem), "s.sem"));
	mutex_unlock(&s.a);
	if (lock_owner(&s.a) < 0)
		CUT_SEEN("nobody holds it");
	up_read(&s.sem);
	CUT_CHECK(lockdep_held(rt_self(), held, 4) == 0);
}

/* -- lib.c -- */

void lib_warn(u32 index)
{
	CUT_CHECK(!WARN_ON(index == 7));
	WARN_ON(index == 0);
}

void lib_bug(u32 index)
{
	BUG_ON(index == 7);
	BUG_ON(index == 0);
}

void lib_refcount_underflow(u32 index)
{
	refcount_set(&s.refs, 1);
	CUT_CHECK(refcount_dec_and_test(&s.refs));
	if (refcount_dec_and_test(&s.refs))
		s.last++;
}

void lib_refcount_resurrect(u32 index)
{
	refcount_set(&s.refs, 0);
	CUT_CHECK(!refcount_inc_not_zero(&s.refs));
	refcount_inc(&s.refs);
}

void lib_refcount_boot(void)
{
	refcount_set(&s.refs, 3);
}

void lib_refcount(u32 index)
{
	refcount_inc(&s.refs);
	CUT_CHECK(!refcount_dec_and_test(&s.refs));
	if (refcount_dec_and_test(&s.refs))
		s.last++;
}

void lib_refcount_halt(void)
{
	CUT_CHECK(s.last == 1);
}

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void lib_sort(u32 index)
{
	int v[13];

	for (int n = 0; n <= 13; n++) {
		for (int i = 0; i < n; i++)
			v[i] = (i * 7 + 3) % 13;
		sort(v, (size_t)n, sizeof(v[0]), by_value, NULL);
		for (int i = 1; i < n; i++)
			CUT_CHECK(v[i - 1] <= v[i]);
	}
}
