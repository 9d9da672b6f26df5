/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file_ops.h: calls on files, by the names that a program has for them.
 */
#ifndef TARGETS_MM_FILE_OPS_H
#define TARGETS_MM_FILE_OPS_H

#include "targets/mm/ground.h"

/* A reference to the file a program calls @slot. -ENOENT: none has that number;
 * otherwise as file_slot_get(). */
struct file *op_file(u32 slot);
/* A call on @file, which is given back, returns @ret to its program. */
long file_leave(struct file *file, long ret);

/* One function a call, see struct op. op_truncate() is the ground's. */
long op_truncate(const u32 *arg);
long op_file_read(const u32 *arg);
long op_file_write(const u32 *arg);

#endif /* TARGETS_MM_FILE_OPS_H */
