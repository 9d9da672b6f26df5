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

#include <linux/mm_types.h>

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

/*
 * System calls on an mm other than the caller's, which upstream's cannot name.
 * 0, or minus an errno. Need a user of @mm, no lock.
 */
int ksys_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long prot);
int vm_munmap(struct mm_struct *mm, unsigned long start, size_t len);
int do_mprotect(struct mm_struct *mm, unsigned long start, size_t len,
		unsigned long prot);
int do_madvise_dontneed(struct mm_struct *mm, unsigned long start, size_t len);
/* A copy of @oldmm with one user, or an ERR_PTR(). */
struct mm_struct *dup_mm(struct mm_struct *oldmm);
/* One pass of the reaper; needs a count of @mm. -EAGAIN: some of it is left. */
int oom_reap_task_mm(struct mm_struct *mm);

/* Formats an event argument of a kind the engine does not know ($c:p, $a:m,
 * $a:f, $a:i, $c:v); for journal_format. The length, or -1 if not ours. */
int view_format(char letter, u64 value, char *buf, size_t size);

#endif /* TARGETS_MM_MM_H */
