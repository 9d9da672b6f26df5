/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched/mm.h: the two lifetimes of an address space.
 *
 * MODEL of <linux/sched/mm.h>: same contract. mm_users keeps the contents
 * (VMAs, page tables), mm_count the structure; all users together hold one
 * count. Implementation: targets/mm/fork.c.
 */
#ifndef _LINUX_SCHED_MM_H
#define _LINUX_SCHED_MM_H

#include <linux/mm_types.h>

/* @mm is kept from being freed until mmdrop(). */
void mmgrab(struct mm_struct *mm);
/* The last one frees @mm. */
void mmdrop(struct mm_struct *mm);
/* Needs mm_users > 0. */
void mmget(struct mm_struct *mm);
/* Needs a count or a user. False: the contents are gone or going. */
bool mmget_not_zero(struct mm_struct *mm);
/* May sleep: the last one runs exit_mmap(). */
void mmput(struct mm_struct *mm);

#endif /* _LINUX_SCHED_MM_H */
