// SPDX-License-Identifier: GPL-2.0
/*
 * read_write.c: read() and write(), one page of a file at a time.
 *
 * Models fs/read_write.c and, of mm/filemap.c, filemap_read() and
 * generic_perform_write(), 6.12. Spec: core.md 2.5; invariants.md I-M20 and
 * I-M23. A write holds i_rwsem and the folio lock; a read holds a reference,
 * which keeps the page from being moved or reused, and nothing that keeps it
 * in the file: what it returns was there when it looked.
 *
 * Lock order: inode->i_rwsem, mapping->invalidate_lock, folio lock.
 *
 * Differences: between the look and the copy there is no switch point, so that
 * a read is of one instant and oracles can say which value it must see.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"

/* A file's page is made to be read; shared memory has holes. -ENOMEM. */
static int fill_page(struct address_space *mapping, unsigned long index)
{
	struct folio *folio = NULL;
	int err = 0;

	filemap_invalidate_lock_shared(mapping);
	if (index < i_size_pages(mapping->host))
		folio = filemap_get_create_folio(mapping, index);
	if (IS_ERR(folio)) {
		err = PTR_ERR(folio);
	} else if (folio) {
		folio_unlock(folio);
		folio_put(folio);
	}
	filemap_invalidate_unlock_shared(mapping);
	return err;
}

/* Right after the page was found: 1, or 0 if it is beyond the end by now. */
static int read_page(struct inode *inode, unsigned long index,
		     struct folio *folio, u32 *value)
{
	if (index >= i_size_pages(inode))
		return 0;
	*value = folio ? page_load(&folio->page) : 0;
	view_emit(EV_file_load, inode->i_ino, index,
		  VIEW_DATA(folio ? folio_pfn(folio) : 0, *value));
	return 1;
}

int vfs_read_page(struct file *file, unsigned long index, u32 *value)
{
	struct address_space *mapping = file->f_mapping;
	struct inode *inode = mapping->host;
	struct folio *folio;
	int ret;

	for (;;) {
		folio = filemap_get_folio(mapping, index);
		if (folio || inode->shmem || index >= i_size_pages(inode))
			break;
		ret = fill_page(mapping, index);
		if (ret)
			return ret;
	}
	ret = read_page(inode, index, folio, value);
	if (folio)
		folio_put(folio);
	return ret;
}

int vfs_write_page(struct file *file, unsigned long index, u32 value)
{
	struct address_space *mapping = file->f_mapping;
	struct inode *inode = mapping->host;
	struct folio *folio;

	if (index >= PROG_PAGES)
		return -EFBIG;
	inode_lock(inode);
	folio = filemap_get_create_folio(mapping, index);
	if (IS_ERR(folio)) {
		inode_unlock(inode);
		return PTR_ERR(folio);
	}
	rt_point(RT_SITE(RT_STORE, "vfs_write_page", NULL), folio);
	page_store(&folio->page, value);
	view_emit(EV_file_store, inode->i_ino, index,
		  VIEW_DATA(folio_pfn(folio), value));
	folio_mark_dirty(folio);
	rt_point(RT_SITE(RT_STORE, "i_size_write", NULL), inode);
	if (index >= i_size_pages(inode)) {
		i_size_write(inode, (long)((index + 1) << PAGE_SHIFT));
		view_emit(EV_file_grown, inode->i_ino, index + 1, 0);
	}
	folio_unlock(folio);
	folio_put(folio);
	inode_unlock(inode);
	return 1;
}
