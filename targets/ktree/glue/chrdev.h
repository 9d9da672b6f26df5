/* SPDX-License-Identifier: GPL-2.0 */
/* chrdev.h: the character devices that drivers registered; see chrdev.c. */
#ifndef TARGETS_KTREE_GLUE_CHRDEV_H
#define TARGETS_KTREE_GLUE_CHRDEV_H

#include "harness/types.h"

struct cdev;

/* In order of registration; NULL: there are not so many. */
struct cdev *ktree_cdev(u32 i);

#endif /* TARGETS_KTREE_GLUE_CHRDEV_H */
