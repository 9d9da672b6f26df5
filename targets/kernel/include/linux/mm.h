/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mm.h: what the rest of a kernel asks of memory management.
 *
 * MODEL of <linux/mm.h>, 6.12, for the slice built so far: anonymous private
 * memory. Every reference to a page is taken and dropped for a reason
 * (targets/view.h, VIEW_REF_*), which upstream does not record: the page_ref_*
 * functions carry it, the folio and page names are those with reason TMP.
 */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/bitops.h>
#include <linux/errno.h>
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
#define VM_IO		0x00004000

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

/*
 * Resolve one fault. Needs mmap_lock; takes and drops the PTL, may sleep.
 * VM_FAULT_ERROR bits, or 0: the access may be tried again.
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags);

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

#define ZERO_PFN	0ul
static inline bool is_zero_pfn(unsigned long pfn)
{
	return pfn == ZERO_PFN;
}

/*
 * References. page_ref_inc() needs one already (or the PTL of an entry that
 * holds one); page_ref_put() of the last frees the page; page_ref_move()
 * changes the reason of one that is held. @reason: enum view_ref.
 */
void page_ref_inc(struct page *page, unsigned int reason);
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

/* A zeroed page with one reference of reason TMP; NULL: none is left. */
struct folio *vma_alloc_zeroed_movable_folio(struct vm_area_struct *vma,
					     unsigned long vaddr);

static inline bool folio_test_flag(const struct folio *folio, enum pageflags f)
{
	return __atomic_load_n(&folio->page.flags, __ATOMIC_RELAXED) >> f & 1;
}

static inline bool folio_test_anon(const struct folio *folio)
{
	return folio_test_flag(folio, PG_anon);
}

static inline bool PageAnonExclusive(const struct page *page)
{
	return folio_test_flag(page_folio(page), PG_anon_exclusive);
}

/* Need the PTL of an entry that maps the page. */
void SetPageAnonExclusive(struct page *page);
void ClearPageAnonExclusive(struct page *page);

#endif /* _LINUX_MM_H */
