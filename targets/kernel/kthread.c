// SPDX-License-Identifier: GPL-2.0
/*
 * kthread: tasks of the kernel's own, role K, asked to stop and waited for.
 */
#include <linux/kthread.h>
#include "targets/kernel/internal.h"

static void kthread(void *arg)
{
	struct task_struct *t = arg;

	task_enter(t);
	t->exit_code = t->threadfn(t->thread_data);
	task_leave();
}

struct task_struct *kthread_run_(int (*fn)(void *data), void *data,
				 const char *name)
{
	struct task_struct *t = task_new(name, PF_KTHREAD);
	int task;

	t->threadfn = fn;
	t->thread_data = data;
	task = rt_spawn('K', name, kthread, t);
	if (task < 0)
		return ERR_PTR(-ENOMEM);
	t->kthread_task = task_number(task);
	return t;
}

bool kthread_should_stop(void)
{
	rt_point(RT_SITE(RT_LOAD, "kthread_should_stop", NULL),
		 &current->__state);
	return __atomic_load_n(&current->kthread_stop, __ATOMIC_ACQUIRE);
}

int kthread_stop(struct task_struct *k)
{
	might_sleep();
	rt_point(RT_SITE(RT_STORE, "kthread_stop", NULL),
		 &k->__state);
	__atomic_store_n(&k->kthread_stop, true, __ATOMIC_SEQ_CST);
	wake_up_state(k, TASK_NORMAL);
	rt_join(k->kthread_task);
	return k->exit_code;
}

/* At halt: one that was never told to stop hangs us, and the report names it. */
void kthreads_join(void)
{
	for (int task = 0; task < sched_nr_tasks(); task++)
		if (rt_role(task) == 'K')
			rt_join(task);
}
