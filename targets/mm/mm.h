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

/* In M0, after kernel_boot(): page frames, and slot 0 with pages 0..7 mapped
 * readable and writable. */
void mm_boot(void);
/* In M0: exits every slot that is still live. */
void mm_halt(void);

/* Become a thread of @slot: current->mm is it. NULL: nothing lives there. */
struct mm_struct *mm_enter(u32 slot);
/* May run exit_mmap(). current->mm is NULL afterwards. */
void mm_leave(struct mm_struct *mm);
/* A count of @slot's mm without a user (mmdrop() it); NULL as above. */
struct mm_struct *mm_pin(u32 slot);

/* A value no store of this execution has written yet; never 0. */
u32 mm_next_value(void);

/*
 * One load or store by the current task, through its TLB or its faults.
 * 0, -EFAULT (SIGSEGV, SIGBUS) or -ENOMEM. Needs current->mm == @mm, no lock.
 */
int cpu_load(struct mm_struct *mm, unsigned long addr, u32 *value);
int cpu_store(struct mm_struct *mm, unsigned long addr, u32 value);
/* One indivisible load, add 1, store: needs a writable translation. *@value is
 * what was read. */
int cpu_increment(struct mm_struct *mm, unsigned long addr, u32 *value);

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
/* One page of a file by read() and write(): 0 past the end is a read of 0
 * bytes, a write past it grows the file. 1, 0, or -ENOMEM. */
int vfs_read_page(struct file *file, unsigned long index, u32 *value);
int vfs_write_page(struct file *file, unsigned long index, u32 value);
/* A copy of @oldmm with one user, or an ERR_PTR(). */
struct mm_struct *dup_mm(struct mm_struct *oldmm);
/* One pass of the reaper; needs a count of @mm. -EAGAIN: some of it is left. */
int oom_reap_task_mm(struct mm_struct *mm);

/*
 * What a task's last call handed to its program beside what it returned, for
 * the expectations of a story: a driver's op begins with op_result(), which
 * gives its task's record cleared, and fills in what the call tells. @value and
 * @byte are of pages first, first + 1 and so on; nr: how many, and 0 if the
 * call copied nothing out.
 */
struct op_result {
	u32 cpages, faults;
	u32 first, nr;
	u32 value[PROG_PAGES];
	u8 byte[PROG_PAGES];
};
struct op_result *op_result(void);

/* Formats an event argument of a kind the engine does not know ($c:p, $a:m,
 * $a:f, $a:i, $c:v); for journal_format. The length, or -1 if not ours. */
int view_format(char letter, u64 value, char *buf, size_t size);

#endif /* TARGETS_MM_MM_H */
