/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_mmu.h: VMs and the address spaces they run in.
 *
 * Models drivers/gpu/drm/panthor/panthor_mmu.h and the structures of
 * panthor_mmu.c, v2 and 6.12; spec panthor.md 1. That file is in parts here:
 *
 *	panthor_mmu_as*.c	slots, commands, interrupt, power, reset, unplug
 *	panthor_mmu_region.c	how one form locks what an operation changes
 *	panthor_mmu_vm*.c	VMs, their tables, VM_BIND
 *
 * and each part calls of the others only what stands below under its name.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_MMU_H
#define TARGETS_PANTHOR_PANTHOR_MMU_H

#include <linux/list.h>
#include <linux/refcount.h>

#include <drm/drm_gpuvm.h>
#include <drm/gpu_scheduler.h>

#include "targets/panthor/io_pgtable.h"
#include "targets/panthor/panthor_device.h"

#define PANTHOR_SLOTS		HW_AS		/* upstream: 32 */
#define PANTHOR_VMS		4		/* handles of the file */
#define PANTHOR_STALE_TABLES	96

struct panthor_vm;
struct panthor_vm_op_ctx;
struct panthor_kernel_bo;

/* Upstream's comments name each lock; here behind each field. */
struct panthor_mmu {
	u32 nr_vms;			/* ever made: the last id */
	struct panthor_irq irq;
	struct {
		struct mutex slots_lock;	/* all of this, and AS registers */
		u32 alloc_mask;
		u32 faulty_mask;
		struct {
			struct panthor_vm *vm;
		} slots[PANTHOR_SLOTS];
		struct list_head lru_list;	/* bound and idle, oldest first */
		bool unplugged;			/* no register from here on */
	} as;
	struct {
		struct mutex lock;
		struct list_head list;		/* lock: vm->node */
		bool reset_in_progress;		/* lock */
		struct workqueue_struct *wq;	/* runs VM_BIND jobs */
	} vm;
};

/*
 * The first half is the slots' and is set by panthor_vm_as_init(); what VM_BIND
 * needs follows it.
 */
struct panthor_vm {
	struct panthor_device *ptdev;
	u32 id;				/* counts from 1; names it in events */
	u32 root;			/* frame of the root table */
	u64 memattr;
	bool for_mcu;
	bool unhandled_fault;		/* as.slots_lock */
	struct {
		int id;			/* slot, or -1; as.slots_lock, read without */
		refcount_t active_cnt;	/* to 0 and from 0 under as.slots_lock */
		bool active;		/* v2, which does not count; as.slots_lock */
		struct list_head lru_node;
	} as;
	/* What an operation keeps the GPU out of, with a slot or without one, by
	 * the form that locks; size 0: nothing. as.slots_lock. */
	struct {
		u64 start;
		u64 size;
	} locked_region;
	struct list_head node;		/* mmu.vm.lock */

	/* -- VM_BIND: set by panthor_vm_create() -- */
	struct drm_gpuvm base;		/* its tree: op_lock */
	struct drm_gpu_scheduler sched;
	struct drm_sched_entity entity;
	struct io_pgtable_ops pgtbl_ops;	/* op_lock */
	struct mutex op_lock;		/* one operation at a time */
	struct panthor_vm_op_ctx *op_ctx;	/* op_lock: whose turn it is */
	struct mutex mm_lock;
	struct list_head mm;		/* mm_lock: struct panthor_va_node */
	struct panthor_kernel_bo *heap;	/* mm_lock; or NULL */
	u64 heap_va;			/* mm_lock; what groups are told, or 0 */
	u64 user_va_range;		/* in bytes; the kernel's begins there */
	bool destroyed;			/* written under op_lock */
	bool unusable;			/* written under op_lock */
	bool flush_lost;		/* op_lock: the next one is of everything */
	/* op_lock. Tables that no entry leads to, and the GPU may still walk. */
	u32 nr_stale_tables;
	u8 stale_tables[PANTHOR_STALE_TABLES];
};

/* -- panthor_mmu_as*.c -- */

/* NULL or ERR_PTR never: memory for it is the machine's. Both at probe. */
void panthor_mmu_init(struct panthor_device *ptdev);
void panthor_mmu_fini(struct panthor_device *ptdev);

/* @vm has ptdev, root and for_mcu; gives it its id, puts it on the list. If a
 * reset is under way the list's lock makes the caller see it: true. */
bool panthor_vm_as_init(struct panthor_vm *vm);
/* Last reference gone: off the list, off its slot, whatever hardware is there
 * disabled. The tables can go afterwards. May sleep. True as above. */
bool panthor_vm_as_fini(struct panthor_vm *vm);

int panthor_vm_active(struct panthor_vm *vm);	/* 0, -ENODEV, -EBUSY, -ETIMEDOUT */
void panthor_vm_idle(struct panthor_vm *vm);
int panthor_vm_as(struct panthor_vm *vm);	/* slot or -1 */
bool panthor_vm_has_unhandled_faults(struct panthor_vm *vm);

/* After a change of [iova, iova + size) in the tables. 0 if there is nothing to
 * flush (unbound, unplugged), or -ETIMEDOUT. Takes as.slots_lock. */
int panthor_vm_flush_range(struct panthor_vm *vm, u64 iova, u64 size);

/* Release of as.slots_lock: what I-E1 to I-E8 judge. */
void panthor_mmu_slots_unlock(struct panthor_device *ptdev);
/* Clears the bits of @status it has dealt with. */
void panthor_mmu_irq_handler(struct panthor_device *ptdev, u32 status);

void panthor_mmu_suspend(struct panthor_device *ptdev);
void panthor_mmu_resume(struct panthor_device *ptdev);
void panthor_mmu_pre_reset(struct panthor_device *ptdev);
/* The hardware's reset, and every slot is taken back with it: in between nobody
 * locks a region that the records will not know of. */
void panthor_mmu_reset(struct panthor_device *ptdev);
void panthor_mmu_post_reset(struct panthor_device *ptdev);
/* as.slots_lock held. The hardware's reset while the device goes: every address
 * space is as after a fault. */
void panthor_mmu_reset_unplugged(struct panthor_device *ptdev);
void panthor_mmu_unplug(struct panthor_device *ptdev);

/* -- panthor_mmu_vm*.c: VM_BIND's half -- */

/* In M0: caches, worker tasks, buffer objects of the program; and their end. */
void panthor_vm_boot(struct panthor_device *ptdev);
void panthor_vm_quiesce(struct panthor_device *ptdev);	/* jobs and cleanups done */
void panthor_vm_halt(struct panthor_device *ptdev);	/* all handles destroyed */

/* The firmware's VM: bound to slot 0, has something mapped. NULL: -ENOMEM. */
struct panthor_vm *panthor_vm_create_mcu(struct panthor_device *ptdev);
/* Its mapping goes, then the firmware's reference. */
void panthor_vm_put_mcu(struct panthor_vm *vm);
struct panthor_vm *panthor_vm_get(struct panthor_vm *vm);	/* NULL is allowed */
void panthor_vm_put(struct panthor_vm *vm);			/* likewise */
/* A reference, or NULL: no such handle. */
struct panthor_vm *panthor_vm_pool_get_vm(struct panthor_device *ptdev, u32 handle);

/* mmu.vm.lock held: its VM_BIND scheduler takes no further job; and goes on. */
void panthor_vm_stop(struct panthor_vm *vm);
void panthor_vm_start(struct panthor_vm *vm);

/*
 * What programs call. @va and @size in pages, @bo_page a page of the BO;
 * @type 0 MAP, 1 UNMAP, 2 SYNC_ONLY. -ENODEV after unplug. An asynchronous
 * call returns 0 once its job is queued; -EAGAIN: wait was asked for before.
 */
long panthor_ioctl_vm_create(struct panthor_device *ptdev, u32 handle);
long panthor_ioctl_vm_destroy(struct panthor_device *ptdev, u32 handle);
/* The kernel's own mapping in a VM: make it, or take it away. */
long panthor_ioctl_heap(struct panthor_device *ptdev, u32 handle, bool create);
struct panthor_bind_args {
	u32 vm, type, va, size, bo, bo_page;
	bool readonly, async;
};
long panthor_ioctl_vm_bind(struct panthor_device *ptdev,
			   const struct panthor_bind_args *args);

#endif /* TARGETS_PANTHOR_PANTHOR_MMU_H */
