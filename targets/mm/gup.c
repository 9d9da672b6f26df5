// SPDX-License-Identifier: GPL-2.0
/*
 * gup.c: references to the pages behind user addresses.
 *
 * Models mm/gup.c, 6.12. Spec: core.md 6.9, 6.9.1.
 *
 * FOLL_GET takes a reference, which says that somebody looks at the page.
 * FOLL_PIN takes one that weighs GUP_PIN_COUNTING_BIAS and says that somebody
 * accesses what is in it, so that it must stay the page of its address: every
 * pinned anonymous page is ANON_EXCLUSIVE, and whoever would end that (fork,
 * a migration) asks folio_maybe_dma_pinned() first and leaves the page alone.
 * A page that is not exclusive is therefore unshared before it is pinned.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock		read; from the caller or taken here
 *     table->ptl		while an entry is judged and its page referenced
 *
 * The half that takes neither is in gup_fast.c.
 *
 * Differences:
 *  - there is no NUMA hinting: an entry without rights belongs to a VMA without
 *    rights, which only FOLL_FORCE reaches, and is followed by the slow path;
 *  - a long-term pin does not keep the pages it faults in out of MOVABLE, they
 *    are moved like others; one attempt to move a page ends with the page back
 *    on the LRU, so an attempt is repeated with all of GUP, as often as upstream
 *    repeats it with the page isolated;
 *  - no hugetlb, no secret memory, no coherent device pages, no FOLL_ANON,
 *    NOFAULT, INTERRUPTIBLE or PCI_P2PDMA;
 *  - a huge entry is followed page by page.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/migrate.h>
#include <linux/sched/signal.h>

#include "targets/mm/gup.h"
#include "targets/mutation.h"

/* How often a page that does not move is tried. */
#define NR_MAX_MIGRATE_PAGES_RETRY	10

void gup_emit(struct mm_struct *mm, unsigned long addr, struct page *page,
	      unsigned int flags)
{
	view_emit(EV_gup, page_to_pfn(page), flags & GUP_VISIBLE_FLAGS,
		  VIEW_CPU(mm->slot, 0) | (u64)addr << 8);
}

void sanity_check_pinned_pages(struct page **pages, unsigned long npages)
{
	for (; npages; npages--, pages++)
		VM_BUG_ON_PAGE(PageAnon(*pages) && !PageAnonExclusive(*pages),
			       *pages);
}

void gup_put_folio(struct folio *folio, unsigned int flags)
{
	if ((flags & FOLL_PIN) && is_zero_pfn(folio_pfn(folio)))
		return;
	page_ref_put(&folio->page, gup_reason(flags));
}

/* The page is there: it is mapped, and the PTL held. */
static void try_grab_folio(struct folio *folio, unsigned int flags)
{
	if ((flags & FOLL_PIN) && is_zero_pfn(folio_pfn(folio)))
		return;
	page_ref_inc(&folio->page, gup_reason(flags));
}

/* @page: pinned, by any of the functions here. May free it. */
void unpin_user_page(struct page *page)
{
	sanity_check_pinned_pages(&page, 1);
	view_emit(EV_gup_release, page_to_pfn(page), FOLL_PIN, 0);
	gup_put_folio(page_folio(page), FOLL_PIN);
}

void put_user_page(struct page *page)
{
	view_emit(EV_gup_release, page_to_pfn(page), FOLL_GET, 0);
	gup_put_folio(page_folio(page), FOLL_GET);
}

void mm_set_has_pinned_flag(struct mm_struct *mm)
{
	if (mutated(gup_skip_has_pinned))
		return;
	if (!test_bit(MMF_HAS_PINNED, &mm->flags))
		set_bit(MMF_HAS_PINNED, &mm->flags);
}

bool gup_must_unshare(struct vm_area_struct *vma, unsigned int flags,
		      struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN)
		return false;
	if (!PageAnon(page))
		return (flags & FOLL_LONGTERM) &&
		       (!vma || is_cow_mapping(vma->vm_flags));
	return !PageAnonExclusive(page);
}

/* Nothing is mapped. NULL: fault it in; a core dump leaves a hole instead. */
static struct page *no_page_table(struct vm_area_struct *vma,
				  unsigned int flags)
{
	if ((flags & FOLL_DUMP) && vma_is_anonymous(vma))
		return ERR_PTR(-EFAULT);
	return NULL;
}

/* FOLL_FORCE writes a private page whose VMA does not let its own mm do so. */
static bool can_follow_write_pte(pte_t pte, struct page *page,
				 struct vm_area_struct *vma, unsigned int flags)
{
	if (pte_write(pte))
		return true;
	if (!(flags & FOLL_FORCE))
		return false;
	if (vma->vm_flags & VM_SHARED)
		return false;
	if (!(vma->vm_flags & VM_MAYWRITE))
		return false;
	/* Here a write fault does what is needed. */
	if (vma->vm_flags & VM_WRITE)
		return false;
	if (!page || !PageAnon(page) || !PageAnonExclusive(page))
		return false;
	return !pte_uffd_wp(pte);
}

/*
 * What @pte allows @flags to have, under the PTL: the page, NULL if a fault
 * must come first, -EMLINK if one that unshares, another error otherwise.
 */
static struct page *follow_present_pte(struct vm_area_struct *vma,
				       unsigned long address, pte_t pte,
				       unsigned int flags)
{
	struct page *page = vm_normal_page(vma, address, pte);

	if ((flags & FOLL_WRITE) &&
	    !can_follow_write_pte(pte, page, vma, flags))
		return NULL;
	if (!page) {
		if (flags & FOLL_DUMP)
			return ERR_PTR(-EFAULT);
		if (!is_zero_pfn(pte_pfn(pte)))
			return ERR_PTR(-EEXIST);
		page = pfn_to_page(ZERO_PFN);
	}
	if (!pte_write(pte) && !mutated(gup_skip_unshare) &&
	    gup_must_unshare(vma, flags, page))
		return ERR_PTR(-EMLINK);
	VM_BUG_ON_PAGE((flags & FOLL_PIN) && PageAnon(page) &&
		       !PageAnonExclusive(page), page);
	return page;
}

/* As above, and with the reference; address is of a page of @vma. */
static struct page *follow_page_pte(struct vm_area_struct *vma,
				    unsigned long address, pmd_t *pmd,
				    unsigned int flags)
{
	struct page *page;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	ptep = pte_offset_map_lock(vma->vm_mm, pmd, address, &ptl);
	if (!ptep)
		return no_page_table(vma, flags);
	pte = ptep_get(ptep);
	if (!pte_present(pte)) {
		pte_unmap_unlock(ptep, ptl);
		return pte_none(pte) ? no_page_table(vma, flags) : NULL;
	}
	page = follow_present_pte(vma, address, pte, flags);
	if (!IS_ERR_OR_NULL(page)) {
		try_grab_folio(page_folio(page), flags);
		gup_emit(vma->vm_mm, address, page, flags);
		if ((flags & (FOLL_TOUCH | FOLL_WRITE)) ==
		    (FOLL_TOUCH | FOLL_WRITE) && !pte_dirty(pte))
			folio_mark_dirty(page_folio(page));
	}
	pte_unmap_unlock(ptep, ptl);
	return page;
}

/* Under the lock of @pmd, which is huge. As follow_page_pte(). */
static struct page *follow_huge_pmd(struct vm_area_struct *vma,
				    unsigned long address, pmd_t *pmd,
				    unsigned int flags)
{
	pte_t pte = pmd_pte(pmdp_get(pmd), address);
	struct page *page = follow_present_pte(vma, address, pte, flags);

	if (IS_ERR_OR_NULL(page))
		return page;
	try_grab_folio(page_folio(page), flags);
	gup_emit(vma->vm_mm, address, page, flags);
	if (flags & FOLL_TOUCH)
		touch_pmd(vma, address, pmd, flags & FOLL_WRITE);
	return page;
}

/* A huge entry was seen; it may be gone by the time its lock is had. */
static struct page *follow_pmd(struct vm_area_struct *vma,
			       unsigned long address, pmd_t *pmd,
			       unsigned int flags)
{
	spinlock_t *ptl = &vma->vm_mm->page_table_lock;
	struct page *page;

	if (flags & FOLL_SPLIT_PMD) {
		split_huge_pmd_address(vma, address, NULL);
		return follow_page_pte(vma, address, pmd, flags);
	}
	spin_lock(ptl);
	if (pmd_trans_huge(pmd)) {
		page = follow_huge_pmd(vma, address, pmd, flags);
		spin_unlock(ptl);
		return page;
	}
	spin_unlock(ptl);
	return follow_page_pte(vma, address, pmd, flags);
}

static struct page *follow_page_mask(struct vm_area_struct *vma,
				     unsigned long address, unsigned int flags)
{
	pmd_t *pmd = pmd_offset(vma->vm_mm, address);

	address &= PAGE_MASK;
	if (unlikely(pmd_trans_huge(pmd)))
		return follow_pmd(vma, address, pmd, flags);
	return follow_page_pte(vma, address, pmd, flags);
}

static int vm_fault_to_errno(vm_fault_t vm_fault)
{
	return vm_fault & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
}

/*
 * 0: look again. -EBUSY: nothing was done that could be waited for, or
 * mmap_lock was dropped, and then *locked is 0. -EFAULT, -ENOMEM.
 */
static int faultin_page(struct vm_area_struct *vma, unsigned long address,
			unsigned int flags, bool unshare, int *locked)
{
	unsigned int fault_flags = 0;
	vm_fault_t ret;

	if (flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	if (flags & FOLL_REMOTE)
		fault_flags |= FAULT_FLAG_REMOTE;
	if (flags & FOLL_UNLOCKABLE)
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	if (flags & FOLL_NOWAIT)
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT;
	if (flags & FOLL_TRIED)
		fault_flags |= FAULT_FLAG_TRIED;
	if (unshare)
		fault_flags |= FAULT_FLAG_UNSHARE;

	ret = handle_mm_fault(vma, address, fault_flags);
	if (ret & VM_FAULT_ERROR)
		return vm_fault_to_errno(ret);
	if (ret & VM_FAULT_RETRY) {
		if (!(fault_flags & FAULT_FLAG_RETRY_NOWAIT))
			*locked = 0;
		return -EBUSY;
	}
	return 0;
}

/*
 * A real file must hear of each first write: not of those through a long-term
 * pin, which come at any time.
 */
static bool writable_file_mapping_allowed(struct vm_area_struct *vma,
					  unsigned int gup_flags)
{
	const struct inode *inode = file_inode(vma->vm_file);

	if ((gup_flags & (FOLL_PIN | FOLL_LONGTERM)) !=
	    (FOLL_PIN | FOLL_LONGTERM))
		return true;
	if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return true;
	return inode->shmem || inode->device;
}

static int check_vma_flags(struct vm_area_struct *vma, unsigned int gup_flags)
{
	vm_flags_t vm_flags = vma->vm_flags;

	if (vm_flags & (VM_IO | VM_PFNMAP))
		return -EFAULT;
	if (gup_flags & FOLL_WRITE) {
		if (!vma_is_anonymous(vma) &&
		    !writable_file_mapping_allowed(vma, gup_flags))
			return -EFAULT;
		if (!(vm_flags & VM_WRITE) &&
		    (!(gup_flags & FOLL_FORCE) || !is_cow_mapping(vm_flags)))
			return -EFAULT;
	} else if (!(vm_flags & VM_READ)) {
		if (!(gup_flags & FOLL_FORCE) || !(vm_flags & VM_MAYREAD))
			return -EFAULT;
	}
	return 0;
}

/* One page, faulted in as needed: referenced, or an error, see faultin_page(). */
static struct page *gup_one_page(struct vm_area_struct *vma,
				 unsigned long start, unsigned int gup_flags,
				 int *locked)
{
	struct page *page;
	int ret;

	for (;;) {
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
		page = follow_page_mask(vma, start, gup_flags);
		if (page && PTR_ERR(page) != -EMLINK)
			return page;
		ret = faultin_page(vma, start, gup_flags, page, locked);
		if (ret)
			return ERR_PTR(ret);
	}
}

/* Pages got; if none, an error, or 0 where mmap_lock was dropped, or would be. */
static long __get_user_pages(struct mm_struct *mm, unsigned long start,
			     unsigned long nr_pages, unsigned int gup_flags,
			     struct page **pages, int *locked)
{
	struct vm_area_struct *vma = NULL;
	struct page *page;
	long ret = 0, i;

	for (i = 0; i < (long)nr_pages; i++, start += PAGE_SIZE) {
		if (!vma || start >= vma->vm_end) {
			vma = vma_lookup(mm, start);
			ret = vma ? check_vma_flags(vma, gup_flags) : -EFAULT;
			if (ret)
				break;
		}
		page = gup_one_page(vma, start, gup_flags, locked);
		if (IS_ERR(page)) {
			ret = PTR_ERR(page) == -EBUSY ? 0 : PTR_ERR(page);
			break;
		}
		pages[i] = page;
	}
	return i ? i : ret;
}

/*
 * The page whose fault dropped mmap_lock, until it is there: 1, or why not.
 * Takes the lock; *locked tells whether it is held.
 */
static long gup_retry_page(struct mm_struct *mm, unsigned long start,
			   struct page **pages, int *locked, unsigned int flags)
{
	long ret;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = mmap_read_lock_killable(mm);
		if (ret)
			return ret;
		*locked = 1;
		ret = __get_user_pages(mm, start, 1, flags | FOLL_TRIED, pages,
				       locked);
	} while (!*locked);
	return ret;
}

/*
 * *locked 0: takes mmap_lock. Dropped on the way, or taken here: *locked is 0
 * at return and it is not held.
 */
static long __get_user_pages_locked(struct mm_struct *mm, unsigned long start,
				    unsigned long nr_pages, struct page **pages,
				    int *locked, unsigned int flags)
{
	bool must_unlock = false;
	unsigned long done = 0;
	long ret = 0;

	if (!nr_pages)
		return 0;
	if (!*locked) {
		if (mmap_read_lock_killable(mm))
			return -EAGAIN;
		must_unlock = true;
		*locked = 1;
	} else {
		mmap_assert_locked(mm);
	}
	if (flags & FOLL_PIN)
		mm_set_has_pinned_flag(mm);
	else
		flags |= FOLL_GET;

	while (done < nr_pages) {
		ret = __get_user_pages(mm, start + (done << PAGE_SHIFT),
				       nr_pages - done, flags, pages + done,
				       locked);
		if (ret > 0)
			done += ret;
		if (*locked)
			break;
		/* Somebody may have unmapped all of it meanwhile. */
		must_unlock = true;
		ret = gup_retry_page(mm, start + (done << PAGE_SHIFT),
				     pages + done, locked, flags);
		if (ret != 1)
			break;
		done++;
	}
	if (must_unlock && *locked) {
		mmap_read_unlock(mm);
		*locked = 0;
	}
	if (!done && WARN_ON_ONCE(!ret && !(flags & FOLL_NOWAIT)))
		return -EFAULT;
	return done ? (long)done : ret;
}

/*
 * Isolates what must not be pinned for long, as a chain by page->next that
 * begins at *@first. The number found; one that cannot be isolated now counts.
 */
static unsigned long
collect_longterm_unpinnable_folios(u32 *first, struct page **pages,
				   unsigned long nr_pages)
{
	unsigned long collected = 0, i;

	*first = 0;
	for (i = 0; i < nr_pages; i++) {
		if (folio_is_longterm_pinnable(page_folio(pages[i])))
			continue;
		collected++;
		if (!folio_isolate_lru(page_folio(pages[i])))
			continue;
		pages[i]->next = *first;
		*first = page_to_pfn(pages[i]);
	}
	return collected;
}

/*
 * Unpins all: a page with a pin does not move. -EAGAIN: all isolated ones have
 * moved; -EBUSY: some not, this time; -ENOMEM.
 */
static long migrate_longterm_unpinnable_folios(u32 first, struct page **pages,
					       unsigned long nr_pages)
{
	long err, ret = -EAGAIN;
	struct page *page;
	unsigned long i;

	for (i = 0; i < nr_pages; i++) {
		view_emit(EV_gup_release, page_to_pfn(pages[i]), FOLL_PIN, 0);
		gup_put_folio(page_folio(pages[i]), FOLL_PIN);
	}
	while (first) {
		page = pfn_to_page(first);
		first = page->next;
		err = migrate_folio_unmap_and_move(page_folio(page), GFP_USER);
		if (err == -EAGAIN)
			err = -EBUSY;
		if (err && ret != -ENOMEM)
			ret = err;
	}
	return ret;
}

/* 0: all may stay pinned. Else nothing is pinned any more, see above. */
static long check_and_migrate_movable_pages(unsigned long nr_pages,
					    struct page **pages)
{
	u32 first;

	if (!collect_longterm_unpinnable_folios(&first, pages, nr_pages))
		return 0;
	return migrate_longterm_unpinnable_folios(first, pages, nr_pages);
}

/*
 * Two that want the same page out of MOVABLE memory keep each other from
 * isolating it. Upstream tries without bound, and time sorts them out; where a
 * strategy has the say they could go on for ever.
 */
#define LONGTERM_ROUNDS	30

long __gup_longterm_locked(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, struct page **pages,
			   int *locked, unsigned int gup_flags)
{
	u32 attempts = NR_MAX_MIGRATE_PAGES_RETRY, rounds = LONGTERM_ROUNDS;
	long rc, nr_pinned;

	for (;;) {
		nr_pinned = __get_user_pages_locked(mm, start, nr_pages, pages,
						    locked, gup_flags);
		if (nr_pinned <= 0 || !(gup_flags & FOLL_LONGTERM))
			return nr_pinned;
		rc = check_and_migrate_movable_pages(nr_pinned, pages);
		if (!rc)
			return nr_pinned;
		if ((rc == -EBUSY && !--attempts) || !--rounds)
			rc = -ENOMEM;
		if (rc == -ENOMEM)
			return rc;
		/* Whoever has isolated one of them must get on with it. */
		cpu_relax();
	}
}

bool is_valid_gup_args(struct page **pages, int *locked,
		       unsigned int *gup_flags_p, unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p;

	if (WARN_ON_ONCE(gup_flags & INTERNAL_GUP_FLAGS))
		return false;
	gup_flags |= to_set;
	if (locked) {
		if (WARN_ON_ONCE(*locked != 1))
			return false;
		gup_flags |= FOLL_UNLOCKABLE;
	}
	if (WARN_ON_ONCE((gup_flags & (FOLL_PIN | FOLL_GET)) ==
			 (FOLL_PIN | FOLL_GET)))
		return false;
	if (WARN_ON_ONCE((gup_flags & (FOLL_PIN | FOLL_LONGTERM)) ==
			 FOLL_LONGTERM))
		return false;
	if (WARN_ON_ONCE(!pages))
		return false;
	*gup_flags_p = gup_flags;
	return true;
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked)
{
	int local_locked = 1;

	if (!is_valid_gup_args(pages, locked, &gup_flags,
			       FOLL_TOUCH | FOLL_REMOTE))
		return -EINVAL;
	return __get_user_pages_locked(mm, start, nr_pages, pages,
				       locked ? locked : &local_locked,
				       gup_flags);
}

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked)
{
	int local_locked = 1;

	if (!is_valid_gup_args(pages, locked, &gup_flags,
			       FOLL_PIN | FOLL_TOUCH | FOLL_REMOTE))
		return 0;
	return __gup_longterm_locked(mm, start, nr_pages, pages,
				     locked ? locked : &local_locked,
				     gup_flags);
}
