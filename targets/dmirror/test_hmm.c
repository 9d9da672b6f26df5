// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm: a device that is nothing but a table of pages, for testing HMM:
 * opening and closing it, reading and writing through the table, faults.
 *
 * Models lib/test_hmm.c, 6.12, in its order; spec dmirror-and-hmm-tests.md and
 * dmirror-contract.md. The rest of that file is in test_hmm_mirror.c (the table
 * and its callback), test_hmm_devmem.c (memory of the device),
 * test_hmm_migrate.c, test_hmm_exclusive.c and test_hmm_snapshot.c; what an
 * older series added to it in test_hmm_pin.c.
 *
 * Lock order, outermost first:
 *
 *   mdevice->evict_lock	close and RELEASE
 *   mm->mmap_lock		read, all that walks or changes the CPU's tables
 *     folio lock		of pages that migrate or become exclusive
 *       mdevice->devmem_lock	a chunk comes or goes
 *       dmirror->mutex		the mirror's table; every invalidation
 *         mdevice->lock	the list of free pages
 *
 * Nothing that could raise an invalidation is called with dmirror->mutex held.
 *
 * Differences from upstream:
 *  - a page of the device that is found by a fault is stored as the page behind
 *    it, as a migration does; upstream stores the device's page, which has no
 *    content;
 *  - no WARN if a write fault finds a page of the device that may only be read:
 *    a program can bring that about; -EFAULT is returned all the same.
 */
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

static int dmirror_bounce_init(struct dmirror_bounce *bounce,
			       unsigned long addr, unsigned long npages)
{
	bounce->addr = addr;
	bounce->size = npages;
	bounce->cpages = 0;
	bounce->ptr = kvmalloc_array(npages, sizeof(*bounce->ptr), GFP_KERNEL);
	if (!bounce->ptr)
		return -ENOMEM;
	return 0;
}

static void dmirror_bounce_fini(struct dmirror_bounce *bounce)
{
	kvfree(bounce->ptr);
}

/* To the program's memory; -EFAULT: not accessible. */
static int dmirror_bounce_out(struct dmirror *dmirror,
			      const struct dmirror_bounce *bounce,
			      struct dmirror_buffer *to)
{
	if (to->fault)
		return -EFAULT;
	for (unsigned long i = 0; i < bounce->size; i++) {
		const struct dmirror_word *word = &bounce->ptr[i];

		to->value[i] = word->value;
		view_emit(EV_dmirror_read, dmirror->space,
			  bounce->addr + (i << PAGE_SHIFT),
			  VIEW_DATA(word->pfn, word->value));
	}
	to->nr = (u32)bounce->size;
	return 0;
}

static int dmirror_bounce_in(struct dmirror_bounce *bounce,
			     const struct dmirror_buffer *from)
{
	if (from->fault)
		return -EFAULT;
	for (unsigned long i = 0; i < bounce->size; i++)
		bounce->ptr[i].value = from->value[i];
	return 0;
}

/* -- the file -- */

int dmirror_fops_open(struct dmirror_device *mdevice, struct dmirror **pdmirror)
{
	struct dmirror *dmirror;
	int ret;

	dmirror = kzalloc(sizeof(*dmirror), GFP_KERNEL);
	if (!dmirror)
		return -ENOMEM;
	dmirror->mdevice = mdevice;
	mutex_init(&dmirror->mutex);
	INIT_LIST_HEAD(&dmirror->windows);
	rt_name(dmirror, "dmirror", -1);
	rt_name(&dmirror->notifier, "dmirror->notifier", -1);

	ret = -ENFILE;
	if (!dmirror_space_new(dmirror))
		goto out_free;
	ret = mmu_interval_notifier_insert(&dmirror->notifier, current->mm, 0,
					   ULONG_MAX & PAGE_MASK,
					   &dmirror_min_ops);
	if (ret)
		goto out_free;
	dmirror_space_open(dmirror);
	*pdmirror = dmirror;
	return 0;

out_free:
	kfree(dmirror);
	return ret;
}

int dmirror_fops_release(struct dmirror *dmirror)
{
	struct dmirror_device *mdevice = dmirror->mdevice;

	/* Nobody is left who could look at the table, or store in it. */
	dmirror_space_gone(dmirror);
	mmu_interval_notifier_remove(&dmirror->notifier);

	if (!mutated(dm_close_skip_evict))
		dmirror_device_evict(mdevice);

	view_emit(EV_dmirror_close, dmirror->space, mdevice->id, 0);
	kfree(dmirror);
	return 0;
}

/* -- faults -- */

static int dmirror_do_fault(struct dmirror *dmirror, struct hmm_range *range)
{
	unsigned long *pfns = range->hmm_pfns;
	unsigned long pfn;

	for (pfn = range->start >> PAGE_SHIFT; pfn < range->end >> PAGE_SHIFT;
	     pfn++, pfns++) {
		struct page *page;
		void *entry;

		/* It was asked to fault in what it did not find. */
		WARN_ON(*pfns & HMM_PFN_ERROR);
		WARN_ON(!(*pfns & HMM_PFN_VALID));

		page = hmm_pfn_to_page(*pfns);
		entry = mutated(dm_stores_device_page) ? page :
			BACKING_PAGE(page);
		if (*pfns & HMM_PFN_WRITE)
			entry = xa_tag_pointer(entry, DPT_XA_TAG_WRITE);
		else if (range->default_flags & HMM_PFN_WRITE)
			return -EFAULT;
		view_emit(EV_driver_map, dmirror->space, pfn << PAGE_SHIFT,
			  (u64)(size_t)range->notifier);
		dmirror_pt_store(dmirror, pfn, entry);
	}
	return 0;
}

static int dmirror_range_fault(struct dmirror *dmirror, struct hmm_range *range)
{
	struct mm_struct *mm = dmirror->notifier.mm;
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	int ret;

	for (;;) {
		bool retry = false;

		if (time_after(jiffies, timeout))
			return -EBUSY;

		range->notifier_seq = mmu_interval_read_begin(range->notifier);
		mmap_read_lock(mm);
		ret = hmm_range_fault(range);
		mmap_read_unlock(mm);
		if (ret == -EBUSY)
			continue;
		if (ret)
			return ret;

		if (mutated(dm_retry_before_lock))
			retry = mmu_interval_read_retry(range->notifier,
							range->notifier_seq);
		mutex_lock(&dmirror->mutex);
		if (!mutated(dm_retry_before_lock))
			retry = mmu_interval_read_retry(range->notifier,
							range->notifier_seq);
		if (!retry || mutated(dm_skip_retry))
			break;
		mutex_unlock(&dmirror->mutex);
	}

	ret = dmirror_do_fault(dmirror, range);

	mutex_unlock(&dmirror->mutex);
	return ret;
}

/* Everything of [start, end) is in the table, as far as nobody invalidated it
 * since. 0; -EFAULT, -EPERM: no such access; -EBUSY, -ENOMEM. */
static int dmirror_fault(struct dmirror *dmirror, unsigned long start,
			 unsigned long end, bool write)
{
	struct mm_struct *mm = dmirror->notifier.mm;
	unsigned long addr;
	unsigned long pfns[DMIRROR_BATCH];
	struct hmm_range range = {
		.notifier = &dmirror->notifier,
		.hmm_pfns = pfns,
		.pfn_flags_mask = 0,
		.default_flags =
			HMM_PFN_REQ_FAULT | (write ? HMM_PFN_REQ_WRITE : 0),
		.dev_private_owner = dmirror->mdevice,
	};
	int ret = 0;

	/* It is another process' mm, and may be gone. */
	if (!mmget_not_zero(mm))
		return mutated(dm_dead_mm_fault_spins) ? 0 : -EFAULT;

	for (addr = start; addr < end; addr = range.end) {
		range.start = addr;
		range.end = min(addr + (DMIRROR_BATCH << PAGE_SHIFT), end);

		ret = dmirror_range_fault(dmirror, &range);
		if (ret)
			break;
	}

	mmput(mm);
	return ret;
}

/* -- READ and WRITE -- */

/* Needs the mutex, or what is found may be gone while it is read. */
static int dmirror_do_read(struct dmirror *dmirror, unsigned long start,
			   unsigned long end, struct dmirror_bounce *bounce)
{
	struct dmirror_word *ptr = bounce->ptr +
				   ((start - bounce->addr) >> PAGE_SHIFT);
	unsigned long pfn;

	for (pfn = start >> PAGE_SHIFT; pfn < end >> PAGE_SHIFT; pfn++, ptr++) {
		struct page *page =
			xa_untag_pointer(dmirror_pt_load(dmirror, pfn));

		if (!page)
			return -ENOENT;

		rt_point(RT_SITE(RT_LOAD, "memcpy_from_page", NULL), page);
		ptr->value = page_load(page);
		ptr->pfn = (u32)page_to_pfn(page);
		view_emit(EV_gpu_load, dmirror->space, pfn << PAGE_SHIFT,
			  VIEW_DATA(ptr->pfn, ptr->value));
		bounce->cpages++;
	}
	return 0;
}

static int dmirror_read(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	unsigned long start = cmd->addr;
	unsigned long end = start + (cmd->npages << PAGE_SHIFT);
	struct dmirror_bounce bounce;
	int ret;

	ret = dmirror_bounce_init(&bounce, start, cmd->npages);
	if (ret)
		return ret;

	for (;;) {
		bool locked = !mutated(dm_read_without_lock);

		if (locked)
			mutex_lock(&dmirror->mutex);
		ret = dmirror_do_read(dmirror, start, end, &bounce);
		if (locked)
			mutex_unlock(&dmirror->mutex);
		if (ret != -ENOENT)
			break;

		start = cmd->addr + (bounce.cpages << PAGE_SHIFT);
		ret = dmirror_fault(dmirror, start, end, false);
		if (ret)
			break;
		cmd->faults++;
	}

	if (!ret)
		ret = dmirror_bounce_out(dmirror, &bounce, cmd->ptr);
	cmd->cpages = bounce.cpages;
	dmirror_bounce_fini(&bounce);
	return ret;
}

/* As for reading. */
static int dmirror_do_write(struct dmirror *dmirror, unsigned long start,
			    unsigned long end, struct dmirror_bounce *bounce)
{
	const struct dmirror_word *ptr = bounce->ptr +
				((start - bounce->addr) >> PAGE_SHIFT);
	unsigned long pfn;

	for (pfn = start >> PAGE_SHIFT; pfn < end >> PAGE_SHIFT; pfn++, ptr++) {
		void *entry = dmirror_pt_load(dmirror, pfn);
		struct page *page = xa_untag_pointer(entry);

		if (!page || (xa_pointer_tag(entry) != DPT_XA_TAG_WRITE &&
			      !mutated(dm_writes_readonly_entry)))
			return -ENOENT;

		rt_point(RT_SITE(RT_STORE, "memcpy_to_page", NULL), page);
		page_store(page, ptr->value);
		view_emit(EV_gpu_store, dmirror->space, pfn << PAGE_SHIFT,
			  VIEW_DATA(page_to_pfn(page), ptr->value));
		bounce->cpages++;
	}
	return 0;
}

static int dmirror_write(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	unsigned long start = cmd->addr;
	unsigned long end = start + (cmd->npages << PAGE_SHIFT);
	struct dmirror_bounce bounce;
	int ret;

	ret = dmirror_bounce_init(&bounce, start, cmd->npages);
	if (ret)
		return ret;
	ret = dmirror_bounce_in(&bounce, cmd->ptr);
	if (ret)
		goto fini;

	for (;;) {
		mutex_lock(&dmirror->mutex);
		ret = dmirror_do_write(dmirror, start, end, &bounce);
		mutex_unlock(&dmirror->mutex);
		if (ret != -ENOENT)
			break;

		start = cmd->addr + (bounce.cpages << PAGE_SHIFT);
		ret = dmirror_fault(dmirror, start, end, true);
		if (ret)
			break;
		cmd->faults++;
	}

fini:
	cmd->cpages = bounce.cpages;
	dmirror_bounce_fini(&bounce);
	return ret;
}

int dmirror_read_back(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	unsigned long end = cmd->addr + (cmd->npages << PAGE_SHIFT);
	struct dmirror_bounce bounce;
	int ret;

	ret = dmirror_bounce_init(&bounce, cmd->addr, cmd->npages);
	if (ret)
		return ret;
	mutex_lock(&dmirror->mutex);
	ret = dmirror_do_read(dmirror, cmd->addr, end, &bounce);
	mutex_unlock(&dmirror->mutex);
	if (!ret)
		ret = dmirror_bounce_out(dmirror, &bounce, cmd->ptr);
	cmd->cpages = bounce.cpages;
	dmirror_bounce_fini(&bounce);
	return ret;
}

/* -- ioctls -- */

static int dmirror_command(struct dmirror *dmirror, unsigned int command,
			   struct hmm_dmirror_cmd *cmd)
{
	switch (command) {
	case HMM_DMIRROR_READ:
		return dmirror_read(dmirror, cmd);
	case HMM_DMIRROR_WRITE:
		return dmirror_write(dmirror, cmd);
	case HMM_DMIRROR_MIGRATE_TO_DEV:
		return dmirror_migrate_to_device(dmirror, cmd);
	case HMM_DMIRROR_MIGRATE_TO_SYS:
		return dmirror_migrate_to_system(dmirror, cmd);
	case HMM_DMIRROR_EXCLUSIVE:
		return dmirror_exclusive(dmirror, cmd);
	case HMM_DMIRROR_CHECK_EXCLUSIVE:
		return dmirror_check_atomic(dmirror, cmd->addr, cmd->addr +
					    (cmd->npages << PAGE_SHIFT));
	case HMM_DMIRROR_SNAPSHOT:
		return dmirror_snapshot(dmirror, cmd);
	case HMM_DMIRROR_RELEASE:
		dmirror_device_remove_chunks(dmirror->mdevice);
		return 0;
	case HMM_DMIRROR_MIGRATE_PIN:
		return dmirror_migrate_pin(dmirror, cmd);
	default:
		return -EINVAL;
	}
}

long dmirror_fops_unlocked_ioctl(struct dmirror *dmirror, unsigned int command,
				 struct hmm_dmirror_cmd *uarg)
{
	struct hmm_dmirror_cmd cmd;
	int ret;

	if (!uarg)
		return -EFAULT;
	cmd = *uarg;
	if (cmd.addr & ~PAGE_MASK)
		return -EINVAL;
	if (cmd.addr >= cmd.addr + (cmd.npages << PAGE_SHIFT))
		return -EINVAL;

	cmd.cpages = 0;
	cmd.faults = 0;
	ret = dmirror_command(dmirror, command, &cmd);
	if (ret)
		return ret;
	*uarg = cmd;
	return 0;
}

int dmirror_fops_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long addr;

	for (addr = vma->vm_start; addr < vma->vm_end; addr += PAGE_SIZE) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		int ret;

		if (!page)
			return -ENOMEM;

		ret = vm_insert_page(vma, addr, page);
		put_page(page);
		if (ret)
			return ret;
	}
	return 0;
}
