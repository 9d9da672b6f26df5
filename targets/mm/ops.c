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
 * story_ops.c; the table of all of them is here.
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

#define PAGE	{ "page", ARG_PAGE, 0 }
#define INDEX	{ "page", ARG_INDEX, 0 }
#define COUNT	{ "count", ARG_COUNT, 1 }
#define PROT	{ "prot", ARG_PROT, PROG_PROT_RW }
#define MM	{ "mm", ARG_MM, 0 }
#define FILE	{ "file", ARG_SLOT, 0 }
#define SLOT	{ "slot", ARG_SLOT, 0 }
#define KIND(k)	{ "kind", ARG_GUP, k }
#define WRITE	{ "write", ARG_BOOL, 1 }
#define VALUE	{ "value", ARG_VALUE, 0 }
#define SAME	{ "same", ARG_BOOL, 0 }

/* Name, arguments, weight, function, help; the index is the opcode: append.
 * Those of weight 0 are a story's: see story_ops.c. */
const struct op mm_ops[] = {
	{ "mmap", { PAGE, COUNT, PROT, MM, { "kind", ARG_MAP, PROG_MAP_ANON },
		    FILE, { "offset", ARG_OFFSET, 0 } }, 4, op_mmap,
	  "map fresh memory, shared memory or a file over what is there" },
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
	{ "mremap", { PAGE, COUNT, { "to", ARG_PAGE, 0 }, MM }, 3, op_mremap,
	  "move what is mapped in a range to another" },
	{ "increment", { PAGE, MM }, 4, op_increment,
	  "add 1 to a page as the program does, in one step" },
	{ "truncate", { FILE, { "pages", ARG_INDEX, 0 } }, 3, op_truncate,
	  "set the size of a file" },
	{ "file_read", { FILE, INDEX }, 2, op_file_read,
	  "read a page of a file with read()" },
	{ "file_write", { FILE, INDEX }, 2, op_file_write,
	  "write a fresh value to a page of a file with write()" },
	{ "gup", { PAGE, KIND(PROG_GUP_GET), WRITE, MM }, 6, op_gup,
	  "take a page for I/O, read or write it, give it back" },
	{ "pin_keep", { PAGE, SLOT, KIND(PROG_GUP_PIN_LONGTERM), WRITE, MM }, 3,
	  op_pin_keep, "take a page and keep it in a slot across calls" },
	{ "unpin", { SLOT, WRITE }, 2, op_unpin,
	  "give the page of a slot back; write it before if it may be, or read it" },
	{ "move", { PAGE, MM }, 5, op_move,
	  "try once to move a page to another frame" },
	{ "offline", { PAGE, MM }, 1, op_offline,
	  "empty the block of frames a page is in, take it out of use, and give it back" },
	{ "fill", { PAGE, COUNT, VALUE, MM }, 0, op_fill,
	  "store value, value + 1 ... to the pages of a range" },
	{ "check", { PAGE, COUNT, VALUE, MM, SAME }, 0, op_check,
	  "load the pages of a range, which must hold value, value + 1 ... or all the same" },
	{ "check_increment", { PAGE, COUNT, VALUE, MM, SAME }, 0,
	  op_check_increment,
	  "as check, and leave each page with one more" },
	{ "check_file", { PAGE, COUNT, VALUE, FILE, SAME }, 0, op_check_file,
	  "read pages of a file, which must hold value, value + 1 ... or all the same" },
	{ "expect", { { "ret", ARG_ERRNO, 0 } }, 0, op_expect,
	  "the last call returned this error, or 0: none" },
	{ "expect_value", { VALUE }, 0, op_expect_value,
	  "the last call, if it succeeded, returned this value" },
	{ "expect_cpages", { VALUE }, 0, op_expect_cpages,
	  "the last call, if it succeeded, told of so many pages" },
	{ "expect_faults", { VALUE }, 0, op_expect_faults,
	  "the last call, if it succeeded, told of so many faults" },
	{ "expect_bytes", { PAGE, COUNT, { "byte", ARG_SNAP, 0 } }, 0,
	  op_expect_bytes, "the last call's snapshot has this for each page" },
	{ "expect_data", { PAGE, COUNT, VALUE, SAME }, 0, op_expect_data,
	  "the last call, if it succeeded, read value, value + 1 ... from the pages" },
	{ "expect_nothing", { }, 0, op_expect_nothing,
	  "the last call copied nothing out" },
	{ "post", { SLOT }, 0, op_post,
	  "let one await of the slot go on" },
	{ "await", { SLOT }, 0, op_await,
	  "wait for a post of the slot" },
	{ "hugepage", { PAGE, COUNT, MM }, 2, op_hugepage,
	  "let faults in the aligned ranges of these pages map them whole" },
};
const u32 nr_mm_ops = ARRAY_SIZE(mm_ops);
