/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_sched.h: groups, their jobs, and the firmware's slots they run in.
 *
 * Models what of drivers/gpu/drm/panthor/panthor_sched.c and panthor_fw.c decides
 * when a VM becomes active and idle, and when a fence signals. A group is a
 * queue of jobs of one VM; a job is one access of the GPU. The tick gives the
 * slots to groups that have something to run and takes them from those that
 * have not; a fault or a dead job kills what its group has queued.
 *
 *	panthor_sched.c	which group has a slot: tick; suspend, reset, unplug
 *	panthor_group.c	groups and jobs, their handles and fences
 *	panthor_csg.c	MODEL of a firmware slot: a task G0, G1, that runs jobs
 *	panthor_fw.c	the firmware's own VM and its events
 *
 * Lock order: sched.lock, then sched.rings, which the firmware side takes alone,
 * or as.slots_lock. Signalling a fence needs neither.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_SCHED_H
#define TARGETS_PANTHOR_PANTHOR_SCHED_H

#include "targets/panthor/panthor_mmu.h"

#define PANTHOR_GROUPS		4	/* handles of the file */
#define PANTHOR_CSGS		2	/* not more than user address spaces */
#define PANTHOR_FENCE_NS	60000000000ull	/* nothing takes that long */

struct panthor_group {
	refcount_t refcount;
	u32 handle, id;			/* id: counts from 1 */
	struct panthor_vm *vm;
	int csg_id;			/* -1: not resident; sched.lock */
	bool destroyed;			/* sched.lock and rings */
	u32 nr_queues;
	bool fatal;			/* a job of it died or timed out; rings */
	struct list_head jobs;		/* rings: queued, oldest first */
};

struct panthor_job {
	struct list_head node;		/* rings */
	struct panthor_group *group;	/* a reference, until done */
	refcount_t refcount;		/* who waits, and the scheduler */
	u32 id, vm;
	u64 va;
	u32 access, value;
	int err;
	u32 done;			/* the fence */
};

struct panthor_csg_slot {
	struct panthor_device *ptdev;
	u32 index;
	struct panthor_group *group;	/* sched.lock and rings */
	u32 as;				/* rings */
	u64 context;			/* rings: where the group's is, or 0 */
	bool save;			/* rings: write it */
	bool halted;			/* rings: begin nothing new */
	u32 terminate;			/* what stalls is given up */
	struct panthor_job *running;	/* rings */
	u32 busy;			/* running, as a word to wait for */
	struct list_head finished;	/* rings: jobs to be signalled */
	u32 doorbell, stop;
	int task;
};

struct panthor_scheduler {
	struct panthor_device *ptdev;
	struct mutex lock;
	spinlock_t rings;
	struct work_struct tick_work;
	struct work_struct fw_events_work;
	bool fw_events_disabled;	/* rings */
	bool stopped;			/* lock: suspended, in reset */
	bool unplugged;			/* lock */
	u32 nr_jobs, nr_groups;		/* ids */
	u32 unsignalled;		/* jobs */
	struct panthor_csg_slot csg[PANTHOR_CSGS];
	struct mutex groups_lock;
	struct panthor_group *groups[PANTHOR_GROUPS];	/* groups_lock */
};

struct panthor_fw {
	struct panthor_vm *vm;
	struct panthor_fw_iface *iface;	/* what firmware and driver share */
};

/* -- panthor_sched.c -- */
void panthor_sched_init(struct panthor_device *ptdev);
void panthor_sched_fini(struct panthor_device *ptdev);
void panthor_sched_suspend(struct panthor_device *ptdev);
void panthor_sched_resume(struct panthor_device *ptdev);
void panthor_sched_pre_reset(struct panthor_device *ptdev);
void panthor_sched_post_reset(struct panthor_device *ptdev);
void panthor_sched_unplug(struct panthor_device *ptdev);
/* Power is off: whatever is left is dead, and is signalled. */
void panthor_sched_unplugged(struct panthor_device *ptdev);
void panthor_sched_report_mmu_fault(struct panthor_device *ptdev);
void panthor_sched_report_fw_events(struct panthor_device *ptdev);
void panthor_sched_tick(struct panthor_device *ptdev);
/* The jobs that run in slots have had their time; their groups are killed. */
void panthor_sched_time_out(struct panthor_device *ptdev);
/* No group of @vm that was destroyed is in a slot when this returns. */
void panthor_sched_prepare_for_vm_destruction(struct panthor_vm *vm);
/* Frees an empty slot of a group that has nothing to run; -EBUSY. */
long panthor_sched_idle(struct panthor_device *ptdev, u32 group);

/* -- panthor_group.c -- */
long panthor_group_create(struct panthor_device *ptdev, u32 group, u32 vm);
long panthor_group_destroy(struct panthor_device *ptdev, u32 group);
/* @wait: until its fence signals, and the job's error; else 0. */
long panthor_submit(struct panthor_device *ptdev, u32 group, u64 va,
		    enum hw_access access, u32 value, bool wait);
/* Until every job has signalled. */
void panthor_sched_quiesce(struct panthor_device *ptdev);
void panthor_group_put(struct panthor_group *group);
/* What the group has queued goes to @jobs; sched.lock held. */
void panthor_group_take_jobs(struct panthor_group *group,
			     struct list_head *jobs);
/* Jobs that are on no other list end, with @err if it is not 0. Needs no lock. */
void panthor_jobs_signal(struct panthor_device *ptdev, struct list_head *jobs,
			 int err);

/* -- panthor_csg.c -- */
void panthor_csg_init(struct panthor_device *ptdev);
void panthor_csg_fini(struct panthor_device *ptdev);
void panthor_csg_ring_doorbell(struct panthor_csg_slot *csg);
/* sched.lock: until a group is put there. */
void panthor_csg_terminate(struct panthor_csg_slot *csg);
/* sched.lock: the firmware writes the context of the group that is to leave; a
 * slot that hangs, or does after @ns, is given up. */
void panthor_csg_save(struct panthor_csg_slot *csg, u64 ns);
/* 0 once nothing runs there, or -ETIMEDOUT after @ns; RT_FOREVER. */
int panthor_csg_wait(struct panthor_csg_slot *csg, u64 ns);

/* -- panthor_fw.c -- */
void panthor_fw_init(struct panthor_device *ptdev);
void panthor_fw_start(struct panthor_device *ptdev);	/* after power or reset */
void panthor_fw_unplug(struct panthor_device *ptdev);
void panthor_fw_read_events(struct panthor_device *ptdev);

#endif /* TARGETS_PANTHOR_PANTHOR_SCHED_H */
