/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_pgtable.h: the page table of a VM.
 *
 * MODEL of <linux/io-pgtable.h> with the ARM 64-bit LPAE stage 1 format, as far
 * as a driver sees it; the scaled levels are the hardware's (hw.h). Upstream
 * finds its driver through a vector of operations, here there is one format.
 * Spec: panthor.md 12.2. Implementation: io_pgtable_arm.c.
 */
#ifndef TARGETS_PANTHOR_IO_PGTABLE_H
#define TARGETS_PANTHOR_IO_PGTABLE_H

#include <linux/types.h>

#include "targets/panthor/hw.h"

#define IOMMU_READ	(1 << 0)
#define IOMMU_WRITE	(1 << 1)
#define IOMMU_CACHE	(1 << 2)
#define IOMMU_NOEXEC	(1 << 3)

/* Where tables come from and go to; @cookie is the VM. */
struct io_pgtable_cfg {
	u32 (*alloc)(void *cookie);		/* a zeroed frame, or 0 */
	void (*free)(void *cookie, u32 frame);
};

struct io_pgtable_ops {
	const struct io_pgtable_cfg *cfg;
	void *cookie;
	u32 root;
};

/* Takes the root from cfg->alloc(): 0 or -ENOMEM. */
int io_pgtable_init(struct io_pgtable_ops *ops,
		    const struct io_pgtable_cfg *cfg, void *cookie);
/* Gives every table that is still linked to cfg->free(). */
void io_pgtable_fini(struct io_pgtable_ops *ops);

/*
 * Map @pgcount leaves of @pgsize (HW_PAGE_SIZE or HW_BLOCK_SIZE), which lie in
 * one table, from @iova on to @paddr on. 0; -EEXIST where a leaf is already;
 * -ENOMEM if a table is missing. *mapped: bytes mapped, whatever is returned.
 * A block in place of a table frees it. The caller serialises.
 */
int io_pgtable_map_pages(struct io_pgtable_ops *ops, u64 iova, u64 paddr,
			 size_t pgsize, size_t pgcount, int prot,
			 size_t *mapped);
/*
 * The same way back, in bytes: less than asked for where nothing was mapped,
 * which is warned of, or where a block had to be split and no table was to be
 * had. The whole of a table's range frees it; else tables stay linked, empty.
 */
size_t io_pgtable_unmap_pages(struct io_pgtable_ops *ops, u64 iova,
			      size_t pgsize, size_t pgcount);

#endif /* TARGETS_PANTHOR_IO_PGTABLE_H */
