// SPDX-License-Identifier: GPL-2.0
/*
 * target: mirrors of 2016 on two devices, and what a program does with them.
 *
 * Halt follows a dying process: its mms go first, which kills their mirrors,
 * and the driver lets go of them after.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>

#include "targets/hmm_mirror/hmm_device.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/mm.h"
#include "targets/mm/ops.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/target.h"

static long leave(long ret)
{
	kernel_task_idle_check();
	return ret;
}

/* mirror, dev, mm */
static long op_mirror_register(const u32 *arg)
{
	return leave(hmm_slot_register(arg[0], arg[1], arg[2]));
}

/* mirror */
static long op_mirror_unregister(const u32 *arg)
{
	return leave(hmm_slot_unregister(arg[0]));
}

/* page, count, access, mirror */
static long op_mirror_fault(const u32 *arg)
{
	return leave(hmm_slot_fault(arg[3], VIEW_VA(arg[0]),
				    range_pages(arg[0], arg[1]), arg[2] == 1));
}

/* page, mirror */
static long op_mirror_read(const u32 *arg)
{
	u32 value = 0;
	long ret = hmm_slot_read(arg[1], VIEW_VA(arg[0]), &value);

	return leave(ret ? ret : value);
}

/* page, mirror */
static long op_mirror_write(const u32 *arg)
{
	return leave(hmm_slot_write(arg[1], VIEW_VA(arg[0]), mm_next_value()));
}

/* mirror, how */
static long op_mirror_fail(const u32 *arg)
{
	static const int err[] = { -EIO, -ENOMEM, -EBUSY, -EIO };

	return leave(hmm_slot_fail(arg[0], err[arg[1]]));
}

/* page, mm */
static long op_reclaim(const u32 *arg)
{
	return leave(reclaim_page(arg[1], VIEW_VA(arg[0])));
}

/* page, mm */
static long op_writeback(const u32 *arg)
{
	return leave(writeback_page(arg[1], VIEW_VA(arg[0])));
}

#define PAGE	{ "page", ARG_PAGE, 0 }
#define COUNT	{ "count", ARG_COUNT, 1 }
#define MIRROR	{ "mirror", ARG_SLOT, 0 }
#define MM	{ "mm", ARG_MM, 0 }

/* Append, never reorder: an opcode is an index. */
static const struct op hmm_ops[] = {
	{ "mirror_register",
	  { MIRROR, { "dev", ARG_SLOT, 0 }, MM, OP_MAKES(ARG_SLOT) },
	  8, op_mirror_register,
	  "a device (dev modulo 2) begins to mirror an mm" },
	{ "mirror_unregister", { MIRROR }, 5, op_mirror_unregister,
	  "a mirror is killed and forgotten" },
	{ "mirror_fault",
	  { PAGE, COUNT, { "access", ARG_ACCESS, 0 }, MIRROR },
	  20, op_mirror_fault,
	  "a device asks for a range, to read it or (write) to write it" },
	{ "mirror_read", { PAGE, MIRROR }, 16, op_mirror_read,
	  "a device reads a page through its own table, or faults" },
	{ "mirror_write", { PAGE, MIRROR }, 18, op_mirror_write,
	  "a device writes a fresh value to a page likewise" },
	{ "mirror_fail", { MIRROR, { "how", ARG_SLOT, 0 } }, 3, op_mirror_fail,
	  "the device's next update fails: -EIO, -ENOMEM, -EBUSY" },
	{ "reclaim", { PAGE, MM }, 12, op_reclaim,
	  "the page of a file that is mapped there loses all its entries" },
	{ "writeback", { PAGE, MM }, 4, op_writeback,
	  "and may be written to by nobody until the next fault" },
};

static const char *const themes[] = {
	"mirror_write mirror_read dontneed",
	"mirror_fault mirror_fault dontneed mirror_write",
	"mirror_register mirror_fault mirror_write munmap dontneed fork",
	"mirror_register mirror_unregister mirror_fault mirror_write",
	"mirror_write mirror_fail mirror_fault munmap",
	"mmap mirror_fault mirror_write reclaim writeback",
	"mmap mirror_read mirror_write reclaim store",
	"load mirror_fault mirror_fault reclaim",
	"hugepage mirror_fault store dontneed mirror_write",
	"mirror_write fork mprotect mirror_fault exit",
	NULL
};

/* Pages after those of boot are of a file, and there, for what is done to such
 * pages without a bracket. */
static void map_file(void)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = op_file(0);

	if (!IS_ERR(file)) {
		ksys_mmap(mm, VIEW_VA(8), 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, file, 0);
		cpu_store(mm, VIEW_VA(8), mm_next_value());
		cpu_store(mm, VIEW_VA(9), mm_next_value());
		fput(file);
	}
	mm_leave(mm);
}

static void hmm_target_boot(void)
{
	kernel_boot(0);
	mm_boot();
	/* Not in 2016: what mprotect() takes is all that is told of an entry. */
	userfaultfd_absent = true;
	map_file();
	hmm_devices_boot();
}

static void hmm_task_begin(u32 index)
{
	kernel_task_begin("program");
}

static void hmm_task_end(u32 index)
{
	kernel_task_end();
}

static void hmm_target_halt(void)
{
	mm_halt();
	hmm_devices_halt();
	kernel_halt();
}

static const u16 must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_v12_range_add, EV_v12_listed,
	EV_v12_backoff, EV_v12_asleep, EV_v12_again, EV_v12_entry,
	EV_v12_page_done,
	EV_v12_page_dirty, EV_v12_directory, EV_v12_unlinked, EV_v12_released,
	EV_v12_range_asleep, EV_v12_waited, EV_v12_update_end,
	EV_gpu_map, EV_gpu_unmap, EV_gpu_load, EV_gpu_store, EV_none,
};

static const u16 counters[] = {
	EV_inv_begin, EV_v12_listed, EV_v12_backoff, EV_v12_asleep,
	EV_v12_again, EV_v12_page_done, EV_v12_released, EV_none,
};

const struct target target_hmm_v12 = {
	.name	= "hmm-v12",
	.help	= "HMM as posted in 2016: mirrors of an mm on two devices, device faults and invalidations",
	.mm_ops	= true,
	.ops	= hmm_ops,
	.nr_ops	= ARRAY_SIZE(hmm_ops),
	.themes	= themes,
	.oracles = svm_oracles_hmm_v12,
	.view	= &view_hmm,
	.format	= view_format,
	.must_see = must_see,
	.counters = counters,
	.boot	= hmm_target_boot,
	.task_begin = hmm_task_begin,
	.task_end = hmm_task_end,
	.quiesce = kernel_quiesce,
	.halt	= hmm_target_halt,
};
