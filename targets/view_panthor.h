/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view_panthor.h: what an oracle may ask of a Mali and of its driver's records.
 * Free of libc.
 *
 * Frames, tables and entries are the hardware's (targets/panthor/hw.h): an
 * oracle that judges where an access went asks the first half alone.
 */
#ifndef TARGETS_VIEW_PANTHOR_H
#define TARGETS_VIEW_PANTHOR_H

#include "targets/view.h"

#define VIEW_AS		4
#define VIEW_AS_VMS	16

/* EV_as_reg. */
#define VIEW_REG_WRITE		1	/* else a read */
#define VIEW_REG_ENTERED	2	/* by a task inside drm_dev_enter() */
#define VIEW_REG_IRQ		4	/* by the interrupt's handlers */
#define VIEW_REG_CORE		8	/* by probe, power, reset or unplug */
#define VIEW_REG_POWERED	16
#define VIEW_REG_GONE		32	/* unplug has returned */

/* EV_vm_load, EV_vm_store. */
#define VIEW_VM_ACCESS(vm, as, root) \
	((u64)(vm) | (u64)(as) << 16 | (u64)(root) << 32)
#define VIEW_VM_OF(a)		((u32)((a) & 0xffff))
#define VIEW_VM_AS(a)		((u32)((a) >> 16 & 0xffff))
#define VIEW_VM_ROOT(a)		((u32)((a) >> 32))

/* VM_BIND: type 0 map, 1 unmap, 2 synchronise; ranges in pages. */
#define VIEW_BIND(vm, type, async) \
	((u64)(vm) | (u64)(type) << 16 | (u64)(async) << 24)
#define VIEW_BIND_TYPE(a)	((u32)((a) >> 16 & 0xff))
#define VIEW_BIND_ASYNC(a)	((a) >> 24 & 1)
#define VIEW_BIND_VA(addr, range) \
	((u64)(addr) / VIEW_PAGE_SIZE | (u64)(range) / VIEW_PAGE_SIZE << 32)
#define VIEW_BIND_FIRST(b)	((u32)(b))
#define VIEW_BIND_PAGES(b)	((u32)((b) >> 32))
#define VIEW_BIND_BO(bo, offset, flags) \
	((u64)(bo) | (u64)(offset) / VIEW_PAGE_SIZE << 16 | \
	 (u64)(flags) << 32)
#define VIEW_BIND_BO_ID(c)	((u32)((c) & 0xffff))
#define VIEW_BIND_BO_PAGE(c)	((u32)((c) >> 16 & 0xffff))
#define VIEW_BIND_FLAGS(c)	((u32)((c) >> 32 & 0xff))

/* A mapping of a VM's tree, in pages. */
struct view_gpuva {
	u32 first, pages;
	u32 bo, bo_page, flags;
};

/* An object and who keeps it. */
struct view_bo {
	u32 id;			/* from 1 */
	u32 pins;
	u32 vm_bos;		/* VMs that map it */
	u32 gpuvas;		/* mappings of all of them */
	u32 refs;		/* held of the vm_bos, together */
	bool foreign;		/* exclusive, and mapped by another VM */
};

/* The scale of the tables (targets/panthor/hw.h), by level. */
#define VIEW_VM_SHIFT(level)	((level) == 3 ? 12u : 16u - (level))
#define VIEW_VM_ENTRIES(level)	((level) == 0 || (level) == 3 ? 4u : 2u)
#define VIEW_VM_INDEX(level, va) \
	((u32)((va) >> VIEW_VM_SHIFT(level)) & (VIEW_VM_ENTRIES(level) - 1))
#define VIEW_VM_PAGES		64u
#define VIEW_VM_TABLES		128u	/* frames below hold tables */
#define VIEW_VM_BLOCK		4u	/* pages */
#define VIEW_BO_RUN		16u	/* frames an object has */
#define VIEW_VM_PTE_FRAME(pte)	((u32)((pte) >> 12) & 0xfff)
#define VIEW_FRAME_OUT		~0u
#define VIEW_VM_PTE_RDONLY	(1ull << 7)
#define VIEW_VM_IS_TABLE(pte, level) \
	((level) < 3 && ((pte) & 3) == 3)

/* An address space: the registers, then what the driver says of it. */
struct view_as {
	u32 root;		/* table that the last UPDATE latched; 0: none */
	bool enabled;		/* translates: not UNMAPPED */
	bool locked;		/* a region is: */
	u64 lock_start, lock_end;
	bool stuck;		/* the command engine is */
	u32 stalled;		/* accesses that faulted there and are not over */

	bool allocated, faulty;
	u32 vm;			/* id of the slot's VM, or 0 */
};

struct view_as_vm {
	u32 id;			/* counts from 1 */
	u32 root;		/* frame of its root table */
	s32 as;			/* slot, or -1 */
	s32 active;		/* users: active_cnt, or 1 in v2 */
	bool on_lru, for_mcu, fault;
	/* What it is to have locked, by its own account; the same: nothing. */
	u64 region_start, region_end;
};

struct view_as_irq {
	u32 mask;		/* the driver's copy */
	u32 int_mask, rawstat;	/* registers */
	bool suspended;
	bool inflight;		/* a handler is on its way and restores the mask */
};

struct view_panthor {
	struct view_as (*as)(u32 as);
	u64 (*pte)(u32 table, u32 index);
	u64 (*tlb)(u32 as, u64 va);		/* entry of a hit; 0: a miss */
	u32 (*walk_cache)(u32 as, u32 block);	/* level-3 table, or 0 */

	u32 (*nr_as)(void);
	/* VMs on the device's list; how many, at most VIEW_AS_VMS. */
	u32 (*vms)(struct view_as_vm *vm);
	struct view_as_irq (*irq)(void);
	bool (*powered)(void);
	/* VM_BIND's half. Of the tree of VM @id, the @nr-th; false: no more. */
	bool (*gpuva)(u32 id, u32 nr, struct view_gpuva *va);
	/* The frame that page @page of that mapping has; 0: its object has none.
	 * VIEW_FRAME_OUT: by right, it was evicted, and nothing may be there. */
	u32 (*gpuva_frame)(u32 id, u32 nr, u32 page);
	/* Tables of VM @id that are unlinked and wait for a flush. */
	u32 (*stale_tables)(u32 id);
	u32 (*tables_out)(void);		/* of the cache, all told */
	bool (*bo)(u32 nr, struct view_bo *bo);	/* false: no more */

	/* A hardware reset is owed: what failed meanwhile is repaired by it. */
	bool (*reset_owed)(void);
};

#endif /* TARGETS_VIEW_PANTHOR_H */
