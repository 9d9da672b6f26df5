/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gpu.h: a GPU that faults, as a driver and a program see it.
 *
 * A device model: registers, memory and translations of its own, behind
 * accessors, so that a write has effect at once. It knows no struct page, no
 * mm and no driver structure; what a physical address holds it asks through
 * struct gpu_memory. So it serves any ground that runs Nouveau's driver.
 *
 *   client --> instance --> address space --> TLB --> page table --> memory
 *                                                      |          ^
 *                       fault ring <-- not permitted --+     copy engine
 *
 * Memory is the system's, behind the bus, and the device's own (VRAM), whose
 * contents the model keeps: a cell a frame. An atomic is indivisible to the
 * device's other accesses, which wait for it, and not to a CPU: on the bus it
 * is a load and a store. A device whose entries have no bit for atomics does
 * one as a single transaction.
 *
 * A client has one access in flight. If a translation is missing or does not
 * permit it, the access stalls and an entry is written to the fault ring; it
 * goes on when the driver replays, or dies when the driver cancels it.
 *
 * Locks: a space's vmm mutex is the driver side's (PFNMAP and PFNCLR sleep on
 * it, below svmm->mutex). What the hardware does by itself is one step under
 * a word of its own that is never held across a switch point.
 */
#ifndef TARGETS_NOUVEAU_GPU_H
#define TARGETS_NOUVEAU_GPU_H

#include "targets/view.h"

#define GPU_CLIENTS	8	/* an instance; ARG_CLIENT */
#define GPU_INSTANCES	4	/* ARG_SLOT */
#define GPU_ENTRIES	8	/* small, so that the ring wraps and fills */

/* GPU pages that are never mirrored, unless svm_init says otherwise. */
#define NOUVEAU_UNMANAGED_PAGE	14
#define NOUVEAU_UNMANAGED_COUNT	2

/* The address of instance block i, as it stands in a ring entry. */
#define GPU_INST(i)	((u64)((i) + 1) << 12)

/* Registers, for gpu_rd32() and gpu_wr32(); values are entry indices. */
#define GPU_FAULT_GET	0x002a7c
#define GPU_FAULT_PUT	0x002a80

/* An entry: 32 bytes, eight little-endian words, at slot * GPU_ENTRY_SIZE. */
#define GPU_ENTRY_SIZE	0x20
#define GPU_ENTRY_INST_LO	0x00
#define GPU_ENTRY_INST_HI	0x04
#define GPU_ENTRY_ADDR_LO	0x08
#define GPU_ENTRY_ADDR_HI	0x0c
#define GPU_ENTRY_TIME_LO	0x10
#define GPU_ENTRY_TIME_HI	0x14
#define GPU_ENTRY_ENGINE	0x18
#define GPU_ENTRY_INFO		0x1c
#define GPU_INFO_VALID		0x80000000u
#define GPU_INFO_GPC(i)		((i) >> 24 & 0x1f)
#define GPU_INFO_HUB(i)		((i) >> 20 & 1)
#define GPU_INFO_ACCESS(i)	((i) >> 16 & 0xf)
#define GPU_INFO_CLIENT(i)	((i) >> 8 & 0x7f)
#define GPU_INFO_FAULT(i)	((i) & 0x1f)

enum gpu_access {
	GPU_READ,
	GPU_WRITE,
	GPU_ATOMIC,
	GPU_PREFETCH,
};

/* A page's physical word in PFNMAP. */
#define GPU_PHYS_V		0x1ull
#define GPU_PHYS_W		0x2ull
#define GPU_PHYS_A		0x4ull
#define GPU_PHYS_APER		0xf0ull
#define GPU_PHYS_HOST		0x00ull
#define GPU_PHYS_VRAM		0x10ull
#define GPU_PHYS_ADDR		(~0xfffull)

/* VRAM: frames of view.h from VIEW_DEVICE_PFN on, at their number << 12. */
#define GPU_VRAM_FRAMES		(VIEW_PFNS - VIEW_DEVICE_PFN)

/* Memory behind the bus: the cell of a system page. */
struct gpu_memory {
	u32 (*load)(u32 pfn);
	void (*store)(u32 pfn, u32 value);
};

/*
 * In M0's boot: power up. @atomics: an entry without A refuses an ATOMIC; else
 * one is checked as a WRITE. @irq is called once per entry written, with nothing
 * of the device's held, on the task whose access faulted; it must not sleep.
 */
void gpu_boot(const struct gpu_memory *memory, bool atomics,
	      void (*irq)(void *), void *arg);

/* In M0, when nothing uses the device any more: what it runs by itself ends. */
void gpu_halt(void);

/* -- registers and the fault ring, the driver's side -- */
u32 gpu_rd32(u32 reg);
void gpu_wr32(u32 reg, u32 value);
u32 gpu_ring_rd32(u32 offset);
void gpu_ring_wr32(u32 offset, u32 value);
/* The number of the entry that was last written to @slot, for events. */
u32 gpu_ring_id(u32 slot);

/* Every stalled access is tried again. */
void gpu_replay(void);
/* The access that this client has stalled, if any, dies. */
void gpu_cancel(u64 inst, u32 hub, u32 gpc, u32 client);

/* -- address spaces -- */
/*
 * The number of a new space, or -ENOSPC. [start, limit) is not open to PFNMAP.
 */
int gpu_space_new(u64 start, u64 limit);
/* Tells that @space is to mirror @mm, kept true by @notifier; before anything is
 * mapped there. */
void gpu_space_mirror(u32 space, u32 mm, const void *notifier);
/* Drops all translations; instances bound to it are bound to none. */
void gpu_space_free(u32 space);
/* Channels of instance @inst run in @space from here. */
void gpu_bind(u32 inst, u32 space);

/*
 * May sleep on the space's vmm mutex. Each page with V in @phys is mapped, each
 * without is unmapped; a page that may not be changed gets phys 0. The TLB is
 * flushed on return. 0, -EINVAL.
 */
int gpu_pfnmap(u32 space, u64 addr, u32 page, u64 size, u64 *phys);
/* May sleep likewise. No translation of the range is left on return. */
int gpu_pfnclr(u32 space, u64 addr, u64 size);

/* -- the copy engine: one channel, commands done in order by task G0 -- */
/*
 * Power it up, once; further calls do nothing. Before the first command. 0, or
 * -ENOMEM. Each execution that does without it does without its task.
 */
int gpu_copy_open(void);
/*
 * Queue a command. @dst and @src are an address and an aperture, as in PFNMAP's
 * words; @src GPU_COPY_ZERO: clear. 0, or -EIO: it was not queued. May sleep
 * while the channel is full. What it reads and writes stays until its fence.
 */
#define GPU_COPY_ZERO		(~0ull)
int gpu_copy(u64 dst, u64 src);
/* A number for all that was queued until now, 0: nothing ever was; and the wait
 * for it, which may sleep. Any lock but the hardware's may be held. */
u32 gpu_fence(void);
void gpu_fence_wait(u32 fence);

/* -- the program's side -- */
/*
 * One access by @client of instance @inst, on the calling task; sleeps while
 * stalled. The value read, 0 for a store, -EFAULT if cancelled, -ENODEV if the
 * instance runs nowhere. A PREFETCH never stalls, and returns 0. An ATOMIC adds
 * 1 where entries tell atomics, else it puts @value there, and reads what was.
 */
long gpu_access(u32 inst, u32 client, u64 va, enum gpu_access access,
		u32 value);
/* Writes an entry nobody stalls for. 0, or -ENOSPC if the ring is full. */
long gpu_raise(const u32 *word);
/* The client's next entry is written without its valid bit: a flaky bus. */
void gpu_glitch(u32 inst, u32 client);
/* The next command of the copy engine is refused. */
void gpu_copy_glitch(void);

/* -- for the view: no lock, no switch point, from within any event -- */
u64 gpu_entry(u32 space, u64 va);
u64 gpu_tlb_entry(u32 space, u64 va);
u32 gpu_stalled(void);
u32 gpu_reg(u32 reg);
u32 gpu_ring_valid(void);	/* mask of slots whose valid bit is set */
u32 gpu_vram_value(u32 pfn);	/* the cell of a frame of VRAM; 0: not powered up */

/* -- between gpu_ring.c, gpu_vmm.c and gpu_copy.c -- */
struct gpu_space;
void gpu_vmm_boot(bool atomics);
void gpu_lock(void);
void gpu_unlock(void);
/* gpu_lock() at a moment when no atomic is between its load and its store; a
 * switch point, @site and @obj. */
void gpu_lock_bus(const struct rt_site *site, const void *obj);
/* An atomic begins, and ends. Need gpu_lock(); wake after it was dropped. */
void gpu_bus_take(void);
void gpu_bus_give(void);
void gpu_bus_wake(void);
/* The cell that an entry word names. Need gpu_lock(). */
u32 gpu_cell_load(u64 word);
void gpu_cell_store(u64 word, u32 value);
/* Of VRAM and of the bus, for the former: @pfn as in view.h. */
u32 gpu_vram_load(u32 pfn);
void gpu_vram_store(u32 pfn, u32 value);
/* All need gpu_lock(). The space an instance runs in, or NULL. */
struct gpu_space *gpu_inst_space(u32 inst);
u32 gpu_space_number(const struct gpu_space *space);
/* What @space lets an access do at @va: its entry word, or 0 if not. */
u64 gpu_translate(struct gpu_space *space, u64 va, enum gpu_access access);

#endif /* TARGETS_NOUVEAU_GPU_H */
