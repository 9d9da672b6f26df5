/* SPDX-License-Identifier: GPL-2.0 */
/*
 * swapops.h: entries of a page table that are neither empty nor present.
 *
 * MODEL of <linux/swapops.h>, 6.12. Such a word holds a type, a pfn and a few
 * bits (pgtable_types.h). There is no swap: every type names a page that is
 * being moved, lives on a device, or is lent to one. The type is the entry's
 * kind as oracles see it (enum view_kind), so no table translates one into
 * the other.
 */
#ifndef _LINUX_SWAPOPS_H
#define _LINUX_SWAPOPS_H

#include <linux/mm.h>

/* The word of an entry without its soft-dirty and uffd-wp bits. */
typedef struct { u64 val; } swp_entry_t;

static inline swp_entry_t swp_entry(unsigned long type, unsigned long offset)
{
	return (swp_entry_t){ (u64)offset << PAGE_SHIFT |
			      (u64)type << _PAGE_SWP_TYPE_SHIFT };
}

static inline unsigned int swp_type(swp_entry_t entry)
{
	return entry.val >> _PAGE_SWP_TYPE_SHIFT & _PAGE_SWP_TYPE_MASK;
}

/* The pfn: swp_offset_pfn() upstream, where an offset may hold more. */
static inline unsigned long swp_offset_pfn(swp_entry_t entry)
{
	return entry.val >> PAGE_SHIFT;
}

static inline struct page *pfn_swap_entry_to_page(swp_entry_t entry)
{
	return pfn_to_page(swp_offset_pfn(entry));
}

static inline struct folio *pfn_swap_entry_folio(swp_entry_t entry)
{
	return page_folio(pfn_swap_entry_to_page(entry));
}

static inline bool is_swap_pte(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}

static inline bool pte_swp_soft_dirty(pte_t pte)
{
	return pte.pte & _PAGE_SOFT_DIRTY;
}

static inline pte_t pte_swp_mksoft_dirty(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_SOFT_DIRTY);
}

static inline bool pte_swp_uffd_wp(pte_t pte)
{
	return pte.pte & _PAGE_UFFD_WP;
}

static inline pte_t pte_swp_mkuffd_wp(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_UFFD_WP);
}

static inline pte_t pte_swp_clear_uffd_wp(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_UFFD_WP);
}

/* Young and dirty of a migration entry stay part of the entry. */
static inline swp_entry_t pte_to_swp_entry(pte_t pte)
{
	return (swp_entry_t){ pte.pte & ~(_PAGE_SOFT_DIRTY | _PAGE_UFFD_WP) };
}

static inline pte_t swp_entry_to_pte(swp_entry_t entry)
{
	return (pte_t){ entry.val };
}

/* -- migration entries: the page is locked by whoever moves it -- */
static inline bool is_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) >= VIEW_MIGRATION_READ &&
	       swp_type(entry) <= VIEW_MIGRATION_WRITE;
}

static inline bool is_writable_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_MIGRATION_WRITE;
}

static inline bool is_readable_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_MIGRATION_READ;
}

static inline bool is_readable_exclusive_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_MIGRATION_READ_EXCLUSIVE;
}

static inline swp_entry_t make_readable_migration_entry(unsigned long offset)
{
	return swp_entry(VIEW_MIGRATION_READ, offset);
}

static inline swp_entry_t
make_readable_exclusive_migration_entry(unsigned long offset)
{
	return swp_entry(VIEW_MIGRATION_READ_EXCLUSIVE, offset);
}

static inline swp_entry_t make_writable_migration_entry(unsigned long offset)
{
	return swp_entry(VIEW_MIGRATION_WRITE, offset);
}

static inline swp_entry_t make_migration_entry_young(swp_entry_t entry)
{
	return (swp_entry_t){ entry.val | _PAGE_ACCESSED };
}

static inline bool is_migration_entry_young(swp_entry_t entry)
{
	return entry.val & _PAGE_ACCESSED;
}

static inline swp_entry_t make_migration_entry_dirty(swp_entry_t entry)
{
	return (swp_entry_t){ entry.val | _PAGE_DIRTY };
}

static inline bool is_migration_entry_dirty(swp_entry_t entry)
{
	return entry.val & _PAGE_DIRTY;
}

/* -- device-private entries: the page is the device's own memory -- */
static inline bool is_device_private_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_DEVICE_READ ||
	       swp_type(entry) == VIEW_DEVICE_WRITE;
}

static inline bool is_writable_device_private_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_DEVICE_WRITE;
}

static inline swp_entry_t
make_readable_device_private_entry(unsigned long offset)
{
	return swp_entry(VIEW_DEVICE_READ, offset);
}

static inline swp_entry_t
make_writable_device_private_entry(unsigned long offset)
{
	return swp_entry(VIEW_DEVICE_WRITE, offset);
}

/* -- device-exclusive entries: a system page lent to a device's atomics -- */
static inline bool is_device_exclusive_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_EXCLUSIVE_READ ||
	       swp_type(entry) == VIEW_EXCLUSIVE_WRITE;
}

static inline bool is_writable_device_exclusive_entry(swp_entry_t entry)
{
	return swp_type(entry) == VIEW_EXCLUSIVE_WRITE;
}

static inline swp_entry_t
make_readable_device_exclusive_entry(unsigned long offset)
{
	return swp_entry(VIEW_EXCLUSIVE_READ, offset);
}

static inline swp_entry_t
make_writable_device_exclusive_entry(unsigned long offset)
{
	return swp_entry(VIEW_EXCLUSIVE_WRITE, offset);
}

/*
 * Sleep until the page an entry of @vmf or of *@ptep moves is unlocked, or
 * return at once if the entry is no longer one. Needs mmap_lock, no PTL, and
 * no page reference: targets/mm/migrate.c.
 */
void migration_entry_wait(struct mm_struct *mm, pmd_t *pmd,
			  unsigned long address);

#endif /* _LINUX_SWAPOPS_H */
