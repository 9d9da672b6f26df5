// SPDX-License-Identifier: GPL-2.0
/*
 * gpu_vmm: the GPU's address spaces, their page tables and TLBs.
 *
 * A space has one table for the virtual pages that programs can name and one
 * TLB with an entry for each of them; entries are words of view.h. Whatever
 * an access does with a translation (look it up, fill the TLB, move the data)
 * is one step of the hardware, or of an atomic two; a TLB flush returns only
 * when the accesses that used the old translation are complete, and so waits
 * for an atomic that is between them. The window that is left, and that a
 * program can notice, is the driver's: between clearing an entry in the table
 * and flushing the TLB.
 *
 * Not modelled: an IOMMU. A page needs no mapping of its own for the device, so
 * none can fail, and a cleared one leaves none to be released.
 *
 * Locks:
 *
 *   vmm->mutex		the driver side's: one PFNMAP or PFNCLR at a time
 *     gpu_lock()	the hardware's own; never across a switch point
 */
#include <linux/errno.h>
#include <linux/mutex.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"

#define GPU_PAGE_SHIFT	12
#define GPU_LARGE_SHIFT	15	/* the largest page: as the CPU's huge entry */
#define GPU_VA_END	(1ull << 49)	/* what a page table can name */

struct gpu_space {
	u32 number;
	struct mutex mutex;
	u64 start, limit;	/* [start, limit) is closed to PFNMAP */
	u64 entry[PROG_PAGES];	/* gpu_lock() */
	u64 tlb[PROG_PAGES];	/* gpu_lock() */
};

/* @bus: a lock word: an atomic is between its load and its store. */
struct gpu_vmm {
	u32 lock;
	u32 bus;
	bool atomics;
	u32 nr_spaces;
	struct gpu_space *space[VIEW_SPACES];
	struct gpu_space *inst[GPU_INSTANCES];
};

static struct gpu_vmm gpu_vmm __machine;

void gpu_vmm_boot(bool atomics)
{
	gpu_vmm.atomics = atomics;
}

void gpu_lock(void)
{
	while (__atomic_exchange_n(&gpu_vmm.lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

void gpu_unlock(void)
{
	__atomic_store_n(&gpu_vmm.lock, 0, __ATOMIC_RELEASE);
}

void gpu_lock_bus(const struct rt_site *site, const void *obj)
{
	while (rt_point_lock(site, obj, &gpu_vmm.bus, ~0u, 0) == 0) {
		gpu_lock();
		if (!gpu_vmm.bus)
			return;
		gpu_unlock();
		rt_wait(&gpu_vmm.bus, 1, RT_FOREVER, 0);
	}
}

void gpu_bus_take(void)
{
	__atomic_store_n(&gpu_vmm.bus, 1, __ATOMIC_RELAXED);
}

void gpu_bus_give(void)
{
	__atomic_store_n(&gpu_vmm.bus, 0, __ATOMIC_RELEASE);
}

void gpu_bus_wake(void)
{
	rt_wake(&gpu_vmm.bus, ~0u);
}

/*
 * A number is taken before its space is ready, and an index beyond the ready
 * ones reads as NULL: the view may ask about any.
 */
static struct gpu_space *gpu_space(u32 space)
{
	if (space >= VIEW_SPACES)
		return NULL;
	return __atomic_load_n(&gpu_vmm.space[space], __ATOMIC_ACQUIRE);
}

int gpu_space_new(u64 start, u64 limit)
{
	struct gpu_space *vmm;
	u32 nr;

	nr = __atomic_fetch_add(&gpu_vmm.nr_spaces, 1, __ATOMIC_RELAXED);
	if (nr >= VIEW_SPACES)
		return -ENOSPC;
	vmm = rt_alloc(sizeof(*vmm));
	if (!vmm)
		return -ENOSPC;

	mutex_init(&vmm->mutex);
	rt_name(vmm, "vmm", nr);
	vmm->number = nr;
	vmm->start = start;
	vmm->limit = limit;

	__atomic_store_n(&gpu_vmm.space[nr], vmm, __ATOMIC_RELEASE);
	return nr;
}

void gpu_space_mirror(u32 space, u32 mm, const void *notifier)
{
	view_emit(EV_gpu_space, space, mm, (u64)(size_t)notifier);
}

void gpu_space_free(u32 space)
{
	struct gpu_space *s = gpu_space(space);

	mutex_lock(&s->mutex);
	gpu_lock();
	if (gpu_vmm.bus) {
		gpu_unlock();
		gpu_lock_bus(RT_SITE(RT_STORE, "gpu_space_free", NULL), s);
	}
	for (u32 i = 0; i < GPU_INSTANCES; i++)
		if (gpu_vmm.inst[i] == s)
			gpu_vmm.inst[i] = NULL;
	for (u32 i = 0; i < PROG_PAGES; i++)
		s->entry[i] = s->tlb[i] = VIEW_NONE;
	view_emit(EV_gpu_space_gone, space, 0, 0);
	gpu_unlock();
	mutex_unlock(&s->mutex);
}

void gpu_bind(u32 inst, u32 space)
{
	gpu_lock();
	gpu_vmm.inst[inst] = gpu_space(space);
	gpu_unlock();
}

struct gpu_space *gpu_inst_space(u32 inst)
{
	return gpu_vmm.inst[inst];
}

u32 gpu_space_number(const struct gpu_space *space)
{
	return space->number;
}

/*
 * The table covers pages [0, PROG_PAGES) at VIEW_BASE; false outside it. There
 * nothing is ever mapped, for no mm has a VMA there.
 */
static bool gpu_index(u64 va, u32 *index)
{
	if (va < VIEW_BASE || va >= VIEW_VA(PROG_PAGES))
		return false;
	*index = VIEW_PAGE(va);
	return true;
}

static bool gpu_permits(u64 word, enum gpu_access access)
{
	if (VIEW_KIND(word) != VIEW_PRESENT)
		return false;
	if (access == GPU_READ || access == GPU_PREFETCH)
		return true;
	if (access == GPU_ATOMIC && gpu_vmm.atomics && !(word & VIEW_A))
		return false;
	return word & VIEW_W;
}

u64 gpu_translate(struct gpu_space *s, u64 va, enum gpu_access access)
{
	u32 i;

	if (!gpu_index(va, &i))
		return VIEW_NONE;
	if (gpu_permits(s->tlb[i], access))
		return s->tlb[i];
	if (!gpu_permits(s->entry[i], access))
		return VIEW_NONE;
	s->tlb[i] = s->entry[i];
	view_emit(EV_gpu_tlb_fill, s->number, va, s->tlb[i]);
	return s->tlb[i];
}

static u64 gpu_word(u64 phys)
{
	bool vram = (phys & GPU_PHYS_APER) == GPU_PHYS_VRAM;

	if (!(phys & GPU_PHYS_V))
		return VIEW_NONE;
	return VIEW_WORD(VIEW_PRESENT,
			 (phys & GPU_PHYS_W ? VIEW_W : 0) |
			 (phys & GPU_PHYS_A ? VIEW_A : 0) |
			 (vram ? VIEW_VRAM : 0),
			 phys >> GPU_PAGE_SHIFT);
}

/* May PFNMAP change the entry of @va? */
static bool gpu_open(const struct gpu_space *s, u64 va)
{
	u32 i;

	return gpu_index(va, &i) && (va < s->start || va >= s->limit ||
				     mutated(nv_map_unmanaged));
}

/* True if the old word had been valid: then the TLB may hold it. */
static bool gpu_set_entry(struct gpu_space *s, u64 va, u64 word)
{
	u32 i = VIEW_PAGE(va);
	u64 old = s->entry[i];

	s->entry[i] = word;
	if (word != VIEW_NONE)
		view_emit(EV_gpu_map, s->number, va, word);
	else if (old != VIEW_NONE)
		view_emit(EV_gpu_unmap, s->number, va, old);
	return old != VIEW_NONE;
}

/* One page, of 1 << @page bytes. A large page is as many entries, of which all
 * are open to PFNMAP or none is changed. */
static bool gpu_set_page(struct gpu_space *s, u64 va, u32 page, u64 *phys)
{
	bool stale = false;

	for (u64 at = 0; at < 1ull << page; at += VIEW_PAGE_SIZE)
		if (!gpu_open(s, va + at)) {
			*phys = 0;
			return false;
		}
	for (u64 at = 0; at < 1ull << page; at += VIEW_PAGE_SIZE)
		stale |= gpu_set_entry(s, va + at,
				       gpu_word(*phys ? *phys + at : 0));
	return stale;
}

static void gpu_flush(struct gpu_space *s, u64 start, u64 end)
{
	u32 i;

	if (mutated(gpu_flush_passes_atomic)) {
		rt_point(RT_SITE(RT_STORE, "gpu_tlb_flush", NULL), s);
		gpu_lock();
	} else {
		gpu_lock_bus(RT_SITE(RT_STORE, "gpu_tlb_flush", NULL), s);
	}
	for (u64 va = start; va < end; va += VIEW_PAGE_SIZE)
		if (gpu_index(va, &i))
			s->tlb[i] = VIEW_NONE;
	view_emit(EV_gpu_flush, s->number, start, end);
	gpu_unlock();
}

int gpu_pfnmap(u32 space, u64 addr, u32 page, u64 size, u64 *phys)
{
	struct gpu_space *s = gpu_space(space);
	u64 end = addr + size;
	bool stale = false;

	if (page < GPU_PAGE_SHIFT || page > GPU_LARGE_SHIFT || !size ||
	    (addr | size) % (1ull << page) || end < addr || end > GPU_VA_END)
		return -EINVAL;

	mutex_lock(&s->mutex);
	rt_point(RT_SITE(RT_STORE, "gpu_map", NULL), s);
	gpu_lock();
	for (u64 va = addr; va < end; va += 1ull << page, phys++)
		stale |= gpu_set_page(s, va, page, phys);
	gpu_unlock();
	if (stale && !mutated(nv_map_skip_flush))
		gpu_flush(s, addr, end);
	view_emit(EV_gpu_op_end, space, addr, end);
	mutex_unlock(&s->mutex);
	return 0;
}

int gpu_pfnclr(u32 space, u64 addr, u64 size)
{
	struct gpu_space *s = gpu_space(space);
	u64 end = addr + size, table_end = VIEW_VA(PROG_PAGES);
	bool stale = false;

	if (end < addr || end > table_end)
		end = table_end;
	if (addr < VIEW_BASE)
		addr = VIEW_BASE;
	if (addr >= end)
		return 0;

	mutex_lock(&s->mutex);
	rt_point(RT_SITE(RT_STORE, "gpu_unmap", NULL), s);
	gpu_lock();
	for (u64 va = addr; va < end; va += VIEW_PAGE_SIZE)
		stale |= gpu_set_entry(s, va, VIEW_NONE);
	gpu_unlock();
	if (stale && !mutated(nv_skip_gpu_flush))
		gpu_flush(s, addr, end);
	view_emit(EV_gpu_op_end, space, addr, end);
	mutex_unlock(&s->mutex);
	return 0;
}

u64 gpu_entry(u32 space, u64 va)
{
	struct gpu_space *s = gpu_space(space);
	u32 i;

	return s && gpu_index(va, &i) ? s->entry[i] : VIEW_NONE;
}

u64 gpu_tlb_entry(u32 space, u64 va)
{
	struct gpu_space *s = gpu_space(space);
	u32 i;

	return s && gpu_index(va, &i) ? s->tlb[i] : VIEW_NONE;
}
