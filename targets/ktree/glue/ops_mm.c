// SPDX-License-Identifier: GPL-2.0
/*
 * ops_mm: the calls of a program on its address spaces, in terms of the tree's
 * own functions: what the system calls do, by a task that is a thread of the
 * address space it names.
 *
 * What this ground does not have returns -ENOSYS, and is never drawn.
 */
#include <linux/mman.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/syscalls.h>

#include "targets/kernel/kernel.h"
#include "targets/ktree/glue/ground.h"
#include "targets/target.h"

/* By task: where an mremap() comes from; 0: none under way. */
static unsigned long mremap_from[RT_TASKS_MAX];

unsigned long ktree_mremap_from(void)
{
	return mremap_from[rt_self()];
}

static unsigned long range_len_of(u32 page, u32 count)
{
	return range_pages(page, count) * PAGE_SIZE;
}

static unsigned long prot_bits(u32 prot)
{
	if (prot == PROG_PROT_RW)
		return PROT_READ | PROT_WRITE;
	return prot == PROG_PROT_R ? PROT_READ : PROT_NONE;
}

/* What the program asked for in vain; NULL: nothing. */
static const char *absent;

long ktree_absent(const char *what)
{
	absent = what;
	return -ENOSYS;
}

bool story_unjudged(void)
{
	if (absent)
		ktree_trap(absent);
	return kernel_alloc_failed();
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
	unsigned long ret;
	u32 nr = range_pages(arg[0], arg[1]);

	if (!mm)
		return -ESRCH;
	if (!(flags[arg[4]] & MAP_ANONYMOUS))
		file = op_file(arg[5]);
	if (IS_ERR(file))
		return op_leave(mm, PTR_ERR(file));
	ktree_vmas_mapped(((2u << (nr - 1)) - 1) << arg[0]);
	ret = vm_mmap(file, VIEW_VA(arg[0]), nr * PAGE_SIZE, prot_bits(arg[2]),
		      flags[arg[4]] | MAP_FIXED,
		      file ? (unsigned long)arg[6] << PAGE_SHIFT : 0);
	ktree_vmas_mapped(0);
	if (file)
		fput(file);
	return op_leave(mm, IS_ERR_VALUE(ret) ? (long)ret : 0);
}

static long op_munmap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, vm_munmap(VIEW_VA(arg[0]),
				      range_len_of(arg[0], arg[1])));
}

static long op_dontneed(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[2]);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, do_madvise(mm, VIEW_VA(arg[0]),
				       range_len_of(arg[0], arg[1]),
				       MADV_DONTNEED));
}

struct pt_regs ktree_syscall(unsigned long a, unsigned long b, unsigned long c,
			     unsigned long d, unsigned long e)
{
	return (struct pt_regs){
		.di = a, .si = b, .dx = c, .r10 = d, .r8 = e,
	};
}

asmlinkage long __x64_sys_mprotect(const struct pt_regs *regs);
asmlinkage long __x64_sys_mremap(const struct pt_regs *regs);

static long op_mprotect(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	struct pt_regs regs = ktree_syscall(VIEW_VA(arg[0]),
					    range_len_of(arg[0], arg[1]),
					    prot_bits(arg[2]), 0, 0);

	if (!mm)
		return -ESRCH;
	return op_leave(mm, __x64_sys_mprotect(&regs));
}

/* page, count, to, mm */
static long op_mremap(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	unsigned long len = min(range_len_of(arg[0], arg[1]),
				range_len_of(arg[2], arg[1]));
	struct pt_regs regs = ktree_syscall(VIEW_VA(arg[0]), len, len,
					    MREMAP_MAYMOVE | MREMAP_FIXED,
					    VIEW_VA(arg[2]));
	unsigned long ret;

	if (!mm)
		return -ESRCH;
	mremap_from[rt_self()] = VIEW_VA(arg[0]);
	ret = (unsigned long)__x64_sys_mremap(&regs);
	mremap_from[rt_self()] = 0;
	return op_leave(mm, IS_ERR_VALUE(ret) ? (long)ret : 0);
}

/* The tree's, made reachable by the link: mm/oom_kill.c has it static. */
bool __oom_reap_task_mm(struct mm_struct *mm);

/* What oom_reap_task_mm() does around it, without a task to pick. */
static long op_oom_reap(const u32 *arg)
{
	struct mm_struct *mm = mm_pin(arg[0]);
	long ret = -EAGAIN;

	if (!mm)
		return -ESRCH;
	kt_acquire(mm);
	if (mmap_read_trylock(mm)) {
		if (test_bit(MMF_OOM_SKIP, &mm->flags)) {
			ret = 0;
		} else {
			view_emit(EV_mm_unstable, mm_slot_of(mm), 0, 0);
			ret = __oom_reap_task_mm(mm) ? 0 : -EAGAIN;
		}
		mmap_read_unlock(mm);
	}
	mmdrop(mm);
	kernel_task_idle_check();
	return ret;
}

static long op_absent(const u32 *arg)
{
	return ktree_absent("a call on registers, userfaultfd, huge pages or memory hotplug");
}

/* -- the table -- */

long op_move(const u32 *arg);

/* Devices' registers, userfaultfd, hotplug and huge pages are not on this
 * ground. */
#define ABSENT_offline		1
#define ABSENT_hugepage		1
#define ABSENT_mmap_io		1
#define ABSENT_wrprotect	1
#define op_offline		op_absent
#define op_hugepage		op_absent
#define op_mmap_io		op_absent
#define op_wrprotect		op_absent

#define OP(weight, name, help, ...)					\
	{ #name, { __VA_ARGS__ }, __is_defined(ABSENT_##name) ? 0 : weight, \
	  op_##name, help },
const struct op mm_ops[] = {
#include "targets/mm/ops.def"
};
#undef OP
const u32 nr_mm_ops = ARRAY_SIZE(mm_ops);

/* -- what the tree asks of parts that are not in the link -- */

unsigned long mmap_min_addr = PAGE_SIZE;
unsigned long dac_mmap_min_addr = PAGE_SIZE;

atomic_long_t _totalram_pages = ATOMIC_LONG_INIT(KTREE_FRAMES);

/* Memory is never overcommitted here: there is a frame for each page. */
int cap_vm_enough_memory(struct mm_struct *mm, long pages)
{
	return 1;
}

int cap_mmap_addr(unsigned long addr)
{
	return 0;
}

int cap_mmap_file(struct file *file, unsigned long reqprot, unsigned long prot,
		  unsigned long flags)
{
	return 0;
}

/* Programs say where they map. */
unsigned long arch_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
#if KT_SINCE(6, 12)
				     unsigned long flags, vm_flags_t vm_flags)
#else
				     unsigned long flags)
#endif
{
	return addr;
}
