// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_group: groups and their jobs, as programs have them.
 *
 * Models what of drivers/gpu/drm/panthor/panthor_sched.c, 6.12, makes, finds and
 * ends groups and jobs, and signals a job's fence; when a group runs is
 * panthor_sched.c's. Locks: see panthor_sched.h.
 *
 * Differences:
 *  - Jobs hold power (upstream: the scheduler, while any group has work).
 *  - A group's handle is published when the group is complete.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/panthor_sched.h"

/* A group has a reference of its VM, so that its jobs have a VM. */
static bool keeps_vm(void)
{
	return !mutated(pt_group_borrows_vm);
}

/* -- jobs -- */

static void job_put(struct panthor_job *job)
{
	if (refcount_dec_and_test(&job->refcount))
		kfree(job);
}

void panthor_group_put(struct panthor_group *group)
{
	if (!refcount_dec_and_test(&group->refcount))
		return;
	if (keeps_vm())
		panthor_vm_put(group->vm);
	kfree(group);
}

/* The fence of a job that is on no list any more. Needs no lock. */
static void job_signal(struct panthor_device *ptdev, struct panthor_job *job)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	rt_point(RT_SITE(RT_WAKE, "job_signal", NULL), job);
	__atomic_store_n(&job->done, 1, __ATOMIC_RELEASE);
	view_emit(EV_vm_job_done, job->id, job->vm, (u64)-job->err);
	rt_wake(&job->done, ~0u);
	panthor_group_put(job->group);
	job_put(job);
	panthor_device_put(ptdev);
	if (!__atomic_sub_fetch(&sched->unsignalled, 1, __ATOMIC_RELEASE))
		rt_wake(&sched->unsignalled, ~0u);
}

void panthor_jobs_signal(struct panthor_device *ptdev, struct list_head *jobs,
			 int err)
{
	struct panthor_job *job, *next;

	list_for_each_entry_safe(job, next, jobs, node) {
		list_del_init(&job->node);
		if (err)
			job->err = err;
		job_signal(ptdev, job);
	}
}

/* 0, or -ETIMEDOUT: it never will. */
static int wait_word(const u32 *word, u32 value)
{
	u64 until = 0;

	for (;;) {
		u32 v;

		rt_point(RT_SITE(RT_WAIT, "fence_wait", NULL), word);
		v = __atomic_load_n(word, __ATOMIC_ACQUIRE);
		if (v == value)
			return 0;
		if (!until)
			until = rt_now() + PANTHOR_FENCE_NS;
		if (rt_wait(word, v, until, 0) == RT_TIMEOUT)
			return -ETIMEDOUT;
	}
}

/* -- groups -- */

void panthor_group_take_jobs(struct panthor_group *group,
			     struct list_head *jobs)
{
	struct panthor_scheduler *sched = group->vm->ptdev->scheduler;

	spin_lock(&sched->rings);
	list_splice_tail_init(&group->jobs, jobs);
	spin_unlock(&sched->rings);
}

static struct panthor_group *group_get(struct panthor_scheduler *sched,
				       u32 handle)
{
	struct panthor_group *group;

	mutex_lock(&sched->groups_lock);
	group = sched->groups[handle];
	if (group)
		refcount_inc(&group->refcount);
	mutex_unlock(&sched->groups_lock);
	return group;
}

/* The handle is anybody's from here on. -EBUSY: it is taken. */
static long group_publish(struct panthor_scheduler *sched,
			  struct panthor_group *group)
{
	long ret = -EBUSY;

	mutex_lock(&sched->groups_lock);
	if (!sched->groups[group->handle]) {
		sched->groups[group->handle] = group;
		ret = 0;
	}
	mutex_unlock(&sched->groups_lock);
	return ret;
}

long panthor_group_create(struct panthor_device *ptdev, u32 handle, u32 vm)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	struct panthor_group *group;
	long ret = 0;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return -ENOMEM;
	refcount_set(&group->refcount, 1);
	INIT_LIST_HEAD(&group->jobs);
	group->handle = handle;
	group->id = __atomic_add_fetch(&sched->nr_groups, 1, __ATOMIC_RELAXED);
	group->csg_id = -1;
	group->vm = panthor_vm_pool_get_vm(ptdev, vm);
	if (!group->vm) {
		kfree(group);
		return -EINVAL;
	}
	if (!keeps_vm())
		panthor_vm_put(group->vm);
	if (mutated(pt_group_published_early))
		ret = group_publish(sched, group);
	/* What is left of the set-up: queues, a firmware buffer. */
	rt_point(RT_SITE(RT_STORE, "group_init", NULL), group);
	group->nr_queues = 1;
	if (!mutated(pt_group_published_early))
		ret = group_publish(sched, group);
	if (ret)
		panthor_group_put(group);
	return ret;
}

long panthor_group_destroy(struct panthor_device *ptdev, u32 handle)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	struct panthor_group *group;
	LIST_HEAD(jobs);

	mutex_lock(&sched->groups_lock);
	group = sched->groups[handle];
	sched->groups[handle] = NULL;
	mutex_unlock(&sched->groups_lock);
	if (!group)
		return -EINVAL;

	mutex_lock(&sched->lock);
	spin_lock(&sched->rings);
	group->destroyed = true;
	view_emit(EV_group_destroy, group->id, group->vm->id,
		  group->csg_id >= 0);
	spin_unlock(&sched->rings);
	/* A resident one is taken out by the tick, once it runs nothing. */
	if (group->csg_id < 0)
		panthor_group_take_jobs(group, &jobs);
	else
		schedule_work(&sched->tick_work);
	mutex_unlock(&sched->lock);
	panthor_jobs_signal(ptdev, &jobs, -ECANCELED);
	panthor_group_put(group);
	return 0;
}

/* sched.lock held; the job is the group's from here on, or an error. */
static int job_queue(struct panthor_scheduler *sched, struct panthor_job *job)
{
	struct panthor_group *group = job->group;

	if (sched->unplugged)
		return -ENODEV;
	if (group->destroyed)
		return -EINVAL;
	job->id = ++sched->nr_jobs;
	__atomic_add_fetch(&sched->unsignalled, 1, __ATOMIC_RELAXED);
	spin_lock(&sched->rings);
	list_add_tail(&job->node, &group->jobs);
	view_emit(EV_vm_job, job->id, job->vm, group->handle);
	spin_unlock(&sched->rings);
	if (group->csg_id >= 0)
		panthor_csg_ring_doorbell(&sched->csg[group->csg_id]);
	else
		schedule_work(&sched->tick_work);
	return 0;
}

static struct panthor_job *job_create(struct panthor_device *ptdev, u32 handle)
{
	struct panthor_group *group = group_get(ptdev->scheduler, handle);
	struct panthor_job *job;

	if (!group)
		return ERR_PTR(-EINVAL);
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job) {
		panthor_group_put(group);
		return ERR_PTR(-ENOMEM);
	}
	job->group = group;
	job->vm = group->vm->id;
	refcount_set(&job->refcount, 2);
	return job;
}

static long job_wait(struct panthor_job *job)
{
	if (wait_word(&job->done, 1)) {
		view_emit(EV_vm_job_late, job->id, job->vm, 0);
		return -ETIMEDOUT;
	}
	return job->err;
}

long panthor_submit(struct panthor_device *ptdev, u32 handle, u64 va,
		    enum hw_access access, u32 value, bool wait)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	struct panthor_job *job;
	long ret;

	ret = panthor_device_get(ptdev);
	if (ret)
		return ret;
	job = job_create(ptdev, handle);
	if (IS_ERR(job)) {
		panthor_device_put(ptdev);
		return PTR_ERR(job);
	}
	job->va = va;
	job->access = access;
	job->value = value;
	mutex_lock(&sched->lock);
	ret = job_queue(sched, job);
	mutex_unlock(&sched->lock);
	if (ret) {
		panthor_group_put(job->group);
		kfree(job);
		panthor_device_put(ptdev);
		return ret;
	}
	if (wait)
		ret = job_wait(job);
	job_put(job);
	return ret;
}

void panthor_sched_quiesce(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	if (wait_word(&sched->unsignalled, 0))
		view_emit(EV_vm_job_late, 0, 0, 0);
}
