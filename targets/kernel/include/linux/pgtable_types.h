/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable_types.h: the words of a page table. MODEL, stands where upstream has
 * asm/pgtable_types.h; our own encoding, used through <linux/pgtable.h> only.
 *
 *	63      12  11   10   9    8    6    5    1  0
 *	[  pfn   ]  S-D  UWP  SPC  PNO  D    A    W  P
 *
 * A word that is neither zero nor present (P or PNO) is a swap-type entry;
 * none exist before migration and device pages do.
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

typedef struct { u64 pte; } pte_t;
typedef struct { u64 pgprot; } pgprot_t;

#define PTRS_PER_PTE	PROG_PAGES
#define PMD_START	VIEW_BASE
#define PMD_END		VIEW_VA(PTRS_PER_PTE)

/* One page-table page; @ptl protects @pte[]. */
struct page_table {
	spinlock_t ptl;
	pte_t pte[PTRS_PER_PTE];
};

typedef struct { struct page_table *table; } pmd_t;

#endif /* _LINUX_PGTABLE_TYPES_H */
