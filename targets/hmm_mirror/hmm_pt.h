/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hmm_pt.h: the mirror page table: what HMM tells a device of an mm.
 *
 * MODEL of <linux/hmm_pt.h> of the HMM series. Spec: hmm-v12.md 1.5.
 *
 * Scaled down: a directory has 4 entries, there are 3 levels, and so a table
 * covers 64 pages and has four directories of entries for the 16 pages a
 * program can name: two for each table of the CPU's. Directories come and go.
 * (The original's, of 512 entries, each stand for one whole PMD.)
 *
 * A directory counts its valid entries and the iterators that protect it; when
 * none is left it is taken out of its parent and freed after a grace period.
 * The root is not counted.
 */
#ifndef TARGETS_HMM_MIRROR_HMM_PT_H
#define TARGETS_HMM_MIRROR_HMM_PT_H

#include <linux/mm.h>
#include <linux/spinlock.h>

#include "targets/view_hmm_v12.h"

#define HMM_PT_SHIFT	2
#define HMM_PT_ENTRIES	(1u << HMM_PT_SHIFT)
#define HMM_PT_LLEVEL	2		/* the level of entries; 0 is the root */

/*
 * An entry: bits, and the page frame number above them. Valid and WRITE change
 * under the lock of the directory, DIRTY at any time by atomic operations: who
 * changes the others must not lose it.
 */
#define HMM_PTE_VALID_PFN	(1ull << 1)
#define HMM_PTE_WRITE		(1ull << 2)
#define HMM_PTE_DIRTY		(1ull << 3)
#define HMM_PTE_PFN_SHIFT	12

struct hmm_ptd {
	s32 count;			/* atomic; gone at 0 */
	u32 iterators;			/* of these; for the view alone */
	spinlock_t lock;		/* the entries */
	u8 level;
	struct hmm_ptd *next;		/* dead ones, of an iterator */
	union {
		struct hmm_ptd *pde[HMM_PT_ENTRIES];	/* upper levels */
		dma_addr_t pte[HMM_PT_ENTRIES];		/* level LLEVEL */
	};
};

struct hmm_pt {
	struct hmm_ptd root;
	u32 space;			/* for events */
};

/*
 * Where a walk of the table stands: the directories on the way to @cur, from
 * level 1 on, protected; or NULL.
 */
struct hmm_pt_iter {
	struct hmm_pt *pt;
	struct hmm_ptd *ptd[HMM_PT_LLEVEL];
	unsigned long cur;
	struct hmm_ptd *dead;		/* taken out by this walk */
};

void hmm_pt_init(struct hmm_pt *pt, u32 space);
/* Nobody walks the table any more. */
void hmm_pt_fini(struct hmm_pt *pt);

void hmm_pt_iter_init(struct hmm_pt_iter *iter, struct hmm_pt *pt);
/* Protects nothing any more; frees what died. May sleep. */
void hmm_pt_iter_fini(struct hmm_pt_iter *iter);

/*
 * The entry of @addr, whose directory is protected until the iterator moves
 * on, and *@next lowered to where that directory ends. lookup: NULL if there
 * is none, and *@next is where the missing part ends. populate: NULL if memory
 * ran out; may sleep.
 */
dma_addr_t *hmm_pt_iter_lookup(struct hmm_pt_iter *iter, unsigned long addr,
			       unsigned long *next);
dma_addr_t *hmm_pt_iter_populate(struct hmm_pt_iter *iter, unsigned long addr,
				 unsigned long *next);

/* Of the directory of the newest lookup or populate. */
void hmm_pt_iter_directory_lock(struct hmm_pt_iter *iter);
void hmm_pt_iter_directory_unlock(struct hmm_pt_iter *iter);
/* Under that lock: an entry became valid; is no longer. */
void hmm_pt_iter_directory_ref(struct hmm_pt_iter *iter);
void hmm_pt_iter_directory_unref(struct hmm_pt_iter *iter);

static inline unsigned int hmm_pt_index(unsigned long addr, unsigned int level)
{
	return addr >> (PAGE_SHIFT + HMM_PT_SHIFT * (HMM_PT_LLEVEL - level)) &
		(HMM_PT_ENTRIES - 1);
}

static inline dma_addr_t hmm_pte_read(const dma_addr_t *hmm_pte)
{
	return __atomic_load_n(hmm_pte, __ATOMIC_ACQUIRE);
}

static inline dma_addr_t hmm_pte_from_pfn(unsigned long pfn)
{
	return (dma_addr_t)pfn << HMM_PTE_PFN_SHIFT | HMM_PTE_VALID_PFN;
}

static inline unsigned long hmm_pte_pfn(dma_addr_t entry)
{
	return entry >> HMM_PTE_PFN_SHIFT;
}

static inline bool hmm_pte_valid(dma_addr_t entry)
{
	return entry & HMM_PTE_VALID_PFN;
}

/* Each is told to the journal; set and mask need the directory lock. */
void hmm_pte_set(struct hmm_pt_iter *iter, unsigned long addr,
		 dma_addr_t *hmm_pte, dma_addr_t entry);
void hmm_pte_set_write(struct hmm_pt_iter *iter, unsigned long addr,
		       dma_addr_t *hmm_pte);
/* What is in neither @mask goes; the entry as it was. 0 takes all. */
dma_addr_t hmm_pte_mask(struct hmm_pt_iter *iter, unsigned long addr,
			dma_addr_t *hmm_pte, dma_addr_t mask);
void hmm_pte_set_dirty(struct hmm_pt_iter *iter, unsigned long addr,
		       dma_addr_t *hmm_pte);
/* Was it set? */
bool hmm_pte_test_and_clear_dirty(struct hmm_pt_iter *iter, unsigned long addr,
				  dma_addr_t *hmm_pte);

/* For the view: no lock, no switch point. */
u64 hmm_pt_view_entry(const struct hmm_pt *pt, unsigned long addr);
bool hmm_pt_view_directory(const struct hmm_pt *pt, u32 n,
			   struct view_v12_directory *d);

#endif /* TARGETS_HMM_MIRROR_HMM_PT_H */
