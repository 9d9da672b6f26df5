// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_mmu_as: who has which address space.
 *
 * Models the middle of drivers/gpu/drm/panthor/panthor_mmu.c, v2 and 6.12:
 * panthor_vm_active(), panthor_vm_idle(), panthor_vm_flush_range() and what of
 * panthor_vm_create() and panthor_vm_free() belongs to slots; spec panthor.md 3.
 *
 *	UNBOUND --active--> ACTIVE --last idle--> IDLE, on the LRU list
 *	   ^                   ^                    |   |
 *	   |                   `------active--------'   |
 *	   `-----evicted by another VM's active---------'
 *
 * A fault disables the address space of whatever state and marks the slot
 * faulty; the next active() of an idle owner, or the next owner, repairs it.
 * Suspend, reset and unplug unbind everybody.
 *
 * In the form that locks regions, panthor_mmu_region.c, an evicted VM leaves a slot
 * without a lock, and one that gets a slot during an operation locks it there.
 *
 * Locks: drm_dev_enter(), then as.slots_lock, which is innermost.
 *
 * Differences:
 *  - If the hardware cannot be enabled the slot is given back. Upstream kept it,
 *    with no user and not on the LRU list, and the next active() took it for
 *    enabled (W-E13).
 *  - A new owner clears the fault bit even of a slot that is not marked faulty:
 *    it is the old owner's (W-E3).
 *  - After drm_dev_unplug() a flush and a free still touch the hardware as long
 *    as panthor_mmu_unplug() has not run, under the lock that function takes:
 *    jobs still run, and a table that is freed may still be walked (W-E10,
 *    W-E20). Upstream leaves both out once the device is marked.
 *  - v2: users of a VM are not counted, so the caller says active when the first
 *    comes and idle when the last is gone. The defects of v2 are mended.
 */
#include <linux/bitops.h>
#include <linux/errno.h>

#include "targets/panthor/panthor_mmu_as.h"
#include "targets/view_panthor.h"

void panthor_mmu_slots_unlock(struct panthor_device *ptdev)
{
	view_emit(EV_as_slots, 0, 0, 0);
	mutex_unlock(&ptdev->mmu->as.slots_lock);
}

static s32 nr_users(struct panthor_vm *vm)
{
	if (!vm->ptdev->form->counted)
		return vm->as.active;
	return __atomic_load_n(&vm->as.active_cnt.refs.counter, __ATOMIC_RELAXED);
}

static void emit_users(u16 kind, struct panthor_vm *vm)
{
	view_emit(kind, vm->id, (u64)(s64)vm->as.id, (u64)(s64)nr_users(vm));
}

void panthor_vm_release_as_locked(struct panthor_vm *vm)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;
	int as = vm->as.id;

	lockdep_assert_held(&mmu->as.slots_lock);
	if (WARN_ON(as < 0))
		return;
	mmu->as.slots[as].vm = NULL;
	mmu->as.alloc_mask &= ~BIT(as);
	refcount_set(&vm->as.active_cnt, 0);
	vm->as.active = false;
	list_del_init(&vm->as.lru_node);
	WRITE_ONCE(vm->as.id, -1);
	view_emit(EV_as_release, vm->id, (u64)as, 0);
}

/* A slot that does not exist was asked for: the longest idle VM's. */
static int evict(struct panthor_mmu *mmu, u32 *victim)
{
	const struct panthor_region_ops *region;
	struct panthor_vm *lru_vm;
	int as, ret = 0;

	lru_vm = list_first_entry_or_null(&mmu->as.lru_list, struct panthor_vm,
					  as.lru_node);
	if (WARN_ON(!lru_vm))
		return -EBUSY;
	WARN_ON(nr_users(lru_vm));
	as = lru_vm->as.id;
	region = lru_vm->ptdev->form->region;
	if (region)
		ret = region->leave(lru_vm->ptdev, (u32)as);
	if (ret)
		return ret;
	*victim = lru_vm->id;
	panthor_vm_release_as_locked(lru_vm);
	if (mutated(v2_evicted_keeps_its_slot))
		WRITE_ONCE(lru_vm->as.id, as);
	return as;
}

/* An unbound VM gets a slot; what the old owner's hardware says is dropped. */
static int bind(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_mmu *mmu = ptdev->mmu;
	u32 victim = 0;
	int as = 0;

	if (vm->for_mcu)
		WARN_ON(mmu->as.alloc_mask & BIT(0));
	else
		as = __builtin_ctz(~(mmu->as.alloc_mask | BIT(0)));
	if (!(BIT(as) & ptdev->gpu_info.as_present)) {
		as = evict(mmu, &victim);
		if (as < 0)
			return as;
	}
	WRITE_ONCE(vm->as.id, as);
	mmu->as.alloc_mask |= BIT(as);
	mmu->as.slots[as].vm = vm;
	/* Who does not see that the VM has a slot, has changed its tables before it
	 * is enabled: the other half of panthor_vm_flush_range()'s. */
	smp_mb();
	view_emit(EV_as_bind, vm->id, (u64)as, victim);
	gpu_write(ptdev, MMU_INT_CLEAR, panthor_mmu_as_fault_mask((u32)as));
	return as;
}

/*
 * The slot's fault is history: clear the bit, forget it, let it interrupt
 * again. The register gets the halves of all address spaces, as in both forms.
 */
static void repair(struct panthor_vm *vm, u32 mask)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_mmu *mmu = ptdev->mmu;

	gpu_write(ptdev, MMU_INT_CLEAR, mask);
	if (mutated(pt_unmask_before_repair))
		gpu_write(ptdev, MMU_INT_MASK, ~mmu->as.faulty_mask);
	mmu->as.faulty_mask &= ~mask;
	if (!mutated(v2_irq_mask_left_stale))
		WRITE_ONCE(mmu->irq.mask, mmu->irq.mask | mask);
	if (!mutated(pt_unmask_before_repair))
		gpu_write(ptdev, MMU_INT_MASK, ~mmu->as.faulty_mask);
	view_emit(EV_as_repair, vm->id, (u64)vm->as.id, 0);
}

static int enable(struct panthor_vm *vm, bool fresh)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;
	u32 mask = panthor_mmu_as_fault_mask((u32)vm->as.id);
	int ret;

	vm->unhandled_fault = false;
	if ((mmu->as.faulty_mask & mask) &&
	    !(fresh && mutated(v2_new_owner_inherits_fault)))
		repair(vm, mask);
	ret = panthor_mmu_as_enable(vm->ptdev, (u32)vm->as.id,
				    HW_PADDR(vm->root),
				    AS_TRANSCFG_PTW_MEMATTR_WB |
				    AS_TRANSCFG_PTW_RA |
				    AS_TRANSCFG_ADRMODE_AARCH64_4K, vm->memattr);
	if (!ret && vm->ptdev->form->region)
		ret = vm->ptdev->form->region->enabled(vm);
	if (ret && !mutated(pt_e13_slot_left_bound))
		panthor_vm_release_as_locked(vm);
	return ret;
}

static int active_locked(struct panthor_vm *vm)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;
	bool fresh = vm->as.id < 0;
	int ret;

	if (vm->ptdev->form->counted &&
	    refcount_inc_not_zero(&vm->as.active_cnt)) {
		emit_users(EV_as_active, vm);
		return 0;
	}
	if (fresh) {
		ret = bind(vm);
		if (ret < 0)
			return ret;
	}
	if (fresh || (mmu->as.faulty_mask &
		      panthor_mmu_as_fault_mask((u32)vm->as.id))) {
		ret = enable(vm, fresh);
		if (ret)
			return ret;
	}
	refcount_set(&vm->as.active_cnt, 1);
	vm->as.active = true;
	if (!mutated(v2_active_left_on_lru))
		list_del_init(&vm->as.lru_node);
	emit_users(EV_as_active, vm);
	return 0;
}

int panthor_vm_active(struct panthor_vm *vm)
{
	bool enter = !mutated(pt_active_skip_enter);
	struct panthor_device *ptdev = vm->ptdev;
	int ret = 0, cookie;

	if (enter && !drm_dev_enter(&ptdev->base, &cookie))
		return -ENODEV;
	if (ptdev->form->counted &&
	    refcount_inc_not_zero(&vm->as.active_cnt)) {
		emit_users(EV_as_active, vm);
	} else {
		mutex_lock(&ptdev->mmu->as.slots_lock);
		ret = active_locked(vm);
		panthor_mmu_slots_unlock(ptdev);
	}
	if (enter)
		drm_dev_exit(cookie);
	return ret;
}

/* v2: bound and not yet on the list. */
static void idle_uncounted(struct panthor_vm *vm)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;

	mutex_lock(&mmu->as.slots_lock);
	if (vm->as.id >= 0 && list_empty(&vm->as.lru_node))
		list_add_tail(&vm->as.lru_node, &mmu->as.lru_list);
	vm->as.active = false;
	emit_users(EV_as_idle, vm);
	panthor_mmu_slots_unlock(vm->ptdev);
}

void panthor_vm_idle(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_mmu *mmu = ptdev->mmu;

	if (!ptdev->form->counted) {
		idle_uncounted(vm);
		return;
	}
	if (!nr_users(vm))
		view_emit(EV_as_idle, vm->id, (u64)(s64)vm->as.id, ~0ull);
	if (!refcount_dec_and_mutex_lock(&vm->as.active_cnt, &mmu->as.slots_lock))
		return;
	if (!WARN_ON(vm->as.id < 0 || !list_empty(&vm->as.lru_node)))
		list_add_tail(&vm->as.lru_node, &mmu->as.lru_list);
	refcount_set(&vm->as.active_cnt, 0);
	emit_users(EV_as_idle, vm);
	panthor_mmu_slots_unlock(ptdev);
}

int panthor_vm_as(struct panthor_vm *vm)
{
	return READ_ONCE(vm->as.id);
}

bool panthor_vm_has_unhandled_faults(struct panthor_vm *vm)
{
	return READ_ONCE(vm->unhandled_fault);
}

bool hw_enter_locked(struct panthor_device *ptdev, struct hw_section *s)
{
	lockdep_assert_held(&ptdev->mmu->as.slots_lock);
	s->entered = drm_dev_enter(&ptdev->base, &s->cookie);
	if (!s->entered && ptdev->mmu->as.unplugged)
		return false;
	if (!s->entered)
		s->context = panthor_device_context(ptdev, VIEW_REG_CORE);
	return true;
}

void hw_exit_locked(struct panthor_device *ptdev, struct hw_section *s)
{
	if (s->entered)
		drm_dev_exit(s->cookie);
	else
		panthor_device_context(ptdev, s->context);
}

/* as.slots_lock held. */
static int flush_locked(struct panthor_vm *vm, u64 iova, u64 size)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct hw_section s;
	int ret;

	if (mutated(v2_flush_follows_slot))
		WARN_ON(vm->as.id < 0);
	if (vm->as.id < 0 || !hw_enter_locked(ptdev, &s))
		return 0;
	ret = mmu_hw_do_operation_locked(ptdev, vm->as.id, iova, size,
					 AS_COMMAND_FLUSH_PT);
	hw_exit_locked(ptdev, &s);
	return ret;
}

/*
 * The slot is looked at without the lock: a VM without one has nothing to flush,
 * and if it gets one now, enabling flushes all of it. The barrier orders the
 * caller's change of the tables before the look.
 */
int panthor_vm_flush_range(struct panthor_vm *vm, u64 iova, u64 size)
{
	struct panthor_device *ptdev = vm->ptdev;
	int ret;

	if (!mutated(pt_flush_skip_barrier))
		smp_mb();
	if (READ_ONCE(vm->as.id) < 0)
		return 0;
	if (mutated(pt_e10_flush_skipped_in_unplug) &&
	    drm_dev_is_unplugged(&ptdev->base))
		return 0;
	mutex_lock(&ptdev->mmu->as.slots_lock);
	ret = flush_locked(vm, iova, size);
	panthor_mmu_slots_unlock(ptdev);
	return ret;
}

bool panthor_vm_as_init(struct panthor_vm *vm)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;
	bool resetting;

	vm->as.id = -1;
	refcount_set(&vm->as.active_cnt, 0);
	INIT_LIST_HEAD(&vm->as.lru_node);
	vm->id = __atomic_add_fetch(&mmu->nr_vms, 1, __ATOMIC_RELAXED);
	view_emit(EV_vm_new, vm->id, vm->root, vm->for_mcu);

	mutex_lock(&mmu->vm.lock);
	list_add_tail(&vm->node, &mmu->vm.list);
	resetting = mmu->vm.reset_in_progress;
	mutex_unlock(&mmu->vm.lock);
	return resetting;
}

/* as.slots_lock held, bound. */
static void fini_locked(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct hw_section s;

	if (mutated(pt_e20_freed_root_left_enabled) &&
	    drm_dev_is_unplugged(&ptdev->base)) {
		panthor_vm_release_as_locked(vm);
		return;
	}
	if (hw_enter_locked(ptdev, &s)) {
		panthor_mmu_as_disable(ptdev, (u32)vm->as.id);
		hw_exit_locked(ptdev, &s);
	}
	panthor_vm_release_as_locked(vm);
}

bool panthor_vm_as_fini(struct panthor_vm *vm)
{
	struct panthor_device *ptdev = vm->ptdev;
	struct panthor_mmu *mmu = ptdev->mmu;
	bool resetting;

	mutex_lock(&mmu->vm.lock);
	list_del(&vm->node);
	resetting = mmu->vm.reset_in_progress;
	mutex_unlock(&mmu->vm.lock);

	mutex_lock(&mmu->as.slots_lock);
	if (vm->as.id >= 0)
		fini_locked(vm);
	view_emit(EV_vm_gone, vm->id, vm->root, 0);
	panthor_mmu_slots_unlock(ptdev);
	return resetting;
}
