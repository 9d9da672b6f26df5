// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_mmu_hw: commands to an address space.
 *
 * Models the first part of drivers/gpu/drm/panthor/panthor_mmu.c (wait_ready()
 * to panthor_mmu_as_disable()), the same in v2 and 6.12; spec panthor.md 2.
 *
 * An error is only ever a timeout. Each command first waits for the engine and
 * is not written if that fails; a LOCK lost so is ignored, and the flush after
 * it reports. A timeout schedules a reset, which repairs what was left undone.
 *
 * In the form that locks regions, panthor_mmu_region.c, a flush takes no lock and
 * releases none, so panthor_mmu_as_disable() has to see to what is locked.
 *
 * Differences: UPDATE is waited for. Upstream issues it and goes on; if the
 * engine hangs just then, a slot taken from another VM goes on translating by
 * that VM's tables.
 */
#include <linux/errno.h>

#include "targets/panthor/panthor_mmu_as.h"

#define READY_TIMEOUT_NS	100000000ull
#define READY_POLL_NS		25000000ull

static int wait_ready(struct panthor_device *ptdev, u32 as_nr)
{
	u64 until;

	if (!(gpu_read(ptdev, AS_STATUS(as_nr)) & AS_STATUS_AS_ACTIVE))
		return 0;
	until = rt_now() + READY_TIMEOUT_NS;
	do {
		rt_sleep(rt_now() + READY_POLL_NS, 0);
		if (!(gpu_read(ptdev, AS_STATUS(as_nr)) & AS_STATUS_AS_ACTIVE))
			return 0;
	} while (rt_now() < until);

	view_emit(EV_as_timeout, as_nr, 0, 0);
	panthor_device_schedule_reset(ptdev);
	return -ETIMEDOUT;
}

static int write_cmd(struct panthor_device *ptdev, u32 as_nr, u32 cmd)
{
	int status;

	/* A command written while one is active is lost. */
	status = wait_ready(ptdev, as_nr);
	if (!status)
		gpu_write(ptdev, AS_COMMAND(as_nr), cmd);
	return status;
}

/* LOCKADDR for the smallest naturally aligned power of two with the range. */
static u64 pack_region_range(u64 region_start, u64 size)
{
	u64 region_end = region_start + size;
	u64 last = region_end > region_start ? region_end - 1 : ~0ull;
	u64 differ = (region_start ^ last) | (AS_LOCK_REGION_MIN_SIZE - 1);
	u32 width = 64 - (u32)__builtin_clzll(differ);
	u64 region = width > 63 ? 0 : region_start >> width << width;

	return region | (width - 1);
}

static void lock_region(struct panthor_device *ptdev, u32 as_nr,
			u64 region_start, u64 size)
{
	u64 region = pack_region_range(region_start, size);

	if (!size)
		return;
	gpu_write(ptdev, AS_LOCKADDR_LO(as_nr), (u32)region);
	gpu_write(ptdev, AS_LOCKADDR_HI(as_nr), (u32)(region >> 32));
	write_cmd(ptdev, as_nr, AS_COMMAND_LOCK);
}

int mmu_hw_do_operation_locked(struct panthor_device *ptdev, int as_nr,
			       u64 iova, u64 size, u32 op)
{
	int ret;

	lockdep_assert_held(&ptdev->mmu->as.slots_lock);
	if (as_nr < 0)
		return 0;
	if (op != AS_COMMAND_UNLOCK)
		lock_region(ptdev, (u32)as_nr, iova, size);
	ret = write_cmd(ptdev, (u32)as_nr, op);
	if (ret || mutated(pt_skip_wait_ready))
		return ret;
	return wait_ready(ptdev, (u32)as_nr);
}

int mmu_hw_send_command_locked(struct panthor_device *ptdev, int as_nr,
			       u64 iova, u64 size, u32 op)
{
	u64 region = pack_region_range(iova, size);
	int ret;

	lockdep_assert_held(&ptdev->mmu->as.slots_lock);
	if (as_nr < 0)
		return 0;
	if (size) {
		gpu_write(ptdev, AS_LOCKADDR_LO(as_nr), (u32)region);
		gpu_write(ptdev, AS_LOCKADDR_HI(as_nr), (u32)(region >> 32));
	}
	ret = write_cmd(ptdev, (u32)as_nr, op);
	if (ret || mutated(pt_skip_wait_ready))
		return ret;
	return wait_ready(ptdev, (u32)as_nr);
}

/* What was programmed counts from here on, and not before. */
static int update(struct panthor_device *ptdev, u32 as_nr)
{
	int ret = write_cmd(ptdev, as_nr, AS_COMMAND_UPDATE);

	if (ret || mutated(pt_update_not_waited_for))
		return ret;
	return wait_ready(ptdev, as_nr);
}

int panthor_mmu_as_enable(struct panthor_device *ptdev, u32 as_nr, u64 transtab,
			  u64 transcfg, u64 memattr)
{
	int ret = 0;

	/* Whoever had the slot before left translations behind. */
	if (!mutated(pt_enable_skip_flush))
		ret = ptdev->form->flush(ptdev, (int)as_nr, 0, ~0ull,
					 AS_COMMAND_FLUSH_MEM);
	if (ret)
		return ret;

	gpu_write(ptdev, AS_TRANSTAB_LO(as_nr), (u32)transtab);
	gpu_write(ptdev, AS_TRANSTAB_HI(as_nr), (u32)(transtab >> 32));
	gpu_write(ptdev, AS_MEMATTR_LO(as_nr), (u32)memattr);
	gpu_write(ptdev, AS_MEMATTR_HI(as_nr), (u32)(memattr >> 32));
	gpu_write(ptdev, AS_TRANSCFG_LO(as_nr), (u32)transcfg);
	gpu_write(ptdev, AS_TRANSCFG_HI(as_nr), (u32)(transcfg >> 32));
	return update(ptdev, as_nr);
}

int panthor_mmu_as_disable(struct panthor_device *ptdev, u32 as_nr)
{
	const struct panthor_region_ops *region = ptdev->form->region;
	int ret;

	if (region)
		ret = region->leave(ptdev, as_nr);
	else
		ret = ptdev->form->flush(ptdev, (int)as_nr, 0, ~0ull,
					 AS_COMMAND_FLUSH_MEM);
	if (ret)
		return ret;

	gpu_write(ptdev, AS_TRANSTAB_LO(as_nr), 0);
	gpu_write(ptdev, AS_TRANSTAB_HI(as_nr), 0);
	gpu_write(ptdev, AS_MEMATTR_LO(as_nr), 0);
	gpu_write(ptdev, AS_MEMATTR_HI(as_nr), 0);
	gpu_write(ptdev, AS_TRANSCFG_LO(as_nr), AS_TRANSCFG_ADRMODE_UNMAPPED);
	gpu_write(ptdev, AS_TRANSCFG_HI(as_nr), 0);
	if (mutated(pt_disable_skip_update))
		return 0;
	return update(ptdev, as_nr);
}
