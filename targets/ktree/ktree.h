/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ktree.h: what the parts of the kernel-tree ground share.
 *
 * Two worlds meet here. The kernel world (glue/) is compiled with the tree's
 * own headers and flags; the host world (host/) with libc. Neither sees the
 * other's headers, so this file speaks in plain C types and opaque pointers.
 *
 * The life of the kernel:
 *
 *	once		ktree_kernel_boot(), module inits, ktree_image_seal()
 *	boot		ktree_image_reset(), ktree_kernel_start()
 *	a task		ktree_task_begin() ... ktree_task_idle_check() after each
 *			call ... ktree_task_end()
 *	idle		ktree_kernel_quiesce()
 *	halt		ktree_kernel_halt()
 */
#ifndef TARGETS_KTREE_KTREE_H
#define TARGETS_KTREE_KTREE_H

#include "harness/rt/rt.h"
#include "targets/ktree/host.h"

struct mm_struct;
struct page;
struct task_struct;
struct work_struct;

/*
 * Frame 0 is the zero page; device memory is hot-plugged from KTREE_DEVICE on,
 * where only struct pages exist.
 */
#define KTREE_FRAMES		2048u		/* 8 MiB: tables and kernel pages too */
#define KTREE_DEVICE		0x40000000ull	/* physical address */
#define KTREE_DEVICE_SIZE	0x40000000ull

/* -- the kernel's life: glue/boot.c -- */

/*
 * Boots the services and the mm caches from the boot heap. In M0, once in a
 * process, before the image is sealed; makes no point and no event.
 */
void ktree_kernel_boot(void);

/* In M0, at the boot of each execution: spawns W0 and R0 in that order. */
void ktree_kernel_start(void);

/* Until no work is queued or running and no callback is pending. */
void ktree_kernel_quiesce(void);

/* Quiesces, ends the daemons, and reports what was not given back. */
void ktree_kernel_halt(void);

/* The kernel memory is in its boot state; nothing of an execution exists. */
extern bool ktree_booting;

/* -- tasks: glue/current.c -- */

/*
 * The calling task of the waist becomes one of the kernel's, with a
 * task_struct of its own and no mm. @name is static.
 */
void ktree_task_begin(const char *name);
void ktree_task_end(void);
/* Reports what a call left behind: a lock, an atomic context, a reader. */
void ktree_task_idle_check(void);
/* A daemon of the kernel's; runs fn(arg) with a current of its own. */
int ktree_task_spawn(char role, const char *name, void (*fn)(void *), void *arg);

/* -- hooks that others fill in; NULL if nobody does -- */

/* EV_page_alloc or EV_page_free of 1 << @b frames from @page on. */
void ktree_page_event(u16 kind, struct page *page, u64 b);
/* Around the function of a work, on the worker. */
void ktree_work_begin(struct work_struct *work) __attribute__((weak));
void ktree_work_end(struct work_struct *work) __attribute__((weak));
/* The task's CPU: per-cpu areas of its own, where tasks are threads. */
void ktree_cpu_begin(void) __attribute__((weak));
void ktree_cpu_end(void) __attribute__((weak));

/* -- time: glue/time.c -- */

/* The tree's jiffies, and what makes them current: before each read of them. */
extern volatile unsigned long *const ktree_jiffies_word;
void ktree_jiffies_read(void);

/* -- memory, for views: glue/page_alloc.c -- */

/* Free frames of those that programs can map. */
u32 ktree_user_pages_free(void);

#endif /* TARGETS_KTREE_KTREE_H */
