// SPDX-License-Identifier: GPL-2.0
/*
 * view: the GPU's half of what oracles may ask; see targets/view.h. The CPU's
 * half is the mm's own, copied at boot.
 */
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau.h"
#include "targets/nouveau/nouveau_dmem.h"

struct view view_nouveau __machine;

static struct view_svmm nouveau_view_svmm(u32 space)
{
	const struct nouveau_svmm *svmm = nouveau_space_svmm(space);

	if (!svmm)
		return (struct view_svmm){ .live = false };
	return (struct view_svmm){
		.live = svmm->vmm,
		.mm = svmm->notifier.mm->slot,
		.unmanaged_start = svmm->unmanaged.start,
		.unmanaged_limit = svmm->unmanaged.limit,
		.atomics = svmm->vmm && svmm->vmm->cli->drm->form->atomics,
		.notifier = &svmm->notifier,
	};
}

static struct view_ring nouveau_view_ring(void)
{
	const struct nouveau_svm_fault_buffer *buffer = nouveau_fault_buffer();

	if (!buffer)
		return (struct view_ring){ .entries = GPU_ENTRIES };
	return (struct view_ring){
		.get = gpu_reg(GPU_FAULT_GET),
		.put = gpu_reg(GPU_FAULT_PUT),
		.sw_get = buffer->get,
		.sw_put = buffer->put,
		.entries = buffer->entries,
		.valid = gpu_ring_valid(),
	};
}

/* A page of VRAM is the frame with its data. */
static struct view_page nouveau_view_page(u32 pfn)
{
	struct view_page v = view_mm.page(pfn);

	if (pfn < VIEW_DEVICE_PFN)
		return v;
	v.value = gpu_vram_value(pfn);
	if (v.refcount > 0)
		v.backing = pfn;
	return v;
}

static struct view_device nouveau_view_device(u32 dev)
{
	const struct nouveau_dmem *dmem = nouveau_device_dmem(dev);
	struct view_device v = { .live = dmem };
	const struct nouveau_dmem_chunk *chunk;
	const struct page *page;
	u64 seen = 0;

	if (!dmem)
		return v;
	list_for_each_entry(chunk, &dmem->chunks, list) {
		if (!v.nr || chunk->pagemap.start < v.start)
			v.start = (u32)chunk->pagemap.start;
		v.nr += chunk->pagemap.nr;
		v.frames |= (~0ull >> (64 - chunk->pagemap.nr)) <<
			    (chunk->pagemap.start - VIEW_DEVICE_PFN);
		v.ref += __atomic_load_n(&chunk->pagemap.ref, __ATOMIC_RELAXED);
		v.allocated += (u32)chunk->callocated;
	}
	for (page = dmem->free_pages; page && v.nr_free <= v.nr;
	     page = page->zone_device_data) {
		u64 bit = 1ull << (page_to_pfn(page) - VIEW_DEVICE_PFN);

		v.free_twice |= seen & bit || page->_refcount > 0;
		seen |= bit;
		v.nr_free++;
	}
	return v;
}

void nouveau_view_boot(void)
{
	view_nouveau = view_mm;
	view_nouveau.page = nouveau_view_page;
	view_nouveau.device = nouveau_view_device;
	view_nouveau.svmm = nouveau_view_svmm;
	view_nouveau.gpu_entry = gpu_entry;
	view_nouveau.gpu_tlb = gpu_tlb_entry;
	view_nouveau.ring = nouveau_view_ring;
	view_nouveau.stalled = gpu_stalled;
}
