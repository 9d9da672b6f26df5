// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_device: registers, power, reset, unplug.
 *
 * Models drivers/gpu/drm/panthor/panthor_device.c, 6.12; spec panthor.md 5.
 *
 * Differences:
 *  - Power: who needs it says so under pm.lock, and resumes; suspend is refused
 *    as long as somebody does. Upstream's runtime PM, without the delay.
 *  - Reset and suspend exclude each other by pm.lock.
 *  - Unplug takes its power before it marks the device: a suspend in between
 *    would find it marked, leave everything running and cut the power.
 *  - A command that hangs while the device goes is cured by a reset, each time:
 *    flushes are still made then, panthor_mmu_as.c. Upstream leaves out both.
 */
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/panthor.h"
#include "targets/panthor/panthor_mmu_as.h"
#include "targets/panthor/panthor_sched.h"
#include "targets/view_panthor.h"

const struct panthor_form panthor_form_t = {
	.name = "6.12", .counted = true, .flush = mmu_hw_do_operation_locked,
};
const struct panthor_form panthor_form_v2 = {
	.name = "v2", .counted = false, .flush = mmu_hw_do_operation_locked,
};

struct panthor_device *panthor __machine;

/* -- registers -- */

u8 panthor_device_context(struct panthor_device *ptdev, u8 context)
{
	u8 *mine = &ptdev->context[rt_self()], was = *mine;

	*mine = context;
	return was;
}

static void emit_access(struct panthor_device *ptdev, u32 reg, u32 value,
			u32 flags)
{
	flags |= ptdev->context[rt_self()];
	if (drm_dev_entered())
		flags |= VIEW_REG_ENTERED;
	if (hw_powered())
		flags |= VIEW_REG_POWERED;
	if (__atomic_load_n(&ptdev->unplug.over, __ATOMIC_RELAXED))
		flags |= VIEW_REG_GONE;
	view_emit(EV_as_reg, reg, value, flags);
}

u32 gpu_read(struct panthor_device *ptdev, u32 reg)
{
	u32 value;

	rt_point(RT_SITE(RT_LOAD, "gpu_read", NULL), ptdev);
	emit_access(ptdev, reg, 0, 0);
	value = hw_reg_read(reg);
	return value;
}

void gpu_write(struct panthor_device *ptdev, u32 reg, u32 data)
{
	rt_point(RT_SITE(RT_STORE, "gpu_write", NULL), ptdev);
	emit_access(ptdev, reg, data, VIEW_REG_WRITE);
	hw_reg_write(reg, data);
}

/* -- reset -- */

void panthor_device_schedule_reset(struct panthor_device *ptdev)
{
	if (!xchg(&ptdev->reset.pending, 1))
		queue_work(ptdev->reset.wq, &ptdev->reset.work);
}

bool panthor_device_reset_is_pending(struct panthor_device *ptdev)
{
	return READ_ONCE(ptdev->reset.pending);
}

/* pm.lock held, powered. */
static void reset_locked(struct panthor_device *ptdev)
{
	view_emit(EV_as_reset, 0, 0, 0);
	panthor_sched_pre_reset(ptdev);
	panthor_mmu_pre_reset(ptdev);

	if (ptdev->form->region)
		panthor_mmu_reset(ptdev);
	else
		hw_reset();
	/* What hung is dead: no access may outlive its address space. */
	for (u32 i = 0; i < PANTHOR_CSGS; i++)
		panthor_csg_wait(&ptdev->scheduler->csg[i], RT_FOREVER);
	view_emit(EV_as_reset, 0, 1, 0);

	panthor_mmu_post_reset(ptdev);
	WRITE_ONCE(ptdev->reset.pending, 0);
	view_emit(EV_as_reset, 0, 2, 0);
	panthor_fw_start(ptdev);
	panthor_sched_post_reset(ptdev);
}

/*
 * The device goes, but its hardware may still be there, and somebody waits until
 * it has forgotten what a lost flush left: make it, and no more. It may hang
 * again before it is gone, so this reset is over, and the next is one of its own.
 */
static void reset_unplugged(struct panthor_device *ptdev)
{
	mutex_lock(&ptdev->mmu->as.slots_lock);
	/* If power went and came back, nothing is owed any more. */
	if (!ptdev->mmu->as.unplugged && panthor_device_reset_is_pending(ptdev)) {
		panthor_mmu_reset_unplugged(ptdev);
		WRITE_ONCE(ptdev->reset.pending, 0);
	}
	panthor_mmu_slots_unlock(ptdev);
}

static void panthor_device_reset_work(struct work_struct *work)
{
	struct panthor_device *ptdev =
		container_of(work, struct panthor_device, reset.work);
	int cookie;

	if (!drm_dev_enter(&ptdev->base, &cookie)) {
		reset_unplugged(ptdev);
		return;
	}
	mutex_lock(&ptdev->pm.lock);
	if (ptdev->pm.suspended)
		WRITE_ONCE(ptdev->reset.pending, 0);
	else
		reset_locked(ptdev);
	mutex_unlock(&ptdev->pm.lock);
	drm_dev_exit(cookie);
}

/* -- power; pm.lock -- */

static void resume_locked(struct panthor_device *ptdev)
{
	int cookie;

	if (!ptdev->pm.suspended)
		return;
	hw_power(true);
	WRITE_ONCE(ptdev->reset.pending, 0);
	if (drm_dev_enter(&ptdev->base, &cookie)) {
		panthor_mmu_resume(ptdev);
		panthor_fw_start(ptdev);
		panthor_sched_resume(ptdev);
		drm_dev_exit(cookie);
	}
	ptdev->pm.suspended = false;
}

int panthor_device_get(struct panthor_device *ptdev)
{
	int ret = 0;

	mutex_lock(&ptdev->pm.lock);
	if (drm_dev_is_unplugged(&ptdev->base)) {
		ret = -ENODEV;
	} else {
		resume_locked(ptdev);
		__atomic_add_fetch(&ptdev->pm.users, 1, __ATOMIC_RELAXED);
	}
	mutex_unlock(&ptdev->pm.lock);
	return ret;
}

void panthor_device_put(struct panthor_device *ptdev)
{
	__atomic_sub_fetch(&ptdev->pm.users, 1, __ATOMIC_RELEASE);
}

int panthor_device_suspend(struct panthor_device *ptdev)
{
	int ret = -EBUSY, cookie;

	mutex_lock(&ptdev->pm.lock);
	if (ptdev->pm.suspended || ptdev->unplug.over)
		ret = 0;
	else if (!__atomic_load_n(&ptdev->pm.users, __ATOMIC_ACQUIRE))
		ret = 1;
	if (ret == 1) {
		ret = 0;
		if (drm_dev_enter(&ptdev->base, &cookie)) {
			panthor_sched_suspend(ptdev);
			panthor_mmu_suspend(ptdev);
			drm_dev_exit(cookie);
		}
		hw_power(false);
		ptdev->pm.suspended = true;
	}
	mutex_unlock(&ptdev->pm.lock);
	return ret;
}

int panthor_device_resume(struct panthor_device *ptdev)
{
	int ret = panthor_device_get(ptdev);

	if (!ret)
		panthor_device_put(ptdev);
	return ret;
}

/* -- unplug -- */

/* Whatever happens to the device from here on, it has power. */
static void unplug_get_power(struct panthor_device *ptdev)
{
	mutex_lock(&ptdev->pm.lock);
	resume_locked(ptdev);
	__atomic_add_fetch(&ptdev->pm.users, 1, __ATOMIC_RELAXED);
	mutex_unlock(&ptdev->pm.lock);
}

static void unplug_cut_power(struct panthor_device *ptdev)
{
	mutex_lock(&ptdev->pm.lock);
	panthor_device_put(ptdev);
	hw_power(false);
	WRITE_ONCE(ptdev->unplug.over, true);
	mutex_unlock(&ptdev->pm.lock);
}

void panthor_device_unplug(struct panthor_device *ptdev)
{
	u8 context;

	mutex_lock(&ptdev->unplug.lock);
	if (ptdev->unplug.begun) {
		mutex_unlock(&ptdev->unplug.lock);
		wait_for_completion(&ptdev->unplug.done);
		return;
	}
	ptdev->unplug.begun = true;
	context = panthor_device_context(ptdev, VIEW_REG_CORE);
	view_emit(EV_as_unplug, 0, 0, 0);
	if (!mutated(pt_unplug_marks_before_power))
		unplug_get_power(ptdev);
	drm_dev_unplug(&ptdev->base);
	if (mutated(pt_unplug_marks_before_power))
		unplug_get_power(ptdev);
	mutex_unlock(&ptdev->unplug.lock);

	panthor_sched_unplug(ptdev);
	panthor_fw_unplug(ptdev);
	panthor_mmu_unplug(ptdev);
	unplug_cut_power(ptdev);
	panthor_sched_unplugged(ptdev);

	panthor_device_context(ptdev, context);
	view_emit(EV_as_unplug, 0, 1, 0);
	complete_all(&ptdev->unplug.done);
}

/* -- probe -- */

void panthor_device_init(const struct panthor_form *form)
{
	struct panthor_device *ptdev = rt_alloc(sizeof(*ptdev));
	u8 context;

	BUG_ON(!ptdev);
	panthor = ptdev;
	rt_name(ptdev, "panthor", -1);
	ptdev->form = form;
	ptdev->gpu_info.as_present = BIT(PANTHOR_AS_PRESENT) - 1;
	mutex_init(&ptdev->unplug.lock);
	init_completion(&ptdev->unplug.done);
	mutex_init(&ptdev->pm.lock);
	ptdev->reset.wq = alloc_ordered_workqueue("panthor-reset-wq", 0);
	BUG_ON(!ptdev->reset.wq);
	INIT_WORK(&ptdev->reset.work, panthor_device_reset_work);

	context = panthor_device_context(ptdev, VIEW_REG_CORE);
	panthor_mmu_init(ptdev);
	panthor_vm_boot(ptdev);
	panthor_sched_init(ptdev);
	panthor_fw_init(ptdev);
	panthor_device_context(ptdev, context);
}

void panthor_device_fini(struct panthor_device *ptdev)
{
	panthor_device_unplug(ptdev);
	panthor_sched_fini(ptdev);
	panthor_vm_halt(ptdev);
	destroy_workqueue(ptdev->reset.wq);
	panthor_mmu_fini(ptdev);
}
