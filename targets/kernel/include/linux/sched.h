/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/sched.h>: a task_struct is what the services above the waist
 * know of a task. Sleeping is the kernel's own protocol: set a state, test the
 * condition, schedule(); a waker sets the state back. A state set too late
 * loses the wakeup here as it does there, which is the point.
 * Not modelled: priorities, CPUs (a task is its own), signals but the fatal one.
 */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>

#define TASK_RUNNING		0x00u
#define TASK_INTERRUPTIBLE	0x01u
#define TASK_UNINTERRUPTIBLE	0x02u
#define TASK_WAKEKILL		0x100u
#define TASK_IDLE		TASK_UNINTERRUPTIBLE
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

#define PF_EXITING	0x00000004
#define PF_KTHREAD	0x00200000
#define PF_MEMALLOC	0x00000800

struct mm_struct;

struct task_struct {
	u32 __state;		/* the word schedule() sleeps on */
	int pid;		/* the task's number in the waist */
	unsigned int flags;
	int preempt_count;	/* not 0: atomic, must not sleep */
	int irq_count;		/* not 0: called as an interrupt handler */
	int rcu_read_lock_nesting;
	u32 rcu_idx;		/* which count this RCU reader is in */
	const char *comm;
	struct mm_struct *mm, *active_mm;

	/* kthreads */
	bool kthread_stop;
	int kthread_task;	/* as its maker knows it */
	int exit_code;
	int (*threadfn)(void *data);
	void *thread_data;

	/* lockdep */
	u32 nr_held;
	u32 nest;		/* lockdep_nest() said so */
	struct held_lock held[LOCKDEP_DEPTH];
};

/* Needs kernel_boot(), and kernel_task_begin() on program tasks. */
static inline struct task_struct *get_current(void)
{
	return rt_own_private();
}
#define current		get_current()

#define task_pid_nr(t)		((t)->pid)
#define smp_processor_id()	rt_self()
#define raw_smp_processor_id()	rt_self()

#define set_current_state(s) do {					\
	u32 *state_ = &current->__state;				\
									\
	rt_point(RT_SITE(RT_STORE, "set_current_state", #s), state_);	\
	__atomic_store_n(state_, s, __ATOMIC_SEQ_CST);			\
} while (0)
#define __set_current_state(s) \
	__atomic_store_n(&current->__state, s, __ATOMIC_RELAXED)

void schedule(void);
/* What is left of @timeout jiffies, 0 if it is over. The state must be set. */
long schedule_timeout(long timeout);
long schedule_timeout_uninterruptible(long timeout);
long schedule_timeout_killable(long timeout);
long schedule_timeout_interruptible(long timeout);
/* 1 if @p was asleep in one of the states. */
int wake_up_state(struct task_struct *p, unsigned int state);
int wake_up_process(struct task_struct *p);
int cond_resched(void);		/* always 0: nothing to say to the caller */
void yield(void);

#define cpu_relax()	rt_relax()

#endif /* _LINUX_SCHED_H */
