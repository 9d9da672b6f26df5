// SPDX-License-Identifier: GPL-2.0
/*
 * view: the mirrors' half of what oracles may ask; see targets/view.h and
 * targets/view_hmm_v12.h. The CPU's half is the mm's own, copied at boot.
 */
#include "targets/hmm_mirror/hmm.h"
#include "targets/hmm_mirror/hmm_device.h"

struct view view_hmm __machine;

static struct view_svmm view_svmm_of(u32 space)
{
	const struct hmm_mirror *mirror = hmm_mirror_of_space(space);

	if (!mirror || !mirror->hmm)
		return (struct view_svmm){ .live = false };
	return (struct view_svmm){
		.live = true,
		.mm = mirror->hmm->mm->slot,
		.notifier = mmu_notifier_v12_subscriber(mirror->hmm->mm),
	};
}

static u64 view_entry(u32 space, u64 va)
{
	const struct hmm_mirror *mirror = hmm_mirror_of_space(space);

	return mirror ? hmm_pt_view_entry(&mirror->pt, va) : (u64)VIEW_NONE;
}

static struct view_v12_faults view_faults(u32 mm)
{
	const struct hmm *hmm = hmm_of_slot(mm);
	struct view_v12_faults v = { 0 };
	const struct hmm_event *event;

	if (!hmm)
		return v;
	v.count = __atomic_load_n(&hmm->ndevice_faults, __ATOMIC_RELAXED);
	list_for_each_entry(event, &hmm->device_faults, list)
		v.listed++;
	return v;
}

static bool view_directory(u32 space, u32 n, struct view_v12_directory *d)
{
	const struct hmm_mirror *mirror = hmm_mirror_of_space(space);

	return mirror && hmm_pt_view_directory(&mirror->pt, n, d);
}

static const struct view_hmm_v12 view_v12 = {
	.entry = view_entry,
	.faults = view_faults,
	.directory = view_directory,
};

void hmm_view_boot(void)
{
	view_hmm = view_mm;
	view_hmm.svmm = view_svmm_of;
	view_hmm.gpu_entry = hmm_device_entry;
	view_hmm.gpu_tlb = hmm_device_tlb;
	view_hmm.hmm_v12 = &view_v12;
}
