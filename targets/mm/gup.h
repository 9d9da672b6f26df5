/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gup.h: what the slow and the fast half of get_user_pages share.
 */
#ifndef TARGETS_MM_GUP_H
#define TARGETS_MM_GUP_H

#include "targets/mm/internal.h"

/* Flags between the two halves. */
#define FOLL_TOUCH		(1 << 16)	/* mark accessed, or dirty */
#define FOLL_TRIED		(1 << 17)	/* the lock was dropped once */
#define FOLL_REMOTE		(1 << 18)	/* of another task's mm */
#define FOLL_UNLOCKABLE		(1 << 21)	/* the lock may be dropped */

#define INTERNAL_GUP_FLAGS	(FOLL_TOUCH | FOLL_TRIED | FOLL_REMOTE | \
				 FOLL_PIN | FOLL_UNLOCKABLE)

/* What events say of a reference. */
#define GUP_VISIBLE_FLAGS	(~INTERNAL_GUP_FLAGS | FOLL_PIN)

/* What kind of reference @flags ask for: enum view_ref. */
static inline unsigned int gup_reason(unsigned int flags)
{
	return flags & FOLL_PIN ? VIEW_REF_PIN : VIEW_REF_GUP;
}

/* Tells the journal: the page at @addr is the caller's from here on. */
void gup_emit(struct mm_struct *mm, unsigned long addr, struct page *page,
	      unsigned int flags);
/* A pinned page that fork or a migration has shared is a pin of nothing. */
void sanity_check_pinned_pages(struct page **pages, unsigned long npages);
/* Drops what @flags took; may free the page. */
void gup_put_folio(struct folio *folio, unsigned int flags);
/* Before the first pin, and for good: fork looks at pages only if it is set. */
void mm_set_has_pinned_flag(struct mm_struct *mm);
/*
 * Would a pin of this read-only mapping go astray, as the next write makes a
 * copy? Short-term pins of a file's page may. @vma: NULL in the fast path,
 * which does not know, and which holds a reference already; else the PTL is
 * held.
 */
bool gup_must_unshare(struct vm_area_struct *vma, unsigned int flags,
		      struct page *page);
/* What callers may say, and what is added to it. */
bool is_valid_gup_args(struct page **pages, int *locked,
		       unsigned int *gup_flags_p, unsigned int to_set);
/*
 * The slow path, with FOLL_LONGTERM of pages that may stay. Pages got, or minus
 * an errno. *locked 0: takes mmap_lock. If it was taken here, or dropped on the
 * way, *locked is 0 at return and it is not held.
 */
long __gup_longterm_locked(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, struct page **pages,
			   int *locked, unsigned int gup_flags);

#endif /* TARGETS_MM_GUP_H */
