/* SPDX-License-Identifier: GPL-2.0 */
/*
 * world.h: the first include of every file of the kernel world, by the compile
 * line. The tree has u8..u64, bool and size_t of the harness' own types, and
 * statics are part of the image, so nothing needs a section of its own.
 */
#ifndef TARGETS_KTREE_GLUE_WORLD_H
#define TARGETS_KTREE_GLUE_WORLD_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/kernel.h>

#ifndef HARNESS_TYPES_H
#define HARNESS_TYPES_H
#endif
#ifndef __machine
#define __machine
#endif

#endif /* TARGETS_KTREE_GLUE_WORLD_H */
