/* SPDX-License-Identifier: GPL-2.0 */
/*
 * migrate.h: moving pages.
 *
 * MODEL of <linux/migrate.h>, 6.12. Implementation: mm/migrate.c for moves
 * the kernel makes for itself, mm/migrate_device.c for those of a driver.
 */
#ifndef _LINUX_MIGRATE_H
#define _LINUX_MIGRATE_H

#include <linux/mm.h>

/* -- a driver's entry of src[] or dst[] -- */
#define MIGRATE_PFN_VALID	(1UL << 0)
#define MIGRATE_PFN_MIGRATE	(1UL << 1)
#define MIGRATE_PFN_WRITE	(1UL << 3)
/*
 * Unmap and pin, as posted in February 2021. In src[]: the page stays where it
 * is, off the LRU and pinned, and a page of the device stands for it in the page
 * tables. In dst[]: this is such a page, locked, and it comes back.
 */
#define MIGRATE_PFN_PIN		(1UL << 4)
#define MIGRATE_PFN_UNPIN	(1UL << 4)
#define MIGRATE_PFN_SHIFT	6

static inline struct page *migrate_pfn_to_page(unsigned long mpfn)
{
	if (!(mpfn & MIGRATE_PFN_VALID))
		return NULL;
	return pfn_to_page(mpfn >> MIGRATE_PFN_SHIFT);
}

static inline unsigned long migrate_pfn(unsigned long pfn)
{
	return (pfn << MIGRATE_PFN_SHIFT) | MIGRATE_PFN_VALID;
}

enum migrate_vma_direction {
	MIGRATE_VMA_SELECT_SYSTEM = 1 << 0,
	MIGRATE_VMA_SELECT_DEVICE_PRIVATE = 1 << 1,
	/* setup adds to src[] and leaves dst[] alone: the caller clears both,
	 * or puts MIGRATE_PFN_PIN there. */
	MIGRATE_VMA_KEEP_ARRAYS = 1 << 8,
};

/**
 * struct migrate_vma - one migration of a driver's [core 7]
 * @vma: what [start, end) lies in; mmap_lock is held throughout
 * @dst: the driver's pages, one entry a page; 0: this one stays
 * @src: what was collected; MIGRATE is cleared for what did not move
 * @cpages: entries of src[] with MIGRATE
 * @npages: entries
 * @start, @end: bytes
 * @pgmap_owner: whose device pages are selected, and whose callbacks may
 *	ignore the MIGRATE brackets
 * @flags: enum migrate_vma_direction
 * @fault_page: the device page whose fault this is, or NULL. The fault path
 *	(do_swap_page()) has a reference and the lock of it, which it tried for
 *	under the PTL, and drops both after ->migrate_to_ram(). So these calls
 *	take the lock as theirs and never drop it: whoever sleeps on a migration
 *	entry of this page is woken by the fault path's unlock [W-MIG7]
 * @id: number of this call in events; the port's
 */
struct migrate_vma {
	struct vm_area_struct *vma;
	unsigned long *dst;
	unsigned long *src;
	unsigned long cpages;
	unsigned long npages;
	unsigned long start;
	unsigned long end;
	void *pgmap_owner;
	unsigned long flags;
	struct page *fault_page;
	u32 id;
};

/* 0, or -EINVAL; with 0 and cpages 0 there is nothing to do: neither pages nor
 * finalize need be called. */
int migrate_vma_setup(struct migrate_vma *args);
void migrate_vma_pages(struct migrate_vma *migrate);
void migrate_vma_finalize(struct migrate_vma *migrate);

/* The same for page frames, without a VMA or mmap_lock [core 7.5]: those of
 * device pages that are mapped and not locked. 0, or -ENOMEM. */
int migrate_device_range(unsigned long *src_pfns, unsigned long start,
			 unsigned long npages);
void migrate_device_pages(unsigned long *src_pfns, unsigned long *dst_pfns,
			  unsigned long npages);
void migrate_device_finalize(unsigned long *src_pfns, unsigned long *dst_pfns,
			     unsigned long npages);

/* -- mm/migrate.c -- */

/* References a folio that only its mover and its mappings know may have,
 * beside those of entries: the mover's own and the page cache's. */
int folio_expected_refs(const struct address_space *mapping,
			const struct folio *folio);
/*
 * Make @newfolio stand where @folio, unmapped and locked as it is, stood in its
 * mapping. -EAGAIN: the references are not what they should be (@extra more are
 * known). migrate_flags copies what is left: dirty, uptodate, swapbacked.
 */
int folio_migrate_mapping(struct address_space *mapping, struct folio *newfolio,
			  struct folio *folio, int extra_count);
void folio_migrate_flags(struct folio *newfolio, struct folio *folio);
/* The same in mode MIGRATE_REFERENCED: whoever else has references. -EINVAL: not
 * anonymous. */
int folio_migrate_mapping_referenced(struct folio *newfolio,
				     struct folio *folio);
/*
 * Ask whose device page stands for @folio in page tables to give it back. Needs
 * a reference; no lock held; may sleep. 0: mapped as any page is; -EBUSY: not
 * this time, or there is nobody to be asked.
 */
int folio_revoke(struct folio *folio);

/*
 * One attempt to move an isolated folio (reason ISOLATE held, off the LRU) to
 * a fresh one of @gfp. 0: moved, the old one is freed. -EAGAIN, -ENOMEM: it is
 * as before and put back on the LRU. No lock held; may sleep.
 */
int migrate_folio_unmap_and_move(struct folio *folio, gfp_t gfp);

/* mm/memory_hotplug.c: empty the block of MOVABLE frames that holds @pfn, and
 * take it out of use. 0, -EBUSY after some attempts, -EINVAL: not MOVABLE. */
int offline_pages(unsigned long pfn);
/* Give the block back. */
void online_pages(unsigned long pfn);

#endif /* _LINUX_MIGRATE_H */
