// SPDX-License-Identifier: GPL-2.0
/*
 * vfs: what mm/shmem.c, mm/filemap.c and mm/truncate.c ask of fs/: inodes and
 * open files with their counts, and two mounts: the tree's own of shared memory
 * (shmem_init() makes it), and one of files that have a name.
 *
 * An inode is evicted with its last count, and is freed a grace period later. A
 * file is closed when the task that let go of it returns to its program, since
 * locks may be held before; a task of the kernel's leaves that to a work.
 *
 * Not covered: directories, dentries, writeback, quota, freezing: nobody takes
 * sb_start_pagefault()'s lock for writing.
 */
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/percpu-rwsem.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "targets/ktree/glue/files.h"

/* -- inodes -- */

void inode_init_once(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;

	memset(inode, 0, sizeof(*inode));
	INIT_HLIST_NODE(&inode->i_hash);
	INIT_LIST_HEAD(&inode->i_lru);
	INIT_LIST_HEAD(&inode->i_sb_list);
	xa_init_flags(&mapping->i_pages, XA_FLAGS_LOCK_IRQ | XA_FLAGS_ACCOUNT);
	init_rwsem(&mapping->i_mmap_rwsem);
	mapping->i_mmap = RB_ROOT_CACHED;
}

/* An object of a cache begins with what its constructor made. */
static void inode_start(struct inode *inode, struct super_block *sb)
{
	struct address_space *mapping = &inode->i_data;

	inode->i_sb = sb;
	inode->i_blkbits = sb->s_blocksize_bits;
	atomic_set(&inode->i_count, 1);
	inode->__i_nlink = 1;
	spin_lock_init(&inode->i_lock);
	init_rwsem(&inode->i_rwsem);
	mapping->host = inode;
	mapping_set_gfp_mask(mapping, GFP_HIGHUSER_MOVABLE);
	init_rwsem(&mapping->invalidate_lock);
	inode->i_mapping = mapping;
}

struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = sb->s_op->alloc_inode(sb);

	if (inode)
		inode_start(inode, sb);
	return inode;
}

#if KT_SINCE(6, 3)
void inode_init_owner(struct mnt_idmap *idmap, struct inode *inode,
		      const struct inode *dir, umode_t mode)
#else
void inode_init_owner(struct user_namespace *ns, struct inode *inode,
		      const struct inode *dir, umode_t mode)
#endif
{
	inode->i_mode = mode;
}

void inc_nlink(struct inode *inode)
{
	inode->__i_nlink++;
}

void clear_nlink(struct inode *inode)
{
	inode->__i_nlink = 0;
}

void inode_add_bytes(struct inode *inode, loff_t bytes)
{
	spin_lock(&inode->i_lock);
	inode->i_blocks += bytes >> 9;
	spin_unlock(&inode->i_lock);
}

void inode_sub_bytes(struct inode *inode, loff_t bytes)
{
	inode_add_bytes(inode, -bytes);
}

void clear_inode(struct inode *inode)
{
	if (inode->i_data.nrpages)
		kt_warn("inode cleared with pages in its cache", "clear_inode",
			__LINE__);
	inode->i_state = I_FREEING | I_CLEAR;
}

static void free_inode(struct rcu_head *rcu)
{
	struct inode *inode = container_of(rcu, struct inode, i_rcu);

	inode->i_sb->s_op->free_inode(inode);
}

static void evict(struct inode *inode)
{
	const struct super_operations *op = inode->i_sb->s_op;

	inode->i_state |= I_FREEING;
	if (op->evict_inode) {
		op->evict_inode(inode);
	} else {
		truncate_inode_pages_final(&inode->i_data);
		clear_inode(inode);
	}
	ktree_file_gone(inode);
	if (op->destroy_inode)
		op->destroy_inode(inode);
	call_rcu(&inode->i_rcu, free_inode);
}

void iput(struct inode *inode)
{
	if (!inode)
		return;
	rt_point(RT_SITE(RT_RMW, "iput", NULL), inode);
	if (atomic_dec_and_test(&inode->i_count))
		evict(inode);
}

struct backing_dev_info noop_backing_dev_info;

struct backing_dev_info *inode_to_bdi(struct inode *inode)
{
	return &noop_backing_dev_info;
}

/* -- open files -- */

/* By task: files to be closed when it returns to its program. */
static struct llist_head puts[RT_TASKS_MAX];
/* Those that tasks of the kernel's let go of. */
static LLIST_HEAD(delayed);

static void close_files(struct llist_node *list)
{
	struct file *file, *next;
	struct inode *inode;

	llist_for_each_entry_safe(file, next, llist_reverse_order(list), f_llist) {
		inode = file->f_inode;
		kfree(file);
		iput(inode);
	}
}

static void close_delayed(struct work_struct *work)
{
	close_files(llist_del_all(&delayed));
}

static DECLARE_WORK(delayed_work, close_delayed);

void kt_files_put(void)
{
	struct llist_head *mine = &puts[rt_self()];

	/* Closing one may let go of another. */
	while (unlikely(!llist_empty(mine)))
		close_files(llist_del_all(mine));
}

void fput(struct file *file)
{
	rt_point(RT_SITE(RT_RMW, "fput", NULL), file);
	if (!atomic_long_dec_and_test(&file->f_count))
		return;
	if (!(current->flags & PF_KTHREAD))
		llist_add(&file->f_llist, &puts[rt_self()]);
	else if (llist_add(&file->f_llist, &delayed))
		schedule_work(&delayed_work);
}

static struct file *new_file(struct inode *inode, struct vfsmount *mnt,
			     const struct file_operations *fops)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return ERR_PTR(-ENOMEM);
	atomic_long_set(&file->f_count, 1);
	file->f_mode = FMODE_READ | FMODE_WRITE | FMODE_LSEEK | FMODE_PREAD |
		       FMODE_PWRITE | FMODE_CAN_READ | FMODE_CAN_WRITE |
		       FMODE_OPENED;
	file->f_flags = O_RDWR;
	file->f_path.mnt = mnt;
	file->f_inode = inode;
	file->f_mapping = inode->i_mapping;
	file->f_op = fops;
	return file;
}

/* The caller drops the inode on failure. */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt,
			       const char *name, int flags,
			       const struct file_operations *fops)
{
	if (!ktree_file_new(inode, true))
		return ERR_PTR(-ENFILE);
	return new_file(inode, mnt, fops);
}

/* -- shared memory's mount -- */

static struct super_block shmem_super;
static struct vfsmount shmem_mount;
static struct dentry shmem_root;

static void mount_start(struct vfsmount *mnt, struct super_block *sb)
{
	mnt->mnt_sb = sb;
#if KT_SINCE(6, 3)
	mnt->mnt_idmap = &nop_mnt_idmap;
#elif KT_SINCE(6, 2)
#error "not tried"
#else
	mnt->mnt_userns = &init_user_ns;
#endif
	sb->s_user_ns = &init_user_ns;
}

struct dentry *d_make_root(struct inode *inode)
{
	if (inode)
		shmem_root.d_inode = inode;
	return inode ? &shmem_root : NULL;
}

int get_tree_nodev(struct fs_context *fc,
		   int (*fill_super)(struct super_block *sb,
				     struct fs_context *fc))
{
	shmem_super.s_type = fc->fs_type;
	shmem_super.s_flags = fc->sb_flags;
	return fill_super(&shmem_super, fc);
}

struct vfsmount *kern_mount(struct file_system_type *type)
{
	struct fs_context fc = {
		.fs_type = type,
		.purpose = FS_CONTEXT_FOR_MOUNT,
		.sb_flags = SB_KERNMOUNT,
	};
	int err = type->init_fs_context(&fc);

	if (!err)
		err = fc.ops->get_tree(&fc);
	if (err)
		return ERR_PTR(err);
	fc.ops->free(&fc);
	mount_start(&shmem_mount, &shmem_super);
	shmem_mount.mnt_root = &shmem_root;
	return &shmem_mount;
}

/* -- files with a name -- */

static struct kmem_cache *inode_cache;

static struct inode *named_alloc(struct super_block *sb)
{
	return kmem_cache_alloc(inode_cache, GFP_KERNEL);
}

static void named_free(struct inode *inode)
{
	kmem_cache_free(inode_cache, inode);
}

static void named_once(void *p)
{
	inode_init_once(p);
}

static const struct super_operations named_ops = {
	.alloc_inode	= named_alloc,
	.free_inode	= named_free,
};

static struct file_system_type named_type = { .name = "named" };
static struct super_block named_super = {
	.s_blocksize_bits = PAGE_SHIFT,
	.s_blocksize	= PAGE_SIZE,
	.s_maxbytes	= MAX_LFS_FILESIZE,
	.s_type		= &named_type,
	.s_op		= &named_ops,
};
static struct vfsmount named_mount;

struct inode *kt_inode_new(loff_t size)
{
	struct inode *inode = new_inode(&named_super);

	if (!inode)
		return NULL;
	inode->i_mode = S_IFREG | 0600;
	inode->i_size = size;
	inode->i_mapping->a_ops = &kt_file_aops;
	return inode;
}

struct file *kt_file_open(struct inode *inode)
{
	struct file *file = new_file(inode, &named_mount, &kt_file_fops);

	if (IS_ERR(file))
		iput(inode);
	return file;
}

/* Of mm/internal.h or linux/pagemap.h, by version; the tree's own boot calls them. */
extern void pagecache_init(void);

void kt_files_boot(void)
{
	struct percpu_rw_semaphore *sem =
		&named_super.s_writers.rw_sem[SB_FREEZE_PAGEFAULT - 1];

	pagecache_init();
	inode_cache = kmem_cache_create("inode_cache", sizeof(struct inode), 0,
					SLAB_RECLAIM_ACCOUNT, named_once);
	mount_start(&named_mount, &named_super);
	sem->read_count = alloc_percpu(unsigned int);
	shmem_init();
}
