/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memremap.h: pages of a device's own memory.
 *
 * MODEL of <linux/memremap.h>, 6.12: MEMORY_DEVICE_PRIVATE only, ranges given
 * in page frames. Implementation: mm/memremap.c.
 */
#ifndef _LINUX_MEMREMAP_H
#define _LINUX_MEMREMAP_H

#include <linux/mm.h>
#include <linux/wait.h>

struct vm_fault;

enum memory_type { MEMORY_DEVICE_PRIVATE = 1 };

/**
 * struct dev_pagemap_ops - what a driver does with its pages
 * @page_free: the last reference is gone; the page is the driver's again
 * @migrate_to_ram: a CPU touched vmf->page, which is referenced; 0 (also
 *	without progress: the access is tried again) or VM_FAULT_SIGBUS
 * @revoke: somebody wants to move @page, a page of the system that one of the
 *	driver's stands for, and has a reference; 0: it is mapped again. NULL: the
 *	driver keeps it until a CPU touches it
 */
struct dev_pagemap_ops {
	void (*page_free)(struct page *page);
	vm_fault_t (*migrate_to_ram)(struct vm_fault *vmf);
	int (*revoke)(struct page *page);
};

/**
 * struct dev_pagemap - a range of device page frames
 * @type, @ops, @owner: the driver's; owner is compared, never followed
 * @device: the driver's; number of its device in events and the view
 * @start: first pfn, set by memremap_pages()
 * @nr: pages, set by the driver
 * @ref: live pages, plus 1 until memunmap_pages() begins
 * @dying: memunmap_pages() began; no page may be handed out any more
 */
struct dev_pagemap {
	enum memory_type type;
	const struct dev_pagemap_ops *ops;
	void *owner;
	u32 device;
	unsigned long start;
	u32 nr;
	u32 ref;
	u32 dying;
};

/* Take a run of unused device frames: their pages are free, of refcount 0.
 * 0, or -ENOMEM; -EINVAL: no pages, or more than there are frames. */
int memremap_pages(struct dev_pagemap *pgmap);
/* Marks it dying and sleeps until every page was freed; then the frames may
 * be taken again. */
void memunmap_pages(struct dev_pagemap *pgmap);

/* The driver hands out a free page of its own: refcount 1 (TMP), locked. */
void zone_device_page_init(struct page *page);

static inline bool is_device_private_page(const struct page *page)
{
	return is_zone_device_page(page);
}

static inline bool folio_is_device_private(const struct folio *folio)
{
	return is_zone_device_page(&folio->page);
}

/*
 * The device page that stands in page tables for @page, a page of the system
 * whose data stays where it is; NULL: none. Set under the lock of @page; without
 * it the answer may be wrong by the time it is there.
 */
struct page *page_lender(const struct page *page);
void page_set_lender(struct page *page, struct page *lender);

/* For page_ref_put(): the last reference of a device page went. */
void free_zone_device_folio(struct folio *folio);

#endif /* _LINUX_MEMREMAP_H */
