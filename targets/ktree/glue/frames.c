// SPDX-License-Identifier: GPL-2.0
/*
 * frames: page frames and page table entries, as the view names them; and the
 * view's answers of an mm.
 *
 * All answers are read where they are, without locks: oracles ask inside an
 * event or when nothing runs.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/trees.h"

#define DEVICE_PFN	(KTREE_DEVICE >> PAGE_SHIFT)

u32 ktree_view_pfn(unsigned long pfn)
{
	if (pfn < VIEW_DEVICE_PFN)
		return (u32)pfn;
	if (pfn >= DEVICE_PFN && pfn < DEVICE_PFN + VIEW_PFNS - VIEW_DEVICE_PFN)
		return VIEW_DEVICE_PFN + (u32)(pfn - DEVICE_PFN);
	return 0;
}

unsigned long ktree_real_pfn(u32 view_pfn)
{
	if (view_pfn < VIEW_DEVICE_PFN)
		return view_pfn;
	return DEVICE_PFN + view_pfn - VIEW_DEVICE_PFN;
}

struct page *ktree_frame(u32 view_pfn)
{
	return pfn_to_page(ktree_real_pfn(view_pfn));
}

u32 *ktree_cell(u32 view_pfn)
{
	return __va(PFN_PHYS(view_pfn));
}

u32 page_frame(const struct page *page)
{
	return ktree_view_pfn(page_to_pfn(page));
}

u32 frame_load(u32 frame)
{
	return READ_ONCE(*ktree_cell(frame));
}

void frame_store(u32 frame, u32 value)
{
	WRITE_ONCE(*ktree_cell(frame), value);
}

/* -- entries -- */

static u64 present_word(pte_t pte)
{
	unsigned long pfn = pte_pfn(pte);
	u64 bits = 0;

	if (pte_write(pte))
		bits |= VIEW_W;
	if (pte_dirty(pte))
		bits |= VIEW_DIRTY;
	if (pte_young(pte))
		bits |= VIEW_YOUNG;
	if (is_zero_pfn(pfn))
		bits |= VIEW_ZERO;
	if (!(pte_flags(pte) & _PAGE_PRESENT))
		bits |= VIEW_PROT_NONE;
	return VIEW_WORD(VIEW_PRESENT, bits, ktree_view_pfn(pfn));
}

static u32 swap_kind(swp_entry_t entry)
{
	if (is_writable_migration_entry(entry))
		return VIEW_MIGRATION_WRITE;
	if (is_readable_exclusive_migration_entry(entry))
		return VIEW_MIGRATION_READ_EXCLUSIVE;
	if (is_migration_entry(entry))
		return VIEW_MIGRATION_READ;
	if (is_device_private_entry(entry))
		return is_writable_device_private_entry(entry) ?
			VIEW_DEVICE_WRITE : VIEW_DEVICE_READ;
	if (is_device_exclusive_entry(entry))
		return is_writable_device_exclusive_entry(entry) ?
			VIEW_EXCLUSIVE_WRITE : VIEW_EXCLUSIVE_READ;
	return VIEW_NONE;
}

u64 ktree_word(unsigned long raw)
{
	pte_t pte = __pte(raw);
	swp_entry_t entry;
	u32 kind;

	if (pte_none(pte))
		return VIEW_NONE;
	if (pte_present(pte))
		return present_word(pte);
	entry = pte_to_swp_entry(pte);
	kind = swap_kind(entry);
	if (kind == VIEW_NONE)
		return VIEW_NONE;
	return VIEW_WORD(kind, 0,
			 ktree_view_pfn(page_to_pfn(pfn_swap_entry_to_page(entry))));
}

/* The table of a slot's program pages; NULL: none. *@huge: an entry for all. */
static pte_t *table_of(u32 slot, unsigned long *huge)
{
	struct mm_struct *mm = mm_slot_get(slot);
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	*huge = 0;
	if (!mm || !mm->pgd)
		return NULL;
	pgd = pgd_offset(mm, VIEW_BASE);
	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, VIEW_BASE);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, VIEW_BASE);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, VIEW_BASE);
	if (pmd_none(*pmd))
		return NULL;
	if (pmd_flags(*pmd) & _PAGE_PSE) {
		*huge = pmd_val(*pmd);
		return NULL;
	}
	return (pte_t *)pmd_page_vaddr(*pmd);
}

pte_t *ktree_ptep(u32 slot, unsigned long addr)
{
	unsigned long huge;
	pte_t *table = table_of(slot, &huge);

	if (!table || addr < VIEW_BASE || addr >= VIEW_VA(PROG_PAGES))
		return NULL;
	return table + pte_index(addr);
}

/*
 * The tree zaps an entry that is not present in this order: unmap the page, put
 * it, then clear the entry, all under the page table lock. Nobody who takes that
 * lock can tell, so such an entry counts as cleared from when its page counts one
 * entry less, or has been put: a migration may have it from then on. If the lock
 * is let go of and the entry stands there still, it is told as it is.
 */
static u16 cleared[PROG_MMS];

u64 ktree_pte_at(u32 slot, u64 va)
{
	unsigned long huge;
	pte_t *table;

	if (va < VIEW_BASE || va >= VIEW_VA(PROG_PAGES))
		return VIEW_NONE;
	if (cleared[slot] >> ((va - VIEW_BASE) >> PAGE_SHIFT) & 1)
		return VIEW_NONE;
	table = table_of(slot, &huge);
	if (table)
		return ktree_word(pte_val(table[pte_index(va)]));
	return huge ? ktree_word(huge + (va & PMD_MASK & PAGE_MASK)) | VIEW_HUGE :
		      (u64)VIEW_NONE;
}

/* For the watch: the task that runs has changed it. */
void kt_pte_changed(u32 slot, u32 page, u64 old, u64 new)
{
	u64 was = ktree_word(old), word = ktree_word(new);

	if (cleared[slot] >> page & 1) {
		cleared[slot] &= (u16)~(1u << page);
		was = VIEW_NONE;
	}
	if (was == word)
		return;
	view_emit(EV_pte_set, slot, VIEW_VA(page), word);
	if (VIEW_KIND(was) >= VIEW_EXCLUSIVE_READ &&
	    VIEW_KIND(word) == VIEW_PRESENT && VIEW_PFN(was) == VIEW_PFN(word))
		view_emit(EV_exclusive_restore, slot, VIEW_VA(page),
			  VIEW_PFN(word));
	ktree_pages_settle(NULL);
}

static const void *ptl_of(u32 slot)
{
	return pte_lockptr(mm_slot_get(slot),
			   pmd_off(mm_slot_get(slot), VIEW_BASE));
}

static bool is_mine(const void *lock)
{
	const struct kt_task *k = kt_self();
	u32 i;

	for (i = k->nr_held; i-- > 0; )
		if (k->held[i].lock == lock)
			return true;
	return false;
}

/* Whether the entry is one of a device's page, or @lent too, and names @pfn. */
static bool names(u32 slot, u32 page, u32 pfn, bool lent)
{
	pte_t *ptep = ktree_ptep(slot, VIEW_VA(page));
	swp_entry_t entry;
	pte_t pte;

	if (!ptep || cleared[slot] >> page & 1)
		return false;
	pte = READ_ONCE(*ptep);
	if (pte_none(pte) || pte_present(pte))
		return false;
	entry = pte_to_swp_entry(pte);
	if (!is_device_private_entry(entry) &&
	    !(lent && is_device_exclusive_entry(entry)))
		return false;
	return ktree_view_pfn(page_to_pfn(pfn_swap_entry_to_page(entry))) == pfn;
}

/* The lock goes: what counted as cleared and was not. */
static void stayed(u32 slot)
{
	u16 pages = cleared[slot];
	u32 page;

	cleared[slot] = 0;
	for (page = 0; page < PROG_PAGES; page++)
		if (pages >> page & 1)
			view_emit(EV_pte_set, slot, VIEW_VA(page),
				  ktree_pte_at(slot, VIEW_VA(page)));
}

bool ktree_entries_go(u32 pfn, const void *lock, bool lent)
{
	bool all = true;
	u32 slot, page;

	for (slot = 0; slot < PROG_MMS; slot++) {
		const void *ptl;

		for (page = 0; mm_slot_get(slot) && page < PROG_PAGES; page++) {
			if (!names(slot, page, pfn, lent))
				continue;
			ptl = ptl_of(slot);
			if (ptl == lock || !spin_is_locked((spinlock_t *)ptl))
				continue;
			if (!is_mine(ptl)) {
				all = false;
				continue;
			}
			cleared[slot] |= (u16)(1u << page);
			view_emit(EV_pte_set, slot, VIEW_VA(page), VIEW_NONE);
		}
	}
	return all;
}

void ktree_entries_settle(const void *lock)
{
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++)
		if (unlikely(cleared[slot]) && ptl_of(slot) == lock)
			stayed(slot);
}

/* -- the view -- */

static struct view_mm mm_answer(u32 slot)
{
	struct mm_struct *mm = mm_slot_get(slot);
	struct view_mm v = { .state = mm_slot_get_state(slot) };
	const struct tree_subscriptions *subs;

	if (!mm)
		return v;
	v.users = atomic_read(&mm->mm_users);
	v.count = atomic_read(&mm->mm_count);
	v.rss = (s32)ktree_rss(mm);
	v.gathers = (u32)atomic_read(&mm->tlb_flush_pending);
	subs = (const void *)mm->notifier_subscriptions;
	if (subs) {
		v.invalidate_seq = subs->invalidate_seq;
		v.active_ranges = (u32)subs->active_invalidate_ranges;
		v.intervals = ktree_intervals(subs);
		v.deferred = ktree_deferred(subs);
	}
	return v;
}

static struct view_page page_answer(u32 pfn)
{
	const struct page *page = ktree_frame(pfn);
	struct view_page v = {
		.refcount = page_ref_count(page),
		.zero = is_zero_pfn(ktree_real_pfn(pfn)),
		.zone = pfn >= VIEW_DEVICE_PFN ? 2 : 1,
		.taken = taken_weight(pfn),
	};

	v.mapcount = v.zero ? 0 : atomic_read(&page->_mapcount) + 1;
	v.locked = test_bit(PG_locked, &page->flags);
	v.lru = test_bit(PG_lru, &page->flags);
	v.dirty = test_bit(PG_dirty, &page->flags);
	v.anon = ((unsigned long)page->mapping & PAGE_MAPPING_FLAGS) ==
		 PAGE_MAPPING_ANON;
	v.exclusive = v.anon && test_bit(PG_anon_exclusive, &page->flags);
	v.mapping = v.anon ? VIEW_MAPPING_ANON :
		    page->mapping ? VIEW_MAPPING_FILE : VIEW_MAPPING_NONE;
	v.index = (u32)page->index;
	if (pfn < VIEW_DEVICE_PFN)
		v.value = *ktree_cell(pfn);
	return v;
}

static u32 nr_free_answer(void)
{
	return ktree_user_pages_free();
}

static u32 nr_pages_answer(void)
{
	return VIEW_DEVICE_PFN - 1;
}

const struct view view_mm = {
	.mm		= mm_answer,
	.cpu_entry	= ktree_pte_at,
	.vma_prot	= ktree_vma_prot,
	.cpu_tlb	= ktree_tlb_entry,
	.page		= page_answer,
	.nr_free	= nr_free_answer,
	.nr_pages	= nr_pages_answer,
	.file		= ktree_file_answer,
	.cached		= ktree_cached_answer,
};
