/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable.h: reading and changing PTEs.
 *
 * MODEL of <linux/pgtable.h>: upstream's accessors over our own encoding
 * (pgtable_types.h). Values are made with pte_mk*(); a table is changed only by
 * set_pte_at() and the ptep_*() functions, under the PTL, and those tell the
 * journal. Young and dirty are kept by software: the walk of a CPU access
 * faults on an entry that is not young, or not dirty for a write, so that no
 * word of a table ever changes outside the PTL.
 */
#ifndef _LINUX_PGTABLE_H
#define _LINUX_PGTABLE_H

#include <linux/pgtable_types.h>

struct mm_struct;
struct vm_area_struct;

#define __pgprot(x)	((pgprot_t){ (x) })
#define PAGE_NONE	__pgprot(_PAGE_PROTNONE)
#define PAGE_READONLY	__pgprot(_PAGE_PRESENT)
#define PAGE_SHARED	__pgprot(_PAGE_PRESENT | _PAGE_RW)

static inline bool pte_none(pte_t pte)
{
	return !pte.pte;
}

/* True of prot_none entries too, as upstream. */
static inline bool pte_present(pte_t pte)
{
	return pte.pte & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline bool pte_protnone(pte_t pte)
{
	return (pte.pte & (_PAGE_PRESENT | _PAGE_PROTNONE)) == _PAGE_PROTNONE;
}

static inline bool pte_write(pte_t pte)
{
	return pte.pte & _PAGE_RW;
}

static inline bool pte_dirty(pte_t pte)
{
	return pte.pte & _PAGE_DIRTY;
}

static inline bool pte_young(pte_t pte)
{
	return pte.pte & _PAGE_ACCESSED;
}

static inline bool pte_special(pte_t pte)
{
	return pte.pte & _PAGE_SPECIAL;
}

static inline unsigned long pte_pfn(pte_t pte)
{
	return pte.pte >> PAGE_SHIFT;
}

/* The whole word. */
static inline bool pte_same(pte_t a, pte_t b)
{
	return a.pte == b.pte;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return (pte_t){ (u64)pfn << PAGE_SHIFT | prot.pgprot };
}

static inline pte_t pte_set_flags(pte_t pte, u64 flags)
{
	return (pte_t){ pte.pte | flags };
}

static inline pte_t pte_clear_flags(pte_t pte, u64 flags)
{
	return (pte_t){ pte.pte & ~flags };
}

static inline pte_t pte_mkwrite_novma(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_RW);
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_RW);
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_DIRTY | _PAGE_SOFT_DIRTY);
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_ACCESSED);
}

static inline pte_t pte_mkold(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_ACCESSED);
}

static inline pte_t pte_mkspecial(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_SPECIAL);
}

static inline bool pte_soft_dirty(pte_t pte)
{
	return pte.pte & _PAGE_SOFT_DIRTY;
}

static inline pte_t pte_mksoft_dirty(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_SOFT_DIRTY);
}

static inline bool pte_uffd_wp(pte_t pte)
{
	return pte.pte & _PAGE_UFFD_WP;
}

static inline pte_t pte_mkuffd_wp(pte_t pte)
{
	return pte_clear_flags(pte_set_flags(pte, _PAGE_UFFD_WP), _PAGE_RW);
}

static inline pte_t pte_clear_uffd_wp(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_UFFD_WP);
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_DIRTY);
}

/* New rights; keeps pfn, young, dirty, special, soft-dirty, uffd-wp. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	pte = pte_clear_flags(pte, _PAGE_PRESENT | _PAGE_RW | _PAGE_PROTNONE);
	return pte_set_flags(pte, prot.pgprot);
}

/*
 * The rights of a fresh PTE. Write is in them for shared mappings only: of a
 * private one it comes from faults. Whether a shared mapping wants to hear of
 * its first write is vma_set_page_prot()'s to say (mmap.c).
 */
static inline pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	if (!(vm_flags & 7))
		return PAGE_NONE;
	return (vm_flags & 0xa) == 0xa ? PAGE_SHARED : PAGE_READONLY;
}

/* NULL: no table, but perhaps a huge entry. Once there is one it stays while
 * mmap_lock is held. */
static inline struct page_table *pmd_pgtable(const pmd_t *pmd)
{
	return __atomic_load_n(&pmd->table, __ATOMIC_ACQUIRE);
}

/* @pmd maps pages itself; may change at once unless its lock is held. */
static inline bool pmd_trans_huge(const pmd_t *pmd)
{
	return __atomic_load_n(&pmd->huge, __ATOMIC_ACQUIRE);
}

/* Neither a table nor a huge entry; in this order, see pmd_t. */
static inline bool pmd_none(const pmd_t *pmd)
{
	return !pmd_trans_huge(pmd) && !pmd_pgtable(pmd);
}

/* The end of what one table covers, or @end if that is nearer. */
static inline unsigned long pmd_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long next = (addr + PMD_SIZE) & PMD_MASK;

	return next < end ? next : end;
}

static inline pte_t *pte_offset(struct page_table *table, unsigned long addr)
{
	return &table->pte[addr >> PAGE_SHIFT & (PTRS_PER_PTE - 1)];
}

/* Without the PTL: a switch point, then one read of the whole word. */
pte_t ptep_get_lockless(const pte_t *ptep);
static inline pte_t ptep_get(const pte_t *ptep)
{
	return (pte_t){ __atomic_load_n(&ptep->pte, __ATOMIC_RELAXED) };
}

/*
 * The writers; all need the PTL. Each is one store of the word and one
 * EV_pte_set.
 */
void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
		pte_t pte);
pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep);
void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep);
/* Clears, then flushes the page from every TLB of the mm. */
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr,
		       pte_t *ptep);
/* @entry may only add rights or bits to the entry. True if it changed. */
bool ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr,
			   pte_t *ptep, pte_t entry, bool dirty);

/* The entry as oracles and reports see it (targets/view.h). */
static inline u64 pte_view(pte_t pte)
{
	u64 bits = 0;

	if (pte_none(pte))
		return VIEW_NONE;
	if (pte.pte & _PAGE_SOFT_DIRTY)
		bits |= VIEW_SOFT_DIRTY;
	if (pte.pte & _PAGE_UFFD_WP)
		bits |= VIEW_UFFD_WP;
	if (!pte_present(pte))
		return VIEW_WORD(pte.pte >> _PAGE_SWP_TYPE_SHIFT &
				 _PAGE_SWP_TYPE_MASK, bits, pte_pfn(pte));
	if (pte_write(pte))
		bits |= VIEW_W;
	if (pte_dirty(pte))
		bits |= VIEW_DIRTY;
	if (pte_young(pte))
		bits |= VIEW_YOUNG;
	if (pte_special(pte))
		bits |= VIEW_ZERO;
	if (pte_protnone(pte))
		bits |= VIEW_PROT_NONE;
	return VIEW_WORD(VIEW_PRESENT, bits, pte_pfn(pte));
}

#endif /* _LINUX_PGTABLE_H */
