/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host_private.h: what the files of the host world share.
 *
 *	image.c		the booted kernel, kept and put back
 *	faults.c	signals: first writes, WARN and BUG, wild pointers
 *	frames.c	memory that nobody has
 *	kcsan.c		what instrumented code says of its accesses
 *	points.c	which accesses are switch points
 *	trap.c		functions that this ground does not have
 *
 *	sim/access.c	what instrumented code calls at each access
 *	sim/pte_watch.c	the page tables of programs
 *	sim/site.c	names of accesses
 *
 *	race/races.c	accesses that nothing orders; in a library of its own
 *
 *	native/access.c	the same calls, where tasks are threads
 *	native/cpu.c	a CPU for each thread
 */
#ifndef TARGETS_KTREE_HOST_PRIVATE_H
#define TARGETS_KTREE_HOST_PRIVATE_H

#include "targets/ktree/host.h"

/* image.c. A write to a page that is still as boot left it: true, go on. */
bool image_fault(const void *addr);
extern bool image_sealed;

/* frames.c. A byte for each frame of the physical arena. */
#define FRAMES_SPAN	(1ul << 30)	/* bytes of the arena looked at */
extern u8 frames_freed[FRAMES_SPAN >> 12];
void frames_reset(void);
static inline bool frames_is_freed(const void *p)
{
	size_t offset = (size_t)p - KTREE_PHYS;

	return unlikely(offset < FRAMES_SPAN) && frames_freed[offset >> 12];
}

/* faults.c. After the runtime's own handlers. */
void faults_init(void);

/* pte_watch.c. Whether a write to @p may change a watched entry, or a page. */
void watch_reset(void);
extern u8 watch_table[FRAMES_SPAN >> 12];	/* page table pages, by frame */
static inline bool watch_is_table(const void *p)
{
	size_t offset = (size_t)p - KTREE_PHYS;

	return unlikely(offset < FRAMES_SPAN) && watch_table[offset >> 12];
}

#define KTREE_STRUCT_PAGE	64ul
#define WATCH_PAGES	(64ul << 30)	/* bytes of struct pages looked at */
static inline bool watch_is_page(const void *p)
{
	return unlikely((size_t)p - KTREE_VMEMMAP < WATCH_PAGES);
}

/* At the seal. native/cpu.c; in sim one CPU serves all. */
void cpu_init(void);

/* points.c */
enum access_points { POINTS_LOCKS, POINTS_MARKED, POINTS_ALL };
extern enum access_points access_points;

static inline size_t watch_page_of(const void *p)
{
	size_t offset = (size_t)p - KTREE_VMEMMAP;

	return offset - offset % KTREE_STRUCT_PAGE + KTREE_VMEMMAP;
}

/*
 * kcsan.c. Set by races.c where it is linked, else NULL: an access is being made,
 * of @flags as harness/hooks has them; the running task has more (1) or less (-1)
 * accesses that are not judged, or are taken for marked; or its next @n are.
 */
enum race_exempt { RACE_OFF, RACE_ATOMIC, RACE_ATOMIC_NEXT };
extern void (*race_access)(const void *p, u32 size, u32 kind, bool marked);
extern void (*race_exempt)(enum race_exempt what, int n);

/* site.c. The place of the access whose call returns to @pc. */
const struct rt_site *site_of(u64 pc, u8 kind);

#endif /* TARGETS_KTREE_HOST_PRIVATE_H */
