// SPDX-License-Identifier: GPL-2.0
/*
 * file_ops.c: read() and write() of one page of a file, as a program calls them.
 */
#include <linux/err.h>
#include <linux/fs.h>

#include "targets/mm/file_ops.h"
#include "targets/mm/slots.h"

struct file *op_file(u32 slot)
{
	return slot < FILE_NAMES ? file_slot_get(slot) : ERR_PTR(-ENOENT);
}

long file_leave(struct file *file, long ret)
{
	fput(file);
	kernel_task_idle_check();
	return ret;
}

/* file, page; what is there, 0 past the end */
long op_file_read(const u32 *arg)
{
	struct file *file = op_file(arg[0]);
	u32 value;
	long ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = vfs_read_page(file, arg[1], &value);
	return file_leave(file, ret == 1 ? value : ret);
}

/* file, page */
long op_file_write(const u32 *arg)
{
	struct file *file = op_file(arg[0]);

	if (IS_ERR(file))
		return PTR_ERR(file);
	return file_leave(file, min(vfs_write_page(file, arg[1],
						   mm_next_value()), 0));
}
