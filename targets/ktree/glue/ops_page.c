// SPDX-License-Identifier: GPL-2.0
/*
 * ops_page: calls on pages themselves: taken for I/O, pinned for long, moved.
 * As targets/mm/page_ops.c has them, by the tree's mm/gup.c and mm/migrate.c.
 *
 * A page that was taken is read and written through the reference, whoever maps
 * it by then. Pins are kept in a table of the program across calls.
 */
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "targets/ktree/glue/ground.h"

#define NR_KEPT		4	/* as ARG_SLOT */
#define PIN_WEIGHT	GUP_PIN_COUNTING_BIAS

long op_gup(const u32 *arg);
long op_pin_keep(const u32 *arg);
long op_unpin(const u32 *arg);
long op_move(const u32 *arg);

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
} kept[NR_KEPT];

static u32 nr_kept;

static bool is_pin(u32 kind)
{
	return kind != PROG_GUP_GET && kind != PROG_GUP_GET_FAST;
}

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

static u64 how(const struct taken *taken)
{
	return VIEW_CPU(taken->slot, is_pin(taken->kind));
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
	*taken = (struct taken){ page, ktree_mm_slot(mm), kind, write, addr };
	view_emit(EV_gup, ktree_view_pfn(page_to_pfn(page)), flags,
		  VIEW_CPU(taken->slot, 0) | (u64)addr << 8);
	return 0;
}

static u32 pfn_of(const struct taken *taken)
{
	return ktree_view_pfn(page_to_pfn(taken->page));
}

static u32 taken_read(const struct taken *taken)
{
	u32 value;

	rt_point(RT_SITE(RT_LOAD, "taken_read", NULL), taken->page);
	value = READ_ONCE(*ktree_cell(pfn_of(taken)));
	view_emit(EV_gup_load, how(taken), taken->addr,
		  VIEW_DATA(pfn_of(taken), value));
	return value;
}

/* The page is dirty behind the tables' back, and whoever gives it back says so. */
static void taken_write(const struct taken *taken, u32 value)
{
	struct folio *folio = page_folio(taken->page);

	rt_point(RT_SITE(RT_STORE, "taken_write", NULL), taken->page);
	WRITE_ONCE(*ktree_cell(pfn_of(taken)), value);
	view_emit(EV_gup_store, how(taken), taken->addr,
		  VIEW_DATA(pfn_of(taken), value));
	folio_lock(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

static void give_back(const struct taken *taken)
{
	view_emit(EV_gup_release, pfn_of(taken), 0, 0);
	if (is_pin(taken->kind))
		unpin_user_page(taken->page);
	else
		put_page(taken->page);
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

s32 ktree_taken(u32 view_pfn)
{
	s32 weight = 0;
	u32 slot;

	for (slot = 0; nr_kept && slot < NR_KEPT; slot++) {
		const struct taken *taken = &kept[slot].taken;

		if (__atomic_load_n(&kept[slot].full, __ATOMIC_ACQUIRE) &&
		    pfn_of(taken) == view_pfn &&
		    !(is_pin(taken->kind) && !view_pfn))
			weight += is_pin(taken->kind) ? (s32)PIN_WEIGHT : 1;
	}
	return weight;
}

void ktree_taken_halt(void)
{
	u32 slot;

	for (slot = 0; nr_kept && slot < NR_KEPT; slot++)
		op_unpin((const u32[]){ slot, false });
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
	pte_t *ptep = vma ? ktree_ptep(ktree_mm_slot(mm), addr) : NULL;
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
	u32 pfn = ktree_view_pfn(page_to_pfn(page));
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
