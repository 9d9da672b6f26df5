// SPDX-License-Identifier: GPL-2.0
/*
 * io_pgtable_arm: the tables of a VM, four levels of them.
 *
 * Models drivers/iommu/io-pgtable-arm.c, 6.12, for stage 1 and one caller at a
 * time. Spec: panthor.md 12.2. The GPU walks what is written here at any
 * moment, so a table is complete before the entry that leads to it is written,
 * and a block becomes a table in one write.
 *
 * Differences: no software-coherency bits and no compare-and-swap on install,
 * which serve tables that several callers change at once.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include "targets/panthor/io_pgtable.h"

static bool is_table(u64 pte, int level)
{
	return level < 3 && (pte & HW_PTE_TYPE) == HW_PTE_TYPE_TABLE;
}

static bool is_leaf(u64 pte, int level)
{
	return pte & HW_PTE_VALID && !is_table(pte, level);
}

static u64 size_of(int level)
{
	return 1ull << HW_SHIFT(level);
}

static u64 leaf(u64 paddr, u64 flags, int level)
{
	return paddr | flags |
	       (level == 3 ? HW_PTE_TYPE_PAGE : HW_PTE_TYPE_BLOCK);
}

static u64 prot_to_pte(int prot)
{
	u64 pte = 0;

	if (!(prot & IOMMU_WRITE))
		pte |= HW_PTE_RDONLY;
	if (prot & IOMMU_NOEXEC)
		pte |= HW_PTE_NOEXEC;
	if (!(prot & IOMMU_CACHE))
		pte |= HW_PTE_UNCACHED;
	return pte;
}

int io_pgtable_init(struct io_pgtable_ops *ops,
		    const struct io_pgtable_cfg *cfg, void *cookie)
{
	ops->cfg = cfg;
	ops->cookie = cookie;
	ops->root = cfg->alloc(cookie);
	return ops->root ? 0 : -ENOMEM;
}

/* @table and all it leads to. Nothing leads to @table any more. */
static void free_tables(struct io_pgtable_ops *ops, u32 table, int level)
{
	for (u32 i = 0; i < HW_ENTRIES(level); i++) {
		u64 pte = hw_pte_read(table, i);

		if (is_table(pte, level))
			free_tables(ops, HW_FRAME(HW_PTE_ADDR(pte)), level + 1);
	}
	ops->cfg->free(ops->cookie, table);
}

void io_pgtable_fini(struct io_pgtable_ops *ops)
{
	free_tables(ops, ops->root, 0);
	ops->root = 0;
}

/* Clear the entry of a whole table, then let go of the table. */
static void unmap_table(struct io_pgtable_ops *ops, u32 table, u32 index,
			u64 pte, int level)
{
	hw_pte_write(table, index, 0);
	free_tables(ops, HW_FRAME(HW_PTE_ADDR(pte)), level + 1);
}

/*
 * Part of a block goes: a table of pages for the rest takes its place. @first
 * to @first + @nr are the pages that go. Bytes unmapped; 0: no table.
 */
static size_t split_block(struct io_pgtable_ops *ops, u32 table, u32 index,
			  u64 block, u32 first, u32 nr)
{
	u64 paddr = HW_PTE_ADDR(block);
	u32 pages = ops->cfg->alloc(ops->cookie);

	if (!pages)
		return 0;
	for (u32 i = 0; i < HW_BLOCK_PAGES; i++)
		if (i < first || i >= first + nr)
			hw_pte_write(pages, i,
				     leaf(paddr + i * HW_PAGE_SIZE,
					  HW_PTE_FLAGS(block), 3));
	hw_pte_write(table, index, HW_PADDR(pages) | HW_PTE_TYPE_TABLE);
	return nr * HW_PAGE_SIZE;
}

static size_t unmap_level(struct io_pgtable_ops *ops, u64 iova, size_t pgsize,
			  size_t pgcount, int level, u32 table)
{
	u32 index = HW_INDEX(level, iova);
	u64 pte = hw_pte_read(table, index);
	u32 i, nr;

	if (WARN_ON(!pte))
		return 0;
	if (pgsize != size_of(level)) {
		if (!is_leaf(pte, level))
			return unmap_level(ops, iova, pgsize, pgcount,
					   level + 1,
					   HW_FRAME(HW_PTE_ADDR(pte)));
		index = HW_INDEX(3, iova);
		nr = min_t(u32, pgcount, HW_BLOCK_PAGES - index);
		return split_block(ops, table, HW_INDEX(level, iova), pte,
				   index, nr);
	}
	nr = min_t(u32, pgcount, HW_ENTRIES(level) - index);
	for (i = 0; i < nr; i++) {
		pte = hw_pte_read(table, index + i);
		if (WARN_ON(!pte))
			break;
		if (is_table(pte, level))
			unmap_table(ops, table, index + i, pte, level);
		else
			hw_pte_write(table, index + i, 0);
	}
	return i * pgsize;
}

size_t io_pgtable_unmap_pages(struct io_pgtable_ops *ops, u64 iova,
			      size_t pgsize, size_t pgcount)
{
	return unmap_level(ops, iova, pgsize, pgcount, 0, ops->root);
}

static int map_leaves(struct io_pgtable_ops *ops, u64 paddr, u64 flags,
		      u32 table, u32 index, u32 nr, int level, size_t *mapped)
{
	for (u32 i = 0; i < nr; i++, paddr += size_of(level)) {
		u64 old = hw_pte_read(table, index + i);

		if (WARN_ON(is_leaf(old, level)))
			return -EEXIST;
		if (old)
			unmap_table(ops, table, index + i, old, level);
		hw_pte_write(table, index + i, leaf(paddr, flags, level));
		*mapped += size_of(level);
	}
	return 0;
}

int io_pgtable_map_pages(struct io_pgtable_ops *ops, u64 iova, u64 paddr,
			 size_t pgsize, size_t pgcount, int prot,
			 size_t *mapped)
{
	u32 table = ops->root, index, nr;
	int level;
	u64 pte;

	*mapped = 0;
	for (level = 0; size_of(level) != pgsize; level++) {
		index = HW_INDEX(level, iova);
		pte = hw_pte_read(table, index);
		if (!pte) {
			u32 new = ops->cfg->alloc(ops->cookie);

			if (!new)
				return -ENOMEM;
			pte = HW_PADDR(new) | HW_PTE_TYPE_TABLE;
			hw_pte_write(table, index, pte);
		} else if (WARN_ON(is_leaf(pte, level))) {
			return -EEXIST;
		}
		table = HW_FRAME(HW_PTE_ADDR(pte));
	}
	index = HW_INDEX(level, iova);
	nr = min_t(u32, pgcount, HW_ENTRIES(level) - index);
	return map_leaves(ops, paddr, prot_to_pte(prot), table, index, nr,
			  level, mapped);
}
