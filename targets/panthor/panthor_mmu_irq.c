// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_mmu_irq: faults, and what takes every address space away at once.
 *
 * Models the rest of drivers/gpu/drm/panthor/panthor_mmu.c's slots half, v2 and
 * 6.12: panthor_mmu_irq_handler(), suspend and resume, pre and post reset,
 * unplug, init; spec panthor.md 4, 5.
 *
 * No fault is repaired by mapping: a job must end in finite time, and its fence
 * must not wait for an allocation. So a fault marks the slot, masks it, disables
 * the address space, which kills what runs there, and tells the scheduler.
 *
 * Locks: vm.lock or as.slots_lock, one after the other.
 *
 * Differences: the handler looks again, under as.slots_lock, whether the fault
 * is still there, and clears it itself; see panthor_irq.c. v2 has no
 * vm->unhandled_fault, and its scheduler finds a dead job without it.
 */
#include <linux/slab.h>

#include "targets/panthor/panthor_mmu_as.h"
#include "targets/panthor/panthor_sched.h"
#include "targets/view_panthor.h"

/* as.slots_lock held. */
static void fault_locked(struct panthor_device *ptdev, u32 as)
{
	struct panthor_mmu *mmu = ptdev->mmu;
	u32 mask = panthor_mmu_as_fault_mask(as), new_int_mask;
	struct panthor_vm *vm = mmu->as.slots[as].vm;

	/* Who cleared it has taken the slot and is not to blame. */
	if (!(gpu_read(ptdev, MMU_INT_RAWSTAT) & mask) &&
	    !mutated(pt_e3_blames_new_owner))
		return;
	if (!mutated(v2_faulty_mask_never_set))
		mmu->as.faulty_mask |= mask;
	new_int_mask = ~mmu->as.faulty_mask & MMU_FAULT_MASK;

	/* No interrupt of this slot until it is enabled again. */
	WRITE_ONCE(mmu->irq.mask, new_int_mask);
	gpu_write(ptdev, MMU_INT_MASK, new_int_mask);
	if (vm)
		WRITE_ONCE(vm->unhandled_fault, true);
	view_emit(EV_as_faulty, as, vm ? vm->id : 0, vm ? vm->root : 0);
	/* Cleared while it translates, the access that stalls would go on. */
	if (mutated(pt_fault_cleared_first))
		gpu_write(ptdev, MMU_INT_CLEAR, mask);
	/* A timeout here is repaired by the reset it schedules (W-E11). */
	if (!mutated(pt_fault_skip_disable))
		panthor_mmu_as_disable(ptdev, as);
	if (!mutated(pt_fault_cleared_first))
		gpu_write(ptdev, MMU_INT_CLEAR, mask);
}

void panthor_mmu_irq_handler(struct panthor_device *ptdev, u32 status)
{
	status &= MMU_FAULT_MASK;
	while (status) {
		u32 as = (u32)__builtin_ctz(status);

		mutex_lock(&ptdev->mmu->as.slots_lock);
		fault_locked(ptdev, as);
		panthor_mmu_slots_unlock(ptdev);
		status &= ~panthor_mmu_as_fault_mask(as);
	}
	panthor_sched_report_mmu_fault(ptdev);
}

/* Every bound VM loses its slot; hardware first, if there is some to touch. */
static void release_all_locked(struct panthor_device *ptdev, bool disable)
{
	struct panthor_mmu *mmu = ptdev->mmu;

	for (u32 as = 0; as < PANTHOR_SLOTS; as++) {
		struct panthor_vm *vm = mmu->as.slots[as].vm;

		if (!vm)
			continue;
		/* A timeout is no reason to keep the slot: power goes next. */
		if (disable)
			panthor_mmu_as_disable(ptdev, as);
		panthor_vm_release_as_locked(vm);
	}
}

void panthor_mmu_suspend(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;

	mutex_lock(&mmu->as.slots_lock);
	if (!mutated(pt_suspend_keeps_slots))
		release_all_locked(ptdev, true);
	panthor_mmu_slots_unlock(ptdev);
	panthor_mmu_irq_suspend(&mmu->irq);
}

/* Power was off: nothing is bound and nothing is faulty. */
void panthor_mmu_resume(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;

	mutex_lock(&mmu->as.slots_lock);
	mmu->as.alloc_mask = 0;
	mmu->as.faulty_mask = 0;
	mutex_unlock(&mmu->as.slots_lock);
	panthor_mmu_irq_resume(&mmu->irq, MMU_FAULT_MASK);
}

void panthor_mmu_pre_reset(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;
	struct panthor_vm *vm;

	panthor_mmu_irq_suspend(&mmu->irq);
	mutex_lock(&mmu->vm.lock);
	mmu->vm.reset_in_progress = true;
	list_for_each_entry(vm, &mmu->vm.list, node)
		panthor_vm_stop(vm);
	mutex_unlock(&mmu->vm.lock);
}

void panthor_mmu_reset(struct panthor_device *ptdev)
{
	mutex_lock(&ptdev->mmu->as.slots_lock);
	hw_reset();
	release_all_locked(ptdev, false);
	panthor_mmu_slots_unlock(ptdev);
}

/*
 * as.slots_lock held. Their users have the slots until the unplug takes them, and
 * who is still in a section may make a VM active. So each address space is as
 * after a fault: what runs in it dies, and who enables it repairs it.
 */
void panthor_mmu_reset_unplugged(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;

	view_emit(EV_as_irq, 0, 0, 0);
	hw_reset();
	WRITE_ONCE(mmu->irq.mask, 0);
	mmu->as.faulty_mask |= ptdev->gpu_info.as_present;
}

/* The reset unmapped every address space; only records are left to put right. */
void panthor_mmu_post_reset(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;
	struct panthor_vm *vm;

	mutex_lock(&mmu->as.slots_lock);
	mmu->as.faulty_mask = 0;
	if (!mutated(pt_reset_keeps_slots))
		release_all_locked(ptdev, false);
	mmu->as.alloc_mask = 0;
	panthor_mmu_slots_unlock(ptdev);

	panthor_mmu_irq_resume(&mmu->irq, MMU_FAULT_MASK);
	mutex_lock(&mmu->vm.lock);
	list_for_each_entry(vm, &mmu->vm.list, node)
		panthor_vm_start(vm);
	mmu->vm.reset_in_progress = false;
	mutex_unlock(&mmu->vm.lock);
}

/* No access to the MMU's registers after this. */
void panthor_mmu_unplug(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = ptdev->mmu;

	panthor_mmu_irq_suspend(&mmu->irq);
	mutex_lock(&mmu->as.slots_lock);
	release_all_locked(ptdev, true);
	mmu->as.unplugged = true;
	panthor_mmu_slots_unlock(ptdev);
}

void panthor_mmu_init(struct panthor_device *ptdev)
{
	struct panthor_mmu *mmu = rt_alloc(sizeof(*mmu));

	BUG_ON(!mmu);
	ptdev->mmu = mmu;
	mutex_init(&mmu->as.slots_lock);
	INIT_LIST_HEAD(&mmu->as.lru_list);
	mutex_init(&mmu->vm.lock);
	INIT_LIST_HEAD(&mmu->vm.list);
	panthor_request_mmu_irq(ptdev, &mmu->irq, MMU_FAULT_MASK);
}

void panthor_mmu_fini(struct panthor_device *ptdev)
{
	panthor_free_mmu_irq(&ptdev->mmu->irq);
}
