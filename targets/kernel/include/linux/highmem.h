/* SPDX-License-Identifier: GPL-2.0 */
/*
 * highmem.h: the content of a page, one cell.
 *
 * MODEL. A program's own races on its memory are its business, so accesses
 * are relaxed atomics: no tool must report them as races of the port.
 */
#ifndef _LINUX_HIGHMEM_H
#define _LINUX_HIGHMEM_H

#include <linux/mm.h>

static inline u32 page_load(const struct page *page)
{
	return __atomic_load_n(&page->value, __ATOMIC_RELAXED);
}

static inline void page_store(struct page *page, u32 value)
{
	__atomic_store_n(&page->value, value, __ATOMIC_RELAXED);
}

/* Tells the journal. */
void copy_user_highpage(struct page *to, struct page *from,
			unsigned long vaddr, struct vm_area_struct *vma);

#endif /* _LINUX_HIGHMEM_H */
