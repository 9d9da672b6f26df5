// SPDX-License-Identifier: GPL-2.0
/*
 * hmm_pt.c: the mirror page table: directories that come and go.
 *
 * Models mm/hmm_pt.c of the HMM series ("HMM: add HMM page table", the posting
 * of July 2015, and what the mails on v12 say of its counts). Spec: hmm-v12.md
 * 1.5.
 *
 * A directory that nobody needs is taken out at once, while others walk:
 *
 *	unprotect				populate
 *	count 1 -> 0
 *						RCU: child found, count 0: dying
 *						parent's lock: a new child in
 *						its place
 *	parent's lock: is it still me? [must
 *	say no]
 *	to the dead list, freed after a grace
 *	period
 *
 * Lock order: a directory's lock is a leaf, and only one is held at a time.
 *
 * Differences:
 *  - who puts a new directory in the place of a dying one leaves the parent's
 *    count as it is, since the entry goes on being valid;
 *  - directories hold pointers instead of frame numbers.
 */
#include <linux/bug.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "targets/hmm_mirror/hmm_pt.h"
#include "targets/mutation.h"

/* What one entry of a directory at @level covers. */
static unsigned long entry_size(unsigned int level)
{
	return PAGE_SIZE << HMM_PT_SHIFT * (HMM_PT_LLEVEL - level);
}

/* Do both addresses have their entry at @level in the same directory? */
static bool same_directory(unsigned long a, unsigned long b,
			   unsigned int level)
{
	return !((a ^ b) & ~((entry_size(level) << HMM_PT_SHIFT) - 1));
}

static struct hmm_ptd *pde_read(struct hmm_ptd *const *pde)
{
	return __atomic_load_n(pde, __ATOMIC_ACQUIRE);
}

static u32 nr_valid(const struct hmm_ptd *ptd)
{
	u32 n = 0;

	for (u32 i = 0; i < HMM_PT_ENTRIES; i++)
		n += ptd->level == HMM_PT_LLEVEL ?
			hmm_pte_valid(hmm_pte_read(&ptd->pte[i])) :
			!!pde_read(&ptd->pde[i]);
	return n;
}

/* Each change of a count, once it agrees with the entries again. */
static void ptd_told(const struct hmm_pt_iter *iter, const struct hmm_ptd *ptd)
{
	if (ptd->level)
		view_emit(EV_v12_directory,
			  iter->pt->space | (u64)ptd->level << 8, (u64)ptd,
			  VIEW_V12_COUNTS(
				__atomic_load_n(&ptd->count, __ATOMIC_RELAXED),
				nr_valid(ptd),
				__atomic_load_n(&ptd->iterators,
						__ATOMIC_RELAXED)));
}

/*
 * The entry for a directory changes, under the parent's lock. What it named is
 * out of reach from here on.
 */
static void pde_set(const struct hmm_pt_iter *iter, struct hmm_ptd **pde,
		    struct hmm_ptd *ptd)
{
	const struct hmm_ptd *old = *pde;

	__atomic_store_n(pde, ptd, __ATOMIC_RELEASE);
	if (old)
		view_emit(EV_v12_unlinked,
			  iter->pt->space | (u64)old->level << 8, (u64)old,
			  (u64)__atomic_load_n(&old->count, __ATOMIC_RELAXED));
}

static void ptd_lock(struct hmm_ptd *ptd)
{
	spin_lock(&ptd->lock);
}

static void ptd_unlock(struct hmm_ptd *ptd)
{
	spin_unlock(&ptd->lock);
}

static struct hmm_ptd *ptd_alloc(unsigned int level)
{
	struct hmm_ptd *ptd = kzalloc(sizeof(*ptd), GFP_KERNEL);

	if (!ptd)
		return NULL;
	ptd->count = 1;
	ptd->iterators = 1;
	ptd->level = (u8)level;
	spin_lock_init(&ptd->lock);
	rt_name(ptd, "hmm_ptd", (int)level);
	return ptd;
}

/* A reference to a directory that may be dying: false, it is. */
static bool ptd_protect(const struct hmm_pt_iter *iter, struct hmm_ptd *ptd)
{
	s32 count;

	rt_point(RT_SITE(RT_RMW, "hmm_pt_iter_protect_directory", NULL), ptd);
	count = __atomic_load_n(&ptd->count, __ATOMIC_RELAXED);
	do {
		if (!count)
			return false;
	} while (!__atomic_compare_exchange_n(&ptd->count, &count, count + 1,
					      false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	__atomic_fetch_add(&ptd->iterators, 1, __ATOMIC_RELAXED);
	ptd_told(iter, ptd);
	return true;
}

void hmm_pt_init(struct hmm_pt *pt, u32 space)
{
	pt->space = space;
	spin_lock_init(&pt->root.lock);
}

/* Of a mirror that was killed: whoever left a directory here, it is told. */
static void ptd_free(const struct hmm_pt *pt, struct hmm_ptd *ptd)
{
	if (ptd->level < HMM_PT_LLEVEL)
		for (u32 i = 0; i < HMM_PT_ENTRIES; i++)
			if (ptd->pde[i])
				ptd_free(pt, ptd->pde[i]);
	if (!ptd->level)
		return;
	view_emit(EV_v12_unlinked, pt->space | (u64)ptd->level << 8, (u64)ptd,
		  (u64)ptd->count);
	kfree(ptd);
}

void hmm_pt_fini(struct hmm_pt *pt)
{
	ptd_free(pt, &pt->root);
}

/* -- iterators -- */

void hmm_pt_iter_init(struct hmm_pt_iter *iter, struct hmm_pt *pt)
{
	*iter = (struct hmm_pt_iter){ .pt = pt };
}

static struct hmm_ptd *upper(struct hmm_pt_iter *iter, unsigned int level)
{
	return level > 1 ? iter->ptd[level - 2] : &iter->pt->root;
}

/* Out of the parent, unless somebody has put another in its place. */
static void unlink_directory(struct hmm_pt_iter *iter, struct hmm_ptd *ptd)
{
	struct hmm_ptd *parent = upper(iter, ptd->level);
	u32 i = hmm_pt_index(iter->cur, parent->level);

	ptd_lock(parent);
	if (parent->pde[i] == ptd || mutated(h12_prune_skip_compare)) {
		pde_set(iter, &parent->pde[i], NULL);
		if (parent->level)
			__atomic_fetch_sub(&parent->count, 1, __ATOMIC_RELAXED);
		ptd_told(iter, parent);
	}
	ptd_unlock(parent);
	ptd->next = iter->dead;
	iter->dead = ptd;
}

static void unprotect_directory(struct hmm_pt_iter *iter, unsigned int level)
{
	struct hmm_ptd *ptd = iter->ptd[level - 1];
	s32 count;

	if (!ptd)
		return;
	iter->ptd[level - 1] = NULL;
	rt_point(RT_SITE(RT_RMW, "hmm_pt_iter_unprotect_directory", NULL), ptd);
	/* Once it is not ours, others may take it out; to tell of it takes that
	 * it is not freed meanwhile. */
	rcu_read_lock();
	__atomic_fetch_sub(&ptd->iterators, 1, __ATOMIC_RELAXED);
	count = __atomic_sub_fetch(&ptd->count, 1, __ATOMIC_ACQ_REL);
	ptd_told(iter, ptd);
	rcu_read_unlock();
	if (!count)
		unlink_directory(iter, ptd);
}

void hmm_pt_iter_fini(struct hmm_pt_iter *iter)
{
	struct hmm_ptd *ptd, *next;

	for (unsigned int level = HMM_PT_LLEVEL; level; level--)
		unprotect_directory(iter, level);
	if (!iter->dead)
		return;
	/* A walk may have found them just before they were taken out. */
	if (!mutated(h12_free_skip_grace))
		synchronize_rcu();
	for (ptd = iter->dead; ptd; ptd = next) {
		next = ptd->next;
		kfree(ptd);
	}
	iter->dead = NULL;
}

/* Let go of the directories that @addr is not in, the lowest first. */
static void move_to(struct hmm_pt_iter *iter, unsigned long addr)
{
	for (unsigned int level = HMM_PT_LLEVEL; level; level--)
		if (!same_directory(iter->cur, addr, level))
			unprotect_directory(iter, level);
	iter->cur = addr;
}

/* The directory at @level on the way to iter->cur; NULL: none, or dying. */
static struct hmm_ptd *protect_directory(struct hmm_pt_iter *iter,
					 unsigned int level)
{
	struct hmm_ptd *parent = upper(iter, level);
	struct hmm_ptd *ptd;

	rcu_read_lock();
	ptd = pde_read(&parent->pde[hmm_pt_index(iter->cur, level - 1)]);
	if (ptd && !ptd_protect(iter, ptd))
		ptd = NULL;
	rcu_read_unlock();
	iter->ptd[level - 1] = ptd;
	return ptd;
}

static dma_addr_t *found(struct hmm_pt_iter *iter, unsigned long addr,
			 unsigned long *next)
{
	const unsigned long size = entry_size(HMM_PT_LLEVEL - 1);

	*next = min(*next, (addr & ~(size - 1)) + size);
	return &iter->ptd[HMM_PT_LLEVEL - 1]->pte[
			hmm_pt_index(addr, HMM_PT_LLEVEL)];
}

dma_addr_t *hmm_pt_iter_lookup(struct hmm_pt_iter *iter, unsigned long addr,
			       unsigned long *next)
{
	unsigned long size;

	move_to(iter, addr);
	for (unsigned int level = 1; level <= HMM_PT_LLEVEL; level++) {
		if (iter->ptd[level - 1] || protect_directory(iter, level))
			continue;
		size = entry_size(level - 1);
		*next = min(*next, (addr & ~(size - 1)) + size);
		return NULL;
	}
	return found(iter, addr, next);
}

/*
 * A directory where there was none a moment ago: ours, or the one that somebody
 * else put there meanwhile. One that is dying makes room.
 */
static struct hmm_ptd *install_directory(struct hmm_pt_iter *iter,
					 unsigned int level)
{
	struct hmm_ptd *parent = upper(iter, level), *old, *new;
	struct hmm_ptd **pde = &parent->pde[hmm_pt_index(iter->cur, level - 1)];

	new = ptd_alloc(level);
	if (!new)
		return NULL;
	ptd_lock(parent);
	old = *pde;
	if (old && !mutated(h12_populate_skip_recheck) &&
	    ptd_protect(iter, old)) {
		ptd_unlock(parent);
		kfree(new);
		iter->ptd[level - 1] = old;
		return old;
	}
	pde_set(iter, pde, new);
	if (!old && parent->level)
		__atomic_fetch_add(&parent->count, 1, __ATOMIC_RELAXED);
	ptd_told(iter, parent);
	ptd_unlock(parent);
	iter->ptd[level - 1] = new;
	return new;
}

dma_addr_t *hmm_pt_iter_populate(struct hmm_pt_iter *iter, unsigned long addr,
				 unsigned long *next)
{
	move_to(iter, addr);
	for (unsigned int level = 1; level <= HMM_PT_LLEVEL; level++)
		if (!iter->ptd[level - 1] && !protect_directory(iter, level) &&
		    !install_directory(iter, level))
			return NULL;
	return found(iter, addr, next);
}

void hmm_pt_iter_directory_lock(struct hmm_pt_iter *iter)
{
	ptd_lock(iter->ptd[HMM_PT_LLEVEL - 1]);
}

void hmm_pt_iter_directory_unlock(struct hmm_pt_iter *iter)
{
	struct hmm_ptd *ptd = iter->ptd[HMM_PT_LLEVEL - 1];

	ptd_told(iter, ptd);
	ptd_unlock(ptd);
}

void hmm_pt_iter_directory_ref(struct hmm_pt_iter *iter)
{
	__atomic_fetch_add(&iter->ptd[HMM_PT_LLEVEL - 1]->count, 1,
			   __ATOMIC_RELAXED);
}

/* The iterator has one of its own. */
void hmm_pt_iter_directory_unref(struct hmm_pt_iter *iter)
{
	s32 count = __atomic_sub_fetch(&iter->ptd[HMM_PT_LLEVEL - 1]->count, 1,
				       __ATOMIC_RELAXED);

	WARN_ON(count <= 0);
}

/* -- entries -- */

static u64 pte_word(dma_addr_t entry)
{
	u64 bits = 0;

	if (!hmm_pte_valid(entry))
		return VIEW_NONE;
	if (entry & HMM_PTE_WRITE)
		bits |= VIEW_W;
	if (entry & HMM_PTE_DIRTY)
		bits |= VIEW_DIRTY;
	return VIEW_WORD(VIEW_PRESENT, bits, hmm_pte_pfn(entry));
}

static void pte_told(const struct hmm_pt_iter *iter, unsigned long addr,
		     dma_addr_t entry)
{
	view_emit(EV_v12_entry, iter->pt->space, addr, pte_word(entry));
}

void hmm_pte_set(struct hmm_pt_iter *iter, unsigned long addr,
		 dma_addr_t *hmm_pte, dma_addr_t entry)
{
	__atomic_store_n(hmm_pte, entry, __ATOMIC_RELEASE);
	pte_told(iter, addr, entry);
}

void hmm_pte_set_write(struct hmm_pt_iter *iter, unsigned long addr,
		       dma_addr_t *hmm_pte)
{
	pte_told(iter, addr, __atomic_or_fetch(hmm_pte, HMM_PTE_WRITE,
					       __ATOMIC_RELEASE));
}

dma_addr_t hmm_pte_mask(struct hmm_pt_iter *iter, unsigned long addr,
			dma_addr_t *hmm_pte, dma_addr_t mask)
{
	dma_addr_t old = __atomic_fetch_and(hmm_pte, mask, __ATOMIC_ACQ_REL);

	pte_told(iter, addr, old & mask);
	return old;
}

void hmm_pte_set_dirty(struct hmm_pt_iter *iter, unsigned long addr,
		       dma_addr_t *hmm_pte)
{
	pte_told(iter, addr, __atomic_or_fetch(hmm_pte, HMM_PTE_DIRTY,
					       __ATOMIC_RELEASE));
}

bool hmm_pte_test_and_clear_dirty(struct hmm_pt_iter *iter, unsigned long addr,
				  dma_addr_t *hmm_pte)
{
	return __atomic_fetch_and(hmm_pte, ~HMM_PTE_DIRTY, __ATOMIC_ACQ_REL) &
	       HMM_PTE_DIRTY;
}

/* -- for the view -- */

u64 hmm_pt_view_entry(const struct hmm_pt *pt, unsigned long addr)
{
	const struct hmm_ptd *ptd = &pt->root;

	for (unsigned int level = 0; level < HMM_PT_LLEVEL; level++) {
		ptd = pde_read(&ptd->pde[hmm_pt_index(addr, level)]);
		if (!ptd)
			return VIEW_NONE;
	}
	return pte_word(hmm_pte_read(
			&ptd->pte[hmm_pt_index(addr, HMM_PT_LLEVEL)]));
}

/* Numbers: the root is 0, then its children, then theirs in turn. */
static const struct hmm_ptd *directory(const struct hmm_pt *pt, u32 n)
{
	const struct hmm_ptd *ptd;

	if (!n)
		return &pt->root;
	n--;
	if (n < HMM_PT_ENTRIES)
		return pde_read(&pt->root.pde[n]);
	n -= HMM_PT_ENTRIES;
	ptd = pde_read(&pt->root.pde[n / HMM_PT_ENTRIES]);
	return ptd ? pde_read(&ptd->pde[n % HMM_PT_ENTRIES]) : NULL;
}

bool hmm_pt_view_directory(const struct hmm_pt *pt, u32 n,
			   struct view_v12_directory *d)
{
	const struct hmm_ptd *ptd;

	if (n > HMM_PT_ENTRIES * (HMM_PT_ENTRIES + 1))
		return false;
	ptd = directory(pt, n);
	*d = (struct view_v12_directory){ .level = 0 };
	if (ptd)
		*d = (struct view_v12_directory){
			.level = ptd->level,
			.count = __atomic_load_n(&ptd->count, __ATOMIC_RELAXED),
			.valid = nr_valid(ptd),
			.iterators = __atomic_load_n(&ptd->iterators,
						     __ATOMIC_RELAXED),
		};
	return true;
}
