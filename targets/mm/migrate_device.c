// SPDX-License-Identifier: GPL-2.0
/*
 * migrate_device.c: moving pages to a device and back, for its driver.
 *
 * Models mm/migrate_device.c, 6.12; the collect step has a file of its own,
 * migrate_device_collect.c. Spec: core.md 7, I-M21.
 *
 * A migration is three calls of the driver's, all of them under one hold of
 * mmap_lock, and the driver's own work between them:
 *
 *	migrate_vma_setup()	each entry a migration entry, each page locked,
 *				isolated, unmapped everywhere; the rest restored
 *	(driver)		allocates, locks, copies: dst[]
 *	migrate_vma_pages()	the commit point: mapping and flags move
 *	(driver)		MUST read src[] again; maps on the device
 *	migrate_vma_finalize()	entries of what moved, or of what did not;
 *				everything unlocked
 *
 * What holds still meanwhile is a page's content and its lock. Its entries do
 * not: MADV_DONTNEED, truncate and the reaper need no more than mmap_lock for
 * reading, or not even that, and zap a migration entry like any other (W-MIG2).
 * Then finalize finds nothing to put back, and the last reference it drops
 * frees the destination. Holes have no page to lock at all: a fault may fill
 * one before migrate_vma_pages() comes for it (W-MIG1).
 *
 * A page with MIGRATE_PFN_PIN does not go anywhere: migrate_device_pin.c.
 *
 * migrate_device_range() does the same from the other side, for frames of the
 * device's own, whoever maps them: no VMA, no mmap_lock, and try_to_migrate()'s
 * brackets instead of MIGRATE ones.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock		the caller's; not for migrate_device_range()
 *     folio lock		only tried, so that two migrations cannot wait
 *				for each other; held from collect to finalize
 *       anon_vma->rwsem	in the walks of rmap.c and migrate.c
 *         notifier callbacks	the lazy bracket of holes, those of the walks
 *         table->ptl		not held over a callback
 *
 * References: collect takes one of reason TMP of every page. A system page's
 * becomes ISOLATE when it is taken off the LRU, a device page's stays TMP.
 *
 * Differences:
 *  - 6.12 takes the lock of the page a fault is about in collect, and so two
 *    faults of one page can keep failing each other (W-MIG7). Here the fault
 *    path takes it, as later kernels do (struct migrate_vma, fault_page);
 *  - migrate_device_range() holds the anon_vma of each page it unmaps until the
 *    entries are back, and passes over pages that nobody maps. 6.12.117 takes
 *    no such reference; here an exit in between then frees the list it walks
 *    (migrate_range_skip_anon_vma_get);
 *  - a fault waits a moment for passing references to its page, and lets others
 *    run when it did not move it. Without that two faults can alternate for
 *    ever, lock or no lock: see settle_fault_page();
 *  - no userfaultfd registration, so a hole is never left to one;
 *  - a huge entry is split, also if its pages are locked (huge_memory.c);
 *  - no swap cache to free, no per-CPU LRU batches to drain;
 *  - arch_enter_lazy_mmu_mode() is nothing, as on bare x86.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swapops.h>

#include "targets/mm/internal.h"
#include "targets/mm/migrate_device.h"
#include "targets/mutation.h"

/* How often a fault looks whether a passing reference of its page is gone. */
#define SETTLE_TRIES	3

static u32 last_id __machine;
/* What a task's migrate_device_range() is called in events, until finalize. */
static u32 range_id[RT_TASKS_MAX] __machine;

/*
 * The anon_vma, with a reference, of each device frame that is being evicted:
 * set and cleared under the lock of the frame's folio. Made on first use.
 */
static struct anon_vma **evicted __machine;

static u32 next_id(void)
{
	return __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
}

static int evicted_boot(void)
{
	struct anon_vma **table, **none = NULL;

	if (likely(__atomic_load_n(&evicted, __ATOMIC_ACQUIRE)))
		return 0;
	table = rt_alloc((END_PFN - DEVICE_PFN) * sizeof(*table));
	if (!table)
		return -ENOMEM;
	__atomic_compare_exchange_n(&evicted, &none, table, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	return 0;
}

/*
 * Nobody holds mmap_lock for us: once the page has no entry but migration
 * entries, all who map it may exit. False: nobody maps it even now.
 */
static bool evict_begin(struct folio *folio)
{
	struct anon_vma *anon_vma;

	if (mutated(migrate_range_skip_anon_vma_get))
		return true;
	anon_vma = folio_get_anon_vma(folio);
	evicted[folio_pfn(folio) - DEVICE_PFN] = anon_vma;
	return anon_vma;
}

/* Its entries are back, or gone. Folio lock held. */
static void evict_end(struct folio *folio)
{
	struct anon_vma **anon_vma = &evicted[folio_pfn(folio) - DEVICE_PFN];

	if (*anon_vma)
		put_anon_vma(*anon_vma);
	*anon_vma = NULL;
}

/*
 * The fault path unlocks a page before it drops its reference, so the next
 * fault may have the lock while the last one still has its reference:
 *
 *	P0 fault, could not move		P1 fault
 *	folio_unlock()
 *						locks, finds P0's reference,
 *						gives up, folio_unlock()
 *	folio_put()
 *	faults again, locks, finds P1's reference, gives up ...
 *
 * No new one can come while the page is locked and unmapped: give it a moment.
 */
static void settle_fault_page(const struct folio *folio)
{
	u32 tries = SETTLE_TRIES;

	while (folio_ref_count(folio) > 2 && tries--)
		cpu_relax();
}

/* References beside @known that need not keep a page: there are none. */
static int harmless_refs(const struct folio *folio, int known)
{
	return mutated(migrate_ignores_refs) ? folio_ref_count(folio) - known :
					       0;
}

/*
 * Has anybody a reference we do not know of? A device page may have one more,
 * which the exact test of migrate_vma_pages() will not allow any longer.
 */
static bool migrate_vma_check_page(struct page *page, struct page *fault_page)
{
	struct folio *folio = page_folio(page);
	int extra = 1 + (page == fault_page);

	if (page == fault_page && migrate_fault_page_locked())
		settle_fault_page(folio);
	if (folio_is_zone_device(folio))
		extra++;
	if (folio_mapping(folio))
		extra++;
	extra += harmless_refs(folio, extra);
	return folio_ref_count(folio) - extra <= folio_mapcount(folio);
}

/* False: it stays, is on the LRU if it was, and has our TMP reference. */
static bool migrate_device_unmap_page(struct page *page,
				      struct page *fault_page,
				      unsigned long mpfn)
{
	struct folio *folio = page_folio(page);
	bool device = folio_is_zone_device(folio);
	bool moves;

	if (!device) {
		if (!folio_isolate_lru(folio))
			return false;
		folio_put(folio);
	}
	if (folio_mapped(folio))
		try_to_migrate(folio, TTU_NONE);
	if (unlikely(mpfn & MIGRATE_PFN_PIN))
		moves = migrate_vma_pin_page(folio);
	else
		moves = !folio_mapped(folio) &&
			migrate_vma_check_page(page, fault_page);
	if (moves)
		return true;
	if (!device) {
		folio_get(folio);
		folio_putback_lru(folio);
	}
	return false;
}

/*
 * A fault whose page did not move is tried again at once, and fails again until
 * who has a reference has dropped it. Let it go on.
 */
static void fault_comes_again(const struct page *page,
			      const struct page *fault_page)
{
	if (page == fault_page)
		cpu_relax();
}

/* How many of src[] still migrate. @migrate is NULL for frames. */
static unsigned long migrate_device_unmap(u32 id, unsigned long *src_pfns,
					  unsigned long npages,
					  const struct migrate_vma *migrate)
{
	struct page *fault_page = migrate ? migrate->fault_page : NULL, *page;
	unsigned long i, restore = 0, unmapped = 0;
	struct folio *folio;

	for (i = 0; i < npages; i++) {
		page = migrate_pfn_to_page(src_pfns[i]);
		if (page && !migrate_device_unmap_page(page, fault_page,
						       src_pfns[i])) {
			src_pfns[i] &= ~MIGRATE_PFN_MIGRATE;
			restore++;
			fault_comes_again(page, fault_page);
		}
		if (!(src_pfns[i] & MIGRATE_PFN_MIGRATE))
			continue;
		unmapped++;
		view_emit(EV_migrate_src, id,
			  migrate ? migrate->start + i * PAGE_SIZE : i,
			  page ? page_to_pfn(page) : 0);
	}
	for (i = 0; i < npages && restore; i++) {
		page = migrate_pfn_to_page(src_pfns[i]);
		if (!page || (src_pfns[i] & MIGRATE_PFN_MIGRATE))
			continue;
		folio = page_folio(page);
		if (!mutated(migrate_skip_restore))
			remove_migration_ptes(folio, folio, false);
		src_pfns[i] = 0;
		if (!migrate)
			evict_end(folio);
		source_unlock(folio, fault_page);
		folio_put(folio);
		restore--;
	}
	return unmapped;
}

/* The -EINVALs. The arrays must have room for every page of the range. */
static bool migrate_vma_valid(const struct migrate_vma *args)
{
	const struct vm_area_struct *vma = args->vma;

	if (!vma || (vma->vm_flags & (VM_HUGETLB | VM_SPECIAL)))
		return false;
	if (args->start >= args->end)
		return false;
	if (args->start < vma->vm_start || args->end > vma->vm_end)
		return false;
	if (!args->src || !args->dst)
		return false;
	return !args->fault_page || is_device_private_page(args->fault_page);
}

/*
 * Needs mmap_lock, any mode, until finalize. Afterwards each src[] with VALID
 * and MIGRATE is locked, unmapped everywhere, isolated or referenced, and its
 * content does not change; one with MIGRATE alone is a hole; the others are 0.
 */
int migrate_vma_setup(struct migrate_vma *args)
{
	int ret = 0;

	args->id = next_id();
	args->start &= PAGE_MASK;
	args->end &= PAGE_MASK;
	args->cpages = 0;
	args->npages = 0;
	view_emit(EV_migrate_setup, args->id,
		  args->vma ? args->vma->vm_mm->slot : ~0ull, args->start);
	if (migrate_vma_valid(args)) {
		mmap_assert_locked(args->vma->vm_mm);
		migrate_vma_collect(args);
		if (args->cpages)
			args->cpages = migrate_device_unmap(args->id, args->src,
							    args->npages, args);
	} else {
		ret = -EINVAL;
	}
	view_emit(EV_migrate_ready, args->id, args->cpages, (u64)-ret);
	return ret;
}

/* The entry a fresh page gets; rights are the VMA's, not those of dst[]. */
static pte_t insert_pte(const struct vm_area_struct *vma, struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	pte_t entry;

	if (is_device_private_page(page))
		return swp_entry_to_pte(vma->vm_flags & VM_WRITE ?
				make_writable_device_private_entry(pfn) :
				make_readable_device_private_entry(pfn));
	entry = pfn_pte(pfn, vma->vm_page_prot);
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite_novma(pte_mkdirty(entry));
	return entry;
}

/*
 * Fill a hole that setup saw, if it is still one. Nothing was locked for it,
 * so the entry is looked at again under the PTL: a fault may have been faster.
 */
static void migrate_vma_insert_page(struct migrate_vma *migrate,
				    unsigned long addr, struct page *page,
				    unsigned long *src)
{
	struct vm_area_struct *vma = migrate->vma;
	struct folio *folio = page_folio(page);
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmdp = pmd_offset(mm, addr);
	pte_t *ptep, orig_pte;
	spinlock_t *ptl;
	bool zero;

	*src &= ~MIGRATE_PFN_MIGRATE;
	if (!vma_is_anonymous(vma) || pmd_trans_huge(pmdp))
		return;
	if (pte_alloc(mm, pmdp) || anon_vma_prepare(vma))
		return;
	folio_set_flag(folio, PG_uptodate);
	ptep = pte_offset_map_lock(mm, pmdp, addr, &ptl);
	if (!ptep)
		return;
	rt_point(RT_SITE(RT_NOTE, "migrate_vma_insert_page", NULL), ptep);
	orig_pte = ptep_get(ptep);
	zero = pte_present(orig_pte) && is_zero_pfn(pte_pfn(orig_pte));
	if (!zero && !pte_none(orig_pte) && !mutated(migrate_insert_skip_none))
		goto unlock;
	/* Contents of a reaped mm may be gone: what came is not what was. */
	if (test_bit(MMF_UNSTABLE, &mm->flags))
		goto unlock;
	add_mm_counter(mm, 1);
	folio_add_new_anon_rmap(folio, vma, addr, RMAP_EXCLUSIVE);
	page_ref_inc(page, is_device_private_page(page) ? VIEW_REF_DPRIV :
							  VIEW_REF_PTE);
	if (zero)
		ptep_clear_flush(vma, addr, ptep);
	set_pte_at(mm, addr, ptep, insert_pte(vma, page));
	view_emit(EV_migrate_moved, migrate->id, 0, page_to_pfn(page));
	*src = MIGRATE_PFN_MIGRATE;
	if (!folio_is_zone_device(folio))
		folio_add_lru(folio);
unlock:
	pte_unmap_unlock(ptep, ptl);
}

/* True: @newfolio stands where @folio did; from here on it is the page. */
static bool migrate_device_page(u32 id, struct folio *newfolio,
				struct folio *folio, bool fault_page, bool pin)
{
	struct address_space *mapping = folio_mapping(folio);
	int extra = fault_page;

	if (unlikely(pin)) {
		if (folio_migrate_mapping_referenced(newfolio, folio))
			return false;
		goto moved;
	}
	/* A device cannot hold what others find through a page cache. */
	if (mapping && folio_is_device_private(newfolio))
		return false;
	extra += harmless_refs(folio,
			       folio_expected_refs(mapping, folio) + extra);
	if (folio_migrate_mapping(mapping, newfolio, folio, extra))
		return false;
moved:
	view_emit(EV_migrate_moved, id, folio_pfn(folio), folio_pfn(newfolio));
	folio_migrate_flags(newfolio, folio);
	return true;
}

static void __migrate_device_pages(u32 id, unsigned long *src_pfns,
				   unsigned long *dst_pfns,
				   unsigned long npages,
				   struct migrate_vma *migrate)
{
	struct page *fault_page = migrate ? migrate->fault_page : NULL;
	struct mmu_notifier_range range;
	struct page *newpage, *page;
	bool notified = false;
	unsigned long i, addr;

	for (i = 0; i < npages; i++) {
		newpage = migrate_pfn_to_page(dst_pfns[i]);
		page = migrate_pfn_to_page(src_pfns[i]);
		if (!(src_pfns[i] & MIGRATE_PFN_MIGRATE))
			continue;
		if (!newpage) {
			src_pfns[i] &= ~MIGRATE_PFN_MIGRATE;
			continue;
		}
		if (page) {
			if (!migrate_device_page(id, page_folio(newpage),
						 page_folio(page),
						 page == fault_page,
						 src_pfns[i] &
						 MIGRATE_PFN_PIN)) {
				src_pfns[i] &= ~MIGRATE_PFN_MIGRATE;
				fault_comes_again(page, fault_page);
			}
			continue;
		}
		BUG_ON(!migrate);
		addr = migrate->start + i * PAGE_SIZE;
		if (!notified) {
			notified = true;
			mmu_notifier_range_init_owner(&range,
					MMU_NOTIFY_MIGRATE,
					MMU_NOTIFIER_RANGE_BLOCKABLE,
					migrate->vma->vm_mm, addr, migrate->end,
					migrate->pgmap_owner);
			mmu_notifier_invalidate_range_start(&range);
		}
		migrate_vma_insert_page(migrate, addr, newpage, &src_pfns[i]);
	}
	if (notified)
		mmu_notifier_invalidate_range_end(&range);
}

/*
 * Needs what setup left, and dst[] with locked pages of one reference (TMP).
 * Takes nothing over yet; src[] without MIGRATE says what did not move.
 */
void migrate_vma_pages(struct migrate_vma *migrate)
{
	rt_point(RT_SITE(RT_NOTE, "migrate_vma_pages", NULL),
		 migrate->vma->vm_mm);
	__migrate_device_pages(migrate->id, migrate->src, migrate->dst,
			       migrate->npages, migrate);
}

void migrate_device_pages(unsigned long *src_pfns, unsigned long *dst_pfns,
			  unsigned long npages)
{
	__migrate_device_pages(range_id[rt_self()], src_pfns, dst_pfns, npages,
			       NULL);
}

static void unlock_and_put(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

/*
 * Put entries of @dst, which may be @src itself, where @src's migration entries
 * stand, and let both go. The lock of @src is what those who found a migration
 * entry sleep on: it is dropped when there is none left.
 */
static void migrate_finalize_page(struct folio *src, struct folio *dst,
				  const struct page *fault_page, bool frames,
				  bool keep)
{
	unsigned int reason = folio_is_zone_device(src) ? VIEW_REF_TMP :
							  VIEW_REF_ISOLATE;

	if (!folio_is_zone_device(dst))
		folio_add_lru(dst);
	if (mutated(migrate_unlock_before_remap))
		source_unlock(src, fault_page);
	remove_migration_ptes(src, dst, false);
	if (frames)
		evict_end(src);
	if (!mutated(migrate_unlock_before_remap))
		source_unlock(src, fault_page);
	if (unlikely(keep)) {
		unlock_and_put(dst);
		return;
	}
	page_ref_put(folio_page(src, 0), reason);
	if (dst == src)
		return;
	if (!folio_is_zone_device(src) && mutated(migrate_lists_dying_page))
		folio_add_lru(src);
	unlock_and_put(dst);
}

static void __migrate_device_finalize(u32 id, unsigned long *src_pfns,
				      unsigned long *dst_pfns,
				      unsigned long npages,
				      const struct migrate_vma *migrate)
{
	const struct page *fault_page = migrate ? migrate->fault_page : NULL;
	struct page *newpage, *page;
	unsigned long i;
	bool moved, keep;

	for (i = 0; i < npages; i++) {
		newpage = migrate_pfn_to_page(dst_pfns[i]);
		page = migrate_pfn_to_page(src_pfns[i]);
		moved = newpage && (src_pfns[i] & MIGRATE_PFN_MIGRATE);
		keep = false;
		if (unlikely(page && src_pfns[i] & MIGRATE_PFN_PIN))
			keep = migrate_finalize_pinned(page, moved);
		if (unlikely(dst_pfns[i] & MIGRATE_PFN_UNPIN))
			migrate_finalize_unpin(newpage, moved);
		/* Of a hole, or for a page that stays. */
		else if (newpage && (!page || !moved))
			unlock_and_put(page_folio(newpage));
		if (page)
			migrate_finalize_page(page_folio(page), moved ?
					      page_folio(newpage) :
					      page_folio(page),
					      fault_page, !migrate, keep);
	}
	view_emit(EV_migrate_end, id, 0, 0);
}

void migrate_device_finalize(unsigned long *src_pfns, unsigned long *dst_pfns,
			     unsigned long npages)
{
	__migrate_device_finalize(range_id[rt_self()], src_pfns, dst_pfns,
				  npages, NULL);
}

/* Every page is unlocked and every reference of setup's and the driver's to
 * src[] and dst[] dropped. mmap_lock may go afterwards. */
void migrate_vma_finalize(struct migrate_vma *migrate)
{
	rt_point(RT_SITE(RT_NOTE, "migrate_vma_finalize", NULL),
		 migrate->vma->vm_mm);
	__migrate_device_finalize(migrate->id, migrate->src, migrate->dst,
				  migrate->npages, migrate);
}

/*
 * @start, @npages: frames of a device. Those that are free, locked by somebody
 * or mapped by nobody are passed over: src_pfns[] 0. No lock held; may sleep.
 * One at a time a task, until its migrate_device_finalize(). 0 or -ENOMEM.
 */
int migrate_device_range(unsigned long *src_pfns, unsigned long start,
			 unsigned long npages)
{
	u32 id = range_id[rt_self()] = next_id();
	unsigned long i, cpages;
	struct folio *folio;

	if (evicted_boot())
		return -ENOMEM;
	view_emit(EV_migrate_setup, id, ~0ull, start);
	for (i = 0; i < npages; i++) {
		folio = page_folio(pfn_to_page(start + i));
		src_pfns[i] = 0;
		if (!folio_try_get(folio))
			continue;
		if (folio_trylock(folio)) {
			if (evict_begin(folio)) {
				src_pfns[i] = migrate_pfn(start + i) |
					      MIGRATE_PFN_MIGRATE;
				continue;
			}
			folio_unlock(folio);
		}
		folio_put(folio);
	}
	cpages = migrate_device_unmap(id, src_pfns, npages, NULL);
	view_emit(EV_migrate_ready, id, cpages, 0);
	return 0;
}
