// SPDX-License-Identifier: GPL-2.0
/*
 * target: what a program can do with a Mali, and the three targets: the driver as
 * merged in 6.12, as posted in August 2023, and as it is since it locks what an
 * operation changes.
 *
 * A program has four VM handles, four groups (a queue of jobs of one VM each)
 * and four buffer objects. Boot makes VMs 0 to 2, each with a group of its
 * number and a block of the object of its number at address 0; group 3 is of VM 0
 * too. Of address spaces there are two, besides the firmware's.
 */
#include <linux/errno.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/mm.h"
#include "targets/panthor/panthor.h"
#include "targets/panthor/panthor_sched.h"
#include "targets/target.h"
#include "targets/oracle/svm_oracles.h"

static u32 next_value __machine;

/* A call returns to its program. */
static long leave(long ret)
{
	kernel_task_idle_check();
	return ret;
}

static u64 va_of(u32 page)
{
	return page * HW_PAGE_SIZE;
}

static u32 value(void)
{
	return __atomic_add_fetch(&next_value, 1, __ATOMIC_RELAXED);
}

static long op_vm_create(const u32 *arg)
{
	return leave(panthor_ioctl_vm_create(panthor, arg[0]));
}

static long op_vm_destroy(const u32 *arg)
{
	return leave(panthor_ioctl_vm_destroy(panthor, arg[0]));
}

/* page, count, vm, then of a MAP bo, bo_page, readonly, and async last */
static long op_bind_map(const u32 *arg)
{
	const struct panthor_bind_args args = {
		.type = 0, .va = arg[0], .size = arg[1], .vm = arg[2],
		.bo = arg[3], .bo_page = arg[4], .readonly = arg[5],
		.async = arg[6],
	};

	return leave(panthor_ioctl_vm_bind(panthor, &args));
}

static long op_bind_unmap(const u32 *arg)
{
	const struct panthor_bind_args args = {
		.type = 1, .va = arg[0], .size = arg[1], .vm = arg[2],
		.async = arg[3],
	};

	return leave(panthor_ioctl_vm_bind(panthor, &args));
}

static long op_bind_sync(const u32 *arg)
{
	const struct panthor_bind_args args = {
		.type = 2, .vm = arg[0], .async = true,
	};

	return leave(panthor_ioctl_vm_bind(panthor, &args));
}

static long op_group_create(const u32 *arg)
{
	return leave(panthor_group_create(panthor, arg[0], arg[1]));
}

static long op_group_destroy(const u32 *arg)
{
	return leave(panthor_group_destroy(panthor, arg[0]));
}

static long op_submit_read(const u32 *arg)
{
	return leave(panthor_submit(panthor, arg[1], va_of(arg[0]), HW_READ, 0,
				    false));
}

static long op_submit_write(const u32 *arg)
{
	return leave(panthor_submit(panthor, arg[1], va_of(arg[0]), HW_WRITE,
				    value(), false));
}

static long op_gpu_read(const u32 *arg)
{
	return leave(panthor_submit(panthor, arg[1], va_of(arg[0]), HW_READ, 0,
				    true));
}

static long op_gpu_write(const u32 *arg)
{
	return leave(panthor_submit(panthor, arg[1], va_of(arg[0]), HW_WRITE,
				    value(), true));
}

static long op_idle(const u32 *arg)
{
	return leave(panthor_sched_idle(panthor, arg[0]));
}

static long op_tick(const u32 *arg)
{
	panthor_sched_tick(panthor);
	return leave(0);
}

static long op_suspend(const u32 *arg)
{
	return leave(panthor_device_suspend(panthor));
}

static long op_resume(const u32 *arg)
{
	return leave(panthor_device_resume(panthor));
}

static long op_reset(const u32 *arg)
{
	panthor_device_schedule_reset(panthor);
	return leave(0);
}

static long op_unplug(const u32 *arg)
{
	panthor_device_unplug(panthor);
	return leave(0);
}

static long op_stuck(const u32 *arg)
{
	hw_stick(arg[0], arg[1]);
	return leave(0);
}

static long op_heap(const u32 *arg)
{
	return leave(panthor_ioctl_heap(panthor, arg[0], arg[1]));
}

/* More VMs want an address space than there are, and each will fault in it. */
static long op_fault_all(const u32 *arg)
{
	long ret = 0;

	for (u32 i = 0; i < PANTHOR_GROUPS && ret != -ENODEV; i++)
		ret = panthor_submit(panthor, i, va_of(PROG_PAGES - 1), HW_READ,
				     0, false);
	return leave(ret);
}

static long op_time_out(const u32 *arg)
{
	panthor_sched_time_out(panthor);
	return leave(0);
}

/* page, vm, unmap, async */
static long op_bind_nothing(const u32 *arg)
{
	const struct panthor_bind_args args = {
		.type = arg[2], .va = arg[0], .vm = arg[1], .async = arg[3],
	};

	return leave(panthor_ioctl_vm_bind(panthor, &args));
}

#define PAGE	{ "page", ARG_INDEX, 0 }
#define COUNT	{ "count", ARG_COUNT, 1 }
#define VM	{ "vm", ARG_SLOT, 0 }
#define GROUP	{ "group", ARG_SLOT, 0 }
#define ASYNC	{ "async", ARG_BOOL, 0 }

/* Append, never reorder: an opcode is an index. */
static const struct op panthor_ops[] = {
	{ "vm_create", { VM }, 3, op_vm_create, "a VM, empty, under a free handle" },
	{ "vm_destroy", { VM }, 3, op_vm_destroy,
	  "a handle goes, and everything mapped in its VM" },
	{ "bind_map",
	  { PAGE, COUNT, VM, { "bo", ARG_SLOT, 0 }, { "bo_page", ARG_INDEX, 0 },
	    { "readonly", ARG_BOOL, 0 }, ASYNC },
	  20, op_bind_map, "map pages of a buffer object, over whatever was there" },
	{ "bind_unmap", { PAGE, COUNT, VM, ASYNC }, 12, op_bind_unmap,
	  "unmap a range, splitting what reaches over it" },
	{ "bind_sync", { VM }, 2, op_bind_sync,
	  "a job after all that were queued, which does nothing" },
	{ "group_create", { GROUP, VM }, 3, op_group_create,
	  "a queue of jobs of a VM" },
	{ "group_destroy", { GROUP }, 3, op_group_destroy,
	  "a queue goes; its jobs are cancelled" },
	{ "submit_read", { PAGE, GROUP }, 12, op_submit_read,
	  "queue a job that reads a page" },
	{ "submit_write", { PAGE, GROUP }, 12, op_submit_write,
	  "queue a job that writes a page" },
	{ "gpu_read", { PAGE, GROUP }, 20, op_gpu_read,
	  "a job reads a page; wait for its fence" },
	{ "gpu_write", { PAGE, GROUP }, 20, op_gpu_write,
	  "a job writes a page; wait for its fence" },
	{ "idle", { GROUP }, 10, op_idle,
	  "a group with nothing to run leaves its slot" },
	{ "tick", { { NULL, ARG_NONE, 0 } }, 3, op_tick,
	  "give slots to groups that have something to run" },
	{ "suspend", { { NULL, ARG_NONE, 0 } }, 4, op_suspend,
	  "power off, unless a job needs it" },
	{ "resume", { { NULL, ARG_NONE, 0 } }, 3, op_resume, "power on" },
	{ "reset", { { NULL, ARG_NONE, 0 } }, 3, op_reset,
	  "schedule a reset of the hardware" },
	{ "unplug", { { NULL, ARG_NONE, 0 } }, 2, op_unplug,
	  "the device goes, for good" },
	{ "stuck", { { "as", ARG_SLOT, 1 }, { "on", ARG_BOOL, 1 } }, 2, op_stuck,
	  "commands to an address space never complete, until a reset" },
	{ "heap", { VM, { "on", ARG_BOOL, 1 } }, 2, op_heap,
	  "the kernel maps a page of its own in a VM, in place of the last, or none" },
	{ "bind_nothing",
	  { PAGE, VM, { "unmap", ARG_BOOL, 0 }, { "async", ARG_BOOL, 1 } },
	  1, op_bind_nothing, "map or unmap a range of no pages" },
	{ "fault_all", { { NULL, ARG_NONE, 0 } }, 2, op_fault_all,
	  "queue a job in each group: read the last page, which has nothing at boot" },
	{ "time_out", { { NULL, ARG_NONE, 0 } }, 2, op_time_out,
	  "what runs has taken too long: its groups lose their slots and jobs" },
};

static const char *const themes[] = {
	"gpu_read gpu_write bind_map bind_unmap idle",
	"gpu_read idle gpu_write tick",
	"bind_map gpu_write vm_destroy vm_create group_create group_destroy",
	"submit_read submit_write suspend resume reset unplug",
	"bind_map gpu_write stuck bind_unmap reset",
	"bind_map bind_map bind_unmap bind_unmap gpu_read",
	"heap stuck gpu_read heap vm_destroy",
	"vm_create bind_unmap bind_unmap vm_destroy",
	"gpu_read gpu_read group_destroy submit_read",
	"fault_all time_out",
	"heap gpu_read group_destroy vm_destroy",
	NULL
};

#define BOOT_VMS	3

static void boot(const struct panthor_form *form)
{
	kernel_boot(0);
	panthor_device_init(form);
	for (u32 i = 0; i < BOOT_VMS; i++) {
		const struct panthor_bind_args args = {
			.vm = i, .size = HW_BLOCK_PAGES, .bo = i,
		};

		panthor_ioctl_vm_create(panthor, i);
		panthor_ioctl_vm_bind(panthor, &args);
		panthor_group_create(panthor, i, i);
	}
	panthor_group_create(panthor, BOOT_VMS, 0);
}

static void boot_t(void)
{
	boot(&panthor_form_t);
}

static void boot_v2(void)
{
	boot(&panthor_form_v2);
}

static void boot_lock_region(void)
{
	boot(&panthor_form_lock_region);
}

static void task_begin(u32 index)
{
	kernel_task_begin("program");
}

static void task_end(u32 index)
{
	kernel_task_end();
}

static void quiesce(void)
{
	struct panthor_irq *irq = &panthor->mmu->irq;
	u32 served;

	panthor_sched_quiesce(panthor);
	panthor_vm_quiesce(panthor);
	/* A handler may queue work, and work unmask an interrupt. */
	do {
		served = panthor_mmu_irq_sync(irq);
		kernel_quiesce();
	} while (panthor_mmu_irq_sync(irq) != served);
}

static void halt(void)
{
	panthor_device_fini(panthor);
	kernel_halt();
}

#define MUST_SEE							\
	EV_as_bind, EV_as_active, EV_as_idle, EV_as_repair, EV_as_update, \
	EV_as_flush, EV_as_tlb_fill, EV_as_fault, EV_as_faulty, EV_as_timeout, \
	EV_as_reset, EV_as_power, EV_as_unplug, EV_pgt_set, EV_vm_load,	\
	EV_vm_store, EV_vm_job_done, EV_as_int_clear, EV_pgt_alloc, EV_pgt_free, \
	EV_vm_op_begin, EV_vm_op_end, EV_vm_bind, EV_vm_unusable,	\
	EV_vm_destroy, EV_vm_freed, EV_bo_unpin, EV_fence_section,	\
	EV_resv_lock

static const u16 must_see[] = { MUST_SEE, EV_none };
static const u16 must_see_locks[] = {
	MUST_SEE, EV_as_lock, EV_as_unlock, EV_none,
};

static const u16 counters[] = {
	EV_as_bind, EV_as_fault, EV_as_repair, EV_as_reset, EV_vm_load, EV_none,
};

#define PANTHOR_TARGET(oracles_, must_see_)				\
	.mm_ops	= false,						\
	.ops	= panthor_ops,						\
	.nr_ops	= ARRAY_SIZE(panthor_ops),				\
	.themes	= themes,						\
	.oracles = oracles_,						\
	.view	= &view_panthor,					\
	.format	= view_format,					\
	.must_see = must_see_,						\
	.counters = counters,						\
	.task_begin = task_begin,					\
	.task_end = task_end,						\
	.quiesce = quiesce,						\
	.halt	= halt

const struct target target_panthor = {
	.name	= "panthor",
	.help	= "Panthor's address spaces and VM_BIND, as merged in 6.12",
	.boot	= boot_t,
	PANTHOR_TARGET(svm_oracles_panthor, must_see),
};

const struct target target_panthor_v2 = {
	.name	= "panthor-v2",
	.help	= "Panthor as posted in August 2023, its defects mended",
	.boot	= boot_v2,
	PANTHOR_TARGET(svm_oracles_panthor, must_see),
};

const struct target target_panthor_lock_region = {
	.name	= "panthor-lock-region",
	.help	= "Panthor since it locks what an operation changes, as of 2026",
	.boot	= boot_lock_region,
	PANTHOR_TARGET(svm_oracles_panthor_region, must_see_locks),
};
