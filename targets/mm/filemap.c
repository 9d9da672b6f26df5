// SPDX-License-Identifier: GPL-2.0
/*
 * filemap.c: the page cache: finding pages of a file, making them, and the
 * faults of a file's mappings.
 *
 * Models mm/filemap.c, 6.12; the folio lock is in filemap_lock.c, read() and
 * write() in read_write.c. Spec: core.md 5 (NONE + file), 6.5; invariants.md
 * I-M23.
 *
 * Lock order, outermost first:
 *
 *   inode->i_rwsem			write() and truncate; not in a fault
 *     mm->mmap_lock			in a fault
 *       mapping->invalidate_lock	read to fill the cache, write to truncate
 *         folio lock
 *           inode->i_lock		the slots of the cache; a leaf
 *
 * A page is found without a lock. So a reference is tried first and the slot
 * looked at again: only then is it known to be the page of this file. And it is
 * known for as long as nobody takes the folio lock, so who holds that asks once
 * more whether the page is still of this mapping, and below the size:
 *
 *	filemap_fault()				truncate_setsize()
 *	find the page, take a reference
 *						i_size = 0; nothing to unmap
 *						lock, remove from cache, unlock
 *	folio_lock()
 *	mapping is not ours: start again	[must]
 *
 * Differences:
 *  - no storage, so no readahead and nothing that is not uptodate;
 *  - shmem takes the same way as a file;
 *  - a fault that may drop mmap_lock only waits for the lock of its page, and
 *    takes it when it comes again; so it needs not keep the file from going;
 *  - the size is asked for again under the invalidate lock, so that a fault
 *    that lost its race with truncate leaves no page behind the end.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

static struct page **slot_of(struct address_space *mapping, unsigned long index)
{
	return &mapping->i_pages[index];
}

static struct page *slot_load(struct address_space *mapping,
			      unsigned long index)
{
	return __atomic_load_n(slot_of(mapping, index), __ATOMIC_ACQUIRE);
}

/* Needs i_lock; tells the journal what left and what came. */
static void slot_store(struct address_space *mapping, unsigned long index,
		       struct page *old, struct page *new)
{
	u32 ino = mapping->host->i_ino;

	__atomic_store_n(slot_of(mapping, index), new, __ATOMIC_RELEASE);
	if (old)
		view_emit(EV_cache_del, ino, index, page_to_pfn(old));
	if (new)
		view_emit(EV_cache_add, ino, index, page_to_pfn(new));
}

void filemap_remove_folio(struct folio *folio)
{
	struct address_space *mapping = folio_mapping(folio);
	unsigned long index = folio->page.index;

	BUG_ON(!folio_test_locked(folio) || !mapping);
	VM_BUG_ON_FOLIO(folio_mapped(folio), folio);
	spin_lock(&mapping->host->i_lock);
	slot_store(mapping, index, &folio->page, NULL);
	mapping->nrpages--;
	folio_set_mapping(folio, NULL, index);
	spin_unlock(&mapping->host->i_lock);
	page_ref_put(&folio->page, VIEW_REF_CACHE);
}

void replace_page_cache_folio(struct folio *old, struct folio *new)
{
	struct address_space *mapping = folio_mapping(old);
	unsigned long index = old->page.index;

	BUG_ON(!folio_test_locked(old) || !folio_test_locked(new) || !mapping);
	spin_lock(&mapping->host->i_lock);
	page_ref_inc(&new->page, VIEW_REF_CACHE);
	folio_set_mapping(new, mapping, index);
	slot_store(mapping, index, &old->page, &new->page);
	folio_set_mapping(old, NULL, index);
	spin_unlock(&mapping->host->i_lock);
	page_ref_put(&old->page, VIEW_REF_CACHE);
}

/* @folio is fresh and locked. -EEXIST: somebody else's is there. */
static int filemap_add_folio(struct address_space *mapping,
			     struct folio *folio, unsigned long index)
{
	struct inode *inode = mapping->host;
	struct page *there;

	spin_lock(&inode->i_lock);
	there = slot_load(mapping, index);
	if (there && !mutated(mm_cache_add_skip_exist)) {
		spin_unlock(&inode->i_lock);
		return -EEXIST;
	}
	page_ref_inc(&folio->page, VIEW_REF_CACHE);
	folio_set_flag(folio, PG_uptodate);
	if (inode->shmem)
		folio_set_flag(folio, PG_swapbacked);
	folio_set_mapping(folio, mapping, index);
	slot_store(mapping, index, NULL, &folio->page);
	mapping->nrpages++;
	spin_unlock(&inode->i_lock);
	folio_add_lru(folio);
	return 0;
}

struct folio *filemap_get_folio(struct address_space *mapping,
				unsigned long index)
{
	struct page *page;

	if (index >= PROG_PAGES)
		return NULL;
	for (;;) {
		rt_point(RT_SITE(RT_LOAD, "filemap_get_folio", NULL),
			 slot_of(mapping, index));
		page = slot_load(mapping, index);
		if (!page)
			return NULL;
		if (!folio_try_get(page_folio(page)))
			continue;
		rt_point(RT_SITE(RT_LOAD, "filemap_get_folio", "again"),
			 slot_of(mapping, index));
		if (page == slot_load(mapping, index) ||
		    mutated(mm_get_folio_skip_recheck))
			return page_folio(page);
		put_page(page);
	}
}

/* A page of zeroes, in the cache and locked; ERR_PTR(-ENOMEM or -EEXIST). */
static struct folio *filemap_create_folio(struct address_space *mapping,
					  unsigned long index)
{
	struct folio *folio = folio_alloc(GFP_HIGHUSER_MOVABLE, 0);
	int err;

	if (!folio)
		return ERR_PTR(-ENOMEM);
	__folio_set_locked(folio);
	err = filemap_add_folio(mapping, folio, index);
	if (!err)
		return folio;
	folio_unlock(folio);
	folio_put(folio);
	return ERR_PTR(err);
}

struct folio *filemap_get_create_folio(struct address_space *mapping,
				       unsigned long index)
{
	struct folio *folio;

	for (;;) {
		folio = filemap_get_folio(mapping, index);
		if (!folio) {
			folio = filemap_create_folio(mapping, index);
			if (folio != ERR_PTR(-EEXIST))
				return folio;
			continue;
		}
		folio_lock(folio);
		if (folio_mapping(folio) == mapping)
			return folio;
		folio_unlock(folio);
		folio_put(folio);
	}
}

static bool beyond_end(struct inode *inode, unsigned long index)
{
	return index >= i_size_pages(inode);
}

/* @folio is locked: may it be mapped as what the file has at @index? */
static bool still_there(struct address_space *mapping, unsigned long index,
			const struct folio *folio)
{
	return folio_mapping(folio) == mapping &&
	       !beyond_end(mapping->host, index);
}

/*
 * The page of a fault, referenced and not locked. NULL: it is beyond the end.
 * ERR_PTR(-ENOMEM).
 */
static struct folio *fault_find(struct address_space *mapping,
				unsigned long index)
{
	bool lock = !mutated(mm_fault_skip_invalidate_lock);
	struct folio *folio = filemap_get_folio(mapping, index);

	if (folio)
		return folio;
	if (lock)
		filemap_invalidate_lock_shared(mapping);
	if (!beyond_end(mapping->host, index)) {
		folio = filemap_get_create_folio(mapping, index);
		if (!IS_ERR(folio))
			folio_unlock(folio);
	}
	if (lock)
		filemap_invalidate_unlock_shared(mapping);
	return folio;
}

vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	unsigned long index = linear_page_index(vmf->vma, vmf->address);
	struct inode *inode = mapping->host;
	struct folio *folio;
	vm_fault_t ret;

	for (;;) {
		rt_point(RT_SITE(RT_LOAD, "filemap_fault", NULL), inode);
		if (beyond_end(inode, index))
			return VM_FAULT_SIGBUS;
		folio = fault_find(mapping, index);
		if (IS_ERR(folio))
			return VM_FAULT_OOM;
		if (!folio)
			return VM_FAULT_SIGBUS;
		ret = folio_lock_or_retry(folio, vmf);
		if (ret) {
			/* Of the file nothing may be looked at any more. */
			folio_put(folio);
			return ret;
		}
		if (still_there(mapping, index, folio) ||
		    mutated(mm_fault_skip_recheck))
			break;
		folio_unlock(folio);
		folio_put(folio);
	}
	vmf->page = &folio->page;
	return VM_FAULT_LOCKED;
}

vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	struct folio *folio = page_folio(vmf->page);

	folio_lock(folio);
	if (folio_mapping(folio) != mapping &&
	    !mutated(mm_page_mkwrite_skip_recheck)) {
		folio_unlock(folio);
		return VM_FAULT_NOPAGE;
	}
	folio_mark_dirty(folio);
	return VM_FAULT_LOCKED;
}
