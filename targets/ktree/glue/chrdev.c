// SPDX-License-Identifier: GPL-2.0
/*
 * chrdev: character devices, as far as a driver at its boot asks for them. What
 * it registers is kept, so that its file operations can be called.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>

#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/chrdev.h"

#define CDEVS_MAX	8

static struct cdev *cdevs[CDEVS_MAX];
static u32 nr_cdevs;

struct cdev *ktree_cdev(u32 i)
{
	return i < nr_cdevs ? cdevs[i] : NULL;
}

int alloc_chrdev_region(dev_t *dev, unsigned int first, unsigned int count,
			const char *name)
{
	*dev = MKDEV(240, first);
	return 0;
}

void unregister_chrdev_region(dev_t from, unsigned int count)
{
}

void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	cdev->ops = fops;
}

int cdev_device_add(struct cdev *cdev, struct device *dev)
{
	if (nr_cdevs == CDEVS_MAX)
		return -ENOSPC;
	cdevs[nr_cdevs++] = cdev;
	return 0;
}

void cdev_device_del(struct cdev *cdev, struct device *dev)
{
}

void device_initialize(struct device *dev)
{
}

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	return 0;
}
