// SPDX-License-Identifier: GPL-2.0
/*
 * test_folio: frames, references, the LRU, and the lock of a page with those
 * who wait for it.
 */
#include <linux/memremap.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

static struct file *file __machine;
static struct folio *shared __machine;
static struct page *taken[DEVICE_PFN] __machine;
static spinlock_t entry_lock __machine;
static u32 entry __machine, inside __machine, hits __machine, done __machine;

/* A page of a file, which nobody but the cache has a reference of. */
void folio_boot(void)
{
	mm_test_boot();
	file = file_slot_get(0);
	shared = filemap_get_create_folio(file->f_mapping, 0);
	folio_unlock(shared);
	folio_put(shared);
}

void folio_halt(void)
{
	CUT_CHECK(folio_ref_count(shared) == 1 && !folio_test_locked(shared));
	fput(file);
	mm_test_halt();
}

/* A page of the test's, with one reference, which a body drops. */
void folio_own_boot(void)
{
	mm_test_boot();
	shared = page_folio(alloc_page(GFP_HIGHUSER_MOVABLE));
	spin_lock_init(&entry_lock);
}

/* -- references and frames -- */

void folio_references_have_weight(u32 index)
{
	struct page *page = alloc_page(GFP_USER);

	CUT_CHECK(page_zonenum(page) == ZONE_NORMAL);
	CUT_CHECK(folio_is_longterm_pinnable(page_folio(page)));
	CUT_CHECK(folio_try_get(page_folio(page)));
	page_ref_move(page, VIEW_REF_TMP, VIEW_REF_PIN);
	CUT_CHECK(folio_ref_count(page_folio(page)) ==
		  1 + GUP_PIN_COUNTING_BIAS);
	CUT_CHECK(folio_maybe_dma_pinned(page_folio(page)));
	page_ref_put(page, VIEW_REF_PIN);
	CUT_CHECK(!folio_maybe_dma_pinned(page_folio(page)));
	folio_set_mapping(page_folio(page), (void *)PAGE_MAPPING_ANON, 3);
	CUT_CHECK(PageAnon(page) && !folio_mapping(page_folio(page)));
	CUT_CHECK(folio_mark_dirty(page_folio(page)));
	CUT_CHECK(!folio_mark_dirty(page_folio(page)));
	put_page(page);
	CUT_CHECK(!folio_try_get(page_folio(page)));
	CUT_CHECK(!page_ref_try_add(page, VIEW_REF_PIN));
	CUT_CHECK(!page_mapping_word(page));
}

/* The last reference is dropped, or another taken first: never both. */
void folio_try_get_race(u32 index)
{
	struct folio *folio = shared;

	if (index) {
		folio_put(folio);
		return;
	}
	if (!folio_try_get(folio))
		return;
	CUT_CHECK(folio_ref_count(folio) > 0);
	folio_put(folio);
}

/* Every frame of a zone is handed out once; each kind of memory has its own. */
void folio_zones_run_out(u32 index)
{
	u32 n = 0, was = nr_free_pages();
	struct page *page;

	while ((page = alloc_page(GFP_HIGHUSER_MOVABLE)))
		taken[n++] = page;
	CUT_CHECK(n == was && !nr_free_pages());
	CUT_CHECK(page_zonenum(taken[0]) == ZONE_MOVABLE);
	CUT_CHECK(page_zonenum(taken[n - 1]) == ZONE_NORMAL);
	CUT_CHECK(!alloc_page(GFP_KERNEL));
	put_page(taken[0]);
	CUT_CHECK(!alloc_page(GFP_KERNEL));
	CUT_CHECK(alloc_page(GFP_HIGHUSER_MOVABLE) == taken[0]);
	put_page(taken[--n]);
	CUT_CHECK(alloc_page(GFP_KERNEL) == taken[n]);
	for (n++; n; n--)
		put_page(taken[n - 1]);
	CUT_CHECK(nr_free_pages() == was);
}

static bool in_block(const struct page *page, unsigned long pfn)
{
	return page_to_pfn(page) - pfn < PAGEBLOCK_PAGES;
}

/*
 * Frames of an isolated block are not handed out, fresh or freed, and come
 * back with it. The other task takes and drops pages all the time.
 */
void folio_isolated_block_rests(u32 index)
{
	unsigned long pfn = MOVABLE_PFN + PAGEBLOCK_PAGES;
	struct page *page;
	u32 i;

	for (i = 0; index && i < PAGEBLOCK_PAGES + 2; i++) {
		page = alloc_page(GFP_HIGHUSER_MOVABLE);
		cond_resched();
		put_page(page);
	}
	if (index)
		return;
	set_migratetype_isolate(pfn, true);
	for (i = 0; i < NORMAL_PFN; i++) {
		taken[i] = alloc_page(GFP_HIGHUSER_MOVABLE);
		CUT_CHECK(!in_block(taken[i], pfn));
	}
	while (!pageblock_is_free(pfn))
		cpu_relax();
	set_migratetype_isolate(pfn, false);
	CUT_CHECK(!pageblock_is_free(pfn));
	page = alloc_page(GFP_HIGHUSER_MOVABLE);
	CUT_CHECK(in_block(page, pfn));
	put_page(page);
	while (i)
		put_page(taken[--i]);
}

/* -- the LRU -- */

/* Two movers want the page: one of them gets it, until it puts it back. */
void folio_isolates_once(u32 index)
{
	bool isolated = folio_isolate_lru(shared);

	if (isolated)
		CUT_CHECK(!folio_test_lru(shared) &&
			  folio_ref_count(shared) == 2);
	__atomic_fetch_add(&hits, isolated, __ATOMIC_RELAXED);
	__atomic_fetch_add(&done, 1, __ATOMIC_RELEASE);
	while (READ_ONCE(done) < 2)
		cpu_relax();
	if (isolated)
		folio_putback_lru(shared);
}

void folio_isolates_once_halt(void)
{
	CUT_CHECK(hits == 1 && folio_test_lru(shared));
	folio_halt();
}

/* A freed page is on it no more. */
void folio_free_leaves_lru(u32 index)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);

	folio_add_lru(page_folio(page));
	CUT_CHECK(view_mm.page(page_to_pfn(page)).lru);
	put_page(page);
	CUT_CHECK(!view_mm.page(page_to_pfn(page)).lru);
}

/* -- the lock -- */

void folio_lock_excludes(u32 index)
{
	for (int i = 0; i < 2; i++) {
		if (index == 2)
			while (!folio_trylock(shared))
				cpu_relax();
		else
			folio_lock(shared);
		CUT_CHECK(!inside);
		inside = 1;
		CUT_CHECK(folio_test_locked(shared));
		rt_point(RT_SITE(RT_NOTE, "inside", NULL), NULL);
		CUT_CHECK(inside);
		inside = 0;
		folio_unlock(shared);
	}
}

/* Locked again at once, and held until the waiter is gone: it waits once. */
void folio_waits_for_one_unlock(u32 index)
{
	if (index) {
		while (!READ_ONCE(inside))
			cpu_relax();
		folio_wait_locked(shared);
		WRITE_ONCE(done, 1);
		return;
	}
	folio_lock(shared);
	WRITE_ONCE(inside, 1);
	while (!(READ_ONCE(shared->page.lock) & LOCK_WAITERS))
		cpu_relax();
	folio_unlock(shared);
	folio_lock(shared);
	while (!READ_ONCE(done))
		cpu_relax();
	folio_unlock(shared);
}

/*
 * A mover with the only reference, and one who finds its entry. The mover takes
 * the entry away under the lock, unlocks, and frees; the waiter has nothing to
 * keep the page, and must not need it.
 */
void folio_migration_waits(u32 index)
{
	if (index) {
		spin_lock(&entry_lock);
		if (entry)
			migration_entry_wait_on_locked(shared, &entry_lock);
		else
			spin_unlock(&entry_lock);
		return;
	}
	folio_lock(shared);
	spin_lock(&entry_lock);
	entry = 1;
	spin_unlock(&entry_lock);
	spin_lock(&entry_lock);
	CUT_CHECK(folio_ref_count(shared) == 1);
	entry = 0;
	spin_unlock(&entry_lock);
	folio_unlock(shared);
	folio_put(shared);
}

/* -- in a fault -- */

static vm_fault_t lock_in_fault(struct mm_struct *mm, unsigned int flags)
{
	struct vm_area_struct *vma;
	struct vm_fault vmf = { .flags = flags };

	mmap_read_lock(mm);
	vma = vma_lookup(mm, VIEW_VA(0));
	vmf.vma = vma;
	return folio_lock_or_retry(shared, &vmf);
}

/* What each combination leaves held, with the page locked all the while. */
void folio_retry_nowait(u32 index)
{
	struct mm_struct *mm;
	vm_fault_t ret;

	if (!index) {
		folio_lock(shared);
		WRITE_ONCE(inside, 1);
		while (!READ_ONCE(done))
			cpu_relax();
		folio_unlock(shared);
		return;
	}
	while (!READ_ONCE(inside))
		cpu_relax();
	mm = mm_enter(0);
	ret = lock_in_fault(mm, FAULT_FLAG_ALLOW_RETRY |
			    FAULT_FLAG_RETRY_NOWAIT);
	CUT_CHECK(ret == VM_FAULT_RETRY);
	mmap_assert_locked(mm);
	mmap_read_unlock(mm);
	WRITE_ONCE(done, 1);
	mm_leave(mm);
}

/* The first time mmap_lock is dropped to wait, the second time it is kept. */
void folio_retry_race(u32 index)
{
	struct mm_struct *mm;
	vm_fault_t ret;

	if (!index) {
		folio_lock(shared);
		folio_unlock(shared);
		return;
	}
	mm = mm_enter(0);
	ret = lock_in_fault(mm, FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE);
	if (ret) {
		CUT_CHECK(ret == VM_FAULT_RETRY);
		lockdep_assert_not_held(&mm->mmap_lock);
		ret = lock_in_fault(mm, FAULT_FLAG_ALLOW_RETRY |
				    FAULT_FLAG_TRIED);
	}
	CUT_CHECK(!ret);
	mmap_assert_locked(mm);
	folio_unlock(shared);
	mmap_read_unlock(mm);
	mm_leave(mm);
}

/* -- what lockdep says -- */

void folio_two_locks(u32 index)
{
	struct folio *other = page_folio(alloc_page(GFP_KERNEL));

	folio_lock(shared);
	folio_lock(other);
	folio_unlock(other);
	folio_unlock(shared);
	folio_put(other);
}

void folio_two_trylocks(u32 index)
{
	struct folio *other = page_folio(alloc_page(GFP_KERNEL));

	folio_lock(shared);
	CUT_CHECK(folio_trylock(other));
	folio_unlock(shared);
	folio_unlock(other);
	folio_lock(other);
	lockdep_nest(SINGLE_DEPTH_NESTING);
	folio_lock(shared);
	folio_unlock(shared);
	folio_unlock(other);
	folio_put(other);
}

void folio_outside_mmap_lock(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	mmap_read_lock(mm);
	folio_lock(shared);
	folio_unlock(shared);
	mmap_read_unlock(mm);
	folio_lock(shared);
	mmap_read_lock(mm);
	mmap_read_unlock(mm);
	folio_unlock(shared);
	mm_leave(mm);
}

void folio_unlocked_twice(u32 index)
{
	folio_lock(shared);
	folio_unlock(shared);
	folio_unlock(shared);
}
