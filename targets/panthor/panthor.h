/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor.h: the machine as target.c boots it.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_H
#define TARGETS_PANTHOR_PANTHOR_H

#include "targets/panthor/panthor_device.h"

extern const struct view view_panthor;

/* The device; there from the beginning of probe. */
extern struct panthor_device *panthor;

#endif /* TARGETS_PANTHOR_PANTHOR_H */
