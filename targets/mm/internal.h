/* SPDX-License-Identifier: GPL-2.0 */
/*
 * internal.h: what the files of the mm share and nobody else may use.
 *
 * MODEL of upstream's mm/internal.h and <asm/tlb.h>.
 */
#ifndef TARGETS_MM_INTERNAL_H
#define TARGETS_MM_INTERNAL_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>

#include "targets/mm/ground.h"

struct file;
struct inode;

#define MMU_GATHER_BUNDLE	4

/*
 * Pages whose entries were cleared, until no TLB holds them. range: what to
 * flush; empty if start >= end. A batch is small, so that programs fill it.
 */
struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end;
	bool fullmm;
	bool freed_tables;
	u32 nr;
	u32 delay_rmap;			/* bits of pages[]: still counted as mapped */
	u32 huge;			/* likewise: first of HPAGE_PMD_NR pages */
	struct page *pages[MMU_GATHER_BUNDLE];
	struct page_table *tables[PTRS_PER_PMD];
	u32 nr_tables;
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
/* The entry at @addr was cleared or lost rights: its flush is owed. */
void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long addr);
/* The same for a huge entry. */
void tlb_flush_pmd_range(struct mmu_gather *tlb, unsigned long addr);
/* Takes over the reference (reason GATHER). True: full, flush before more. */
bool tlb_remove_page(struct mmu_gather *tlb, struct page *page);
/* The same; @delay_rmap: its mapcount is dropped by tlb_flush_rmaps(). */
bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page,
		       bool delay_rmap);
/* The same for what a huge entry mapped, from @page on; takes one place. */
bool tlb_remove_huge_page(struct mmu_gather *tlb, struct page *page);
/* After a flush, and before the PTL of what was gathered is dropped. */
void tlb_flush_rmaps(struct mmu_gather *tlb, struct vm_area_struct *vma);
/* @table is linked nowhere any more; freed after the flush. */
void tlb_remove_table(struct mmu_gather *tlb, struct page_table *table);
/* Flush what is owed. */
void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb);
/* Flush what is owed, then drop what was gathered. */
void tlb_flush_mmu(struct mmu_gather *tlb);
void tlb_finish_mmu(struct mmu_gather *tlb);

/* tlb.c: flush every CPU's entries of an mm. */
void flush_tlb_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end);
static inline void flush_tlb_mm(struct mm_struct *mm)
{
	flush_tlb_range(mm, USER_START, USER_END);
}
void tlb_boot(void);
u64 tlb_entry(u32 cpu, u32 slot, unsigned long addr);
/*
 * One access as the MMU makes it: TLB, else walk and fill. False: fault. On a
 * load *@value is what was read, on a store what is written.
 */
bool tlb_access(struct mm_struct *mm, unsigned long addr, bool write,
		u32 *value);
/* As a store, of one more than what is there, which is *@value; indivisible. */
bool tlb_increment(struct mm_struct *mm, unsigned long addr, u32 *value);

/* page_alloc.c */
void page_alloc_boot(void);
/*
 * HPAGE_PMD_NR pages in a row on their natural boundary, each as alloc_page()
 * gives it. NULL: there are none, or a failure was asked for.
 */
struct page *alloc_huge_pages(gfp_t gfp);
u32 nr_free_pages(void);
u32 nr_system_pages(void);
/*
 * The block that starts at @pfn takes no part in allocation while isolated;
 * its free pages stay free. Under the zone's lock.
 */
void set_migratetype_isolate(unsigned long pfn, bool isolate);
/* All PAGEBLOCK_PAGES of the block are free. */
bool pageblock_is_free(unsigned long pfn);

/* swap.c: the LRU flag, told to the journal. */
void folio_set_lru(struct folio *folio, bool on);

/* filemap.c, shmem.c, truncate.c: see <linux/pagemap.h>; for the view */
void file_boot(void);
/* device_node.c: registers, for who wants to map them, shared. No reference is
 * to be given back. */
#define REGISTERS_MINOR	2	/* after those of test_hmm */
struct file *registers_file(void);
/* By the number events use; NULL: not live. */
struct inode *inode_by_number(u32 ino);
/* In M0, after every mm is gone: named files lose their names. */
void file_halt(void);

/* rmap.c: counts told to the journal; under the PTL of an entry. */
void folio_mapcount_add(struct folio *folio, s32 n);
void anon_vma_boot(void);

/* memremap.c */
void memremap_boot(void);

/*
 * memory.c: a non-present entry of the device-exclusive kind becomes the
 * mapping it stands for. Under the PTL, folio locked, in an open bracket.
 */
void restore_exclusive_pte(struct vm_area_struct *vma, struct page *page,
			   unsigned long address, pte_t *ptep);

/*
 * How many entries lend @folio to devices, above its flags: they are not in its
 * mapcount, but keep its anon_vma as those that map it do. Changes under the PTL
 * of the entry, and so that a folio that is one or the other is never neither.
 */
#define PG_LENT_SHIFT	16

static inline bool folio_lent(const struct folio *folio)
{
	return __atomic_load_n(&folio->page.flags, __ATOMIC_RELAXED) >>
	       PG_LENT_SHIFT;
}

static inline void folio_lent_inc(struct folio *folio)
{
	__atomic_fetch_add(&folio->page.flags, 1u << PG_LENT_SHIFT,
			   __ATOMIC_RELAXED);
}

static inline void folio_lent_dec(struct folio *folio)
{
	__atomic_fetch_sub(&folio->page.flags, 1u << PG_LENT_SHIFT,
			   __ATOMIC_RELAXED);
}

/* rmap_exclusive.c: no device has @folio, which is locked, any more. */
void folio_take_back(struct folio *folio);
/* Has the file a ->page_mkwrite()? Shared memory and devices do not. */
static inline bool vma_has_page_mkwrite(const struct vm_area_struct *vma)
{
	const struct inode *inode = file_inode(vma->vm_file);

	return !inode->shmem && !inode->device;
}

/* May an entry of @vma that is clean and shared be writable at once? */
bool vma_wants_writenotify(const struct vm_area_struct *vma);
void vma_set_page_prot(struct vm_area_struct *vma);

/* memory.c */
struct page_table *pte_alloc_one(void);
int pte_alloc(struct mm_struct *mm, pmd_t *pmd);
void pte_free(struct page_table *table);
/* 0, or -EBUSY: the folio of the exclusive entry is locked. Under the PTL. */
int try_restore_exclusive_pte(pte_t *src_pte, struct vm_area_struct *vma,
			      unsigned long addr);
vm_fault_t check_stable_address_space(struct mm_struct *mm);

/* Writable if the VMA is; a fault on a VMA being restricted gets no more. */
static inline pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	if (likely(vma->vm_flags & VM_WRITE))
		pte = pte_mkwrite_novma(pte);
	return pte;
}

static inline pte_t mk_pte(struct page *page, pgprot_t prot)
{
	return pfn_pte(page_to_pfn(page), prot);
}

/* memory_wp.c; PTL held, which both drop. */
vm_fault_t do_wp_page(struct vm_fault *vmf);
/* Has nobody else a reference to a page that was shared? PTL held. */
bool wp_can_reuse_anon_folio(struct folio *folio);
/* ->page_mkwrite(): @folio, referenced, comes back locked; or not, and then
 * the result says why. No PTL. */
vm_fault_t do_page_mkwrite(struct vm_fault *vmf, struct folio *folio);
/* A locked folio of a shared mapping was made writable. Unlocks it. */
void fault_dirty_shared_page(struct folio *folio);

/* memory_zap.c; NULL details: everything goes. */
struct zap_details {
	bool even_cows;		/* copies of a private mapping too */
};
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end,
		      const struct zap_details *details);
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma,
		unsigned long start, unsigned long end);
void free_pgtables(struct mmu_gather *tlb, struct vm_area_struct *vma,
		   unsigned long floor, unsigned long ceiling);
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size,
			   const struct zap_details *details);

/* memory_copy.c */
int copy_page_range(struct vm_area_struct *dst_vma,
		    struct vm_area_struct *src_vma);

/* Pages mapped, entries of every kind that names one; under the PTL. */
static inline void add_mm_counter(struct mm_struct *mm, s32 n)
{
	__atomic_fetch_add(&mm->rss, n, __ATOMIC_RELAXED);
}

/* mmap.c */
int split_vma(struct vm_area_struct *vma, unsigned long addr);
/* The VMA leaves its file's i_mmap; nothing if it has no file. */
void unlink_file_vma(struct vm_area_struct *vma);
/* Into the list of the mm; and into i_mmap. mmap_lock, write. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma);
/* Unmap [start, end). Needs mmap_lock, write. With @unlock it is dropped on
 * the way; it stays held if an error is returned. 0 or -ENOMEM. */
int do_vmi_align_munmap(struct mm_struct *mm, unsigned long start,
			unsigned long end, bool unlock);
/* Program pages only, aligned, not empty. */
bool range_valid(unsigned long start, unsigned long len);
/* Tells the journal what a range maps from now on. */
void vma_mapped(const struct vm_area_struct *vma);
void exit_mmap(struct mm_struct *mm);
/*
 * Keep out every bracket of @mm: those under mmap_lock, held for writing, and
 * those of walks of the rmap. 0, or -EINTR and nothing is held.
 */
int mm_take_all_locks(struct mm_struct *mm);
void mm_drop_all_locks(struct mm_struct *mm);
/* Tells the journal of rights that changed, or of a hole. */
void vma_changed(struct mm_struct *mm, unsigned long start, unsigned long end,
		 u32 prot);
u32 vma_prot(const struct vm_area_struct *vma);

/*
 * mprotect.c: the entries of [start, end), which lies in @vma, get the rights
 * that the VMA has now; what a TLB may still use is owed to @tlb. With a flag
 * the VMA did not change, but its pages are, or are no longer, protected from
 * writes one by one. Needs mmap_lock: for writing if the VMA changed.
 */
#define MM_CP_UFFD_WP		(1 << 2)
#define MM_CP_UFFD_WP_RESOLVE	(1 << 3)
void change_protection(struct mmu_gather *tlb, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end,
		       unsigned long cp_flags);

/* fork.c */
struct mm_struct *mm_alloc(u32 slot, u32 parent);
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig);
void vm_area_free(struct vm_area_struct *vma);

#endif /* TARGETS_MM_INTERNAL_H */
