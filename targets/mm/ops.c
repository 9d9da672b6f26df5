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
 *
 * Files and what is done to pages is in page_ops.c, what stories add in
 * story_ops.c; the table of all of them is ops.def.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "harness/prog/op.h"
#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mm/ops.h"
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
	anon_vma_boot();
	memremap_boot();
	file_boot();
	slot = mm_slot_take();
	mm = mm_alloc(slot, ~0u);
	mm_slot_set(slot, mm);
	slot_start(slot, mm);
	mmap_anon(mm, VIEW_VA(0), BOOT_PAGES * PAGE_SIZE,
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
	page_ops_halt();
	file_halt();
}

bool story_unjudged(void)
{
	return kernel_alloc_failed();
}

static unsigned long prot_bits(u32 prot)
{
	if (prot == PROG_PROT_RW)
		return PROT_READ | PROT_WRITE;
	return prot == PROG_PROT_R ? PROT_READ : PROT_NONE;
}

long op_leave(struct mm_struct *mm, long ret)
{
	mm_leave(mm);
	kernel_task_idle_check();
	return ret;
}

/* page, count, prot, mm, kind, file, offset */
static long op_mmap(const u32 *arg)
{
	static const unsigned long flags[] = {
		[PROG_MAP_ANON] = MAP_PRIVATE | MAP_ANONYMOUS,
		[PROG_MAP_SHARED] = MAP_SHARED | MAP_ANONYMOUS,
		[PROG_MAP_FILE] = MAP_SHARED,
		[PROG_MAP_PRIVATE] = MAP_PRIVATE,
	};
	struct mm_struct *mm = mm_enter(arg[3]);
	struct file *file = NULL;
	long ret;

	if (!mm)
		return -ESRCH;
	if (!(flags[arg[4]] & MAP_ANONYMOUS))
		file = op_file(arg[5]);
	if (IS_ERR(file))
		return op_leave(mm, PTR_ERR(file));
	ret = ksys_mmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			prot_bits(arg[2]), flags[arg[4]], file,
			file ? arg[6] : 0);
	if (file)
		fput(file);
	return op_leave(mm, ret);
}

/* page, count, to, mm */
static long op_mremap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_mremap(mm, VIEW_VA(arg[0]),
			min(range_len(arg[0], arg[1]),
			    range_len(arg[2], arg[1])), VIEW_VA(arg[2]));
	return op_leave(mm, ret);
}

static long op_munmap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = vm_munmap(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]));
	return op_leave(mm, ret);
}

static long op_dontneed(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_madvise_dontneed(mm, VIEW_VA(arg[0]),
				  range_len(arg[0], arg[1]));
	return op_leave(mm, ret);
}

static long op_mprotect(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = do_mprotect(mm, VIEW_VA(arg[0]), range_len(arg[0], arg[1]),
			  prot_bits(arg[2]));
	return op_leave(mm, ret);
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
	return op_leave(mm, ret);
}

static long op_exit(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[0]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = slot_exit(mm);
	return op_leave(mm, ret);
}

static long op_load(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	u32 value;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_load(mm, VIEW_VA(arg[0]), &value);
	return op_leave(mm, ret ? ret : value);
}

static long op_store(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_store(mm, VIEW_VA(arg[0]), mm_next_value());
	return op_leave(mm, ret);
}

/* page, mm; what was there before */
static long op_increment(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	u32 value;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = cpu_increment(mm, VIEW_VA(arg[0]), &value);
	return op_leave(mm, ret ? ret : value);
}

/*
 * page, count, mm. Only whole, aligned ranges can be huge, so the advice is
 * about all of each that the pages lie in.
 */
static long op_hugepage(const u32 *arg)
{
	unsigned long start = VIEW_VA(arg[0]) & PMD_MASK;
	unsigned long end = VIEW_VA(arg[0]) + range_len(arg[0], arg[1]);
	struct mm_struct *mm = mm_enter(arg[2]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, do_madvise_hugepage(mm, start,
						ALIGN(end, PMD_SIZE) - start));
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

#define OP(weight, name, help, ...) \
	{ #name, { __VA_ARGS__ }, weight, op_##name, help },
const struct op mm_ops[] = {
#include "targets/mm/ops.def"
};
#undef OP
const u32 nr_mm_ops = ARRAY_SIZE(mm_ops);
