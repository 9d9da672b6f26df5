// SPDX-License-Identifier: GPL-2.0
/*
 * cpu: a CPU of its own for each thread.
 *
 * The tree reaches per-cpu memory by "%gs:symbol", so a thread whose GS base is
 * the distance from the image's per-cpu area to a copy of it has that copy. M0
 * keeps the area that is in the image. Copies are made anew for each task, of
 * the area as boot left it. Between tasks a thread has an area of zeros, where
 * current is NULL; the link sends pthread_create() through here for that.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "targets/ktree/host/host_private.h"

extern u8 ktree_percpu_start[], ktree_percpu_end[];
extern u8 this_cpu_off[];		/* within them */

static u8 *pristine;
static u8 *idle;		/* of threads between tasks: nobody is current */
static __thread u8 *area;

static size_t area_size(void)
{
	return (size_t)ktree_percpu_end - (size_t)ktree_percpu_start;
}

static void *aligned(size_t size)
{
	void *p = aligned_alloc(4096, size);

	if (p)
		return p;
	fprintf(stderr, "HARNESS: no memory for a CPU\n");
	exit(3);
}

void watch_reset(void)
{
	ktree_looked = 0;
}

/* The area is what boot left. */
void cpu_init(void)
{
	pristine = aligned(area_size());
	memcpy(pristine, ktree_percpu_start, area_size());
	idle = aligned(area_size());
	memset(idle, 0, area_size());
}

static void set_gs(const u8 *copy)
{
	u64 distance = (u64)(size_t)copy - (u64)(size_t)ktree_percpu_start;

	if (syscall(SYS_arch_prctl, ARCH_SET_GS, distance)) {
		perror("HARNESS: the GS base of a thread");
		_exit(3);
	}
}

void ktree_cpu_begin(void);
void ktree_cpu_begin(void)
{
	u64 distance;

	if (!rt_self())
		return;
	if (!area)
		area = aligned(area_size());
	memcpy(area, pristine, area_size());
	distance = (u64)(size_t)area - (u64)(size_t)ktree_percpu_start;
	memcpy(area + (this_cpu_off - ktree_percpu_start), &distance,
	       sizeof(distance));
	set_gs(area);
}

void ktree_cpu_end(void);
void ktree_cpu_end(void)
{
	if (rt_self())
		set_gs(idle);
}

/* A new thread is no task, and must not pass for M0. */
struct birth {
	void *(*fn)(void *);
	void *arg;
};

static void *born(void *arg)
{
	struct birth b = *(struct birth *)arg;

	free(arg);
	set_gs(idle);
	return b.fn(b.arg);
}

/* As <pthread.h> has it, for whom thread and attributes are no more than that. */
int __real_pthread_create(void *thread, const void *attr,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_create(void *thread, const void *attr,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_create(void *thread, const void *attr,
			  void *(*fn)(void *), void *arg)
{
	struct birth *b = malloc(sizeof(*b));

	if (!b)
		return ENOMEM;
	*b = (struct birth){ fn, arg };
	return __real_pthread_create(thread, attr, born, b);
}
