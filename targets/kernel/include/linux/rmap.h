/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rmap.h: from a page to the entries that map it.
 *
 * MODEL of <linux/rmap.h>, 6.12. A page knows its anon_vma or address_space;
 * that knows the VMAs that may map it. A VMA is on the anon_vma of its own and
 * on those of every parent it was forked from, so a page made before the fork
 * is found in the children too. Lists stand for interval trees; their order is
 * that of insertion, parents before children (core 2.5).
 *
 * Lock order: folio lock, then i_mmap_rwsem or anon_vma->rwsem, then PTL.
 */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/rwsem.h>

/* @rwsem of the root protects every list of the tree of forks. */
struct anon_vma {
	struct anon_vma *root;
	struct rw_semaphore rwsem;	/* used in the root alone */
	u32 refcount;			/* VMA links, and children for a root */
	struct list_head head;		/* of anon_vma_chain.rb */
};

/* One VMA on one anon_vma. */
struct anon_vma_chain {
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	struct list_head same_vma;	/* of vma->anon_vma_chain */
	struct list_head rb;		/* of anon_vma->head */
};

static inline struct anon_vma *folio_anon_vma(const struct folio *folio)
{
	unsigned long mapping = (unsigned long)page_mapping_word(&folio->page);

	return mapping & PAGE_MAPPING_ANON ?
		(struct anon_vma *)(mapping & ~PAGE_MAPPING_ANON) : NULL;
}

/* @vma is about to get an anonymous page. 0, or -ENOMEM. mmap_lock, any mode;
 * a VMA that has one already returns at once. */
int anon_vma_prepare(struct vm_area_struct *vma);
/* split and remap: @dst on every anon_vma of @src. 0 or -ENOMEM, then none. */
int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src);
/* fork: as clone, and an anon_vma of its own for pages to come. */
int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *pvma);
/* The VMA goes: off every anon_vma; frees those nobody is on any more. */
void unlink_anon_vmas(struct vm_area_struct *vma);

/*
 * A reference of @folio's anon_vma: it outlives every VMA until put. NULL: not
 * anonymous, or not mapped, and so perhaps gone. Whoever unmaps a page without
 * holding mmap_lock, and will walk its rmap again, takes one before.
 */
struct anon_vma *folio_get_anon_vma(struct folio *folio);
void put_anon_vma(struct anon_vma *anon_vma);

static inline void anon_vma_lock_write(struct anon_vma *anon_vma)
{
	down_write(&anon_vma->root->rwsem);
}

static inline void anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	up_write(&anon_vma->root->rwsem);
}

static inline void anon_vma_lock_read(struct anon_vma *anon_vma)
{
	down_read(&anon_vma->root->rwsem);
}

static inline void anon_vma_unlock_read(struct anon_vma *anon_vma)
{
	up_read(&anon_vma->root->rwsem);
}

typedef int rmap_t;
#define RMAP_NONE	0
#define RMAP_EXCLUSIVE	1

/*
 * Counts of a page as entries come and go; all need the PTL of the entry.
 * add_new: the first entry of a fresh anonymous page, exclusive to @vma's mm.
 * add_anon: one more entry, as migration and device entries are put back.
 * try_dup: fork's; -EBUSY if the page may be pinned and must be copied, else
 * ANON_EXCLUSIVE is cleared. try_share: -EBUSY likewise, else cleared; the
 * entry must have been cleared and flushed before.
 */
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags);
void folio_add_anon_rmap_pte(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma, unsigned long address,
			     rmap_t flags);
void folio_add_file_rmap_pte(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma);
void folio_dup_file_rmap_pte(struct folio *folio, struct page *page);
int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page,
				struct vm_area_struct *src_vma);
/* The same for the HPAGE_PMD_NR pages of a huge entry, all of them or none. */
int folio_try_dup_anon_rmap_pmd(struct page *page,
				struct vm_area_struct *src_vma);
int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page);
void folio_remove_rmap_pte(struct folio *folio, struct page *page,
			   struct vm_area_struct *vma);

/*
 * A walk over the VMAs that may map @folio, which must be locked. rmap_one is
 * called with the rmap lock held for reading, and must look for the entry
 * itself; false ends the walk. done, if set, is asked after each: nonzero ends
 * the walk. try_lock: give up (contended) instead of sleeping for the lock.
 */
struct rmap_walk_control {
	void *arg;
	bool try_lock;
	bool contended;
	bool (*rmap_one)(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long addr, void *arg);
	int (*done)(struct folio *folio);
	struct anon_vma *(*anon_lock)(struct folio *folio,
				      struct rmap_walk_control *rwc);
};
void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc);
/* As above; the rmap lock is the caller's. */
void rmap_walk_locked(struct folio *folio, struct rmap_walk_control *rwc);
/* For anon_lock: no walk of a folio that is not mapped. It returns locked for
 * reading and referenced; the walk drops both. */
struct anon_vma *folio_lock_anon_vma_read(struct folio *folio,
					  struct rmap_walk_control *rwc);

/* For rmap_walk_control.done. */
static inline int folio_not_mapped(struct folio *folio)
{
	return !folio_mapped(folio);
}

/* -- mm/page_vma_mapped.c -- */
#define PVMW_SYNC	(1 << 0)	/* look under the PTL, not before */
#define PVMW_MIGRATION	(1 << 1)	/* for migration entries of the page */

/* Finds the entry of @pfn at @address of @vma. True: @pte is it, @ptl held;
 * calling again, or page_vma_mapped_walk_done(), drops it. */
struct page_vma_mapped_walk {
	unsigned long pfn;
	struct vm_area_struct *vma;
	unsigned long address;
	pmd_t *pmd;
	pte_t *pte;
	spinlock_t *ptl;
	unsigned int flags;
};
#define DEFINE_FOLIO_VMA_WALK(name, _folio, _vma, _address, _flags)	\
	struct page_vma_mapped_walk name = {				\
		.pfn = folio_pfn(_folio),				\
		.vma = (_vma),						\
		.address = (_address),					\
		.flags = (_flags),					\
	}
bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw);
static inline void page_vma_mapped_walk_done(struct page_vma_mapped_walk *pvmw)
{
	if (pvmw->ptl)
		spin_unlock(pvmw->ptl);
	pvmw->ptl = NULL;
}

/* Where page offset @index of @vma's object is mapped; -EFAULT: outside. */
static inline unsigned long vma_address(const struct vm_area_struct *vma,
					unsigned long index)
{
	unsigned long address;

	if (index < vma->vm_pgoff)
		return -EFAULT;
	address = vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
	return address < vma->vm_end ? address : (unsigned long)-EFAULT;
}

/*
 * Replace every entry of @folio (locked, referenced) by a migration entry.
 * folio_mapped() afterwards tells whether it worked [core 6.10].
 */
enum ttu_flags { TTU_NONE = 0, TTU_SYNC = 0x10 };
void try_to_migrate(struct folio *folio, enum ttu_flags flags);
/*
 * Put entries of @dst where migration entries of @src stand [core 6.11]. Both
 * locked. @locked: so is the rmap lock. Without mmap_lock the caller holds a
 * reference of an anonymous folio's anon_vma.
 */
void remove_migration_ptes(struct folio *src, struct folio *dst, bool locked);

/*
 * What device-exclusive access is on this machine: as merged, or as it was
 * first posted [device-exclusive.md 2, 3.1]. Set at boot, nothing changes it.
 *
 * @event: what brackets that give a page back are. @fork_copies: a child gets
 * the entries of its parent, and neither may write; else fork gives the pages
 * back. @may_lend: could @folio, locked, be lent at all? @made: is it, after
 * the walk; @valid: it was taken from the address that was asked for.
 */
struct exclusive_form {
	const char *name;
	unsigned int event;		/* enum mmu_notifier_event */
	bool fork_copies;
	bool (*may_lend)(const struct folio *folio);
	bool (*made)(const struct folio *folio, bool valid);
};
extern const struct exclusive_form exclusive_merged;
extern const struct exclusive_form *exclusive_form;

/* device-exclusive.md 3; mmap_lock held, any mode. */
int make_device_exclusive_range(struct mm_struct *mm, unsigned long start,
				unsigned long end, struct page **pages,
				void *owner);

#endif /* _LINUX_RMAP_H */
