// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_sched: which group runs, and when its VM is active.
 *
 * Models drivers/gpu/drm/panthor/panthor_sched.c, 6.12, as far as panthor_sched.h
 * says; spec panthor.md 4, 5, 12.
 *
 * A resident group holds its VM active. A group whose VM faulted, or of which a
 * job died, is killed: its jobs are signalled with an error and it leaves its
 * slot, which makes the VM idle; the next job makes it active again, and that
 * repairs the address space. Upstream user space makes a new group for that.
 *
 * Differences:
 *  - No priorities and no time slices: a group that has nothing to run gives its
 *    slot to one that has. A job's time is up when the program says so.
 *  - That the device is gone is no reason for a reset. Upstream asks for one, and
 *    its work finds the device gone.
 */
#include <linux/errno.h>

#include "targets/panthor/panthor_sched.h"

#define HALT_NS		200000000ull	/* for a slot to finish what it runs */

/* -- residency; sched.lock held -- */

static bool vm_resident(struct panthor_scheduler *sched, struct panthor_vm *vm)
{
	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		if (sched->csg[i].group && sched->csg[i].group->vm == vm)
			return true;
	return false;
}

static int group_bind_locked(struct panthor_group *group,
			     struct panthor_csg_slot *csg)
{
	struct panthor_device *ptdev = csg->ptdev;
	struct panthor_scheduler *sched = ptdev->scheduler;
	int ret = 0;

	if (ptdev->form->counted || !vm_resident(sched, group->vm))
		ret = panthor_vm_active(group->vm);
	if (ret)
		return ret;
	refcount_inc(&group->refcount);
	group->csg_id = (int)csg->index;
	spin_lock(&sched->rings);
	csg->group = group;
	csg->as = (u32)panthor_vm_as(group->vm);
	csg->context = __atomic_load_n(&group->vm->heap_va, __ATOMIC_RELAXED);
	csg->halted = false;
	__atomic_store_n(&csg->terminate, 0, __ATOMIC_RELAXED);
	spin_unlock(&sched->rings);
	panthor_csg_ring_doorbell(csg);
	return 0;
}

/* Nothing of the group runs any more, or is about to die with the hardware. */
static void group_unbind_locked(struct panthor_group *group)
{
	struct panthor_vm *vm = group->vm;
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_scheduler *sched = ptdev->scheduler;
	struct panthor_csg_slot *csg = &sched->csg[group->csg_id];

	if (csg->context)
		panthor_csg_save(csg, HALT_NS);
	spin_lock(&sched->rings);
	csg->group = NULL;
	group->fatal = false;
	spin_unlock(&sched->rings);
	group->csg_id = -1;
	if (ptdev->form->counted || !vm_resident(sched, vm) ||
	    mutated(v2_idle_ignores_others))
		panthor_vm_idle(vm);
	panthor_group_put(group);
}

/* Finished jobs of all slots. */
static void take_finished(struct panthor_scheduler *sched,
			  struct list_head *jobs)
{
	spin_lock(&sched->rings);
	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		list_splice_tail_init(&sched->csg[i].finished, jobs);
	spin_unlock(&sched->rings);
}

/* -- the tick -- */

struct csg_state {
	bool queued, running, dead;
};

static struct csg_state csg_state(struct panthor_scheduler *sched,
				  struct panthor_csg_slot *csg)
{
	struct panthor_group *group = csg->group;
	struct csg_state s = { .queued = false };

	if (!group)
		return s;
	spin_lock(&sched->rings);
	s.running = csg->running;
	s.queued = !list_empty(&group->jobs);
	s.dead = group->fatal || group->destroyed ||
		 panthor_vm_has_unhandled_faults(group->vm);
	/* From here on it begins nothing. */
	if (s.dead)
		csg->halted = true;
	spin_unlock(&sched->rings);
	return s;
}

/* A group that has something to run and no slot. */
static struct panthor_group *group_next(struct panthor_scheduler *sched)
{
	struct panthor_group *found = NULL;

	mutex_lock(&sched->groups_lock);
	for (u32 i = 0; i < PANTHOR_GROUPS && !found; i++) {
		struct panthor_group *group = sched->groups[i];

		if (!group || group->csg_id >= 0)
			continue;
		spin_lock(&sched->rings);
		if (!list_empty(&group->jobs))
			found = group;
		spin_unlock(&sched->rings);
	}
	if (found)
		refcount_inc(&found->refcount);
	mutex_unlock(&sched->groups_lock);
	return found;
}

static void kill_dead(struct panthor_scheduler *sched, struct list_head *jobs)
{
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &sched->csg[i];
		struct csg_state s = csg_state(sched, csg);

		if (!s.dead)
			continue;
		/* While its last access dies, the slot is not free. */
		if (s.running) {
			panthor_csg_terminate(csg);
			continue;
		}
		panthor_group_take_jobs(csg->group, jobs);
		group_unbind_locked(csg->group);
	}
}

/* A slot with no group, or whose group has nothing to run. */
static struct panthor_csg_slot *csg_free(struct panthor_scheduler *sched)
{
	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		if (!sched->csg[i].group)
			return &sched->csg[i];
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &sched->csg[i];
		struct csg_state s = csg_state(sched, csg);

		if (s.queued || s.running || s.dead)
			continue;
		group_unbind_locked(csg->group);
		return csg;
	}
	return NULL;
}

static void tick_locked(struct panthor_device *ptdev, struct list_head *dead)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	if (sched->stopped || sched->unplugged)
		return;
	kill_dead(sched, dead);
	for (;;) {
		struct panthor_group *group = group_next(sched);
		struct panthor_csg_slot *csg = group ? csg_free(sched) : NULL;
		int ret = csg ? group_bind_locked(group, csg) : -EAGAIN;

		if (group)
			panthor_group_put(group);
		if (ret && csg && ret != -ENODEV)
			panthor_device_schedule_reset(ptdev);
		if (ret)
			return;
	}
}

void panthor_sched_tick(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	LIST_HEAD(finished);
	LIST_HEAD(dead);

	mutex_lock(&sched->lock);
	take_finished(sched, &finished);
	tick_locked(ptdev, &dead);
	mutex_unlock(&sched->lock);
	panthor_jobs_signal(ptdev, &finished, 0);
	panthor_jobs_signal(ptdev, &dead, -EIO);
}

static void tick_work(struct work_struct *work)
{
	struct panthor_scheduler *sched =
		container_of(work, struct panthor_scheduler, tick_work);

	panthor_sched_tick(sched->ptdev);
}

static void process_fw_events_work(struct work_struct *work)
{
	struct panthor_scheduler *sched =
		container_of(work, struct panthor_scheduler, fw_events_work);

	panthor_fw_read_events(sched->ptdev);
	panthor_sched_tick(sched->ptdev);
}

void panthor_sched_report_mmu_fault(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	if (sched)
		schedule_work(&sched->tick_work);
}

void panthor_sched_report_fw_events(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	spin_lock(&sched->rings);
	if (!sched->fw_events_disabled)
		schedule_work(&sched->fw_events_work);
	spin_unlock(&sched->rings);
}

void panthor_sched_time_out(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	mutex_lock(&sched->lock);
	spin_lock(&sched->rings);
	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		if (sched->csg[i].group && sched->csg[i].running)
			sched->csg[i].group->fatal = true;
	spin_unlock(&sched->rings);
	schedule_work(&sched->tick_work);
	mutex_unlock(&sched->lock);
}

/* A slot with a group of @vm that has to leave it, or NULL. */
static struct panthor_csg_slot *csg_doomed(struct panthor_scheduler *sched,
					   const struct panthor_vm *vm)
{
	struct panthor_csg_slot *found = NULL;

	mutex_lock(&sched->lock);
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_group *group = sched->csg[i].group;

		if (group && group->vm == vm && group->destroyed)
			found = &sched->csg[i];
	}
	mutex_unlock(&sched->lock);
	return found;
}

/*
 * The firmware writes to a group's VM when the group leaves its slot. Who ends
 * in order destroys the groups before the VM, so the tick that takes them out is
 * on its way; but what still runs there ends first.
 */
void panthor_sched_prepare_for_vm_destruction(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_scheduler *sched = ptdev->scheduler;
	struct panthor_csg_slot *csg;

	flush_work(&sched->tick_work);
	while ((csg = csg_doomed(sched, vm))) {
		panthor_csg_wait(csg, HALT_NS);
		panthor_sched_tick(ptdev);
	}
}

long panthor_sched_idle(struct panthor_device *ptdev, u32 handle)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	long ret = -EBUSY;

	mutex_lock(&sched->lock);
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &sched->csg[i];
		struct csg_state s;

		if (!csg->group || csg->group->handle != handle)
			continue;
		s = csg_state(sched, csg);
		if (s.queued || s.running || s.dead)
			continue;
		group_unbind_locked(csg->group);
		ret = 0;
	}
	mutex_unlock(&sched->lock);
	return ret;
}

/* -- the device stops and goes on -- */

/*
 * Every group leaves its slot. What still runs after HALT_NS hangs in a fault
 * nobody could handle, and dies with the hardware: its slot is marked.
 */
static void stop_all(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	LIST_HEAD(jobs);

	mutex_lock(&sched->lock);
	sched->stopped = true;
	for (u32 i = 0; i < PANTHOR_CSGS; i++) {
		struct panthor_csg_slot *csg = &sched->csg[i];

		if (!csg->group)
			continue;
		spin_lock(&sched->rings);
		csg->halted = true;
		spin_unlock(&sched->rings);
		panthor_csg_wait(csg, HALT_NS);
		/* Nobody finds it any more but through its slot. */
		if (csg->group->destroyed)
			panthor_group_take_jobs(csg->group, &jobs);
		group_unbind_locked(csg->group);
	}
	mutex_unlock(&sched->lock);
	panthor_jobs_signal(ptdev, &jobs, -ECANCELED);
}

static void go_on(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	mutex_lock(&sched->lock);
	sched->stopped = false;
	mutex_unlock(&sched->lock);
	schedule_work(&sched->tick_work);
}

void panthor_sched_suspend(struct panthor_device *ptdev)
{
	if (!mutated(pt_suspend_skips_sched))
		stop_all(ptdev);
}

void panthor_sched_resume(struct panthor_device *ptdev)
{
	go_on(ptdev);
}

void panthor_sched_pre_reset(struct panthor_device *ptdev)
{
	stop_all(ptdev);
}

void panthor_sched_post_reset(struct panthor_device *ptdev)
{
	go_on(ptdev);
}

void panthor_sched_unplug(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;

	stop_all(ptdev);
	mutex_lock(&sched->lock);
	sched->unplugged = true;
	mutex_unlock(&sched->lock);
}

void panthor_sched_unplugged(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = ptdev->scheduler;
	LIST_HEAD(jobs);

	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		panthor_csg_wait(&sched->csg[i], RT_FOREVER);
	mutex_lock(&sched->lock);
	take_finished(sched, &jobs);
	mutex_lock(&sched->groups_lock);
	for (u32 i = 0; i < PANTHOR_GROUPS; i++)
		if (sched->groups[i])
			panthor_group_take_jobs(sched->groups[i], &jobs);
	mutex_unlock(&sched->groups_lock);
	mutex_unlock(&sched->lock);
	panthor_jobs_signal(ptdev, &jobs, -ECANCELED);
}

void panthor_sched_init(struct panthor_device *ptdev)
{
	struct panthor_scheduler *sched = rt_alloc(sizeof(*sched));

	BUG_ON(!sched);
	sched->ptdev = ptdev;
	mutex_init(&sched->lock);
	spin_lock_init(&sched->rings);
	mutex_init(&sched->groups_lock);
	INIT_WORK(&sched->tick_work, tick_work);
	INIT_WORK(&sched->fw_events_work, process_fw_events_work);
	ptdev->scheduler = sched;
	panthor_csg_init(ptdev);
}

/* Everything was unplugged. */
void panthor_sched_fini(struct panthor_device *ptdev)
{
	for (u32 i = 0; i < PANTHOR_GROUPS; i++)
		panthor_group_destroy(ptdev, i);
	panthor_csg_fini(ptdev);
}
