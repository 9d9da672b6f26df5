/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm.h: the address spaces of a program, as a target's glue uses them.
 *
 * A program names address spaces by slot. Slot 0 is made at boot, fork fills
 * the lowest one never used; a slot is not used twice, so that a number means
 * one mm for the whole execution.
 *
 * An op runs as a thread of its mm: mm_enter() gives it a user of its own,
 * which mm_leave() drops, so the op that leaves last runs exit_mmap().
 */
#ifndef TARGETS_MM_MM_H
#define TARGETS_MM_MM_H

#include <linux/mman.h>

#include "targets/mm/story_ops.h"

/* In M0, after kernel_boot(): page frames, and slot 0 with pages 0..7 mapped
 * readable and writable. */
void mm_boot(void);
/* In M0: exits every slot that is still live. */
void mm_halt(void);

/* A count of @slot's mm without a user (mmdrop() it); NULL as above. */
struct mm_struct *mm_pin(u32 slot);

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
int do_madvise_dontneed(struct mm_struct *mm, unsigned long start, size_t len);
/* Sets VM_HUGEPAGE: the next fault in an aligned range that is whole and empty
 * is huge. -ENOMEM for a hole, likewise; -EINVAL for a driver's VMA. */
int do_madvise_hugepage(struct mm_struct *mm, unsigned long start, size_t len);
/* Moves the mappings of whole VMAs to an unmapped range of the same length. */
int do_mremap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long new_addr);
/* One page of a file by write(), which may grow the file. 1 or -ENOMEM. */
int vfs_write_page(struct file *file, unsigned long index, u32 value);
/* A copy of @oldmm with one user, or an ERR_PTR(). */
struct mm_struct *dup_mm(struct mm_struct *oldmm);
/* One pass of the reaper; needs a count of @mm. -EAGAIN: some of it is left. */
int oom_reap_task_mm(struct mm_struct *mm);

#endif /* TARGETS_MM_MM_H */
