/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm.h: what the rest of a kernel asks of memory management.
 *
 * MODEL of <linux/mm.h>, 6.12. Every reference to a page is taken and dropped
 * for a reason (targets/view.h, VIEW_REF_*), which upstream does not record:
 * the page_ref_* functions carry it, the folio and page names are those with
 * reason TMP, and GUP's have their own.
 */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>

#define VM_NONE		0x00000000
#define VM_READ		0x00000001
#define VM_WRITE	0x00000002
#define VM_EXEC		0x00000004
#define VM_SHARED	0x00000008
#define VM_MAYREAD	0x00000010
#define VM_MAYWRITE	0x00000020
#define VM_PFNMAP	0x00000400
#define VM_LOCKED	0x00002000
#define VM_IO		0x00004000
#define VM_DONTCOPY	0x00020000
#define VM_DONTEXPAND	0x00040000
#define VM_HUGETLB	0x00400000
#define VM_MIXEDMAP	0x10000000
#define VM_HUGEPAGE	0x20000000	/* MADV_HUGEPAGE */

#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)

struct address_space;

#define VM_ACCESS_FLAGS	(VM_READ | VM_WRITE | VM_EXEC)

static inline bool is_cow_mapping(vm_flags_t flags)
{
	return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* The VMA that holds @addr or the first above it; NULL: none. mmap_lock. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
/* The VMA that holds @addr; NULL: none. mmap_lock. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
/* The first VMA that overlaps [start, end); NULL: none. mmap_lock. */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end);

/* What a fault is about, handed down its path and to ->migrate_to_ram(). */
struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address;		/* of the page */
	unsigned int flags;		/* FAULT_FLAG_* */
	pmd_t *pmd;
	pte_t orig_pmd;			/* a huge entry, read without its lock */
	pte_t *pte;			/* valid while ptl is held */
	pte_t orig_pte;			/* read without the PTL */
	spinlock_t *ptl;
	struct page *page;		/* of orig_pte, or what a file gave */
	struct page *cow_page;		/* the copy of a private file fault */
};

/* The entry of @addr's table; @addr in [USER_START, USER_END). */
static inline pmd_t *pmd_offset(struct mm_struct *mm, unsigned long addr)
{
	return &mm->pmd[(addr - USER_START) >> PMD_SHIFT];
}

/*
 * The entry of @addr under its PTL, which is returned in *@ptlp. NULL: there
 * is no table, or no longer, or a huge entry; then nothing is held.
 */
static inline pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd,
					 unsigned long addr, spinlock_t **ptlp)
{
	struct page_table *table = pmd_pgtable(pmd);

	if (!table)
		return NULL;
	*ptlp = &table->ptl;
	spin_lock(*ptlp);
	return pte_offset(table, addr);
}

static inline void pte_unmap_unlock(pte_t *pte, spinlock_t *ptl)
{
	spin_unlock(ptl);
}

/*
 * Resolve one fault. Needs mmap_lock; takes and drops the PTL, may sleep.
 * VM_FAULT_ERROR bits, or 0: the access may be tried again. VM_FAULT_RETRY,
 * only with FAULT_FLAG_ALLOW_RETRY: mmap_lock was dropped (kept with
 * RETRY_NOWAIT), @vma may be gone.
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags);

/*
 * Zap every mapping of pages [start, start + nr) of @mapping; @even_cows: also
 * the copies that private mappings made of them. folio: of one locked folio,
 * no copies. No lock of an mm or PTL held; takes i_mmap_rwsem, may sleep.
 * mm/memory_zap.c.
 */
void unmap_mapping_pages(struct address_space *mapping, unsigned long start,
			 unsigned long nr, bool even_cows);
void unmap_mapping_folio(struct folio *folio);

/* -- page frames -- */
extern struct page *mem_map;		/* by pfn; 0 is the zero page */

static inline unsigned long page_to_pfn(const struct page *page)
{
	return page - mem_map;
}

static inline struct page *pfn_to_page(unsigned long pfn)
{
	return mem_map + pfn;
}

static inline unsigned long folio_pfn(const struct folio *folio)
{
	return page_to_pfn(&folio->page);
}

enum zone_type { ZONE_NORMAL, ZONE_MOVABLE, ZONE_DEVICE };

/*
 * The frames: the zero page, MOVABLE ones (handed out first to user pages,
 * and offlined by blocks), NORMAL ones, and those of devices.
 */
#define MOVABLE_PFN	1u
#define NORMAL_PFN	81u
#define DEVICE_PFN	VIEW_DEVICE_PFN
#define END_PFN		VIEW_PFNS
#define PAGEBLOCK_PAGES	8u		/* what is offlined at once */

/* A device's registers, in frames that have no struct page. */
#define IO_PFN		END_PFN

static inline enum zone_type page_zonenum(const struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (pfn >= DEVICE_PFN)
		return ZONE_DEVICE;
	return pfn >= NORMAL_PFN || !pfn ? ZONE_NORMAL : ZONE_MOVABLE;
}

static inline bool is_zone_device_page(const struct page *page)
{
	return page_zonenum(page) == ZONE_DEVICE;
}

static inline bool folio_is_zone_device(const struct folio *folio)
{
	return is_zone_device_page(&folio->page);
}

/* Not MOVABLE, nor a page a device would have to give back. */
static inline bool folio_is_longterm_pinnable(const struct folio *folio)
{
	return page_zonenum(&folio->page) == ZONE_NORMAL;
}

#define ZERO_PFN	0ul
static inline bool is_zero_pfn(unsigned long pfn)
{
	return pfn == ZERO_PFN;
}

/*
 * References. page_ref_inc() needs one already (or the PTL of an entry that
 * holds one); page_ref_put() of the last frees the page; page_ref_move()
 * changes the reason of one that is held. page_ref_try_add() needs none: true
 * and one more, or false if the page is free. @reason: enum view_ref; one of
 * reason PIN weighs GUP_PIN_COUNTING_BIAS, in one step and one event.
 */
void page_ref_inc(struct page *page, unsigned int reason);
bool page_ref_try_add(struct page *page, unsigned int reason);
void page_ref_put(struct page *page, unsigned int reason);
void page_ref_move(struct page *page, unsigned int from, unsigned int to);
int folio_ref_count(const struct folio *folio);
int folio_mapcount(const struct folio *folio);

static inline void folio_get(struct folio *folio)
{
	page_ref_inc(&folio->page, VIEW_REF_TMP);
}

static inline void folio_put(struct folio *folio)
{
	page_ref_put(&folio->page, VIEW_REF_TMP);
}

static inline void get_page(struct page *page)
{
	folio_get(page_folio(page));
}

static inline void put_page(struct page *page)
{
	folio_put(page_folio(page));
}

/* True and one more TMP reference, unless the page is free. */
bool folio_try_get(struct folio *folio);

/*
 * Allocation: a zeroed page with one reference of reason TMP; NULL: none is
 * left, or a failure was asked for. GFP_HIGHUSER_MOVABLE takes MOVABLE frames
 * first; others never do. The movable folio is also what FOLL_LONGTERM moves.
 */
struct page *alloc_page(gfp_t gfp);
#define alloc_page_vma(gfp, vma, addr)	alloc_page(gfp)
static inline struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	return page_folio(alloc_page(gfp));
}

/* The only reference, reason TMP. */
static inline void __free_page(struct page *page)
{
	put_page(page);
}

struct folio *vma_alloc_zeroed_movable_folio(struct vm_area_struct *vma,
					     unsigned long vaddr);

static inline bool folio_test_flag(const struct folio *folio, enum pageflags f)
{
	return __atomic_load_n(&folio->page.flags, __ATOMIC_RELAXED) >> f & 1;
}

static inline void folio_set_flag(struct folio *folio, enum pageflags f)
{
	__atomic_fetch_or(&folio->page.flags, 1u << f, __ATOMIC_RELAXED);
}

static inline void folio_clear_flag(struct folio *folio, enum pageflags f)
{
	__atomic_fetch_and(&folio->page.flags, ~(1u << f), __ATOMIC_RELAXED);
}

static inline void *page_mapping_word(const struct page *page)
{
	return __atomic_load_n(&page->mapping, __ATOMIC_RELAXED);
}

static inline bool folio_test_anon(const struct folio *folio)
{
	return (unsigned long)page_mapping_word(&folio->page) &
	       PAGE_MAPPING_ANON;
}

#define PageAnon(page)	folio_test_anon(page_folio(page))

/* The page cache the folio is in; NULL: anonymous, or nobody's. */
static inline struct address_space *folio_mapping(const struct folio *folio)
{
	void *mapping = page_mapping_word(&folio->page);

	return (unsigned long)mapping & PAGE_MAPPING_ANON ? NULL :
		(struct address_space *)mapping;
}

/* Sets both and tells the journal. Needs the folio lock, or a page of nobody. */
void folio_set_mapping(struct folio *folio, void *mapping, unsigned long index);

static inline bool folio_mapped(const struct folio *folio)
{
	return folio_mapcount(folio) > 0;
}

/* Dirty is of the page; an entry's own dirty bit is moved here by who clears
 * the entry. True if it was clean. */
bool folio_mark_dirty(struct folio *folio);
static inline bool folio_test_dirty(const struct folio *folio)
{
	return folio_test_flag(folio, PG_dirty);
}

static inline bool PageAnonExclusive(const struct page *page)
{
	return folio_test_flag(page_folio(page), PG_anon_exclusive);
}

/* Need the PTL of an entry that maps the page. */
void SetPageAnonExclusive(struct page *page);
void ClearPageAnonExclusive(struct page *page);

/* -- the LRU: being on it holds no reference; device pages never are -- */
void folio_add_lru(struct folio *folio);	/* mm/swap.c */
/* False: not on it. True: off it, one more reference of reason ISOLATE. */
bool folio_isolate_lru(struct folio *folio);	/* mm/vmscan.c */
/* Back on it, and that reference dropped. */
void folio_putback_lru(struct folio *folio);
static inline bool folio_test_lru(const struct folio *folio)
{
	return folio_test_flag(folio, PG_lru);
}

/* The page an entry maps, counted; NULL: the zero page or registers. */
struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr,
			    pte_t pte);

/* A page of a driver's, which is nobody's else, at @addr of a VMA of its own
 * with VM_MIXEDMAP; the entry takes a reference. mmap_lock held for writing. 0,
 * -EFAULT, -EINVAL, -ENOMEM, -EBUSY: something is there. mm/memory_insert.c. */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page);
/* Frames that are nobody's pages, from @pfn on, in all of [addr, addr + size),
 * where nothing is yet, of a new VMA with VM_PFNMAP. mmap_lock held for writing.
 * 0, -EINVAL, -ENOMEM. mm/memory_insert.c. */
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		    unsigned long pfn, unsigned long size, pgprot_t prot);

/* -- get_user_pages: mm/gup.c -- */
#define FOLL_WRITE	(1 << 0)
#define FOLL_GET	(1 << 1)
#define FOLL_DUMP	(1 << 2)
#define FOLL_FORCE	(1 << 3)
#define FOLL_NOWAIT	(1 << 4)
#define FOLL_LONGTERM	(1 << 8)
#define FOLL_SPLIT_PMD	(1 << 9)
#define FOLL_PIN	(1 << 19)

/* One pin weighs as much as this many references. */
#define GUP_PIN_COUNTING_BIAS	(1 << 10)

/* May be wrong about a page with very many references, never about a pin. */
static inline bool folio_maybe_dma_pinned(const struct folio *folio)
{
	return __atomic_load_n(&folio->page._refcount, __ATOMIC_ACQUIRE) >=
	       GUP_PIN_COUNTING_BIAS;
}

/*
 * Pages of [start, start + nr_pages) of @mm, faulted in, each with a reference
 * of reason GUP in pages[]. Needs mmap_lock (read) and a user of @mm. Pages
 * got, or minus an errno if none was. @locked: may drop mmap_lock on the way
 * and then sets *locked to 0 if it is not held at return; NULL: never.
 */
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked);
/* As above, of reason PIN and weight GUP_PIN_COUNTING_BIAS: dropped by
 * unpin_user_page(). The zero page is pinned without a reference. */
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked);
/* Of current->mm, which has a user; no mmap_lock. Lockless where it can be. */
int get_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages);
int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages);
void unpin_user_page(struct page *page);
/* Drops a reference of reason GUP; what a caller of FOLL_GET does with
 * put_page(), which here drops one of reason TMP. */
void put_user_page(struct page *page);

#endif /* _LINUX_MM_H */
