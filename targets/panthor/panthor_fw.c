// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_fw: the firmware's VM, and how it says that something happened.
 *
 * Models what of drivers/gpu/drm/panthor/panthor_fw.c holds a VM or memory that
 * others use: its VM is in address space 0 from boot on and is never idled; who
 * takes its slot away (suspend, reset) is followed by panthor_fw_start().
 *
 * Differences: unplug disables the event work before it frees what the work
 * reads; upstream once only cancelled it.
 */
#include <linux/slab.h>

#include "targets/panthor/panthor_sched.h"

struct panthor_fw_iface {
	u32 events;		/* read by the event work */
};

void panthor_fw_init(struct panthor_device *ptdev)
{
	struct panthor_fw *fw = rt_alloc(sizeof(*fw));

	BUG_ON(!fw);
	ptdev->fw = fw;
	fw->iface = kzalloc(sizeof(*fw->iface), GFP_KERNEL | __GFP_NOFAIL);
	fw->vm = panthor_vm_create_mcu(ptdev);
	BUG_ON(!fw->vm);
	panthor_fw_start(ptdev);
}

void panthor_fw_start(struct panthor_device *ptdev)
{
	/* A timeout has scheduled the reset that calls us again. */
	panthor_vm_active(ptdev->fw->vm);
}

void panthor_fw_read_events(struct panthor_device *ptdev)
{
	struct panthor_fw_iface *iface = ptdev->fw->iface;

	rt_point(RT_SITE(RT_LOAD, "fw_events", NULL), iface);
	(void)READ_ONCE(iface->events);
}

void panthor_fw_unplug(struct panthor_device *ptdev)
{
	struct panthor_fw *fw = ptdev->fw;
	struct panthor_scheduler *sched = ptdev->scheduler;

	if (!mutated(pt_unplug_cancels_fw_work)) {
		spin_lock(&sched->rings);
		sched->fw_events_disabled = true;
		spin_unlock(&sched->rings);
	}
	cancel_work_sync(&sched->fw_events_work);
	kfree(fw->iface);
	panthor_vm_put_mcu(fw->vm);
	fw->vm = NULL;
}
