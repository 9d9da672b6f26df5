// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c: page tables: copying them, zapping them, resolving faults.
 *
 * Models mm/memory.c, 6.12. Spec: core.md 5, 5.1, 6.1 (zap), 6.4 (copy).
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			read in a fault, write in fork and munmap
 *     table->ptl			of the child, then of the parent, in fork
 *     mm->page_table_lock		while a table is linked in; a leaf
 *
 * A fault reads its PTE without the PTL, decides, and compares the whole word
 * again under the PTL before it changes anything: between the two another
 * thread may have resolved the same fault, zapped the page or write-protected
 * it. Notifier callbacks sleep, so brackets are opened outside the PTL.
 *
 * Differences:
 *  - anonymous private mappings only: no files, swap, device pages, huge
 *    pages, userfaultfd, and so no swap-type entries;
 *  - one page-table page an mm (mm_types.h); upper levels are one pointer;
 *  - young and dirty are set by faults, not by hardware (pgtable.h);
 *  - the fault path never drops mmap_lock, so it never returns RETRY.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/* What a fault is about, handed down its path. */
struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address;		/* of the page */
	unsigned int flags;
	struct page_table *table;
	pte_t *pte;
	pte_t orig_pte;			/* read without the PTL */
	struct page *page;		/* of orig_pte; NULL: the zero page */
};

/* Unlink the table of an mm that has no VMA left; freed after the flush. */
void free_pgtables(struct mmu_gather *tlb, struct mm_struct *mm)
{
	struct page_table *table = pmd_pgtable(&mm->pmd);

	if (!table)
		return;
	__atomic_store_n(&mm->pmd.table, NULL, __ATOMIC_SEQ_CST);
	tlb_remove_table(tlb, table);
}

void pte_free(struct page_table *table)
{
	kfree(table);
}

static struct page_table *pte_alloc_one(void)
{
	struct page_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	spinlock_t *ptl;
	u32 i;

	if (!table)
		return NULL;
	ptl = &table->ptl;
	spin_lock_init(ptl);
	if (unlikely(rt_detail)) {
		for (i = 0; i < PTRS_PER_PTE; i++)
			rt_name(&table->pte[i], "pte", (int)i);
	}
	return table;
}

/* The table of @mm, made if there is none. NULL: no memory. May sleep. */
struct page_table *pte_alloc(struct mm_struct *mm)
{
	struct page_table *table;

	table = pmd_pgtable(&mm->pmd);
	if (likely(table))
		return table;
	table = pte_alloc_one();
	if (!table)
		return NULL;
	spin_lock(&mm->page_table_lock);
	if (pmd_none(&mm->pmd)) {
		__atomic_store_n(&mm->pmd.table, table, __ATOMIC_SEQ_CST);
		table = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (table)
		pte_free(table);
	return pmd_pgtable(&mm->pmd);
}

/* NULL for the zero page, which is mapped without being counted. */
static struct page *vm_normal_page(pte_t pte)
{
	return pte_special(pte) ? NULL : pfn_to_page(pte_pfn(pte));
}

/*
 * One entry for the child; both PTLs held. The page is shared from here on,
 * so neither may write it any more: the next store of either copies it.
 */
static void copy_present_pte(struct vm_area_struct *dst_vma,
			     struct vm_area_struct *src_vma, pte_t *dst_pte,
			     pte_t *src_pte, unsigned long addr)
{
	struct mm_struct *src_mm = src_vma->vm_mm;
	pte_t pte = ptep_get(src_pte);
	struct page *page = vm_normal_page(pte);

	if (page) {
		page_ref_inc(page, VIEW_REF_PTE);
		folio_try_dup_anon_rmap_pte(page_folio(page), page);
		dst_vma->vm_mm->rss++;
	}
	if (is_cow_mapping(src_vma->vm_flags) && pte_write(pte) &&
	    !mutated(mm_fork_keeps_write)) {
		ptep_set_wrprotect(src_mm, addr, src_pte);
		pte = pte_wrprotect(pte);
	}
	set_pte_at(dst_vma->vm_mm, addr, dst_pte, pte_mkold(pte));
}

static int copy_pte_range(struct vm_area_struct *dst_vma,
			  struct vm_area_struct *src_vma)
{
	struct page_table *src = pmd_pgtable(&src_vma->vm_mm->pmd), *dst;
	unsigned long addr = src_vma->vm_start;
	pte_t *src_pte, *dst_pte;

	if (!src)
		return 0;
	dst = pte_alloc(dst_vma->vm_mm);
	if (!dst)
		return -ENOMEM;
	dst_pte = pte_offset_map_lock(dst, addr);
	src_pte = pte_offset(src, addr);
	spin_lock_nested(&src->ptl, SINGLE_DEPTH_NESTING);
	for (; addr < src_vma->vm_end; addr += PAGE_SIZE, src_pte++, dst_pte++) {
		if (pte_none(ptep_get(src_pte)))
			continue;
		rt_point(RT_SITE(RT_NOTE, "copy_present_pte", NULL), src_pte);
		copy_present_pte(dst_vma, src_vma, dst_pte, src_pte, addr);
	}
	spin_unlock(&src->ptl);
	spin_unlock(&dst->ptl);
	return 0;
}

/*
 * Share the pages of @src_vma with a child. Needs mmap_lock of both, write;
 * the caller flushes the parent's TLBs before it lets them go. 0 or -ENOMEM.
 */
int copy_page_range(struct vm_area_struct *dst_vma,
		    struct vm_area_struct *src_vma)
{
	bool is_cow = is_cow_mapping(src_vma->vm_flags);
	struct mmu_notifier_range range;
	int ret;

	/* Without anonymous pages there is only what a fault finds again. */
	if (!src_vma->anon_vma)
		return 0;
	is_cow = is_cow && !mutated(mm_fork_skip_bracket);
	if (is_cow) {
		mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE,
					MMU_NOTIFIER_RANGE_BLOCKABLE,
					src_vma->vm_mm, src_vma->vm_start,
					src_vma->vm_end);
		mmu_notifier_invalidate_range_start(&range);
		/* Who takes references without the PTL must see us at work. */
		mmap_assert_write_locked(src_vma->vm_mm);
		raw_write_seqcount_begin(&src_vma->vm_mm->write_protect_seq);
	}
	ret = copy_pte_range(dst_vma, src_vma);
	if (is_cow) {
		raw_write_seqcount_end(&src_vma->vm_mm->write_protect_seq);
		mmu_notifier_invalidate_range_end(&range);
	}
	return ret;
}

/* Returns the address reached: below @end if the batch filled. */
static unsigned long zap_pte_range(struct mmu_gather *tlb,
				   struct page_table *table,
				   unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = tlb->mm;
	bool force_flush = false;
	struct page *page;
	pte_t *pte, ptent;

	pte = pte_offset_map_lock(table, addr);
	for (; addr < end && !force_flush; addr += PAGE_SIZE, pte++) {
		if (pte_none(ptep_get(pte)))
			continue;
		rt_point(RT_SITE(RT_NOTE, "zap_pte", NULL), pte);
		ptent = ptep_get_and_clear(mm, addr, pte);
		tlb_flush_pte_range(tlb, addr);
		page = vm_normal_page(ptent);
		if (!page)
			continue;
		folio_remove_rmap_pte(page_folio(page), page);
		mm->rss--;
		page_ref_move(page, VIEW_REF_PTE, VIEW_REF_GATHER);
		force_flush = tlb_remove_page(tlb, page);
	}
	/* A full batch is flushed before the PTL is dropped, as upstream does. */
	if (force_flush)
		tlb_flush_mmu_tlbonly(tlb);
	spin_unlock(&table->ptl);
	if (force_flush)
		tlb_flush_mmu(tlb);
	return addr;
}

/* Needs an open bracket over [addr, end), mmap_lock in any mode. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end)
{
	struct page_table *table = pmd_pgtable(&tlb->mm->pmd);

	while (table && addr < end)
		addr = zap_pte_range(tlb, table, addr, end);
}

/* One bracket for all of @vma and what follows it, within [start, end). */
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma,
		unsigned long start, unsigned long end)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP,
				MMU_NOTIFIER_RANGE_BLOCKABLE, tlb->mm, start,
				end);
	mmu_notifier_invalidate_range_start(&range);
	for (; vma; vma = vma->vm_next)
		unmap_page_range(tlb, vma, max(vma->vm_start, start),
				 min(vma->vm_end, end));
	mmu_notifier_invalidate_range_end(&range);
}

/* MADV_DONTNEED of one VMA. Needs mmap_lock, any mode. */
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size)
{
	bool bracket = !mutated(mm_zap_skip_bracket);
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				address, address + size);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	unmap_page_range(&tlb, vma, address, address + size);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	tlb_finish_mmu(&tlb);
}

/* Writable if the VMA is; a fault on a VMA being restricted gets no more. */
static pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	if (likely(vma->vm_flags & VM_WRITE))
		pte = pte_mkwrite_novma(pte);
	return pte;
}

/* The page is ours alone: write to it where it is. PTL held; drops it. */
static void wp_page_reuse(struct vm_fault *vmf)
{
	pte_t entry = pte_mkyoung(vmf->orig_pte);

	entry = maybe_mkwrite(pte_mkdirty(entry), vmf->vma);
	ptep_set_access_flags(vmf->vma, vmf->address, vmf->pte, entry, true);
	spin_unlock(&vmf->table->ptl);
}

/*
 * Put the copy in place of the old page, under the PTL. The TLB flush comes
 * before the new entry: no CPU may still write the old page when another
 * already reads the new one. False: somebody else was faster.
 */
static bool wp_page_replace(struct vm_fault *vmf, struct folio *new_folio)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	struct page *page = &new_folio->page;
	bool same;
	pte_t entry;

	vmf->pte = pte_offset_map_lock(vmf->table, vmf->address);
	same = pte_same(ptep_get(vmf->pte), vmf->orig_pte);
	if (same || mutated(mm_wp_skip_pte_same)) {
		if (!vmf->page)
			mm->rss++;
		entry = pfn_pte(page_to_pfn(page), vma->vm_page_prot);
		entry = pte_mkyoung(entry);
		entry = maybe_mkwrite(pte_mkdirty(entry), vma);
		if (mutated(mm_wp_skip_flush))
			ptep_get_and_clear(mm, vmf->address, vmf->pte);
		else
			ptep_clear_flush(vma, vmf->address, vmf->pte);
		folio_add_new_anon_rmap(new_folio, vma, vmf->address);
		page_ref_move(page, VIEW_REF_TMP, VIEW_REF_PTE);
		set_pte_at(mm, vmf->address, vmf->pte, entry);
		if (vmf->page) {
			folio_remove_rmap_pte(page_folio(vmf->page), vmf->page);
			page_ref_move(vmf->page, VIEW_REF_PTE, VIEW_REF_TMP);
		}
		same = true;
	}
	spin_unlock(&vmf->table->ptl);
	return same;
}

/* No lock but mmap_lock held; the old page, if any, has our reference. */
static vm_fault_t wp_page_copy(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mmu_notifier_range range;
	struct folio *new_folio;
	bool bracket, copied;

	if (anon_vma_prepare(vma))
		goto oom;
	new_folio = vma_alloc_zeroed_movable_folio(vma, vmf->address);
	if (!new_folio)
		goto oom;
	if (vmf->page && !mutated(mm_wp_skip_copy))
		copy_user_highpage(&new_folio->page, vmf->page, vmf->address,
				   vma);
	bracket = !mutated(mm_wp_skip_bracket);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE, vma->vm_mm,
				vmf->address, vmf->address + PAGE_SIZE);
	if (bracket)
		mmu_notifier_invalidate_range_start(&range);
	copied = wp_page_replace(vmf, new_folio);
	if (bracket)
		mmu_notifier_invalidate_range_end(&range);
	if (!copied)
		folio_put(new_folio);
	else if (vmf->page)
		put_page(vmf->page);	/* what the old entry held */
	if (vmf->page)
		put_page(vmf->page);
	return 0;
oom:
	if (vmf->page)
		put_page(vmf->page);
	return VM_FAULT_OOM;
}

/*
 * May a page that was shared be taken as ours again? Only if nobody else has
 * a reference; the lock keeps a second taker of such a reference out.
 */
static bool wp_can_reuse_anon_folio(struct folio *folio)
{
	bool reuse;

	if (folio_ref_count(folio) > 3)
		return false;
	if (folio_ref_count(folio) > 1)
		return false;
	if (!folio_trylock(folio))
		return false;
	reuse = folio_ref_count(folio) == 1;
	folio_unlock(folio);
	return reuse;
}

/* A write to a present, read-only entry. PTL held; drops it. */
static vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	struct page *page = vm_normal_page(vmf->orig_pte);

	vmf->page = page;
	if (page && folio_test_anon(page_folio(page)) &&
	    (PageAnonExclusive(page) ||
	     wp_can_reuse_anon_folio(page_folio(page)) ||
	     mutated(mm_reuse_ignores_refs))) {
		if (!PageAnonExclusive(page))
			SetPageAnonExclusive(page);
		wp_page_reuse(vmf);
		return 0;
	}
	if (page)
		get_page(page);
	spin_unlock(&vmf->table->ptl);
	return wp_page_copy(vmf);
}

/* Nothing is there yet: a read gets the zero page, a write a page of its own. */
static vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	struct folio *folio = NULL;
	vm_fault_t ret = 0;
	pte_t entry;

	if (vmf->flags & FAULT_FLAG_WRITE) {
		if (anon_vma_prepare(vma))
			return VM_FAULT_OOM;
		folio = vma_alloc_zeroed_movable_folio(vma, vmf->address);
		if (!folio)
			return VM_FAULT_OOM;
		entry = pfn_pte(folio_pfn(folio), vma->vm_page_prot);
		if (vma->vm_flags & VM_WRITE)
			entry = pte_mkwrite_novma(pte_mkdirty(entry));
	} else {
		entry = pfn_pte(ZERO_PFN, vma->vm_page_prot);
		entry = pte_mkspecial(entry);
	}
	entry = pte_mkyoung(entry);

	vmf->pte = pte_offset_map_lock(vmf->table, vmf->address);
	if (!pte_none(ptep_get(vmf->pte)) && !mutated(mm_anon_skip_none_check))
		goto unlock;
	/* Contents of a reaped mm may be gone: zeroes would be a lie. */
	if (test_bit(MMF_UNSTABLE, &mm->flags)) {
		ret = VM_FAULT_SIGBUS;
		goto unlock;
	}
	if (folio) {
		mm->rss++;
		folio_add_new_anon_rmap(folio, vma, vmf->address);
		page_ref_move(&folio->page, VIEW_REF_TMP, VIEW_REF_PTE);
		folio = NULL;
	}
	set_pte_at(mm, vmf->address, vmf->pte, entry);
unlock:
	spin_unlock(&vmf->table->ptl);
	if (folio)
		folio_put(folio);
	return ret;
}

static vm_fault_t handle_pte_fault(struct vm_fault *vmf)
{
	pte_t entry;

	vmf->table = pte_alloc(vmf->vma->vm_mm);
	if (!vmf->table)
		return VM_FAULT_OOM;
	vmf->pte = pte_offset(vmf->table, vmf->address);
	vmf->orig_pte = ptep_get_lockless(vmf->pte);
	if (pte_none(vmf->orig_pte))
		return do_anonymous_page(vmf);

	spin_lock(&vmf->table->ptl);
	entry = vmf->orig_pte;
	if (!pte_same(ptep_get(vmf->pte), entry))
		goto unlock;
	if (vmf->flags & FAULT_FLAG_WRITE) {
		if (!pte_write(entry))
			return do_wp_page(vmf);
		entry = pte_mkdirty(entry);
	}
	ptep_set_access_flags(vmf->vma, vmf->address, vmf->pte,
			      pte_mkyoung(entry),
			      vmf->flags & FAULT_FLAG_WRITE);
unlock:
	spin_unlock(&vmf->table->ptl);
	return 0;
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma,
		.address = address & PAGE_MASK,
		.flags = flags,
	};

	mmap_assert_locked(vma->vm_mm);
	return handle_pte_fault(&vmf);
}
