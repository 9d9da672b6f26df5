/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm.h: the port's address spaces, as a target's glue uses them. A program names
 * them by slot, slots.h; slot 0 is made at boot.
 */
#ifndef TARGETS_MM_MM_H
#define TARGETS_MM_MM_H

#include <linux/mman.h>

#include "targets/mm/slots.h"

/* In M0, after kernel_boot(): page frames, and slot 0 with pages 0..7 mapped
 * readable and writable. */
void mm_boot(void);
/* In M0: exits every slot that is still live. */
void mm_halt(void);

/*
 * System calls on an mm other than the caller's, which upstream's cannot name.
 * 0, or minus an errno. Need a user of @mm, no lock.
 */
/* @flags: MAP_SHARED or MAP_PRIVATE, and MAP_ANONYMOUS without @file, which the
 * mapping takes a reference of its own to. MAP_FIXED is implied. */
int ksys_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long prot, unsigned long flags, struct file *file,
	      unsigned long pgoff);
static inline int mmap_anon(struct mm_struct *mm, unsigned long addr,
			    unsigned long len, unsigned long prot)
{
	return ksys_mmap(mm, addr, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, NULL,
			 0);
}
int vm_munmap(struct mm_struct *mm, unsigned long start, size_t len);
int do_mprotect(struct mm_struct *mm, unsigned long start, size_t len,
		unsigned long prot);
/* userfaultfd.c: pages of private anonymous memory are protected from writes,
 * until one comes or @enable_wp is false. -ENOENT: other memory, or none.
 * absent, for a target to say at boot: its kernel is too old, -ENOSYS. */
extern bool userfaultfd_absent;
int mwriteprotect_range(struct mm_struct *mm, unsigned long start, size_t len,
			bool enable_wp);
int do_madvise_dontneed(struct mm_struct *mm, unsigned long start, size_t len);
/* Sets VM_HUGEPAGE: the next fault in an aligned range that is whole and empty
 * is huge. -ENOMEM for a hole, likewise; -EINVAL for a driver's VMA. */
int do_madvise_hugepage(struct mm_struct *mm, unsigned long start, size_t len);
/* Moves the mappings of whole VMAs to an unmapped range of the same length. */
int do_mremap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long new_addr);
/* A copy of @oldmm with one user, or an ERR_PTR(). */
struct mm_struct *dup_mm(struct mm_struct *oldmm);
/* One pass of the reaper; needs a count of @mm. -EAGAIN: some of it is left. */
int oom_reap_task_mm(struct mm_struct *mm);

#endif /* TARGETS_MM_MM_H */
