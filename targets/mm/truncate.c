// SPDX-License-Identifier: GPL-2.0
/*
 * truncate.c: a file ends earlier than before, for everybody.
 *
 * Models mm/truncate.c, 6.12, and what a file system does around it: the lock
 * of the inode and the invalidate lock. Spec: core.md 6.5.
 *
 * Lock order, outermost first:
 *
 *   inode->i_rwsem
 *     mapping->invalidate_lock
 *       folio lock			one page at a time
 *         mapping->i_mmap_rwsem	unmap_mapping_pages()
 *
 * No mmap_lock: faults of the file's mappings run beside. Each holds its page's
 * lock until it is mapped, so the lock is where the two meet. A copy that a
 * private mapping makes is not in the cache and stays when its original goes,
 * which is what the second unmap is for:
 *
 *	truncate_setsize()			write fault, private
 *	i_size, unmap everything
 *						page of the file, locked
 *						(the size was asked before)
 *						map the copy, unlock
 *	lock, unmap what is of the file,
 *	remove from the cache
 *	unmap everything			[must]
 *
 * Differences: one pass over the cache, which waits for each lock; the last
 * page is whole or gone, since a page has one cell for content.
 */
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

/*
 * @folio is locked and of @mapping. A fault that had it locked before us may
 * have mapped it since everything was unmapped.
 */
static void truncate_inode_folio(struct address_space *mapping,
				 struct folio *folio)
{
	if (folio_mapped(folio) && !mutated(mm_truncate_skip_leftovers))
		unmap_mapping_folio(folio);
	filemap_remove_folio(folio);
}

/* From page @start on. Nobody may add pages meanwhile. */
static void truncate_inode_pages(struct address_space *mapping,
				 unsigned long start)
{
	struct folio *folio;

	while (start < PROG_PAGES) {
		folio = filemap_get_folio(mapping, start);
		if (!folio) {
			start++;
			continue;
		}
		/* A move may have put another in its place meanwhile. */
		folio_lock(folio);
		if (folio_mapping(folio) == mapping)
			truncate_inode_folio(mapping, folio);
		folio_unlock(folio);
		folio_put(folio);
	}
}

void truncate_inode_pages_final(struct address_space *mapping)
{
	if (mapping->nrpages)
		truncate_inode_pages(mapping, 0);
}

void truncate_setsize(struct inode *inode, long newsize)
{
	struct address_space *mapping = &inode->i_data;
	unsigned long pages = (newsize + PAGE_SIZE - 1) >> PAGE_SHIFT;

	pages = min(pages, (unsigned long)PROG_PAGES);
	inode_lock(inode);
	filemap_invalidate_lock(mapping);
	rt_point(RT_SITE(RT_STORE, "truncate_setsize", NULL), inode);
	i_size_write(inode, (long)(pages << PAGE_SHIFT));
	view_emit(EV_file_size, inode->i_ino, pages, 0);
	/* Most are gone after this, and need not be looked for one by one. */
	unmap_mapping_pages(mapping, pages, 0, true);
	truncate_inode_pages(mapping, pages);
	if (!mutated(mm_truncate_skip_second_zap))
		unmap_mapping_pages(mapping, pages, 0, true);
	view_emit(EV_truncate_end, inode->i_ino, pages, 0);
	filemap_invalidate_unlock(mapping);
	inode_unlock(inode);
}
