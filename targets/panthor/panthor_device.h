/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_device.h: the device, its interrupt and its registers.
 *
 * Models drivers/gpu/drm/panthor/panthor_device.h and .c, v2 and 6.12; spec
 * panthor.md 4, 5. The MMU's interrupt is the only one: what the firmware's
 * would say, the model's own tasks say (panthor_sched.h).
 *
 * Lock order, outermost first:
 *
 *	unplug.lock			one unplug
 *	  pm.lock			suspend, resume, who needs power
 *	    sched.lock			groups; panthor_sched.h
 *	      mmu.vm.lock		list of VMs
 *	        mmu.as.slots_lock	address spaces and all their registers
 *
 * A VM_BIND operation's op_lock is outside slots_lock and inside none of the
 * others. drm_dev_enter() sections nest anywhere.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_DEVICE_H
#define TARGETS_PANTHOR_PANTHOR_DEVICE_H

#include <drm/drm_drv.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "targets/mutation.h"
#include "targets/panthor/hw.h"
#include "targets/panthor/panthor_regs.h"
#include "targets/view.h"

#define PANTHOR_AS_PRESENT	3	/* address spaces; 0 is the firmware's */

struct panthor_mmu;
struct panthor_scheduler;
struct panthor_fw;

struct panthor_device;
struct panthor_vm;

/* How a form keeps the GPU out of what an operation changes, from before its
 * first step until what it changed is flushed: panthor_mmu_region.c. */
struct panthor_region_ops {
	/* op_lock held: around the steps of an operation on [iova, iova + size).
	 * unlock: 0, or -ETIMEDOUT if the range may not be flushed. */
	void (*lock)(struct panthor_vm *vm, u64 iova, u64 size);
	int (*unlock)(struct panthor_vm *vm, u64 iova, u64 size);
	/* as.slots_lock held. The VM was given an address space: lock it there,
	 * if it is in an operation. 0 or -ETIMEDOUT. */
	int (*enabled)(struct panthor_vm *vm);
	/* As many. The VM of this address space loses it, or the use of it:
	 * everything is flushed and nothing stays locked. */
	int (*leave)(struct panthor_device *ptdev, u32 as);
};

/*
 * What differs between the driver as posted in August 2023, as merged, and as it
 * is since it locks what it updates; and is no defect. Defects are rows of
 * mutations.def.
 */
struct panthor_form {
	const char *name;
	bool counted;	/* vm->as.active_cnt: false in v2 */
	/* as.slots_lock held: @op, a flush of [iova, iova + size), to its end. */
	int (*flush)(struct panthor_device *ptdev, int as, u64 iova, u64 size,
		     u32 op);
	const struct panthor_region_ops *region;	/* NULL: each flush locks */
};
extern const struct panthor_form panthor_form_v2, panthor_form_t,
	panthor_form_lock_region;

struct panthor_irq {
	struct panthor_device *ptdev;
	u32 mask;		/* copy of MMU_INT_MASK, bits 0..15; as.slots_lock */
	atomic_t suspended;
	u32 inflight;		/* raw handlers on their way, wakes not yet served */
	u32 wakes;		/* what the thread sleeps on */
	u32 stop;
	int task;
};

struct panthor_device {
	struct drm_device base;
	const struct panthor_form *form;

	struct {
		u32 as_present;		/* bitmask of address spaces */
	} gpu_info;

	struct panthor_mmu *mmu;
	struct panthor_scheduler *scheduler;
	struct panthor_fw *fw;

	struct {
		struct mutex lock;
		struct completion done;
		bool begun;		/* lock */
		bool over;		/* power is gone; pm.lock, read without */
	} unplug;

	struct {
		struct workqueue_struct *wq;
		struct work_struct work;
		u32 pending;		/* scheduled and not begun */
	} reset;

	struct {
		struct mutex lock;
		u32 users;		/* need power; up from 0 under lock */
		bool suspended;		/* lock */
	} pm;

	/* For I-E7: on whose behalf each task touches registers. */
	u8 context[RT_TASKS_MAX];
};

/* Register access; every one is a switch point and heard by I-E7. */
u32 gpu_read(struct panthor_device *ptdev, u32 reg);
void gpu_write(struct panthor_device *ptdev, u32 reg, u32 data);
/* The calling task is a VIEW_REG_IRQ or VIEW_REG_CORE; returns what it was. */
u8 panthor_device_context(struct panthor_device *ptdev, u8 context);

/* -- panthor_device.c -- */
/* Probe: makes the device of panthor.h. */
void panthor_device_init(const struct panthor_form *form);
void panthor_device_fini(struct panthor_device *ptdev);
void panthor_device_schedule_reset(struct panthor_device *ptdev);
bool panthor_device_reset_is_pending(struct panthor_device *ptdev);
void panthor_device_unplug(struct panthor_device *ptdev);
/* Power for the caller until the put; resumes. -ENODEV after unplug. */
int panthor_device_get(struct panthor_device *ptdev);
void panthor_device_put(struct panthor_device *ptdev);
/* -EBUSY while somebody needs power. */
int panthor_device_suspend(struct panthor_device *ptdev);
int panthor_device_resume(struct panthor_device *ptdev);

/* -- panthor_irq.c -- */
void panthor_request_mmu_irq(struct panthor_device *ptdev,
			     struct panthor_irq *pirq, u32 mask);
void panthor_mmu_irq_suspend(struct panthor_irq *pirq);
/* Waits for the handlers of the interrupts there have been; their number. */
u32 panthor_mmu_irq_sync(struct panthor_irq *pirq);
void panthor_mmu_irq_resume(struct panthor_irq *pirq, u32 mask);
void panthor_free_mmu_irq(struct panthor_irq *pirq);

#endif /* TARGETS_PANTHOR_PANTHOR_DEVICE_H */
