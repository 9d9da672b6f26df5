/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/kthread.h>. A kthread is a task of role K. One that was not
 * stopped when the machine halts is a leak of a task and hangs the halt: the
 * deadlock report names it.
 */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

/* ERR_PTR(-ENOMEM) if there are no tasks left; @name is static. */
struct task_struct *kthread_run_(int (*fn)(void *data), void *data,
				 const char *name);
#define kthread_run(fn, data, name, ...)	kthread_run_(fn, data, name)
bool kthread_should_stop(void);
/* Asks, wakes, waits; what the thread function returned. */
int kthread_stop(struct task_struct *k);

#endif /* _LINUX_KTHREAD_H */
