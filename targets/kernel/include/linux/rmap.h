/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rmap.h: who maps a page.
 *
 * MODEL of <linux/rmap.h>: the counts and ANON_EXCLUSIVE of a page as entries
 * come and go; all need the PTL of the entry. Walks from a page to its
 * entries are not built: nothing of this slice moves pages.
 */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

#include <linux/mm.h>

/* @vma is about to get an anonymous page. 0, or -ENOMEM. mmap_lock, any mode. */
int anon_vma_prepare(struct vm_area_struct *vma);

/* The first entry of a fresh page: exclusive to @vma's mm. */
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address);
/* fork: one more entry of a page whose ANON_EXCLUSIVE was cleared here. */
int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page);
/* An entry is gone. */
void folio_remove_rmap_pte(struct folio *folio, struct page *page);

#endif /* _LINUX_RMAP_H */
