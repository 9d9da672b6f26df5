// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c: the calls every target with an mm has, and the slots they name.
 *
 * A slot is one process. It has threads while somebody is in a call of it or
 * its program has not exited; as long as it has any it pins the mm's structure
 * (one mm_count), and each call adds a user of its own:
 *
 *	load page=0 mm=1			exit mm=1
 *	mm_enter(): threads 1 -> 2, mm_users 1 -> 2
 *						base user dropped, 2 -> 1
 *	... the access ...
 *	mm_leave(): mm_users 1 -> 0, exit_mmap()
 *
 * The counts of the table stand for what keeps a task list alive in a kernel;
 * they are no switch points.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "harness/prog/op.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/target.h"

#define BOOT_PAGES	8	/* mapped in slot 0 at boot; the rest is free */

static struct mm_slot {
	struct mm_struct *mm;	/* NULL once freed */
	u32 state;		/* enum view_mm_state */
	u32 threads;		/* calls inside, and one until exit */
	u32 running;		/* 1 until exit */
} slots[PROG_MMS] __machine;

static u32 last_value __machine;

u32 mm_slot_take(void)
{
	u32 slot, unused;

	for (slot = 0; slot < PROG_MMS; slot++) {
		unused = VIEW_MM_UNUSED;
		if (__atomic_compare_exchange_n(&slots[slot].state, &unused,
						VIEW_MM_LIVE, false,
						__ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			break;
	}
	return slot;
}

void mm_slot_set(u32 slot, struct mm_struct *mm)
{
	__atomic_store_n(&slots[slot].mm, mm, __ATOMIC_RELEASE);
}

void mm_slot_state(u32 slot, u32 state)
{
	__atomic_store_n(&slots[slot].state, state, __ATOMIC_RELEASE);
}

struct mm_struct *mm_slot_get(u32 slot)
{
	return __atomic_load_n(&slots[slot].mm, __ATOMIC_ACQUIRE);
}

u32 mm_slot_get_state(u32 slot)
{
	return __atomic_load_n(&slots[slot].state, __ATOMIC_ACQUIRE);
}

/* The program of @slot begins: its one user is @mm's. */
static void slot_start(u32 slot, struct mm_struct *mm)
{
	mmgrab(mm);
	__atomic_store_n(&slots[slot].running, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&slots[slot].threads, 1, __ATOMIC_RELEASE);
}

static bool thread_enter(u32 slot)
{
	u32 n = __atomic_load_n(&slots[slot].threads, __ATOMIC_ACQUIRE);

	do {
		if (!n || !__atomic_load_n(&slots[slot].running,
					   __ATOMIC_RELAXED))
			return false;
	} while (!__atomic_compare_exchange_n(&slots[slot].threads, &n, n + 1,
					      false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return true;
}

static void thread_leave(u32 slot)
{
	struct mm_struct *mm = mm_slot_get(slot);

	if (!__atomic_sub_fetch(&slots[slot].threads, 1, __ATOMIC_ACQ_REL))
		mmdrop(mm);
}

struct mm_struct *mm_pin(u32 slot)
{
	struct mm_struct *mm;

	if (!thread_enter(slot))
		return NULL;
	mm = mm_slot_get(slot);
	mmgrab(mm);
	thread_leave(slot);
	return mm;
}

struct mm_struct *mm_enter(u32 slot)
{
	struct mm_struct *mm;

	if (!thread_enter(slot))
		return NULL;
	mm = mm_slot_get(slot);
	if (!mmget_not_zero(mm)) {
		thread_leave(slot);
		return NULL;
	}
	current->mm = mm;
	return mm;
}

void mm_leave(struct mm_struct *mm)
{
	u32 slot = mm->slot;

	current->mm = NULL;
	mmput(mm);
	thread_leave(slot);
}

/* The program's own user, dropped once. The caller is inside @mm. */
static int slot_exit(struct mm_struct *mm)
{
	u32 slot = mm->slot;

	if (!__atomic_exchange_n(&slots[slot].running, 0, __ATOMIC_ACQ_REL))
		return -ESRCH;
	mmput(mm);
	thread_leave(slot);
	return 0;
}

u32 mm_next_value(void)
{
	return __atomic_add_fetch(&last_value, 1, __ATOMIC_RELAXED);
}

void mm_boot(void)
{
	u32 slot;
	struct mm_struct *mm;

	page_alloc_boot();
	tlb_boot();
	slot = mm_slot_take();
	mm = mm_alloc(slot, ~0u);
	mm_slot_set(slot, mm);
	slot_start(slot, mm);
	ksys_mmap(mm, VIEW_VA(0), BOOT_PAGES * PAGE_SIZE,
		  PROT_READ | PROT_WRITE);
}

void mm_halt(void)
{
	struct mm_struct *mm;
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++) {
		mm = mm_enter(slot);
		if (!mm)
			continue;
		slot_exit(mm);
		mm_leave(mm);
	}
}

static unsigned long prot_bits(u32 prot)
{
	if (prot == PROG_PROT_RW)
		return PROT_READ | PROT_WRITE;
	return prot == PROG_PROT_R ? PROT_READ : PROT_NONE;
}

/* A call returns to its program. */
static long leave(struct mm_struct *mm, long ret)
{
	mm_leave(mm);
	kernel_task_idle_check();
	return ret;
}

/* Pages past the last one a program can name are left out. */
static unsigned long range_len(u32 page, u32 count)
{
	return min(count, PROG_PAGES - page) * PAGE_SIZE;
}

static long op_mmap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = ksys_mmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			prot_bits(arg[2]));
	return leave(mm, ret);
}

static long op_munmap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = vm_munmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]));
	return leave(mm, ret);
}

static long op_dontneed(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_madvise_dontneed(mm, VIEW_VA(arg[0]),
				  range_len(arg[0], arg[1]));
	return leave(mm, ret);
}

static long op_mprotect(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_mprotect(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			  prot_bits(arg[2]));
	return leave(mm, ret);
}

static long op_fork(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[0]), *child;
	long ret;

	if (!mm)
		return -ESRCH;
	child = dup_mm(mm);
	if (IS_ERR(child)) {
		ret = PTR_ERR(child);
	} else {
		ret = child->slot;
		slot_start(child->slot, child);
	}
	return leave(mm, ret);
}

static long op_exit(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[0]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = slot_exit(mm);
	return leave(mm, ret);
}

static long op_load(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	u32 value;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_load(mm, VIEW_VA(arg[0]), &value);
	return leave(mm, ret ? ret : value);
}

static long op_store(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_store(mm, VIEW_VA(arg[0]), mm_next_value());
	return leave(mm, ret);
}

static long op_oom_reap(const u32 *arg)
{
	struct mm_struct *mm = mm_pin(arg[0]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = oom_reap_task_mm(mm);
	mmdrop(mm);
	kernel_task_idle_check();
	return ret;
}

#define PAGE	{ "page", ARG_PAGE, 0 }
#define COUNT	{ "count", ARG_COUNT, 1 }
#define PROT	{ "prot", ARG_PROT, PROG_PROT_RW }
#define MM	{ "mm", ARG_MM, 0 }

/* Name, arguments, weight, function, help; the index is the opcode: append. */
const struct op mm_ops[] = {
	{ "mmap", { PAGE, COUNT, PROT, MM }, 4, op_mmap,
	  "map fresh anonymous memory over what is there" },
	{ "munmap", { PAGE, COUNT, MM }, 8, op_munmap,
	  "unmap a range" },
	{ "dontneed", { PAGE, COUNT, MM }, 10, op_dontneed,
	  "drop the contents of a range (MADV_DONTNEED)" },
	{ "mprotect", { PAGE, COUNT, PROT, MM }, 8, op_mprotect,
	  "change the rights of a range" },
	{ "fork", { MM, OP_MAKES(ARG_MM) }, 6, op_fork,
	  "copy an address space into the lowest unused slot" },
	{ "exit", { MM }, 2, op_exit,
	  "end a program; its last call tears the address space down" },
	{ "load", { PAGE, MM }, 12, op_load,
	  "read a page as the program does" },
	{ "store", { PAGE, MM }, 16, op_store,
	  "write a fresh value to a page as the program does" },
	{ "oom_reap", { MM }, 2, op_oom_reap,
	  "one pass of the OOM reaper, which may not wait" },
};
const u32 nr_mm_ops = ARRAY_SIZE(mm_ops);
