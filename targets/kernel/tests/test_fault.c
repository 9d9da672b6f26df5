// SPDX-License-Identifier: GPL-2.0
/*
 * test_fault.c: a trylock that fails and a sleep that ends for no reason, when
 * asked for; alone in the machine, so that nothing else can be the cause.
 */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "targets/kernel/kernel.h"
#include "targets/kernel/tests/kernel_test.h"

static struct {
	struct mutex mutex;
	struct rw_semaphore sem;
	spinlock_t lock;
	wait_queue_head_t queue;
	u32 ready;
} s __machine;

static void make_locks(void)
{
	mutex_init(&s.mutex);
	init_rwsem(&s.sem);
	spin_lock_init(&s.lock);
	init_waitqueue_head(&s.queue);
}

void fault_trylock_boot(void)
{
	kernel_boot(KERNEL_FAULT_TRYLOCK);
	make_locks();
}

void fault_wake_boot(void)
{
	kernel_boot(KERNEL_FAULT_WAKE);
	make_locks();
}

/* Every kind; what is taken is given back. */
void fault_trylock(u32 index)
{
	u32 taken = 0;

	if (mutex_trylock(&s.mutex)) {
		mutex_unlock(&s.mutex);
		taken++;
	}
	if (down_read_trylock(&s.sem)) {
		up_read(&s.sem);
		taken++;
	}
	if (down_write_trylock(&s.sem)) {
		up_write(&s.sem);
		taken++;
	}
	if (spin_trylock(&s.lock)) {
		spin_unlock(&s.lock);
		taken++;
	}
	if (taken < 4)
		CUT_SEEN("a trylock of a free lock failed");
}

/* schedule() may return at once; wait_event() looks again and sleeps on. */
void fault_wake(u32 index)
{
	if (index) {
		WRITE_ONCE(s.ready, 1);
		wake_up(&s.queue);
		return;
	}
	set_current_state(TASK_UNINTERRUPTIBLE);
	if (!READ_ONCE(s.ready))
		schedule_timeout(1);
	if (!READ_ONCE(s.ready))
		CUT_SEEN("a sleep ended before its time");
	wait_event(s.queue, READ_ONCE(s.ready));
	CUT_CHECK(READ_ONCE(s.ready));
}
