// SPDX-License-Identifier: GPL-2.0
/*
 * view.c: the port's answers to oracles (targets/view.h).
 *
 * Answers are read where they are, without locks: oracles ask inside an event
 * or when nothing runs.
 */
#include <linux/atomic.h>
#include <linux/huge_mm.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mm/ops.h"
#include "targets/mm/subscriptions.h"

static void subscriptions_view(const struct mm_struct *mm, struct view_mm *v)
{
	const struct mmu_notifier_subscriptions *subscriptions =
		__atomic_load_n(&mm->notifier_subscriptions, __ATOMIC_ACQUIRE);

	if (!subscriptions)
		return;
	v->invalidate_seq = subscriptions->invalidate_seq;
	v->active_ranges = (u32)subscriptions->active_invalidate_ranges;
	v->deferred = subscriptions->nr_deferred;
	v->intervals = subscriptions->itree.nr;
}

static struct view_mm mm_view(u32 slot)
{
	struct mm_struct *mm = mm_slot_get(slot);
	struct view_mm v = { .state = mm_slot_get_state(slot) };

	if (!mm)
		return v;
	v.users = __atomic_load_n(&mm->mm_users.counter, __ATOMIC_RELAXED);
	v.count = __atomic_load_n(&mm->mm_count.counter, __ATOMIC_RELAXED);
	v.rss = mm->rss;
	v.gathers = (u32)mm->gathers;
	subscriptions_view(mm, &v);
	return v;
}

static u64 cpu_entry_view(u32 slot, u64 va)
{
	struct mm_struct *mm = mm_slot_get(slot);
	struct page_table *table;
	pmd_t *pmd;

	if (!mm || va < USER_START || va >= USER_END)
		return VIEW_NONE;
	pmd = pmd_offset(mm, va);
	table = pmd_pgtable(pmd);
	return table ? pte_view(ptep_get(pte_offset(table, va))) :
		       pmd_view(pmdp_get(pmd), va);
}

static u32 vma_prot_view(u32 slot, u64 va)
{
	struct mm_struct *mm = mm_slot_get(slot);

	return mm ? vma_prot(vma_lookup(mm, va)) : VIEW_UNMAPPED;
}

static u64 cpu_tlb_view(u32 cpu, u32 slot, u64 va)
{
	return tlb_entry(cpu, slot, va);
}

static struct view_page page_view(u32 pfn)
{
	const struct page *page = pfn_to_page(pfn);
	const struct folio *folio = page_folio(page);

	return (struct view_page){
		.refcount = __atomic_load_n(&page->_refcount, __ATOMIC_RELAXED),
		.mapcount = folio_mapcount(folio),
		.exclusive = PageAnonExclusive(page),
		.locked = folio_test_locked(folio),
		.lru = folio_test_flag(folio, PG_lru),
		.zero = is_zero_pfn(pfn),
		.anon = folio_test_anon(folio),
		.dirty = folio_test_dirty(folio),
		.zone = page_zonenum(page),
		.mapping = !page->mapping ? VIEW_MAPPING_NONE :
			   folio_test_anon(folio) ? VIEW_MAPPING_ANON :
			   VIEW_MAPPING_FILE,
		.index = (u32)page->index,
		.value = __atomic_load_n(&page->value, __ATOMIC_RELAXED),
		.taken = taken_weight(pfn),
	};
}

static struct view_file file_view(u32 file)
{
	const struct inode *inode = inode_by_number(file);

	if (!inode)
		return (struct view_file){ .live = false };
	return (struct view_file){
		.live = true,
		.nr_pages = (u32)((i_size_read(inode) + PAGE_SIZE - 1) >>
				  PAGE_SHIFT),
	};
}

static u32 cached_view(u32 file, u32 index)
{
	const struct inode *inode = inode_by_number(file);
	const struct page *page;

	if (!inode || index >= PROG_PAGES)
		return 0;
	page = __atomic_load_n(&inode->i_data.i_pages[index], __ATOMIC_RELAXED);
	return page ? page_to_pfn(page) : 0;
}

/* Backing is what a driver's pages have: its target answers for it. */
const struct view view_mm = {
	.mm		= mm_view,
	.cpu_entry	= cpu_entry_view,
	.vma_prot	= vma_prot_view,
	.cpu_tlb	= cpu_tlb_view,
	.page		= page_view,
	.nr_free	= nr_free_pages,
	.nr_pages	= nr_system_pages,
	.file		= file_view,
	.cached		= cached_view,
};
