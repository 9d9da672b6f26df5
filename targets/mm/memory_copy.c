// SPDX-License-Identifier: GPL-2.0
/*
 * memory_copy.c: the page tables of a child.
 *
 * Models the copying part of mm/memory.c, 6.12. Spec: core.md 6.4,
 * device-exclusive.md 6.
 *
 * Lock order, outermost first:
 *
 *   mmap_lock of the parent, then of the child, both for writing
 *     notifier callbacks
 *     folio lock				waited for, with no PTL
 *     table->ptl				of the child, then of the parent
 *       folio lock				tried, of an exclusive entry
 *
 * A page that was the parent's alone is shared from here on, so neither may
 * write it any more: the next store of either copies it. A page that may be
 * pinned stays the parent's, since a device writes to it by address; the child
 * gets its copy at once, into a page that was allocated with no PTL held.
 *
 * An exclusive entry is made present again in the parent first. That needs the
 * page's lock, which a driver may hold that has already let go of mmap_lock
 * (window W-D7): both PTLs are dropped until it is free. Upstream gives up and
 * fork() fails for want of memory; that form is excl_fork_fails_under_page_lock.
 *
 * A child is told of no page that userfaultfd.c protects.
 *
 * Differences: two levels of tables; no swap.
 */
#include <linux/bitops.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/* What a walk of one table carries from entry to entry. */
struct copy_walk {
	struct vm_area_struct *dst_vma, *src_vma;
	struct folio *prealloc;		/* for one pinned page; or NULL */
	struct folio *busy;		/* referenced; whose lock is waited for */
};

/* The bits of @from that a swap-type entry takes along when it changes. */
static pte_t swp_keep(pte_t pte, pte_t from, bool soft_dirty)
{
	if (soft_dirty && pte_swp_soft_dirty(from))
		pte = pte_swp_mksoft_dirty(pte);
	if (pte_swp_uffd_wp(from))
		pte = pte_swp_mkuffd_wp(pte);
	return pte;
}

/* Both get the entry of a page on the move, neither the right to write it. */
static pte_t copy_migration_pte(struct copy_walk *w, pte_t *src_pte, pte_t pte,
				unsigned long addr)
{
	swp_entry_t old = pte_to_swp_entry(pte), entry;

	if (is_readable_migration_entry(old) ||
	    !is_cow_mapping(w->src_vma->vm_flags) ||
	    mutated(mm_fork_keeps_migration_write))
		return pte;
	entry = make_readable_migration_entry(swp_offset_pfn(old));
	if (is_migration_entry_young(old))
		entry = make_migration_entry_young(entry);
	if (is_migration_entry_dirty(old))
		entry = make_migration_entry_dirty(entry);
	pte = swp_keep(swp_entry_to_pte(entry), pte, true);
	set_pte_at(w->src_vma->vm_mm, addr, src_pte, pte);
	return pte;
}

static pte_t copy_device_private_pte(struct copy_walk *w, pte_t *src_pte,
				     pte_t pte, unsigned long addr)
{
	swp_entry_t entry = pte_to_swp_entry(pte);
	struct page *page = pfn_swap_entry_to_page(entry);

	page_ref_inc(page, VIEW_REF_DPRIV);
	/* Cannot fail: pages of a device are never pinned. */
	folio_try_dup_anon_rmap_pte(page_folio(page), page, w->src_vma);
	if (!is_writable_device_private_entry(entry) ||
	    !is_cow_mapping(w->src_vma->vm_flags) ||
	    mutated(mm_fork_keeps_device_write))
		return pte;
	/* Soft-dirty is lost, as upstream. */
	entry = make_readable_device_private_entry(swp_offset_pfn(entry));
	pte = swp_keep(swp_entry_to_pte(entry), pte, false);
	set_pte_at(w->src_vma->vm_mm, addr, src_pte, pte);
	return pte;
}

/*
 * As posted: the child gets the entry too, and neither the right to write. The
 * page is no longer the parent's alone then; one that may be pinned has to be.
 */
static bool may_copy_exclusive(pte_t pte)
{
	struct page *page = pfn_swap_entry_to_page(pte_to_swp_entry(pte));

	if (!exclusive_form->fork_copies || !folio_test_anon(page_folio(page)))
		return false;
	return mutated(v3_fork_keeps_exclusive) ||
	       !folio_try_share_anon_rmap_pte(page_folio(page), page);
}

static pte_t copy_exclusive_pte(struct copy_walk *w, pte_t *src_pte, pte_t pte,
				unsigned long addr)
{
	swp_entry_t entry = pte_to_swp_entry(pte);

	page_ref_inc(pfn_swap_entry_to_page(entry), VIEW_REF_DEXCL);
	folio_lent_inc(pfn_swap_entry_folio(entry));
	if (!mutated(v3_fork_copies_write))
		entry = make_readable_device_exclusive_entry(
						swp_offset_pfn(entry));
	pte = swp_keep(swp_entry_to_pte(entry), pte, true);
	set_pte_at(w->src_vma->vm_mm, addr, src_pte, pte);
	return pte;
}

/*
 * 0: the child has its entry. -ENOENT: the parent's is present now. -EBUSY:
 * w->busy is locked by somebody; wait and come back.
 */
static int copy_nonpresent_pte(struct copy_walk *w, pte_t *dst_pte,
			       pte_t *src_pte, unsigned long addr)
{
	struct mm_struct *dst_mm = w->dst_vma->vm_mm;
	pte_t pte = ptep_get(src_pte);
	swp_entry_t entry = pte_to_swp_entry(pte);

	if (is_migration_entry(entry)) {
		pte = copy_migration_pte(w, src_pte, pte, addr);
	} else if (is_device_private_entry(entry)) {
		pte = copy_device_private_pte(w, src_pte, pte, addr);
	} else if (may_copy_exclusive(pte) ||
		   mutated(excl_fork_copies_entry)) {
		pte = copy_exclusive_pte(w, src_pte, pte, addr);
	} else {
		VM_BUG_ON(!is_cow_mapping(w->src_vma->vm_flags));
		if (!try_restore_exclusive_pte(src_pte, w->src_vma, addr))
			return -ENOENT;
		if (!mutated(excl_fork_fails_under_page_lock)) {
			w->busy = pfn_swap_entry_folio(entry);
			folio_get(w->busy);
		}
		return -EBUSY;
	}
	add_mm_counter(dst_mm, 1);
	set_pte_at(dst_mm, addr, dst_pte, pte_swp_clear_uffd_wp(pte));
	return 0;
}

/* A copy for the child now. -EAGAIN: a page must be allocated first. */
static int copy_present_page(struct copy_walk *w, pte_t *dst_pte,
			     unsigned long addr, struct page *page)
{
	struct vm_area_struct *dst_vma = w->dst_vma;
	struct folio *new_folio = w->prealloc;
	pte_t pte;

	if (!new_folio)
		return -EAGAIN;
	w->prealloc = NULL;
	copy_user_highpage(&new_folio->page, page, addr, w->src_vma);
	folio_add_new_anon_rmap(new_folio, dst_vma, addr, RMAP_EXCLUSIVE);
	folio_add_lru(new_folio);
	add_mm_counter(dst_vma->vm_mm, 1);
	page_ref_move(&new_folio->page, VIEW_REF_TMP, VIEW_REF_PTE);
	pte = mk_pte(&new_folio->page, dst_vma->vm_page_prot);
	pte = maybe_mkwrite(pte_mkdirty(pte), dst_vma);
	set_pte_at(dst_vma->vm_mm, addr, dst_pte, pte);
	return 0;
}

/* One entry for the child; both PTLs held. 0 or -EAGAIN. */
static int copy_present_pte(struct copy_walk *w, pte_t *dst_pte, pte_t *src_pte,
			    unsigned long addr)
{
	struct vm_area_struct *src_vma = w->src_vma;
	struct mm_struct *dst_mm = w->dst_vma->vm_mm;
	pte_t pte = ptep_get(src_pte);
	struct page *page = vm_normal_page(src_vma, addr, pte);

	if (page) {
		page_ref_inc(page, VIEW_REF_PTE);
		if (!folio_test_anon(page_folio(page))) {
			folio_dup_file_rmap_pte(page_folio(page), page);
		} else if (folio_try_dup_anon_rmap_pte(page_folio(page), page,
						       src_vma)) {
			page_ref_put(page, VIEW_REF_PTE);
			return copy_present_page(w, dst_pte, addr, page);
		}
		add_mm_counter(dst_mm, 1);
	}
	if (is_cow_mapping(src_vma->vm_flags) && pte_write(pte) &&
	    !mutated(mm_fork_keeps_write)) {
		rt_point(RT_SITE(RT_STORE, "ptep_set_wrprotect", NULL),
			 src_pte);
		ptep_set_wrprotect(src_vma->vm_mm, addr, src_pte);
		pte = pte_wrprotect(pte);
	}
	if (src_vma->vm_flags & VM_SHARED)
		pte = pte_mkclean(pte);
	set_pte_at(dst_mm, addr, dst_pte, pte_clear_uffd_wp(pte_mkold(pte)));
	return 0;
}

/* Both PTLs held. 0: all of [*addr, end) is copied; -EAGAIN, -EBUSY: *addr is
 * where to go on when what it lacks is there. */
static int copy_ptes(struct copy_walk *w, pte_t *dst_pte, pte_t *src_pte,
		     unsigned long *addr, unsigned long end)
{
	int ret;

	for (; *addr < end; *addr += PAGE_SIZE, src_pte++, dst_pte++) {
		pte_t ptent = ptep_get(src_pte);

		if (pte_none(ptent))
			continue;
		rt_point(RT_SITE(RT_NOTE, "copy_present_pte", NULL), src_pte);
		if (!pte_present(ptent)) {
			ret = copy_nonpresent_pte(w, dst_pte, src_pte, *addr);
			if (!ret)
				continue;
			if (ret != -ENOENT)
				return ret;
		}
		ret = copy_present_pte(w, dst_pte, src_pte, *addr);
		if (ret)
			return ret;
		/* Not for the next one: it may want it of another kind. */
		if (w->prealloc)
			folio_put(w->prealloc);
		w->prealloc = NULL;
	}
	return 0;
}

/* What copy_ptes() could not do under the PTLs. */
static int copy_resolve(struct copy_walk *w, unsigned long addr, int ret)
{
	if (ret == -EAGAIN) {
		w->prealloc = vma_alloc_zeroed_movable_folio(w->src_vma, addr);
		return w->prealloc ? 0 : -ENOMEM;
	}
	if (!w->busy)
		return ret;
	folio_wait_locked(w->busy);
	folio_put(w->busy);
	w->busy = NULL;
	return 0;
}

/* The part that one table of each covers. 0, -ENOMEM, or -EBUSY. */
static int copy_pte_range(struct vm_area_struct *dst_vma,
			  struct vm_area_struct *src_vma, unsigned long addr,
			  unsigned long end)
{
	struct mm_struct *dst_mm = dst_vma->vm_mm;
	struct copy_walk w = { .dst_vma = dst_vma, .src_vma = src_vma };
	struct page_table *src = pmd_pgtable(pmd_offset(src_vma->vm_mm, addr));
	pmd_t *dst_pmd = pmd_offset(dst_mm, addr);
	spinlock_t *dst_ptl;
	pte_t *dst_pte;
	int ret;

	if (!src)
		return 0;
	if (pte_alloc(dst_mm, dst_pmd))
		return -ENOMEM;
	do {
		dst_pte = pte_offset_map_lock(dst_mm, dst_pmd, addr, &dst_ptl);
		if (!dst_pte)
			return -ENOMEM;
		spin_lock_nested(&src->ptl, SINGLE_DEPTH_NESTING);
		ret = copy_ptes(&w, dst_pte, pte_offset(src, addr), &addr, end);
		spin_unlock(&src->ptl);
		spin_unlock(dst_ptl);
		if (ret)
			ret = copy_resolve(&w, addr, ret);
	} while (!ret && addr < end);
	if (w.prealloc)
		folio_put(w.prealloc);
	return ret;
}

/* One entry, or the part that one table of each covers. 0 or -ENOMEM. */
static int copy_pmd_range(struct vm_area_struct *dst_vma,
			  struct vm_area_struct *src_vma, unsigned long addr,
			  unsigned long end)
{
	struct mm_struct *dst_mm = dst_vma->vm_mm, *src_mm = src_vma->vm_mm;
	pmd_t *src_pmd = pmd_offset(src_mm, addr);
	int ret;

	if (unlikely(pmd_trans_huge(src_pmd))) {
		ret = copy_huge_pmd(dst_mm, src_mm, pmd_offset(dst_mm, addr),
				    src_pmd, addr, dst_vma, src_vma);
		if (ret != -EAGAIN)
			return ret;
	}
	return copy_pte_range(dst_vma, src_vma, addr, end) ? -ENOMEM : 0;
}

/* Is there more than what a fault finds again by itself? */
static bool vma_needs_copy(const struct vm_area_struct *src_vma)
{
	return src_vma->anon_vma ||
	       src_vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP);
}

/*
 * Share the pages of @src_vma with a child. Needs mmap_lock of both, write;
 * the caller flushes the parent's TLBs before it lets them go. 0 or -ENOMEM.
 */
int copy_page_range(struct vm_area_struct *dst_vma,
		    struct vm_area_struct *src_vma)
{
	bool is_cow = is_cow_mapping(src_vma->vm_flags);
	unsigned long addr = src_vma->vm_start, next;
	struct mmu_notifier_range range;
	int ret = 0;

	if (!vma_needs_copy(src_vma))
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
	for (; addr < src_vma->vm_end && !ret; addr = next) {
		next = pmd_addr_end(addr, src_vma->vm_end);
		ret = copy_pmd_range(dst_vma, src_vma, addr, next);
	}
	if (is_cow) {
		raw_write_seqcount_end(&src_vma->vm_mm->write_protect_seq);
		mmu_notifier_invalidate_range_end(&range);
	}
	return ret;
}
