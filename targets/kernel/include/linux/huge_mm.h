/* SPDX-License-Identifier: GPL-2.0 */
/*
 * huge_mm.h: one entry for PTRS_PER_PTE pages.
 *
 * MODEL of <linux/huge_mm.h>, 6.12. Implementation: targets/mm/huge_memory.c,
 * which says how it differs from upstream; the words of entries change in
 * targets/mm/pgtable.c. The lock of a pmd is its mm's page_table_lock.
 *
 * What a huge entry says is a word as a PTE's, of the first of its pages, and
 * the pte_*() functions apply; none, if the pmd has a table or nothing.
 */
#ifndef _LINUX_HUGE_MM_H
#define _LINUX_HUGE_MM_H

#include <linux/mm.h>

struct folio;
struct mmu_gather;

#define HPAGE_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define HPAGE_PMD_NR	(1 << HPAGE_PMD_ORDER)
#define HPAGE_PMD_SIZE	PMD_SIZE
#define HPAGE_PMD_MASK	PMD_MASK

_Static_assert(HPAGE_PMD_NR == PTRS_PER_PTE, "a huge entry is a table's worth");

static inline pte_t pmdp_get(const pmd_t *pmdp)
{
	return (pte_t){ __atomic_load_n(&pmdp->huge, __ATOMIC_ACQUIRE) };
}

/* Without the lock: a switch point, then one read of the word. */
pte_t pmdp_get_lockless(const pmd_t *pmdp);

/* What the page at @addr would have as an entry of its own; @pmd is huge. */
static inline pte_t pmd_pte(pte_t pmd, unsigned long addr)
{
	return (pte_t){ pmd.pte + (addr & ~PMD_MASK & PAGE_MASK) };
}

/* That page's part of the entry, as oracles see it. */
static inline u64 pmd_view(pte_t pmd, unsigned long addr)
{
	return pte_none(pmd) ? VIEW_NONE :
	       pte_view(pmd_pte(pmd, addr)) | VIEW_HUGE;
}

/*
 * The writers; all need the lock, and the aligned address. Each is one store
 * and one EV_pte_set for each page. move: at both addresses, in one step.
 */
void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp,
		pte_t pmd);
pte_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr,
			      pmd_t *pmdp);
void pmdp_set_wrprotect(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp);
bool pmdp_set_access_flags(struct mm_struct *mm, unsigned long addr,
			   pmd_t *pmdp, pte_t entry);
void pmdp_huge_move(struct mm_struct *mm, unsigned long old_addr,
		    unsigned long new_addr, pte_t pmd);

/* The VMA was advised (MADV_HUGEPAGE), and all that @addr's entry would map is
 * private memory of it. */
static inline bool thp_vma_allowable(const struct vm_area_struct *vma,
				     unsigned long addr)
{
	addr &= HPAGE_PMD_MASK;
	return vma->vm_flags & VM_HUGEPAGE && vma_is_anonymous(vma) &&
	       addr >= vma->vm_start && addr + HPAGE_PMD_SIZE <= vma->vm_end;
}

/*
 * Faults; mmap_lock held, no other lock. VM_FAULT_FALLBACK: not this way, go
 * on with PTEs. wp and set_accessed: vmf->orig_pmd was read without the lock.
 */
vm_fault_t do_huge_pmd_anonymous_page(struct vm_fault *vmf);
vm_fault_t do_huge_pmd_wp_page(struct vm_fault *vmf);
void huge_pmd_set_accessed(struct vm_fault *vmf);

/* fork; both mmap_lock for writing, in the bracket. -EAGAIN: the parent has a
 * table there by now, copy that. -ENOMEM. */
int copy_huge_pmd(struct mm_struct *dst_mm, struct mm_struct *src_mm,
		  pmd_t *dst_pmd, pmd_t *src_pmd, unsigned long addr,
		  struct vm_area_struct *dst_vma,
		  struct vm_area_struct *src_vma);

/* Of the whole entry at aligned @addr, in an open bracket. False: it is not
 * huge any more, and nothing was done. move: or the target is in use. */
bool zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
		  pmd_t *pmd, unsigned long addr);
bool change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
		     pmd_t *pmd, unsigned long addr);
bool move_huge_pmd(struct vm_area_struct *vma, unsigned long old_addr,
		   unsigned long new_addr);

/*
 * Make PTEs of a huge entry; nothing if it is none. Raises CLEAR for all of
 * its range, so no PTL may be held. @folio: only an entry that maps it at
 * @address; or NULL. The VMA must stay: mmap_lock, or the lock of its rmap.
 */
void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
		      unsigned long address, const struct folio *folio);
void split_huge_pmd_address(struct vm_area_struct *vma, unsigned long address,
			    const struct folio *folio);
/* @vma is about to be cut at @addr. mmap_lock, write. */
void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long addr);

/* GUP, under the lock: the entry was used for @write. */
void touch_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
	       bool write);

/* MADV_HUGEPAGE. mmap_lock, write. 0 or -EINVAL. */
int hugepage_madvise(struct vm_area_struct *vma, vm_flags_t *vm_flags);

#endif /* _LINUX_HUGE_MM_H */
