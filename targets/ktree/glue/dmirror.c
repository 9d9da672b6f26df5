// SPDX-License-Identifier: GPL-2.0
/*
 * dmirror: the tree's lib/test_hmm.c, and the files a program has open on it.
 *
 * The calls are the port's, targets/dmirror/ops.c; they end here in the file
 * operations that the driver registered. A file is referenced by the table of
 * open files and by every call that is in it, as targets/dmirror/dmirror.c does
 * it, and the last of them closes it.
 *
 * What the driver keeps in the xarray of an open file is a GPU's page table to
 * the oracles. It is stored to and erased from through two functions of another
 * object, which is where it is seen, under the driver's mutex. A store is one of
 * the fault path, to be checked as such, if the task has looked at the mm with
 * hmm_range_fault() and stored nothing else since. So is one with the right to
 * atomics: what the mm has lent it may take back before it is stored.
 *
 * Not covered: mapping the device's node.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "targets/dmirror/dmirror.h"
#include "targets/ktree/glue/chrdev.h"
#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/trees.h"
#include "targets/ktree/glue/user.h"

#define XA_WRITE	3ul
#define XA_ATOMIC	1ul
#define NDEVICES	2

/* The ioctl's structure, as a program hands it over. */
struct uarg {
	__u64 addr, ptr, npages, cpages, faults;
};

/* @count: under files_lock. */
struct open_file {
	struct file file;
	struct inode inode;
	u32 space;
	u32 dev;
	u32 count;
};

static DEFINE_SPINLOCK(files_lock);
static struct open_file *files[DMIRROR_FILES];
static u32 nr_spaces;
static struct open_file *spaces[VIEW_SPACES];	/* whose table is followed */

/* By task: the file it is in an ioctl of, and what it knows of the range. */
static struct call {
	struct open_file *file;
	bool looked;			/* hmm_range_fault() succeeded */
	unsigned long index;		/* of the newest look at the table */
	u32 pfn[PROG_PAGES];		/* where data was read, by page */
} calls[RT_TASKS_MAX];

struct view ktree_view_dmirror;

static struct call *mine(void)
{
	return &calls[rt_self()];
}

static struct tree_dmirror *dmirror_of(const struct open_file *f)
{
	return f->file.private_data;
}

static const struct tree_dmirror_device *device_of(u32 dev)
{
	return container_of(ktree_cdev(dev), struct tree_dmirror_device,
			    cdevice);
}

/* -- the table of open files -- */

static struct open_file *file_get(u32 file)
{
	struct open_file *f;

	spin_lock(&files_lock);
	f = files[file];
	if (f)
		f->count++;
	spin_unlock(&files_lock);
	return f;
}

static void space_gone(struct open_file *f)
{
	__atomic_store_n(&spaces[f->space], NULL, __ATOMIC_RELEASE);
	view_emit(EV_gpu_space_gone, f->space, 0, 0);
}

static void file_put(struct open_file *f)
{
	bool last;

	if (!f)
		return;
	spin_lock(&files_lock);
	last = !--f->count;
	spin_unlock(&files_lock);
	if (!last)
		return;
	/* Nobody is left who could look at the table, or store in it. */
	space_gone(f);
	f->file.f_op->release(&f->inode, &f->file);
	view_emit(EV_dmirror_close, f->space, f->dev, 0);
	kfree(f);
}

/* What the file was until now, with the reference of the table. */
static struct open_file *file_install(u32 file, struct open_file *f)
{
	struct open_file *old;

	spin_lock(&files_lock);
	old = files[file];
	files[file] = f;
	spin_unlock(&files_lock);
	return old;
}

static long file_open(struct open_file *f, u32 dev, u32 slot)
{
	struct cdev *cdev = ktree_cdev(dev);
	long ret;

	f->space = __atomic_fetch_add(&nr_spaces, 1, __ATOMIC_RELAXED);
	if (f->space >= VIEW_SPACES)
		return -ENFILE;
	f->dev = dev;
	f->count = 1;
	f->inode.i_cdev = cdev;
	f->file.f_op = cdev->ops;
	ret = f->file.f_op->open(&f->inode, &f->file);
	if (ret)
		return ret;
	rt_name(dmirror_of(f), "dmirror", -1);
	rt_name(&dmirror_of(f)->notifier, "dmirror->notifier", -1);
	__atomic_store_n(&spaces[f->space], f, __ATOMIC_RELEASE);
	view_emit(EV_gpu_space, f->space, slot,
		  (u64)(size_t)&dmirror_of(f)->notifier);
	view_emit(EV_dmirror_open, f->space, dev, slot);
	return 0;
}

long dmirror_open(u32 file, u32 dev, u32 slot)
{
	struct mm_struct *mm = mm_enter(slot);
	struct open_file *f;
	long ret = -ENOMEM;

	if (!mm)
		return -ESRCH;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (f)
		ret = file_open(f, dev % NDEVICES, slot);
	mm_leave(mm);
	if (ret) {
		kfree(f);
		return ret;
	}
	file_put(file_install(file, f));
	return 0;
}

long dmirror_close(u32 file)
{
	struct open_file *f = file_install(file, NULL);

	if (!f)
		return -EBADF;
	file_put(f);
	return 0;
}

/* -- ioctls -- */

static long do_ioctl(struct open_file *f, u32 command,
		     struct hmm_dmirror_cmd *cmd)
{
	struct dmirror_buffer *buffer = cmd ? cmd->ptr : NULL;
	struct uarg uarg = { 0 };
	struct ktree_user user = { .bytes = command == HMM_DMIRROR_SNAPSHOT };
	long ret;

	if (cmd) {
		uarg = (struct uarg){ cmd->addr, KTREE_USER, cmd->npages, 0, 0 };
		user.value = buffer->value;
		user.byte = buffer->byte;
		user.fault = buffer->fault;
	}
	ktree_user_set(&user);
	ret = f->file.f_op->unlocked_ioctl(&f->file,
			_IOWR('H', command, struct uarg),
			cmd ? (unsigned long)&uarg : 0);
	ktree_user_set(NULL);
	if (!cmd)
		return ret;
	buffer->nr = user.nr;
	if (!ret) {
		cmd->cpages = uarg.cpages;
		cmd->faults = uarg.faults;
	}
	return ret;
}

/* What a read handed over, page by page. */
static void tell_read(const struct open_file *f, const struct hmm_dmirror_cmd *cmd)
{
	u32 i, page = VIEW_PAGE(cmd->addr);

	for (i = 0; i < cmd->ptr->nr; i++)
		view_emit(EV_dmirror_read, f->space, VIEW_VA(page + i),
			  VIEW_DATA(mine()->pfn[(page + i) % PROG_PAGES],
				    cmd->ptr->value[i]));
}

long dmirror_ioctl(u32 file, u32 command, struct hmm_dmirror_cmd *cmd)
{
	struct open_file *f = file_get(file);
	struct call *c = mine();
	long ret;

	if (!f)
		return -EBADF;
	*c = (struct call){ .file = f };
	view_emit(EV_dmirror_ioctl, f->space, command,
		  cmd ? VIEW_PAGE(cmd->addr) | (u64)(u32)cmd->npages << 16 : 0);
	ret = do_ioctl(f, command, cmd);
	if (cmd && command != HMM_DMIRROR_SNAPSHOT)
		tell_read(f, cmd);
	view_emit(EV_dmirror_done, f->space, command, (u64)-ret);
	c->file = NULL;
	file_put(f);
	return ret;
}

long dmirror_mmap(u32 file, unsigned long addr, unsigned long len,
		  unsigned long prot, u32 slot)
{
	return ktree_absent("mmap() of a device's node");
}

/* -- the table of an open file -- */

static struct open_file *file_of_table(const struct xarray *xa)
{
	struct open_file *f;
	u32 i;

	for (i = 0; i < VIEW_SPACES; i++) {
		f = __atomic_load_n(&spaces[i], __ATOMIC_ACQUIRE);
		if (f && &dmirror_of(f)->pt == xa)
			return f;
	}
	return NULL;
}

static u64 word_of(const void *entry)
{
	unsigned long tag = (unsigned long)entry & 3;
	const struct page *page = (const void *)((unsigned long)entry & ~3ul);

	if (!page)
		return VIEW_NONE;
	return VIEW_WORD(VIEW_PRESENT, (tag == XA_WRITE ? VIEW_W : 0) |
			 (tag == XA_ATOMIC ? VIEW_A : 0),
			 ktree_view_pfn(page_to_pfn(page)));
}

void ktree_faulted(struct mmu_interval_notifier *notifier, int ret)
{
	struct call *c = mine();

	c->looked = c->file && !ret && notifier == &dmirror_of(c->file)->notifier;
}

/* Again, though nothing was stored of what it found: there was a race. */
void ktree_read_begins(struct mmu_interval_notifier *notifier)
{
	struct call *c = mine();

	if (c->looked && notifier == &dmirror_of(c->file)->notifier)
		view_emit(EV_retry, mm_slot_of(notifier->mm),
			  (u64)(size_t)notifier, 0);
	c->looked = false;
}

static const struct rt_site *store_site(void)
{
	return RT_SITE(RT_STORE, "xa_store", NULL);
}

void *__real_xa_store(struct xarray *xa, unsigned long index, void *entry,
		      gfp_t gfp);
void *__wrap_xa_store(struct xarray *xa, unsigned long index, void *entry,
		      gfp_t gfp);
void *__wrap_xa_store(struct xarray *xa, unsigned long index, void *entry,
		      gfp_t gfp)
{
	struct open_file *f = file_of_table(xa);
	void *old;

	if (!f)
		return __real_xa_store(xa, index, entry, gfp);
	rt_point(store_site(), xa);
	if (mine()->looked || xa_pointer_tag(entry) == XA_ATOMIC)
		view_emit(EV_driver_map, f->space, (u64)index << PAGE_SHIFT,
			  (u64)(size_t)&dmirror_of(f)->notifier);
	old = __real_xa_store(xa, index, entry, gfp);
	if (!xa_is_err(old))
		view_emit(EV_gpu_map, f->space, (u64)index << PAGE_SHIFT,
			  word_of(entry));
	return old;
}

void *__real_xa_erase(struct xarray *xa, unsigned long index);
void *__wrap_xa_erase(struct xarray *xa, unsigned long index);
void *__wrap_xa_erase(struct xarray *xa, unsigned long index)
{
	struct open_file *f = file_of_table(xa);
	void *old;

	if (f)
		rt_point(RT_SITE(RT_STORE, "xa_erase", NULL), xa);
	old = __real_xa_erase(xa, index);
	if (f && old)
		view_emit(EV_gpu_unmap, f->space, (u64)index << PAGE_SHIFT,
			  word_of(old));
	return old;
}

void *__real_xa_load(struct xarray *xa, unsigned long index);
void *__wrap_xa_load(struct xarray *xa, unsigned long index);
void *__wrap_xa_load(struct xarray *xa, unsigned long index)
{
	struct call *c = mine();

	if (c->file && &dmirror_of(c->file)->pt == xa) {
		c->index = index;
		c->looked = false;
	}
	return __real_xa_load(xa, index);
}

/* -- data: the driver copies whole pages, one for each entry it looks up -- */

static u32 frame_of(const void *p)
{
	u64 offset = (u64)(size_t)p - KTREE_PHYS;

	return offset < (u64)VIEW_DEVICE_PFN << PAGE_SHIFT ?
		(u32)(offset >> PAGE_SHIFT) : 0;
}

static bool in_window(const void *p)
{
	return (u64)(size_t)p - KTREE_PHYS < (u64)VIEW_DEVICE_PFN << PAGE_SHIFT;
}

void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n)
{
	struct call *c;
	u64 va;

	if (n != PAGE_SIZE || !mine()->file ||
	    (!in_window(to) && !in_window(from)))
		return __real_memcpy(to, from, n);
	c = mine();
	va = (u64)c->index << PAGE_SHIFT;
	__real_memcpy(to, from, n);
	if (in_window(from) && !in_window(to)) {
		c->pfn[VIEW_PAGE(va) % PROG_PAGES] = frame_of(from);
		view_emit(EV_gpu_load, c->file->space, va,
			  VIEW_DATA(frame_of(from), *(const u32 *)from));
	} else if (in_window(to) && !in_window(from)) {
		view_emit(EV_gpu_store, c->file->space, va,
			  VIEW_DATA(frame_of(to), *(const u32 *)from));
	}
	return to;
}

/* -- the view -- */

/* By device: pages given back that the driver does not count, since their chunk
 * goes with them. */
static u32 uncounted[NDEVICES];

void ktree_page_goes(const struct page *page)
{
	const struct tree_dmirror_chunk *chunk =
		container_of(page->pgmap, struct tree_dmirror_chunk, pagemap);
	u32 i;

	for (i = 0; chunk->remove && i < NDEVICES; i++)
		if (chunk->mdevice == device_of(i))
			uncounted[i]++;
}

static const struct open_file *file_of_space(u32 space)
{
	return space < VIEW_SPACES ?
		__atomic_load_n(&spaces[space], __ATOMIC_ACQUIRE) : NULL;
}

static struct view_svmm svmm_answer(u32 space)
{
	const struct open_file *f = file_of_space(space);

	if (!f)
		return (struct view_svmm){ .live = false };
	return (struct view_svmm){
		.live = true,
		.mm = mm_slot_of(dmirror_of(f)->notifier.mm),
		.notifier = &dmirror_of(f)->notifier,
	};
}

static u64 entry_answer(u32 space, u64 va)
{
	const struct open_file *f = file_of_space(space);
	void *entry;

	if (!f)
		return VIEW_NONE;
	ktree_quiet++;
	entry = __real_xa_load(&dmirror_of(f)->pt, va >> PAGE_SHIFT);
	ktree_quiet--;
	return word_of(entry);
}

static u64 tlb_answer(u32 space, u64 va)
{
	return VIEW_NONE;
}

static struct view_page page_answer(u32 pfn)
{
	struct view_page v = view_mm.page(pfn);

	if (pfn >= VIEW_DEVICE_PFN && v.refcount > 0)
		v.backing = ktree_backing(pfn);
	return v;
}

static struct view_device device_answer(u32 dev)
{
	const struct tree_dmirror_device *d;
	struct view_device v = { .live = dev < NDEVICES };
	const struct dev_pagemap *pgmap;
	const struct page *page;
	u64 seen = 0, bit;
	u32 i;

	if (!v.live)
		return v;
	d = device_of(dev);
	for (i = 0; i < d->devmem_count; i++) {
		pgmap = &d->devmem_chunks[i]->pagemap;
		v.frames |= (~0ull >> (64 - (range_len(&pgmap->range) >>
					     PAGE_SHIFT))) <<
			    (ktree_view_pfn(PHYS_PFN(pgmap->range.start)) -
			     VIEW_DEVICE_PFN);
		v.ref += ktree_pgmap_ref(pgmap);
	}
	v.start = VIEW_DEVICE_PFN + (v.frames ? __builtin_ctzll(v.frames) : 0);
	v.nr = (u32)__builtin_popcountll(v.frames);
	v.allocated = (u32)(d->calloc - d->cfree) - uncounted[dev];
	for (page = d->free_pages; page && v.nr_free <= v.nr;
	     page = page->zone_device_data) {
		bit = 1ull << (ktree_view_pfn(page_to_pfn(page)) -
			       VIEW_DEVICE_PFN);
		v.free_twice |= seen & bit || page_ref_count(page) > 0;
		seen |= bit;
		v.nr_free++;
	}
	return v;
}

/* -- life -- */

int init_module(void);
void cleanup_module(void);

/* Once a process, before the image is sealed: the module's init. */
void ktree_dmirror_load(void)
{
	BUG_ON(init_module());
}

void dmirror_boot(void)
{
	ktree_tell_pgmaps();
	WARN_ON(dmirror_open(0, 0, 0));
	ktree_view_dmirror = view_mm;
	ktree_view_dmirror.svmm = svmm_answer;
	ktree_view_dmirror.gpu_entry = entry_answer;
	ktree_view_dmirror.gpu_tlb = tlb_answer;
	ktree_view_dmirror.page = page_answer;
	ktree_view_dmirror.device = device_answer;
}

void dmirror_halt(void)
{
	u32 i;

	for (i = 0; i < DMIRROR_FILES; i++)
		dmirror_close(i);
	cleanup_module();
}
