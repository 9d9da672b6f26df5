/* SPDX-License-Identifier: GPL-2.0 */
/*
 * internal.h: what the files of the mm share and nobody else may use.
 *
 * MODEL of upstream's mm/internal.h and <asm/tlb.h>.
 */
#ifndef TARGETS_MM_INTERNAL_H
#define TARGETS_MM_INTERNAL_H

#include <linux/mm.h>
#include <linux/mmu_notifier.h>

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
	struct page *pages[MMU_GATHER_BUNDLE];
	struct page_table *table;
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
/* The entry at @addr was cleared or lost rights: its flush is owed. */
void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long addr);
/* Takes over the reference (reason GATHER). True: full, flush before more. */
bool tlb_remove_page(struct mmu_gather *tlb, struct page *page);
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
	flush_tlb_range(mm, PMD_START, PMD_END);
}
void tlb_boot(void);
u64 tlb_entry(u32 cpu, u32 slot, unsigned long addr);
/*
 * One access as the MMU makes it: TLB, else walk and fill. False: fault. On a
 * load *@value is what was read, on a store what is written.
 */
bool tlb_access(struct mm_struct *mm, unsigned long addr, bool write,
		u32 *value);

/* page_alloc.c */
void page_alloc_boot(void);
u32 nr_free_pages(void);
u32 nr_system_pages(void);

/* memory.c */
struct page_table *pte_alloc(struct mm_struct *mm);
void pte_free(struct page_table *table);
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end);
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma,
		unsigned long start, unsigned long end);
void free_pgtables(struct mmu_gather *tlb, struct mm_struct *mm);
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size);
int copy_page_range(struct vm_area_struct *dst_vma,
		    struct vm_area_struct *src_vma);

static inline pte_t *pte_offset_map_lock(struct page_table *table,
					 unsigned long addr)
{
	spin_lock(&table->ptl);
	return pte_offset(table, addr);
}

/* mmap.c */
int split_vma(struct vm_area_struct *vma, unsigned long addr);
void exit_mmap(struct mm_struct *mm);
/* Tells the journal of rights that changed, or of a hole. */
void vma_changed(struct mm_struct *mm, unsigned long start, unsigned long end,
		 u32 prot);
u32 vma_prot(const struct vm_area_struct *vma);

/* fork.c */
struct mm_struct *mm_alloc(u32 slot, u32 parent);
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig);
void vm_area_free(struct vm_area_struct *vma);

/*
 * The slot table in ops.c. take: a fresh one, LIVE from here on; PROG_MMS if
 * none is left. set: NULL when the structure is about to be freed.
 */
u32 mm_slot_take(void);
void mm_slot_set(u32 slot, struct mm_struct *mm);
struct mm_struct *mm_slot_get(u32 slot);
void mm_slot_state(u32 slot, u32 state);	/* enum view_mm_state */
u32 mm_slot_get_state(u32 slot);

#endif /* TARGETS_MM_INTERNAL_H */
