// SPDX-License-Identifier: GPL-2.0
/*
 * view: the GPU's half of what oracles may ask; see targets/view.h. The CPU's
 * half is the mm's own, copied at boot.
 */
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau.h"

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

void nouveau_view_boot(void)
{
	view_nouveau = view_mm;
	view_nouveau.svmm = nouveau_view_svmm;
	view_nouveau.gpu_entry = gpu_entry;
	view_nouveau.gpu_tlb = gpu_tlb_entry;
	view_nouveau.ring = nouveau_view_ring;
	view_nouveau.stalled = gpu_stalled;
}
