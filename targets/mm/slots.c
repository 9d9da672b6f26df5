// SPDX-License-Identifier: GPL-2.0
/*
 * slots.c: the address spaces of a program, and the calls that need no more of
 * them than that they live.
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
#include <linux/errno.h>
#include <linux/sched/mm.h>

#include "targets/mm/slots.h"
#include "targets/view.h"

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

struct mm_struct *mm_slot_get(u32 slot)
{
	return slot < PROG_MMS ?
		__atomic_load_n(&slots[slot].mm, __ATOMIC_ACQUIRE) : NULL;
}

void mm_slot_state(u32 slot, u32 state)
{
	__atomic_store_n(&slots[slot].state, state, __ATOMIC_RELEASE);
}

u32 mm_slot_get_state(u32 slot)
{
	return __atomic_load_n(&slots[slot].state, __ATOMIC_ACQUIRE);
}

void mm_slot_start(u32 slot, struct mm_struct *mm)
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
	mm_use(mm);
	return mm;
}

void mm_leave(struct mm_struct *mm)
{
	u32 slot = mm_slot_of(mm);

	mm_use(NULL);
	mmput(mm);
	thread_leave(slot);
}

long op_leave(struct mm_struct *mm, long ret)
{
	mm_leave(mm);
	kernel_task_idle_check();
	return ret;
}

u32 mm_next_value(void)
{
	return __atomic_add_fetch(&last_value, 1, __ATOMIC_RELAXED);
}

/* The program's own user, dropped once. The caller is inside @mm. */
static int slot_exit(struct mm_struct *mm)
{
	u32 slot = mm_slot_of(mm);

	if (!__atomic_exchange_n(&slots[slot].running, 0, __ATOMIC_ACQ_REL))
		return -ESRCH;
	mmput(mm);
	thread_leave(slot);
	return 0;
}

void mm_slots_exit(void)
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

/* -- calls -- */

/* mm */
long op_fork(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[0]);

	return mm ? op_leave(mm, mm_fork(mm)) : -ESRCH;
}

/* mm */
long op_exit(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[0]);

	return mm ? op_leave(mm, slot_exit(mm)) : -ESRCH;
}

/* page, mm; what is there */
long op_load(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	u32 value = 0;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_load(mm, VIEW_VA(arg[0]), &value);
	return op_leave(mm, ret ? ret : value);
}

/* page, mm */
long op_store(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_store(mm, VIEW_VA(arg[0]), mm_next_value());
	return op_leave(mm, ret);
}

/* page, mm; what was there before */
long op_increment(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	u32 value = 0;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_increment(mm, VIEW_VA(arg[0]), &value);
	return op_leave(mm, ret ? ret : value);
}
