/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hmm.h: mirrors of an address space on devices.
 *
 * MODEL of <linux/hmm.h> of the HMM series, v12 (March 2016). Spec: hmm-v12.md
 * 1. A device mirrors an mm: HMM keeps a page table for it, fills it when the
 * device asks, and before the CPU's changes has the device give up what it has
 * of it. Implementation: hmm.c, hmm_fault.c,
 * hmm_fault_list.c.
 */
#ifndef TARGETS_HMM_MIRROR_HMM_H
#define TARGETS_HMM_MIRROR_HMM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "targets/hmm_mirror/hmm_pt.h"
#include "targets/hmm_mirror/mmu_notifier_v12.h"

/* The numbers are view_hmm_v12.h's. */
enum hmm_etype {
	HMM_NONE = VIEW_V12_NONE,
	HMM_FORK = VIEW_V12_FORK,
	HMM_MIGRATE = VIEW_V12_MIGRATE,
	HMM_MUNMAP = VIEW_V12_MUNMAP,
	HMM_DEVICE_RFAULT = VIEW_V12_RFAULT,
	HMM_DEVICE_WFAULT = VIEW_V12_WFAULT,
	HMM_WRITE_PROTECT = VIEW_V12_WRITE_PROTECT,
};

/* What a device is updated about; end is exclusive. */
struct hmm_event {
	struct list_head list;		/* of hmm, under hmm->lock */
	unsigned long start, end;
	dma_addr_t pte_mask;		/* what may stay of an entry */
	enum hmm_etype etype;
	bool backoff;			/* give way: hmm->lock to set */
	struct hmm_mirror *mirror;	/* of a device fault */
	u32 id;				/* likewise; for the journal */
};

static inline bool hmm_event_overlap(const struct hmm_event *a,
				     const struct hmm_event *b)
{
	return a->end > b->start && a->start < b->end;
}

struct hmm_device;
struct hmm_mirror;

/*
 * release: the mirror is dead, no update comes after this call. free: nothing
 * refers to it any more. update: bring the device in line with the event
 * before returning; 0, -ENOMEM, -EIO. After an error from an invalidation the
 * mirror is killed; a device fault returns it. The device sets the dirty bit of
 * entries it wrote.
 */
struct hmm_device_ops {
	void (*release)(struct hmm_mirror *mirror);
	void (*free)(struct hmm_mirror *mirror);
	int (*update)(struct hmm_mirror *mirror, struct hmm_event *event);
};

struct hmm_device {
	const struct hmm_device_ops *ops;
	struct list_head mirrors;
	spinlock_t lock;		/* mirrors */
};

/* One per mm that has a mirror. */
struct hmm {
	struct mm_struct *mm;
	struct hlist_head mirrors;	/* rwsem */
	unsigned long vm_end;
	struct kref kref;		/* one per mirror */
	struct rw_semaphore rwsem;
	struct mmu_notifier_v12 mmu_notifier;
	struct rcu_head rcu;
	struct list_head device_faults;	/* lock */
	u32 ndevice_faults;		/* lock to change */
	u32 nended;			/* faults, and pages, that ended */
	struct list_head pages;		/* lock: unbracketed invalidations */
	wait_queue_head_t wait_queue;
	spinlock_t lock;
};

struct hmm_mirror {
	struct hmm_device *device;
	struct hmm *hmm;
	struct kref kref;		/* the driver's, hmm's list, users */
	struct list_head dlist;		/* device->mirrors */
	struct hlist_node mlist;	/* hmm->mirrors */
	struct hmm_pt pt;
};

void hmm_device_register(struct hmm_device *device,
			 const struct hmm_device_ops *ops);

/*
 * Mirror @mm, which the caller is a user of, on mirror->device; events call it
 * @space. Needs no lock. 0, -ENOMEM, -EINTR; -EINVAL: this device mirrors it
 * already. Then the driver has a reference, for unregister to take.
 */
int hmm_mirror_register(struct hmm_mirror *mirror, struct mm_struct *mm,
			u32 space);
/* Kills the mirror and drops the driver's reference. Not from ops->release. */
void hmm_mirror_unregister(struct hmm_mirror *mirror);
/* NULL: it is being destroyed. */
struct hmm_mirror *hmm_mirror_ref(struct hmm_mirror *mirror);
/* May destroy it: needs no lock then. */
void hmm_mirror_unref(struct hmm_mirror **mirror);

/*
 * Fault [event->start, event->end) for the device, event->etype being RFAULT or
 * WFAULT. Needs a reference of @mirror and no lock; may sleep. 0: up to
 * event->end, which may be lower than asked for, the device was told. -ENODEV:
 * the mirror is dead; -EFAULT, -EINVAL, -ENOMEM; -EBUSY: try again; or what
 * update returned.
 */
int hmm_mirror_fault(struct hmm_mirror *mirror, struct hmm_event *event);

/* -- between hmm.c, hmm_fault.c and hmm_fault_list.c -- */
int hmm_event_init(struct hmm_event *event, const struct hmm *hmm,
		   unsigned long start, unsigned long end,
		   enum hmm_etype etype);
/* The device's update, told to the journal. */
int hmm_mirror_call_update(struct hmm_mirror *mirror, struct hmm_event *event);
bool hmm_mirror_is_dead(struct hmm_mirror *mirror);
/* 0, and the fault is listed: no invalidation that overlaps it passes before
 * fault_end(). -EAGAIN: one is under way; -ENODEV: the mirror died. */
int hmm_device_fault_start(struct hmm_mirror *mirror, struct hmm_event *event);
void hmm_device_fault_end(struct hmm *hmm, struct hmm_event *event);
/* Until none is left that overlaps; of @mirror, or if NULL of any. Each is asked
 * to give way. May sleep. */
void hmm_wait_device_fault(struct hmm *hmm, const struct hmm_event *ievent,
			   const struct hmm_mirror *mirror);

/* For the view: the hmm of an mm slot; NULL: none. */
const struct hmm *hmm_of_slot(u32 slot);

#endif /* TARGETS_HMM_MIRROR_HMM_H */
