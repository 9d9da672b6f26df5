/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view.h: how an oracle sees a ground. Oracles never reach into port
 * structures: they hear events (targets/events.def) and ask these questions.
 * The port implements them; other grounds will again. Free of libc.
 */
#ifndef TARGETS_VIEW_H
#define TARGETS_VIEW_H

#include "harness/journal/journal.h"
#include "harness/prog/op.h"

#define VIEW_PAGE_SIZE	4096ull
#define VIEW_BASE	0x10000ull	/* va of program page 0, in every mm */
#define VIEW_VA(page)	(VIEW_BASE + (u64)(page) * VIEW_PAGE_SIZE)
#define VIEW_PAGE(va)	((u32)(((va) - VIEW_BASE) / VIEW_PAGE_SIZE))
#define VIEW_PFNS	192		/* page frames; 0 is the zero page */
#define VIEW_DEVICE_PFN	128		/* from here on: device memory */
#define VIEW_FILES	8		/* files ever made, shared memory included */
#define VIEW_SPACES	8		/* GPU address spaces ever made */
#define VIEW_CPUS	RT_TASKS_MAX	/* a task is its own CPU */

/*
 * An entry word, CPU or GPU: kind, bits, pfn. The same form everywhere, so
 * that a golden report does not depend on a ground's own encoding.
 */
enum view_kind {
	VIEW_NONE,
	VIEW_PRESENT,
	VIEW_MIGRATION_READ,
	VIEW_MIGRATION_READ_EXCLUSIVE,
	VIEW_MIGRATION_WRITE,
	VIEW_DEVICE_READ,
	VIEW_DEVICE_WRITE,
	VIEW_EXCLUSIVE_READ,
	VIEW_EXCLUSIVE_WRITE,
};
enum {
	VIEW_W		= 1 << 4,
	VIEW_DIRTY	= 1 << 5,
	VIEW_YOUNG	= 1 << 6,
	VIEW_ZERO	= 1 << 7,	/* special: no page is counted. Frame 0,
					 * the zero page; or from VIEW_PFNS on,
					 * a device's registers */
	VIEW_PROT_NONE	= 1 << 8,
	VIEW_SOFT_DIRTY	= 1 << 9,
	VIEW_UFFD_WP	= 1 << 10,
	VIEW_A		= 1 << 11,	/* GPU: atomics allowed */
	VIEW_VRAM	= 1 << 12,	/* GPU: device memory */
	VIEW_HUGE	= 1 << 13,	/* part of one entry for many pages */
};
#define VIEW_WORD(kind, bits, pfn)	((u64)(kind) | (bits) | (u64)(pfn) << 16)
#define VIEW_KIND(w)			((u32)((w) & 15))
#define VIEW_PFN(w)			((u32)((w) >> 16))

/* Packed arguments of events. */
#define VIEW_MREMAP(mm, pages)		((u64)(mm) | (u64)(pages) << 8)
#define VIEW_MREMAP_PAGES(a)		((u32)((a) >> 8 & 0xff))
#define VIEW_VMA(mm, prot)		((u64)(mm) | (u64)(prot) << 8)
#define VIEW_CPU(mm, cpu)		((u64)(mm) | (u64)(cpu) << 8)
#define VIEW_CPU_MM(a)			((u32)((a) & 0xff))
#define VIEW_CPU_CPU(a)			((u32)((a) >> 8 & 0xff))
#define VIEW_DATA(pfn, value)		((u64)(pfn) << 32 | (u32)(value))
#define VIEW_DATA_PFN(c)		((u32)((c) >> 32))
#define VIEW_DATA_VALUE(c)		((u32)(c))
/* id counts brackets of an execution from 1; event is enum mmu_notifier_event. */
#define VIEW_BRACKET(id, mm, event, flags) \
	((u64)(id) << 32 | (u64)(flags) << 16 | (u64)(event) << 8 | (u64)(mm))
#define VIEW_BRACKET_ID(a)		((u32)((a) >> 32))
#define VIEW_BRACKET_MM(a)		((u32)((a) & 0xff))
#define VIEW_BRACKET_EVENT(a)		((u32)((a) >> 8 & 0xff))
#define VIEW_BRACKET_BLOCKABLE(a)	((a) >> 16 & 1)

/* An insertion into the interval tree: the program pages it covers, end
 * exclusive; 1 if they are not known. 0 stands for a removal. */
#define VIEW_ITREE(first, end)		(1ull | (u64)(first) << 8 | (u64)(end) << 16)
#define VIEW_ITREE_FIRST(c)		((u32)((c) >> 8 & 0xff))
#define VIEW_ITREE_END(c)		((u32)((c) >> 16 & 0xff))

/* VMA rights of a page; UNMAPPED: no VMA there. */
enum view_prot { VIEW_UNMAPPED, VIEW_PROT_NO, VIEW_PROT_R, VIEW_PROT_RW };

/* Why a page reference is held. */
enum view_ref {
	VIEW_REF_TMP,		/* within one function of mm code */
	VIEW_REF_PTE,
	VIEW_REF_DPRIV,
	VIEW_REF_DEXCL,
	VIEW_REF_CACHE,
	VIEW_REF_ISOLATE,
	VIEW_REF_GUP,
	VIEW_REF_PIN,
	VIEW_REF_GATHER,	/* cleared PTE's reference, kept until the TLB flush */
	VIEW_REF_DRIVER,
	VIEW_REF_ATOMIC_PIN,	/* weighs as PIN; lent to a device by a migration */
	VIEW_REF_NR,
};

/* What a page belongs to: EV_page_mapping. */
enum view_mapping { VIEW_MAPPING_NONE, VIEW_MAPPING_ANON, VIEW_MAPPING_FILE };

/* What a VMA maps: EV_vma_map. A private file VMA has both kinds of pages. */
enum view_vma {
	VIEW_VMA_ANON,
	VIEW_VMA_SHMEM,		/* shared: stores reach the file at once */
	VIEW_VMA_FILE,		/* shared, told of the first write */
	VIEW_VMA_PRIVATE,	/* of a file: copied when written */
	VIEW_VMA_SPECIAL,	/* pages a driver inserted, or registers */
};

/* EV_vma_map: the first file page a range maps. */
#define VIEW_VMA_MAP(mm, kind, file, pgoff) \
	((u64)(mm) | (u64)(kind) << 8 | (u64)(file) << 16 | (u64)(pgoff) << 32)
#define VIEW_VMA_KIND(a)		((u32)((a) >> 8 & 0xff))
#define VIEW_VMA_FILE_OF(a)		((u32)((a) >> 16 & 0xff))
#define VIEW_VMA_PGOFF(a)		((u32)((a) >> 32))

enum view_mm_state { VIEW_MM_UNUSED, VIEW_MM_LIVE, VIEW_MM_EXITING, VIEW_MM_DEAD };

struct view_mm {
	u32 state;
	s32 users, count;	/* mm_users, mm_count */
	s32 rss;
	u64 invalidate_seq;	/* 0: no subscriptions */
	u32 active_ranges;
	u32 deferred;		/* length of deferred_list */
	u32 intervals;		/* in the tree */
	u32 gathers;		/* open mmu_gathers */
};

struct view_page {
	s32 refcount, mapcount;
	bool exclusive, locked, lru, zero, anon, dirty;
	u32 zone;		/* enum zone_type: normal, movable, device */
	u32 mapping;		/* enum view_mapping */
	u32 index;		/* in its mapping, in pages */
	u32 value;		/* the content cell */
	u32 backing;		/* device page: the frame with its data; or 0 */
	s32 taken;		/* of refcount: what a program keeps across calls */
	bool revocable;		/* a driver has it, and gives it back if asked */
};

/* A device's pages. */
struct view_device {
	bool live;
	u32 start, nr;		/* frames of its pgmap(s), first and count */
	u64 frames;		/* which: bit n, VIEW_DEVICE_PFN + n; 0: all from
				 * start on */
	u32 ref;		/* of the pgmaps: live pages + 1 each, if not dying */
	u32 allocated;		/* calloc - cfree */
	u32 nr_free;		/* length of its free list, bounded by nr + 1 */
	bool free_twice;	/* a page is on the free list twice, or live */
};

struct view_file {
	bool live;
	u32 nr_pages;		/* of i_size, rounded up */
	bool past_end;		/* a fault that lost its race with a truncate may
				 * leave a page behind it, which nobody maps */
};

struct view_svmm {
	bool live;		/* vmm not NULL */
	u32 mm;			/* slot */
	u64 unmanaged_start, unmanaged_limit;
	bool atomics;		/* an ATOMIC needs VIEW_A; else VIEW_W will do */
	bool unmaps;		/* and a page that nobody else has taken */
	const void *notifier;
};

struct view_ring {
	u32 get, put;		/* registers */
	u32 sw_get, sw_put;	/* the driver's copies */
	u32 entries;
	u32 valid;		/* mask of slots whose valid bit is set */
};

/* A ground's answers. A target without a GPU leaves the second half NULL. */
struct view_hmm_v12;
struct view_panthor;

struct view {
	struct view_mm (*mm)(u32 slot);
	u64 (*cpu_entry)(u32 slot, u64 va);
	u32 (*vma_prot)(u32 slot, u64 va);	/* enum view_prot */
	u64 (*cpu_tlb)(u32 cpu, u32 slot, u64 va);	/* VIEW_NONE: no entry */
	struct view_page (*page)(u32 pfn);
	u32 (*nr_free)(void);			/* free pages, all zones */
	u32 (*nr_pages)(void);			/* system pages there are, zero page not counted */
	struct view_file (*file)(u32 file);
	u32 (*cached)(u32 file, u32 index);	/* pfn in the page cache; 0: none */
	struct view_device (*device)(u32 dev);	/* NULL: the ground has none */

	struct view_svmm (*svmm)(u32 space);
	u64 (*gpu_entry)(u32 space, u64 va);
	u64 (*gpu_tlb)(u32 space, u64 va);
	struct view_ring (*ring)(void);
	u32 (*stalled)(void);			/* accesses stalled */

	/* Of one system each: view_hmm_v12.h, view_panthor.h; NULL elsewhere. */
	const struct view_hmm_v12 *hmm_v12;
	const struct view_panthor *panthor;
};

/* The door for port code; primitives only. */
static inline u32 view_emit(u16 kind, u64 a, u64 b, u64 c)
{
	return journal_emit(kind, a, b, c);
}

/* targets/oracle/format.c, for journal_format: an event argument of a kind the
 * engine does not know ($c:p, $a:m, $a:f, $a:i, $c:v). The length, or -1. */
int view_format(char letter, u64 value, char *buf, size_t size);

/* targets/mm/view.c; a GPU target copies it and adds its own half. */
extern const struct view view_mm;

#endif /* TARGETS_VIEW_H */
