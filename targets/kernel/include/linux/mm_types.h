/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm_types.h: pages, VMAs and address spaces.
 *
 * MODEL of <linux/mm_types.h>, 6.12. Order-0 folios only, so a folio is its
 * page. The content of a page is one cell, which is enough to tell who wrote
 * last. An address space has one page-table page (PROG_PAGES entries from
 * VIEW_BASE), hence one page table lock. Not modelled: per-VMA locks, files,
 * swap, memcg; anon_vma is only the fact that a VMA has had anonymous pages.
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

struct mmu_notifier_subscriptions;
struct mm_struct;

enum pageflags {
	PG_uptodate,
	PG_lru,
	PG_anon,		/* upstream: a tag in page->mapping */
	PG_anon_exclusive,
};

/*
 * @lock is PG_locked as a word of its own (locks are words): folio_lock() is
 * 1 while held. @flags and @_mapcount change under the PTL of an entry that
 * maps the page, @value by whoever may access the page. @next links free
 * pages. @_mapcount is the number itself, where upstream keeps n - 1.
 */
struct page {
	s32 _refcount;
	s32 _mapcount;
	u32 lock;
	u32 flags;
	u32 value;
	u32 next;
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
#define VM_FAULT_RETRY		0x0400u
#define VM_FAULT_ERROR		(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

enum fault_flag {
	FAULT_FLAG_WRITE	= 1 << 0,
	FAULT_FLAG_USER		= 1 << 6,
	FAULT_FLAG_REMOTE	= 1 << 7,
};

/* All but @anon_vma change only under mmap_lock held for writing. */
struct vm_area_struct {
	unsigned long vm_start, vm_end;		/* bytes; end is exclusive */
	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;
	vm_flags_t vm_flags;
	u32 anon_vma;		/* had an anonymous page; under mmap_lock, read */
	struct vm_area_struct *vm_next;		/* in address order */
};

/* Bits of mm_struct.flags. */
#define MMF_OOM_SKIP		21	/* nothing of use left to the reaper */
#define MMF_UNSTABLE		22	/* reaped: contents may be gone */

struct mm_struct {
	struct vm_area_struct *mmap;	/* sorted; mmap_lock */
	int map_count;
	pmd_t pmd;			/* page_table_lock to populate it */
	atomic_t mm_users;
	atomic_t mm_count;
	struct rw_semaphore mmap_lock;
	spinlock_t page_table_lock;
	seqcount_t write_protect_seq;	/* odd: fork takes write rights */
	unsigned long flags;		/* MMF_*, set_bit() */
	s32 rss;			/* PTL */
	s32 gathers;
	atomic_t tlb_flush_pending;
	struct mmu_notifier_subscriptions *notifier_subscriptions;
	u32 slot;
};

#endif /* _LINUX_MM_TYPES_H */
