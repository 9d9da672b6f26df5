/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm_types.h: pages, VMAs and address spaces.
 *
 * MODEL of <linux/mm_types.h>, 6.12. Order-0 folios only, so a folio is its
 * page. The content of a page is one cell, which is enough to tell who wrote
 * last. Not modelled: per-VMA locks, swap, memcg.
 *
 * Not in upstream's structures: mm_struct.slot (the number programs and
 * events use) and mm_struct.gathers (a count for the view).
 */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/pgtable_types.h>

struct anon_vma;
struct dev_pagemap;
struct file;
struct mmu_notifier_subscriptions;
struct mm_struct;

enum pageflags {
	PG_uptodate,
	PG_lru,
	PG_dirty,
	PG_swapbacked,		/* anonymous and shmem */
	PG_writeback,
	PG_anon_exclusive,
};

/* The low bit of page->mapping: it is an anon_vma, not an address_space. */
#define PAGE_MAPPING_ANON	1ul

/*
 * @lock is PG_locked as a word of its own (locks are words), LOCK_HELD while
 * held: see mm/filemap_lock.c. @_mapcount is the number itself, where upstream keeps n - 1;
 * it and PG_anon_exclusive change under the PTL of an entry that maps the
 * page. @mapping and @index change under the folio lock, or while the page is
 * nobody's. @value changes by whoever may access the page. @next links free
 * pages and those a mover has isolated. @pgmap and @zone_device_data are of
 * ZONE_DEVICE pages; the latter is the driver's.
 */
struct page {
	s32 _refcount;
	s32 _mapcount;
	u32 lock;
	u32 flags;
	u32 value;
	u32 next;
	void *mapping;
	unsigned long index;
	struct dev_pagemap *pgmap;
	void *zone_device_data;
};

struct folio {
	struct page page;
};

#define page_folio(p)		((struct folio *)(p))
#define folio_page(f, n)	(&(f)->page + (n))

typedef unsigned long vm_flags_t;

typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM		0x0001u
#define VM_FAULT_SIGBUS		0x0002u
#define VM_FAULT_SIGSEGV	0x0040u
#define VM_FAULT_NOPAGE		0x0100u	/* installed; nothing left to map */
#define VM_FAULT_LOCKED		0x0200u	/* vmf->page is returned locked */
#define VM_FAULT_RETRY		0x0400u
#define VM_FAULT_FALLBACK	0x0800u	/* no huge entry: try with PTEs */
#define VM_FAULT_DONE_COW	0x1000u
#define VM_FAULT_ERROR		(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

enum fault_flag {
	FAULT_FLAG_WRITE	= 1 << 0,
	FAULT_FLAG_ALLOW_RETRY	= 1 << 2,	/* may drop mmap_lock: RETRY */
	FAULT_FLAG_RETRY_NOWAIT	= 1 << 3,
	FAULT_FLAG_KILLABLE	= 1 << 4,
	FAULT_FLAG_TRIED	= 1 << 5,
	FAULT_FLAG_USER		= 1 << 6,
	FAULT_FLAG_REMOTE	= 1 << 7,
	FAULT_FLAG_UNSHARE	= 1 << 10,	/* make the page exclusive, read-only */
};

/*
 * All but @anon_vma and @anon_vma_chain change only under mmap_lock held for
 * writing; those two also under it for reading with page_table_lock held, from
 * none to some. @vm_pgoff: of vm_start, in pages; of the file, or for an
 * anonymous VMA of the address space.
 */
struct vm_area_struct {
	unsigned long vm_start, vm_end;		/* bytes; end is exclusive */
	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;
	vm_flags_t vm_flags;
	struct list_head anon_vma_chain;	/* of anon_vma_chain.same_vma */
	struct anon_vma *anon_vma;		/* NULL: never had an anonymous page */
	unsigned long vm_pgoff;
	struct file *vm_file;			/* holds a reference; NULL: anonymous */
	struct list_head shared;		/* of vm_file's address_space.i_mmap */
	struct vm_area_struct *vm_next;		/* in address order */
};

static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_file;
}

/* Bits of mm_struct.flags. */
#define MMF_HAS_PINNED		18	/* FOLL_PIN was used here; never cleared */
#define MMF_OOM_SKIP		21	/* nothing of use left to the reaper */
#define MMF_UNSTABLE		22	/* reaped: contents may be gone */

struct mm_struct {
	struct vm_area_struct *mmap;	/* sorted; mmap_lock */
	int map_count;
	pmd_t pmd[PTRS_PER_PMD];	/* page_table_lock to change one */
	atomic_t mm_users;
	atomic_t mm_count;
	struct rw_semaphore mmap_lock;
	spinlock_t page_table_lock;
	seqcount_t write_protect_seq;	/* odd: fork takes write rights */
	unsigned long flags;		/* MMF_*, set_bit() */
	s32 rss;			/* atomic: under different PTLs */
	s32 gathers;
	atomic_t tlb_flush_pending;
	struct mmu_notifier_subscriptions *notifier_subscriptions;
	u32 slot;
};

#endif /* _LINUX_MM_TYPES_H */
