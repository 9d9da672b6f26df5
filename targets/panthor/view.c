// SPDX-License-Identifier: GPL-2.0
/*
 * view: what oracles may ask of the GPU and of its driver; see
 * targets/view_panthor.h.
 */
#include <linux/printk.h>
#include <linux/string.h>

#include "targets/panthor/panthor.h"
#include "targets/panthor/panthor_mmu.h"
#include "targets/view_panthor.h"
#include "targets/panthor/view_bind.h"

static u32 see_nr_as(void)
{
	return PANTHOR_AS_PRESENT;
}

static struct view_as see_as(u32 as)
{
	const struct panthor_mmu *mmu = panthor->mmu;
	const struct panthor_vm *vm = mmu->as.slots[as].vm;

	return (struct view_as){
		.root = HW_FRAME(hw_live_transtab(as)),
		.enabled = hw_live_mode(as) == AS_TRANSCFG_ADRMODE_AARCH64_4K,
		.stuck = hw_stuck(as),
		.locked = hw_locked(as),
		.lock_start = hw_lock_start(as),
		.lock_end = hw_lock_end(as),
		.stalled = hw_stalled(as),
		.allocated = mmu->as.alloc_mask >> as & 1,
		.faulty = mmu->as.faulty_mask >> as & 1,
		.vm = vm ? vm->id : 0,
	};
}

static struct view_as_vm seen(const struct panthor_vm *vm)
{
	return (struct view_as_vm){
		.id = vm->id,
		.root = vm->root,
		.as = vm->as.id,
		.active = panthor->form->counted ?
			  vm->as.active_cnt.refs.counter : vm->as.active,
		.on_lru = !list_empty(&vm->as.lru_node),
		.for_mcu = vm->for_mcu,
		.fault = vm->unhandled_fault,
		.region_start = vm->locked_region.start,
		.region_end = vm->locked_region.start + vm->locked_region.size,
	};
}

/* A VM that is being freed leaves the list first and its slot after that. */
static u32 see_vms(struct view_as_vm *out)
{
	const struct panthor_mmu *mmu = panthor->mmu;
	const struct panthor_vm *vm;
	u32 n = 0, listed = 0;

	list_for_each_entry(vm, &mmu->vm.list, node) {
		if (n == VIEW_AS_VMS - PANTHOR_SLOTS)
			break;
		for (u32 as = 0; as < PANTHOR_SLOTS; as++)
			if (mmu->as.slots[as].vm == vm)
				listed |= BIT(as);
		out[n++] = seen(vm);
	}
	for (u32 as = 0; as < PANTHOR_SLOTS; as++)
		if (mmu->as.slots[as].vm && !(listed & BIT(as)))
			out[n++] = seen(mmu->as.slots[as].vm);
	return n;
}

static struct view_as_irq see_irq(void)
{
	const struct panthor_irq *irq = &panthor->mmu->irq;

	return (struct view_as_irq){
		.mask = irq->mask,
		.int_mask = hw_reg_peek(MMU_INT_MASK),
		.rawstat = hw_reg_peek(MMU_INT_RAWSTAT),
		.suspended = irq->suspended.counter,
		.inflight = irq->inflight,
	};
}

static bool see_reset_owed(void)
{
	return panthor->reset.pending;
}

static const struct view_panthor questions = {
	.as = see_as,
	.pte = hw_pte_peek,
	.tlb = hw_tlb,
	.walk_cache = hw_walk_cache,
	.nr_as = see_nr_as,
	.vms = see_vms,
	.irq = see_irq,
	.powered = hw_powered,
	.reset_owed = see_reset_owed,
	VIEW_BIND_QUERIES,
};

const struct view view_panthor = {
	.panthor = &questions,
};
