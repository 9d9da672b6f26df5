// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm: the handler of the faults a GPU takes in a process' address
 * space.
 *
 * Models drivers/gpu/drm/nouveau/nouveau_svm.c, 6.12, in its order, from the
 * replay on; its first half is nouveau_svmm.c. Spec nouveau.md, sections 1.2,
 * 3.2, 4 and 9 to 16. What one historic form of the handler does otherwise than
 * another is in a file of its own (nouveau_svm_window.c, _onepage.c,
 * _exclusive.c); what they share of a range fault is in nouveau_svm_range.c.
 *
 * Lock order, outermost first:
 *
 *   cli->mutex
 *     mm->mmap_lock		write in munmap(), read in a fault
 *       svmm->mutex		both invalidate callbacks, release
 *         vmm->mutex		PFNMAP, PFNCLR (the device model's)
 *   svm->mutex			alone: the list of instances
 *
 * A fault wants both mmap_lock and svmm->mutex and must not nest them, for an
 * invalidation that its own walk causes takes svmm->mutex: it walks the page
 * tables under mmap_lock, drops it, and only then takes svmm->mutex. Between
 * the two it holds nothing, and what it learned may already be wrong.
 * mmu_interval_read_retry() is how it finds out.
 *
 * A cancel names a client, not an access (W-A6). A replay lets every client go,
 * also those whose entry is in the ring still; the access behind it may succeed
 * then, and a cancel by that entry kills what the client has stalled on since:
 *
 *	handler				client
 *	-------				------
 *					stalls on A: entry 1
 *	replay, for others
 *					A succeeds; stalls on B: entry 2
 *	parses 1 and 2
 *	A is not allowed any more:
 *	cancel, by entry 1		[B must not die, and does]
 *
 * The registers give a driver no means to tell; it is as upstream has it.
 *
 * Differences from upstream:
 *  - an entry whose valid bit is clear is counted for a replay, where upstream
 *    warns and forgets the client behind it;
 *  - an address is that of its page, whatever stands in the bits below:
 *    upstream trusts them to be 0;
 *  - no suspend or event object; the interrupt schedules the work by itself.
 */
#include <linux/errno.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_svm.h"

static void nouveau_svm_fault_replay(struct nouveau_svm *svm)
{
	gpu_replay();
}

static void nouveau_svm_fault_cancel(struct nouveau_svm *svm, u64 inst, u8 hub,
				     u8 gpc, u8 client)
{
	if (mutated(nv_cancel_wrong_client))
		client ^= 1;
	gpu_cancel(inst, hub, gpc, client);
}

void nouveau_svm_fault_cancel_fault(struct nouveau_svm *svm,
				    struct nouveau_svm_fault *fault)
{
	view_emit(EV_fault_cancel, fault->id, fault->addr, fault->access);
	nouveau_svm_fault_cancel(svm, fault->inst, fault->hub, fault->gpc,
				 fault->client);
}

void nouveau_svm_fault_served(struct nouveau_svm_fault *fault)
{
	view_emit(EV_fault_served, fault->id, fault->addr, 0);
}

int nouveau_svm_fault_cmp(const void *a, const void *b,
			  int (*priority)(u8 access))
{
	const struct nouveau_svm_fault *const *pa = a, *const *pb = b;
	const struct nouveau_svm_fault *fa = *pa, *fb = *pb;

	if (fa->inst != fb->inst)
		return fa->inst < fb->inst ? -1 : 1;
	if (fa->addr != fb->addr)
		return fa->addr < fb->addr ? -1 : 1;
	return priority(fa->access) - priority(fb->access);
}

/*
 * Take the ring entry at @offset into the cache. Returns 1 if it cannot be
 * told who faulted: then only a replay gets that client going again.
 */
static int nouveau_svm_fault_cache(struct nouveau_svm *svm,
				   struct nouveau_svm_fault_buffer *buffer,
				   u32 offset)
{
	struct nvif_object *memory = &buffer->object;
	const u32 instlo = nvif_rd32(memory, offset + GPU_ENTRY_INST_LO);
	const u32 insthi = nvif_rd32(memory, offset + GPU_ENTRY_INST_HI);
	const u32 addrlo = nvif_rd32(memory, offset + GPU_ENTRY_ADDR_LO);
	const u32 addrhi = nvif_rd32(memory, offset + GPU_ENTRY_ADDR_HI);
	const u32 timelo = nvif_rd32(memory, offset + GPU_ENTRY_TIME_LO);
	const u32 timehi = nvif_rd32(memory, offset + GPU_ENTRY_TIME_HI);
	const u32 engine = nvif_rd32(memory, offset + GPU_ENTRY_ENGINE);
	const u32 info = nvif_rd32(memory, offset + GPU_ENTRY_INFO);
	const u32 slot = offset / GPU_ENTRY_SIZE;
	struct nouveau_svm_fault *fault;

	if (!(info & GPU_INFO_VALID)) {
		view_emit(EV_fault_dropped, gpu_ring_id(slot), 0, slot);
		return !mutated(nv_q_a9_forget_invalid_entry);
	}
	nvif_wr32(memory, offset + GPU_ENTRY_INFO, info & ~GPU_INFO_VALID);

	fault = buffer->fault[buffer->fault_nr];
	if (!fault) {
		fault = kzalloc(sizeof(*fault), GFP_KERNEL);
		if (!fault) {
			view_emit(EV_fault_dropped, gpu_ring_id(slot), 0, slot);
			nouveau_svm_fault_cancel(svm, (u64)insthi << 32 | instlo,
						 GPU_INFO_HUB(info),
						 GPU_INFO_GPC(info),
						 GPU_INFO_CLIENT(info));
			return 0;
		}
		buffer->fault[buffer->fault_nr] = fault;
	}
	fault->inst = (u64)insthi << 32 | instlo;
	/* Groups, windows and PFNMAP all go by pages. */
	fault->addr = ((u64)addrhi << 32 | addrlo) & PAGE_MASK;
	fault->time = (u64)timehi << 32 | timelo;
	fault->engine = engine;
	fault->gpc = GPU_INFO_GPC(info);
	fault->hub = GPU_INFO_HUB(info);
	fault->access = GPU_INFO_ACCESS(info);
	fault->client = GPU_INFO_CLIENT(info);
	fault->fault = GPU_INFO_FAULT(info);
	fault->svmm = NULL;
	fault->id = gpu_ring_id(slot);
	buffer->fault_nr++;
	view_emit(EV_fault_parsed, fault->id, fault->addr, slot);
	return 0;
}

struct mm_struct *nouveau_svm_mm_get(struct nouveau_svm_fault_buffer *buffer,
				     struct nouveau_svmm *svmm)
{
	struct mm_struct *mm;

	/* The svmm was looked up a while ago, and nothing pins it. */
	rt_point(RT_SITE(RT_LOAD, "nouveau_svm_fault", NULL), svmm);
	mm = svmm->notifier.mm;
	if (!mmget_not_zero(mm))
		return NULL;
	buffer->mm_refs++;
	return mm;
}

void nouveau_svm_mm_put(struct nouveau_svm_fault_buffer *buffer,
			struct mm_struct *mm)
{
	if (mutated(nv_skip_mmput))
		return;
	buffer->mm_refs--;
	mmput(mm);
}

/* Parse what the ring holds, and let the GPU have the slots again. */
static int nouveau_svm_fault_parse(struct nouveau_svm *svm,
				   struct nouveau_svm_fault_buffer *buffer)
{
	struct nvif_object *device = &svm->drm->device;
	int lost = 0;

	buffer->fault_nr = 0;
	if (mutated(nv_get_before_parse))
		nvif_wr32(device, buffer->getaddr, buffer->put);
	while (buffer->get != buffer->put) {
		lost += nouveau_svm_fault_cache(svm, buffer,
						buffer->get * GPU_ENTRY_SIZE);
		if (++buffer->get == buffer->entries)
			buffer->get = 0;
	}
	if (!mutated(nv_get_before_parse))
		nvif_wr32(device, buffer->getaddr, buffer->get);
	return lost;
}

/* Whose fault is it? NULL: of a channel that shares no address space. */
static void nouveau_svm_fault_lookup(struct nouveau_svm *svm,
				     struct nouveau_svm_fault_buffer *buffer)
{
	struct nouveau_svmm *svmm = NULL;
	u64 inst = 0;

	mutex_lock(&svm->mutex);
	for (int fi = 0; fi < buffer->fault_nr; fi++) {
		struct nouveau_svm_fault *fault = buffer->fault[fi];

		if (!svmm || fault->inst != inst) {
			struct nouveau_ivmm *ivmm =
				nouveau_ivmm_find(svm, fault->inst);

			svmm = ivmm ? ivmm->svmm : NULL;
			inst = fault->inst;
		}
		fault->svmm = svmm;
		view_emit(EV_fault_lookup, fault->id,
			  svmm ? svmm->space : ~0ull,
			  svmm ? svmm->notifier.mm->slot : ~0ull);
	}
	mutex_unlock(&svm->mutex);
}

static void nouveau_svm_fault(struct work_struct *work)
{
	struct nouveau_svm_fault_buffer *buffer =
		container_of(work, struct nouveau_svm_fault_buffer, work);
	struct nouveau_svm *svm =
		container_of(buffer, struct nouveau_svm, buffer[0]);
	const struct nouveau_svm_form *form = svm->drm->form;
	struct nvif_object *device = &svm->drm->device;
	int replay, fi, fn;

	if (buffer->get == buffer->put) {
		buffer->put = nvif_rd32(device, buffer->putaddr);
		buffer->get = nvif_rd32(device, buffer->getaddr);
		if (buffer->get == buffer->put)
			return;
	}
	view_emit(EV_batch_begin, ++buffer->batch, 0, 0);
	buffer->intervals = 0;
	buffer->mm_refs = 0;
	buffer->atomic = false;
	buffer->phys = NVIF_VMM_PFNMAP_V0_NONE;

	replay = nouveau_svm_fault_parse(svm, buffer);

	/* Equal instances and addresses side by side, to be served as one. */
	sort(buffer->fault, buffer->fault_nr, sizeof(*buffer->fault),
	     form->cmp, NULL);
	nouveau_svm_fault_lookup(svm, buffer);

	for (fi = 0; fi < buffer->fault_nr; fi = fn) {
		if (!buffer->fault[fi]->svmm) {
			nouveau_svm_fault_cancel_fault(svm, buffer->fault[fi]);
			fn = fi + 1;
			continue;
		}
		replay += form->serve(svm, buffer, fi, &fn);
	}

	if (replay && !mutated(nv_skip_replay))
		nouveau_svm_fault_replay(svm);
	view_emit(EV_batch_end, buffer->batch, buffer->intervals,
		  buffer->mm_refs);
}

void nouveau_svm_event(struct nouveau_svm_fault_buffer *buffer)
{
	schedule_work(&buffer->work);
}

static void nouveau_svm_fault_buffer_dtor(struct nouveau_svm *svm, int id)
{
	struct nouveau_svm_fault_buffer *buffer = &svm->buffer[id];

	cancel_work_sync(&buffer->work);
	if (buffer->fault) {
		for (u32 i = 0; i < buffer->entries && buffer->fault[i]; i++)
			kfree(buffer->fault[i]);
		kvfree(buffer->fault);
	}
}

static int nouveau_svm_fault_buffer_ctor(struct nouveau_svm *svm, int id)
{
	struct nouveau_svm_fault_buffer *buffer = &svm->buffer[id];
	struct nvif_object *device = &svm->drm->device;

	buffer->id = id;
	buffer->object.oclass = NVIF_CLASS_FAULT;
	buffer->entries = GPU_ENTRIES;
	buffer->getaddr = GPU_FAULT_GET;
	buffer->putaddr = GPU_FAULT_PUT;
	INIT_WORK(&buffer->work, nouveau_svm_fault);

	buffer->fault = kvcalloc(buffer->entries, sizeof(*buffer->fault),
				 GFP_KERNEL);
	if (!buffer->fault)
		return -ENOMEM;
	buffer->get = nvif_rd32(device, buffer->getaddr);
	buffer->put = nvif_rd32(device, buffer->putaddr);
	return 0;
}

void nouveau_svm_fini(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm = drm->svm;

	nouveau_svm_fault_buffer_dtor(svm, 0);
	drm->svm = NULL;
	kfree(svm);
}

int nouveau_svm_init(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm;
	int ret;

	svm = kzalloc(sizeof(*svm), GFP_KERNEL);
	if (!svm)
		return -ENOMEM;
	drm->svm = svm;
	svm->drm = drm;
	mutex_init(&svm->mutex);
	INIT_LIST_HEAD(&svm->inst);

	ret = nouveau_svm_fault_buffer_ctor(svm, 0);
	if (ret)
		nouveau_svm_fini(drm);
	return ret;
}
