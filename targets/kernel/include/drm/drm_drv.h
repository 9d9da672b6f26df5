/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/drm_drv.h: sections in which a device is still there.
 *
 * MODEL of <drm/drm_drv.h>: an SRCU domain and a flag, as upstream.
 * Implementation: panthor/drm_drv.c.
 */
#ifndef _DRM_DRV_H_
#define _DRM_DRV_H_

#include <drm/drm_file.h>
#include <linux/types.h>

/* False: unplugged, and no section was opened. Sections nest. */
bool drm_dev_enter(struct drm_device *dev, int *idx);
void drm_dev_exit(int idx);
bool drm_dev_entered(void);		/* by the calling task */
/* Sets the flag, then waits for every section that is open. */
void drm_dev_unplug(struct drm_device *dev);
bool drm_dev_is_unplugged(struct drm_device *dev);

#endif /* _DRM_DRV_H_ */
