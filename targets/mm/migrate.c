// SPDX-License-Identifier: GPL-2.0
/*
 * migrate.c: moving a page to another frame, and who waits for that.
 *
 * Models mm/migrate.c, 6.12. Spec: core.md 5.2, 6.8, 6.11.
 *
 *	isolate the page		nobody else moves it
 *	lock it				faults on its entries wait for this lock
 *	try_to_migrate()		its references in entries are gone
 *	count what is left		somebody else's? put all back
 *	copy, then move its mapping	the new page stands where it stood
 *	remove_migration_ptes()		entries of the new page
 *	unlock both, drop the old
 *
 * While the page has no entry an anonymous mapping of it may go, and its
 * anon_vma with it: no mmap_lock is held. So the mover takes a reference of
 * the anon_vma while the page is still mapped.
 *
 * Lock order: rmap.c; for a file's page inode->i_lock inside the folio lock.
 * The new folio is locked at once: nobody else knows it.
 *
 * Differences: one page at a time, and every mode is MIGRATE_SYNC: the folio
 * lock is waited for. No private data, writeback, swap cache, hugetlb.
 */
#include <linux/bug.h>
#include <linux/highmem.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/* The entry that @old_pte, a migration entry, turns into. */
static pte_t restored_pte(struct folio *folio, struct vm_area_struct *vma,
			  pte_t old_pte)
{
	swp_entry_t entry = pte_to_swp_entry(old_pte);
	/* mprotect() may be changing it; it then comes to this entry too. */
	pgprot_t prot = __pgprot(__atomic_load_n(&vma->vm_page_prot.pgprot,
						 __ATOMIC_RELAXED));
	unsigned long pfn = folio_pfn(folio);
	pte_t pte = pfn_pte(pfn, prot);

	if (is_migration_entry_young(entry))
		pte = pte_mkyoung(pte);
	if (folio_test_dirty(folio) && is_migration_entry_dirty(entry))
		pte = pte_mkdirty(pte);
	if (pte_swp_soft_dirty(old_pte))
		pte = pte_mksoft_dirty(pte);
	else
		pte = pte_clear_flags(pte, _PAGE_SOFT_DIRTY);
	if (is_writable_migration_entry(entry) ||
	    (is_readable_migration_entry(entry) && folio_test_anon(folio) &&
	     mutated(move_restores_write) && vma->vm_flags & VM_WRITE))
		pte = pte_mkwrite_novma(pte);
	else if (pte_swp_uffd_wp(old_pte))
		pte = pte_mkuffd_wp(pte);
	if (!folio_is_zone_device(folio))
		return pte;
	pte = swp_entry_to_pte(pte_write(pte) ?
			       make_writable_device_private_entry(pfn) :
			       make_readable_device_private_entry(pfn));
	if (pte_swp_soft_dirty(old_pte))
		pte = pte_swp_mksoft_dirty(pte);
	if (pte_swp_uffd_wp(old_pte))
		pte = pte_swp_mkuffd_wp(pte);
	return pte;
}

/* @folio is what stands there from now on, @arg what the entry still names. */
static bool remove_migration_pte(struct folio *folio,
				 struct vm_area_struct *vma,
				 unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, (struct folio *)arg, vma, addr,
			      PVMW_SYNC | PVMW_MIGRATION);
	bool device = folio_is_zone_device(folio);
	struct page *new = &folio->page;
	rmap_t rmap_flags;
	pte_t old_pte;

	while (page_vma_mapped_walk(&pvmw)) {
		old_pte = ptep_get(pvmw.pte);
		page_ref_inc(new, device ? VIEW_REF_DPRIV : VIEW_REF_PTE);
		rmap_flags = RMAP_NONE;
		if (folio_test_anon(folio) &&
		    !is_readable_migration_entry(pte_to_swp_entry(old_pte)))
			rmap_flags |= RMAP_EXCLUSIVE;
		if (folio_test_anon(folio))
			folio_add_anon_rmap_pte(folio, new, vma, pvmw.address,
						rmap_flags);
		else
			folio_add_file_rmap_pte(folio, new, vma);
		/* No bracket: it was not present before. */
		set_pte_at(vma->vm_mm, pvmw.address, pvmw.pte,
			   restored_pte(folio, vma, old_pte));
	}
	return true;
}

/*
 * Needs the lock of both folios, which may be one and the same. @dst stands in
 * the mapping of @src already. Visits every VMA: an entry may be in any of
 * them, and fork() may make more on the way (rmap.c).
 */
void remove_migration_ptes(struct folio *src, struct folio *dst, bool locked)
{
	struct rmap_walk_control rwc = {
		.rmap_one = remove_migration_pte,
		.arg = src,
	};

	if (locked)
		rmap_walk_locked(dst, &rwc);
	else
		rmap_walk(dst, &rwc);
}

void migration_entry_wait(struct mm_struct *mm, pmd_t *pmd,
			  unsigned long address)
{
	swp_entry_t entry;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	ptep = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (!ptep)
		return;
	pte = ptep_get(ptep);
	entry = pte_to_swp_entry(pte);
	if (!is_swap_pte(pte) || !is_migration_entry(entry)) {
		pte_unmap_unlock(ptep, ptl);
		return;
	}
	migration_entry_wait_on_locked(pfn_swap_entry_folio(entry), ptl);
}

int folio_expected_refs(const struct address_space *mapping,
			const struct folio *folio)
{
	return mapping ? 2 : 1;
}

/* From @count to none at once, so that nobody can begin to use the page. */
static bool folio_ref_freeze(struct folio *folio, s32 count)
{
	return __atomic_compare_exchange_n(&folio->page._refcount, &count, 0,
					   false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static void folio_ref_unfreeze(struct folio *folio, s32 count)
{
	__atomic_store_n(&folio->page._refcount, count, __ATOMIC_RELEASE);
}

/*
 * The slot of the page cache changes while the old page has no references: a
 * lookup that tries for one fails and looks at the slot again. No switch point
 * lies in between, since lookups do not sleep for it.
 */
static int migrate_cached(struct address_space *mapping,
			  struct folio *newfolio, struct folio *folio,
			  int expected_count)
{
	struct inode *inode = mapping->host;
	unsigned long index = folio->page.index;

	spin_lock(&inode->i_lock);
	if (!folio_ref_freeze(folio, expected_count)) {
		spin_unlock(&inode->i_lock);
		return -EAGAIN;
	}
	folio_set_mapping(newfolio, mapping, index);
	page_ref_inc(&newfolio->page, VIEW_REF_CACHE);
	__atomic_store_n(&mapping->i_pages[index], &newfolio->page,
			 __ATOMIC_RELEASE);
	folio_ref_unfreeze(folio, expected_count);
	view_emit(EV_cache_del, inode->i_ino, index, folio_pfn(folio));
	view_emit(EV_cache_add, inode->i_ino, index, folio_pfn(newfolio));
	spin_unlock(&inode->i_lock);
	page_ref_put(&folio->page, VIEW_REF_CACHE);
	return 0;
}

static int __folio_migrate_mapping(struct address_space *mapping,
				   struct folio *newfolio, struct folio *folio,
				   int expected_count)
{
	if (folio_test_flag(folio, PG_swapbacked))
		folio_set_flag(newfolio, PG_swapbacked);
	if (mapping)
		return migrate_cached(mapping, newfolio, folio,
				      expected_count);
	folio_set_mapping(newfolio, page_mapping_word(&folio->page),
			  folio->page.index);
	return 0;
}

/* Needs the lock of both; @folio is not mapped, @mapping is its page cache. */
int folio_migrate_mapping(struct address_space *mapping,
			  struct folio *newfolio, struct folio *folio,
			  int extra_count)
{
	int expected_count = folio_expected_refs(mapping, folio) + extra_count;

	if (folio_ref_count(folio) != expected_count)
		return -EAGAIN;
	return __folio_migrate_mapping(mapping, newfolio, folio,
				       expected_count);
}

int folio_migrate_mapping_referenced(struct folio *newfolio,
				     struct folio *folio)
{
	if (folio_mapping(folio))
		return -EINVAL;
	return __folio_migrate_mapping(NULL, newfolio, folio, 0);
}

/* Needs the lock of both. ANON_EXCLUSIVE travels in the migration entries. */
void folio_migrate_flags(struct folio *newfolio, struct folio *folio)
{
	if (folio_test_flag(folio, PG_uptodate))
		folio_set_flag(newfolio, PG_uptodate);
	if (folio_test_dirty(folio))
		folio_mark_dirty(newfolio);
}

/* The data goes over between two looks at who else has the page. */
static int move_to_new_folio(struct folio *dst, struct folio *src)
{
	struct address_space *mapping = folio_mapping(src);
	int expected_count = folio_expected_refs(mapping, src);
	int rc;

	if (folio_ref_count(src) != expected_count) {
		if (!mutated(move_skip_refs))
			return -EAGAIN;
		expected_count = folio_ref_count(src);
	}
	if (!mutated(move_skip_copy))
		copy_user_highpage(&dst->page, &src->page, 0, NULL);
	rc = __folio_migrate_mapping(mapping, dst, src, expected_count);
	if (rc)
		return rc;
	folio_migrate_flags(dst, src);
	/* Of an anonymous page it goes when the page is freed. */
	if (mapping)
		folio_set_mapping(src, NULL, 0);
	return 0;
}

/* @src is locked and referenced by us, @dst locked. 0, or -EAGAIN. */
static int unmap_and_move(struct folio *src, struct folio *dst)
{
	struct anon_vma *anon_vma = NULL;
	bool was_mapped = false;
	int rc = -EAGAIN;

	/* A device's atomics end when the page is wanted elsewhere. */
	if (unlikely(folio_lent(src)) && !mutated(excl_q_d3_blocks_migration))
		folio_take_back(src);
	/* Without one it is not mapped, and cannot be while we have the lock. */
	if (folio_test_anon(src) && !mutated(move_skip_anon_vma_get))
		anon_vma = folio_get_anon_vma(src);
	if (page_mapping_word(&src->page) && folio_mapped(src)) {
		try_to_migrate(src, TTU_NONE);
		was_mapped = true;
	}
	if (!folio_mapped(src))
		rc = move_to_new_folio(dst, src);
	if (!rc)
		folio_add_lru(dst);
	if (was_mapped)
		remove_migration_ptes(src, rc ? src : dst, false);
	if (anon_vma)
		put_anon_vma(anon_vma);
	return rc;
}

/* The frame of the new page in *@new. */
static int migrate_folio(struct folio *folio, gfp_t gfp, unsigned long *new)
{
	struct folio *dst;
	int rc;

	/* Ours is the last reference: it was freed meanwhile. */
	if (folio_ref_count(folio) == 1)
		return 0;
	dst = folio_alloc(gfp, 0);
	if (!dst)
		return -ENOMEM;
	folio_lock(folio);
	/* Nobody knows it, so this cannot fail. */
	__folio_set_locked(dst);
	rc = unmap_and_move(folio, dst);
	if (!rc)
		*new = folio_pfn(dst);
	folio_unlock(dst);
	folio_put(dst);
	folio_unlock(folio);
	return rc;
}

/*
 * The device page may be given back, and its pgmap be gone, while we look: with
 * a reference to the one neither can happen. The driver finds out by itself
 * whether it still stands for @page.
 */
static int revoke_from(struct folio *lender, struct page *page)
{
	const struct dev_pagemap_ops *ops;
	int rc;

	if (!folio_try_get(lender))
		return -EBUSY;
	ops = lender->page.pgmap->ops;
	folio_put(lender);
	if (!ops->revoke)
		return -EBUSY;
	rc = ops->revoke(page);
	view_emit(EV_page_revoke, page_to_pfn(page), folio_pfn(lender),
		  (u64)(s64)-rc);
	return rc;
}

int folio_revoke(struct folio *folio)
{
	struct page *page = &folio->page, *lender = page_lender(page);

	if (!lender || mutated(pin_blocks_movable_zone))
		return -EBUSY;
	if (mutated(pinned_page_gets_no_callback)) {
		if (!folio_maybe_dma_pinned(folio))
			return -EBUSY;
		page_ref_put(page, VIEW_REF_ATOMIC_PIN);
		folio_add_lru(folio);
		page_ref_put(page, VIEW_REF_DRIVER);
		return 0;
	}
	return revoke_from(page_folio(lender), page);
}

int migrate_folio_unmap_and_move(struct folio *folio, gfp_t gfp)
{
	unsigned long pfn = folio_pfn(folio), new = 0;
	int rc;

	might_sleep();
	view_emit(EV_move_begin, pfn, 0, 0);
	rc = migrate_folio(folio, gfp, &new);
	view_emit(EV_move_end, pfn, new, (u64)(s64)rc);
	if (rc)
		folio_putback_lru(folio);
	else
		page_ref_put(&folio->page, VIEW_REF_ISOLATE);
	return rc;
}
