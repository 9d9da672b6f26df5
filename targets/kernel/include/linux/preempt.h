/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/preempt.h>: being atomic is a count, and what it forbids is
 * sleeping. A task is its own CPU here, so that preemption by another task
 * never takes a per-cpu object away, and preempt_disable() need not prevent it.
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/irqflags.h>
#include <linux/sched.h>

#define preempt_count()		(current->preempt_count)
#define preempt_disable()	((void)current->preempt_count++)
#define preempt_enable()	((void)current->preempt_count--)
#define in_atomic()		(current->preempt_count != 0)
#define in_task()		(current->irq_count == 0)
#define in_interrupt()		(current->irq_count != 0)
#define in_hardirq()		in_interrupt()
#define local_irq_disable()	preempt_disable()
#define local_irq_enable()	preempt_enable()

/* Around what a device model calls in interrupt context on this task. */
#define irq_enter() do { current->irq_count++; preempt_disable(); } while (0)
#define irq_exit() do { preempt_enable(); current->irq_count--; } while (0)

#endif /* _LINUX_PREEMPT_H */
