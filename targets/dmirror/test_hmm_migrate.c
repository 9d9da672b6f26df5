// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_migrate: pages of a process to the device and back.
 *
 * Models the migration part of lib/test_hmm.c, 6.12; spec core.md 7,
 * dmirror-and-hmm-tests.md 2, 3 and 7.
 *
 * What the table has of a range is taken out of it by setup's bracket, and kept
 * in the ioctl's window (test_hmm_mirror.c): entries of pages that stay are
 * wanted by the read-back, so they are put back, after setup for what was not
 * collected, after finalize for what did not move after all.
 *
 * Lock order: see test_hmm.c. mmap_lock and the locks of the pages that move
 * are held from setup to finalize, and dmirror->mutex just around the table.
 *
 * Differences from upstream:
 *  - what was invalidated since setup is not stored (W-T1);
 *  - a CPU's fault does not follow the page to the file that brought it there,
 *    which may be closed and gone (W-T6): its device is all it needs, for every
 *    table was cleared by the bracket.
 */
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/sched/mm.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

static void dmirror_migrate_alloc_and_copy(struct dmirror_batch *batch,
					   struct dmirror *dmirror)
{
	struct migrate_vma *args = &batch->args;
	const unsigned long *src = args->src;
	unsigned long *dst = args->dst;
	unsigned long addr;

	for (addr = args->start; addr < args->end;
	     addr += PAGE_SIZE, src++, dst++) {
		struct page *spage, *dpage, *rpage;

		if (!(*src & MIGRATE_PFN_MIGRATE))
			continue;

		/* NULL: nothing is there yet, or the zero page. */
		spage = migrate_pfn_to_page(*src);
		if (WARN_ON(spage && is_device_private_page(spage)))
			continue;

		dpage = dmirror_devmem_alloc_page(dmirror->mdevice);
		if (!dpage)
			continue;
		rpage = BACKING_PAGE(dpage);

		/* A page of the system is zeroed as it comes. */
		if (spage)
			copy_user_highpage(rpage, spage, addr, args->vma);

		/* Who brought it, for the historic ways back. */
		rpage->zone_device_data = dmirror;

		*dst = migrate_pfn(page_to_pfn(dpage));
		if ((*src & MIGRATE_PFN_WRITE) ||
		    (!spage && args->vma->vm_flags & VM_WRITE))
			*dst |= MIGRATE_PFN_WRITE;
	}
}

/* What the table is to have of page @i now; NULL: it did not move. */
static void *dmirror_migrated_entry(const struct dmirror_batch *batch, int i)
{
	unsigned long src = batch->src_pfns[i], dst = batch->dst_pfns[i];
	struct page *dpage;
	void *entry;

	/* Only now is it known which pages did move. */
	if (!(src & MIGRATE_PFN_MIGRATE) && !mutated(dm_skip_src_reread))
		return NULL;
	dpage = migrate_pfn_to_page(dst);
	if (!dpage)
		return NULL;
	entry = BACKING_PAGE(dpage);
	if (dst & MIGRATE_PFN_WRITE)
		entry = xa_tag_pointer(entry, DPT_XA_TAG_WRITE);
	return entry;
}

static void dmirror_migrate_finalize_and_map(struct dmirror_batch *batch,
					     struct dmirror *dmirror)
{
	const struct migrate_vma *args = &batch->args;
	unsigned long addr = args->start;

	mutex_lock(&dmirror->mutex);
	for (int i = 0; addr < args->end; addr += PAGE_SIZE, i++) {
		void *entry = dmirror_migrated_entry(batch, i);

		if (!entry)
			continue;
		if (dmirror_window_stale(batch->window, addr) &&
		    !mutated(dm_t1_map_without_seq))
			continue;
		dmirror_pt_store(dmirror, addr >> PAGE_SHIFT, entry);
	}
	mutex_unlock(&dmirror->mutex);
}

/* What of the batch does not, or did not move is the table's again. */
static void dmirror_batch_put_back(struct dmirror *dmirror,
				   struct dmirror_batch *batch)
{
	const struct migrate_vma *args = &batch->args;
	unsigned long addr = args->start;

	for (int i = 0; addr < args->end; addr += PAGE_SIZE, i++)
		if (batch->window->entry[VIEW_PAGE(addr)] &&
		    !(args->src[i] & MIGRATE_PFN_MIGRATE))
			dmirror_window_put_back(dmirror, batch->window, addr);
}

/*
 * The historic ways back clear one table, that of the file that brought the
 * page: without its mutex, or with it but in no other file of the same mm.
 */
static void dmirror_fault_erase(struct dmirror *opener, unsigned long addr)
{
	if (mutated(dm_erases_without_mutex)) {
		dmirror_pt_erase(opener, addr >> PAGE_SHIFT);
	} else if (mutated(dm_erases_opener_only)) {
		mutex_lock(&opener->mutex);
		dmirror_pt_erase(opener, addr >> PAGE_SHIFT);
		mutex_unlock(&opener->mutex);
	}
}

static void dmirror_devmem_fault_alloc_and_copy(struct migrate_vma *args)
{
	const unsigned long *src = args->src;
	unsigned long *dst = args->dst;
	unsigned long addr;

	for (addr = args->start; addr < args->end;
	     addr += PAGE_SIZE, src++, dst++) {
		struct page *dpage, *spage;

		spage = migrate_pfn_to_page(*src);
		if (!spage || !(*src & MIGRATE_PFN_MIGRATE))
			continue;
		if (WARN_ON(!is_device_private_page(spage)))
			continue;
		if (dmirror_page_pins(spage)) {
			*dst = dmirror_pin_dst(spage);
			continue;
		}
		spage = BACKING_PAGE(spage);
		dpage = alloc_page_vma(GFP_HIGHUSER_MOVABLE, args->vma, addr);
		if (!dpage)
			continue;

		dmirror_lock_new_page(dpage);
		dmirror_fault_erase(spage->zone_device_data, addr);
		if (!mutated(dm_fault_skip_copy))
			copy_user_highpage(dpage, spage, addr, args->vma);
		*dst = migrate_pfn(page_to_pfn(dpage));
		if (*src & MIGRATE_PFN_WRITE)
			*dst |= MIGRATE_PFN_WRITE;
	}
}

static unsigned long
dmirror_successful_migrated_pages(const struct migrate_vma *migrate)
{
	unsigned long cpages = 0;

	for (unsigned long i = 0; i < migrate->npages; i++) {
		if (migrate->src[i] & MIGRATE_PFN_VALID &&
		    migrate->src[i] & MIGRATE_PFN_MIGRATE)
			cpages++;
	}
	return cpages;
}

/* Set up the batch that begins at @addr, of pages that @flags select. 0, and
 * what was collected is locked; -EINVAL. Needs mmap_lock. */
static int dmirror_batch_setup(struct dmirror *dmirror,
			       struct dmirror_batch *batch,
			       struct dmirror_window *window,
			       unsigned long addr, unsigned long flags)
{
	struct vm_area_struct *vma = vma_lookup(dmirror->notifier.mm, addr);
	unsigned long next;

	if (!vma || !(vma->vm_flags & VM_READ))
		return -EINVAL;
	next = min(window->end, addr + (DMIRROR_BATCH << PAGE_SHIFT));

	*batch = (struct dmirror_batch){ .window = window };
	batch->args.vma = vma;
	batch->args.src = batch->src_pfns;
	batch->args.dst = batch->dst_pfns;
	batch->args.start = addr;
	batch->args.end = min(next, vma->vm_end);
	batch->args.pgmap_owner = dmirror->mdevice;
	batch->args.flags = flags;
	for (u32 i = 0; flags & MIGRATE_VMA_KEEP_ARRAYS && i < DMIRROR_BATCH; i++)
		batch->src_pfns[i] = MIGRATE_PFN_PIN;
	return migrate_vma_setup(&batch->args);
}

static void dmirror_batch_to_system(struct dmirror *dmirror,
				    struct dmirror_batch *batch,
				    struct hmm_dmirror_cmd *cmd)
{
	struct migrate_vma *args = &batch->args;

	dmirror_devmem_fault_alloc_and_copy(args);
	migrate_vma_pages(args);
	dmirror_pins_came_back(args->src, args->dst, args->npages);
	cmd->cpages += dmirror_successful_migrated_pages(args);
	migrate_vma_finalize(args);
}

static void dmirror_batch_to_device(struct dmirror *dmirror,
				    struct dmirror_batch *batch,
				    struct hmm_dmirror_cmd *cmd)
{
	struct migrate_vma *args = &batch->args;

	dmirror_migrate_alloc_and_copy(batch, dmirror);
	migrate_vma_pages(args);
	dmirror_migrate_finalize_and_map(batch, dmirror);
	migrate_vma_finalize(args);
}

int dmirror_migrate(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd,
		    unsigned long flags,
		    void (*step)(struct dmirror *dmirror,
				 struct dmirror_batch *batch,
				 struct hmm_dmirror_cmd *cmd))
{
	unsigned long end = cmd->addr + (cmd->npages << PAGE_SHIFT);
	struct mm_struct *mm = dmirror->notifier.mm;
	struct dmirror_window window;
	struct dmirror_batch batch;
	unsigned long addr;
	int ret = 0;

	/* It is another process' mm, and may be gone. */
	if (!mmget_not_zero(mm))
		return -EINVAL;

	dmirror_window_begin(dmirror, &window, cmd->addr, end, true);
	mmap_read_lock(mm);
	for (addr = cmd->addr; addr < end; addr = batch.args.end) {
		ret = dmirror_batch_setup(dmirror, &batch, &window, addr,
					  flags);
		if (ret)
			break;
		dmirror_batch_put_back(dmirror, &batch);
		step(dmirror, &batch, cmd);
		dmirror_batch_put_back(dmirror, &batch);
	}
	if (!(ret && mutated(dm_migrate_keeps_mmap_lock)))
		mmap_read_unlock(mm);
	dmirror_window_end(dmirror, &window);
	mmput(mm);
	return ret;
}

int dmirror_migrate_to_system(struct dmirror *dmirror,
			      struct hmm_dmirror_cmd *cmd)
{
	return dmirror_migrate(dmirror, cmd, MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
			       dmirror_batch_to_system);
}

int dmirror_migrate_to_device(struct dmirror *dmirror,
			      struct hmm_dmirror_cmd *cmd)
{
	int ret = dmirror_migrate(dmirror, cmd, MIGRATE_VMA_SELECT_SYSTEM,
				  dmirror_batch_to_device);

	/* What is not in the table by now was not migrated. */
	return ret ? ret : dmirror_read_back(dmirror, cmd);
}

/*
 * Whose pages come home: the device's. The historic way to it was through the
 * file that brought @page, which kept no reference to that file.
 */
static struct dmirror_device *dmirror_fault_device(struct page *page)
{
	struct dmirror *opener;

	if (!mutated(dm_fault_follows_opener) || dmirror_page_pins(page))
		return dmirror_page_to_device(page);
	opener = BACKING_PAGE(page)->zone_device_data;
	rt_point(RT_SITE(RT_LOAD, "dmirror_fault_device", NULL), opener);
	return opener->mdevice;
}

/* A CPU touched vmf->page, which is referenced. */
vm_fault_t dmirror_devmem_fault(struct vm_fault *vmf)
{
	unsigned long src_pfns = 0;
	unsigned long dst_pfns = 0;
	struct migrate_vma args = {
		.vma = vmf->vma,
		.start = vmf->address,
		.end = vmf->address + PAGE_SIZE,
		.src = &src_pfns,
		.dst = &dst_pfns,
		.pgmap_owner = dmirror_fault_device(vmf->page),
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
		.fault_page = vmf->page,
	};

	if (migrate_vma_setup(&args))
		return VM_FAULT_SIGBUS;
	dmirror_devmem_fault_alloc_and_copy(&args);
	migrate_vma_pages(&args);
	dmirror_pins_came_back(args.src, args.dst, 1);
	migrate_vma_finalize(&args);
	return 0;
}
