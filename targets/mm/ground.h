/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ground.h: what the files that every ground has need of the one they are on.
 *
 * A ground with an mm, the port or a kernel tree, implements this; it has
 * slots.c, file_ops.c, taken_ops.c and story_ops.c as they are, compiled with its
 * own <linux/...>. Names no structure from within.
 */
#ifndef TARGETS_MM_GROUND_H
#define TARGETS_MM_GROUND_H

#include <linux/kernel.h>

struct file;
struct mm_struct;
struct page;

/* -- address spaces -- */

/* current is a thread of @mm from here on; NULL: of none any more. */
void mm_use(struct mm_struct *mm);
/* Its slot; PROG_MMS: it is not one of the program's. */
u32 mm_slot_of(const struct mm_struct *mm);
/* A copy of @mm in the next slot, with one user. The slot, or minus an errno. */
long mm_fork(struct mm_struct *mm);

/*
 * One load or store by the current task, through its TLB or its faults.
 * 0, -EFAULT (SIGSEGV, SIGBUS) or -ENOMEM. Needs current->mm == @mm, no lock.
 */
int cpu_load(struct mm_struct *mm, unsigned long addr, u32 *value);
int cpu_store(struct mm_struct *mm, unsigned long addr, u32 value);
/* One indivisible load, add 1, store: needs a writable translation. *@value is
 * what was read. */
int cpu_increment(struct mm_struct *mm, unsigned long addr, u32 *value);

/* -- pages -- */

/* The number of a page's frame, as the view has it. */
u32 page_frame(const struct page *page);
/* What a frame of RAM holds: one access that no table stands before. */
u32 frame_load(u32 frame);
void frame_store(u32 frame, u32 value);

/*
 * Take the page at @addr of current->mm, @mm, by the call that @kind
 * (PROG_GUP_*) names, which is told. 1, or what the call returned instead.
 */
long page_take(struct mm_struct *mm, unsigned long addr, u32 kind,
	       unsigned int gup_flags, struct page **page);
void page_give_back(struct page *page, u32 kind);

/* -- files -- */

/* What a program can call by a name, and how long that is at first. */
#define FILE_NAMES	2
#define FILE_PAGES	8

/* A reference to named file @slot (0..FILE_NAMES-1), made with FILE_PAGES
 * pages on first use. ERR_PTR(-ENOMEM); -ENFILE: there are too many. */
struct file *file_slot_get(u32 slot);
void fput(struct file *file);
/* One page of a file by read(): 1, 0 past the end, or -ENOMEM. */
int vfs_read_page(struct file *file, unsigned long index, u32 *value);
/* By write(), which may grow the file: 1, -EFBIG past PROG_PAGES, or -ENOMEM. */
int vfs_write_page(struct file *file, unsigned long index, u32 value);

/* -- calls -- */

/* A call returns: nothing may be held. */
void kernel_task_idle_check(void);
/* What a story expects is not what must happen in this execution: memory ran
 * out. Does not return where the ground lacks what the story is about. */
bool story_unjudged(void);

#endif /* TARGETS_MM_GROUND_H */
