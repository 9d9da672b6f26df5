/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host.h: what the host world gives to the kernel world, and asks of it.
 *
 * The kernel world (glue/) is compiled with a kernel tree's headers, the host
 * world (host/) with libc's; they share plain C types and nothing else. The
 * kernel boots once a process, the image it leaves is kept, and every execution
 * begins with that image.
 */
#ifndef TARGETS_KTREE_HOST_H
#define TARGETS_KTREE_HOST_H

#include "harness/rt/rt.h"

/* Where the arenas lie: above everything a sanitizer keeps for itself, and the
 * same in every process, since kernel objects compare and hash addresses. */
#define KTREE_PHYS	0x200000000000ull	/* page_offset_base */
#define KTREE_VMEMMAP	0x210000000000ull	/* vmemmap_base */
#define KTREE_HEAP	0x220000000000ull	/* what boot allocates */

/*
 * image.c. Zeroed memory at @addr, part of the image; before the seal. Pages
 * that nobody touches cost nothing. Does not return without it.
 */
void *ktree_arena(u64 addr, size_t size);
/* Zeroed, 64-byte aligned, never given back; before the seal. */
void *ktree_boot_alloc(size_t size);
bool ktree_is_boot(const void *p);

/*
 * The image is what the kernel's .data, .bss and per-cpu areas and the arenas
 * hold now. Once, at the end of the kernel's boot, which runs in the first
 * target->boot() of a process and neither emits events nor calls rt_alloc().
 */
void ktree_image_seal(void);
bool ktree_image_sealed(void);
/* Put the image back: the first thing of every target->boot() after that. */
void ktree_image_reset(void);

/*
 * pte_watch.c. The entries of the program's pages of an address space are seen
 * to change by whoever changes them. @pgd as the kernel sees it; NULL: no more.
 */
#define KTREE_WATCHED	16
void ktree_watch(u32 slot, const void *pgd);
/*
 * Emit what the running task has changed: entries of page tables and struct
 * pages. Before each event, and before each call of the waist that may switch:
 * a change belongs to the task that made it. The tree's accesses are seen by
 * their instrumentation; the glue's own are told by ktree_touched(), after.
 */
extern const void *ktree_unsettled;
void ktree_settle_slow(void);
static inline void ktree_settle(void)
{
	if (unlikely(ktree_unsettled))
		ktree_settle_slow();
}
void ktree_touched(const void *p);

/*
 * frames.c. From now on the frames at @p belong to nobody, or to somebody: an
 * access of the tree's code to one that is nobody's is a use after free. After
 * the seal; a reset makes all of them somebody's.
 */
void ktree_frames(const void *p, size_t size, bool freed);
/* Nothing of the tree has any business there, as long as the memory around it is
 * what it is now; seen by objects of flavour asan. */
void ktree_red_zone(const void *p, size_t size);

/* access.c. Not 0: accesses of the tree's code are no switch points, because
 * the caller relies on it. Counted. */
extern u32 ktree_quiet;

/*
 * races.c, where it is linked: what orders tasks is told to who looks for accesses
 * that nothing orders. The tree's atomics are seen; the glue says what its own
 * services do: what came before a release of @p comes before what follows an
 * acquire of it. NULL: nobody looks.
 */
extern void (*ktree_order)(const void *p, bool release);

/* access.c. Nanoseconds that looking at jiffies took; 0 in sim, whose clock moves
 * by itself for who looks twice. */
extern u64 ktree_looked;

/* trap.c: a kernel function that this ground does not have was called. Class
 * trap, which belongs into every target's list of oracles. */
void ktree_trap(const char *symbol) __attribute__((noreturn, cold));
struct oracle;
extern const struct oracle oracle_trap;

/* -- the kernel world's side ----------------------------------------------- */

/* rt_point() for a task whose current and per-cpu words are the kernel's: they
 * are its own again on return. */
void ktree_point(const struct rt_site *site, const void *obj);
/* The entry of program page @page of a watched address space changed; raw words
 * as the CPU has them, those of a huge entry with the page's own frame number. */
void kt_pte_changed(u32 slot, u32 page, u64 old, u64 new);
struct page;
/* jiffies is about to be read: let them be what the virtual clock says. */
void ktree_jiffies_read(void);
extern volatile unsigned long *const ktree_jiffies_word;
/* The tree's code may have written to it. */
void kt_page_changed(struct page *page);

/* Where the image's statics lie: the link step says it. */
extern u8 ktree_data_start[], ktree_data_end[];

#endif /* TARGETS_KTREE_HOST_H */
