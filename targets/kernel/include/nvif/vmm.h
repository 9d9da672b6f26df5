/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nvif/vmm.h: making and unmaking an address space.
 *
 * MODEL of <nvif/vmm.h>, 6.12. Of the constructor's arguments only the range
 * closed to PFNMAP is left; @mm_slot and @notifier are for the journal.
 * Implementation: targets/nouveau/nvif.c.
 */
#ifndef __NVIF_VMM_H__
#define __NVIF_VMM_H__

#include <nvif/object.h>

struct nvif_vmm {
	struct nvif_object object;
};

/* 0 or -ENOSPC. */
int nvif_vmm_ctor(struct nvif_vmm *vmm, u64 addr, u64 size, u32 mm_slot,
		  const void *notifier);
/* May sleep. Everything mapped is dropped. */
void nvif_vmm_dtor(struct nvif_vmm *vmm);

/*
 * The V, W and A bits that PFNMAP left at @addr, or 0. Needs what keeps PFNMAP
 * and PFNCLR away. Not an nvif method upstream, where the page tables are in
 * memory the driver can read.
 */
u64 nvif_vmm_pfnget(struct nvif_object *object, u64 addr);

#endif /* __NVIF_VMM_H__ */
