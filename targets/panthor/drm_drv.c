// SPDX-License-Identifier: GPL-2.0
/*
 * drm_drv: sections in which a device is still there.
 *
 * MODEL of the end of drivers/gpu/drm/drm_drv.c. The flag is set before the
 * grace period, so that a section which began after it sees it, and one that
 * began before is waited for.
 */
#include <drm/drm_drv.h>
#include <linux/compiler.h>
#include <linux/srcu.h>

DEFINE_STATIC_SRCU(drm_unplug_srcu);

bool drm_dev_enter(struct drm_device *dev, int *idx)
{
	*idx = srcu_read_lock(&drm_unplug_srcu);
	if (READ_ONCE(dev->unplugged)) {
		srcu_read_unlock(&drm_unplug_srcu, *idx);
		return false;
	}
	return true;
}

void drm_dev_exit(int idx)
{
	srcu_read_unlock(&drm_unplug_srcu, idx);
}

bool drm_dev_entered(void)
{
	return srcu_read_lock_held(&drm_unplug_srcu);
}

void drm_dev_unplug(struct drm_device *dev)
{
	WRITE_ONCE(dev->unplugged, true);
	synchronize_srcu(&drm_unplug_srcu);
}

bool drm_dev_is_unplugged(struct drm_device *dev)
{
	return READ_ONCE(dev->unplugged);
}
