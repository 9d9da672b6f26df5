// SPDX-License-Identifier: GPL-2.0
/*
 * gup_fast.c: references to the pages behind user addresses, without a lock.
 *
 * Models the second half of mm/gup.c, 6.12. Spec: core.md 6.9.1 b, c.
 *
 * Holds no lock, only the attention of whoever flushes a TLB or frees a page
 * table, who waits until we have left our section. A page is referenced before
 * we know that it may be, and then we look whether we were allowed to:
 *
 *	gup_fast()				migration of the page
 *	read the entry
 *						clear and flush the entry
 *	take the reference
 *	entry changed? [or the other		maybe pinned? [or this
 *	 side sees the reference]		 side sees the change]
 *	ANON_EXCLUSIVE?				clear ANON_EXCLUSIVE
 *
 * fork neither clears nor flushes what it shares, and so says that it is at
 * work: write_protect_seq is odd meanwhile, and pins taken beside it are
 * dropped again. What is not to be had here is left to the slow path, gup.c.
 *
 * Differences:
 *  - a long-term reference asks for the zone before it is taken, not after, as
 *    a zone never changes;
 *  - no long-term pin of a file's page for writing: inodes are not freed by
 *    RCU here, so nobody can ask which file it is of;
 *  - two levels of tables; of a huge entry each page is taken by itself.
 */
#include <linux/err.h>
#include <linux/huge_mm.h>
#include <linux/irqflags.h>
#include <linux/sched.h>

#include "targets/mm/gup.h"
#include "targets/mutation.h"

/* Of pages that may have been shared since: that is why they are unpinned. */
static void gup_fast_unpin_user_pages(struct page **pages, unsigned long npages)
{
	for (; npages; npages--, pages++)
		gup_put_folio(page_folio(*pages), FOLL_PIN);
}

/*
 * The fast path's reference. NULL: the page is free, or must be had the slow
 * way. A pin is counted before the entry is read again.
 */
static struct folio *try_grab_folio_fast(struct page *page, unsigned int flags)
{
	struct folio *folio = page_folio(page);

	if ((flags & FOLL_LONGTERM) && !folio_is_longterm_pinnable(folio))
		return NULL;
	return page_ref_try_add(page, gup_reason(flags)) ? folio : NULL;
}

/*
 * May the fast path hand out this page, of which it holds a reference? A file
 * that must hear of writes is kept from long-term pins by the slow path, which
 * knows the VMA.
 */
static bool gup_fast_folio_allowed(struct folio *folio, unsigned int flags)
{
	const unsigned int mask = FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE;

	return (flags & mask) != mask || folio_test_anon(folio);
}

/* The entry allows the access by itself: no VMA to ask. */
static bool pte_access_permitted(pte_t pte, bool write)
{
	return pte_present(pte) && !pte_protnone(pte) &&
	       (!write || pte_write(pte)) && !pte_special(pte);
}

/* The page of one entry, referenced; NULL: not this way. */
static struct page *gup_fast_pte(struct page_table *table, pmd_t *pmdp,
				 pte_t *ptep, unsigned int flags)
{
	pte_t pte = ptep_get_lockless(ptep);
	struct page *page;
	struct folio *folio;

	if (!pte_access_permitted(pte, flags & FOLL_WRITE))
		return NULL;
	page = pfn_to_page(pte_pfn(pte));
	folio = try_grab_folio_fast(page, flags);
	if (!folio)
		return NULL;
	/* The reference stands: whoever changes the entry from here sees it. */
	if (!pte_same(ptep_get_lockless(ptep), pte) ||
	    pmd_pgtable(pmdp) != table)
		goto put;
	if (!gup_fast_folio_allowed(folio, flags))
		goto put;
	rt_point(RT_SITE(RT_LOAD, "gup_must_unshare", NULL), page);
	if (!pte_write(pte) && gup_must_unshare(NULL, flags, page))
		goto put;
	return page;
put:
	if (!mutated(gup_fast_keeps_changed))
		gup_put_folio(folio, flags);
	return NULL;
}

/* The same of the part at @addr of the huge entry @pmd that was read. */
static struct page *gup_fast_pmd_page(pmd_t *pmdp, pte_t pmd,
				      unsigned long addr, unsigned int flags)
{
	struct page *page = pfn_to_page(pte_pfn(pmd_pte(pmd, addr)));
	struct folio *folio;

	if (!pte_access_permitted(pmd, flags & FOLL_WRITE))
		return NULL;
	folio = try_grab_folio_fast(page, flags);
	if (!folio)
		return NULL;
	if (!pte_same(pmdp_get_lockless(pmdp), pmd)) {
		if (!mutated(huge_gup_fast_keeps_changed))
			gup_put_folio(folio, flags);
		return NULL;
	}
	rt_point(RT_SITE(RT_LOAD, "gup_must_unshare", NULL), page);
	if (!pte_write(pmd) && gup_must_unshare(NULL, flags, page)) {
		gup_put_folio(folio, flags);
		return NULL;
	}
	return page;
}

/* False: a page was not to be had. */
static bool gup_fast_pmd_leaf(pmd_t *pmdp, pte_t pmd, unsigned long addr,
			      unsigned long end, unsigned int flags,
			      struct page **pages, int *nr)
{
	for (; addr < end; addr += PAGE_SIZE) {
		pages[*nr] = gup_fast_pmd_page(pmdp, pmd, addr, flags);
		if (!pages[*nr])
			return false;
		(*nr)++;
	}
	return true;
}

/* False: an entry was not to be had. */
static bool gup_fast_pte_range(struct page_table *table, pmd_t *pmdp,
			       unsigned long addr, unsigned long end,
			       unsigned int flags, struct page **pages, int *nr)
{
	for (; addr < end; addr += PAGE_SIZE) {
		pages[*nr] = gup_fast_pte(table, pmdp, pte_offset(table, addr),
					  flags);
		if (!pages[*nr])
			return false;
		(*nr)++;
	}
	return true;
}

/* No table of @mm is freed, and no flush of its TLBs ends, meanwhile. */
static void gup_fast_pmd_range(struct mm_struct *mm, unsigned long addr,
			       unsigned long end, unsigned int flags,
			       struct page **pages, int *nr)
{
	struct page_table *table;
	unsigned long next;
	pmd_t *pmdp;
	pte_t pmd;

	for (; addr < end; addr = next) {
		next = pmd_addr_end(addr, end);
		pmdp = pmd_offset(mm, addr);
		rt_point(RT_SITE(RT_LOAD, "pmdp_get_lockless", NULL), pmdp);
		pmd = pmdp_get(pmdp);
		if (unlikely(!pte_none(pmd))) {
			if (!gup_fast_pmd_leaf(pmdp, pmd, addr, next, flags,
					       pages, nr))
				return;
			continue;
		}
		table = pmd_pgtable(pmdp);
		if (!table)
			return;
		if (!gup_fast_pte_range(table, pmdp, addr, next, flags, pages,
					nr))
			return;
	}
}

/* The leading pages of [start, end) that are there already. Takes no lock. */
static unsigned long gup_fast(unsigned long start, unsigned long end,
			      unsigned int gup_flags, struct page **pages)
{
	bool section = !mutated(gup_fast_irqs_on);
	struct mm_struct *mm = current->mm;
	unsigned long flags = 0;
	int nr_pinned = 0, i;
	unsigned int seq = 0;

	if (gup_flags & FOLL_PIN) {
		seq = raw_read_seqcount(&mm->write_protect_seq);
		if (seq & 1)
			return 0;
	}
	if (section)
		local_irq_save(flags);
	gup_fast_pmd_range(mm, start, end, gup_flags, pages, &nr_pinned);
	if (section)
		local_irq_restore(flags);
	/* fork asked before our pins were there, and shares what it found. */
	if ((gup_flags & FOLL_PIN) && !mutated(gup_fast_skip_protect_seq) &&
	    read_seqcount_retry(&mm->write_protect_seq, seq)) {
		if (!mutated(gup_fast_keeps_forked))
			gup_fast_unpin_user_pages(pages, nr_pinned);
		return 0;
	}
	if (gup_flags & FOLL_PIN)
		sanity_check_pinned_pages(pages, nr_pinned);
	for (i = 0; i < nr_pinned; i++)
		gup_emit(mm, start + ((unsigned long)i << PAGE_SHIFT), pages[i],
			 gup_flags);
	return nr_pinned;
}

static int gup_fast_fallback(unsigned long start, unsigned long nr_pages,
			     unsigned int gup_flags, struct page **pages)
{
	struct mm_struct *mm = current->mm;
	unsigned long end, nr_pinned;
	int locked = 0;
	long ret;

	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE |
				       FOLL_PIN | FOLL_GET)))
		return -EINVAL;
	if (gup_flags & FOLL_PIN)
		mm_set_has_pinned_flag(mm);
	start &= PAGE_MASK;
	end = start + (nr_pages << PAGE_SHIFT);
	if (end < start)
		return -EOVERFLOW;
	if (start < USER_START || end > USER_END)
		return -EFAULT;

	nr_pinned = gup_fast(start, end, gup_flags, pages);
	if (nr_pinned == nr_pages)
		return nr_pinned;
	ret = __gup_longterm_locked(mm, start + (nr_pinned << PAGE_SHIFT),
				    nr_pages - nr_pinned, pages + nr_pinned,
				    &locked,
				    gup_flags | FOLL_TOUCH | FOLL_UNLOCKABLE);
	/* Who has some pages must be able to drop them. */
	if (ret < 0)
		return nr_pinned ? (int)nr_pinned : ret;
	return ret + nr_pinned;
}

int get_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_GET))
		return -EINVAL;
	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}

int pin_user_pages_fast(unsigned long start, int nr_pages,
			unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return -EINVAL;
	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}
