/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STUB of <linux/sched/task.h>: a task_struct lives as long as the execution,
 * so references to one need no counting.
 */
#ifndef _LINUX_SCHED_TASK_H
#define _LINUX_SCHED_TASK_H

#include <linux/sched.h>

#define get_task_struct(t)	(t)
#define put_task_struct(t)	((void)(t))

#endif /* _LINUX_SCHED_TASK_H */
