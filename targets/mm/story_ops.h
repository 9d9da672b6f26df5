/* SPDX-License-Identifier: GPL-2.0 */
/*
 * story_ops.h: what the calls of a story, and a driver's, need of the address
 * spaces of a program. Any ground with an mm provides the first half, and has
 * the second of story_ops.c. Names no structure from within.
 */
#ifndef TARGETS_MM_STORY_OPS_H
#define TARGETS_MM_STORY_OPS_H

#include <linux/kernel.h>

#include "harness/prog/op.h"

struct file;
struct mm_struct;

/* Become a thread of @slot: current->mm is it. NULL: nothing lives there. */
struct mm_struct *mm_enter(u32 slot);
/* May run exit_mmap(). current->mm is NULL afterwards. */
void mm_leave(struct mm_struct *mm);

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

/* As file_slot_get(); -ENOENT: there is no file of that number. */
struct file *op_file(u32 slot);
void fput(struct file *file);
/* One page of a file by read(): 1, 0 past the end, or -ENOMEM. */
int vfs_read_page(struct file *file, unsigned long index, u32 *value);

/* A call that is a thread of @mm returns to its program. */
long op_leave(struct mm_struct *mm, long ret);
/* A call returns: nothing may be held. */
void kernel_task_idle_check(void);
/* What a story expects is not what must happen in this execution: memory ran
 * out. Does not return where the ground lacks what the story is about. */
bool story_unjudged(void);

/* Pages past the last one a program can name are left out. */
static inline u32 range_pages(u32 page, u32 count)
{
	return min(count, PROG_PAGES - page);
}

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

/* story_ops.c: one function a call, see struct op. */
long op_fill(const u32 *arg);
long op_check(const u32 *arg);
long op_check_increment(const u32 *arg);
long op_check_file(const u32 *arg);
long op_expect(const u32 *arg);
long op_expect_value(const u32 *arg);
long op_expect_cpages(const u32 *arg);
long op_expect_faults(const u32 *arg);
long op_expect_bytes(const u32 *arg);
long op_expect_data(const u32 *arg);
long op_expect_nothing(const u32 *arg);
long op_post(const u32 *arg);
long op_await(const u32 *arg);

#endif /* TARGETS_MM_STORY_OPS_H */
