/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_hmm.h: what the parts of the test_hmm driver share.
 *
 *   dmirror (open file) --mdevice--> dmirror_device --> dmirror_chunk (pgmap)
 *      | notifier                        | free_pages       |
 *      v                                 v                  v
 *   mm_struct                         device page --zone_device_data--> a page
 *                                                   of the system: the data
 *
 * Models the structures of lib/test_hmm.c, 6.12. Differences:
 *  - the table of a mirror is an array of the pages a program can name, not an
 *    xarray; an entry is a page and a tag all the same;
 *  - a chunk has DEVMEM_CHUNK_PAGES pages, a device at most DEVMEM_CHUNKS, and
 *    ranges are cut into batches of DMIRROR_BATCH pages instead of 64;
 *  - struct dmirror_window, dmirror_device.evict_lock and dmirror_chunk.used
 *    are ours: see test_hmm_migrate.c and test_hmm_devmem.c.
 */
#ifndef TARGETS_DMIRROR_TEST_HMM_H
#define TARGETS_DMIRROR_TEST_HMM_H

#include <linux/fs.h>
#include <linux/hmm.h>
#include <linux/list.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "targets/dmirror/test_hmm_uapi.h"

#define DMIRROR_NDEVICES	2
#define DEVMEM_CHUNK_PAGES	8
#define DEVMEM_CHUNKS		2
#define DMIRROR_BATCH		4

#define DPT_XA_TAG_ATOMIC	1ul
#define DPT_XA_TAG_WRITE	3ul

/* An entry of the table: a page, and a tag in the bits an address has spare. */
static inline void *xa_tag_pointer(void *p, unsigned long tag)
{
	return (void *)((unsigned long)p | tag);
}

static inline void *xa_untag_pointer(void *entry)
{
	return (void *)((unsigned long)entry & ~3ul);
}

static inline unsigned long xa_pointer_tag(void *entry)
{
	return (unsigned long)entry & 3ul;
}

struct dmirror_device;
struct task_struct;

/*
 * One file that is open. @mutex is the driver's lock of the fault-in protocol:
 * it protects @pt and @windows, and makes an invalidation and a change of the
 * table one step to each other. Entries hold no page reference. @space is the
 * number of the table in events.
 */
struct dmirror {
	struct dmirror_device *mdevice;
	void *pt[PROG_PAGES];
	struct mmu_interval_notifier notifier;
	struct mutex mutex;
	struct list_head windows;
	u32 space;
};

/*
 * The time from before an ioctl changes entries of the CPU's table itself to
 * its storing what it made in the mirror's. The sequence cannot say whether
 * somebody else changed them meanwhile, for the ioctl moves it too.
 *
 * All under dmirror->mutex. @stale: pages of [start, end) that others have
 * invalidated since, a mask of program pages. @entry: what the table had of
 * pages that may be about to migrate, by program page.
 */
struct dmirror_window {
	struct list_head list;
	struct task_struct *task;
	unsigned long start, end;	/* bytes */
	bool migrates;			/* owner of MIGRATE brackets of its task */
	u32 stale;
	void *entry[PROG_PAGES];
};

/* @used: pages that were handed out and are not free again; mdevice->lock.
 * @remove: they do not come back; set under the same. */
struct dmirror_chunk {
	struct dev_pagemap pagemap;
	struct dmirror_device *mdevice;
	u32 used;
	bool remove;
};

/*
 * @evict_lock: while it is held, a chunk that was found under devmem_lock
 * stays. Outermost: not to be taken with mmap_lock held or a page locked.
 * @devmem_lock: devmem_chunks, devmem_count. @lock: the three below it.
 * @removed: chunks that a RELEASE has taken off and not freed yet; evict_lock.
 */
struct dmirror_device {
	struct inode inode;		/* of the device node, for mappings */
	struct file file;
	u32 id;
	struct mutex evict_lock;
	struct mutex devmem_lock;
	u32 devmem_count;
	struct dmirror_chunk *devmem_chunks[DEVMEM_CHUNKS];
	struct dmirror_chunk *removed[DEVMEM_CHUNKS];
	spinlock_t lock;
	unsigned long calloc;
	unsigned long cfree;
	struct page *free_pages;	/* by zone_device_data */
};

/* What READ hands over, or WRITE was handed: a word a page. */
struct dmirror_word {
	u32 value;
	u32 pfn;			/* where it was read, for events */
};

/* One batch of a migration: at most DMIRROR_BATCH pages of one VMA. */
struct dmirror_batch {
	struct migrate_vma args;
	unsigned long src_pfns[DMIRROR_BATCH];
	unsigned long dst_pfns[DMIRROR_BATCH];
	struct dmirror_window *window;
};

struct dmirror_bounce {
	struct dmirror_word *ptr;
	unsigned long size;		/* pages */
	unsigned long addr;
	unsigned long cpages;
};

/* The page with the data of a page: its own unless it is a device's. */
static inline struct page *BACKING_PAGE(struct page *page)
{
	return is_device_private_page(page) ? page->zone_device_data : page;
}

/* -- test_hmm.c -- */

/* As current, whose mm is mirrored from here on. *@dmirror; 0, -ENOMEM,
 * -EINTR; -ENFILE: there were as many tables as events can number. */
int dmirror_fops_open(struct dmirror_device *mdevice, struct dmirror **dmirror);
/* The last reference to the file is gone: nobody is in an ioctl of it. */
int dmirror_fops_release(struct dmirror *dmirror);
/* 0 and the outputs of *@uarg, or minus an errno and they are as before. @uarg
 * NULL: the structure cannot be read. No lock held; may sleep. */
long dmirror_fops_unlocked_ioctl(struct dmirror *dmirror, unsigned int command,
				 struct hmm_dmirror_cmd *uarg);
/* inode->mmap of the device. */
int dmirror_fops_mmap(struct file *file, struct vm_area_struct *vma);

/* The whole range is read from the table, without a fault: 0, the data is in
 * the program's memory; -ENOENT, -EFAULT, -ENOMEM. Sets cmd->cpages. */
int dmirror_read_back(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd);

/* -- test_hmm_mirror.c -- */

extern const struct mmu_interval_notifier_ops dmirror_min_ops;

/* The number of the table: false, there is none left. Open and gone tell of a
 * table that is followed, and of one that nobody uses any more. */
bool dmirror_space_new(struct dmirror *dmirror);
void dmirror_space_open(struct dmirror *dmirror);
void dmirror_space_gone(struct dmirror *dmirror);
/* For the view: no lock. NULL: no open file has that number. The entry of its
 * table as a word of view.h. */
const struct dmirror *dmirror_of_space(u32 space);
u64 dmirror_entry(u32 space, u64 va);

/* The mirror's table; need dmirror->mutex, and @pfn is addr >> PAGE_SHIFT.
 * NULL: no entry. A range past what a program can name has none. */
void *dmirror_pt_load(const struct dmirror *dmirror, unsigned long pfn);
void dmirror_pt_store(struct dmirror *dmirror, unsigned long pfn, void *entry);
void dmirror_pt_erase(struct dmirror *dmirror, unsigned long pfn);

/*
 * Begin: what the task invalidates itself until the end leaves the window
 * alone, and what anybody else has invalidated before is over. Not with
 * mmap_lock held; sleeps. End needs no lock.
 */
void dmirror_window_begin(struct dmirror *dmirror,
			  struct dmirror_window *window, unsigned long start,
			  unsigned long end, bool migrates);
void dmirror_window_end(struct dmirror *dmirror,
			struct dmirror_window *window);
/* Was the page at @addr invalidated by others? Needs dmirror->mutex. */
bool dmirror_window_stale(const struct dmirror_window *window,
			  unsigned long addr);
/* The page at @addr stays: the table gets back what it had, if that is true
 * still. Not with the mutex held. */
void dmirror_window_put_back(struct dmirror *dmirror,
			     struct dmirror_window *window, unsigned long addr);

/* -- test_hmm_snapshot.c -- */
int dmirror_snapshot(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd);

/* -- test_hmm_exclusive.c -- */
int dmirror_check_atomic(struct dmirror *dmirror, unsigned long start,
			 unsigned long end);
int dmirror_exclusive(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd);

/* -- test_hmm_migrate.c -- */
int dmirror_migrate_to_system(struct dmirror *dmirror,
			      struct hmm_dmirror_cmd *cmd);
int dmirror_migrate_to_device(struct dmirror *dmirror,
			      struct hmm_dmirror_cmd *cmd);
/* @step for each batch of the range of @cmd. 0; -EINVAL: the mm is gone, or
 * there is nothing to read; what was done before stays. */
int dmirror_migrate(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd,
		    unsigned long flags,
		    void (*step)(struct dmirror *dmirror,
				 struct dmirror_batch *batch,
				 struct hmm_dmirror_cmd *cmd));
vm_fault_t dmirror_devmem_fault(struct vm_fault *vmf);
extern const struct dev_pagemap_ops dmirror_devmem_ops;	/* _devmem.c */

/* -- test_hmm_devmem.c -- */

/* 0 or -ENOMEM. */
int dmirror_device_init(struct dmirror_device *mdevice, u32 id);
/* Nobody has the device open. */
void dmirror_device_remove(struct dmirror_device *mdevice);
/* Bring home every page of the device, as far as it is not in somebody's hands
 * just now. No lock held but a mirror's opener may hold; sleeps. */
void dmirror_device_evict(struct dmirror_device *mdevice);
/* The same for all of them, and the device has no memory any more. */
void dmirror_device_remove_chunks(struct dmirror_device *mdevice);
struct dmirror_device *dmirror_page_to_device(struct page *page);
/* A locked page of the device with a TMP reference and a zeroed page behind
 * it; NULL: no memory. May sleep. */
struct page *dmirror_devmem_alloc_page(struct dmirror_device *mdevice);
/* The same without memory of its own: it stands for @old, which is locked and
 * pinned. */
struct page *dmirror_devmem_alloc_pin(struct dmirror_device *mdevice,
				      struct page *old);
/* The frame with the data of @dpage; NULL: it goes. */
void dmirror_set_backing(struct page *dpage, struct page *rpage);
/* lock_page() of a page that nobody else was told of. */
void dmirror_lock_new_page(struct page *page);

/* -- test_hmm_pin.c -- */
int dmirror_migrate_pin(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd);
/* dev_pagemap_ops.revoke */
int dmirror_devmem_revoke(struct page *page);

/* Does @dpage stand for a page? Needs its lock, or that nobody has it. */
bool dmirror_page_pins(const struct page *dpage);
/* Such a page is free: what it stood for goes. False: it is not one. */
bool dmirror_pin_free(struct page *dpage);
/* For dst[]: what @dpage stands for, locked; 0: that is locked by somebody. After
 * migrate_vma_pages(), and before finalize: those that came back. Need the locks
 * of the device pages. */
unsigned long dmirror_pin_dst(struct page *dpage);
void dmirror_pins_came_back(const unsigned long *src, const unsigned long *dst,
			    unsigned long npages);
/* An entry of the mirror goes, not by a migration of its own. Its mutex. */
void dmirror_pin_invalidated(void *entry);

#endif /* TARGETS_DMIRROR_TEST_HMM_H */
