/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw_internal.h: what the parts of the device model share.
 *
 * Everything is under hw_lock(), the hardware's own lock, which is never held
 * over a switch point: one hold of it is one step of the hardware.
 */
#ifndef TARGETS_PANTHOR_HW_INTERNAL_H
#define TARGETS_PANTHOR_HW_INTERNAL_H

#include "targets/mutation.h"
#include "targets/panthor/hw.h"
#include "targets/panthor/panthor_regs.h"
#include "targets/view_panthor.h"

/* A TLB entry: the page's, and in the top byte the root it was found from. */
#define HW_TLB(pte, root)	((pte) | (u64)(root) << 56)
#define HW_TLB_PTE(word)	((word) & ~(0xffull << 56))
#define HW_TLB_ROOT(word)	((u32)((word) >> 56))
#define HW_WALK(table, root)	((u16)((table) | (root) << 8))
#define HW_WALK_TABLE(word)	((word) & 0xffu)

struct hw_as {
	u64 transtab;		/* what the last UPDATE latched */
	u32 mode;
	bool locked, active, stuck;
	u32 command;		/* while active: what is to complete */
	u64 lock_start, lock_end;
	u32 changes;		/* what a translation rests on; clients sleep here */
	u32 updates;		/* of the translation itself: a stall is over */
	u32 stalled;		/* accesses that wait for one */
	u64 tlb[HW_VA_PAGES];
	u16 walk[HW_VA_PAGES / HW_BLOCK_PAGES];
};

struct hw {
	u32 lock;
	bool powered;
	bool asserted;		/* the interrupt line */
	bool keeps_lock;	/* over a flush */
	void (*irq)(void *arg);
	void *irq_arg;
	u32 reg[HW_NR_REGS];
	struct hw_as as[HW_AS];
};

extern struct hw *hw;

static inline void hw_lock(void)
{
	while (__atomic_exchange_n(&hw->lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static inline void hw_unlock(void)
{
	__atomic_store_n(&hw->lock, 0, __ATOMIC_RELEASE);
}

static inline u32 *hw_reg(u32 reg)
{
	return &hw->reg[reg / 4 % HW_NR_REGS];
}

/* Something a waiting access looks at changed; hw_lock() held. */
static inline void hw_changed(struct hw_as *as)
{
	__atomic_fetch_add(&as->changes, 1, __ATOMIC_RELEASE);
	rt_wake(&as->changes, ~0u);
}

/* True if the interrupt has to be called, once hw_lock() is free. */
bool hw_line(void);
void hw_raise(void);
/* The first fault of an address space is latched; hw_lock() held. */
void hw_fault(u32 as, u32 vm, u64 va, enum hw_access access, bool mapped);

#endif /* TARGETS_PANTHOR_HW_INTERNAL_H */
