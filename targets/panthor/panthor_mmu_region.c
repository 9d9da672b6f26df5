// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_mmu_region: the form that locks what an operation changes.
 *
 * Models panthor_vm_lock_region(), panthor_vm_unlock_region() and what calls
 * them in drivers/gpu/drm/panthor/panthor_mmu.c of 2026, where page tables are
 * updated atomically: the GPU stalls on a region from before the first step of an
 * operation until the flush after its last. The flush knows nothing of the lock,
 * so the lock outlives it, and outlives the VM's stay in its slot too:
 *
 *	VM_BIND on A			somebody activates B
 *
 *	lock(): LOCK in A's slot
 *					A is idle and is evicted
 *					leave(): UNLOCK
 *					B is bound there and enabled
 *	unlock(): A has no slot
 *
 *	[without that UNLOCK B's accesses wait for ever]
 *
 * vm->locked_region says what is to be locked, whether the VM has a slot or not:
 * one that gets a slot during an operation is locked there when it is enabled.
 *
 * Locks: op_lock around lock() and unlock(); as.slots_lock is held or taken by
 * each, never between the two.
 *
 * Differences:
 *  - A LOCK that the hardware does not answer does not fail the operation: its
 *    tables are changed while the GPU looks, as in the other forms, and a reset is
 *    on its way.
 *  - Each step of a remap is inside the operation's range, so it is never widened.
 *  - A reset takes the slots back at once. Upstream does it later, and what is
 *    locked in between stays locked.
 */
#include "targets/panthor/panthor_mmu_as.h"
#include "targets/panthor/panthor_vm.h"

/* as.slots_lock held, the VM has a slot. */
static int region_enabled(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct hw_section s;
	int ret;

	if (!vm->locked_region.size || !hw_enter_locked(ptdev, &s))
		return 0;
	ret = mmu_hw_send_command_locked(ptdev, vm->as.id,
					 vm->locked_region.start,
					 vm->locked_region.size,
					 AS_COMMAND_LOCK);
	hw_exit_locked(ptdev, &s);
	return ret;
}

static void panthor_vm_lock_region(struct panthor_vm *vm, u64 start, u64 size)
{
	struct panthor_device *ptdev = vm->ptdev;

	lockdep_assert_held(&vm->op_lock);
	mutex_lock(&ptdev->mmu->as.slots_lock);
	vm->locked_region.start = start;
	vm->locked_region.size = size;
	if (vm->as.id >= 0)
		region_enabled(vm);
	panthor_mmu_slots_unlock(ptdev);
}

/* A flush that is lost leaves the region locked: the reset unlocks it. */
static int panthor_vm_unlock_region(struct panthor_vm *vm, u64 iova, u64 size)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct hw_section s;
	int ret = 0;

	lockdep_assert_held(&vm->op_lock);
	mutex_lock(&ptdev->mmu->as.slots_lock);
	if (vm->as.id >= 0 && hw_enter_locked(ptdev, &s)) {
		ret = mmu_hw_send_command_locked(ptdev, vm->as.id, iova, size,
						 AS_COMMAND_FLUSH_PT);
		if (!ret)
			ret = mmu_hw_send_command_locked(ptdev, vm->as.id, 0, 0,
							 AS_COMMAND_UNLOCK);
		hw_exit_locked(ptdev, &s);
	}
	vm->locked_region.start = 0;
	vm->locked_region.size = 0;
	panthor_mmu_slots_unlock(ptdev);
	return ret;
}

static int region_leave(struct panthor_device *ptdev, u32 as)
{
	struct panthor_vm *vm = ptdev->mmu->as.slots[as].vm;
	int ret;

	ret = mmu_hw_send_command_locked(ptdev, (int)as, 0, ~0ull,
					 AS_COMMAND_FLUSH_MEM);
	if (ret)
		return ret;
	/* The operation will find its VM in another slot, or in none. */
	if (vm && vm->locked_region.size &&
	    !mutated(as_region_lock_survives_slot_loss))
		ret = mmu_hw_send_command_locked(ptdev, (int)as, 0, 0,
						 AS_COMMAND_UNLOCK);
	return ret;
}

static const struct panthor_region_ops region = {
	.lock	= panthor_vm_lock_region,
	.unlock	= panthor_vm_unlock_region,
	.enabled = region_enabled,
	.leave	= region_leave,
};

const struct panthor_form panthor_form_lock_region = {
	.name	= "lock-region",
	.counted = true,
	.flush	= mmu_hw_send_command_locked,
	.region	= &region,
};
