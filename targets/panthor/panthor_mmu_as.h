/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_mmu_as.h: what the files of the slots' half share. Everything needs
 * as.slots_lock.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_MMU_AS_H
#define TARGETS_PANTHOR_PANTHOR_MMU_AS_H

#include "targets/panthor/panthor_mmu.h"

/* @op on the smallest region with [iova, iova + size); nothing if @as < 0. */
int mmu_hw_do_operation_locked(struct panthor_device *ptdev, int as, u64 iova,
			       u64 size, u32 op);
/* The same, and @op is the only command: nothing is locked for it. @size 0: it is
 * of no region. */
int mmu_hw_send_command_locked(struct panthor_device *ptdev, int as, u64 iova,
			       u64 size, u32 op);
/* An error leaves the registers as they were. */
int panthor_mmu_as_enable(struct panthor_device *ptdev, u32 as, u64 transtab,
			  u64 transcfg, u64 memattr);
int panthor_mmu_as_disable(struct panthor_device *ptdev, u32 as);
/*
 * The hardware is there until panthor_mmu_unplug() says otherwise, though the
 * device may be marked: what is done then is part of the unplug. False: no
 * register may be touched, and there is nothing to exit.
 */
struct hw_section {
	u8 context;
	int cookie;
	bool entered;
};
bool hw_enter_locked(struct panthor_device *ptdev, struct hw_section *s);
void hw_exit_locked(struct panthor_device *ptdev, struct hw_section *s);
/* The driver's records alone: unbound, off the LRU, no user. */
void panthor_vm_release_as_locked(struct panthor_vm *vm);

static inline u32 panthor_mmu_as_fault_mask(u32 as)
{
	return BIT(as);
}

#endif /* TARGETS_PANTHOR_PANTHOR_MMU_AS_H */
