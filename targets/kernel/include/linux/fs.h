/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fs.h: files, as memory management knows them.
 *
 * MODEL of <linux/fs.h>, 6.12. An inode is a size and an address_space; an
 * open file is a reference to one. There is no storage behind the page cache:
 * a page that is not in it reads as zeroes when it is created. shmem (shared
 * anonymous memory) differs from a real file in one thing that matters here:
 * a real file wants to hear of the first write to a page.
 */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/mm.h>
#include <linux/rwsem.h>

/*
 * @i_pages: one reference of reason CACHE each; under i_lock. i_mmap: VMAs, by
 * vm_area_struct.shared, under i_mmap_rwsem, parents before children.
 * invalidate_lock: read to fill the cache in a fault, write to truncate.
 */
struct address_space {
	struct inode *host;
	struct rw_semaphore invalidate_lock;
	struct rw_semaphore i_mmap_rwsem;
	struct list_head i_mmap;
	struct page *i_pages[PROG_PAGES];
	unsigned long nrpages;
};

struct inode {
	u32 i_ino;			/* the number programs and events use */
	bool shmem;
	bool device;			/* maps its own pages, not cached ones */
	unsigned long vm_flags;		/* of its mappings, beside the usual */
	/* A device's ->mmap() of upstream's f_op: fills the new, linked VMA.
	 * mmap_lock is held for writing. 0, or minus an errno: no mapping. */
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	struct rw_semaphore i_rwsem;	/* write: write() and truncate */
	spinlock_t i_lock;
	long i_size;			/* bytes; under i_rwsem, read without */
	u32 i_count;			/* open files, and 1 for a name */
	struct address_space i_data;
};

struct file {
	struct inode *f_inode;
	struct address_space *f_mapping;
	u32 f_count;
};

static inline struct inode *file_inode(const struct file *f)
{
	return f->f_inode;
}

static inline void inode_lock(struct inode *inode)
{
	down_write(&inode->i_rwsem);
}

static inline void inode_unlock(struct inode *inode)
{
	up_write(&inode->i_rwsem);
}

static inline long i_size_read(const struct inode *inode)
{
	return __atomic_load_n(&inode->i_size, __ATOMIC_RELAXED);
}

static inline void i_size_write(struct inode *inode, long i_size)
{
	__atomic_store_n(&inode->i_size, i_size, __ATOMIC_RELAXED);
}

/* Pages of the size, rounded up: the first that is beyond the end. */
static inline unsigned long i_size_pages(const struct inode *inode)
{
	return (unsigned long)(i_size_read(inode) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static inline bool shmem_file(const struct file *file)
{
	return file->f_inode->shmem;
}

static inline void i_mmap_lock_write(struct address_space *mapping)
{
	down_write(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_unlock_write(struct address_space *mapping)
{
	up_write(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_lock_read(struct address_space *mapping)
{
	down_read(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_unlock_read(struct address_space *mapping)
{
	up_read(&mapping->i_mmap_rwsem);
}

static inline void filemap_invalidate_lock(struct address_space *mapping)
{
	down_write(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_unlock(struct address_space *mapping)
{
	up_write(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_lock_shared(struct address_space *mapping)
{
	down_read(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_unlock_shared(struct address_space *mapping)
{
	up_read(&mapping->invalidate_lock);
}

/* One more user; the last fput() frees the file, and the inode if it has no
 * name: its pages leave the cache. May sleep. */
/* @inode is zeroed memory. What all inodes have: their locks are of one class
 * each, for mm_take_all_locks() holds many at a time, in no order. One user. */
void inode_init_always(struct inode *inode);

struct file *get_file(struct file *f);
void fput(struct file *f);

/*
 * The node of a device, with a reference of its own that nobody drops, and a
 * file for those who map it: @vm_flags and @mmap as in struct inode. Both are
 * zeroed memory that stays. mm/device_node.c.
 */
void device_node_init(struct inode *inode, struct file *file, u32 ino,
		      unsigned long vm_flags,
		      int (*mmap)(struct file *file,
				  struct vm_area_struct *vma));

/*
 * A new file with an inode of its own: @size bytes of shared anonymous memory.
 * ERR_PTR(-EINVAL): too big; -ENOMEM; -ENFILE: VIEW_FILES were made. Named
 * files: see file_slot_get() in mm/internal.h.
 */
struct file *shmem_file_setup(long size);

#endif /* _LINUX_FS_H */
