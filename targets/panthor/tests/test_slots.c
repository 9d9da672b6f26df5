// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces under schedules: each body is run by two tasks on a machine
 * with three VMs, of which page 0 to 3 are mapped, and two address spaces. What
 * must hold is what the oracles say, and what a job's fence says here.
 */
#include <linux/errno.h>

#include "targets/panthor/panthor.h"
#include "targets/panthor/panthor_sched.h"
#include "targets/panthor/panthor_vm.h"
#include "targets/panthor/tests/slot_tests.h"
#include "targets/target.h"

extern const struct target target_panthor, target_panthor_v2;
extern const struct target target_panthor_lock_region;

void slots_boot(void)
{
	target_panthor.boot();
}

void slots_v2_boot(void)
{
	target_panthor_v2.boot();
}

void slots_region_boot(void)
{
	target_panthor_lock_region.boot();
}

void slots_halt(void)
{
	target_panthor.quiesce();
	target_panthor.halt();
}

static long access(u32 group, u32 page, enum hw_access kind)
{
	return panthor_submit(panthor, group, page * HW_PAGE_SIZE, kind, 7, true);
}

/* Three VMs share two address spaces: every job gets there all the same. */
void slots_three_vms(u32 index)
{
	CUT_CHECK(!access(index, 0, HW_WRITE));
	CUT_CHECK(!access(2, 1, HW_READ));
	CUT_CHECK(!access(index, 2, HW_READ));
}

/* Nothing is mapped at page 9: that job dies, and the next repairs. */
void slots_fault(u32 index)
{
	if (index) {
		CUT_CHECK(!access(1, 0, HW_READ));
		return;
	}
	CUT_CHECK(access(0, 9, HW_READ) == -EIO);
	CUT_CHECK(!access(0, 0, HW_READ));
}

/* Suspend is refused or taken back; no job is lost. */
void slots_suspend(u32 index)
{
	if (index) {
		long ret = panthor_device_suspend(panthor);

		CUT_CHECK(!ret || ret == -EBUSY);
		return;
	}
	CUT_CHECK(!access(0, 0, HW_READ));
	CUT_CHECK(!access(1, 0, HW_READ));
}

/* A job may die with a reset or be refused after an unplug, and always ends. */
void slots_reset(u32 index)
{
	long ret;

	if (index) {
		panthor_device_schedule_reset(panthor);
		return;
	}
	ret = access(0, 0, HW_READ);
	CUT_CHECK(!ret || ret == -EIO);
	ret = access(2, 0, HW_READ);
	CUT_CHECK(!ret || ret == -EIO);
}

void slots_unplug(u32 index)
{
	long ret;

	if (index) {
		panthor_device_unplug(panthor);
		CUT_CHECK(access(1, 0, HW_READ) == -ENODEV);
		return;
	}
	ret = access(0, 0, HW_READ);
	CUT_CHECK(!ret || ret == -EIO || ret == -ENODEV || ret == -ECANCELED);
	panthor_device_unplug(panthor);
}

/*
 * @page is unmapped on a command engine that hangs. What locks first may find it
 * reset before it flushes.
 */
static void unmap_stuck(struct panthor_vm *vm, u32 page)
{
	int ret;

	hw_stick((u32)panthor_vm_as(vm), true);
	ret = panthor_vm_unmap_range(vm, page * HW_PAGE_SIZE, HW_PAGE_SIZE,
				     false);
	CUT_CHECK(ret == -ETIMEDOUT || (!ret && panthor->form->region));
}

/*
 * An unplug waits for a section in which the engine hangs twice. After each time
 * there is a reset, so what is asked again is done.
 */
void slots_unplug_hangs(u32 index)
{
	struct panthor_vm *vm;
	int cookie;

	if (index) {
		panthor_device_unplug(panthor);
		return;
	}
	access(0, 0, HW_READ);
	if (!drm_dev_enter(&panthor->base, &cookie))
		return;
	vm = panthor_vm_pool_get_vm(panthor, 0);
	while (!drm_dev_is_unplugged(&panthor->base))
		rt_sleep(rt_now() + RT_SPIN_NS, 0);
	for (u32 page = 0; page < HW_BLOCK_PAGES && panthor_vm_as(vm) >= 0;
	     page += 2) {
		unmap_stuck(vm, page);
		CUT_CHECK(!panthor_vm_unmap_range(vm, (page + 1) * HW_PAGE_SIZE,
						  HW_PAGE_SIZE, false));
	}
	panthor_vm_put(vm);
	drm_dev_exit(cookie);
}

/*
 * A group that waits for a slot gets none any more. That is no reason to reset
 * the hardware, on which others still run.
 */
void slots_unplug_refuses(u32 index)
{
	struct panthor_scheduler *sched = panthor->scheduler;
	int cookie;

	if (index) {
		panthor_device_unplug(panthor);
		return;
	}
	if (!drm_dev_enter(&panthor->base, &cookie))
		return;
	panthor_submit(panthor, 0, 0, HW_READ, 0, false);
	/* It waits still, unless the tick was faster. */
	mutex_lock(&sched->lock);
	while (!drm_dev_is_unplugged(&panthor->base))
		rt_sleep(rt_now() + RT_SPIN_NS, 0);
	mutex_unlock(&sched->lock);
	panthor_sched_tick(panthor);
	CUT_CHECK(!panthor_device_reset_is_pending(panthor));
	drm_dev_exit(cookie);
}

/* Both groups are VM 0's: the first to leave leaves it active. */
void slots_two_groups(u32 index)
{
	u32 group = index ? 3 : 0;

	CUT_CHECK(!access(group, 0, HW_READ));
	panthor_sched_idle(panthor, group);
	CUT_CHECK(!access(group, 1, HW_READ));
}

/*
 * VM 0 is changed while its slot goes to others and comes back, or to nobody: no
 * job waits for ever, and nothing is locked when all is over.
 */
void slots_region(u32 index)
{
	const struct panthor_bind_args args = {
		.vm = 0, .size = HW_BLOCK_PAGES, .bo = 3,
	};

	if (!index) {
		CUT_CHECK(!access(0, 0, HW_READ));
		panthor_sched_idle(panthor, 0);
		CUT_CHECK(!panthor_ioctl_vm_bind(panthor, &args));
	} else {
		CUT_CHECK(!access(1, 0, HW_READ));
		CUT_CHECK(!access(2, 0, HW_WRITE));
	}
	CUT_CHECK(!access(0, 1, HW_WRITE));
}

/* The same, and a suspend is in the way, or a reset. */
void slots_region_suspend(u32 index)
{
	const struct panthor_bind_args args = {
		.vm = 0, .size = HW_BLOCK_PAGES, .bo = 3,
	};

	if (index) {
		long ret = panthor_device_suspend(panthor);

		CUT_CHECK(!ret || ret == -EBUSY);
	} else {
		CUT_CHECK(!panthor_ioctl_vm_bind(panthor, &args));
	}
	CUT_CHECK(!access(0, 1, HW_WRITE));
}

void slots_region_reset(u32 index)
{
	const struct panthor_bind_args args = {
		.vm = 0, .size = HW_BLOCK_PAGES, .bo = 3,
	};

	if (index)
		panthor_device_schedule_reset(panthor);
	else
		CUT_CHECK(!panthor_ioctl_vm_bind(panthor, &args));
}
