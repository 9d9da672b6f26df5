// SPDX-License-Identifier: GPL-2.0
/*
 * shmem.c: files: shared anonymous memory, and those that have a name.
 *
 * Models shmem_file_setup() of mm/shmem.c, and of fs/inode.c and
 * fs/file_table.c the lifetime of an inode and of a file, 6.12. A file belongs
 * to who opened it and to each VMA that maps it; an inode to its files and to
 * its name. With the last of them its pages go: they leave the cache, and are
 * freed unless somebody took a reference to do I/O.
 *
 * Lock order: fput() takes folio locks, and so may be called with mmap_lock
 * held, not with a folio's or an rmap lock. files.lock is a leaf.
 *
 * Differences: a name is a number, and is lost when the machine halts, so all
 * inodes go then; a file is freed at its last fput(), not by a work of the
 * task; no swap, no seals, no quota.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"

/* @lock: to get a number, and to be the one who makes a named file. */
static struct files {
	spinlock_t lock;
	u32 nr;				/* numbers given */
	struct inode *names[FILE_NAMES];
	struct inode *inodes[VIEW_FILES];	/* by number, while live */
} files __machine;

void file_boot(void)
{
	spin_lock_init(&files.lock);
}

struct inode *inode_by_number(u32 ino)
{
	return ino < VIEW_FILES ?
		__atomic_load_n(&files.inodes[ino], __ATOMIC_ACQUIRE) : NULL;
}

void inode_init_always(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;

	inode->i_count = 1;
	init_rwsem(&inode->i_rwsem);
	spin_lock_init(&inode->i_lock);
	mapping->host = inode;
	init_rwsem(&mapping->invalidate_lock);
	init_rwsem(&mapping->i_mmap_rwsem);
	INIT_LIST_HEAD(&mapping->i_mmap);
}

/* Nobody knows it yet, and it has no number. NULL: no memory. */
static struct inode *alloc_inode(bool shmem, long size)
{
	struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);

	if (!inode)
		return NULL;
	inode_init_always(inode);
	inode->shmem = shmem;
	inode->i_size = size;
	return inode;
}

/* Needs files.lock. False: there were too many. */
static bool give_number(struct inode *inode)
{
	if (files.nr == VIEW_FILES)
		return false;
	inode->i_ino = files.nr++;
	__atomic_store_n(&files.inodes[inode->i_ino], inode, __ATOMIC_RELEASE);
	view_emit(EV_file_new, inode->i_ino, i_size_pages(inode), inode->shmem);
	return true;
}

static void ihold(struct inode *inode)
{
	__atomic_fetch_add(&inode->i_count, 1, __ATOMIC_RELAXED);
}

static void iput(struct inode *inode)
{
	rt_point(RT_SITE(RT_RMW, "iput", NULL), inode);
	if (__atomic_sub_fetch(&inode->i_count, 1, __ATOMIC_ACQ_REL))
		return;
	WARN_ON(!list_empty(&inode->i_data.i_mmap));
	truncate_inode_pages_final(&inode->i_data);
	__atomic_store_n(&files.inodes[inode->i_ino], NULL, __ATOMIC_RELEASE);
	view_emit(EV_file_gone, inode->i_ino, 0, 0);
	kfree(inode);
}

/* Takes over a count of @inode, and drops it if there is no memory. */
static struct file *alloc_file(struct inode *inode)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file) {
		iput(inode);
		return ERR_PTR(-ENOMEM);
	}
	file->f_inode = inode;
	file->f_mapping = &inode->i_data;
	file->f_count = 1;
	return file;
}

struct file *get_file(struct file *f)
{
	__atomic_fetch_add(&f->f_count, 1, __ATOMIC_RELAXED);
	return f;
}

void fput(struct file *f)
{
	struct inode *inode = f->f_inode;

	might_sleep();
	rt_point(RT_SITE(RT_RMW, "fput", NULL), f);
	if (__atomic_sub_fetch(&f->f_count, 1, __ATOMIC_ACQ_REL))
		return;
	kfree(f);
	iput(inode);
}

struct file *shmem_file_setup(long size)
{
	struct inode *inode;
	bool numbered;

	if (size < 0 || size > (long)(PROG_PAGES * PAGE_SIZE))
		return ERR_PTR(-EINVAL);
	inode = alloc_inode(true, size);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	spin_lock(&files.lock);
	numbered = give_number(inode);
	spin_unlock(&files.lock);
	if (!numbered) {
		kfree(inode);
		return ERR_PTR(-ENFILE);
	}
	return alloc_file(inode);
}

/* The first use of a name: one of those who try at once makes it. */
static struct inode *make_named(u32 slot)
{
	struct inode *new = alloc_inode(false, FILE_PAGES * PAGE_SIZE), *inode;

	if (!new)
		return ERR_PTR(-ENOMEM);
	spin_lock(&files.lock);
	inode = files.names[slot];
	if (!inode && give_number(new)) {
		__atomic_store_n(&files.names[slot], new, __ATOMIC_RELEASE);
		inode = new;
		new = NULL;
	}
	spin_unlock(&files.lock);
	kfree(new);
	return inode ? inode : ERR_PTR(-ENFILE);
}

struct file *file_slot_get(u32 slot)
{
	struct inode *inode;

	rt_point(RT_SITE(RT_LOAD, "file_slot_get", NULL), &files.names[slot]);
	inode = __atomic_load_n(&files.names[slot], __ATOMIC_ACQUIRE);
	if (!inode)
		inode = make_named(slot);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	ihold(inode);
	return alloc_file(inode);
}

void file_halt(void)
{
	struct inode *inode;
	u32 slot;

	for (slot = 0; slot < FILE_NAMES; slot++) {
		inode = files.names[slot];
		files.names[slot] = NULL;
		if (inode)
			iput(inode);
	}
}
