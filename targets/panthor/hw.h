/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw.h: the GPU as its driver and its page tables meet it.
 *
 *	hw_memory.c	frames: page tables and what they map
 *	hw_mmu.c	address space registers, commands, interrupt, power
 *	hw_gpu.c	accesses: TLB, walk cache, walk, fault
 *
 * MODEL of a Mali's MMU, scaled down so that programs of sixteen pages reach
 * every level of a table and every boundary between two:
 *
 *	level	an entry covers		entries a table		hardware's name
 *	  0	16 pages (64 KiB)		4		512 GiB
 *	  1	8 pages (32 KiB)		2		1 GiB
 *	  2	4 pages (16 KiB)		2		2 MiB, table or block
 *	  3	1 page  (4 KiB)			4		4 KiB
 *
 * What the spec writes as N(39), N(30), N(21) is HW_SHIFT(0..2) here. Addresses
 * of 64 pages, of which HW_USER_PAGES belong to user space.
 *
 * A translation and the access through it are one step: hardware lets what is
 * under way finish before a flush completes. A walk takes one step a level, so
 * that table pages can change hands under it.
 *
 * Not modelled: data caches, memory attributes, prefetching of translations.
 */
#ifndef TARGETS_PANTHOR_HW_H
#define TARGETS_PANTHOR_HW_H

#include <linux/types.h>

#define HW_LEVELS		4
#define HW_SHIFT(level)		((level) == 3 ? 12u : 16u - (level))
#define HW_ENTRIES(level)	((level) == 0 || (level) == 3 ? 4u : 2u)
#define HW_INDEX(level, va) \
	((u32)((va) >> HW_SHIFT(level)) & (HW_ENTRIES(level) - 1))
#define HW_PAGE_SIZE		4096ull
#define HW_BLOCK_SIZE		(1ull << HW_SHIFT(2))	/* the spec's 2 MiB */
#define HW_BLOCK_PAGES		4u
#define HW_VA_PAGES		64u
#define HW_USER_PAGES		32u

/* Frames: memory the GPU can name. Frame n is at physical address n << 12. */
#define HW_FRAMES		256u
#define HW_FIRST_PAGE		128u	/* below: page tables; frame 0 is no frame */
#define HW_RUN_PAGES		16u	/* pages come in runs, aligned to blocks */
#define HW_FRAME(paddr)		((u32)((paddr) >> 12))
#define HW_PADDR(frame)		((u64)(frame) << 12)

/*
 * An entry: what of ARM's long descriptors matters here. Invalid is 0. Type 3
 * is a table at levels 0 to 2 and a page at level 3, type 1 a block at level 2.
 */
#define HW_PTE_VALID		1ull
#define HW_PTE_TYPE		3ull
#define HW_PTE_TYPE_BLOCK	1ull
#define HW_PTE_TYPE_TABLE	3ull
#define HW_PTE_TYPE_PAGE	3ull
#define HW_PTE_RDONLY		(1ull << 7)
#define HW_PTE_NOEXEC		(1ull << 54)
#define HW_PTE_UNCACHED		(1ull << 2)
#define HW_PTE_ADDR(pte)	((pte) & 0x0000fffffffff000ull)
#define HW_PTE_FLAGS(pte)	((pte) & ~0x0000fffffffff003ull)

void hw_memory_boot(void);
/* A zeroed table page, or 0. Last freed, first taken. */
u32 hw_table_alloc(void);
void hw_table_free(u32 frame);
/* HW_RUN_PAGES frames in a row, or 0; each is a cell of one value. */
u32 hw_run_alloc(void);
void hw_run_free(u32 first);
/* Entries, by the CPU: the write makes a switch point and EV_pgt_set. */
u64 hw_pte_read(u32 table, u32 index);
void hw_pte_write(u32 table, u32 index, u64 pte);
u32 hw_page_load(u32 frame);
void hw_page_store(u32 frame, u32 value);

/* -- hw_mmu.c: the register file; through panthor_device.h only -- */

#define HW_AS			4	/* room for; as_present says which there are */
#define HW_NR_REGS		((0x40 + HW_AS * 0x40) / 4)

/*
 * @irq(@arg) is called on whatever task made MMU_INT_STAT not zero. With
 * @keeps_lock a flush leaves a locked region locked, and only UNLOCK releases it.
 */
void hw_boot(void (*irq)(void *arg), void *arg, bool keeps_lock);
u32 hw_reg_read(u32 reg);
void hw_reg_write(u32 reg, u32 value);
void hw_power(bool on);			/* off forgets every register and TLB */
bool hw_powered(void);
void hw_reset(void);			/* as off and on; unsticks the engine */
/* Commands written to this address space from now on never complete. */
void hw_stick(u32 as, bool stuck);

/* -- hw_gpu.c -- */

enum hw_access { HW_READ, HW_WRITE };

/*
 * One access of a job through address space @as, on the GPU's own task. @vm
 * is the id of the VM the job belongs to: only the journal hears of it.
 * Stalls while the region is locked, and from a fault until the address space
 * is updated, or *@abandon is set. 0, or -EIO if it was, or if the address space
 * is unmapped: the job is dead.
 */
int hw_gpu_access(u32 vm, u32 as, u64 va, enum hw_access access, u32 value,
		  const u32 *abandon);
/* Who stalls there looks again whether to. */
void hw_gpu_kick(u32 as);

/* What the view asks; no lock, no point. */
u64 hw_live_transtab(u32 as);		/* latched by the last UPDATE */
u32 hw_live_mode(u32 as);		/* AS_TRANSCFG_ADRMODE_*; 0 after power-on */
u64 hw_tlb(u32 as, u64 va);		/* the entry a hit would use; 0: none */
u32 hw_tlb_root(u32 as, u64 va);	/* the root table it came from */
u32 hw_walk_cache(u32 as, u32 block);	/* level-3 table of a block, or 0 */
u32 hw_reg_peek(u32 reg);
u64 hw_pte_peek(u32 table, u32 index);
bool hw_stuck(u32 as);
bool hw_locked(u32 as);
u64 hw_lock_start(u32 as);		/* of the region, while it is locked */
u64 hw_lock_end(u32 as);
u32 hw_stalled(u32 as);			/* accesses that faulted, not yet over */

#endif /* TARGETS_PANTHOR_HW_H */
