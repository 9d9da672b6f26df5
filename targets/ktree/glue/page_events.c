// SPDX-License-Identifier: GPL-2.0
/*
 * page_events: what happens to page frames, for the journal.
 *
 * Whenever a struct page was written to, it is laid beside what was told of it
 * last, and what differs is told. Who takes or gives a reference does so inline,
 * and nothing tells why: so their sum is told, and no reason.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "targets/ktree/glue/ground.h"

struct seen {
	s32 refs, mapcount;
	u32 backing;
	u8 mapping;
	u8 exclusive, locked, lru;
	u32 index;
};

static struct seen seen[VIEW_PFNS];
static bool live[VIEW_PFNS];

u32 ktree_backing(u32 view_pfn)
{
	const struct page *page = ktree_frame(view_pfn)->zone_device_data;
	u64 pfn = page ? page_to_pfn(page) : 0;

	/* While it is free this is the next free one. */
	return pfn < VIEW_DEVICE_PFN ? (u32)pfn : 0;
}

static struct seen look(u32 pfn, const struct page *page)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	bool anon = (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_ANON;

	return (struct seen){
		.refs = page_ref_count(page),
		.mapcount = atomic_read(&page->_mapcount) + 1,
		.mapping = anon ? VIEW_MAPPING_ANON :
			   mapping ? VIEW_MAPPING_FILE : VIEW_MAPPING_NONE,
		.exclusive = anon && test_bit(PG_anon_exclusive, &page->flags),
		.locked = test_bit(PG_locked, &page->flags),
		.lru = test_bit(PG_lru, &page->flags),
		.index = (u32)page->index,
		.backing = pfn >= VIEW_DEVICE_PFN ? ktree_backing(pfn) : 0,
	};
}

/* A folio lock that is let go is told first: what it guarded is over. */
static void tell(u32 pfn, const struct seen *old, const struct seen *now)
{
	if (now->locked && !old->locked)
		view_emit(EV_page_lock, pfn, 0, 0);
	if (now->backing != old->backing)
		view_emit(EV_page_backing, pfn, now->backing, 0);
	if (now->refs != old->refs)
		view_emit(EV_page_refs, pfn, (u64)(s64)now->refs, 0);
	if (now->mapping != old->mapping ||
	    (now->mapping != VIEW_MAPPING_NONE && now->index != old->index))
		view_emit(EV_page_mapping, pfn, now->mapping, now->index);
	if (now->mapcount != old->mapcount)
		view_emit(EV_page_mapcount, pfn, (u64)(s64)now->mapcount, 0);
	if (now->exclusive != old->exclusive)
		view_emit(EV_page_exclusive, pfn, now->exclusive, 0);
	if (now->lru != old->lru)
		view_emit(EV_page_lru, pfn, now->lru, 0);
	if (!now->locked && old->locked)
		view_emit(EV_page_unlock, pfn, 0, 0);
}

void kt_page_changed(struct page *page)
{
	u32 pfn = ktree_view_pfn(page_to_pfn(page));
	struct seen now, old;

	if (!pfn || !live[pfn])
		return;
	now = look(pfn, page);
	old = seen[pfn];
	if (!memcmp(&now, &old, sizeof(now)))
		return;
	seen[pfn] = now;
	/* A page that is being lent is not mapped any more, and its entry stays. */
	if (now.refs < old.refs || now.mapcount < old.mapcount)
		ktree_entries_go(pfn, NULL, now.refs < old.refs);
	tell(pfn, &old, &now);
}

/*
 * What was put last by one task while another, which put it before, has yet to
 * clear the entry: told when that entry goes, at the latest when the lock does.
 * What the task frees after it, which may be its data, waits too.
 */
#define PUTS_MAX	8
static struct puts {
	u32 nr;
	u32 pfn[PUTS_MAX];
} puts_of[RT_TASKS_MAX];
static bool waiting;		/* one of them has some */

/* The first @n, in the order in which they were freed. */
static void tell_free(struct puts *p, u32 n)
{
	u32 pfn[PUTS_MAX], i;

	memcpy(pfn, p->pfn, sizeof(pfn));
	p->nr -= n;
	memmove(p->pfn, p->pfn + n, p->nr * sizeof(pfn[0]));
	for (i = 0; i < n; i++)
		view_emit(EV_page_free, pfn[i], 0, 0);
}

void ktree_pages_settle(const void *lock)
{
	int task;
	u32 i;

	if (likely(!waiting))
		return;
	waiting = false;
	for (task = 0; task < RT_TASKS_MAX; task++) {
		struct puts *p = &puts_of[task];

		for (i = 0; i < p->nr && ktree_entries_go(p->pfn[i], lock, true); )
			i++;
		tell_free(p, i);
		waiting |= p->nr > 0;
	}
}

static void freed(u32 pfn, struct page *page)
{
	struct puts *p = &puts_of[rt_self()];
	bool gone;

	if (!live[pfn])
		return;
	/* The allocator takes it off the list, and from its mapping. */
	__clear_bit(PG_lru, &page->flags);
	page->mapping = NULL;
	__clear_bit(PG_anon_exclusive, &page->flags);
	gone = ktree_entries_go(pfn, NULL, true);
	kt_page_changed(page);
	live[pfn] = false;
	p->pfn[p->nr++] = pfn;
	if ((gone && p->nr == 1) || p->nr == PUTS_MAX)
		tell_free(p, p->nr);
	else
		waiting = true;
}

void ktree_page_wanted(const struct page *page)
{
	u32 i, pfn = ktree_view_pfn(page_to_pfn(page));
	int task;

	for (task = 0; waiting && task < RT_TASKS_MAX; task++)
		for (i = puts_of[task].nr; i > 0; i--)
			if (puts_of[task].pfn[i - 1] == pfn)
				tell_free(&puts_of[task], i);
}

static void alloc(u32 pfn, struct page *page)
{
	if (live[pfn])
		return;
	ktree_settle();
	ktree_page_wanted(page);
	live[pfn] = true;
	rt_name(page, "page", (int)pfn);
	view_emit(EV_page_alloc, pfn, 1, pfn >= VIEW_DEVICE_PFN ? 2 : 1);
	view_emit(EV_page_refs, pfn, 1, 0);
	seen[pfn] = (struct seen){ .refs = 1 };
	kt_page_changed(page);
}

/* From the allocator; the frames of the program's pool and the device's. */
void ktree_page_event(u16 kind, struct page *page, u64 b)
{
	u32 pfn = ktree_view_pfn(page_to_pfn(page));

	if (!pfn)
		return;
	switch (kind) {
	case EV_page_alloc:
		alloc(pfn, page);
		break;
	case EV_page_free:
		freed(pfn, page);
		break;
	default:
		kt_page_changed(page);
	}
}

/* -- contents -- */

static u32 pfn_of_address(const void *p)
{
	u64 offset = (u64)(size_t)p - KTREE_PHYS;

	return offset < (u64)VIEW_DEVICE_PFN << PAGE_SHIFT ?
		(u32)(offset >> PAGE_SHIFT) : 0;
}

static void copied(const void *to, const void *from)
{
	u32 dst = pfn_of_address(to), src = pfn_of_address(from);

	if (dst)
		view_emit(EV_page_copy, src, dst, *ktree_cell(dst));
}

void __real_copy_page(void *to, void *from);
void __wrap_copy_page(void *to, void *from);
void __wrap_copy_page(void *to, void *from)
{
	rt_point(RT_SITE(RT_NOTE, "copy_page", NULL), to);
	__real_copy_page(to, from);
	copied(to, from);
}

/* As copy_page(), by who survives a broken memory bank. */
unsigned long __must_check copy_mc_to_kernel(void *to, const void *from,
					     unsigned int len)
{
	rt_point(RT_SITE(RT_NOTE, "copy_page", NULL), to);
	memcpy(to, from, len);
	if (len == PAGE_SIZE)
		copied(to, from);
	return 0;
}
