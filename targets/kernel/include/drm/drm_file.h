/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/drm_file.h: a device and an open file of it.
 *
 * MODEL of <drm/drm_device.h> and <drm/drm_file.h>: only what a driver hangs
 * its own state on.
 */
#ifndef _DRM_FILE_H_
#define _DRM_FILE_H_

#include <linux/types.h>

struct drm_device {
	void *dev_private;
	u32 unplugged;		/* drm_dev_unplug() */
};

struct drm_file {
	void *driver_priv;
};

#endif /* _DRM_FILE_H_ */
