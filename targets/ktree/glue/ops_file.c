// SPDX-License-Identifier: GPL-2.0
/*
 * ops_file: the files that a program names, and the file system they are of: one in
 * memory whose pages are written once they are dirty by nobody. What a file
 * system of the kernel leaves to mm/filemap.c and mm/truncate.c is the tree's;
 * its own half is here, as fs/libfs.c has it for files in memory, with the locks
 * a file system that has storage takes around a truncate.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "targets/ktree/glue/files.h"

static struct inode *names[FILE_NAMES];
static u32 names_lock;

/* -- the file system -- */

static int file_read_folio(struct file *file, struct folio *folio)
{
	rt_point(RT_SITE(RT_STORE, "read_folio", NULL), folio);
	clear_highpage(&folio->page);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

/* The page of a write; all of it is written. */
static struct page *begin(struct address_space *mapping, loff_t pos)
{
	return pagecache_get_page(mapping, pos >> PAGE_SHIFT,
				  FGP_LOCK | FGP_WRITE | FGP_CREAT,
				  mapping_gfp_mask(mapping));
}

static int end(struct address_space *mapping, loff_t pos, unsigned int copied,
	       struct folio *folio)
{
	struct inode *inode = mapping->host;

	if (!folio_test_uptodate(folio))
		folio_mark_uptodate(folio);
	rt_point(RT_SITE(RT_STORE, "i_size_write", NULL), inode);
	if (pos + copied > inode->i_size) {
		i_size_write(inode, pos + copied);
		view_emit(EV_file_grown, ktree_file_number(inode),
			  DIV_ROUND_UP(pos + copied, PAGE_SIZE), 0);
	}
	folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
	return (int)copied;
}

#if KT_SINCE(6, 12)
static int file_write_begin(struct file *file, struct address_space *mapping,
			    loff_t pos, unsigned int len, struct folio **foliop,
			    void **fsdata)
{
	struct page *page = begin(mapping, pos);

	if (page)
		*foliop = page_folio(page);
	return page ? 0 : -ENOMEM;
}

static int file_write_end(struct file *file, struct address_space *mapping,
			  loff_t pos, unsigned int len, unsigned int copied,
			  struct folio *folio, void *fsdata)
{
	return end(mapping, pos, copied, folio);
}
#else
static int file_write_begin(struct file *file, struct address_space *mapping,
			    loff_t pos, unsigned int len, struct page **pagep,
			    void **fsdata)
{
	*pagep = begin(mapping, pos);
	return *pagep ? 0 : -ENOMEM;
}

static int file_write_end(struct file *file, struct address_space *mapping,
			  loff_t pos, unsigned int len, unsigned int copied,
			  struct page *page, void *fsdata)
{
	return end(mapping, pos, copied, page_folio(page));
}
#endif

static bool file_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	return !folio_test_set_dirty(folio);
}

const struct address_space_operations kt_file_aops = {
	.read_folio	= file_read_folio,
	.write_begin	= file_write_begin,
	.write_end	= file_write_end,
	.dirty_folio	= file_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
};

const struct file_operations kt_file_fops = {
	.read_iter	= generic_file_read_iter,
	.write_iter	= generic_file_write_iter,
	.mmap		= generic_file_mmap,
};

/* -- names -- */

/* The first use of a name: one of those who try at once makes it. */
static struct inode *make_named(u32 slot)
{
	struct inode *new = kt_inode_new(FILE_PAGES * PAGE_SIZE), *inode;
	bool mine;

	if (!new)
		return ERR_PTR(-ENOMEM);
	kt_raw_lock(&names_lock);
	inode = names[slot];
	mine = !inode && ktree_file_new(new, false);
	if (mine) {
		inode = new;
		__atomic_store_n(&names[slot], inode, __ATOMIC_RELEASE);
	}
	kt_raw_unlock(&names_lock);
	if (!mine)
		iput(new);
	return inode ? inode : ERR_PTR(-ENFILE);
}

struct file *file_slot_get(u32 slot)
{
	struct inode *inode;

	rt_point(RT_SITE(RT_LOAD, "file_slot_get", NULL), &names[slot]);
	inode = __atomic_load_n(&names[slot], __ATOMIC_ACQUIRE);
	if (!inode)
		inode = make_named(slot);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	atomic_inc(&inode->i_count);
	return kt_file_open(inode);
}

void kt_files_halt(void)
{
	struct inode *inode;
	u32 slot;

	for (slot = 0; slot < FILE_NAMES; slot++) {
		inode = names[slot];
		names[slot] = NULL;
		iput(inode);
	}
	kt_files_put();
}

/* -- read() and write(), of one page; its content is one word -- */

/* What is copied, and from or to which page of which file. */
struct io {
	struct kvec vec;
	u32 value;
	u32 file, index;
};

/* The iterator is over an io's vec, which nobody else looks into. */
static struct io *io_of(const struct iov_iter *i)
{
	return container_of(i->kvec, struct io, vec);
}

static void io_start(struct io *io, struct kiocb *iocb, struct iov_iter *iter,
		     struct file *file, unsigned long index)
{
	io->vec.iov_len = PAGE_SIZE;
	io->file = ktree_file_number(file_inode(file));
	io->index = (u32)index;
	*iocb = (struct kiocb){
		.ki_filp = file,
		.ki_pos = (loff_t)index << PAGE_SHIFT,
	};
	*iter = (struct iov_iter){
		.iter_type = ITER_KVEC,
		.kvec = &io->vec,
		.nr_segs = 1,
		.count = PAGE_SIZE,
	};
}

/*
 * A read holds a reference and nothing that keeps the page in the file: what it
 * returns was there when it looked. So it is told only where the page is the
 * file's still.
 */
size_t copy_page_to_iter(struct page *page, size_t offset, size_t bytes,
			 struct iov_iter *i)
{
	struct io *io = io_of(i);
	u32 pfn = ktree_view_pfn(page_to_pfn(page));

	rt_point(RT_SITE(RT_LOAD, "copy_page_to_iter", NULL), page);
	io->value = READ_ONCE(*ktree_cell(pfn));
	if (ktree_cached_answer(io->file, io->index) == pfn)
		view_emit(EV_file_load, io->file, io->index,
			  VIEW_DATA(pfn, io->value));
	i->count -= bytes;
	return bytes;
}

/* The folio is locked, and of the file. */
#if KT_SINCE(6, 3)
size_t copy_page_from_iter_atomic(struct page *page, size_t offset,
				  size_t bytes, struct iov_iter *i)
#else
size_t copy_page_from_iter_atomic(struct page *page, unsigned int offset,
				  size_t bytes, struct iov_iter *i)
#endif
{
	const struct io *io = io_of(i);
	u32 pfn = ktree_view_pfn(page_to_pfn(page));

	rt_point(RT_SITE(RT_STORE, "copy_page_from_iter", NULL), page);
	WRITE_ONCE(*ktree_cell(pfn), io->value);
	view_emit(EV_file_store, io->file, io->index,
		  VIEW_DATA(pfn, io->value));
	i->count -= bytes;
	return bytes;
}

int vfs_read_page(struct file *file, unsigned long index, u32 *value)
{
	struct iov_iter iter;
	struct kiocb iocb;
	struct io io = { };
	ssize_t ret;

	io_start(&io, &iocb, &iter, file, index);
	ret = file->f_op->read_iter(&iocb, &iter);
	*value = io.value;
	return ret > 0 ? 1 : (int)ret;
}

ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	return (ssize_t)from->count;
}

int vfs_write_page(struct file *file, unsigned long index, u32 value)
{
	struct iov_iter iter;
	struct kiocb iocb;
	struct io io = { .value = value };
	ssize_t ret;

	if (index >= PROG_PAGES)
		return -EFBIG;
	io_start(&io, &iocb, &iter, file, index);
	iter.data_source = true;
	ret = file->f_op->write_iter(&iocb, &iter);
	return ret < 0 ? (int)ret : 1;
}

/* file, pages; what a file system does of it is the locks and the size */
long op_truncate(const u32 *arg)
{
	struct file *file = op_file(arg[0]);
	struct inode *inode;
	loff_t size = (loff_t)arg[1] << PAGE_SHIFT;
	u32 number;

	if (IS_ERR(file))
		return PTR_ERR(file);
	inode = file_inode(file);
	number = ktree_file_number(inode);
	inode_lock(inode);
	filemap_invalidate_lock(inode->i_mapping);
	rt_point(RT_SITE(RT_STORE, "truncate_setsize", NULL), inode);
	i_size_write(inode, size);
	view_emit(EV_file_size, number, arg[1], 0);
	truncate_pagecache(inode, size);
	view_emit(EV_truncate_end, number, arg[1], 0);
	filemap_invalidate_unlock(inode->i_mapping);
	inode_unlock(inode);
	return file_leave(file, 0);
}
