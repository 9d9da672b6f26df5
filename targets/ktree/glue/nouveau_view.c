// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_view: the GPU's half of what oracles may ask; see targets/view.h. The
 * CPU's half is view_mm, copied at boot.
 */
#include "targets/ktree/glue/nouveau.h"
#include "targets/ktree/glue/ground.h"

struct view view_nouveau;

static struct view_svmm view_svmm(u32 space)
{
	const struct nouveau_svmm *svmm = nouveau_space_svmm(space);

	if (!svmm)
		return (struct view_svmm){ .live = false };
	return (struct view_svmm){
		.live = svmm->vmm,
		.mm = mm_slot_of(svmm->notifier.mm),
		.unmanaged_start = svmm->unmanaged.start,
		.unmanaged_limit = svmm->unmanaged.limit,
		.atomics = true,
		.notifier = &svmm->notifier,
	};
}

static struct view_ring view_ring(void)
{
	return (struct view_ring){
		.get = gpu_reg(GPU_FAULT_GET),
		.put = gpu_reg(GPU_FAULT_PUT),
		.sw_get = nouveau_sw_get(),
		.sw_put = nouveau_sw_put(),
		.entries = GPU_ENTRIES,
		.valid = gpu_ring_valid(),
	};
}

/* A page of VRAM is the frame with its data. */
static struct view_page view_page(u32 pfn)
{
	struct view_page v = view_mm.page(pfn);

	if (pfn < VIEW_DEVICE_PFN)
		return v;
	v.value = gpu_vram_value(pfn);
	if (v.refcount > 0)
		v.backing = pfn;
	return v;
}

void nouveau_view_boot(void)
{
	view_nouveau = view_mm;
	view_nouveau.page = view_page;
	view_nouveau.svmm = view_svmm;
	view_nouveau.gpu_entry = gpu_entry;
	view_nouveau.gpu_tlb = gpu_tlb_entry;
	view_nouveau.ring = view_ring;
	view_nouveau.stalled = gpu_stalled;
}
