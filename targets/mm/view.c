// SPDX-License-Identifier: GPL-2.0
/*
 * view.c: the port's answers to oracles (targets/view.h), and the spelling of
 * event arguments that only memory management knows.
 *
 * Answers are read where they are, without locks: oracles ask inside an event
 * or when nothing runs.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
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
	struct page_table *table = mm ? pmd_pgtable(&mm->pmd) : NULL;

	if (!table || va < PMD_START || va >= PMD_END)
		return VIEW_NONE;
	return pte_view(ptep_get(pte_offset(table, va)));
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
		.value = __atomic_load_n(&page->value, __ATOMIC_RELAXED),
	};
}

const struct view view_mm = {
	.mm		= mm_view,
	.cpu_entry	= cpu_entry_view,
	.vma_prot	= vma_prot_view,
	.cpu_tlb	= cpu_tlb_view,
	.page		= page_view,
	.nr_free	= nr_free_pages,
	.nr_pages	= nr_system_pages,
};

static const char *const event_name[] = {
	[MMU_NOTIFY_UNMAP]		= "UNMAP",
	[MMU_NOTIFY_CLEAR]		= "CLEAR",
	[MMU_NOTIFY_PROTECTION_VMA]	= "PROTECTION_VMA",
	[MMU_NOTIFY_PROTECTION_PAGE]	= "PROTECTION_PAGE",
	[MMU_NOTIFY_SOFT_DIRTY]		= "SOFT_DIRTY",
	[MMU_NOTIFY_RELEASE]		= "RELEASE",
	[MMU_NOTIFY_MIGRATE]		= "MIGRATE",
	[MMU_NOTIFY_EXCLUSIVE]		= "EXCLUSIVE",
};

static const char *const access_name[] = {
	"read", "write", "atomic", "prefetch",
};

static int format_word(u64 word, char *buf, size_t size)
{
	const char *write = word & VIEW_W ? "w" : "";
	const char *none = word & VIEW_PROT_NONE ? " prot_none" : "";

	if (VIEW_KIND(word) == VIEW_NONE)
		return snprintf(buf, size, "none");
	if (word & VIEW_ZERO)
		return snprintf(buf, size, "zero page r%s%s", write, none);
	return snprintf(buf, size, "page#%u r%s%s", VIEW_PFN(word), write, none);
}

int view_format(char letter, u64 value, char *buf, size_t size)
{
	u32 event = VIEW_BRACKET_EVENT(value);

	switch (letter) {
	case 'p':
		return format_word(value, buf, size);
	case 'm':
		return snprintf(buf, size, "mm%u", (u32)(value & 0xff));
	case 'f':
		return snprintf(buf, size, "%s",
				value < ARRAY_SIZE(access_name) ?
				access_name[value] : "?");
	case 'i':
		return snprintf(buf, size, "%s",
				event < ARRAY_SIZE(event_name) ?
				event_name[event] : "?");
	case 'v':
		return snprintf(buf, size, "%u (page#%u)",
				VIEW_DATA_VALUE(value), VIEW_DATA_PFN(value));
	}
	return -1;
}
