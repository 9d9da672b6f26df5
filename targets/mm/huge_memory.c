// SPDX-License-Identifier: GPL-2.0
/*
 * huge_memory.c: private memory that is mapped by one entry for many pages.
 *
 * Models mm/huge_memory.c, 6.12. Spec: core.md 1 (MAY), 3.2 (huge PMD split).
 * A VMA that was advised (MADV_HUGEPAGE) gets HPAGE_PMD_NR pages at once where
 * nothing is mapped yet and all of them lie in it. What concerns a part of
 * them splits the entry first: its pages then have PTEs, in the table that was
 * deposited when the entry was made, so a split never fails for want of memory.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock, or the rmap lock that keeps the VMA
 *     notifier callbacks
 *     mm->page_table_lock		of the child, then of the parent
 *       folio lock			tried
 *
 * A split takes nothing from any page, and yet it is told: who copied the entry
 * as one block must not go on with it when a part of the block may change.
 *
 *	device driver				madvise, a mover, copy on write
 *	copies the huge entry
 *						CLEAR of the whole entry
 *	drops its block
 *						PTEs
 *						bracket over
 *						CLEAR of one page
 *	keeps the other pages			[may]
 *
 * Differences:
 *  - there are no large folios: a huge entry maps pages in a row, and each has
 *    its own references, mapcount, ANON_EXCLUSIVE and lock, as if it had a PTE.
 *    Where upstream asks the folio, all pages are asked. Splitting the entry is
 *    all there is to split;
 *  - a split is one step to whoever walks the tables, and the flush comes after
 *    it: a TLB keeps entries of single pages, so none can hold both forms, which
 *    is what upstream makes the entry invalid for first;
 *  - no huge zero page: a read gets pages of its own, as upstream with
 *    transparent_hugepage/use_zero_page set to 0;
 *  - copy on write does not wait for a page that is locked: it splits;
 *  - no huge migration entries, so a mover splits; no files, khugepaged, NUMA
 *    hints, or MADV_NOHUGEPAGE.
 */
#include <linux/bitops.h>
#include <linux/huge_mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/* The lock of @pmd, if it is huge; NULL, and nothing held, if not. */
static spinlock_t *pmd_trans_huge_lock(struct mm_struct *mm, const pmd_t *pmd)
{
	spinlock_t *ptl = &mm->page_table_lock;

	spin_lock(ptl);
	if (likely(pmd_trans_huge(pmd)))
		return ptl;
	spin_unlock(ptl);
	return NULL;
}

static struct page *pmd_page(pte_t pmd)
{
	return pfn_to_page(pte_pfn(pmd));
}

/* Under the lock; @pmd is made huge, or was just made something else. */
static void pgtable_trans_huge_deposit(pmd_t *pmd, struct page_table *pgtable)
{
	pmd->deposit = pgtable;
}

static struct page_table *pgtable_trans_huge_withdraw(pmd_t *pmd)
{
	struct page_table *pgtable = pmd->deposit;

	pmd->deposit = NULL;
	return pgtable;
}

static void put_huge_pages(struct page *page)
{
	u32 i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put_page(page + i);
}

/* Under the lock, of pages nobody knows. Their references become the entry's. */
static void map_anon_pmd(struct vm_fault *vmf, struct page *page,
			 unsigned long haddr)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t entry = pte_mkyoung(pte_mkdirty(mk_pte(page, vma->vm_page_prot)));
	u32 i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		struct folio *folio = page_folio(page + i);

		folio_add_new_anon_rmap(folio, vma, haddr + i * PAGE_SIZE,
					RMAP_EXCLUSIVE);
		folio_add_lru(folio);
		page_ref_move(page + i, VIEW_REF_TMP, VIEW_REF_PTE);
	}
	add_mm_counter(vma->vm_mm, HPAGE_PMD_NR);
	set_pmd_at(vma->vm_mm, haddr, vmf->pmd, maybe_mkwrite(entry, vma));
}

/* Takes over @page and its row, and @pgtable. */
static vm_fault_t __do_huge_pmd_anonymous_page(struct vm_fault *vmf,
					       struct page *page,
					       struct page_table *pgtable)
{
	struct mm_struct *mm = vmf->vma->vm_mm;
	vm_fault_t ret = 0;
	bool none;

	spin_lock(&mm->page_table_lock);
	none = pmd_none(vmf->pmd) || (pmd_trans_huge(vmf->pmd) &&
				      mutated(huge_anon_skip_none_check));
	if (none)
		ret = check_stable_address_space(mm);
	if (none && !ret) {
		pgtable_trans_huge_deposit(vmf->pmd, pgtable);
		map_anon_pmd(vmf, page, vmf->address & HPAGE_PMD_MASK);
		pgtable = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (pgtable) {
		put_huge_pages(page);
		pte_free(pgtable);
	}
	return ret;
}

vm_fault_t do_huge_pmd_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page_table *pgtable;
	struct page *page;

	if (!thp_vma_allowable(vma, vmf->address))
		return VM_FAULT_FALLBACK;
	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	page = alloc_huge_pages(GFP_HIGHUSER_MOVABLE);
	if (!page)
		return VM_FAULT_FALLBACK;
	pgtable = pte_alloc_one();
	if (!pgtable) {
		put_huge_pages(page);
		return VM_FAULT_OOM;
	}
	return __do_huge_pmd_anonymous_page(vmf, page, pgtable);
}

/* Under the lock. */
void touch_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
	       bool write)
{
	pte_t entry = pte_mkyoung(pmdp_get(pmd));

	if (write)
		entry = pte_mkdirty(entry);
	pmdp_set_access_flags(vma->vm_mm, addr & HPAGE_PMD_MASK, pmd, entry);
}

void huge_pmd_set_accessed(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;

	spin_lock(&mm->page_table_lock);
	if (pte_same(pmdp_get(vmf->pmd), vmf->orig_pmd))
		touch_pmd(vmf->vma, vmf->address, vmf->pmd,
			  vmf->flags & FAULT_FLAG_WRITE);
	spin_unlock(&mm->page_table_lock);
}

/* Under the lock: are all pages ours, or are we the last who has them? */
static bool huge_reuse_anon(struct page *page)
{
	u32 i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (!PageAnonExclusive(page + i) &&
		    !wp_can_reuse_anon_folio(page_folio(page + i)) &&
		    !mutated(huge_reuse_ignores_refs))
			return false;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (!PageAnonExclusive(page + i))
			SetPageAnonExclusive(page + i);
	return true;
}

/* A write to, or an UNSHARE of, a read-only huge entry. */
vm_fault_t do_huge_pmd_wp_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	spinlock_t *ptl = &vma->vm_mm->page_table_lock;
	pte_t orig_pmd = vmf->orig_pmd, entry;

	spin_lock(ptl);
	if (!pte_same(pmdp_get(vmf->pmd), orig_pmd)) {
		spin_unlock(ptl);
		return 0;
	}
	if (!huge_reuse_anon(pmd_page(orig_pmd))) {
		spin_unlock(ptl);
		__split_huge_pmd(vma, vmf->pmd, vmf->address, NULL);
		return VM_FAULT_FALLBACK;
	}
	if (!(vmf->flags & FAULT_FLAG_UNSHARE)) {
		entry = pte_mkdirty(pte_mkyoung(orig_pmd));
		pmdp_set_access_flags(vma->vm_mm,
				      vmf->address & HPAGE_PMD_MASK, vmf->pmd,
				      maybe_mkwrite(entry, vma));
	}
	spin_unlock(ptl);
	return 0;
}

/*
 * Both locks held; the child gets @pgtable. -EBUSY: a page may be pinned and
 * must be copied, nothing was done.
 */
static int share_huge_pmd(struct mm_struct *dst_mm, pmd_t *dst_pmd,
			  struct vm_area_struct *src_vma, pmd_t *src_pmd,
			  unsigned long addr, struct page_table *pgtable)
{
	struct mm_struct *src_mm = src_vma->vm_mm;
	struct page *page = pmd_page(pmdp_get(src_pmd));
	pte_t pmd;
	u32 i;

	rt_point(RT_SITE(RT_NOTE, "copy_huge_pmd", NULL), src_pmd);
	if (folio_try_dup_anon_rmap_pmd(page, src_vma))
		return -EBUSY;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		page_ref_inc(page + i, VIEW_REF_PTE);
	add_mm_counter(dst_mm, HPAGE_PMD_NR);
	pgtable_trans_huge_deposit(dst_pmd, pgtable);
	if (pte_write(pmdp_get(src_pmd)) && !mutated(huge_fork_keeps_write))
		pmdp_set_wrprotect(src_mm, addr, src_pmd);
	pmd = pte_mkold(pmdp_get(src_pmd));
	set_pmd_at(dst_mm, addr, dst_pmd, pmd);
	return 0;
}

int copy_huge_pmd(struct mm_struct *dst_mm, struct mm_struct *src_mm,
		  pmd_t *dst_pmd, pmd_t *src_pmd, unsigned long addr,
		  struct vm_area_struct *dst_vma,
		  struct vm_area_struct *src_vma)
{
	struct page_table *pgtable = pte_alloc_one();
	int ret = -EAGAIN;

	if (!pgtable)
		return -ENOMEM;
	spin_lock(&dst_mm->page_table_lock);
	spin_lock_nested(&src_mm->page_table_lock, SINGLE_DEPTH_NESTING);
	if (pmd_trans_huge(src_pmd))
		ret = share_huge_pmd(dst_mm, dst_pmd, src_vma, src_pmd, addr,
				     pgtable);
	spin_unlock(&src_mm->page_table_lock);
	spin_unlock(&dst_mm->page_table_lock);
	if (!ret)
		return 0;
	pte_free(pgtable);
	if (ret == -EBUSY)
		__split_huge_pmd(src_vma, src_pmd, addr, NULL);
	return -EAGAIN;
}

bool zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
		  pmd_t *pmd, unsigned long addr)
{
	spinlock_t *ptl = pmd_trans_huge_lock(tlb->mm, pmd);
	struct page_table *pgtable;
	struct page *page;
	u32 i;

	if (!ptl)
		return false;
	rt_point(RT_SITE(RT_NOTE, "zap_huge_pmd", NULL), pmd);
	page = pmd_page(pmdp_huge_get_and_clear(tlb->mm, addr, pmd));
	if (!mutated(huge_zap_skip_flush))
		tlb_flush_pmd_range(tlb, addr);
	pgtable = pgtable_trans_huge_withdraw(pmd);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		folio_remove_rmap_pte(page_folio(page + i), page + i, vma);
		page_ref_move(page + i, VIEW_REF_PTE, VIEW_REF_GATHER);
	}
	add_mm_counter(tlb->mm, -HPAGE_PMD_NR);
	spin_unlock(ptl);
	/* No CPU has ever seen it. */
	pte_free(pgtable);
	if (tlb_remove_huge_page(tlb, page))
		tlb_flush_mmu(tlb);
	return true;
}

/* A move of the whole entry: both addresses are aligned. Rmap locks held. */
bool move_huge_pmd(struct vm_area_struct *vma, unsigned long old_addr,
		   unsigned long new_addr)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *old_pmd = pmd_offset(mm, old_addr);
	pmd_t *new_pmd = pmd_offset(mm, new_addr);
	spinlock_t *ptl;

	if (!pmd_none(new_pmd))
		return false;
	ptl = pmd_trans_huge_lock(mm, old_pmd);
	if (!ptl)
		return false;
	rt_point(RT_SITE(RT_NOTE, "move_huge_pmd", NULL), old_pmd);
	pgtable_trans_huge_deposit(new_pmd,
				   pgtable_trans_huge_withdraw(old_pmd));
	pmdp_huge_move(mm, old_addr, new_addr,
		       pte_mksoft_dirty(pmdp_get(old_pmd)));
	if (!mutated(huge_move_skip_flush))
		flush_tlb_range(mm, old_addr, old_addr + HPAGE_PMD_SIZE);
	spin_unlock(ptl);
	return true;
}

/* Writable without the fault that a store would take to find out? */
static bool can_change_pmd_writable(const struct vm_area_struct *vma, pte_t pmd)
{
	return vma->vm_flags & VM_WRITE && !pte_protnone(pmd) &&
	       !pte_uffd_wp(pmd) && PageAnonExclusive(pmd_page(pmd));
}

/* What the VMA says now; the flush is owed to @tlb. */
bool change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
		     pmd_t *pmd, unsigned long addr)
{
	spinlock_t *ptl = pmd_trans_huge_lock(vma->vm_mm, pmd);
	pte_t oldpmd, entry;

	if (!ptl)
		return false;
	rt_point(RT_SITE(RT_NOTE, "change_huge_pmd", NULL), pmd);
	oldpmd = pmdp_get(pmd);
	entry = pte_modify(oldpmd, vma->vm_page_prot);
	if (can_change_pmd_writable(vma, entry) ||
	    (pte_write(oldpmd) && mutated(huge_mprotect_keeps_write)))
		entry = pte_mkwrite_novma(entry);
	set_pmd_at(vma->vm_mm, addr, pmd, entry);
	if ((oldpmd.pte & ~entry.pte) & (_PAGE_PRESENT | _PAGE_RW))
		tlb_flush_pmd_range(tlb, addr);
	spin_unlock(ptl);
	return true;
}

/* What each of the pages gets: all that was known of them as one. */
static pte_t split_entry(const struct vm_area_struct *vma, pte_t old)
{
	/* mprotect() may be changing it; it then comes to these entries too. */
	u64 prot = __atomic_load_n(&vma->vm_page_prot.pgprot, __ATOMIC_RELAXED);
	pte_t entry = mk_pte(pmd_page(old), __pgprot(prot));

	if (pte_write(old))
		entry = pte_mkwrite_novma(entry);
	if (pte_young(old))
		entry = pte_mkyoung(entry);
	if (pte_dirty(old) && !mutated(huge_split_drops_dirty))
		entry = pte_mkdirty(entry);
	if (pte_soft_dirty(old))
		entry = pte_mksoft_dirty(entry);
	if (pte_uffd_wp(old))
		entry = pte_mkuffd_wp(entry);
	return entry;
}

/*
 * Under the lock. The table is whole before it is linked, and linked before the
 * entry ceases to be huge: see pmd_t for those who read without the lock. No
 * reference or count changes hands. But the right to read may go, if this comes
 * between mprotect()'s change of the VMA and that of the entry:
 *
 *	mover					mprotect(PROT_NONE)
 *						vm_page_prot
 *	PTEs by vm_page_prot: none may read
 *	flush
 *						PTEs lose nothing, so there is
 *						no flush
 *						another CPU reads: must fault
 */
static void __split_huge_pmd_locked(struct vm_area_struct *vma, pmd_t *pmd,
				    unsigned long haddr)
{
	struct page_table *pgtable = pgtable_trans_huge_withdraw(pmd);
	pte_t old = pmdp_get(pmd), entry = split_entry(vma, old);
	unsigned long addr;

	for (addr = haddr; addr < haddr + HPAGE_PMD_SIZE; addr += PAGE_SIZE) {
		if (pte_dirty(entry))
			folio_set_flag(page_folio(pmd_page(pmd_pte(old, addr))),
				       PG_dirty);
		set_pte_at(vma->vm_mm, addr, pte_offset(pgtable, addr),
			   pmd_pte(entry, addr));
	}
	__atomic_store_n(&pmd->table, pgtable, __ATOMIC_RELEASE);
	__atomic_store_n(&pmd->huge, 0, __ATOMIC_RELEASE);
	if (!mutated(huge_split_skip_flush))
		flush_tlb_range(vma->vm_mm, haddr, haddr + HPAGE_PMD_SIZE);
}

/* Does the entry map @folio at @address? NULL: it does not matter. */
static bool pmd_maps(const pmd_t *pmd, unsigned long address,
		     const struct folio *folio)
{
	pte_t word = pmdp_get(pmd);

	return !pte_none(word) &&
	       (!folio || pte_pfn(pmd_pte(word, address)) == folio_pfn(folio));
}

void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
		      unsigned long address, const struct folio *folio)
{
	unsigned long haddr = address & HPAGE_PMD_MASK;
	bool bracket = !mutated(huge_split_skip_bracket);
	spinlock_t *ptl = &vma->vm_mm->page_table_lock;
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm, haddr,
				haddr + HPAGE_PMD_SIZE);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	spin_lock(ptl);
	rt_point(RT_SITE(RT_NOTE, "__split_huge_pmd_locked", NULL), pmd);
	if (pmd_maps(pmd, address, folio))
		__split_huge_pmd_locked(vma, pmd, haddr);
	spin_unlock(ptl);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
}

void split_huge_pmd_address(struct vm_area_struct *vma, unsigned long address,
			    const struct folio *folio)
{
	pmd_t *pmd = pmd_offset(vma->vm_mm, address);

	if (unlikely(pmd_maps(pmd, address, folio)))
		__split_huge_pmd(vma, pmd, address, folio);
}

void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long addr)
{
	if (addr & ~HPAGE_PMD_MASK && !mutated(huge_cut_skip_split))
		split_huge_pmd_address(vma, addr, NULL);
}

int hugepage_madvise(struct vm_area_struct *vma, vm_flags_t *vm_flags)
{
	if (*vm_flags & (VM_SPECIAL | VM_HUGETLB))
		return -EINVAL;
	*vm_flags |= VM_HUGEPAGE;
	return 0;
}
