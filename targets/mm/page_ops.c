// SPDX-License-Identifier: GPL-2.0
/*
 * page_ops.c: a call on a file's size, and those on pages themselves: taken,
 * moved, taken out of use.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/ops.h"

/* -- files -- */

/* file, pages */
long op_truncate(const u32 *arg)
{
	struct file *file = op_file(arg[0]);

	if (IS_ERR(file))
		return PTR_ERR(file);
	truncate_setsize(file_inode(file), arg[1] * PAGE_SIZE);
	return file_leave(file, 0);
}

/* -- pages that are taken; taken_ops.c has the calls -- */

u32 page_frame(const struct page *page)
{
	return page_to_pfn(page);
}

u32 frame_load(u32 frame)
{
	return page_load(pfn_to_page(frame));
}

void frame_store(u32 frame, u32 value)
{
	page_store(pfn_to_page(frame), value);
}

/* Through the tables, with mmap_lock, which it may drop and take on the way. */
static long take_remote(struct mm_struct *mm, unsigned long addr, u32 kind,
			unsigned int flags, struct page **page)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
	if (kind == PROG_GUP_GET)
		ret = get_user_pages_remote(mm, addr, 1, flags, page, &locked);
	else
		ret = pin_user_pages_remote(mm, addr, 1, flags, page, &locked);
	if (locked)
		mmap_read_unlock(mm);
	return ret;
}

long page_take(struct mm_struct *mm, unsigned long addr, u32 kind,
	       unsigned int gup_flags, struct page **page)
{
	switch (kind) {
	case PROG_GUP_GET_FAST:
		return get_user_pages_fast(addr, 1, gup_flags, page);
	case PROG_GUP_PIN_FAST:
	case PROG_GUP_PIN_FAST_LONGTERM:
		return pin_user_pages_fast(addr, 1, gup_flags, page);
	default:
		return take_remote(mm, addr, kind, gup_flags, page);
	}
}

void page_give_back(struct page *page, u32 kind)
{
	if (gup_is_pin(kind))
		unpin_user_page(page);
	else
		put_user_page(page);
}

/* -- pages that move -- */

/* As page_lock_at(), of a huge entry. NULL: it is none any more. */
static struct page *page_lock_huge(struct mm_struct *mm, unsigned long addr,
				   spinlock_t **ptl)
{
	pmd_t *pmd = pmd_offset(mm, addr);

	*ptl = &mm->page_table_lock;
	spin_lock(*ptl);
	if (pmd_trans_huge(pmd))
		return pfn_to_page(pte_pfn(pmd_pte(pmdp_get(pmd), addr)));
	spin_unlock(*ptl);
	return NULL;
}

/*
 * The page that @mm has at @addr, under the PTL returned in *@ptl; NULL: none
 * that is counted, and nothing held. mmap_lock is held throughout.
 */
static struct page *page_lock_at(struct mm_struct *mm, unsigned long addr,
				 pte_t **ptep, spinlock_t **ptl)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	pmd_t *pmd = pmd_offset(mm, addr);
	struct page *page = NULL;
	pte_t pte;

	*ptep = NULL;
	if (!vma)
		return NULL;
	if (unlikely(pmd_trans_huge(pmd))) {
		page = page_lock_huge(mm, addr, ptl);
		if (page)
			return page;
	}
	*ptep = pte_offset_map_lock(mm, pmd, addr, ptl);
	if (!*ptep)
		return NULL;
	pte = ptep_get(*ptep);
	if (pte_present(pte))
		page = vm_normal_page(vma, addr, pte);
	if (!page)
		pte_unmap_unlock(*ptep, *ptl);
	return page;
}

/* page, mm; one attempt */
long op_move(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	bool isolated = false;
	struct page *page;
	spinlock_t *ptl;
	pte_t *ptep;
	long ret;

	if (!mm)
		return -ESRCH;
	mmap_read_lock(mm);
	page = page_lock_at(mm, VIEW_VA(arg[0]), &ptep, &ptl);
	if (page) {
		isolated = folio_isolate_lru(page_folio(page));
		pte_unmap_unlock(ptep, ptl);
	}
	mmap_read_unlock(mm);
	if (!page)
		ret = -ENOENT;
	else if (!isolated)
		ret = -EBUSY;
	else
		ret = migrate_folio_unmap_and_move(page_folio(page),
						   GFP_HIGHUSER_MOVABLE);
	return op_leave(mm, ret);
}

/* page, mm */
long op_offline(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[1]);
	unsigned long pfn = 0;
	struct page *page;
	spinlock_t *ptl;
	pte_t *ptep;
	long ret;

	if (!mm)
		return -ESRCH;
	mmap_read_lock(mm);
	page = page_lock_at(mm, VIEW_VA(arg[0]), &ptep, &ptl);
	if (page) {
		pfn = page_to_pfn(page);
		pte_unmap_unlock(ptep, ptl);
	}
	mmap_read_unlock(mm);
	if (!page)
		return op_leave(mm, -ENOENT);
	ret = offline_pages(pfn);
	if (!ret)
		online_pages(pfn);
	return op_leave(mm, ret);
}
