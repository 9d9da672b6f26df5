/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagemap.h: the lock of a folio, and the page cache.
 *
 * MODEL of <linux/pagemap.h>, 6.12. The lock is a word (mm/filemap_lock.c says
 * how it is laid out); the owner is not checked at unlock, as upstream's is
 * not. Implementation: mm/filemap_lock.c and mm/filemap.c.
 */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <linux/fs.h>
#include <linux/mm.h>

/* Need a reference, or the PTL of an entry that holds one. lock may sleep. */
bool folio_trylock(struct folio *folio);
/* A fresh page, which nobody else knows: cannot fail. */
void __folio_set_locked(struct folio *folio);
void folio_lock(struct folio *folio);
/*
 * In a fault [device-exclusive.md R2]: 0 and locked; or VM_FAULT_RETRY and not
 * locked: with ALLOW_RETRY and not yet TRIED mmap_lock is dropped (but with
 * RETRY_NOWAIT neither dropped nor waited) and the unlock waited for.
 */
vm_fault_t folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf);
/* The lock must be held. Wakes every waiter. */
void folio_unlock(struct folio *folio);
/* Sleep until unlocked once; needs a reference. */
void folio_wait_locked(struct folio *folio);
/* As above without one: the PTL @ptl, held, proves the page is there; it is
 * dropped before sleeping [core 5.2]. */
void migration_entry_wait_on_locked(struct folio *folio, spinlock_t *ptl);

static inline bool folio_test_locked(const struct folio *folio)
{
	return __atomic_load_n(&folio->page.lock, __ATOMIC_RELAXED) & LOCK_HELD;
}

/* @vma must be a file VMA. */
static inline unsigned long linear_page_index(const struct vm_area_struct *vma,
					      unsigned long address)
{
	return ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

/*
 * The page at @index, with a TMP reference; NULL: none cached.
 * get_create: made if there is none, returned locked; ERR_PTR(-ENOMEM).
 */
struct folio *filemap_get_folio(struct address_space *mapping,
				unsigned long index);
struct folio *filemap_get_create_folio(struct address_space *mapping,
				       unsigned long index);
/* Out of the cache; its CACHE reference is dropped. Locked, unmapped. */
void filemap_remove_folio(struct folio *folio);
/* @old's slot, CACHE reference and mapping become @new's; both locked. */
void replace_page_cache_folio(struct folio *old, struct folio *new);

/*
 * ->fault() of file VMAs [core 5, NONE + file]: vmf->page referenced (TMP) and
 * locked, VM_FAULT_LOCKED; or VM_FAULT_SIGBUS beyond the end, VM_FAULT_OOM.
 */
vm_fault_t filemap_fault(struct vm_fault *vmf);
/* ->page_mkwrite(): the page of vmf is about to be written through a shared
 * mapping. VM_FAULT_LOCKED, page locked; VM_FAULT_NOPAGE: truncated, retry. */
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);

/* -- mm/truncate.c -- */
/* Every page leaves @mapping, which nobody uses any more. May sleep. */
void truncate_inode_pages_final(struct address_space *mapping);
/* Core 6.5. No lock held, a file of @inode is; may sleep. */
void truncate_setsize(struct inode *inode, long newsize);

#endif /* _LINUX_PAGEMAP_H */
