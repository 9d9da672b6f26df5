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

/* Works queue callbacks and callbacks queue works, so until both have none. */
void kernel_quiesce(void)
{
	while (!workqueue_idle() || !rcu_idle()) {
		workqueue_wait_idle();
		if (!rcu_idle())
			rcu_barrier();
	}
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
	slab_halt();
	kernel_task_idle_check();
}
