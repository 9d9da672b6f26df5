// SPDX-License-Identifier: GPL-2.0
/*
 * fault.c: a load or store by a program: the MMU, then the exception handler.
 *
 * Models arch/x86/mm/fault.c, 6.12, for user accesses. Spec: core.md 5 step 1.
 * Holds mmap_lock for reading around handle_mm_fault() and nothing after it,
 * so by the time the access is tried again the page may be gone: it then
 * faults again.
 *
 * A fault that would wait for a page may drop mmap_lock instead and come back
 * with VM_FAULT_RETRY, once: the second time it waits with the lock held, so
 * that it gets somewhere.
 *
 * Differences: no per-VMA locks; a signal ends the call instead of a process.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

static bool access_error(bool write, struct vm_area_struct *vma)
{
	return write ? !(vma->vm_flags & VM_WRITE) :
		       !(vma->vm_flags & VM_ACCESS_FLAGS);
}

static int bad_area(struct mm_struct *mm, unsigned long addr, bool write)
{
	mmap_read_unlock(mm);
	view_emit(EV_cpu_segv, VIEW_CPU(mm->slot, rt_self()), addr, write);
	return -EFAULT;
}

/* 0: try the access again. */
static int do_user_addr_fault(struct mm_struct *mm, unsigned long addr,
			      bool write)
{
	unsigned int flags = FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE |
			     FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0);
	struct vm_area_struct *vma;
	vm_fault_t fault;

	for (;;) {
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		vma = vma_lookup(mm, addr);
		if (!vma || access_error(write, vma))
			return bad_area(mm, addr, write);
		fault = handle_mm_fault(vma, addr, flags);
		if (!(fault & VM_FAULT_RETRY))
			break;
		flags |= FAULT_FLAG_TRIED;
	}
	mmap_read_unlock(mm);
	if (fault & VM_FAULT_OOM)
		return -ENOMEM;
	return fault & VM_FAULT_ERROR ? -EFAULT : 0;
}

int cpu_load(struct mm_struct *mm, unsigned long addr, u32 *value)
{
	int ret = 0;

	while (!ret && !tlb_access(mm, addr, false, value))
		ret = do_user_addr_fault(mm, addr, false);
	return ret;
}

int cpu_store(struct mm_struct *mm, unsigned long addr, u32 value)
{
	int ret = 0;

	while (!ret && !tlb_access(mm, addr, true, &value))
		ret = do_user_addr_fault(mm, addr, true);
	return ret;
}

int cpu_increment(struct mm_struct *mm, unsigned long addr, u32 *value)
{
	int ret = 0;

	while (!ret && !tlb_increment(mm, addr, value))
		ret = do_user_addr_fault(mm, addr, true);
	return ret;
}
