/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ground.h: what the targets of the kernel-tree ground share: address spaces
 * by slot, frames by view pfn, the CPUs. Kernel world.
 *
 * A program's own pages have a frame number below VIEW_DEVICE_PFN, given out of
 * a pool of their own, so that a frame is named by the same number on both
 * sides. Device memory lies elsewhere and is named from VIEW_DEVICE_PFN on. All
 * other frames, page tables too, have no name: 0.
 */
#ifndef TARGETS_KTREE_GLUE_GROUND_H
#define TARGETS_KTREE_GLUE_GROUND_H

#include <linux/mm.h>

#include "targets/ktree/glue/glue.h"
#include "targets/mm/file_ops.h"
#include "targets/mm/story_ops.h"
#include "targets/mm/taken_ops.h"
#include "targets/view.h"

/* -- fork.c -- */

/* In M0, after ktree_kernel_start(): slot 0, pages 0 to 7 readable and
 * writable. */
void ktree_mm_boot(void);
/* In M0: exits every slot that is still live, gives back what is kept. */
void ktree_mm_halt(void);
/* Is the task in mm_fork()? The parent's and the child's slot. */
bool ktree_forking(u32 *parent, u32 *child);
/* The parent's lock is about to be let go. */
void ktree_fork_end(void);
void ktree_fork_fails(void);

/* -- frames.c -- */

u32 ktree_view_pfn(unsigned long pfn);
unsigned long ktree_real_pfn(u32 view_pfn);
struct page *ktree_frame(u32 view_pfn);
/* The entry of a program's page, or NULL: there is no table, or a huge entry. */
pte_t *ktree_ptep(u32 slot, unsigned long addr);
/* The value cell of a frame of RAM. */
u32 *ktree_cell(u32 view_pfn);
/* The word of an entry; @va as in view.h. */
u64 ktree_word(unsigned long raw);
u64 ktree_pte_at(u32 slot, u64 va);
/*
 * The running task has put or unmapped @pfn. Entries that name it and are under a
 * lock of the task's are told as cleared; false: one is under somebody else's, and
 * tells when it goes. @lock, or NULL: it is being let go of, and guards no more.
 * @lent: so are those that lend it, which do not count as a mapping.
 */
bool ktree_entries_go(u32 pfn, const void *lock, bool lent);
/* The running task lets go of @lock. */
void ktree_entries_settle(const void *lock);

/* -- cpu.c -- */

u64 ktree_tlb_entry(u32 cpu, u32 slot, u64 va);

/* -- vma_events.c -- */

/* Tell what rights the VMAs of @mm give now. Its lock is held for writing. */
void ktree_vmas_changed(struct mm_struct *mm);
u32 ktree_vma_prot(u32 slot, u64 va);
/* The running task maps these pages anew, a mask; 0: no more. */
void ktree_vmas_mapped(u32 pages);

/* Does the running task hold its lock for writing? */
bool ktree_writes(struct mm_struct *mm);

/* -- page_events.c -- */

/* The frame with the data of a device's page; 0: none. */
u32 ktree_backing(u32 view_pfn);
/* The running task lets go of @lock; NULL: an entry has changed. */
void ktree_pages_settle(const void *lock);
/* It is about to be handed out: if it is free, that is told by now. */
void ktree_page_wanted(const struct page *page);

/* -- file_events.c -- */

struct view_file ktree_file_answer(u32 file);
u32 ktree_cached_answer(u32 file, u32 index);
/* @lock is about to be let go: what changed in a page cache under it is told. */
void ktree_cache_settle(const void *lock);

/* -- move_events.c -- */

/* A number for a device by the owner of its memory, from 0. */
u32 ktree_device_number(const void *owner);
/* EV_pgmap_new for the memory that devices have from boot. */
void ktree_tell_pgmaps(void);
/* References of a device's memory, as view_device has them. */
struct dev_pagemap;
u32 ktree_pgmap_ref(const struct dev_pagemap *pgmap);
/* A device's page is about to be handed to its driver as free. Weak. */
void ktree_page_goes(const struct page *page) __attribute__((weak));

/* -- dmirror.c -- */

/* The running task begins to look at what it mirrors, and has looked. */
struct mmu_interval_notifier;
void ktree_read_begins(struct mmu_interval_notifier *notifier);
void ktree_faulted(struct mmu_interval_notifier *notifier, int ret);
void ktree_dmirror_load(void);
extern struct view ktree_view_dmirror;

/* -- ops_mm.c -- */

/* The address the running task's mremap() moves from; 0: it is in none. */
unsigned long ktree_mremap_from(void);

/* A program asks for @what (static), which this ground does not have: -ENOSYS.
 * A story that then does not come out as told ends in a trap. */
long ktree_absent(const char *what);

/* -- what a call of the kernel's wants around it -- */

/* The tree's function of a system call, its arguments in order. */
struct pt_regs ktree_syscall(unsigned long a, unsigned long b, unsigned long c,
			     unsigned long d, unsigned long e);

#endif /* TARGETS_KTREE_GLUE_GROUND_H */
