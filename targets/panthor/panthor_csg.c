// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_csg: a firmware slot, and the part of the GPU that runs what is in it.
 *
 * MODEL. Task G0, G1: take the oldest job of the resident group, make its access
 * through the address space that was programmed with the group, say that it is
 * over. A job that died stops its group until the driver has taken the group out
 * of the slot. A group that is to be terminated is not waited for: an access of
 * it that stalls is given up.
 *
 * A group that leaves its slot has its context saved: a write to its VM, at the
 * address of the heap the VM had when the group came.
 */
#include <linux/errno.h>

#include "targets/kernel/kernel.h"
#include "targets/panthor/panthor_sched.h"

/* The next job to run, or NULL; *@save: there is a context to be written. */
static struct panthor_job *csg_take(struct panthor_csg_slot *csg, u32 *as,
				    bool *save)
{
	struct panthor_scheduler *sched = csg->ptdev->scheduler;
	struct panthor_job *job = NULL;

	spin_lock(&sched->rings);
	*save = csg->save;
	csg->save = false;
	if (csg->group && !csg->halted && !csg->group->fatal)
		job = list_first_entry_or_null(&csg->group->jobs,
					       struct panthor_job, node);
	if (job) {
		list_del_init(&job->node);
		csg->running = job;
		__atomic_store_n(&csg->busy, 1, __ATOMIC_RELAXED);
		*as = csg->as;
	}
	spin_unlock(&sched->rings);
	return job;
}

static void csg_finish(struct panthor_csg_slot *csg, struct panthor_job *job,
		       int err)
{
	struct panthor_scheduler *sched = csg->ptdev->scheduler;

	spin_lock(&sched->rings);
	job->err = err;
	/* If it left the slot, what its job died of is over. */
	if (err && csg->group == job->group)
		job->group->fatal = true;
	csg->running = NULL;
	list_add_tail(&job->node, &csg->finished);
	__atomic_store_n(&csg->busy, 0, __ATOMIC_RELEASE);
	spin_unlock(&sched->rings);
	rt_wake(&csg->busy, ~0u);
	panthor_sched_report_fw_events(csg->ptdev);
}

/* The group stays where it is until this is over: see panthor_csg_save(). */
static void csg_write_context(struct panthor_csg_slot *csg)
{
	const struct panthor_group *group = csg->group;
	u32 vm = group->vm->id;
	int err;

	view_emit(EV_csg_save, group->id, csg->context, vm << 8 | csg->as);
	err = hw_gpu_access(vm, csg->as, csg->context, HW_WRITE, group->id,
			    &csg->terminate);
	view_emit(EV_csg_saved, group->id, vm, (u64)-err);
	__atomic_store_n(&csg->busy, 0, __ATOMIC_RELEASE);
	rt_wake(&csg->busy, ~0u);
}

static void csg_task(void *arg)
{
	struct panthor_csg_slot *csg = arg;
	u32 seen = 0;

	kernel_task_begin("gpu");
	for (;;) {
		struct panthor_job *job;
		u32 rung, as = 0;
		bool save;

		rt_point(RT_SITE(RT_WAIT, "gpu_wait", NULL), csg);
		if (__atomic_load_n(&csg->stop, __ATOMIC_ACQUIRE))
			break;
		rung = __atomic_load_n(&csg->doorbell, __ATOMIC_ACQUIRE);
		if (rung == seen) {
			rt_wait(&csg->doorbell, rung, RT_FOREVER, 0);
			continue;
		}
		job = csg_take(csg, &as, &save);
		if (save) {
			csg_write_context(csg);
			continue;
		}
		if (!job) {
			seen = rung;
			continue;
		}
		csg_finish(csg, job, hw_gpu_access(job->vm, as, job->va,
						   job->access, job->value,
						   &csg->terminate));
	}
	kernel_task_end();
}

void panthor_csg_ring_doorbell(struct panthor_csg_slot *csg)
{
	rt_point(RT_SITE(RT_WAKE, "ring_doorbell", NULL), csg);
	__atomic_add_fetch(&csg->doorbell, 1, __ATOMIC_RELEASE);
	rt_wake(&csg->doorbell, 1);
}

void panthor_csg_terminate(struct panthor_csg_slot *csg)
{
	rt_point(RT_SITE(RT_STORE, "csg_terminate", NULL), csg);
	if (!__atomic_exchange_n(&csg->terminate, 1, __ATOMIC_ACQ_REL))
		hw_gpu_kick(csg->as);
}

int panthor_csg_wait(struct panthor_csg_slot *csg, u64 ns)
{
	u64 until = ns == RT_FOREVER ? ns : 0;

	for (;;) {
		rt_point(RT_SITE(RT_WAIT, "csg_wait", NULL), csg);
		if (!__atomic_load_n(&csg->busy, __ATOMIC_ACQUIRE))
			return 0;
		if (!until)
			until = rt_now() + ns;
		if (rt_wait(&csg->busy, 1, until, 0) == RT_TIMEOUT)
			return __atomic_load_n(&csg->busy, __ATOMIC_ACQUIRE) ?
			       -ETIMEDOUT : 0;
	}
}

void panthor_csg_save(struct panthor_csg_slot *csg, u64 ns)
{
	struct panthor_scheduler *sched = csg->ptdev->scheduler;
	bool hangs;

	spin_lock(&sched->rings);
	hangs = csg->running;
	if (!hangs) {
		csg->halted = true;
		csg->save = true;
		__atomic_store_n(&csg->busy, 1, __ATOMIC_RELAXED);
	}
	spin_unlock(&sched->rings);
	if (hangs)
		return;
	panthor_csg_ring_doorbell(csg);
	if (!panthor_csg_wait(csg, ns))
		return;
	panthor_csg_terminate(csg);
	panthor_csg_wait(csg, RT_FOREVER);
}

void panthor_csg_init(struct panthor_device *ptdev)
{
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &ptdev->scheduler->csg[i];

		csg->ptdev = ptdev;
		csg->index = i;
		INIT_LIST_HEAD(&csg->finished);
		csg->task = rt_spawn('G', "gpu", csg_task, csg);
		BUG_ON(csg->task < 0);
		rt_set_daemon(csg->task);
	}
}

void panthor_csg_fini(struct panthor_device *ptdev)
{
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &ptdev->scheduler->csg[i];

		__atomic_store_n(&csg->stop, 1, __ATOMIC_RELEASE);
		panthor_csg_ring_doorbell(csg);
		rt_join(csg->task);
	}
}
