// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c: what a program can do with the test_hmm devices. Written over
 * dmirror.h alone: whoever implements that, here or on another ground, has
 * these calls.
 */
#include <linux/kernel.h>
#include <linux/mman.h>

#include "targets/dmirror/dmirror.h"
#include "targets/dmirror/ops.h"
#include "targets/mm/story_ops.h"
#include "targets/target.h"

/* By task: what its next ioctl cannot access. */
enum { BAD_NOTHING, BAD_BUFFER, BAD_COMMAND };
static u8 bad[RT_TASKS_MAX] __machine;

/* A call returns to its program. */
static long leave(long ret)
{
	kernel_task_idle_check();
	return ret;
}

/* The ioctl, and its outputs for the expectations of a story. */
static long ioctl(u32 file, u32 command, u32 page, u32 count,
		  struct dmirror_buffer *buffer)
{
	struct op_result *result = op_result();
	struct hmm_dmirror_cmd cmd = {
		.addr = VIEW_VA(page),
		.ptr = buffer,
		.npages = range_pages(page, count),
	};
	u8 *bad_now = &bad[rt_self()];
	long ret;

	if (!buffer->value)
		buffer->value = result->value;
	buffer->byte = result->byte;
	buffer->fault = *bad_now == BAD_BUFFER;
	ret = dmirror_ioctl(file, command,
			    *bad_now == BAD_COMMAND ? NULL : &cmd);
	*bad_now = BAD_NOTHING;
	result->first = page;
	result->nr = buffer->nr;
	/* After an error they are not to be seen: still 0. */
	if (!ret) {
		result->cpages = (u32)cmd.cpages;
		result->faults = (u32)cmd.faults;
	}
	return leave(ret);
}

/* page, count, file */
static long plain_ioctl(u32 command, const u32 *arg)
{
	struct dmirror_buffer buffer = { 0 };

	return ioctl(arg[2], command, arg[0], arg[1], &buffer);
}

static long op_dev_read(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_READ, arg);
}

/* page, count, file, value */
static long op_dev_write(const u32 *arg)
{
	u32 value[PROG_PAGES];
	struct dmirror_buffer buffer = { .value = value };

	for (u32 i = 0; i < range_pages(arg[0], arg[1]); i++)
		value[i] = arg[3] ? arg[3] + i : mm_next_value();
	return ioctl(arg[2], HMM_DMIRROR_WRITE, arg[0], arg[1], &buffer);
}

static long op_dev_migrate(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_MIGRATE_TO_DEV, arg);
}

static long op_dev_migrate_sys(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_MIGRATE_TO_SYS, arg);
}

static long op_dev_snapshot(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_SNAPSHOT, arg);
}

static long op_dev_exclusive(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_EXCLUSIVE, arg);
}

static long op_dev_check_exclusive(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_CHECK_EXCLUSIVE, arg);
}

static long op_dev_migrate_pin(const u32 *arg)
{
	return plain_ioctl(HMM_DMIRROR_MIGRATE_PIN, arg);
}

/* file; the range means nothing but must be one */
static long op_dev_release(const u32 *arg)
{
	struct dmirror_buffer buffer = { 0 };

	return ioctl(arg[0], HMM_DMIRROR_RELEASE, 0, 1, &buffer);
}

/* file, dev, mm */
static long op_dev_open(const u32 *arg)
{
	return leave(dmirror_open(arg[0], arg[1], arg[2]));
}

/* file */
static long op_dev_close(const u32 *arg)
{
	return leave(dmirror_close(arg[0]));
}

/* page, count, prot, file, mm */
static long op_dev_mmap(const u32 *arg)
{
	unsigned long prot = PROT_NONE;

	if (arg[2] != PROG_PROT_NONE)
		prot = PROT_READ;
	if (arg[2] == PROG_PROT_RW)
		prot |= PROT_WRITE;
	return leave(dmirror_mmap(arg[3], VIEW_VA(arg[0]),
				  range_pages(arg[0], arg[1]) * VIEW_PAGE_SIZE,
				  prot, arg[4]));
}

/* command */
static long op_dev_bad_buffer(const u32 *arg)
{
	bad[rt_self()] = arg[0] ? BAD_COMMAND : BAD_BUFFER;
	return leave(0);
}

#define OP(weight, name, help, ...) \
	{ #name, { __VA_ARGS__ }, weight, op_##name, help },
const struct op dmirror_ops[NR_DMIRROR_OPS] = {
#include "targets/dmirror/ops.def"
};
#undef OP

/* -- what a target with these calls is made of besides -- */

const char *const dmirror_themes[] = {
	"store dev_migrate gup",
	"store dev_migrate fork load dontneed",
	"dev_migrate load munmap exit dev_release dev_close",
	"dev_open dev_migrate dev_migrate dev_read dev_write load",
	"dev_open dev_migrate dev_release dev_close",
	NULL
};

const u16 dmirror_must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_retry, EV_gpu_map, EV_gpu_unmap,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_dmirror_open,
	EV_dmirror_close, EV_dmirror_read, EV_pgmap_gone, EV_none,
};

const u16 dmirror_counters[] = {
	EV_inv_begin, EV_retry, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_none,
};
