// SPDX-License-Identifier: GPL-2.0
/*
 * nvif: the driver's calls, translated to the device model's.
 *
 * Upstream an nvif call crosses an ioctl-shaped boundary and dozens of
 * objects. Nothing of that can race with a fault, so here a call is a switch.
 */
#include <linux/errno.h>
#include <nvif/if000c.h>
#include <nvif/vmm.h>

#include "targets/nouveau/gpu.h"

int nvif_object_mthd(struct nvif_object *object, u32 mthd, void *data,
		     u32 size)
{
	struct nvif_vmm_pfnmap_v0 *map = data;
	struct nvif_vmm_pfnclr_v0 *clr = data;

	switch (mthd) {
	case NVIF_VMM_V0_PFNMAP:
		if (size != sizeof(*map) +
			    (map->size >> map->page) * sizeof(u64))
			return -EINVAL;
		return gpu_pfnmap(object->handle, map->addr, map->page,
				  map->size, map->phys);
	case NVIF_VMM_V0_PFNCLR:
		if (size != sizeof(*clr))
			return -EINVAL;
		return gpu_pfnclr(object->handle, clr->addr, clr->size);
	}
	return -ENOSYS;
}

u32 nvif_rd32(struct nvif_object *object, u64 offset)
{
	return object->oclass == NVIF_CLASS_DEVICE ? gpu_rd32(offset) :
						     gpu_ring_rd32(offset);
}

void nvif_wr32(struct nvif_object *object, u64 offset, u32 data)
{
	if (object->oclass == NVIF_CLASS_DEVICE)
		gpu_wr32(offset, data);
	else
		gpu_ring_wr32(offset, data);
}

int nvif_vmm_ctor(struct nvif_vmm *vmm, u64 addr, u64 size, u32 mm_slot,
		  const void *notifier)
{
	int space = gpu_space_new(addr, addr + size);

	if (space < 0)
		return space;
	gpu_space_mirror(space, mm_slot, notifier);
	vmm->object.handle = space;
	vmm->object.oclass = NVIF_CLASS_VMM;
	return 0;
}

void nvif_vmm_dtor(struct nvif_vmm *vmm)
{
	gpu_space_free(vmm->object.handle);
}

u64 nvif_vmm_pfnget(struct nvif_object *object, u64 addr)
{
	u64 word;

	gpu_lock();
	word = gpu_entry(object->handle, addr);
	gpu_unlock();
	if (VIEW_KIND(word) != VIEW_PRESENT)
		return NVIF_VMM_PFNMAP_V0_NONE;
	return NVIF_VMM_PFNMAP_V0_V |
	       (word & VIEW_W ? NVIF_VMM_PFNMAP_V0_W : 0) |
	       (word & VIEW_A ? NVIF_VMM_PFNMAP_V0_A : 0);
}
