// SPDX-License-Identifier: GPL-2.0
/*
 * rmap.c: from a page to the VMAs that may map it, and how many entries do.
 *
 * Models mm/rmap.c, 6.12, without its walkers: those that take entries away
 * are in rmap_migrate.c and rmap_exclusive.c. Spec: core.md 2.1, 2.5.
 *
 * A VMA gets an anon_vma with its first anonymous page. fork() and split put
 * the new VMA on every anon_vma of the old one, at the end of the list:
 *
 *	anon_vma A (root)		parent, child
 *	anon_vma B			child		pages the child makes
 *
 * A page made before the fork belongs to A and is found in both. The order
 * matters: fork() may copy a migration entry into the child while a walk that
 * holds no mmap_lock is on its way; the walk must not have passed the child
 * when it meets the parent, or the copy would stay for ever (window W-RMAP).
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			not held by every walk
 *     folio lock			of the folio that is walked
 *       mapping->i_mmap_rwsem		read to walk, write to link a VMA
 *         anon_vma->root->rwsem	likewise; of the whole tree of forks
 *           mm->page_table_lock	vma->anon_vma, from NULL to one
 *           notifier callbacks		of a walker
 *           table->ptl
 *
 * A walk needs its anon_vma to stay. While a page is mapped the VMA that maps
 * it is on the list, so a walk that finds it mapped may take a reference:
 * @anon_vma_word makes that test and the count one step to the last put. It is
 * a leaf, held across no switch point, and not one of the port's locks.
 *
 * Differences:
 *  - lists instead of interval trees; a walk skips VMAs that do not cover the
 *    page's index;
 *  - a reference under that word instead of RCU and type-safe memory;
 *  - an anon_vma is never shared with a neighbour nor taken over by a child
 *    (degree, num_children), since VMAs do not merge;
 *  - a page that is written by its last owner stays with the anon_vma it was
 *    made for (folio_move_anon_rmap()): a walk visits more VMAs than it must.
 */
#include <linux/bug.h>
#include <linux/huge_mm.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mutation.h"

#define ANON_VMA_DEAD	0x40000000u	/* refcount of one that is being freed */

static struct kmem_cache *anon_vma_cachep __machine;
static struct kmem_cache *anon_vma_chain_cachep __machine;
static u32 anon_vma_word __machine;

/* In M0: anon_vma_init(). */
void anon_vma_boot(void)
{
	anon_vma_cachep = KMEM_CACHE(anon_vma, SLAB_ACCOUNT);
	anon_vma_chain_cachep = KMEM_CACHE(anon_vma_chain, SLAB_ACCOUNT);
}

static void anon_vma_word_lock(void)
{
	while (__atomic_exchange_n(&anon_vma_word, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static void anon_vma_word_unlock(void)
{
	__atomic_store_n(&anon_vma_word, 0, __ATOMIC_RELEASE);
}

static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma;

	anon_vma = kmem_cache_alloc(anon_vma_cachep, GFP_KERNEL);
	if (!anon_vma)
		return NULL;
	anon_vma->root = anon_vma;
	init_rwsem(&anon_vma->rwsem);
	anon_vma->refcount = 0;
	INIT_LIST_HEAD(&anon_vma->head);
	return anon_vma;
}

static void anon_vma_free(struct anon_vma *anon_vma)
{
	kmem_cache_free(anon_vma_cachep, anon_vma);
}

static struct anon_vma_chain *anon_vma_chain_alloc(void)
{
	return kmem_cache_alloc(anon_vma_chain_cachep, GFP_KERNEL);
}

static void anon_vma_chain_free(struct anon_vma_chain *avc)
{
	kmem_cache_free(anon_vma_chain_cachep, avc);
}

/* One that cannot go: the caller's VMA is on it, or holds a reference. */
static void get_anon_vma(struct anon_vma *anon_vma)
{
	__atomic_fetch_add(&anon_vma->refcount, 1, __ATOMIC_RELAXED);
}

/*
 * True: it was the last one. Who takes another without having one does not make
 * it the last once more, and is found out by using what was freed.
 */
static bool anon_vma_put_testzero(struct anon_vma *anon_vma)
{
	bool zero;

	anon_vma_word_lock();
	zero = !__atomic_sub_fetch(&anon_vma->refcount, 1, __ATOMIC_ACQ_REL);
	if (zero)
		__atomic_store_n(&anon_vma->refcount, ANON_VMA_DEAD,
				 __ATOMIC_RELAXED);
	anon_vma_word_unlock();
	return zero;
}

void put_anon_vma(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	if (!anon_vma_put_testzero(anon_vma))
		return;
	anon_vma_free(anon_vma);
	if (root != anon_vma)
		put_anon_vma(root);
}

/* Of two trees' worth of walks: parents come before children. */
static void anon_vma_chain_link(struct vm_area_struct *vma,
				struct anon_vma_chain *avc,
				struct anon_vma *anon_vma)
{
	avc->vma = vma;
	avc->anon_vma = anon_vma;
	get_anon_vma(anon_vma);
	list_add(&avc->same_vma, &vma->anon_vma_chain);
	if (mutated(rmap_child_before_parent))
		list_add(&avc->rb, &anon_vma->head);
	else
		list_add_tail(&avc->rb, &anon_vma->head);
}

/*
 * The anon_vma is nobody's before it is published, so its list needs no lock;
 * the VMA's own is under page_table_lock, like the pointer, because two faults
 * of one VMA may both be here.
 */
static int __anon_vma_prepare(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma_chain *avc;
	struct anon_vma *anon_vma;

	mmap_assert_locked(mm);
	avc = anon_vma_chain_alloc();
	if (!avc)
		return -ENOMEM;
	anon_vma = anon_vma_alloc();
	if (!anon_vma) {
		anon_vma_chain_free(avc);
		return -ENOMEM;
	}
	spin_lock(&mm->page_table_lock);
	if (likely(!vma->anon_vma)) {
		anon_vma_chain_link(vma, avc, anon_vma);
		__atomic_store_n(&vma->anon_vma, anon_vma, __ATOMIC_RELEASE);
		avc = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (unlikely(avc)) {
		anon_vma_free(anon_vma);
		anon_vma_chain_free(avc);
	}
	return 0;
}

int anon_vma_prepare(struct vm_area_struct *vma)
{
	if (likely(__atomic_load_n(&vma->anon_vma, __ATOMIC_ACQUIRE)))
		return 0;
	return __anon_vma_prepare(vma);
}

/*
 * Needs mmap_lock of both for writing, and @dst's list empty. A walk may meet
 * @dst before it is whole: it then finds no entry there, because nothing was
 * copied yet.
 */
int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct anon_vma_chain *avc, *pavc;

	list_for_each_entry_reverse(pavc, &src->anon_vma_chain, same_vma) {
		struct anon_vma *anon_vma = pavc->anon_vma;

		avc = anon_vma_chain_alloc();
		if (!avc) {
			unlink_anon_vmas(dst);
			return -ENOMEM;
		}
		anon_vma_lock_write(anon_vma);
		anon_vma_chain_link(dst, avc, anon_vma);
		anon_vma_unlock_write(anon_vma);
	}
	return 0;
}

int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *pvma)
{
	struct anon_vma_chain *avc;
	struct anon_vma *anon_vma;

	if (!pvma->anon_vma)
		return 0;
	vma->anon_vma = NULL;
	if (anon_vma_clone(vma, pvma))
		return -ENOMEM;
	avc = anon_vma_chain_alloc();
	anon_vma = avc ? anon_vma_alloc() : NULL;
	if (!anon_vma) {
		anon_vma_chain_free(avc);
		unlink_anon_vmas(vma);
		return -ENOMEM;
	}
	anon_vma->root = pvma->anon_vma->root;
	get_anon_vma(anon_vma->root);
	vma->anon_vma = anon_vma;
	anon_vma_lock_write(anon_vma);
	anon_vma_chain_link(vma, avc, anon_vma);
	anon_vma_unlock_write(anon_vma);
	return 0;
}

/*
 * Needs @vma to be out of reach of faults, and its entries gone. The references
 * are dropped after the lock: the last one of a root frees what is locked. Who
 * has the only reference needs no lock: no walk has one, and none can get one,
 * since no page of this anon_vma is mapped any more.
 */
void unlink_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc, *next;
	struct anon_vma *anon_vma;
	bool alone;

	vma->anon_vma = NULL;
	if (list_empty(&vma->anon_vma_chain))
		return;
	avc = list_first_entry(&vma->anon_vma_chain, struct anon_vma_chain,
			       same_vma);
	anon_vma = avc->anon_vma;
	alone = __atomic_load_n(&anon_vma->refcount, __ATOMIC_ACQUIRE) == 1 &&
		list_is_singular(&vma->anon_vma_chain);
	if (!alone)
		anon_vma_lock_write(anon_vma);
	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		list_del(&avc->rb);
	if (!alone)
		anon_vma_unlock_write(anon_vma);
	list_for_each_entry_safe(avc, next, &vma->anon_vma_chain, same_vma) {
		put_anon_vma(avc->anon_vma);
		list_del(&avc->same_vma);
		anon_vma_chain_free(avc);
	}
}

struct anon_vma *folio_get_anon_vma(struct folio *folio)
{
	struct anon_vma *anon_vma;

	rt_point(RT_SITE(RT_LOAD, "folio_get_anon_vma", NULL), folio);
	anon_vma_word_lock();
	anon_vma = folio_anon_vma(folio);
	if (anon_vma && (folio_mapped(folio) ||
			 (folio_lent(folio) &&
			  !mutated(excl_take_back_skip_anon_vma))))
		get_anon_vma(anon_vma);
	else
		anon_vma = NULL;
	anon_vma_word_unlock();
	return anon_vma;
}

/* The lock for a walk; false if @rwc would not wait for it. */
static bool rmap_lock_read(struct rw_semaphore *sem,
			   struct rmap_walk_control *rwc)
{
	if (!rwc->try_lock) {
		down_read(sem);
		return true;
	}
	if (down_read_trylock(sem))
		return true;
	rwc->contended = true;
	return false;
}

/* For rmap_walk_control.anon_lock: nothing to walk if @folio is not mapped. */
struct anon_vma *folio_lock_anon_vma_read(struct folio *folio,
					  struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma = folio_get_anon_vma(folio);

	if (!anon_vma)
		return NULL;
	if (!rmap_lock_read(&anon_vma->root->rwsem, rwc)) {
		put_anon_vma(anon_vma);
		return NULL;
	}
	return anon_vma;
}

void folio_mapcount_add(struct folio *folio, s32 n)
{
	s32 count = __atomic_add_fetch(&folio->page._mapcount, n,
				       __ATOMIC_RELAXED);

	view_emit(EV_page_mapcount, folio_pfn(folio), (u64)count, 0);
}

/* The page is @vma's: of its own anon_vma if nobody else can map it. */
static void __folio_set_anon(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, bool exclusive)
{
	struct anon_vma *anon_vma = vma->anon_vma;

	BUG_ON(!anon_vma);
	if (!exclusive)
		anon_vma = anon_vma->root;
	folio_set_mapping(folio,
			  (void *)((unsigned long)anon_vma | PAGE_MAPPING_ANON),
			  linear_page_index(vma, address));
}

void folio_add_anon_rmap_pte(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma, unsigned long address,
			     rmap_t flags)
{
	folio_mapcount_add(folio, 1);
	if (unlikely(!folio_test_anon(folio)))
		__folio_set_anon(folio, vma, address, flags & RMAP_EXCLUSIVE);
	if (flags & RMAP_EXCLUSIVE)
		SetPageAnonExclusive(page);
}

void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags)
{
	folio_set_flag(folio, PG_swapbacked);
	__folio_set_anon(folio, vma, address, flags & RMAP_EXCLUSIVE);
	folio_mapcount_add(folio, 1);
	if (flags & RMAP_EXCLUSIVE)
		SetPageAnonExclusive(&folio->page);
}

void folio_add_file_rmap_pte(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma)
{
	WARN_ON(folio_test_anon(folio));
	folio_mapcount_add(folio, 1);
}

void folio_dup_file_rmap_pte(struct folio *folio, struct page *page)
{
	folio_mapcount_add(folio, 1);
}

/* A device may be reading or writing the page for as long as it likes. */
static bool folio_needs_cow_for_dma(struct vm_area_struct *vma,
				    struct folio *folio)
{
	if (!test_bit(MMF_HAS_PINNED, &vma->vm_mm->flags))
		return false;
	rt_point(RT_SITE(RT_LOAD, "folio_maybe_dma_pinned", NULL), folio);
	return folio_maybe_dma_pinned(folio);
}

int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page,
				struct vm_area_struct *src_vma)
{
	if (PageAnonExclusive(page)) {
		if (!folio_is_zone_device(folio) &&
		    folio_needs_cow_for_dma(src_vma, folio))
			return -EBUSY;
		if (!mutated(mm_fork_keeps_exclusive))
			ClearPageAnonExclusive(page);
	}
	folio_mapcount_add(folio, 1);
	return 0;
}

int folio_try_dup_anon_rmap_pmd(struct page *page,
				struct vm_area_struct *src_vma)
{
	u32 i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (PageAnonExclusive(page + i) &&
		    !mutated(huge_fork_shares_pinned) &&
		    folio_needs_cow_for_dma(src_vma, page_folio(page + i)))
			return -EBUSY;
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (PageAnonExclusive(page + i))
			ClearPageAnonExclusive(page + i);
		folio_mapcount_add(page_folio(page + i), 1);
	}
	return 0;
}

/*
 * GUP-fast takes its reference, then looks at the entry again, then at
 * ANON_EXCLUSIVE. Here the entry went first, so one of the two sees the other.
 */
int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page)
{
	if (!folio_is_zone_device(folio)) {
		rt_point(RT_SITE(RT_LOAD, "folio_maybe_dma_pinned", NULL),
			 folio);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (folio_maybe_dma_pinned(folio))
			return -EBUSY;
	}
	ClearPageAnonExclusive(page);
	return 0;
}

void folio_remove_rmap_pte(struct folio *folio, struct page *page,
			   struct vm_area_struct *vma)
{
	folio_mapcount_add(folio, -1);
}

/* Referenced and locked for reading; NULL: nothing to walk. */
static struct anon_vma *rmap_walk_anon_lock(struct folio *folio,
					    struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma;

	if (rwc->anon_lock)
		return rwc->anon_lock(folio, rwc);
	anon_vma = folio_anon_vma(folio);
	if (!anon_vma)
		return NULL;
	if (!rmap_lock_read(&anon_vma->root->rwsem, rwc))
		return NULL;
	get_anon_vma(anon_vma);
	return anon_vma;
}

/* False: the walk is over. */
static bool rmap_walk_one(struct folio *folio, struct vm_area_struct *vma,
			  struct rmap_walk_control *rwc)
{
	unsigned long address = vma_address(vma, folio->page.index);

	if (address == (unsigned long)-EFAULT)
		return true;
	if (!rwc->rmap_one(folio, vma, address, rwc->arg))
		return false;
	return !rwc->done || !rwc->done(folio);
}

static void rmap_walk_anon(struct folio *folio, struct rmap_walk_control *rwc,
			   bool locked)
{
	struct anon_vma_chain *avc;
	struct anon_vma *anon_vma;

	anon_vma = locked ? folio_anon_vma(folio) :
		rmap_walk_anon_lock(folio, rwc);
	if (!anon_vma)
		return;
	list_for_each_entry(avc, &anon_vma->head, rb) {
		if (!rmap_walk_one(folio, avc->vma, rwc))
			break;
	}
	if (!locked) {
		anon_vma_unlock_read(anon_vma);
		put_anon_vma(anon_vma);
	}
}

static void rmap_walk_file(struct folio *folio, struct rmap_walk_control *rwc,
			   bool locked)
{
	struct address_space *mapping = folio_mapping(folio);
	struct vm_area_struct *vma;

	/* The folio lock keeps it in the cache, or it was truncated. */
	if (!mapping)
		return;
	if (!locked && !rmap_lock_read(&mapping->i_mmap_rwsem, rwc))
		return;
	list_for_each_entry(vma, &mapping->i_mmap, shared) {
		if (!rmap_walk_one(folio, vma, rwc))
			break;
	}
	if (!locked)
		i_mmap_unlock_read(mapping);
}

static void __rmap_walk(struct folio *folio, struct rmap_walk_control *rwc,
			bool locked)
{
	WARN_ON(!folio_test_locked(folio));
	if (folio_test_anon(folio))
		rmap_walk_anon(folio, rwc, locked);
	else
		rmap_walk_file(folio, rwc, locked);
}

void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc)
{
	__rmap_walk(folio, rwc, false);
}

void rmap_walk_locked(struct folio *folio, struct rmap_walk_control *rwc)
{
	__rmap_walk(folio, rwc, true);
}
