/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable_types.h: the words of a page table. MODEL, stands where upstream has
 * asm/pgtable_types.h; our own encoding, used through <linux/pgtable.h> only.
 *
 *	63      12  11   10   9    8    6    5    4  1  0
 *	[  pfn   ]  S-D  UWP  SPC  PNO  D    A    -  W  P	present
 *	[  pfn   ]  S-D  UWP  -    0    D    A    type  0	swap-type
 *
 * A word that is neither zero nor present (P or PNO) is a swap-type entry
 * (swapops.h); its type is never 0.
 *
 * Scaled down: a table has eight entries instead of 512, so that a program of
 * PROG_PAGES pages has several tables, holes without one, and room for a huge
 * mapping.
 */
#ifndef _LINUX_PGTABLE_TYPES_H
#define _LINUX_PGTABLE_TYPES_H

#include <linux/types.h>
#include <linux/spinlock.h>
#include "targets/view.h"

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#define _PAGE_PRESENT	(1ull << 0)
#define _PAGE_RW	(1ull << 1)
#define _PAGE_ACCESSED	(1ull << 5)
#define _PAGE_DIRTY	(1ull << 6)
#define _PAGE_PROTNONE	(1ull << 8)
#define _PAGE_SPECIAL	(1ull << 9)
#define _PAGE_UFFD_WP	(1ull << 10)
#define _PAGE_SOFT_DIRTY (1ull << 11)
#define _PAGE_SWP_TYPE_SHIFT	1
#define _PAGE_SWP_TYPE_MASK	15u

typedef struct { u64 pte; } pte_t;
typedef struct { u64 pgprot; } pgprot_t;

#define PTRS_PER_PTE	8
#define PTRS_PER_PMD	(PROG_PAGES / PTRS_PER_PTE)
#define PMD_SHIFT	(PAGE_SHIFT + 3)
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))

/* What an mm's page tables cover: the pages a program can name. */
#define USER_START	VIEW_BASE
#define USER_END	VIEW_VA(PROG_PAGES)

_Static_assert(PROG_PAGES % PTRS_PER_PTE == 0, "whole tables");
_Static_assert(VIEW_BASE % (PTRS_PER_PTE * VIEW_PAGE_SIZE) == 0, "aligned");

/* One page-table page; @ptl protects @pte[]. */
struct page_table {
	spinlock_t ptl;
	pte_t pte[PTRS_PER_PTE];
};

/*
 * Neither @table nor @huge: none. @huge, a word as in pte_t of the first page:
 * one entry maps PTRS_PER_PTE pages (huge_mm.h), and @deposit is the table for
 * the day it is split. All change under mm->page_table_lock. Who reads without
 * it reads @huge first: a split stores @table before it clears @huge, and a
 * table that is linked stays as long as mmap_lock is held.
 */
typedef struct {
	struct page_table *table;
	u64 huge;
	struct page_table *deposit;
} pmd_t;

#endif /* _LINUX_PGTABLE_TYPES_H */
