// SPDX-License-Identifier: GPL-2.0
/*
 * page_ops.c: calls on files, and on pages themselves: taken by a driver or a
 * system call (GUP), pinned for long, moved, taken out of use.
 *
 * A page that was taken is read and written through the reference, as a
 * network card does that knows nothing of page tables:
 *
 *	gup page=0 write=yes			another task
 *	get_user_pages() = page#7
 *						fork, munmap, migration ...
 *	write page#7
 *	put_user_page(page#7)
 *
 * What must hold in between is that the page is not freed; whether the write
 * reaches the mapping depends on what kind of reference it is [core 6.9.1].
 *
 * Long-term pins are kept in a table of the program across calls; nobody waits
 * for a slot of it, a call that finds it in use gives its pin back.
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

#define NR_KEPT		4	/* as ARG_SLOT */

/* A page that was taken: through which mm, where and how. */
struct taken {
	struct page *page;
	u32 slot;
	u32 kind;		/* PROG_GUP_* */
	bool write;		/* it may be written */
	unsigned long addr;
};

/* busy: @taken is being filled, stands, or is being given back. */
static struct {
	u32 busy;
	u32 full;
	struct taken taken;
} kept[NR_KEPT] __machine;

static u32 nr_kept __machine;

/* -- files -- */

struct file *op_file(u32 slot)
{
	return slot < FILE_NAMES ? file_slot_get(slot) : ERR_PTR(-ENOENT);
}

/* A call on a file returns to its program. */
static long file_leave(struct file *file, long ret)
{
	fput(file);
	kernel_task_idle_check();
	return ret;
}

/* file, pages */
long op_truncate(const u32 *arg)
{
	struct file *file = op_file(arg[0]);

	if (IS_ERR(file))
		return PTR_ERR(file);
	truncate_setsize(file_inode(file), arg[1] * PAGE_SIZE);
	return file_leave(file, 0);
}

/* file, page; what is there, 0 past the end */
long op_file_read(const u32 *arg)
{
	struct file *file = op_file(arg[0]);
	u32 value;
	long ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = vfs_read_page(file, arg[1], &value);
	return file_leave(file, ret == 1 ? value : ret);
}

/* file, page */
long op_file_write(const u32 *arg)
{
	struct file *file = op_file(arg[0]);

	if (IS_ERR(file))
		return PTR_ERR(file);
	return file_leave(file, min(vfs_write_page(file, arg[1],
						   mm_next_value()), 0));
}

/* -- pages that are taken -- */

static bool is_pin(u32 kind)
{
	return kind != PROG_GUP_GET && kind != PROG_GUP_GET_FAST;
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

/* current->mm is @mm. 0, or minus an errno. */
static long take(struct mm_struct *mm, unsigned long addr, u32 kind, bool write,
		 struct taken *taken)
{
	unsigned int flags = write ? FOLL_WRITE : 0;
	struct page *page;
	long ret;

	if (kind == PROG_GUP_PIN_LONGTERM || kind == PROG_GUP_PIN_FAST_LONGTERM)
		flags |= FOLL_LONGTERM;
	switch (kind) {
	case PROG_GUP_GET_FAST:
		ret = get_user_pages_fast(addr, 1, flags, &page);
		break;
	case PROG_GUP_PIN_FAST:
	case PROG_GUP_PIN_FAST_LONGTERM:
		ret = pin_user_pages_fast(addr, 1, flags, &page);
		break;
	default:
		ret = take_remote(mm, addr, kind, flags, &page);
	}
	if (ret != 1)
		return ret ? ret : -EFAULT;
	*taken = (struct taken){ page, mm->slot, kind, write, addr };
	return 0;
}

static u32 taken_read(const struct taken *taken)
{
	u32 value;

	rt_point(RT_SITE(RT_LOAD, "taken_read", NULL), taken->page);
	value = page_load(taken->page);
	view_emit(EV_gup_load, VIEW_CPU(taken->slot, is_pin(taken->kind)),
		  taken->addr, VIEW_DATA(page_to_pfn(taken->page), value));
	return value;
}

/* The page is dirty behind the tables' back, and whoever gives it back says so. */
static void taken_write(const struct taken *taken, u32 value)
{
	struct folio *folio = page_folio(taken->page);

	rt_point(RT_SITE(RT_STORE, "taken_write", NULL), taken->page);
	page_store(taken->page, value);
	view_emit(EV_gup_store, VIEW_CPU(taken->slot, is_pin(taken->kind)),
		  taken->addr, VIEW_DATA(page_to_pfn(taken->page), value));
	folio_lock(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

static void give_back(const struct taken *taken)
{
	if (is_pin(taken->kind))
		unpin_user_page(taken->page);
	else
		put_user_page(taken->page);
}

/* page, kind, write, mm; a read returns what it read */
long op_gup(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	struct taken taken;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = take(mm, VIEW_VA(arg[0]), arg[1], arg[2], &taken);
	if (ret)
		return op_leave(mm, ret);
	if (arg[2])
		taken_write(&taken, mm_next_value());
	else
		ret = taken_read(&taken);
	give_back(&taken);
	return op_leave(mm, ret);
}

/* page, slot, kind, write, mm */
long op_pin_keep(const u32 *arg)
{
	struct mm_struct *mm;
	long ret;

	if (__atomic_exchange_n(&kept[arg[1]].busy, 1, __ATOMIC_ACQ_REL))
		return -EBUSY;
	mm = mm_enter(arg[4]);
	ret = mm ? take(mm, VIEW_VA(arg[0]), arg[2], arg[3],
			&kept[arg[1]].taken) : -ESRCH;
	if (!ret)
		__atomic_fetch_add(&nr_kept, 1, __ATOMIC_RELAXED);
	__atomic_store_n(ret ? &kept[arg[1]].busy : &kept[arg[1]].full, !ret,
			 __ATOMIC_RELEASE);
	return mm ? op_leave(mm, ret) : ret;
}

/* slot, write: through the page before it is given back, if it may be */
long op_unpin(const u32 *arg)
{
	const struct taken *taken = &kept[arg[0]].taken;

	if (!__atomic_exchange_n(&kept[arg[0]].full, 0, __ATOMIC_ACQ_REL))
		return -ENOENT;
	if (arg[1] && taken->write)
		taken_write(taken, mm_next_value());
	else
		taken_read(taken);
	give_back(taken);
	__atomic_fetch_sub(&nr_kept, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&kept[arg[0]].busy, 0, __ATOMIC_RELEASE);
	kernel_task_idle_check();
	return 0;
}

s32 page_ops_taken(const struct page *page)
{
	s32 weight = 0;
	u32 slot;

	if (likely(!__atomic_load_n(&nr_kept, __ATOMIC_RELAXED)))
		return 0;
	for (slot = 0; slot < NR_KEPT; slot++) {
		const struct taken *taken = &kept[slot].taken;

		if (__atomic_load_n(&kept[slot].full, __ATOMIC_ACQUIRE) &&
		    taken->page == page &&
		    !(is_pin(taken->kind) && is_zero_pfn(page_to_pfn(page))))
			weight += is_pin(taken->kind) ? GUP_PIN_COUNTING_BIAS :
							1;
	}
	return weight;
}

void page_ops_halt(void)
{
	u32 slot;

	for (slot = 0; nr_kept && slot < NR_KEPT; slot++)
		op_unpin((const u32[]){ slot, false });
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
