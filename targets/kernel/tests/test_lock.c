// SPDX-License-Identifier: GPL-2.0
/*
 * test_lock: spinlock, mutex, rwsem, atomics. A critical section is a flag that
 * must be clear on entry, with switch points between setting and clearing it.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include "targets/kernel/tests/kernel_test.h"

static struct {
	struct mutex mutex;
	spinlock_t spin;
	struct rw_semaphore sem;
	struct completion done;
	int inside, readers;
	int victim;		/* task to be killed, plus one */
	atomic_t count;
	int plain;
} s __machine;

static DEFINE_MUTEX(static_mutex);
static DEFINE_SPINLOCK(static_spin);

void lock_boot(void)
{
	mutex_init(&s.mutex);
	spin_lock_init(&s.spin);
	init_rwsem(&s.sem);
	init_completion(&s.done);
}

void lock_halt(void)
{
	CUT_CHECK(!mutex_is_locked(&s.mutex));
	CUT_CHECK(!spin_is_locked(&s.spin));
	CUT_CHECK(!rwsem_is_locked(&s.sem));
	CUT_CHECK(!s.inside && !s.readers);
	mutex_destroy(&s.mutex);
}

static void section(void)
{
	CUT_CHECK(!READ_ONCE(s.inside));
	WRITE_ONCE(s.inside, 1);
	CUT_CHECK(READ_ONCE(s.inside) == 1);
	WRITE_ONCE(s.inside, 0);
}

void lock_mutex_excludes(u32 index)
{
	for (int i = 0; i < 2; i++) {
		mutex_lock(&s.mutex);
		section();
		mutex_unlock(&s.mutex);
	}
}

void lock_mutex_trylock(u32 index)
{
	if (!mutex_trylock(&s.mutex)) {
		CUT_SEEN("trylock failed");
		return;
	}
	section();
	mutex_unlock(&s.mutex);
}

/* The holder of the lock waits for the other to give up. */
static void kill_waiter(void)
{
	int victim;

	while (!(victim = READ_ONCE(s.victim)))
		cpu_relax();
	rt_kill(victim - 1);
	wait_for_completion(&s.done);
}

static void report_killed(int err)
{
	CUT_CHECK(err == 0 || err == -EINTR);
	if (err)
		CUT_SEEN("gave up");
	complete(&s.done);
}

static void mutex_gives_up(u32 index, int (*lock)(struct mutex *lock))
{
	int err;

	if (index == 0) {
		mutex_lock(&s.mutex);
		kill_waiter();
		mutex_unlock(&s.mutex);
		return;
	}
	WRITE_ONCE(s.victim, rt_self() + 1);
	err = lock(&s.mutex);
	if (!err)
		mutex_unlock(&s.mutex);
	report_killed(err);
}

void lock_mutex_killable(u32 index)
{
	mutex_gives_up(index, mutex_lock_killable);
}

void lock_mutex_interruptible(u32 index)
{
	mutex_gives_up(index, mutex_lock_interruptible);
}

void lock_mutex_destroy_held(u32 index)
{
	mutex_lock(&s.mutex);
	mutex_destroy(&s.mutex);
	mutex_unlock(&s.mutex);
}

void lock_spin_excludes(u32 index)
{
	spin_lock(&s.spin);
	section();
	spin_unlock(&s.spin);
}

void lock_spin_trylock(u32 index)
{
	if (!spin_trylock(&s.spin)) {
		CUT_SEEN("trylock failed");
		return;
	}
	section();
	spin_unlock(&s.spin);
}

void lock_nothing_excludes(u32 index)
{
	section();
}

void lock_static(u32 index)
{
	mutex_lock(&static_mutex);
	spin_lock(&static_spin);
	section();
	spin_unlock(&static_spin);
	mutex_unlock(&static_mutex);
}

static void read_section(void)
{
	__atomic_fetch_add(&s.readers, 1, __ATOMIC_RELAXED);
	CUT_CHECK(!READ_ONCE(s.inside));
	if (READ_ONCE(s.readers) > 1)
		CUT_SEEN("two readers");
	__atomic_fetch_sub(&s.readers, 1, __ATOMIC_RELAXED);
}

/* P0 writes, the others read. */
void lock_rwsem_excludes(u32 index)
{
	if (index == 0) {
		down_write(&s.sem);
		CUT_CHECK(!READ_ONCE(s.readers));
		section();
		CUT_CHECK(!READ_ONCE(s.readers));
		up_write(&s.sem);
		return;
	}
	down_read(&s.sem);
	read_section();
	up_read(&s.sem);
}

void lock_rwsem_shares(u32 index)
{
	down_read(&s.sem);
	read_section();
	up_read(&s.sem);
}

void lock_rwsem_trylock(u32 index)
{
	if (index == 0) {
		down_read(&s.sem);
		read_section();
		up_read(&s.sem);
		return;
	}
	if (!down_write_trylock(&s.sem)) {
		CUT_SEEN("trylock failed");
		CUT_CHECK(down_read_trylock(&s.sem));
		up_read(&s.sem);
		return;
	}
	section();
	up_write(&s.sem);
}

void lock_rwsem_killable(u32 index)
{
	int err;

	if (index == 0) {
		down_read(&s.sem);
		kill_waiter();
		up_read(&s.sem);
		return;
	}
	WRITE_ONCE(s.victim, rt_self() + 1);
	err = down_write_killable(&s.sem);
	if (!err)
		up_write(&s.sem);
	report_killed(err);
}

void lock_rwsem_read_killable(u32 index)
{
	int err;

	if (index == 0) {
		down_write(&s.sem);
		kill_waiter();
		up_write(&s.sem);
		return;
	}
	WRITE_ONCE(s.victim, rt_self() + 1);
	err = down_read_killable(&s.sem);
	if (!err)
		up_read(&s.sem);
	report_killed(err);
}

/* Hangs if the reader is kept out of a lock that was downgraded. */
void lock_downgrade(u32 index)
{
	if (index == 0) {
		down_write(&s.sem);
		section();
		downgrade_write(&s.sem);
		lockdep_assert_held_read(&s.sem);
		wait_for_completion(&s.done);
		up_read(&s.sem);
		return;
	}
	down_read(&s.sem);
	read_section();
	complete(&s.done);
	up_read(&s.sem);
}

void lock_atomic_counts(u32 index)
{
	atomic_inc(&s.count);
	CUT_CHECK(atomic_add_return(2, &s.count) >= 3);
	CUT_CHECK(atomic_sub_return(1, &s.count) >= 2);
	CUT_CHECK(atomic_add_unless(&s.count, 1, 0));
	atomic_dec(&s.count);
}

void lock_atomic_counts_halt(void)
{
	CUT_CHECK(atomic_read(&s.count) + s.plain == 6);
}

void lock_once_loses(u32 index)
{
	for (int i = 0; i < 2; i++)
		WRITE_ONCE(s.plain, READ_ONCE(s.plain) + 1);
}
