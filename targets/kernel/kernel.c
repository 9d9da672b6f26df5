// SPDX-License-Identifier: GPL-2.0
/*
 * kernel: boot, quiesce and halt of the kernel services.
 *
 * System tasks are spawned in one order, because a task's number and name are
 * part of every schedule: W0 the system workqueue, R0 RCU, T0 timers if asked
 * for. They take one step to park and another to end.
 */
#include <linux/rcupdate.h>
#include "targets/kernel/internal.h"
#include "targets/kernel/kernel.h"
#include "targets/kernel/slab_object.h"

static bool booted __machine, timers __machine;

void kernel_boot(unsigned int flags)
{
	if (booted) {
		if ((flags & KERNEL_TIMERS) && !timers)
			timers_boot(true);
		timers |= flags & KERNEL_TIMERS;
		fault_inject_boot(flags);
		return;
	}
	booted = true;
	timers = flags & KERNEL_TIMERS;
	lockdep_boot();
	fault_inject_boot(flags);
	kernel_task_begin("main");
	workqueue_boot();
	rcu_boot();
	timers_boot(timers);
}

/*
 * Works queue callbacks, callbacks and works queue works, so until none is left.
 * The queues are looked at one after the other: each may have been idle when it
 * was looked at, and the work of a later one have queued something there since.
 * So it counts only if nothing was queued while they were looked at.
 */
void kernel_quiesce(void)
{
	u32 inserted;

	do {
		inserted = workqueue_inserted();
		workqueue_wait_idle();
		if (!rcu_idle())
			rcu_barrier();
	} while (!workqueue_idle() || !rcu_idle() ||
		 workqueue_inserted() != inserted);
}

void kernel_halt(void)
{
	if (!booted)
		return;
	booted = false;
	kthreads_join();
	kernel_quiesce();
	timers_halt();
	kernel_quiesce();
	workqueue_halt();
	rcu_halt();
	slab_objects_check();
	kernel_task_idle_check();
}
