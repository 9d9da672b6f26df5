/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/sched/signal.h>: the only signal is the fatal one, sent
 * through the waist (rt_kill).
 */
#ifndef _LINUX_SCHED_SIGNAL_H
#define _LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

static inline int fatal_signal_pending(struct task_struct *p)
{
	return rt_killed(p->pid);
}

static inline int signal_pending(struct task_struct *p)
{
	return rt_killed(p->pid);
}

static inline int signal_pending_state(unsigned int state, struct task_struct *p)
{
	return (state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) &&
	       rt_killed(p->pid);
}

#endif /* _LINUX_SCHED_SIGNAL_H */
