// SPDX-License-Identifier: GPL-2.0
/*
 * target: what a program can do with the test_hmm devices, and the target that
 * is the whole of them.
 *
 * Halt follows a dying process: exit_mm() comes before exit_files(), so the
 * mms go first and the files of the devices after them.
 */
#include <linux/kernel.h>
#include <linux/mman.h>

#include "targets/dmirror/dmirror.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/mm.h"
#include "targets/oracle/svm_oracles.h"
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

/* Pages past the last one a program can name are left out. */
static u32 range_pages(u32 page, u32 count)
{
	return min(count, PROG_PAGES - page);
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
				  range_pages(arg[0], arg[1]) * PAGE_SIZE,
				  prot, arg[4]));
}

/* command */
static long op_dev_bad_buffer(const u32 *arg)
{
	bad[rt_self()] = arg[0] ? BAD_COMMAND : BAD_BUFFER;
	return leave(0);
}

#define PAGE	{ "page", ARG_PAGE, 0 }
#define COUNT	{ "count", ARG_COUNT, 1 }
#define FILE_	{ "file", ARG_SLOT, 0 }
#define MM	{ "mm", ARG_MM, 0 }

/* Append, never reorder: an opcode is an index. */
static const struct op dmirror_ops[] = {
	{ "dev_open", { FILE_, { "dev", ARG_SLOT, 0 }, MM, OP_MAKES(ARG_SLOT) },
	  6, op_dev_open,
	  "open device dev (0 or 1) as a file that mirrors an mm; what the file was is closed" },
	{ "dev_close", { FILE_ }, 4, op_dev_close,
	  "close a file of a device, which evicts the device's pages" },
	{ "dev_read", { PAGE, COUNT, FILE_ }, 18, op_dev_read,
	  "a device reads a range through its mirror" },
	{ "dev_write", { PAGE, COUNT, FILE_, { "value", ARG_VALUE, 0 } },
	  20, op_dev_write,
	  "a device writes value, value + 1 ... to a range; 0: values never written before" },
	{ "dev_migrate", { PAGE, COUNT, FILE_ }, 22, op_dev_migrate,
	  "move a range to the device's memory, and read it there" },
	{ "dev_migrate_sys", { PAGE, COUNT, FILE_ }, 6, op_dev_migrate_sys,
	  "move what a range has in the device's memory back" },
	{ "dev_snapshot", { PAGE, COUNT, FILE_ }, 4, op_dev_snapshot,
	  "what is mapped in a range, a byte a page" },
	{ "dev_exclusive", { PAGE, COUNT, FILE_ }, 14, op_dev_exclusive,
	  "take a range from all CPUs for the device's atomics, and read it" },
	{ "dev_check_exclusive", { PAGE, COUNT, FILE_ }, 2,
	  op_dev_check_exclusive,
	  "-EPERM while the device has atomic access to a page of a range" },
	{ "dev_release", { FILE_ }, 4, op_dev_release,
	  "evict the device's pages and free its memory" },
	{ "dev_mmap", { PAGE, COUNT, { "prot", ARG_PROT, PROG_PROT_RW }, FILE_, MM },
	  2, op_dev_mmap, "map the device's node, privately: fresh pages of its own" },
	{ "dev_bad_buffer", { { "command", ARG_BOOL, 0 } }, 1, op_dev_bad_buffer,
	  "this task's next device call cannot access its buffer, or its command" },
};

static const char *const themes[] = {
	"store dev_migrate gup",
	"store dev_migrate fork load dontneed",
	"dev_migrate load munmap exit dev_release dev_close",
	"dev_open dev_migrate dev_migrate dev_read dev_write load",
	"dev_open dev_migrate dev_release dev_close",
	NULL
};

static void dmirror_target_boot(void)
{
	kernel_boot(0);
	mm_boot();
	dmirror_boot();
}

static void dmirror_task_begin(u32 index)
{
	kernel_task_begin("program");
}

static void dmirror_task_end(u32 index)
{
	kernel_task_end();
}

static void dmirror_target_halt(void)
{
	mm_halt();
	dmirror_halt();
	kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_retry, EV_gpu_map, EV_gpu_unmap,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_dmirror_open,
	EV_dmirror_close, EV_dmirror_read, EV_pgmap_gone, EV_none,
};

static const u16 counters[] = {
	EV_inv_begin, EV_retry, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_none,
};

const struct target target_dmirror = {
	.name	= "dmirror",
	.help	= "the kernel's test_hmm driver: a mirror, device memory and exclusive access, against the mm",
	.mm_ops	= true,
	.ops	= dmirror_ops,
	.nr_ops	= ARRAY_SIZE(dmirror_ops),
	.themes	= themes,
	.oracles = svm_oracles_dmirror,
	.view	= &view_dmirror,
	.format	= view_format,
	.must_see = must_see,
	.counters = counters,
	.boot	= dmirror_target_boot,
	.task_begin = dmirror_task_begin,
	.task_end = dmirror_task_end,
	.quiesce = kernel_quiesce,
	.halt	= dmirror_target_halt,
};
