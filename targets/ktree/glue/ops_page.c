// SPDX-License-Identifier: GPL-2.0
/*
 * ops_page: pages that are taken for I/O or pinned for long, by the tree's
 * mm/gup.c, and the call that moves one, by its mm/migrate.c.
 */
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "targets/ktree/glue/ground.h"

long op_move(const u32 *arg);

/* -- pages that are taken -- */

/* The arrays of VMAs that nobody used went in 6.5. */
#if KT_SINCE(6, 5)
#define NO_VMAS
#else
#define NO_VMAS	NULL,
#endif

/*
 * Through the tables, with mmap_lock, which it may drop and take on the way.
 * Before 6.3 it may not if the pin is a long one.
 */
static long take_remote(struct mm_struct *mm, unsigned long addr, u32 kind,
			unsigned int flags, struct page **page)
{
	bool may_drop = KT_SINCE(6, 3) || !(flags & FOLL_LONGTERM);
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	if (kind == PROG_GUP_GET)
		ret = get_user_pages_remote(mm, addr, 1, flags, page, NO_VMAS
					    may_drop ? &locked : NULL);
	else
		ret = pin_user_pages_remote(mm, addr, 1, flags, page, NO_VMAS
					    may_drop ? &locked : NULL);
	if (locked)
		mmap_read_unlock(mm);
	return ret;
}

long page_take(struct mm_struct *mm, unsigned long addr, u32 kind,
	       unsigned int gup_flags, struct page **page)
{
	long ret;

	switch (kind) {
	case PROG_GUP_GET_FAST:
		ret = get_user_pages_fast(addr, 1, gup_flags, page);
		break;
	case PROG_GUP_PIN_FAST:
	case PROG_GUP_PIN_FAST_LONGTERM:
		ret = pin_user_pages_fast(addr, 1, gup_flags, page);
		break;
	default:
		ret = take_remote(mm, addr, kind, gup_flags, page);
	}
	if (ret == 1) {
		view_emit(EV_gup, page_frame(*page), gup_flags,
			  VIEW_CPU(mm_slot_of(mm), 0) | (u64)addr << 8);
		kt_release(*page);
	}
	return ret;
}

/* Who gives it back had it from who took it. */
void page_give_back(struct page *page, u32 kind)
{
	kt_acquire(page);
	view_emit(EV_gup_release, page_frame(page), 0, 0);
	if (gup_is_pin(kind))
		unpin_user_page(page);
	else
		put_page(page);
}

/* -- pages that move -- */

#if KT_SINCE(6, 6)
static struct folio *new_frame(struct folio *src, unsigned long private)
{
	return folio_alloc(GFP_HIGHUSER_MOVABLE, 0);
}
#else
static struct page *new_frame(struct page *src, unsigned long private)
{
	return alloc_page(GFP_HIGHUSER_MOVABLE);
}
#endif

/* A page's own, or NULL: none that is counted. mmap_lock is held. */
static struct page *page_get_at(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	struct page *page = NULL;
	pte_t *ptep = vma ? ktree_ptep(mm_slot_of(mm), addr) : NULL;
	spinlock_t *ptl;
	pte_t pte;

	if (!ptep)
		return NULL;
	ptl = pte_lockptr(mm, pmd_off(mm, addr));
	spin_lock(ptl);
	pte = ptep_get(ptep);
	if (pte_present(pte))
		page = vm_normal_page(vma, addr, pte);
	if (page)
		get_page(page);
	spin_unlock(ptl);
	return page;
}

/* Of mm/internal.h, which nobody outside mm/ can include. */
#if KT_SINCE(6, 3)
bool folio_isolate_lru(struct folio *folio);

static bool isolate(struct page *page)
{
	return folio_isolate_lru(page_folio(page));
}
#else
int isolate_lru_page(struct page *page);

static bool isolate(struct page *page)
{
	return !isolate_lru_page(page);
}
#endif

static long move(struct page *page)
{
	LIST_HEAD(pages);
	u32 pfn = page_frame(page);
	long ret;

	list_add(&page->lru, &pages);
	view_emit(EV_move_begin, pfn, 0, 0);
	ret = migrate_pages(&pages, new_frame, NULL, 0, MIGRATE_SYNC,
			    MR_SYSCALL, NULL);
	view_emit(EV_move_end, pfn, 0, ret ? (u64)-EBUSY : 0);
	if (ret)
		putback_movable_pages(&pages);
	return ret ? -EAGAIN : 0;
}

/* page, mm; one attempt */
long op_move(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	bool isolated = false;
	struct page *page;
	long ret;

	if (!mm)
		return -ESRCH;
	mmap_read_lock(mm);
	page = page_get_at(mm, VIEW_VA(arg[0]));
	if (page) {
		isolated = isolate(page);
		put_page(page);
	}
	mmap_read_unlock(mm);
	if (!page)
		ret = -ENOENT;
	else if (!isolated)
		ret = -EBUSY;
	else
		ret = move(page);
	return op_leave(mm, ret);
}
